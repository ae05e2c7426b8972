/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The meaning of the comment line of extended XYZ: the cell, the layout of the atom lines, and all
 * other keys. */
#ifndef VT_EXTXYZ_KEYS_H
#define VT_EXTXYZ_KEYS_H

#include "base/error.h"
#include "io/extxyz_comment.h"
#include "io/extxyz_layout.h"
#include "io/frame.h"

/* Fill the cleared frame and *layout from the line. comment serves as memory only.
 *
 * Lattice, Properties, pbc, energy, virial and stress are known in any case of their letters. A
 * line with none of Lattice and Properties that does not follow the grammar is the title of a plain
 * XYZ file, and becomes the key "comment". */
enum vt_code vt_extxyz_read_keys(struct vt_comment *comment, const struct vt_word *line,
                                 struct vt_frame *frame, struct vt_layout *layout,
                                 struct vt_error *error);

/* T or F, also written out; false: neither. */
bool vt_extxyz_logical(const struct vt_word *word, bool *value);

#endif
