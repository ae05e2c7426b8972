/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Larger cells of a periodic structure. */
#ifndef VT_SUPERCELL_H
#define VT_SUPERCELL_H

#include "base/error.h"
#include "io/frame.h"

enum { VT_MOST_REPEATS = 10000 };

/* "2x1x3" or "2" (= 2x2x2): a diagonal matrix. */
enum vt_code vt_repeat_parse(int matrix[3][3], const char *text, struct vt_error *error);

/* Nine whole numbers, row by row, of at most VT_MOST_REPEATS in size; refused if they span no
 * volume. */
enum vt_code vt_supercell_parse(int matrix[3][3], const char *text, struct vt_error *error);

/* Make *out (cleared first; it keeps its memory) the structure in the cell whose vectors are the
 * rows of matrix x cell. The copies follow one another, shifted by the third vector first; within a
 * copy the atoms have the order of *in. Columns are copied, molecule ids (column "molecule") made
 * different; image flags (column "image") are dropped, for they count other cells. Keys are copied;
 * energy, free_energy, virial and dipole are those of the larger cell. */
enum vt_code vt_supercell_make(struct vt_frame *out, const struct vt_frame *in,
                               const int matrix[3][3], struct vt_error *error);

#endif
