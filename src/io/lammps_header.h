/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a LAMMPS data file, and the titles of the sections that follow it. Part of
 * lammps_data.h. */
#ifndef VT_LAMMPS_HEADER_H
#define VT_LAMMPS_HEADER_H

#include <stdint.h>

#include "base/error.h"
#include "io/scan.h"

struct vt_lammps_header {
    int64_t n_atoms, n_types;    /* at least 1, and the file has room for that many rows */
    struct vt_place types_place; /* where the types are counted */
    double cell[3][3];           /* A; of a volume that is not zero */
    double origin[3];            /* lower corner of the box */
    double velocity_unit;        /* unit of the file's velocities in A/fs */
};

/* Read from the first line up to the first title of a section, which the next vt_scan_line will
 * return. */
enum vt_code vt_lammps_read_header(struct vt_scan *scan, struct vt_lammps_header *header,
                                   struct vt_error *error);

enum vt_lammps_section {
    VT_LAMMPS_NO_SECTION, /* the line is no title */
    VT_LAMMPS_LABELS,
    VT_LAMMPS_MASSES,
    VT_LAMMPS_ATOMS,
    VT_LAMMPS_VELOCITIES,
    VT_LAMMPS_OTHER
};

/* What the current line (without its comment) is the title of. Reads nothing. */
enum vt_lammps_section vt_lammps_section_at(const struct vt_scan *scan);

/* The error for the words from first to last, which are neither a title nor a line of the header.
 */
enum vt_code vt_lammps_unknown(const struct vt_word *first, const struct vt_word *last,
                               struct vt_error *error);

#endif
