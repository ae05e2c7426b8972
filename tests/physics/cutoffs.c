/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cutoffs.h"

#include <math.h>

#include "common/slow_bonds.h"
#include "common/slow_descriptor.h"
#include "common/slow_energy.h"

void cutoffs_of_pair(const struct vt_nep *model, int t1, int t2, double cutoff[CUTOFFS])
{
    cutoff[0] = slow_cutoff_radial(model, t1, t2);
    cutoff[1] = slow_cutoff_angular(model, t1, t2);
    cutoff[2] = cutoff[3] = cutoff[0];
    if (model->zbl != VT_ZBL_NONE)
        slow_zbl_switch(model, t1, t2, &cutoff[2], &cutoff[3]);
}

double cutoffs_gap(const struct vt_nep *model, const struct sample *sample)
{
    const struct vt_system system = sample_system(sample);
    struct slow_bonds bonds = {0};
    double gap = 1;
    for (size_t i = 0; i < sample->n_atoms; i++) {
        slow_bonds_find(&bonds, &system, i, slow_range(model) + 0.01);
        for (size_t b = 0; b < bonds.count; b++) {
            double cutoff[CUTOFFS];
            cutoffs_of_pair(model, sample->type[i], bonds.bond[b].type, cutoff);
            for (int c = 0; c < CUTOFFS; c++)
                gap = fmin(gap, fabs(bonds.bond[b].distance - cutoff[c]));
        }
    }
    slow_bonds_destroy(&bonds);
    return gap;
}
