/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How 1/r is divided into a smooth part L(r) for the waves or the mesh, and a rest for pairs that
 * is nothing, or next to nothing, beyond a cutoff (docs/theory.md 6.7).
 *
 *   L(r) = integral over k of (4 pi/k^2) s(k) exp(i k.r)/(2 pi)^3,   s(0) = 1
 *
 * VT_SPLIT_GAUSS: L = erf(alpha r)/r, s = exp(-k^2/(4 alpha^2)). The rest erfc(alpha r)/r is cut
 * off at the cutoff, where it makes a jump.
 *
 * VT_SPLIT_PROLATE: (r L)' is a prolate spheroidal wave function of r/cutoff, and so is s of
 * k cutoff/band. The rest is 0 from the cutoff on, continuous there; s is cut off at
 * k = band/cutoff, with a jump. For the same accuracy the waves end at some 0.6 of the Gaussian's.
 *
 * The energy of charges does not depend on how 1/r is split. For a target other than 1/r (the
 * Gaussian charges of mode 2) the pairs' part is target - L, with the same L. */
#ifndef VT_SPLIT_H
#define VT_SPLIT_H

#include "coulomb/legendre.h"

enum vt_split_kind { VT_SPLIT_GAUSS, VT_SPLIT_PROLATE };

struct vt_split {
    enum vt_split_kind kind;
    double cutoff; /* A: of the pairs */
    double alpha;  /* 1/A; of Gauss */
    double band;   /* c, of the prolate function */
    double k_max;  /* 1/A: s(k) = 0 beyond (Gauss: below 1e-17) */
    /* of the prolate function psi(x), |x| <= 1 */
    struct vt_legendre spectrum, spectrum_slope; /* psi(x)/psi(0) and its derivative */
    struct vt_legendre smooth, smooth_slope;     /* cutoff L(x cutoff) and its derivative by x */
};

struct vt_split vt_split_gauss(double alpha, double cutoff);
struct vt_split vt_split_prolate(double band, double cutoff);

/* The shape for which the force between two unit charges jumps by `accuracy` (in K_C/A^2) at the
 * cutoff, A. 1e-13 <= accuracy < 1. */
struct vt_split vt_split_for(enum vt_split_kind kind, double cutoff, double accuracy);

/* L(r), 1/A, and its derivative, 1/A^2, to 1e-14 of L(0); slope may be NULL. r >= 0. */
double vt_split_smooth(const struct vt_split *split, double r, double *slope);

/* s(k) and ds/dk. k >= 0. */
double vt_split_spectrum(const struct vt_split *split, double k);
double vt_split_spectrum_slope(const struct vt_split *split, double k);

/* L(0), 1/A: the self energy of a charge in the smooth part is K_C L(0) q^2/2. */
double vt_split_self(const struct vt_split *split);

#endif
