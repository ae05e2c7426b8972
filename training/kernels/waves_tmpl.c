/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums between atoms and wave vectors, compiled once for each instruction set, whose name is
 * VT_ISA.
 *
 *     exp(i k.r) = e12 exp(i n3 b3.r),   e12 = exp(i (n1 b1 + n2 b2).r) common to a column
 *
 * so that a vector and an atom cost one complex product; vectors run over the atoms. */
#include <assert.h>
#include <string.h>

#include "training/kernels/names_tmpl.h"
#include "training/kernels/vec_tmpl.h"

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

/* A column holds vectors with n3 and, mostly, with -n3: those two share their products. The sizes
 * of n3 that there are: least <= size <= most. */
struct sizes {
    int least, most;
};

static inline struct sizes sizes_of(const struct vt_wave_column *column)
{
    const int low = column->n3, high = column->n3 + column->count - 1;
    if (low > 0)
        return (struct sizes){low, high};
    if (high < 0)
        return (struct sizes){-high, -low};
    return (struct sizes){0, high > -low ? high : -low};
}

/* Is there a vector with that n3, and which? */
static inline bool find(const struct vt_wave_column *column, int n3, size_t *vector)
{
    const int m = n3 - column->n3;
    *vector = column->first + (size_t)(m > 0 ? m : 0);
    return m >= 0 && m < column->count;
}

/* LANES rows at a time. */
enum { LANES = VT_PAD, VECTORS = LANES / VD_WIDTH };

/* Sums of re and im times the phases (cosines, then sines): eight chains, none of which waits for
 * another. */
struct products {
    double rr, ii, ri, ir;
};

static inline struct products multiply(size_t n, const double *re, const double *im,
                                       const double *three)
{
    vd rr[2], ii[2], ri[2], ir[2];
    for (int h = 0; h < 2; h++)
        rr[h] = ii[h] = ri[h] = ir[h] = vd_zero();
    for (size_t i = 0; i < n; i += LANES)
        for (size_t v = 0; v < VECTORS; v++) {
            const size_t at = i + v * VD_WIDTH, h = v % 2;
            const vd x = vd_load(re + at), y = vd_load(im + at);
            const vd c = vd_load(three + at), s = vd_load(three + n + at);
            rr[h] += x * c;
            ii[h] += y * s;
            ri[h] += x * s;
            ir[h] += y * c;
        }
    return (struct products){vd_sum(rr[0] + rr[1]), vd_sum(ii[0] + ii[1]), vd_sum(ri[0] + ri[1]),
                             vd_sum(ir[0] + ir[1])};
}

void VT_OF_ISA(vt_structure)(const struct vt_wave_job *job)
{
    assert(job->charge && job->structure && job->scratch && job->waves->n_rows % VT_PAD == 0);
    const struct vt_waves *waves = job->waves;
    const size_t n = waves->n_rows;
    double *re = job->scratch, *im = re + n;
    for (size_t c = 0; c < waves->n_columns; c++) {
        const struct vt_wave_column *column = &waves->column[c];
        const struct sizes sizes = sizes_of(column);
        column_phase(waves, column, re, im);
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            re[i] *= job->charge[i];
            im[i] *= job->charge[i];
        }
        for (int size = sizes.least; size <= sizes.most; size++) {
            const struct products p = multiply(n, re, im, phase(waves, 2, size));
            for (int sign = -1; sign <= 1; sign += 2) {
                size_t v;
                if (!find(column, sign * size, &v))
                    continue;
                job->structure[v][0] = p.rr - sign * p.ii;
                job->structure[v][1] = sign * p.ri + p.ir;
            }
        }
    }
}

/* Rate of sum q exp(i k.r): the charges change, and the phases by k.velocity = n1 v1 + n2 v2 + n3
 * v3. The part with n3 has sums of its own. */
void VT_OF_ISA(vt_structure_rates)(const struct vt_wave_job *job)
{
    assert(job->charge && job->charge_rate && job->phase_rate && job->structure && job->scratch);
    const struct vt_waves *waves = job->waves;
    const size_t n = waves->n_rows;
    double *re = job->scratch, *im = re + n, *re3 = im + n, *im3 = re3 + n;
    for (size_t c = 0; c < waves->n_columns; c++) {
        const struct vt_wave_column *column = &waves->column[c];
        const struct sizes sizes = sizes_of(column);
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
        for (int size = sizes.least; size <= sizes.most; size++) {
            const double *three = phase(waves, 2, size);
            const struct products p = multiply(n, re, im, three);
            const struct products p3 = multiply(n, re3, im3, three);
            for (int sign = -1; sign <= 1; sign += 2) {
                size_t v;
                if (!find(column, sign * size, &v))
                    continue;
                job->structure[v][0] = p.rr - sign * p.ii + size * (sign * p3.rr - p3.ii);
                job->structure[v][1] = sign * p.ri + p.ir + size * (p3.ri + sign * p3.ir);
            }
        }
    }
}

/* w = weight_0 - i weight_1, so that w exp(i k.r) = (weight_0 cos + weight_1 sin) + i (weight_0 sin
 * - weight_1 cos). Of the vectors with n3 and -n3: sums and differences of both weights. The sums
 * over a column stay in registers. */

struct pair_weights {
    double sum[2], difference[2]; /* of those with n3 and -n3 */
};

static inline struct pair_weights pair_weights(const struct vt_wave_job *job,
                                               const struct vt_wave_column *column, int size)
{
    struct pair_weights w = {{0}, {0}};
    for (int sign = -1; sign <= 1; sign += 2) {
        size_t v;
        if ((size == 0 && sign < 0) || !find(column, sign * size, &v))
            continue;
        for (int c = 0; c < 2; c++) {
            w.sum[c] += job->weight[v][c];
            w.difference[c] += sign * job->weight[v][c];
        }
    }
    return w;
}

struct column_sums {
    vd x[VECTORS], y[VECTORS], x3[VECTORS], y3[VECTORS];
};

VD_INLINE void clear(struct column_sums *sums)
{
    for (int v = 0; v < VECTORS; v++)
        sums->x[v] = sums->y[v] = sums->x3[v] = sums->y3[v] = vd_zero();
}

VD_INLINE void add_size(const struct pair_weights *w, int size, const double *cosine,
                        const double *sine, bool field, struct column_sums *sums)
{
    const double a = w->sum[0], b = w->difference[1], c = w->difference[0], d = w->sum[1];
    const double a3 = size * a, b3 = size * b, c3 = size * c, d3 = size * d;
    for (int v = 0; v < VECTORS; v++) {
        const vd re = vd_load(cosine + v * VD_WIDTH), im = vd_load(sine + v * VD_WIDTH);
        sums->x[v] += a * re;
        sums->y[v] += c * im;
        sums->x[v] += b * im;
        sums->y[v] -= d * re;
        if (field) {
            sums->x3[v] += c3 * re;
            sums->y3[v] += a3 * im;
            sums->x3[v] += d3 * im;
            sums->y3[v] -= b3 * re;
        }
    }
}

VD_INLINE void add_to(double *at, vd a)
{
    vd_store(at, vd_load(at) + a);
}

VD_INLINE void give(const struct vt_wave_job *job, const struct vt_wave_column *column, size_t row,
                    bool field, const struct column_sums *sums)
{
    const size_t n = job->waves->n_rows;
    const double n1 = column->n1, n2 = column->n2;
    for (size_t v = 0; v < VECTORS; v++, row += VD_WIDTH) {
        const vd re = vd_load(job->scratch + row), im = vd_load(job->scratch + n + row);
        add_to(job->potential + row, re * sums->x[v] - im * sums->y[v]);
        if (!field)
            continue;
        const vd turned = re * sums->y[v] + im * sums->x[v];
        add_to(job->field + row, n1 * turned);
        add_to(job->field + n + row, n2 * turned);
        add_to(job->field + 2 * n + row, re * sums->y3[v] + im * sums->x3[v]);
    }
}

enum { MOST = 32 }; /* sizes at a time */

VD_INLINE void gather_part(const struct vt_wave_job *job, const struct vt_wave_column *column,
                           struct sizes sizes, bool field)
{
    const size_t n = job->waves->n_rows;
    struct pair_weights w[MOST];
    for (int size = sizes.least; size <= sizes.most; size++)
        w[size - sizes.least] = pair_weights(job, column, size);
    for (size_t row = 0; row < n; row += LANES) {
        struct column_sums sums;
        clear(&sums);
        for (int size = sizes.least; size <= sizes.most; size++) {
            const double *three = phase(job->waves, 2, size) + row;
            add_size(&w[size - sizes.least], size, three, three + n, field, &sums);
        }
        give(job, column, row, field, &sums);
    }
}

VD_INLINE void gather(const struct vt_wave_job *job, bool field)
{
    assert(job->weight && job->potential && job->scratch && (job->field || !field));
    const struct vt_waves *waves = job->waves;
    const size_t n = waves->n_rows;
    memset(job->potential, 0, n * sizeof *job->potential);
    if (field)
        memset(job->field, 0, 3 * n * sizeof *job->field);
    for (size_t c = 0; c < waves->n_columns; c++) {
        const struct vt_wave_column *column = &waves->column[c];
        const struct sizes all = sizes_of(column);
        column_phase(waves, column, job->scratch, job->scratch + n);
        for (int least = all.least; least <= all.most; least += MOST) {
            const int most = least + MOST - 1;
            gather_part(job, column, (struct sizes){least, most < all.most ? most : all.most},
                        field);
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
