/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All mistakes of an input, reported together: bounded, without allocation, in the order of the
 * file. */
#ifndef VT_ERROR_LIST_H
#define VT_ERROR_LIST_H

#include <stdio.h>

#include "base/error.h"

enum { VT_ERRORS_KEPT = 20 };

/* Start empty with `= {0}`. The kept ones are sorted by line and column; those without a line (not
 * from a file) come last, in the order they were added. */
struct vt_error_list {
    size_t n_kept;
    size_t n_dropped; /* found beyond the kept ones */
    struct vt_error error[VT_ERRORS_KEPT];
};

/* Add a mistake, for vt_hint on the value: its place in the list, borrowed until the next one is
 * added; NULL if the list is full of earlier ones. */
struct vt_error *vt_error_list_add(struct vt_error_list *list, struct vt_place place,
                                   enum vt_code code, const char *format, ...) VT_PRINTF(4, 5);

/* The same with a mistake that is written already; a copy is taken. */
struct vt_error *vt_error_list_copy(struct vt_error_list *list, const struct vt_error *error);

/* VT_OK if the list is empty; else the code of the first one, where VT_INPUT gives way to any
 * other. */
enum vt_code vt_error_list_code(const struct vt_error_list *list);

/* Write all of them as vt_error_text shows them, a line end after each, and how many are not shown.
 */
void vt_error_list_write(const struct vt_error_list *list, FILE *file);

#endif
