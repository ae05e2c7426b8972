/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors of one centre, and the pair forces that follow from a weight on each of them
 * (docs/theory.md 4 and 6.4).
 *
 * The algebra, which every kernel shares: the expansion is linear, so the basis is summed over
 * neighbours first, per neighbour type, and contracted with the coefficients once an atom; for
 * forces the weights are folded into the coefficients once an atom, which leaves one series a pair.
 */
#ifndef VT_DESCRIPTOR_H
#define VT_DESCRIPTOR_H

#include <stdint.h>

#include "domain/pairs.h"
#include "potential/plan.h"

/* A centre and where its neighbours are. */
struct vt_centre {
    int32_t atom;
    int type;
};

/* Unscaled descriptors q[dimension] and angular sums S[n_sums], [n][lc]. */
void vt_describe(const struct vt_plan *plan, const struct vt_pairs *pairs, struct vt_centre centre,
                 double *q, double *sums);

/* F[t][k] = sum of f_k(r_ij) over the neighbours of type t: what is around the centre, before any
 * coefficient. [n_types k_radial] */
void vt_radial_sums(const struct vt_plan *plan, const struct vt_pairs *pairs,
                    struct vt_centre centre, double *sums);

/* force[k] = d(sum_d weight_d q_d) / d r_ij for the pairs of the centre, type after type; sums: as
 * vt_describe left them. weight: on unscaled descriptors, eV (or e, for Born charges). */
void vt_pair_forces(const struct vt_plan *plan, const struct vt_pairs *pairs,
                    struct vt_centre centre, const double *weight, const double *sums,
                    double (*force)[3]);

#endif
