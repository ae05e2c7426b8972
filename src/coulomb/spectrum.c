/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/spectrum.h"

#include <math.h>

void vt_spectrum_make(struct vt_spectrum *spectrum, const struct vt_split *split)
{
    spectrum->end = split->k_max * split->k_max;
    spectrum->per_step = VT_SPECTRUM_STEPS / spectrum->end;
    for (int n = 0; n <= VT_SPECTRUM_STEPS; n++) {
        /* Just inside of both ends: of 0, where ds/d(k^2) is a quotient, and of the jump to 0. */
        const double inside = fmax(fmin(n, VT_SPECTRUM_STEPS * (1 - 1e-12)), 1e-6);
        const double k = sqrt(inside / spectrum->per_step);
        spectrum->entry[n].value = vt_split_spectrum(split, k);
        spectrum->entry[n].slope = vt_split_spectrum_slope(split, k) / (2 * k) / spectrum->per_step;
    }
}
