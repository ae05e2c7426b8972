/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops over the rows of a frame and their pairs, compiled once for each instruction set, whose
 * name is VT_ISA.
 *
 * Radial groups (pairs of a row with neighbours of a type) are vectors over the pairs; everything
 * angular is vectors over the harmonics. What is between the pairs and S of a row (A' and the fold:
 * a row of harmonics for each basis function and type of neighbour) stays in the nearest cache. */
#include <assert.h>
#include <string.h>

#include "training/kernels/names_tmpl.h"
#include "training/kernels/vec_tmpl.h"

enum { CHUNK = 64 }; /* pairs */

/* What the vector of pair p from that row changes by. */
static inline void displace(const struct vt_motion *motion, const struct vt_pair_list *list,
                            size_t row, size_t p, double d[3])
{
    const size_t j = (size_t)list->neighbour[p];
    const double *u = list->u[p];
    d[0] = d[1] = d[2] = 0;
    if (motion->velocity)
        for (int b = 0; b < 3; b++)
            d[b] = motion->velocity[j][b] - motion->velocity[row][b];
    if (motion->strain)
        for (int b = 0; b < 3; b++)
            d[b] += u[3] * (u[0] * motion->strain[b] + u[1] * motion->strain[3 + b] +
                            u[2] * motion->strain[6 + b]);
    if (motion->turn)
        for (int b = 0; b < 3; b++)
            for (int a = 0; a < 3; a++)
                d[b] +=
                    0.5 * u[3] * u[a] * (motion->turn[row][3 * a + b] - motion->turn[j][3 * a + b]);
}

static void radial_rates(const struct vt_layout *layout, const struct vt_geometry *geometry,
                         const struct vt_motion *motion, const struct vt_rates *rates)
{
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_groups = geometry->n_atoms * layout->n_types;
    for (size_t g = 0; g < n_groups; g++) {
        const size_t first = list->first[g], n = list->first[g + 1] - first;
        double *along = rates->along + first;
        for (size_t p = 0; p < n; p++) {
            const double *u = list->u[first + p];
            double d[3];
            displace(motion, list, g / layout->n_types, first + p, d);
            along[p] = u[0] * d[0] + u[1] * d[1] + u[2] * d[2];
        }
        for (size_t k = 0; k < layout->k_radial; k++) {
            const double *slope = geometry->radial_slope + first * layout->k_radial + k * n;
            double sum = 0;
#pragma omp simd reduction(+ : sum)
            for (size_t p = 0; p < n; p++)
                sum += slope[p] * along[p];
            rates->radial[g * layout->k_radial + k] = sum;
        }
    }
}

/* What the loops over rows share: sizes, the row, and its table of coefficients. */
struct row {
    const struct vt_layout *layout;
    const struct vt_geometry *geometry;
    size_t row, type;
    size_t width; /* n_types k_angular */
};

/* Groups with many pairs go through A, those with few pair by pair: see vt_is_crowded. A, A' and
 * the fold have rows for the crowded groups alone. */
static inline bool is_crowded(const struct row *r, size_t t)
{
    const size_t *first = r->geometry->angular.first + r->row * r->layout->n_types + t;
    return vt_is_crowded(first[1] - first[0]);
}

/* Of the coefficients of a type of centre. */
static inline size_t of_type(const struct row *r)
{
    return r->type * r->layout->n_angular * r->width;
}

static inline size_t of_type_turned(const struct row *r)
{
    return r->type * r->width * vt_turned_width(r->layout);
}

/* Of S and its like. */
static inline size_t of_row(const struct row *r)
{
    return r->row * r->layout->n_angular * r->layout->stride;
}

/* S = C A of the crowded groups: one piece of all n. */
VD_INLINE void expand_piece(const struct row *r, const double *table, const double *sums,
                            double *out, size_t length)
{
    const size_t stride = r->layout->stride, n_basis = r->layout->k_angular;
    for (size_t n = 0; n < r->layout->n_angular; n++) {
        const double *from = sums;
        vd sum[VD_MOST];
        for (size_t v = 0; v < length / VD_WIDTH; v++)
            sum[v] = vd_zero();
        for (size_t t = 0; t < r->layout->n_types; t++) {
            if (!is_crowded(r, t))
                continue;
            const double *c = table + n * r->width + t * n_basis;
            for (size_t k = 0; k < n_basis; k++, from += stride)
                for (size_t v = 0; v < length / VD_WIDTH; v++)
                    sum[v] += c[k] * vd_load(from + v * VD_WIDTH);
        }
        for (size_t v = 0; v < length / VD_WIDTH; v++)
            vd_store(out + n * stride + v * VD_WIDTH, sum[v]);
    }
}

static void expand_row(const struct row *r, const double *table, const double *sums, double *out)
{
#define CALL(length, at) expand_piece(r, table, sums + (at), out + (at), length)
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

/* table += factor V A', for one piece. */
VD_INLINE void contract_piece(const struct row *r, double factor, const double *adjoint,
                              const double *sums, double *table, size_t length)
{
    const size_t stride = r->layout->stride, n_basis = r->layout->k_angular;
    for (size_t n = 0; n < r->layout->n_angular; n++) {
        const double *from = sums;
        vd left[VD_MOST];
        for (size_t v = 0; v < length / VD_WIDTH; v++)
            left[v] = vd_load(adjoint + n * stride + v * VD_WIDTH);
        for (size_t t = 0; t < r->layout->n_types; t++) {
            if (!is_crowded(r, t))
                continue;
            double *c = table + n * r->width + t * n_basis;
            for (size_t k = 0; k < n_basis; k++, from += stride) {
                vd sum = vd_zero();
                for (size_t v = 0; v < length / VD_WIDTH; v++)
                    sum += left[v] * vd_load(from + v * VD_WIDTH);
                c[k] += factor * vd_sum(sum);
            }
        }
    }
}

static void contract_row(const struct row *r, double factor, const double *adjoint,
                         const double *sums, double *table)
{
#define CALL(length, at) contract_piece(r, factor, adjoint + (at), sums + (at), table, length)
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

/* fold = factor C' V, or added to, for one piece. */
VD_INLINE void fold_piece(const struct row *r, const struct vt_expansion *of, double *fold,
                          size_t at, size_t length, bool keep)
{
    const size_t stride = r->layout->stride, n_basis = r->layout->k_angular;
    const double *adjoint = of->sums + of_row(r) + at;
    double *to = fold + at;
    for (size_t t = 0; t < r->layout->n_types; t++) {
        if (!is_crowded(r, t))
            continue;
        const double *table = of->table + of_type(r) + t * n_basis;
        for (size_t k = 0; k < n_basis; k++, to += stride) {
            vd sum[VD_MOST];
            for (size_t v = 0; v < length / VD_WIDTH; v++)
                sum[v] = keep ? vd_load(to + v * VD_WIDTH) : vd_zero();
            for (size_t n = 0; n < r->layout->n_angular; n++)
                for (size_t v = 0; v < length / VD_WIDTH; v++)
                    sum[v] += of->factor * table[n * r->width + k] *
                              vd_load(adjoint + n * stride + v * VD_WIDTH);
            for (size_t v = 0; v < length / VD_WIDTH; v++)
                vd_store(to + v * VD_WIDTH, sum[v]);
        }
    }
}

static void fold_row(const struct row *r, const struct vt_expansion *of, double *fold, bool keep)
{
#define CALL(length, at) fold_piece(r, of, fold, at, length, keep)
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

/* The functions of a pair that the loops below contract with harmonics, and their slopes: basis
 * functions, or the expansions g_n of these. */
struct functions {
    size_t n;
    const double *value, *slope;
};

static inline struct functions basis_of(const struct row *r, size_t p)
{
    const size_t n = r->layout->k_angular;
    const double *basis = r->geometry->basis + p * 2 * n;
    return (struct functions){n, basis, basis + n};
}

enum { MOST_FUNCTIONS = (VT_NEP_MAX_N + 1 + VT_PAD - 1) / VT_PAD * VT_PAD };

/* Room for g_n and its slope, and for what has an entry for each n. */
struct expanded {
    vd value[MOST_FUNCTIONS / VD_WIDTH], slope[MOST_FUNCTIONS / VD_WIDTH];
};

static inline struct functions expansion_of(const struct row *r, size_t t, size_t p,
                                            const double *turned, double factor,
                                            struct expanded *room)
{
    const struct functions f = basis_of(r, p);
    const size_t width = vt_turned_width(r->layout);
    const double *c = turned + of_type_turned(r) + t * f.n * width;
    for (size_t v = 0; v < width / VD_WIDTH; v++) {
        vd value = vd_zero(), slope = vd_zero();
        for (size_t k = 0; k < f.n; k++) {
            const vd of_k = vd_load(c + k * width + v * VD_WIDTH);
            value += f.value[k] * of_k;
            slope += f.slope[k] * of_k;
        }
        room->value[v] = factor * value;
        room->slope[v] = factor * slope;
    }
    return (struct functions){r->layout->n_angular, (const double *)(const void *)room->value,
                              (const double *)(const void *)room->slope};
}

/* turned[k][n] += value_k of_value[n] + slope_k of_slope[n]. */
static inline void add_products(const struct row *r, size_t t, size_t p, const struct expanded *of,
                                double *turned)
{
    const struct functions f = basis_of(r, p);
    const size_t width = vt_turned_width(r->layout);
    double *c = turned + of_type_turned(r) + t * f.n * width;
    for (size_t k = 0; k < f.n; k++)
        for (size_t v = 0; v < width / VD_WIDTH; v++) {
            double *at = c + k * width + v * VD_WIDTH;
            vd_store(at, vd_load(at) + f.value[k] * of->value[v] + f.slope[k] * of->slope[v]);
        }
}

/* Part of a row of harmonics. */
struct piece {
    size_t at, length;
};

/* sums[n] += value_n B. */
VD_INLINE void value_piece(const struct row *r, size_t p, struct functions f, double *sums,
                           struct piece piece)
{
    const size_t stride = r->layout->stride;
    const double *harmonics = r->geometry->harmonics + p * 4 * stride + piece.at;
    vd b[VD_MOST];
    for (size_t v = 0; v < piece.length / VD_WIDTH; v++)
        b[v] = vd_load(harmonics + v * VD_WIDTH);
    for (size_t n = 0; n < f.n; n++)
        for (size_t v = 0; v < piece.length / VD_WIDTH; v++) {
            double *sum = sums + n * stride + piece.at + v * VD_WIDTH;
            vd_store(sum, vd_load(sum) + f.value[n] * b[v]);
        }
}

static void add_value(const struct row *r, size_t p, struct functions f, double *sums)
{
#define CALL(length, at) value_piece(r, p, f, sums, ((struct piece){at, length}))
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

/* out[n] += V_n . B */
VD_INLINE void dot_piece(const struct row *r, size_t p, const double *adjoint, double *out,
                         struct piece piece)
{
    const size_t stride = r->layout->stride;
    const double *harmonics = r->geometry->harmonics + p * 4 * stride + piece.at;
    for (size_t n = 0; n < r->layout->n_angular; n++) {
        vd sum = vd_zero();
        for (size_t v = 0; v < piece.length / VD_WIDTH; v++)
            sum += vd_load(adjoint + n * stride + piece.at + v * VD_WIDTH) *
                   vd_load(harmonics + v * VD_WIDTH);
        out[n] += vd_sum(sum);
    }
}

static void add_dots(const struct row *r, size_t p, const double *adjoint, struct expanded *of)
{
#define CALL(length, at)                                                                           \
    dot_piece(r, p, adjoint, (double *)(void *)of->value, ((struct piece){at, length}))
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

/* A motion's harmonics of a piece: along the bond, and the derivatives across it. */
struct moving {
    vd along[VD_MOST], across[VD_MOST];
};

VD_INLINE struct moving moving_piece(const struct row *r, size_t p, const double d[3],
                                     struct piece piece)
{
    const size_t stride = r->layout->stride;
    const double *u = r->geometry->angular.u[p];
    const double *harmonics = r->geometry->harmonics + p * 4 * stride + piece.at;
    const double rate = u[0] * d[0] + u[1] * d[1] + u[2] * d[2];
    struct moving m;
    for (size_t v = 0; v < piece.length / VD_WIDTH; v++) {
        const double *h = harmonics + v * VD_WIDTH;
        m.along[v] = rate * vd_load(h);
        m.across[v] = d[0] * vd_load(h + stride) + d[1] * vd_load(h + 2 * stride) +
                      d[2] * vd_load(h + 3 * stride);
    }
    return m;
}

/* sums[n] += slope_n along + value_n across. */
VD_INLINE void rate_piece(const struct row *r, size_t p, struct functions f, const double d[3],
                          double *sums, struct piece piece)
{
    const size_t stride = r->layout->stride;
    const struct moving m = moving_piece(r, p, d, piece);
    for (size_t n = 0; n < f.n; n++)
        for (size_t v = 0; v < piece.length / VD_WIDTH; v++) {
            double *sum = sums + n * stride + piece.at + v * VD_WIDTH;
            vd_store(sum, vd_load(sum) + f.slope[n] * m.along[v] + f.value[n] * m.across[v]);
        }
}

static void add_rate(const struct row *r, size_t p, struct functions f, const double d[3],
                     double *sums)
{
#define CALL(length, at) rate_piece(r, p, f, d, sums, ((struct piece){at, length}))
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

/* slope[n] += V_n . along, value[n] += V_n . across */
VD_INLINE void rate_dot_piece(const struct row *r, size_t p, const double d[3],
                              const double *adjoint, struct expanded *of, struct piece piece)
{
    const size_t stride = r->layout->stride;
    const struct moving m = moving_piece(r, p, d, piece);
    double *value = (double *)(void *)of->value, *slope = (double *)(void *)of->slope;
    for (size_t n = 0; n < r->layout->n_angular; n++) {
        vd along = vd_zero(), across = vd_zero();
        for (size_t v = 0; v < piece.length / VD_WIDTH; v++) {
            const vd weight = vd_load(adjoint + n * stride + piece.at + v * VD_WIDTH);
            along += weight * m.along[v];
            across += weight * m.across[v];
        }
        slope[n] += vd_sum(along);
        value[n] += vd_sum(across);
    }
}

static void add_rate_dots(const struct row *r, size_t p, const double d[3], const double *adjoint,
                          struct expanded *of)
{
#define CALL(length, at) rate_dot_piece(r, p, d, adjoint, of, ((struct piece){at, length}))
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

static inline void clear(const struct row *r, struct expanded *of)
{
    for (size_t v = 0; v < vt_turned_width(r->layout) / VD_WIDTH; v++)
        of->value[v] = of->slope[v] = vd_zero();
}

static inline void scale(const struct row *r, double factor, struct expanded *of)
{
    for (size_t v = 0; v < vt_turned_width(r->layout) / VD_WIDTH; v++) {
        of->value[v] *= factor;
        of->slope[v] *= factor;
    }
}

static struct row row_of(const struct vt_layout *layout, const struct vt_geometry *geometry,
                         size_t type, size_t row)
{
    return (struct row){layout, geometry, row, type, layout->n_types * layout->k_angular};
}

/* Pairs of a sparse group: into S' and the gradient one by one. */
static void sparse_rates(const struct row *r, size_t t, const struct vt_motion *motion,
                         const struct vt_rates *rates)
{
    const struct vt_pair_list *list = &r->geometry->angular;
    const size_t g = r->row * r->layout->n_types + t;
    for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
        struct expanded room;
        double d[3];
        displace(motion, list, r->row, p, d);
        add_rate(r, p, expansion_of(r, t, p, rates->of.turned, 1, &room), d,
                 rates->expanded + of_row(r));
        clear(r, &room);
        add_rate_dots(r, p, d, rates->of.sums + of_row(r), &room);
        scale(r, rates->of.factor, &room);
        add_products(r, t, p, &room, rates->turned);
    }
}

/* A' of the crowded groups of a row, then S' and the gradient in the coefficients. */
static void angular_rates(const struct row *r, const struct vt_motion *motion,
                          const struct vt_rates *rates)
{
    const struct vt_layout *layout = r->layout;
    const struct vt_pair_list *list = &r->geometry->angular;
    const size_t size = layout->k_angular * layout->stride;
    double *sums = rates->scratch;
    for (size_t t = 0; t < layout->n_types; t++) {
        const size_t g = r->row * layout->n_types + t;
        if (!is_crowded(r, t))
            continue;
        memset(sums, 0, size * sizeof *sums);
        for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
            double d[3];
            displace(motion, list, r->row, p, d);
            add_rate(r, p, basis_of(r, p), d, sums);
        }
        sums += size;
    }
    expand_row(r, rates->of.table + of_type(r), rates->scratch, rates->expanded + of_row(r));
    contract_row(r, rates->of.factor, rates->of.sums + of_row(r), rates->scratch,
                 rates->table + of_type(r));
    for (size_t t = 0; t < layout->n_types; t++)
        if (!is_crowded(r, t))
            sparse_rates(r, t, motion, rates);
}

static void rates_of(const struct vt_layout *layout, const struct vt_geometry *geometry,
                     const struct vt_motion *motion, const struct vt_rates *rates)
{
    assert(rates->along && rates->radial && rates->expanded && rates->scratch);
    assert(rates->of.table && rates->of.turned && rates->of.sums && rates->table && rates->turned);
    radial_rates(layout, geometry, motion, rates);
    for (size_t type = 0; type < layout->n_types; type++)
        for (size_t i = geometry->first[type]; i < geometry->first[type + 1]; i++) {
            const struct row r = row_of(layout, geometry, type, i);
            angular_rates(&r, motion, rates);
        }
}

/* Forces and virial of the pairs of one row, until they are booked. Four numbers each: vectors. */
struct booking {
    double force[4], virial[3][4];
};

/* Book the force f of pair p of that row; f[3] is of no account. */
VD_INLINE void give(const struct vt_pair_sink *sink, const struct vt_pair_list *list,
                    struct booking *booking, size_t row, size_t p, const double f[4])
{
    const size_t j = (size_t)list->neighbour[p];
    const double *u = list->u[p];
    if (sink->force)
        for (int d = 0; d < 4; d++) {
            booking->force[d] += f[d];
            sink->force[j][d] -= f[d];
        }
    if (sink->virial)
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 4; b++)
                booking->virial[a][b] -= u[3] * u[a] * f[b];
    if (sink->born)
        for (int c = 0; c < 9; c++) {
            const double half = 0.5 * u[3] * u[c / 3] * f[c % 3];
            sink->born[row][c] += half;
            sink->born[j][c] -= half;
        }
}

static inline void book(const struct vt_pair_sink *sink, const struct booking *booking, size_t row)
{
    for (int d = 0; d < 3 && sink->force; d++)
        sink->force[row][d] += booking->force[d];
    for (int c = 0; c < 9 && sink->virial; c++)
        sink->virial[c] += booking->virial[c / 3][c % 3];
}

/* sum_k weight_k f_k' of up to CHUNK pairs; slopes of the basis functions are n apart. */
static inline void series(size_t n_basis, const double *weight, const double *slope, size_t n,
                          size_t count, double *sum)
{
    for (size_t p = 0; p < count; p++)
        sum[p] = weight[0] * slope[p];
    for (size_t k = 1; k < n_basis; k++)
#pragma omp simd
        for (size_t p = 0; p < count; p++)
            sum[p] += weight[k] * slope[k * n + p];
}

static void radial_forces(const struct vt_layout *layout, const struct vt_geometry *geometry,
                          const double *fold, const struct vt_pair_sink *sink)
{
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_types = layout->n_types, n_basis = layout->k_radial;
    for (size_t row = 0; row < geometry->n_atoms; row++) {
        struct booking booking = {{0}, {{0}}};
        for (size_t g = row * n_types; g < (row + 1) * n_types; g++) {
            const size_t first = list->first[g], n = list->first[g + 1] - first;
            for (size_t begin = 0; begin < n; begin += CHUNK) {
                const size_t count = n - begin < CHUNK ? n - begin : CHUNK;
                double sum[CHUNK];
                series(n_basis, fold + g * n_basis,
                       geometry->radial_slope + first * n_basis + begin, n, count, sum);
                for (size_t p = 0; p < count; p++) {
                    double f[4];
                    for (int d = 0; d < 4; d++)
                        f[d] = sum[p] * list->u[first + begin + p][d];
                    give(sink, list, &booking, row, first + begin + p, f);
                }
            }
        }
        book(sink, &booking, row);
    }
}

/* f += sum over n of (value_n, slope_n) weight_n contracted with the harmonics of the pair. */
VD_INLINE void force_piece(const struct row *r, size_t p, struct functions of,
                           const double *weights, double f[3], struct piece piece)
{
    const size_t stride = r->layout->stride;
    const double *u = r->geometry->angular.u[p];
    const double *harmonics = r->geometry->harmonics + p * 4 * stride + piece.at;
    vd value[VD_MOST], slope[VD_MOST];
    for (size_t v = 0; v < piece.length / VD_WIDTH; v++)
        value[v] = slope[v] = vd_zero();
    for (size_t n = 0; n < of.n; n++)
        for (size_t v = 0; v < piece.length / VD_WIDTH; v++) {
            const vd weight = vd_load(weights + n * stride + piece.at + v * VD_WIDTH);
            value[v] += of.value[n] * weight;
            slope[v] += of.slope[n] * weight;
        }
    vd along = vd_zero(), x = vd_zero(), y = vd_zero(), z = vd_zero();
    for (size_t v = 0; v < piece.length / VD_WIDTH; v++) {
        const double *h = harmonics + v * VD_WIDTH;
        along += slope[v] * vd_load(h);
        x += value[v] * vd_load(h + stride);
        y += value[v] * vd_load(h + 2 * stride);
        z += value[v] * vd_load(h + 3 * stride);
    }
    const double sum = vd_sum(along);
    f[0] += sum * u[0] + vd_sum(x);
    f[1] += sum * u[1] + vd_sum(y);
    f[2] += sum * u[2] + vd_sum(z);
}

static void add_force(const struct row *r, size_t p, struct functions of, const double *weights,
                      double f[4])
{
#define CALL(length, at) force_piece(r, p, of, weights, f, ((struct piece){at, length}))
    VD_PIECES(r->layout->stride, CALL);
#undef CALL
}

static inline bool has_term(const struct vt_fold *fold, int term)
{
    return term < 2 && fold->angular[term].table;
}

static void angular_forces(const struct row *r, const struct vt_fold *fold,
                           const struct vt_pair_sink *sink)
{
    const struct vt_layout *layout = r->layout;
    const struct vt_pair_list *list = &r->geometry->angular;
    const double *of_group = fold->scratch;
    struct booking booking = {{0}, {{0}}};
    for (int term = 0; has_term(fold, term); term++)
        fold_row(r, &fold->angular[term], fold->scratch, term > 0);
    for (size_t t = 0; t < layout->n_types; t++) {
        const size_t g = r->row * layout->n_types + t;
        for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
            double f[4] = {0};
            if (is_crowded(r, t))
                add_force(r, p, basis_of(r, p), of_group, f);
            for (int term = 0; !is_crowded(r, t) && has_term(fold, term); term++) {
                const struct vt_expansion *of = &fold->angular[term];
                struct expanded room;
                add_force(r, p, expansion_of(r, t, p, of->turned, of->factor, &room),
                          of->sums + of_row(r), f);
            }
            give(sink, list, &booking, r->row, p, f);
        }
        of_group += is_crowded(r, t) ? layout->k_angular * layout->stride : 0;
    }
    book(sink, &booking, r->row);
}

static void forces(const struct vt_layout *layout, const struct vt_geometry *geometry,
                   const struct vt_fold *fold, const struct vt_pair_sink *sink)
{
    assert(fold->radial && fold->angular[0].table && fold->scratch);
    assert(sink->force || sink->virial || sink->born);
    radial_forces(layout, geometry, fold->radial, sink);
    for (size_t type = 0; type < layout->n_types; type++)
        for (size_t i = geometry->first[type]; i < geometry->first[type + 1]; i++) {
            const struct row r = row_of(layout, geometry, type, i);
            angular_forces(&r, fold, sink);
        }
}

/* A of the crowded groups of a row. */
static const double *kept_sums(const struct row *r)
{
    const size_t group = r->geometry->crowded[r->row * r->layout->n_types];
    return r->geometry->angular_sums + group * r->layout->k_angular * r->layout->stride;
}

static void expand(const struct vt_layout *layout, const struct vt_geometry *geometry,
                   const struct vt_expansion *of, double *out)
{
    assert(of->table && of->turned && out);
    const struct vt_pair_list *list = &geometry->angular;
    for (size_t type = 0; type < layout->n_types; type++)
        for (size_t i = geometry->first[type]; i < geometry->first[type + 1]; i++) {
            const struct row r = row_of(layout, geometry, type, i);
            expand_row(&r, of->table + of_type(&r), kept_sums(&r), out + of_row(&r));
            for (size_t t = 0; t < layout->n_types; t++) {
                const size_t g = i * layout->n_types + t;
                struct expanded room;
                for (size_t p = list->first[g]; p < list->first[g + 1] && !is_crowded(&r, t); p++)
                    add_value(&r, p, expansion_of(&r, t, p, of->turned, 1, &room),
                              out + of_row(&r));
            }
        }
}

static void contract(const struct vt_layout *layout, const struct vt_geometry *geometry,
                     const double *adjoint, double *table, double *turned)
{
    assert(adjoint && table && turned);
    const struct vt_pair_list *list = &geometry->angular;
    for (size_t type = 0; type < layout->n_types; type++)
        for (size_t i = geometry->first[type]; i < geometry->first[type + 1]; i++) {
            const struct row r = row_of(layout, geometry, type, i);
            contract_row(&r, 1, adjoint + of_row(&r), kept_sums(&r), table + of_type(&r));
            for (size_t t = 0; t < layout->n_types; t++) {
                const size_t g = i * layout->n_types + t;
                for (size_t p = list->first[g]; p < list->first[g + 1] && !is_crowded(&r, t); p++) {
                    struct expanded room;
                    clear(&r, &room);
                    add_dots(&r, p, adjoint + of_row(&r), &room);
                    add_products(&r, t, p, &room, turned);
                }
            }
        }
}

#define NAME_(isa) #isa
#define NAME(isa)  NAME_(isa)

extern const struct vt_training_kernel VT_OF_ISA(vt_training_kernel);
const struct vt_training_kernel VT_OF_ISA(vt_training_kernel) = {
    .name = NAME(VT_ISA),
    .rates = rates_of,
    .forces = forces,
    .expand = expand,
    .contract = contract,
    .values = VT_OF_ISA(vt_values),
    .value_rates = VT_OF_ISA(vt_value_rates),
    .gradients = VT_OF_ISA(vt_gradients),
    .add_curvatures = VT_OF_ISA(vt_add_curvatures),
    .activate = VT_OF_ISA(vt_activate),
    .structure = VT_OF_ISA(vt_structure),
    .structure_rates = VT_OF_ISA(vt_structure_rates),
    .potentials = VT_OF_ISA(vt_potentials),
    .potentials_and_fields = VT_OF_ISA(vt_potentials_and_fields),
};
