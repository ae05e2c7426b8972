/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spectrum of a split as a table in k^2, cubic between its entries: what series are too slow
 * for where every wave of a mesh is asked for. Value to 1e-10, derivative to 1e-7 of s(0)/k_max^2.
 */
#ifndef VT_SPECTRUM_H
#define VT_SPECTRUM_H

#include "coulomb/split.h"

enum { VT_SPECTRUM_STEPS = 2048 };

struct vt_spectrum {
    double end, per_step; /* k_max^2, and steps per unit of k^2 */
    struct {
        double value, slope; /* s, and its derivative by the step */
    } entry[VT_SPECTRUM_STEPS + 1];
};

void vt_spectrum_make(struct vt_spectrum *spectrum, const struct vt_split *split);

/* s(k); *slope: ds/d(k^2). 0 from k_max on. */
static inline double vt_spectrum_at(const struct vt_spectrum *spectrum, double k2, double *slope)
{
    *slope = 0;
    if (!(k2 < spectrum->end))
        return 0;
    const double x = k2 * spectrum->per_step;
    const int n = (int)x < VT_SPECTRUM_STEPS - 1 ? (int)x : VT_SPECTRUM_STEPS - 1;
    const double t = x - n, a = spectrum->entry[n].value, b = spectrum->entry[n].slope;
    const double rise = spectrum->entry[n + 1].value - a, last = spectrum->entry[n + 1].slope;
    const double c = 3 * rise - 2 * b - last, d = b + last - 2 * rise;
    *slope = (b + t * (2 * c + t * 3 * d)) * spectrum->per_step;
    return a + t * (b + t * (c + t * d));
}

#endif
