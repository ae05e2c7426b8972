/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The constants of the angular descriptors: z polynomials, weights, and the higher-order
 * invariants. */
#ifndef VT_ANGULAR_TABLE_H
#define VT_ANGULAR_TABLE_H

#include "potential/nep.h"

enum {
    VT_MAX_HARMONICS = (VT_NEP_MAX_L + 1) * (VT_NEP_MAX_L + 1) - 1, /* B_lc, l = 1..8 */
    VT_ZPOLY_TERMS = VT_NEP_MAX_L / 2 + 1
};

/* p_lm(z) = z^parity (c[0] + c[1] z^2 + ... + c[terms-1] z^(2 terms - 2)), parity = (l - m) mod 2.
 */
struct vt_zpoly {
    int terms;
    double c[VT_ZPOLY_TERMS];
};

/* A product of three or four of the sums S of one n (index l^2 - 1 + c). */
struct vt_monomial {
    double coefficient;
    int degree;
    int index[4];
};

struct vt_invariant {
    const char *name;
    int l; /* largest l it needs */
    int n_monomials;
    const struct vt_monomial *monomial;
};

extern const struct vt_zpoly vt_zpoly_table[VT_NEP_MAX_L + 1][VT_NEP_MAX_L + 1]; /* [l][m] */
extern const double vt_clm_table[VT_NEP_MAX_L + 1][VT_NEP_MAX_L + 1];
extern const struct vt_invariant vt_invariant_table[VT_NEP_TERMS];

#endif
