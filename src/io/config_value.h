/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One word of a configuration becomes one value. */
#ifndef VT_CONFIG_VALUE_H
#define VT_CONFIG_VALUE_H

#include "io/schema.h"

struct vt_value_context {
    const char *label; /* for messages: "'timestep'", "item 2 of 'temperatures'" */
    struct vt_place place;
    const char *directory; /* that relative paths start from; NULL: they stay as they are */
};

/* Read the whole text as a value of the entry, which is of a scalar kind, into the field, within
 * its bounds. A string in the field belongs to the caller. The field is unchanged on failure. */
enum vt_code vt_value_read(const struct vt_entry *entry, const char *text,
                           const struct vt_value_context *context, void *field,
                           struct vt_error *error);

#endif
