/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polynomials in t = 2 r^2/cutoff^2 - 1 for the smooth part of what acts between two charges. */
#ifndef VT_NEAR_SERIES_H
#define VT_NEAR_SERIES_H

#include "coulomb/split.h"

enum { VT_NEAR_SERIES_MOST = 64 }; /* degree */

/* T(r) - L(r), less 1/r if T is that of point charges, for 0 <= r <= cutoff; and -(1/r) d/dr of it.
 * value: 1/A, slope: 1/A^3. */
struct vt_near_series {
    int degree; /* of value; that of slope is one less */
    double value[VT_NEAR_SERIES_MOST + 1], slope[VT_NEAR_SERIES_MOST + 1]; /* of T_n(t) */
};

/* target_alpha: 0 for point charges. Of the least degree whose derivative by r is good to
 * `accuracy` (1/A^2), or to rounding. */
void vt_near_series_make(struct vt_near_series *series, const struct vt_split *split,
                         double target_alpha, double accuracy);

/* sum of c[n] T_n(t), n <= degree (Clenshaw). */
static inline double vt_near_series_sum(const double *c, int degree, double t)
{
    double b = 0, before = 0;
    for (int n = degree; n > 0; n--) {
        const double next = 2 * t * b - before + c[n];
        before = b;
        b = next;
    }
    return t * b - before + c[0];
}

/* The same as powers of t: power[n], n <= degree. For vectors: they lose digits from a degree of
 * about 16 on. */
void vt_near_series_powers(const double *c, int degree, double *power);

#endif
