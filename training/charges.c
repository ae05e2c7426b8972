/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/charges.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"

static double self_factor(const struct vt_charge_frame *of)
{
    const double alpha = of->geometry->waves.alpha;
    return of->layout->charge_mode == 1 ? VT_COULOMB * 2 * alpha / sqrt(VT_PI) : 0;
}

static bool has_waves(const struct vt_charge_frame *of)
{
    return of->geometry->waves.n_rows > 0;
}

/* k space: D = 2 K sum G Re[S exp(i k.r)], f = 2 K sum k G Im[S exp(i k.r)]. */
static void respond_waves(const struct vt_charge_frame *of, const double *charge,
                          const struct vt_response *response)
{
    const struct vt_waves *waves = &of->geometry->waves;
    struct vt_wave_job job = {.waves = waves,
                              .charge = charge,
                              .structure = response->structure,
                              .weight = (const double(*)[2])of->scratch->weight,
                              .potential = response->potential,
                              .field = of->scratch->field,
                              .scratch = of->scratch->atoms};
    of->kernel->structure(&job);
    for (size_t v = 0; v < waves->n_vectors; v++)
        for (int c = 0; c < 2; c++)
            of->scratch->weight[v][c] = 2 * VT_COULOMB * waves->g[v] * response->structure[v][c];
    of->kernel->potentials_and_fields(&job);
    for (size_t i = 0; i < waves->n_rows; i++)
        for (int c = 0; c < 3; c++) {
            response->wave_field[i][c] = 0;
            for (size_t d = 0; d < 3; d++)
                response->wave_field[i][c] +=
                    of->scratch->field[d * waves->n_rows + i] * waves->reciprocal[d][c];
        }
}

/* Sum over the radial pairs of each row. */
static void respond_pairs(const struct vt_charge_frame *of, const double *charge,
                          const struct vt_response *response)
{
    const struct vt_geometry *geometry = of->geometry;
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_types = of->layout->n_types;
    for (size_t i = 0; i < geometry->n_atoms; i++) {
        double potential = 0, field[3] = {0};
        for (size_t p = list->first[i * n_types]; p < list->first[(i + 1) * n_types]; p++) {
            const double q = charge[list->neighbour[p]], *u = list->u[p];
            const double slope = q * geometry->screened[2 * p + 1];
            potential += q * geometry->screened[2 * p];
            for (int d = 0; d < 3; d++)
                field[d] += slope * u[d];
        }
        response->potential[i] += VT_COULOMB * potential;
        for (int d = 0; d < 3; d++)
            response->field[i][d] += VT_COULOMB * field[d];
    }
}

void vt_respond(const struct vt_charge_frame *of, const double *charge,
                const struct vt_response *response)
{
    assert(charge && response->potential && response->field);
    assert(of->layout->charge_mode != 0);
    const size_t rows = vt_charge_rows(of->geometry->n_atoms);
    if (has_waves(of)) {
        respond_waves(of, charge, response);
        memcpy(response->field, response->wave_field, rows * sizeof *response->field);
    } else {
        memset(response->potential, 0, rows * sizeof *response->potential);
        memset(response->field, 0, rows * sizeof *response->field);
    }
    const double self = self_factor(of);
    for (size_t i = 0; i < of->geometry->n_atoms; i++)
        response->potential[i] -= self * charge[i];
    if (of->geometry->screened)
        respond_pairs(of, charge, response);
}

static void add_pair_virial(const struct vt_charge_frame *of, double factor, const double *one,
                            const double *other, double virial[9])
{
    const struct vt_geometry *geometry = of->geometry;
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_types = of->layout->n_types;
    for (size_t i = 0; i < geometry->n_atoms; i++)
        for (size_t p = list->first[i * n_types]; p < list->first[(i + 1) * n_types]; p++) {
            const int32_t j = list->neighbour[p];
            const double *u = list->u[p];
            const double product = 0.5 * (one[i] * other[j] + other[i] * one[j]);
            const double weight =
                0.5 * factor * VT_COULOMB * product * geometry->screened[2 * p + 1] * u[3];
            for (int c = 0; c < 9; c++)
                virial[c] -= weight * u[c / 3] * u[c % 3];
        }
}

void vt_add_charge_virial(const struct vt_charge_frame *of, double factor, struct vt_charged one,
                          struct vt_charged other, double virial[9])
{
    assert(one.charge && one.response && other.charge && other.response);
    const struct vt_waves *waves = &of->geometry->waves;
    for (size_t v = 0; v < waves->n_vectors; v++) {
        const double *a = one.response->structure[v], *b = other.response->structure[v];
        const double energy = factor * VT_COULOMB * waves->g[v] * (a[0] * b[0] + a[1] * b[1]);
        const double *k = waves->k[v];
        const double across = energy * (0.5 / (waves->alpha * waves->alpha) + 2 / vt_dot(k, k));
        for (int c = 0; c < 9; c++)
            virial[c] += (c % 4 == 0 ? energy : 0) - across * k[c / 3] * k[c % 3];
    }
    if (of->geometry->screened)
        add_pair_virial(of, factor, one.charge, other.charge, virial);
}

/* Rates of the k-space potentials: of G and of S in the sum, and of the phase of the atom itself.
 */
static void wave_rates(const struct vt_charge_frame *of, struct vt_charged now,
                       const struct vt_charge_motion *motion, double *rate)
{
    const struct vt_waves *waves = &of->geometry->waves;
    const struct vt_charge_scratch *scratch = of->scratch;
    const double(*velocity)[4] = motion->motion->velocity;
    for (size_t i = 0; i < of->geometry->n_atoms; i++)
        for (int d = 0; d < 3; d++)
            scratch->phase_rate[i][d] = velocity ? vt_dot(waves->reciprocal[d], velocity[i]) : 0;
    for (size_t i = of->geometry->n_atoms; i < waves->n_rows; i++)
        memset(scratch->phase_rate[i], 0, sizeof *scratch->phase_rate);
    struct vt_wave_job job = {.waves = waves,
                              .charge = now.charge,
                              .charge_rate = motion->charge_rate,
                              .phase_rate = scratch->phase_rate,
                              .structure = scratch->rates,
                              .weight = (const double(*)[2])scratch->weight,
                              .potential = rate,
                              .scratch = scratch->atoms};
    of->kernel->structure_rates(&job);
    if (motion->motion->strain)
        vt_waves_strain(waves, motion->motion->strain, scratch->rate);
    else
        memset(scratch->rate, 0, waves->n_vectors * sizeof *scratch->rate);
    for (size_t v = 0; v < waves->n_vectors; v++)
        for (int c = 0; c < 2; c++)
            scratch->weight[v][c] =
                2 * VT_COULOMB * waves->g[v] *
                (scratch->rates[v][c] + scratch->rate[v] * now.response->structure[v][c]);
    of->kernel->potentials(&job);
    for (size_t i = 0; velocity && i < of->geometry->n_atoms; i++)
        rate[i] -= vt_dot(velocity[i], now.response->wave_field[i]);
}

static void add_pair_rates(const struct vt_charge_frame *of, struct vt_charged now,
                           const struct vt_charge_motion *motion, double *rate)
{
    const struct vt_geometry *geometry = of->geometry;
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_types = of->layout->n_types;
    for (size_t i = 0; i < geometry->n_atoms; i++) {
        double sum = 0;
        for (size_t p = list->first[i * n_types]; p < list->first[(i + 1) * n_types]; p++) {
            const int32_t j = list->neighbour[p];
            sum += motion->charge_rate[j] * geometry->screened[2 * p] +
                   now.charge[j] * geometry->screened[2 * p + 1] * motion->along[p];
        }
        rate[i] += VT_COULOMB * sum;
    }
}

void vt_potential_rates(const struct vt_charge_frame *of, struct vt_charged now,
                        const struct vt_charge_motion *motion, double *rate)
{
    assert(now.charge && now.response && motion->motion && motion->along && motion->charge_rate);
    assert(!motion->motion->turn);
    if (has_waves(of))
        wave_rates(of, now, motion, rate);
    else
        memset(rate, 0, vt_charge_rows(of->geometry->n_atoms) * sizeof *rate);
    const double self = self_factor(of);
    for (size_t i = 0; i < of->geometry->n_atoms; i++)
        rate[i] -= self * motion->charge_rate[i];
    if (of->geometry->screened)
        add_pair_rates(of, now, motion, rate);
}
