/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polynomials in t = 2 r^2/cutoff^2 - 1 for the smooth part of what acts between two charges. */
#ifndef VT_NEAR_SERIES_H
#define VT_NEAR_SERIES_H

#include "coulomb/split.h"

enum { VT_NEAR_SERIES_MOST = 64 }; /* degree */

/* T(r) - L(r), less 1/r if T is that of point charges, for 0 <= r <= cutoff. */
struct vt_near_series {
    int degree;
    double value[VT_NEAR_SERIES_MOST + 1]; /* 1/A */
    double slope[VT_NEAR_SERIES_MOST];     /* 1/A^3: of -(1/r) d/dr, the derivative of the above */
};

/* target_alpha: 0 for point charges. Of the least degree whose derivative by r is good to
 * `accuracy` (1/A^2), or to rounding. */
void vt_near_series_make(struct vt_near_series *series, const struct vt_split *split,
                         double target_alpha, double accuracy);

#endif
