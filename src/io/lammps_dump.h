/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text dumps of LAMMPS (dump custom, dump atom): trajectories, frame by frame.
 *
 * Read are boxes of all three kinds, positions plain, scaled, unwrapped or both (x, xs, xu, xsu),
 * images (ix iy iz), velocities, forces, charges (q), and elements by the column `element` or the
 * mass; other columns are passed over. Atoms come sorted by id. Units are those of ITEM: UNITS
 * (metal or real), metal without it.
 *
 * In a frame: positions count from the box's origin; columns "image" (three integers), "vel"
 * (A/fs), "forces" (eV/A), "charge" (e); keys "step" and, with ITEM: TIME, "time_ps". */
#ifndef VT_LAMMPS_DUMP_H
#define VT_LAMMPS_DUMP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/frame.h"

struct vt_lammps_dump_reader;

/* name: borrowed, until the reader is closed. *reader: owned. */
enum vt_code vt_lammps_dump_open(struct vt_lammps_dump_reader **reader, const char *name,
                                 struct vt_error *error);

/* The next frame into *frame (cleared first). *end: there is none. Errors carry file and line; a
 * frame that is cut off is one. */
enum vt_code vt_lammps_dump_read(struct vt_lammps_dump_reader *reader, struct vt_frame *frame,
                                 bool *end, struct vt_error *error);

/* NULL is fine. */
void vt_lammps_dump_close(struct vt_lammps_dump_reader *reader);

/* What a file says once, for all frames to come. */
struct vt_lammps_dump_units {
    double time, force; /* unit of the file in ps, eV/A; velocities are A/time */
};
struct vt_lammps_dump_units vt_lammps_dump_metal(void);

/* The text of one frame, and where it stands. All borrowed. */
struct vt_lammps_dump_text {
    const char *name; /* of the file */
    long line;        /* that it begins on, from 1 */
    const char *text;
    size_t size;
};

/* units: changed if it has an ITEM: UNITS. */
enum vt_code vt_lammps_dump_parse(struct vt_frame *frame, const struct vt_lammps_dump_text *text,
                                  struct vt_lammps_dump_units *units, struct vt_error *error);

#endif
