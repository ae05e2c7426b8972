/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short-ranged part of the Coulomb energy over pairs, and the self energy of the Gaussians
 * (docs/theory.md 6.3, 6.6).
 *
 *   E = (K_C/2) sum over ordered pairs of q_i q_j phi(r),   phi(r) = erfc(alpha r)/r + slope r +
 * shift */
#ifndef VT_REAL_SPACE_H
#define VT_REAL_SPACE_H

#include "coulomb/coulomb.h"
#include "domain/pairs.h"

struct vt_real_space {
    double alpha;        /* 1/A */
    double cutoff;       /* A: pairs with r < cutoff count */
    double slope, shift; /* eV/A^2, eV/A over K_C q^2: 0 but in charge mode 3 */
};

/* The plain truncated sum of charge mode 1, and that of mode 3, which goes to zero at the cutoff
 * with its derivative. */
struct vt_real_space vt_real_space_truncated(double alpha, double cutoff);
struct vt_real_space vt_real_space_smooth(double alpha, double cutoff);

/* charges: [n_all] of the atoms that the pairs refer to. Adds to the sums of the local atoms;
 * everything is booked on the centre of each ordered pair, so that ghosts receive nothing. */
void vt_real_space_add(const struct vt_real_space *part, const struct vt_pairs *pairs,
                       const double *charges, struct vt_coulomb_sums *sums);

/* Self energy -K_C alpha/sqrt(pi) sum q_i^2 of the n local atoms. */
void vt_self_energy_add(double alpha, size_t n, const double *charges,
                        struct vt_coulomb_sums *sums);

#endif
