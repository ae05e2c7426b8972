/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data files of LAMMPS (read_data, write_data): one periodic structure a file.
 *
 * Read are the atom styles atomic, charge, bond, angle, molecular and full, in `units metal`
 * (assumed) or `units real` (if the title says so, as write_data's does), and orthogonal,
 * restricted and general triclinic boxes. An element comes from the type's label, the comment after
 * its mass, or the mass. Topology and coefficients are skipped.
 *
 * In a frame: positions count from the box's origin; charges (e) are the column "charge", image
 * flags "image" (three integers), molecule ids "molecule", velocities "vel" (A/fs, whatever the
 * units of the file). The types' numbers are not kept. */
#ifndef VT_LAMMPS_DATA_H
#define VT_LAMMPS_DATA_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "io/frame.h"

/* Read the text of a file, atoms sorted by id. *frame is cleared first and keeps its memory; name
 * is for messages and borrowed by the frame. */
enum vt_code vt_lammps_parse(struct vt_frame *frame, const char *name, const char *text,
                             size_t size, struct vt_error *error);

enum vt_lammps_style { VT_LAMMPS_ATOMIC, VT_LAMMPS_CHARGE };

struct vt_lammps_options {
    enum vt_lammps_style style; /* VT_LAMMPS_CHARGE writes the column "charge" or "charges" */
    int digits;                 /* significant; 17 reads back bit by bit */
    const int *types;           /* atomic number of type 1, 2, ...: borrowed */
    size_t n_types;
};

/* Write in units metal, ids 1, 2, ... in the order of the frame; with image flags and velocities if
 * the frame has them. A cell that is not of the restricted form (a along x, b in the xy plane) is
 * written as general triclinic, which LAMMPS reads since 2024. Periodicity is not part of the
 * format. */
enum vt_code vt_lammps_write(FILE *file, const struct vt_frame *frame,
                             const struct vt_lammps_options *options, struct vt_error *error);

#endif
