/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The periodic cell: any parallelepiped, either handedness. Lengths in angstrom. */
#ifndef VT_CELL_H
#define VT_CELL_H

#include "base/error.h"
#include "base/mat3.h"

/* Thinner cells are refused: no atom fits, and the number of images within a cutoff explodes. */
#define VT_CELL_MIN_THICKNESS 0.1

struct vt_cell {
    double vector[3][3];  /* rows a, b, c */
    double inverse[3][3]; /* fractional = position (row) x inverse */
    double volume;        /* positive */
    double thickness[3];  /* distance between the two faces across a, b, c */
};

/* Fill from the vectors; refused: numbers that are not finite, no volume, too thin. */
enum vt_code vt_cell_init(struct vt_cell *cell, const double vector[3][3], struct vt_error *error);

static inline void vt_cell_fractional(const struct vt_cell *cell, const double position[3],
                                      double fractional[3])
{
    vt_row_times_mat3(position, cell->inverse, fractional);
}

static inline void vt_cell_cartesian(const struct vt_cell *cell, const double fractional[3],
                                     double position[3])
{
    vt_row_times_mat3(fractional, cell->vector, position);
}

#endif
