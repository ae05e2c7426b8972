/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smooth part of the Coulomb energy on a mesh, at a cost of N log N (docs/theory.md 6.8).
 *
 *   E = (K_C/2) sum over k != 0 of (4 pi/(V k^2)) s(k) |S(k)|^2
 *
 * Charges are spread over the points around them, transformed, multiplied by the influence
 * function, transformed back, and potential and forces are read at the charges with the same
 * window and its gradient: two real transforms, one gather. So the forces are the gradient of the
 * mesh energy. From both the part is taken off that a charge has with its own aliases, which
 * depends on where it lies between the points; the mean force, which is all that such forces lack
 * of momentum conservation, is taken off, too (it does no work on a system at rest).
 *
 * Splits, windows and sizes: vt_tune chooses them for an accuracy. */
#ifndef VT_MESH_H
#define VT_MESH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/timers.h"
#include "coulomb/coulomb.h"
#include "coulomb/kernels/stencil.h"
#include "coulomb/split.h"
#include "domain/cell.h"
#include "domain/grid.h"

struct vt_mesh_settings {
    struct vt_split split;
    enum vt_window_kind window;
    int width;    /* of the window: VT_WINDOW_LEAST .. VT_WINDOW_MOST (splines: the order) */
    double shape; /* of prolate windows */
    int size[3];  /* points along a, b, c; each at least the width */
    bool
        single; /* mesh and transforms in float; sums over atoms and waves in double all the same */
    int parts[2];                     /* ranks of the transforms (coulomb/fft.h); zeros: chosen */
    const struct vt_stencil *stencil; /* NULL: the fastest */
};

struct vt_mesh;

/* Collective over the grid's communicator. grid: where the atoms of this rank are, more or less
 * (borrowed); NULL: one rank. */
enum vt_code vt_mesh_create(struct vt_mesh **mesh, const struct vt_mesh_settings *settings,
                            const struct vt_grid *grid, struct vt_error *error);
void vt_mesh_destroy(struct vt_mesh *mesh);

/* Collective. As vt_ewald_add: adds the part of the waves to the sums; charges->comm is that of the
 * grid. Atoms may lie outside their rank's brick: the mesh of a rank reaches as far as its atoms
 * and the window need, and grows when they go further (the only time this allocates, but for more
 * atoms than before). Per-atom virials are exact (of the mesh energy), at the price of six more
 * transforms. The self energy -(K_C/2) L(0) q^2 is left to the caller (vt_self_energy_add). */
enum vt_code vt_mesh_add(struct vt_mesh *mesh, const struct vt_cell *cell,
                         const struct vt_point_charges *charges, struct vt_coulomb_sums *sums,
                         struct vt_error *error);

/* Where the time of all calls so far went, on this rank. */
const struct vt_timers *vt_mesh_timers(const struct vt_mesh *mesh);

#endif
