/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the sums over neighbours and the network: invariants of the angular sums with their first
 * and second derivatives, and the neurons' function. Compiled once for each instruction set, whose
 * name is VT_ISA.
 *
 * Three-body terms are weighted squares within a row of harmonics and are done row by row. Those of
 * higher order are long lists of products of a few harmonics: LANES rows are turned, so that a list
 * is worked through once for all of them. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "training/kernels/names_tmpl.h"
#include "training/kernels/vec_tmpl.h"

enum { LANES = VT_PAD };

enum { VECTORS = LANES / VD_WIDTH };

/* A number of each of LANES rows. */
struct lanes {
    vd v[VECTORS];
};

VD_INLINE double *lane(struct lanes *a, size_t i)
{
    return (double *)(void *)a->v + i;
}

/* Where row i (of all atoms and n) has its descriptor of a block. */
static inline size_t place(const struct vt_layout *layout, size_t i, size_t block)
{
    return i / layout->n_angular * layout->dimension + block * layout->n_angular +
           i % layout->n_angular;
}

/* q_l = factor times the sum of w s t over the harmonics of l; w is zero elsewhere. */
VD_INLINE void squares(const struct vt_layout *layout, size_t stride, double factor,
                       const double *s, const double *t, double *q)
{
    for (size_t l = 0; l < (size_t)layout->l_max; l++) {
        vd sum = vd_zero();
        for (size_t h = 0; h < stride; h += VD_WIDTH)
            sum += vd_load(layout->weights[l] + h) * vd_load(s + h) * vd_load(t + h);
        q[l * layout->n_angular] = factor * vd_sum(sum);
    }
}

/* out = 2 w (weight of the l) t, or added to. */
VD_INLINE void put_squares(const struct vt_layout *layout, size_t stride, const double *weight,
                           const double *t, double *out, bool keep)
{
    for (size_t h = 0; h < stride; h += VD_WIDTH) {
        vd factor = vd_zero();
        for (size_t l = 0; l < (size_t)layout->l_max; l++)
            factor += weight[l * layout->n_angular] * vd_load(layout->weights[l] + h);
        const vd value = 2 * factor * vd_load(t + h);
        vd_store(out + h, keep ? vd_load(out + h) + value : value);
    }
}

/* The product of coefficient and S of a monomial, but those at `skip` and `also`. */
VD_INLINE struct lanes product(const struct vt_monomial *m, int skip, int also,
                               const struct lanes *s)
{
    struct lanes x;
    for (int v = 0; v < VECTORS; v++)
        x.v[v] = vd_zero() + m->coefficient;
    for (int d = 0; d < m->degree; d++)
        if (d != skip && d != also)
            for (int v = 0; v < VECTORS; v++)
                x.v[v] *= s[m->index[d]].v[v];
    return x;
}

/* Rows of one invariant at a time: those of its harmonics that it needs. */
struct block {
    size_t first, count;
    int low, high; /* harmonics low <= h < high */
    struct lanes s[VT_MAX_HARMONICS], rate[VT_MAX_HARMONICS], v[VT_MAX_HARMONICS];
    struct lanes w;
};

static void turn(const struct vt_layout *layout, const struct block *b, const double *rows,
                 struct lanes *out)
{
    const double *from = rows + b->first * layout->stride;
    for (int h = b->low; h < b->high; h++)
        for (size_t a = 0; a < LANES; a++)
            *lane(&out[h], a) = a < b->count ? from[a * layout->stride + (size_t)h] : 0;
}

static void turn_back(const struct vt_layout *layout, struct block *b, double *rows)
{
    double *to = rows + b->first * layout->stride;
    for (size_t a = 0; a < b->count; a++)
        for (int h = b->low; h < b->high; h++)
            to[a * layout->stride + (size_t)h] = *lane(&b->v[h], a);
}

static void add_values(const struct vt_invariant *table, struct block *b)
{
    for (int k = 0; k < table->n_monomials; k++) {
        const struct lanes x = product(&table->monomial[k], -1, -1, b->s);
        for (int v = 0; v < VECTORS; v++)
            b->w.v[v] += x.v[v];
    }
}

static void add_rates(const struct vt_invariant *table, struct block *b)
{
    for (int k = 0; k < table->n_monomials; k++)
        for (int d = 0; d < table->monomial[k].degree; d++) {
            const struct lanes x = product(&table->monomial[k], d, -1, b->s);
            for (int v = 0; v < VECTORS; v++)
                b->w.v[v] += x.v[v] * b->rate[table->monomial[k].index[d]].v[v];
        }
}

static void add_gradient(const struct vt_invariant *table, struct block *b)
{
    for (int k = 0; k < table->n_monomials; k++)
        for (int d = 0; d < table->monomial[k].degree; d++) {
            const struct lanes x = product(&table->monomial[k], d, -1, b->s);
            struct lanes *out = &b->v[table->monomial[k].index[d]];
            for (int v = 0; v < VECTORS; v++)
                out->v[v] += b->w.v[v] * x.v[v];
        }
}

/* Of the pairs (d, e) and (e, d) the product is the same. */
static void add_curvature(const struct vt_invariant *table, struct block *b)
{
    for (int k = 0; k < table->n_monomials; k++)
        for (int d = 0; d < table->monomial[k].degree; d++)
            for (int e = 0; e < d; e++) {
                const struct vt_monomial *m = &table->monomial[k];
                const struct lanes x = product(m, d, e, b->s);
                for (int v = 0; v < VECTORS; v++) {
                    const vd weighed = b->w.v[v] * x.v[v];
                    b->v[m->index[d]].v[v] += weighed * b->rate[m->index[e]].v[v];
                    b->v[m->index[e]].v[v] += weighed * b->rate[m->index[d]].v[v];
                }
            }
}

/* Smallest and largest harmonic of an invariant. */
static void set_range(const struct vt_invariant *table, struct block *b)
{
    b->low = VT_MAX_HARMONICS;
    b->high = 0;
    for (int k = 0; k < table->n_monomials; k++)
        for (int d = 0; d < table->monomial[k].degree; d++) {
            const int h = table->monomial[k].index[d];
            b->low = h < b->low ? h : b->low;
            b->high = h + 1 > b->high ? h + 1 : b->high;
        }
}

/* The job on all rows of one invariant, whose descriptors are in that block. */
static void do_term(const struct vt_invariant_job *job, const struct vt_invariant *table,
                    size_t of_block, void (*add)(const struct vt_invariant *, struct block *))
{
    const struct vt_layout *layout = job->layout;
    const size_t n = job->n_rows * layout->n_angular;
    struct block b;
    set_range(table, &b);
    for (b.first = 0; b.first < n; b.first += LANES) {
        b.count = n - b.first < LANES ? n - b.first : LANES;
        turn(layout, &b, job->sums, b.s);
        if (job->rate)
            turn(layout, &b, job->rate, b.rate);
        if (job->out)
            turn(layout, &b, job->out, b.v);
        for (size_t a = 0; a < LANES; a++)
            *lane(&b.w, a) =
                job->weight && a < b.count ? job->weight[place(layout, b.first + a, of_block)] : 0;
        add(table, &b);
        if (job->out)
            turn_back(layout, &b, job->out);
        for (size_t a = 0; a < b.count && job->value; a++)
            job->value[place(layout, b.first + a, of_block)] = *lane(&b.w, a);
    }
}

static void do_terms(const struct vt_invariant_job *job,
                     void (*add)(const struct vt_invariant *, struct block *))
{
    size_t block = (size_t)job->layout->l_max;
    for (int term = 0; term < VT_NEP_TERMS; term++)
        if (job->layout->term[term])
            do_term(job, &vt_invariant_table[term], block++, add);
}

/* Three-body values of all rows: of s and t, which are S and S or its rate. */
static void do_squares(const struct vt_invariant_job *job, const double *t, double factor)
{
    const struct vt_layout *layout = job->layout;
    for (size_t i = 0; i < job->n_rows * layout->n_angular; i++) {
        const double *one = job->sums + i * layout->stride, *other = t + i * layout->stride;
        double *q = job->value + place(layout, i, 0);
        if (layout->stride == 24)
            squares(layout, 24, factor, one, other, q);
        else
            squares(layout, layout->stride, factor, one, other, q);
    }
}

VD_INLINE void put_all_squares(const struct vt_invariant_job *job, size_t stride, const double *t,
                               bool keep)
{
    const struct vt_layout *layout = job->layout;
    for (size_t i = 0; i < job->n_rows * layout->n_angular; i++)
        put_squares(layout, stride, job->weight + place(layout, i, 0), t + i * stride,
                    job->out + i * stride, keep);
}

static void do_put_squares(const struct vt_invariant_job *job, const double *t, bool keep)
{
    if (job->layout->stride == 24 && keep)
        put_all_squares(job, 24, t, true);
    else if (job->layout->stride == 24)
        put_all_squares(job, 24, t, false);
    else
        put_all_squares(job, job->layout->stride, t, keep);
}

void VT_OF_ISA(vt_values)(const struct vt_invariant_job *job)
{
    assert(job->value && !job->weight && !job->rate && !job->out);
    do_squares(job, job->sums, 1);
    do_terms(job, add_values);
}

void VT_OF_ISA(vt_value_rates)(const struct vt_invariant_job *job)
{
    assert(job->value && !job->weight && job->rate && !job->out);
    do_squares(job, job->rate, 2);
    do_terms(job, add_rates);
}

void VT_OF_ISA(vt_gradients)(const struct vt_invariant_job *job)
{
    assert(job->out && job->weight && !job->value);
    do_put_squares(job, job->sums, job->keep);
    do_terms(job, add_gradient);
}

void VT_OF_ISA(vt_add_curvatures)(const struct vt_invariant_job *job)
{
    assert(job->out && job->weight && job->rate && !job->value);
    do_put_squares(job, job->rate, true);
    do_terms(job, add_curvature);
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
        const double size = fabs(x[i]) > 20 ? 20 : fabs(x[i]); /* keeps NaN */
        const double e = exponential(-2 * size);
        const double value = (1 - e) / (1 + e);
        h[i] = copysign(value, x[i]);
        slope[i] = 1 - value * value;
    }
}
