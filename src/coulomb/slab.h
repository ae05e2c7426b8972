/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slabs: what the sum over all images counts too much when those along one direction are not there.
 *
 * With the dipole moment M of a neutral cell along the normal of the slab, its images there add
 * -2 pi K_C M^2/V and what falls off exponentially with the vacuum (Yeh and Berkowitz 1999):
 *
 *   E = 2 pi K_C M^2/V,  M = sum_i q_i z_i
 *
 * is added here; the vacuum has to take care of the rest. */
#ifndef VT_SLAB_H
#define VT_SLAB_H

#include "coulomb/coulomb.h"
#include "domain/cell.h"

/* Collective over the ranks of the charges, whose positions must be unwrapped along the axis (0, 1,
 * 2: the cell vector that crosses the vacuum) and whose sum is zero. Each rank's energy and virial
 * are its share. */
void vt_slab_add(const struct vt_cell *cell, int axis, const struct vt_point_charges *charges,
                 struct vt_coulomb_sums *sums);

/* Vacuum that so many unit charges at random need in such a cell, A, for the force of the images on
 * a charge to be below the accuracy (relative to that between two unit charges at 1 A). */
double vt_slab_least_gap(const struct vt_cell *cell, int axis, double n_charges, double accuracy);

struct vt_slab {
    int axis;
    double gap; /* A: between its images */
    double n_charges;
};

/* VT_INPUT, with what would be enough, if there is less vacuum than that. */
enum vt_code vt_slab_check(const struct vt_cell *cell, const struct vt_slab *slab, double accuracy,
                           struct vt_error *error);

#endif
