/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the sums over neighbours and the network: invariants of the angular sums with their first
 * and second derivatives, and the neurons' function. Compiled once for each instruction set, whose
 * name is VT_ISA. Vectors run over LANES rows at a time. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "training/kernels/names_tmpl.h"

enum { LANES = VT_PAD };

typedef double lanes[LANES];

/* S of one n and LANES rows; lanes without a row hold zeros. */
static void load(const struct vt_layout *layout, const double *sums, size_t count, lanes *s)
{
    for (size_t h = 0; h < layout->n_harmonics; h++)
        for (size_t a = 0; a < LANES; a++)
            s[h][a] = a < count ? sums[a * layout->stride + h] : 0;
}

static void store(const struct vt_layout *layout, lanes *v, size_t count, double *out)
{
    for (size_t a = 0; a < count; a++)
        for (size_t h = 0; h < layout->n_harmonics; h++)
            out[a * layout->stride + h] = v[h][a];
}

/* sum of w s t over the harmonics of l. */
static inline void add_square(const double *weight, int l, lanes *s, lanes *t, double *sum)
{
    for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
#pragma omp simd
        for (size_t a = 0; a < LANES; a++)
            sum[a] += weight[h] * s[h][a] * t[h][a];
}

/* factor times the product of the S of a monomial but those at `skip` and `also`. */
static inline void product(const struct vt_monomial *m, int skip, int also, lanes *s, double *out)
{
    for (size_t a = 0; a < LANES; a++)
        out[a] = m->coefficient;
    for (int d = 0; d < m->degree; d++)
        if (d != skip && d != also)
#pragma omp simd
            for (size_t a = 0; a < LANES; a++)
                out[a] *= s[m->index[d]][a];
}

static void invariant_values(const struct vt_layout *layout, lanes *s, lanes *q)
{
    memset(q, 0, layout->n_blocks * sizeof *q);
    for (int l = 1; l <= layout->l_max; l++)
        add_square(layout->weight, l, s, s, *q++);
    for (int term = 0; term < VT_NEP_TERMS; term++) {
        if (!layout->term[term])
            continue;
        const struct vt_invariant *table = &vt_invariant_table[term];
        for (int k = 0; k < table->n_monomials; k++) {
            lanes x;
            product(&table->monomial[k], -1, -1, s, x);
            for (size_t a = 0; a < LANES; a++)
                (*q)[a] += x[a];
        }
        q++;
    }
}

static void invariant_rates(const struct vt_layout *layout, lanes *s, lanes *rate, lanes *q)
{
    memset(q, 0, layout->n_blocks * sizeof *q);
    for (int l = 1; l <= layout->l_max; l++, q++) {
        add_square(layout->weight, l, s, rate, *q);
        for (size_t a = 0; a < LANES; a++)
            (*q)[a] *= 2;
    }
    for (int term = 0; term < VT_NEP_TERMS; term++) {
        if (!layout->term[term])
            continue;
        const struct vt_invariant *table = &vt_invariant_table[term];
        for (int k = 0; k < table->n_monomials; k++)
            for (int d = 0; d < table->monomial[k].degree; d++) {
                lanes x;
                product(&table->monomial[k], d, -1, s, x);
#pragma omp simd
                for (size_t a = 0; a < LANES; a++)
                    (*q)[a] += x[a] * rate[table->monomial[k].index[d]][a];
            }
        q++;
    }
}

/* v += sum of w grad q. */
static void add_invariant_gradient(const struct vt_layout *layout, lanes *s, lanes *w, lanes *v)
{
    for (int l = 1; l <= layout->l_max; l++, w++)
        for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
#pragma omp simd
            for (size_t a = 0; a < LANES; a++)
                v[h][a] += 2 * layout->weight[h] * (*w)[a] * s[h][a];
    for (int term = 0; term < VT_NEP_TERMS; term++) {
        if (!layout->term[term])
            continue;
        const struct vt_invariant *table = &vt_invariant_table[term];
        for (int k = 0; k < table->n_monomials; k++)
            for (int d = 0; d < table->monomial[k].degree; d++) {
                lanes x;
                double *out = v[table->monomial[k].index[d]];
                product(&table->monomial[k], d, -1, s, x);
#pragma omp simd
                for (size_t a = 0; a < LANES; a++)
                    out[a] += (*w)[a] * x[a];
            }
        w++;
    }
}

/* The Hessian of one monomial times the rates. */
static void add_monomial_curvature(const struct vt_monomial *m, lanes *s, lanes *rate,
                                   const double *w, lanes *v)
{
    for (int d = 0; d < m->degree; d++)
        for (int e = 0; e < m->degree; e++) {
            if (e == d)
                continue;
            lanes x;
            double *out = v[m->index[d]];
            const double *along = rate[m->index[e]];
            product(m, d, e, s, x);
#pragma omp simd
            for (size_t a = 0; a < LANES; a++)
                out[a] += w[a] * x[a] * along[a];
        }
}

/* v += sum of w Hessian(q) rate. */
static void add_invariant_curvature(const struct vt_layout *layout, lanes *s, lanes *rate, lanes *w,
                                    lanes *v)
{
    for (int l = 1; l <= layout->l_max; l++, w++)
        for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
#pragma omp simd
            for (size_t a = 0; a < LANES; a++)
                v[h][a] += 2 * layout->weight[h] * (*w)[a] * rate[h][a];
    for (int term = 0; term < VT_NEP_TERMS; term++) {
        if (!layout->term[term])
            continue;
        const struct vt_invariant *table = &vt_invariant_table[term];
        for (int k = 0; k < table->n_monomials; k++)
            add_monomial_curvature(&table->monomial[k], s, rate, *w, v);
        w++;
    }
}

/* What the four passes over (n, LANES rows) share. */
struct block {
    size_t n, row, count, offset; /* offset: of [n][row] in arrays of sums */
    lanes s[VT_MAX_HARMONICS], rate[VT_MAX_HARMONICS], v[VT_MAX_HARMONICS];
    lanes w[VT_NEP_MAX_L + VT_NEP_TERMS];
};

static void enter(const struct vt_invariant_job *job, struct block *b, size_t n, size_t row)
{
    b->n = n;
    b->row = row;
    b->count = job->n_rows - row < LANES ? job->n_rows - row : LANES;
    b->offset = (n * job->n_rows + row) * job->layout->stride;
    load(job->layout, job->sums + b->offset, b->count, b->s);
    if (job->rate)
        load(job->layout, job->rate + b->offset, b->count, b->rate);
    if (job->weight)
        for (size_t q = 0; q < job->layout->n_blocks; q++)
            for (size_t a = 0; a < LANES; a++)
                b->w[q][a] = a < b->count ? job->weight[(row + a) * job->layout->dimension +
                                                        q * job->layout->n_angular + n]
                                          : 0;
}

static void put_values(const struct vt_invariant_job *job, struct block *b)
{
    for (size_t q = 0; q < job->layout->n_blocks; q++)
        for (size_t a = 0; a < b->count; a++)
            job->value[(b->row + a) * job->layout->dimension + q * job->layout->n_angular + b->n] =
                b->w[q][a];
}

#define FOR_EACH_BLOCK(job, b)                                                                     \
    for (size_t n = 0; n < (job)->layout->n_angular; n++)                                          \
        for (size_t row = 0; row < (job)->n_rows && (enter(job, b, n, row), true); row += LANES)

void VT_OF_ISA(vt_values)(const struct vt_invariant_job *job)
{
    struct block b;
    assert(job->value && !job->weight && !job->rate);
    FOR_EACH_BLOCK(job, &b)
    {
        invariant_values(job->layout, b.s, b.w);
        put_values(job, &b);
    }
}

void VT_OF_ISA(vt_value_rates)(const struct vt_invariant_job *job)
{
    struct block b;
    assert(job->value && !job->weight && job->rate);
    FOR_EACH_BLOCK(job, &b)
    {
        invariant_rates(job->layout, b.s, b.rate, b.w);
        put_values(job, &b);
    }
}

void VT_OF_ISA(vt_gradients)(const struct vt_invariant_job *job)
{
    struct block b;
    assert(job->out && job->weight && !job->rate);
    FOR_EACH_BLOCK(job, &b)
    {
        if (job->keep)
            load(job->layout, job->out + b.offset, b.count, b.v);
        else
            memset(b.v, 0, job->layout->n_harmonics * sizeof *b.v);
        add_invariant_gradient(job->layout, b.s, b.w, b.v);
        store(job->layout, b.v, b.count, job->out + b.offset);
    }
}

void VT_OF_ISA(vt_add_curvatures)(const struct vt_invariant_job *job)
{
    struct block b;
    assert(job->out && job->weight && job->rate);
    FOR_EACH_BLOCK(job, &b)
    {
        load(job->layout, job->out + b.offset, b.count, b.v);
        add_invariant_curvature(job->layout, b.s, b.rate, b.w, b.v);
        store(job->layout, b.v, b.count, job->out + b.offset);
    }
}

/* exp(x) for x from -40 to 0: 2^n exp(f), |f| <= log(2)/2, by a polynomial good to 1e-16. 2^n is
 * made of bits, n comes from adding a number so large that its last bit is worth 1. */
static inline double exponential(double x)
{
    static const double shift = 0x1.8p52, log2_high = 0x1.62e42feep-1,
                        log2_low = 0x1.a39ef35793c76p-33;
    const double rounded = x * 0x1.71547652b82fep0 + shift, n = rounded - shift;
    const double f = (x - n * log2_high) - n * log2_low;
    double p = 1.0 / 6227020800;
    p = p * f + 1.0 / 479001600;
    p = p * f + 1.0 / 39916800;
    p = p * f + 1.0 / 3628800;
    p = p * f + 1.0 / 362880;
    p = p * f + 1.0 / 40320;
    p = p * f + 1.0 / 5040;
    p = p * f + 1.0 / 720;
    p = p * f + 1.0 / 120;
    p = p * f + 1.0 / 24;
    p = p * f + 1.0 / 6;
    p = p * f + 0.5;
    p = p * f + 1;
    p = p * f + 1;
    uint64_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    bits = (bits << 52) + UINT64_C(0x3ff0000000000000);
    double power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/* tanh |x| = (1 - e)/(1 + e), e = exp(-2 |x|): absolutely good to 1e-16 or two; 1 beyond 20. */
void VT_OF_ISA(vt_activate)(size_t n, const double *x, double *h, double *slope)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const double size = fabs(x[i]) < 20 ? fabs(x[i]) : 20;
        const double e = exponential(-2 * size);
        const double value = (1 - e) / (1 + e);
        h[i] = copysign(value, x[i]);
        slope[i] = 1 - value * value;
    }
}
