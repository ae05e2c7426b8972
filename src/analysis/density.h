/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where ions are: their probability density on a grid over the cell, and whether they have ways
 * through it.
 *
 * Positions count by their fractions of the cell, without drift, so that neither a cell that
 * breathes nor a framework that moves smears them. Each ion gives its weight to the eight nearest
 * points (trilinear). Frames are shared over the ranks by their index. */
#ifndef VT_DENSITY_H
#define VT_DENSITY_H

#include <mpi.h>

#include "analysis/stream.h"

struct vt_density;

struct vt_density_options {
    double spacing;     /* A, at most this, of the first frame's cell */
    const bool *wanted; /* by atomic number; borrowed for the call */
};

enum vt_code vt_density_create(struct vt_density **density, MPI_Comm comm,
                               const struct vt_density_options *options, struct vt_error *error);
void vt_density_destroy(struct vt_density *density);

/* Not collective: each rank gives each frame. */
enum vt_code vt_density_add(struct vt_density *density, const struct vt_snapshot *snapshot,
                            struct vt_error *error);

/* Collective, after the last frame: normalised, 1/A^3; its sum times the volume of a point is the
 * number of ions. */
void vt_density_finish(struct vt_density *density);

/* After that; borrowed. value: x slowest, z fastest. */
struct vt_density_grid {
    int n[3];
    const double *value;
    struct vt_cell cell; /* mean over the frames */
    double ions;
};
struct vt_density_grid vt_density_grid(const struct vt_density *density);

/* Mean positions of the other atoms, in the mean cell (A): n of them. */
size_t vt_density_framework(const struct vt_density *density, const uint8_t **element,
                            const double (**position)[3]);

#endif
