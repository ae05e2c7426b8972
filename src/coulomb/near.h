/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Coulomb energy of charges less that of its smooth part: the pairs, and each charge with
 * itself (docs/theory.md 6.7).
 *
 *   E = (K_C/2) [ sum over ordered pairs with r < cutoff of q_i q_j (T(r) - L(r))
 *                 + sum of q_i^2 (T(0) - L(0)) ],   T(0) = 0 for point charges
 *
 * L(r) is a split's smooth part, T(r) = 1/r for point charges, or erf(alpha r)/r for Gaussian ones.
 * With the sum over waves of the same split, T is what the charges feel, whatever the split is: its
 * cutoff need not be that of the model. Images of an atom are pairs like all others.
 *
 * L is smooth and even, so that a polynomial in r^2 takes its place: no table, no exponential. */
#ifndef VT_NEAR_H
#define VT_NEAR_H

#include <stdbool.h>

#include "coulomb/coulomb.h"
#include "coulomb/split.h"
#include "domain/domain.h"
#include "potential/kernels/kernel.h"

struct vt_near_settings {
    const struct vt_split *split;   /* copied; its cutoff is that of the pairs */
    double target_alpha;            /* 1/A: of Gaussian charges; 0: point charges */
    double accuracy;                /* of the polynomials, by force, in K_C e^2/A^2; for vectors */
    const struct vt_kernel *kernel; /* pairs in float, by vectors of this instruction set; NULL: all
                                       in double, polynomials to 1e-12 */
};

/* Accuracies below this are for doubles. */
#define VT_NEAR_VECTOR_ACCURACY 1e-6

struct vt_near;

/* *near: owned, given back by vt_near_destroy. */
enum vt_code vt_near_create(struct vt_near **near, const struct vt_near_settings *settings,
                            struct vt_error *error);
void vt_near_destroy(struct vt_near *near);

/* Local. Lists that stay complete until some atom has moved skin/2. The ghosts reach as far as
 * cutoff + skin. */
enum vt_code vt_near_build(struct vt_near *near, const struct vt_domain *domain, double skin,
                           struct vt_error *error);

/* Collective over the domain's ranks. At the present positions, ghosts included, which are within
 * a quarter of the extended brick's width of it; charges: [n_all], e. Adds to the sums of the local
 * atoms; sums->virials must be NULL (each pair is seen once, and its virial has no atom). */
void vt_near_add(struct vt_near *near, const struct vt_domain *domain, const double *charges,
                 struct vt_coulomb_sums *sums);

/* Of the lists: entries and clusters of this rank; degree of the polynomials, and whether vectors
 * are at work; for those who tell or measure. */
struct vt_near_size {
    size_t clusters, entries;
    int degree;
    bool vectors;
};
struct vt_near_size vt_near_size(const struct vt_near *near);

#endif
