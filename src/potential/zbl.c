/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/zbl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "potential/covalent_radii_table.h"

static const double inverse_length = 2.134563; /* 1 / (0.46848 A) */
static const double universal[8] = {0.18175, 3.1998, 0.50986, 0.94229,
                                    0.28022, 0.4029, 0.02817, 0.20162};

static double covalent_sum(const struct vt_nep *model, int t1, int t2)
{
    assert(t1 >= 0 && t1 < model->n_types && t2 >= 0 && t2 < model->n_types);
    return vt_covalent_radius(model->atomic_number[t1]) +
           vt_covalent_radius(model->atomic_number[t2]);
}

struct vt_zbl_pair vt_zbl_pair(const struct vt_nep *model, int t1, int t2)
{
    assert(model);
    assert(t1 >= 0 && t1 < model->n_types);
    assert(t2 >= 0 && t2 < model->n_types);
    struct vt_zbl_pair pair = {0};
    if (model->zbl == VT_ZBL_NONE)
        return pair;
    const double z1 = model->atomic_number[t1], z2 = model->atomic_number[t2];
    const double *terms = universal;
    pair.inner = model->zbl_inner;
    pair.outer = model->zbl_outer;
    if (model->zbl == VT_ZBL_FLEXIBLE) {
        const double *row = vt_nep_zbl_row(model, t1, t2);
        pair.inner = row[0];
        pair.outer = row[1];
        terms = row + 2;
    } else if (model->zbl == VT_ZBL_TYPEWISE) {
        pair.outer = fmin(model->zbl_outer, model->zbl_factor * covalent_sum(model, t1, t2));
        pair.inner = 0;
    } else if (model->factor_zbl > 0) { /* 8-token cutoff line of 2024-25: inner half of outer */
        pair.outer = fmin(model->zbl_outer, model->factor_zbl * covalent_sum(model, t1, t2));
        pair.inner = 0.5 * pair.outer;
    }
    pair.charge = VT_COULOMB * z1 * z2;
    const double scale = inverse_length * (pow(z1, 0.23) + pow(z2, 0.23));
    for (int p = 0; p < 4; p++) {
        pair.amplitude[p] = terms[2 * p];
        pair.rate[p] = terms[2 * p + 1] * scale;
    }
    return pair;
}

void vt_zbl_universal_row(double row[VT_ZBL_ROW], double outer)
{
    assert(outer > 0);
    row[0] = 0;
    row[1] = outer;
    memcpy(row + 2, universal, sizeof universal);
}

double vt_zbl_energy(const struct vt_zbl_pair *pair, double r, double *derivative)
{
    assert(r > 0);
    *derivative = 0;
    if (r >= pair->outer)
        return 0;
    double phi = 0, slope = 0;
    for (int p = 0; p < 4; p++) {
        const double term = pair->amplitude[p] * exp(-pair->rate[p] * r);
        phi += term;
        slope -= pair->rate[p] * term;
    }
    const double energy = pair->charge * phi / r;
    const double energy_slope = (pair->charge * slope - energy) / r;
    double cut = 1, cut_slope = 0;
    if (r >= pair->inner) {
        const double w = VT_PI / (pair->outer - pair->inner);
        cut = 0.5 * cos(w * (r - pair->inner)) + 0.5;
        cut_slope = -0.5 * w * sin(w * (r - pair->inner));
    }
    *derivative = energy_slope * cut + energy * cut_slope;
    return energy * cut;
}
