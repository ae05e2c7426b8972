/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/real_space.h"

#include <math.h>

#include "base/units.h"

static double gaussian_slope(double alpha)
{
    return 2 * alpha / sqrt(VT_PI);
}

struct vt_real_space vt_real_space_truncated(double alpha, double cutoff)
{
    return (struct vt_real_space){.alpha = alpha, .cutoff = cutoff};
}

struct vt_real_space vt_real_space_smooth(double alpha, double cutoff)
{
    const double ar = alpha * cutoff, erfc_cutoff = erfc(ar);
    const double slope =
        erfc_cutoff / (cutoff * cutoff) + gaussian_slope(alpha) * exp(-ar * ar) / cutoff;
    return (struct vt_real_space){.alpha = alpha,
                                  .cutoff = cutoff,
                                  .slope = slope,
                                  .shift = -erfc_cutoff / cutoff - slope * cutoff};
}

/* phi(r) and its derivative. */
static double potential(const struct vt_real_space *part, double r, double *derivative)
{
    const double ar = part->alpha * r, screened = erfc(ar) / r;
    *derivative = -(screened + gaussian_slope(part->alpha) * exp(-ar * ar)) / r + part->slope;
    return screened + part->slope * r + part->shift;
}

/* All pairs of centre i. */
static void add_centre(const struct vt_real_space *part, const struct vt_pairs *pairs, size_t i,
                       const double *charges, struct vt_coulomb_sums *sums)
{
    double phi = 0, force[3] = {0}, virial[9] = {0};
    for (size_t g = i * (size_t)pairs->n_types; g < (i + 1) * (size_t)pairs->n_types; g++)
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++) {
            const struct vt_pair *pair = &pairs->pair[p];
            if (pair->r >= part->cutoff)
                continue;
            double slope;
            const double qj = charges[pairs->neighbour[p]];
            phi += qj * potential(part, pair->r, &slope);
            slope *= qj;
            for (int a = 0; a < 3; a++) {
                force[a] += slope * pair->u[a];
                for (int b = 0; b < 3; b++)
                    virial[3 * a + b] -= 0.5 * slope * pair->r * pair->u[a] * pair->u[b];
            }
        }
    const double scale = VT_COULOMB * charges[i];
    sums->potentials[i] += VT_COULOMB * phi;
    sums->energies[i] += 0.5 * scale * phi;
    sums->energy += 0.5 * scale * phi;
    for (int a = 0; a < 3; a++)
        sums->forces[i][a] += scale * force[a];
    for (int c = 0; c < 9; c++) {
        sums->virial[c] += scale * virial[c];
        if (sums->virials)
            sums->virials[i][c] += scale * virial[c];
    }
}

void vt_real_space_add(const struct vt_real_space *part, const struct vt_pairs *pairs,
                       const double *charges, struct vt_coulomb_sums *sums)
{
    for (int32_t i = 0; i < pairs->n_centres; i++)
        add_centre(part, pairs, (size_t)i, charges, sums);
}

void vt_self_energy_add(double alpha, size_t n, const double *charges, struct vt_coulomb_sums *sums)
{
    const double factor = VT_COULOMB * gaussian_slope(alpha);
    for (size_t i = 0; i < n; i++) {
        const double q = charges[i], energy = -0.5 * factor * q * q;
        sums->energies[i] += energy;
        sums->energy += energy;
        sums->potentials[i] -= factor * q;
    }
}
