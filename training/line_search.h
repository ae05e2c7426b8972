/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step length that fulfils the strong Wolfe conditions (Nocedal and Wright, Numerical
 * Optimization, 2nd ed., algorithms 3.5 and 3.6), as a sequence of questions: no callback, so that
 * the caller evaluates where and how it likes.
 *
 *     vt_line_search_start(&search, value, slope, 1);
 *     while (!vt_line_search_take(&search, value and slope at search.length)) ; */
#ifndef VT_LINE_SEARCH_H
#define VT_LINE_SEARCH_H

#include <stdbool.h>

struct vt_line_point {
    double length, value, slope;
};

struct vt_line_search {
    struct vt_line_point start, low, high; /* low: the best end of the bracket */
    bool is_bracketed;
    double length; /* to be tried next; the answer, in the end */
};

/* slope < 0: the derivative along the direction at length 0. */
void vt_line_search_start(struct vt_line_search *search, double value, double slope, double first);

/* What the trial at search->length gave (a value that is not finite is too high). True: that length
 * is the answer; false: try search->length. */
bool vt_line_search_take(struct vt_line_search *search, double value, double slope);

#endif
