/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the columns of the atom lines are: the value of Properties, name:type:columns:name:... */
#ifndef VT_EXTXYZ_LAYOUT_H
#define VT_EXTXYZ_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/frame.h"
#include "io/scan.h"

enum vt_role { VT_ROLE_SYMBOL, VT_ROLE_NUMBER, VT_ROLE_POSITION, VT_ROLE_COLUMN };

struct vt_field {
    struct vt_word name; /* borrowed from the comment line while that is read */
    enum vt_role role;
    enum vt_value_type type;
    size_t width;
    size_t column; /* of the frame, VT_ROLE_COLUMN */
};

struct vt_layout {
    struct vt_field *fields; /* in the order of the file */
    size_t n_fields, capacity;
    size_t n_words; /* of an atom line */
    bool is_stated; /* by the file; otherwise element and position are assumed */
};

/* Element and position. Start with `= {0}`; the memory serves frame after frame. */
enum vt_code vt_layout_assume(struct vt_layout *layout, struct vt_error *error);

/* Read the value of Properties and add its columns to the frame, which has no atoms yet. */
enum vt_code vt_layout_read(struct vt_layout *layout, const struct vt_word *value,
                            struct vt_frame *frame, struct vt_error *error);

void vt_layout_destroy(struct vt_layout *layout);

#endif
