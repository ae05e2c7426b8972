/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POSCAR and CONTCAR of VASP 5 and later: one periodic structure a file.
 *
 * In a frame: the title is the key "comment" (if not empty), selective dynamics the column
 * "move_mask" (logical, three an atom, true = free to move), velocities the column "vel" (A/fs).
 * Positions and cell are Cartesian, in A. */
#ifndef VT_POSCAR_H
#define VT_POSCAR_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "io/frame.h"

/* Read the text of a file. *frame is cleared first and keeps its memory; name is for messages and
 * borrowed by the frame. Velocities that are all zero (what a relaxation leaves in CONTCAR) count
 * as none; what follows them is ignored. */
enum vt_code vt_poscar_parse(struct vt_frame *frame, const char *name, const char *text,
                             size_t size, struct vt_error *error);

/* Write with Cartesian coordinates and `digits` significant digits (17 reads back bit by bit).
 * Atoms of one element are written together, the elements in the order of their first atoms, so
 * that mixed structures change their order. The frame must be periodic in all three directions. */
enum vt_code vt_poscar_write(FILE *file, const struct vt_frame *frame, int digits,
                             struct vt_error *error);

#endif
