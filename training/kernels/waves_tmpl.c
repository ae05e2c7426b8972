/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums between atoms and wave vectors, compiled once for each instruction set, whose name is
 * VT_ISA.
 *
 *     exp(i k.r) = e12 exp(i n3 b3.r),   e12 = exp(i (n1 b1 + n2 b2).r) common to a column
 *
 * so that a vector and an atom cost one complex product; vectors run over the atoms. */
#include <string.h>

#include "training/kernels/names_tmpl.h"

/* Real parts of the phases n b_d.r of all rows; the imaginary ones follow. */
static inline const double *phase(const struct vt_waves *waves, int d, int n)
{
    return waves->phase[d] + (size_t)(n + waves->n_max[d]) * 2 * waves->n_rows;
}

/* e12 of a column. */
static inline void column_phase(const struct vt_waves *waves, const struct vt_wave_column *column,
                                double *re, double *im)
{
    const size_t n = waves->n_rows;
    const double *one = phase(waves, 0, column->n1), *two = phase(waves, 1, column->n2);
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        re[i] = one[i] * two[i] - one[n + i] * two[n + i];
        im[i] = one[i] * two[n + i] + one[n + i] * two[i];
    }
}

/* sum of (re + i im) three. Four independent sums, so that none waits for another. */
static inline void sum_phases(size_t n, const double *re, const double *im, const double *three,
                              double sum[2])
{
    double rr = 0, ii = 0, ri = 0, ir = 0;
#pragma omp simd reduction(+ : rr, ii, ri, ir)
    for (size_t i = 0; i < n; i++) {
        rr += re[i] * three[i];
        ii += im[i] * three[n + i];
        ri += re[i] * three[n + i];
        ir += im[i] * three[i];
    }
    sum[0] = rr - ii;
    sum[1] = ri + ir;
}

void VT_OF_ISA(vt_structure)(const struct vt_wave_job *job)
{
    const struct vt_waves *waves = job->waves;
    const size_t n = waves->n_rows;
    double *re = job->scratch, *im = re + n;
    for (size_t c = 0; c < waves->n_columns; c++) {
        const struct vt_wave_column *column = &waves->column[c];
        column_phase(waves, column, re, im);
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            re[i] *= job->charge[i];
            im[i] *= job->charge[i];
        }
        for (int m = 0; m < column->count; m++)
            sum_phases(n, re, im, phase(waves, 2, column->n3 + m),
                       job->structure[column->first + (size_t)m]);
    }
}

/* Rate of sum q exp(i k.r): the charges change, and the phases by k.velocity = n1 v1 + n2 v2 + n3
 * v3. The part with n3 has sums of its own. */
void VT_OF_ISA(vt_structure_rates)(const struct vt_wave_job *job)
{
    const struct vt_waves *waves = job->waves;
    const size_t n = waves->n_rows;
    double *re = job->scratch, *im = re + n, *re3 = im + n, *im3 = re3 + n;
    for (size_t c = 0; c < waves->n_columns; c++) {
        const struct vt_wave_column *column = &waves->column[c];
        const double n1 = column->n1, n2 = column->n2;
        column_phase(waves, column, re, im);
        for (size_t i = 0; i < n; i++) {
            const double *v = job->phase_rate[i], q = job->charge[i], x = re[i], y = im[i];
            const double turn = q * (n1 * v[0] + n2 * v[1]);
            re[i] = job->charge_rate[i] * x - turn * y;
            im[i] = job->charge_rate[i] * y + turn * x;
            re3[i] = -q * v[2] * y;
            im3[i] = q * v[2] * x;
        }
        for (int m = 0; m < column->count; m++) {
            const double *three = phase(waves, 2, column->n3 + m), n3 = column->n3 + m;
            double a[2], b[2];
            sum_phases(n, re, im, three, a);
            sum_phases(n, re3, im3, three, b);
            for (int part = 0; part < 2; part++)
                job->structure[column->first + (size_t)m][part] = a[part] + n3 * b[part];
        }
    }
}

/* w = weight_0 - i weight_1, so that w exp(i k.r) = (weight_0 cos + weight_1 sin) + i (weight_0 sin
 * - weight_1 cos). LANES rows at a time, whose sums over a column stay in registers. */
enum { LANES = VT_PAD };

struct column_sums {
    double x[LANES], y[LANES], x3[LANES], y3[LANES];
};

static inline void sum_column(const struct vt_wave_job *job, const struct vt_wave_column *column,
                              size_t row, bool field, struct column_sums *sums)
{
    const size_t n = job->waves->n_rows;
    *sums = (struct column_sums){{0}, {0}, {0}, {0}};
    for (int m = 0; m < column->count; m++) {
        const double *cosine = phase(job->waves, 2, column->n3 + m) + row, *sine = cosine + n;
        const double *w = job->weight[column->first + (size_t)m], w0 = w[0], w1 = w[1];
        const double n3 = column->n3 + m;
#pragma omp simd
        for (size_t a = 0; a < LANES; a++) {
            const double x = w0 * cosine[a] + w1 * sine[a];
            const double y = w0 * sine[a] - w1 * cosine[a];
            sums->x[a] += x;
            sums->y[a] += y;
            if (field) {
                sums->x3[a] += n3 * x;
                sums->y3[a] += n3 * y;
            }
        }
    }
}

static inline void gather(const struct vt_wave_job *job, bool field)
{
    const struct vt_waves *waves = job->waves;
    const size_t n = waves->n_rows;
    double *re = job->scratch, *im = re + n;
    memset(job->potential, 0, n * sizeof *job->potential);
    if (field)
        memset(job->field, 0, n * sizeof *job->field);
    for (size_t c = 0; c < waves->n_columns; c++) {
        const struct vt_wave_column *column = &waves->column[c];
        column_phase(waves, column, re, im);
        for (size_t row = 0; row < n; row += LANES) {
            struct column_sums sums;
            sum_column(job, column, row, field, &sums);
            for (size_t a = 0; a < LANES; a++) {
                const double x = re[row + a], y = im[row + a];
                job->potential[row + a] += x * sums.x[a] - y * sums.y[a];
                if (field) {
                    const double turned = x * sums.y[a] + y * sums.x[a];
                    job->field[row + a][0] += column->n1 * turned;
                    job->field[row + a][1] += column->n2 * turned;
                    job->field[row + a][2] += x * sums.y3[a] + y * sums.x3[a];
                }
            }
        }
    }
}

void VT_OF_ISA(vt_potentials)(const struct vt_wave_job *job)
{
    gather(job, false);
}

void VT_OF_ISA(vt_potentials_and_fields)(const struct vt_wave_job *job)
{
    gather(job, true);
}
