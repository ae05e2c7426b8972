/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the ions the densest points hold, and whether there are ways through them.
 *
 * The region above an isovalue percolates along a direction if a way within it leads from a point
 * to its image in that direction. */
#ifndef VT_PERCOLATION_H
#define VT_PERCOLATION_H

#include "analysis/density.h"

/* For each fraction of the ions, growing: the isovalue above which the points hold it, and their
 * fraction of the volume. */
enum vt_code vt_density_enclosing(const struct vt_density_grid *grid, size_t n,
                                  const double *fraction, double *isovalue, double *volume,
                                  struct vt_error *error);

/* As the isovalue falls, the region above it first percolates: */
struct vt_percolation {
    double highest;      /* the densest point, 1/A^3 */
    double along[3];     /* at these values, along a, b, c; 0: not even at the lowest above zero */
    double dimension[3]; /* in one, two, three independent directions */
    double volume[3];    /* fraction of the volume above each of the latter */
    double ions[3];      /* and of the ions */
};
enum vt_code vt_percolation_find(const struct vt_density_grid *grid,
                                 struct vt_percolation *percolation, struct vt_error *error);

#endif
