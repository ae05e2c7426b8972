/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/line_search.h"

#include <assert.h>
#include <math.h>

static const double decrease = 1e-4; /* c1: of what the slope promises */
static const double flatness = 0.9;  /* c2: of the slope that remains */
static const double growth = 3;      /* before a bracket is found */
static const double margin = 0.1;    /* of a bracket: trials keep away from its ends */

void vt_line_search_start(struct vt_line_search *search, double value, double slope, double first)
{
    assert(search && slope < 0 && first > 0);
    const struct vt_line_point start = {0, value, slope};
    *search = (struct vt_line_search){.start = start, .low = start, .length = first};
}

/* Where the cubic through two points with their slopes has its minimum; NaN if it has none. */
static double cubic_minimum(const struct vt_line_point *a, const struct vt_line_point *b)
{
    const double d1 = a->slope + b->slope - 3 * (a->value - b->value) / (a->length - b->length);
    const double d2 = copysign(sqrt(d1 * d1 - a->slope * b->slope), b->length - a->length);
    return b->length -
           (b->length - a->length) * (b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2);
}

static void choose_inside(struct vt_line_search *search)
{
    const double a = search->low.length, b = search->high.length;
    assert(search->is_bracketed && a != b);
    const double middle = 0.5 * (a + b), room = (0.5 - margin) * fabs(b - a);
    const double cubic = cubic_minimum(&search->low, &search->high);
    search->length = isfinite(cubic) ? fmin(fmax(cubic, middle - room), middle + room) : middle;
}

/* Low enough, and lower than the best so far. */
static bool improves(const struct vt_line_search *search, const struct vt_line_point *here)
{
    const double bound = search->start.value + decrease * here->length * search->start.slope;
    return isfinite(here->value) && isfinite(here->slope) && here->value <= bound &&
           here->value < search->low.value;
}

bool vt_line_search_take(struct vt_line_search *search, double value, double slope)
{
    assert(search && search->length > 0);
    const struct vt_line_point here = {search->length, value, slope};
    if (!improves(search, &here)) {
        search->high = here;
        search->is_bracketed = true;
        choose_inside(search);
        return false;
    }
    if (fabs(slope) <= -flatness * search->start.slope)
        return true;
    if (search->is_bracketed) {
        if (slope * (search->high.length - search->low.length) >= 0)
            search->high = search->low;
        search->low = here;
        choose_inside(search);
    } else if (slope >= 0) {
        search->high = search->low;
        search->low = here;
        search->is_bracketed = true;
        choose_inside(search);
    } else {
        search->low = here;
        search->length = growth * here.length;
    }
    return false;
}
