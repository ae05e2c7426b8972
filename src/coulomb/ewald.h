/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The k-space part of the Coulomb energy as a direct sum (docs/theory.md 6.3): exact for the chosen
 * set of wave vectors.
 *
 *   E_k = K_C sum over half the k with k^2 < k_max^2 of G(k) |S(k)|^2,  G = (4 pi / V) exp(-k^2/4
 * alpha^2)/k^2
 *
 * Costs O(N n_k) = O(N^2) at fixed alpha: for small cells, for training, and as the yardstick of
 * faster methods. */
#ifndef VT_EWALD_H
#define VT_EWALD_H

#include <stddef.h>

#include "base/error.h"
#include "coulomb/coulomb.h"
#include "domain/cell.h"

struct vt_ewald_settings {
    double alpha;  /* 1/A: the Gaussians are exp(-alpha^2 r^2) */
    double k_max;  /* 1/A */
    double two_pi; /* of the reciprocal vectors and the prefactor: VT_TWO_PI, or the truncated value
                      of the published codes */
};

/* The set of the published codes for a model of that radial cutoff: alpha = pi/cutoff, k_max = 2 pi
 * alpha, 2 pi = 6.2831853. */
struct vt_ewald_settings vt_ewald_gpumd(double cutoff);

/* For a given alpha all k whose Gaussian weight exceeds `accuracy` (relative to the force of two
 * unit charges at 1 A). */
struct vt_ewald_settings vt_ewald_converged(double alpha, double accuracy);

/* alpha at which the real-space sum up to `cutoff` misses no more than `accuracy`. */
double vt_ewald_alpha(double cutoff, double accuracy);

struct vt_ewald;

/* *ewald: owned, given back by vt_ewald_destroy. */
enum vt_code vt_ewald_create(struct vt_ewald **ewald, struct vt_ewald_settings settings,
                             struct vt_error *error);

/* Collective over the ranks of the charges. Add their k-space part to the sums. */
enum vt_code vt_ewald_add(struct vt_ewald *ewald, const struct vt_cell *cell,
                          const struct vt_point_charges *charges, struct vt_coulomb_sums *sums,
                          struct vt_error *error);

/* Number of wave vectors (half space) of the last call. */
size_t vt_ewald_vectors(const struct vt_ewald *ewald);
void vt_ewald_destroy(struct vt_ewald *ewald);

#endif
