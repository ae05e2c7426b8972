/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/waves.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "base/units.h"
#include "coulomb/ewald.h"
#include "training/layout.h"

static const double most_vectors = 2e6; /* of a frame */

static void wave_vector(const struct vt_waves *waves, const int n[3], double k[3])
{
    const double real[3] = {n[0], n[1], n[2]};
    vt_row_times_mat3(real, waves->reciprocal, k);
}

/* The vectors of (n1, n2): the next column if there are any. Without tables it is only counted. */
static void add_column(struct vt_waves *waves, int n1, int n2, double k_max)
{
    struct vt_wave_column column = {n1, n2, 0, 0, waves->n_vectors};
    for (int n3 = n1 || n2 ? -waves->n_max[2] : 1; n3 <= waves->n_max[2]; n3++) {
        const int n[3] = {n1, n2, n3};
        double k[3];
        wave_vector(waves, n, k);
        if (!(vt_dot(k, k) < k_max * k_max))
            continue;
        if (column.count++ == 0)
            column.n3 = n3;
        assert(n3 == column.n3 + column.count - 1); /* a line cuts a ball in one piece */
        if (waves->k)
            for (int d = 0; d < 3; d++)
                waves->k[waves->n_vectors][d] = k[d];
        waves->n_vectors++;
    }
    if (column.count && waves->column)
        waves->column[waves->n_columns] = column;
    waves->n_columns += column.count ? 1 : 0;
}

static void go_through(struct vt_waves *waves, double k_max)
{
    waves->n_columns = waves->n_vectors = 0;
    for (int n1 = 0; n1 <= waves->n_max[0]; n1++)
        for (int n2 = n1 ? -waves->n_max[1] : 0; n2 <= waves->n_max[1]; n2++)
            add_column(waves, n1, n2, k_max);
}

static void set_phases(struct vt_waves *waves, size_t n, const double (*position)[3])
{
    for (int d = 0; d < 3; d++) {
        const size_t row = 2 * waves->n_rows;
        double *middle = waves->phase[d] + (size_t)waves->n_max[d] * row;
        for (size_t i = 0; i < n; i++) {
            const double angle = vt_dot(waves->reciprocal[d], position[i]);
            for (int m = 0; m <= waves->n_max[d]; m++) {
                double *up = middle + (size_t)m * row + i, *down = middle - (size_t)m * row + i;
                up[0] = down[0] = cos(m * angle);
                up[waves->n_rows] = sin(m * angle);
                down[waves->n_rows] = -sin(m * angle);
            }
            middle[waves->n_rows + i] = 0;
        }
    }
}

static enum vt_code allocate(struct vt_waves *waves, struct vt_error *error)
{
    enum vt_code code = vt_alloc(&waves->column, waves->n_columns, sizeof *waves->column,
                                 "wave vectors of a frame", error);
    if (!code)
        code = vt_alloc(&waves->k, waves->n_vectors, sizeof *waves->k, "wave vectors of a frame",
                        error);
    if (!code)
        code = vt_alloc(&waves->g, waves->n_vectors, sizeof *waves->g, "wave vectors of a frame",
                        error);
    waves->bytes = waves->n_columns * sizeof *waves->column + waves->n_vectors * 4 * sizeof(double);
    for (int d = 0; d < 3 && !code; d++) {
        const size_t n = (2 * (size_t)waves->n_max[d] + 1) * 2 * waves->n_rows;
        code = vt_alloc(&waves->phase[d], n, sizeof(double), "phases of a frame", error);
        waves->bytes += n * sizeof(double);
    }
    return code;
}

enum vt_code vt_waves_create(struct vt_waves *waves, const struct vt_cell *cell, double cutoff,
                             size_t n, const double (*position)[3], struct vt_error *error)
{
    assert(n > 0 && cutoff > 0 && cell->volume > 0);
    const struct vt_ewald_settings set = vt_ewald_gpumd(cutoff);
    *waves = (struct vt_waves){.n_rows = (n + VT_PAD - 1) / VT_PAD * VT_PAD, .alpha = set.alpha};
    const double expected = cell->volume * pow(set.k_max / set.two_pi, 3) * (2 * VT_PI / 3);
    if (expected > most_vectors)
        return vt_fail(error, VT_INPUT, "the Ewald sum of this cell needs %.2g wave vectors",
                       expected);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            waves->reciprocal[i][j] = set.two_pi * cell->inverse[j][i];
        waves->n_max[i] = (int)(set.k_max * vt_norm(cell->vector[i]) / set.two_pi + 1e-9);
    }
    go_through(waves, set.k_max);
    const enum vt_code code = allocate(waves, error);
    if (code) {
        vt_waves_destroy(waves);
        return code;
    }
    const size_t counted = waves->n_vectors;
    go_through(waves, set.k_max);
    assert(waves->n_vectors == counted);
    for (size_t v = 0; v < waves->n_vectors; v++) {
        const double k2 = vt_dot(waves->k[v], waves->k[v]);
        waves->g[v] = 2 * set.two_pi / cell->volume * exp(-k2 / (4 * set.alpha * set.alpha)) / k2;
    }
    set_phases(waves, n, position);
    return VT_OK;
}

void vt_waves_destroy(struct vt_waves *waves)
{
    vt_free(waves->column);
    vt_free(waves->k);
    vt_free(waves->g);
    for (int d = 0; d < 3; d++)
        vt_free(waves->phase[d]);
    *waves = (struct vt_waves){0};
}

void vt_waves_strain(const struct vt_waves *waves, const double strain[9], double *rate)
{
    const double trace = strain[0] + strain[4] + strain[8];
    for (size_t v = 0; v < waves->n_vectors; v++) {
        const double *k = waves->k[v];
        double sum = 0;
        for (int c = 0; c < 9; c++)
            sum += strain[c] * k[c / 3] * k[c % 3];
        rate[v] = (0.5 / (waves->alpha * waves->alpha) + 2 / vt_dot(k, k)) * sum - trace;
    }
}
