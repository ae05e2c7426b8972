/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slow_split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"

static const double pi = 3.14159265358979323846, coulomb_constant = 14.399645;

static void *take(size_t n, size_t size)
{
    void *memory = NULL;
    if (vt_alloc(&memory, n, size, "sums", NULL) != VT_OK)
        abort();
    return memory;
}

void charge_sums_create(struct charge_sums *out, size_t n, bool virials)
{
    *out = (struct charge_sums){.n = n};
    out->sums.energies = take(n, sizeof(double));
    out->sums.potentials = take(n, sizeof(double));
    out->sums.forces = take(n, sizeof(double[3]));
    if (virials)
        out->sums.virials = take(n, sizeof(double[9]));
}

void charge_sums_clear(struct charge_sums *out)
{
    struct vt_coulomb_sums *sums = &out->sums;
    memset(sums->energies, 0, out->n * sizeof(double));
    memset(sums->potentials, 0, out->n * sizeof(double));
    memset(sums->forces, 0, out->n * sizeof(double[3]));
    if (sums->virials)
        memset(sums->virials, 0, out->n * sizeof(double[9]));
    memset(sums->virial, 0, sizeof sums->virial);
    sums->energy = 0;
}

void charge_sums_destroy(struct charge_sums *out)
{
    vt_free(out->sums.energies);
    vt_free(out->sums.potentials);
    vt_free(out->sums.forces);
    vt_free(out->sums.virials);
    *out = (struct charge_sums){0};
}

double force_error(const struct charge_sums *a, const struct charge_sums *b)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        for (int d = 0; d < 3; d++) {
            const double off = a->sums.forces[i][d] - b->sums.forces[i][d];
            sum += off * off;
        }
    return sqrt(sum / (double)a->n);
}

double potential_error(const struct charge_sums *a, const struct charge_sums *b)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++) {
        const double off = a->sums.potentials[i] - b->sums.potentials[i];
        sum += off * off;
    }
    return sqrt(sum / (double)a->n);
}

/* One wave and its opposite: g = (4 pi/(V k^2)) s(k), stretch = (k s'/s - 2)/k^2. */
static void add_wave(const struct sample *sample, const double *charges, const double k[3],
                     const double g[2], struct charge_sums *out)
{
    double re = 0, im = 0;
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const double phase = vt_dot(k, sample->position[i]);
        re += charges[i] * cos(phase);
        im += charges[i] * sin(phase);
    }
    const double energy = coulomb_constant * g[0] * (re * re + im * im);
    out->sums.energy += energy;
    for (int c = 0; c < 9; c++)
        out->sums.virial[c] += energy * ((c % 4 == 0) + g[1] * k[c / 3] * k[c % 3]);
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const double phase = vt_dot(k, sample->position[i]), c = cos(phase), s = sin(phase);
        const double potential = 2 * coulomb_constant * g[0] * (re * c + im * s);
        const double slope = 2 * coulomb_constant * g[0] * (im * c - re * s);
        out->sums.potentials[i] += potential;
        out->sums.energies[i] += 0.5 * charges[i] * potential;
        for (int d = 0; d < 3; d++)
            out->sums.forces[i][d] -= charges[i] * slope * k[d];
        for (int e = 0; e < 9 && out->sums.virials; e++)
            out->sums.virials[i][e] +=
                0.5 * charges[i] * potential * ((e % 4 == 0) + g[1] * k[e / 3] * k[e % 3]);
    }
}

void slow_waves(const struct vt_split *split, const struct sample *sample, const double *charges,
                struct charge_sums *out)
{
    double inverse[3][3], edge[3];
    vt_mat3_inverse((const double(*)[3])sample->cell, inverse);
    const double volume = fabs(vt_mat3_determinant((const double(*)[3])sample->cell));
    int most[3];
    for (int d = 0; d < 3; d++) {
        edge[d] = vt_norm(sample->cell[d]);
        most[d] = (int)(split->k_max * edge[d] / (2 * pi)) + 1;
    }
    for (int a = 0; a <= most[0]; a++)
        for (int b = a ? -most[1] : 0; b <= most[1]; b++)
            for (int c = a || b ? -most[2] : 1; c <= most[2]; c++) {
                double k[3];
                for (int d = 0; d < 3; d++)
                    k[d] = 2 * pi * (a * inverse[d][0] + b * inverse[d][1] + c * inverse[d][2]);
                const double length = vt_norm(k);
                const double s = vt_split_spectrum(split, length);
                if (s < 1e-15)
                    continue;
                const double stretch = length * vt_split_spectrum_slope(split, length) / s - 2;
                const double g[2] = {4 * pi / (volume * length * length) * s,
                                     stretch / (length * length)};
                add_wave(sample, charges, k, g, out);
            }
}

/* The rest at r, and its derivative. */
static double rest(const struct vt_split *split, double model_alpha, double r, double *slope)
{
    double smooth_slope;
    const double smooth = vt_split_smooth(split, r, &smooth_slope), x = model_alpha * r;
    const double target = model_alpha > 0 ? erf(x) / r : 1 / r;
    *slope = -target / r - smooth_slope;
    if (model_alpha > 0)
        *slope += 2 * model_alpha / sqrt(pi) * exp(-x * x) / r;
    return target - smooth;
}

static void add_pair(const double *charges, const size_t ij[2], const double apart[3],
                     const double of_rest[2], struct charge_sums *out)
{
    const double r = vt_norm(apart), qi = charges[ij[0]], qj = charges[ij[1]];
    const double energy = 0.5 * coulomb_constant * qi * qj * of_rest[0];
    out->sums.energy += energy;
    out->sums.energies[ij[0]] += energy;
    out->sums.potentials[ij[0]] += coulomb_constant * qj * of_rest[0];
    for (int d = 0; d < 3; d++) {
        const double force = coulomb_constant * qi * qj * of_rest[1] * apart[d] / r;
        out->sums.forces[ij[0]][d] += force;
        for (int e = 0; e < 3; e++)
            out->sums.virial[3 * e + d] -= 0.5 * apart[e] * force;
    }
}

void slow_pairs(const struct vt_split *split, double model_alpha, double reach,
                const struct sample *sample, const double *charges, struct charge_sums *out)
{
    const double cutoff = reach > 0 ? reach : split->cutoff;
    double inverse[3][3];
    vt_mat3_inverse((const double(*)[3])sample->cell, inverse);
    int images[3];
    for (int d = 0; d < 3; d++) {
        const double across[3] = {inverse[0][d], inverse[1][d], inverse[2][d]};
        images[d] = (int)(cutoff * vt_norm(across)) + 1;
    }
    for (size_t i = 0; i < sample->n_atoms; i++)
        for (size_t j = 0; j < sample->n_atoms; j++) {
            double base[3], apart[3], place[3];
            for (int d = 0; d < 3; d++)
                base[d] = sample->position[j][d] - sample->position[i][d];
            vt_row_times_mat3(base, (const double(*)[3])inverse, place);
            for (int d = 0; d < 3; d++)
                place[d] -= floor(place[d] + 0.5);
            for (int a = -images[0]; a <= images[0]; a++)
                for (int b = -images[1]; b <= images[1]; b++)
                    for (int c = -images[2]; c <= images[2]; c++) {
                        const double at[3] = {place[0] + a, place[1] + b, place[2] + c};
                        vt_row_times_mat3(at, (const double(*)[3])sample->cell, apart);
                        const double r = vt_norm(apart);
                        if (r >= cutoff || (i == j && r < 1e-6))
                            continue;
                        double of_rest[2];
                        of_rest[0] = rest(split, model_alpha, r, &of_rest[1]);
                        add_pair(charges, (const size_t[2]){i, j}, apart, of_rest, out);
                    }
        }
    /* An atom with itself, where the target is finite at 0. */
    for (size_t i = 0; i < sample->n_atoms && model_alpha > 0; i++) {
        const double phi = 2 * model_alpha / sqrt(pi) - vt_split_self(split);
        const double potential = coulomb_constant * charges[i] * phi;
        out->sums.potentials[i] += potential;
        out->sums.energies[i] += 0.5 * charges[i] * potential;
        out->sums.energy += 0.5 * charges[i] * potential;
    }
}

void slow_self(const struct vt_split *split, const double *charges, struct charge_sums *out)
{
    for (size_t i = 0; i < out->n; i++) {
        const double potential = -coulomb_constant * vt_split_self(split) * charges[i];
        out->sums.potentials[i] += potential;
        out->sums.energies[i] += 0.5 * charges[i] * potential;
        out->sums.energy += 0.5 * charges[i] * potential;
    }
}
