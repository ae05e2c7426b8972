/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of the kernels, compiled once for each instruction set, whose name is VT_ISA.
 *
 * Works on one slice at a time (on a part of it where vectors are shorter than slices): what the
 * parts of the work hand on to each other lies in `struct slice` and stays in the nearest caches.
 * Rows within the cutoff are kept, the rest of the list is not looked at again; "near" rows are
 * those that may lie within the angular cutoff. */
#include <assert.h>

#include "potential/kernels/angular_tmpl.h"
#include "potential/kernels/kernel.h"
#include "potential/kernels/series_tmpl.h"

enum {
    VT_CHUNK = 8,    /* near rows between two visits to the angular sums */
    VT_STRETCH = 32, /* rows between two visits to the radial sums */
    VT_PARTS = VT_LANES / VT_WIDTH
};

struct group {
    int first, end; /* rows: first is a multiple of VT_BLOCK, and rows up to the next are filled */
    int n_near;     /* rows from first on that are near */
    int near;       /* number of the first of them among the near rows of the slice */
};

/* Near rows [from, from + count) of the group of type t, whose numbers begin with `near`. */
struct near_range {
    int t, from, count, near;
};

struct slice {
    const struct vt_kernel_job *job;
    const struct vt_plan *plan;
    const struct vt_kernel_tables *tables;
    size_t index;
    int part, type;
    struct group group[VT_NEP_MAX_TYPES]; /* by type of the neighbours */

    const int32_t **entry; /* [row]: places of the neighbours */
    vf *x, *y, *z, *r;     /* [row]: unit vectors and lengths, A */
    vf *fx, *fy, *fz;      /* [near row]: angular forces */
    vf *g, *dg;            /* [near row][n]: radial functions of the angular part, and slopes */
    vf *b;                 /* [near row][h]: harmonics */
    vf *sums, *v;          /* [n][h]: S and dU/dS */
    vf *q, *p;             /* [descriptor]: q, dU/dq */
    vf *hidden, *slope;    /* [neuron]: tanh, and its slope times the output weights */
    vf *series;            /* [term]: a basis or a series */
};

static vf *take(vf **next, size_t n)
{
    vf *taken = *next;
    *next += n;
    return taken;
}

/* Shares the scratch out, as vt_kernel_scratch counts it. */
static void set_up(struct slice *s, const struct vt_kernel_job *job)
{
    const struct vt_kernel_tables *tables = job->tables;
    const struct vt_plan *plan = tables->plan;
    const size_t rows = job->rows, n = (size_t)plan->n_angular, stride = (size_t)tables->stride;
    vf *next = (vf *)(void *)job->scratch;
    s->job = job;
    s->tables = tables;
    s->plan = plan;
    s->x = take(&next, rows);
    s->y = take(&next, rows);
    s->z = take(&next, rows);
    s->r = take(&next, rows);
    s->fx = take(&next, rows);
    s->fy = take(&next, rows);
    s->fz = take(&next, rows);
    s->g = take(&next, rows * n);
    s->dg = take(&next, rows * n);
    s->b = take(&next, rows * stride);
    s->entry = (const int32_t **)(void *)take(&next, rows);
    s->sums = take(&next, n * stride);
    s->v = take(&next, n * stride);
    s->q = take(&next, (size_t)plan->dimension);
    s->p = take(&next, (size_t)plan->dimension);
    s->hidden = take(&next, (size_t)plan->neurons);
    s->slope = take(&next, (size_t)plan->neurons);
    s->series = take(&next, (size_t)tables->n_slope + 3 * VT_MAX_BASIS);
}

static int pair_of(const struct slice *s, int t)
{
    return s->type * s->plan->n_types + t;
}

static const int32_t *centres(const struct slice *s)
{
    return s->job->list->centre[s->index] + s->part * VT_WIDTH;
}

static const int32_t *places(const struct slice *s)
{
    return s->job->list->place[s->index] + s->part * VT_WIDTH;
}

/* ---- geometry ---- */

/* Rows of one neighbour type from list and positions; returns the smallest squared distance, in
 * units. A row is written where the one before stays if it is within the cutoff. */
VT_INLINE vf load_group(struct slice *s, int t, const vi centre[3], vf nearest)
{
    const struct vt_neighbours *list = s->job->list;
    const int32_t(*position)[4] = s->job->position;
    const size_t of_list = s->index * (size_t)list->n_types + (size_t)t;
    const size_t last = list->row[of_list + 1];
    const float cutoff = s->tables->cutoff[pair_of(s, t)];
    const float near = s->tables->cutoff_angular[pair_of(s, t)];
    const vf unit = vf_all(s->job->unit);
    struct group *group = &s->group[t];
    vf *x = s->x, *y = s->y, *z = s->z, *r = s->r;
    const int32_t **entry = s->entry;
    int row = group->first, near_end = row;
    for (size_t k = list->row[of_list]; k < last; k++) {
        const int32_t *at = list->entry[k] + s->part * VT_WIDTH;
        vi d[3];
        vi_load_records(position, at, d);
        const vf dx = vf_of_int(d[0] - centre[0]), dy = vf_of_int(d[1] - centre[1]);
        const vf dz = vf_of_int(d[2] - centre[2]);
        const vf squared = dx * dx + dy * dy + dz * dz, inverse = vf_inverse_sqrt(squared);
        const vf length = unit * (squared * inverse);
        nearest = vf_min(nearest, squared);
        x[row] = dx * inverse;
        y[row] = dy * inverse;
        z[row] = dz * inverse;
        r[row] = length;
        entry[row] = at;
        near_end = vf_any_below(length, near) ? row + 1 : near_end;
        row += vf_any_below(length, cutoff);
    }
    group->end = row;
    group->n_near = near_end - group->first;
    for (; row % VT_BLOCK; row++) {
        x[row] = y[row] = z[row] = (vf){0};
        r[row] = vf_all(2 * cutoff);
        entry[row] = places(s); /* any: they get no force */
    }
    return nearest;
}

static vf load_rows(struct slice *s, vf nearest)
{
    vi centre[3];
    vi_load_records(s->job->position, places(s), centre);
    int row = 0, n_near = 0;
    for (int t = 0; t < s->plan->n_types; t++) {
        s->group[t].first = row;
        s->group[t].near = n_near;
        nearest = load_group(s, t, centre, nearest);
        row = (s->group[t].end + VT_BLOCK - 1) / VT_BLOCK * VT_BLOCK;
        n_near += s->group[t].n_near;
    }
    return nearest;
}

/* ---- descriptors ---- */

/* sum[k] += sum over VT_BLOCK rows of fc T_k. */
VT_INLINE void add_basis(const vf *r, struct vt_inverse_cutoff inverse, int n, vf *sum)
{
    vf even[VT_BLOCK], odd[VT_BLOCK], x2[VT_BLOCK];
    for (int j = 0; j < VT_BLOCK; j++) {
        const vf u = vt_reduced(r[j], inverse), v = u * u, x = 2 * v - 1;
        even[j] = v * vt_polynomial(vt_cut, VT_CUT_TERMS, v);
        odd[j] = x * even[j];
        x2[j] = 2 * x;
    }
    int k = 0;
    for (; k + 1 < n; k += 2) {
        sum[k] += (even[0] + even[1]) + (even[2] + even[3]);
        for (int j = 0; j < VT_BLOCK; j++)
            even[j] = x2[j] * odd[j] - even[j];
        sum[k + 1] += (odd[0] + odd[1]) + (odd[2] + odd[3]);
        for (int j = 0; j < VT_BLOCK; j++)
            odd[j] = x2[j] * even[j] - odd[j];
    }
    if (k < n)
        sum[k] += (even[0] + even[1]) + (even[2] + even[3]);
}

/* sum[k] = sum over the rows of a group of fc T_k. Far neighbours are many, and each is small: they
 * are added up by themselves before they meet the sum, whose rounding would be 1e-7 of it for each
 * of them. */
static void sum_basis(struct slice *s, int t, vf *sum)
{
    const struct group *group = &s->group[t];
    const int n = s->plan->k_radial;
    const struct vt_inverse_cutoff inverse = s->tables->inverse_radial[pair_of(s, t)];
    vf *part = sum + n, *rest = part + n;
    vt_clear(sum, n);
    vt_clear(rest, n);
    for (int row = group->first; row < group->end;) {
        const int end = group->end - row < VT_STRETCH ? group->end : row + VT_STRETCH;
        vt_clear(part, n);
        for (; row < end; row += VT_BLOCK)
            add_basis(s->r + row, inverse, n, part);
        vt_add_compensated(part, n, sum, rest);
    }
}

/* The sums of a type of neighbours, fc T_k, as those of the basis, fc (1 + T_k)/2; sum NULL: there
 * are no such neighbours. */
static void put_radial_sums(const struct slice *s, int t, const vf *sum)
{
    const int32_t *centre = centres(s);
    const size_t k = (size_t)s->plan->k_radial, n = (size_t)s->plan->n_types * k;
    for (int l = 0; l < VT_WIDTH && centre[l] >= 0; l++) {
        double *out = s->job->radial_sums + (size_t)centre[l] * n + (size_t)t * k;
        for (size_t i = 0; i < k; i++)
            out[i] = sum ? 0.5 * ((double)sum[i][l] + (double)sum[0][l]) : 0;
    }
}

static void describe_radial(struct slice *s)
{
    const int n = s->plan->n_radial, k = s->plan->k_radial;
    vt_clear(s->q, n);
    for (int t = 0; t < s->plan->n_types; t++) {
        const struct group *group = &s->group[t];
        const int pair = pair_of(s, t);
        const bool is_empty = group->first == group->end;
        if (!is_empty)
            sum_basis(s, t, s->series);
        if (s->job->radial_sums)
            put_radial_sums(s, t, is_empty ? NULL : s->series);
        if (is_empty)
            continue;
        vt_add_product(s->series, k, s->tables->radial + pair * n * k, n, s->q);
    }
}

/* What is wanted of the near rows. ROWS: g, dg/dr and B of all of them, kept; SUMS: the angular
 * sums, for which g and B serve a chunk of rows; FORCES: from what ROWS left. */
enum near_work { SUMS, ROWS, ROWS_AND_SUMS, FORCES };

/* g and B of near rows [from, to) of a group, and dg/dr unless it is not wanted, to the near rows
 * from `near` on. */
VT_INLINE void describe_near(struct slice *s, const int l_max, const int n, const bool slopes,
                             const struct near_range range)
{
    const struct group *group = &s->group[range.t];
    const int k = s->plan->k_angular, pair = pair_of(s, range.t);
    const struct vt_inverse_cutoff inverse = s->tables->inverse_angular[pair];
    const float *coefficient = s->tables->angular + pair * n * k;
    vf *f = s->series, *df = s->series + k;
    for (int i = 0; i < range.count; i++) {
        const int row = group->first + range.from + i, near = range.near + i;
        const vf u = vt_reduced(s->r[row], inverse);
        vf *g = s->g + near * n, *dg = s->dg + near * n;
        if (slopes) {
            vt_basis_and_slopes(u, (4 * inverse.high) * u, k, f, df);
            vt_two_products((const vf *[2]){f, df}, k, coefficient, n, (vf *[2]){g, dg});
        } else {
            vt_basis(u, k, f);
            vt_clear(g, n);
            vt_add_product(f, k, coefficient, n, g);
        }
        const vf unit[3] = {s->x[row], s->y[row], s->z[row]};
        vt_harmonics_of(s->tables, l_max, unit, s->b + near * s->tables->stride);
    }
}

VT_INLINE void describe_all_near(struct slice *s, const int l_max, const int n,
                                 const enum near_work work)
{
    for (int t = 0; t < s->plan->n_types; t++)
        for (int from = 0; from < s->group[t].n_near; from += VT_CHUNK) {
            const int left = s->group[t].n_near - from;
            const struct near_range range = {.t = t,
                                             .from = from,
                                             .count = left < VT_CHUNK ? left : VT_CHUNK,
                                             .near = work == SUMS ? 0 : s->group[t].near + from};
            describe_near(s, l_max, n, work != SUMS, range);
            if (work == ROWS)
                continue;
            const struct vt_near_rows rows = {.count = range.count,
                                              .n_angular = n,
                                              .stride = s->tables->stride,
                                              .g = s->g + range.near * n,
                                              .b = s->b + range.near * s->tables->stride};
            vt_add_angular_sums(&rows, s->sums);
        }
}

/* An invariant of the sums of one n. */
static vf invariant(const struct vt_invariant *table, const vf *sums)
{
    vf value = {0};
    for (int k = 0; k < table->n_monomials; k++) {
        const struct vt_monomial *m = &table->monomial[k];
        vf product = (float)m->coefficient * sums[m->index[0]];
        for (int d = 1; d < m->degree; d++)
            product *= sums[m->index[d]];
        value += product;
    }
    return value;
}

/* v += weight times its gradient. */
static void add_invariant_gradient(const struct vt_invariant *table, const vf *sums, vf weight,
                                   vf *v)
{
    for (int k = 0; k < table->n_monomials; k++) {
        const struct vt_monomial *m = &table->monomial[k];
        for (int d = 0; d < m->degree; d++) {
            vf product = (float)m->coefficient * weight;
            for (int e = 0; e < m->degree; e++)
                if (e != d)
                    product *= sums[m->index[e]];
            v[m->index[d]] += product;
        }
    }
}

/* Angular descriptors, n fast: l = 1..l_max, then the invariants that are on. */
static void describe_angular(struct slice *s)
{
    const int n_angular = s->plan->n_angular;
    for (int n = 0; n < n_angular; n++) {
        const vf *sums = s->sums + n * s->tables->stride;
        vf *out = s->q + s->plan->n_radial + n;
        for (int l = 1; l <= s->plan->l_max; l++, out += n_angular) {
            vf q = {0};
            for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
                q += s->tables->weight[h] * sums[h] * sums[h];
            *out = q;
        }
        for (int term = 0; term < VT_NEP_TERMS; term++)
            if (s->plan->model->term[term]) {
                *out = invariant(&vt_invariant_table[term], sums);
                out += n_angular;
            }
    }
}

/* ---- network ---- */

/* Neurons from descriptors; the energies of the atoms and their charges, in double, since the terms
 * can be many times as large as their sum. */
static void run_neurons(struct slice *s, vf_double *energy, vf_double *charge)
{
    const size_t neurons = (size_t)s->plan->neurons, dimension = (size_t)s->plan->dimension;
    const size_t of_type = (size_t)s->type * neurons;
    const double *w1 = s->tables->w1_exact + of_type, *wq = s->tables->wq_exact + of_type;
    for (size_t m = 0; m < neurons; m++)
        s->hidden[m] = vf_all(-s->tables->b0[of_type + m]);
    vt_add_product(s->q, (int)dimension, s->tables->w0 + of_type * dimension, (int)neurons,
                   s->hidden);
    *energy = *charge = (vf_double){0};
    for (size_t m = 0; m < neurons; m++) {
        vf_double exact;
        s->hidden[m] = vt_tanh(s->hidden[m], &exact);
        *energy += w1[m] * exact;
        *charge += wq[m] * exact;
    }
}

static void run_network(struct slice *s)
{
    const struct vt_kernel_job *job = s->job;
    const int32_t *centre = centres(s);
    vf_double energy, charge;
    run_neurons(s, &energy, &charge);
    for (int l = 0; l < VT_WIDTH && centre[l] >= 0; l++) {
        job->energy[centre[l]] = energy[l] - s->tables->bias[s->type];
        if (job->charge)
            job->charge[centre[l]] = charge[l];
    }
}

/* p = dU/dq + potential dq0/dq: both networks have the same neurons, so that their gradients are
 * one product. */
static void network_gradient(struct slice *s, vf potential)
{
    const int neurons = s->plan->neurons, dimension = s->plan->dimension;
    const size_t of_type = (size_t)(s->type * neurons);
    const float *w1 = s->tables->w1 + of_type, *wq = s->tables->wq + of_type;
    for (int m = 0; m < neurons; m++)
        s->slope[m] = (w1[m] + potential * wq[m]) * (1 - s->hidden[m] * s->hidden[m]);
    vt_clear(s->p, dimension);
    vt_add_product(s->slope, neurons, s->tables->w0_transposed + of_type * (size_t)dimension,
                   dimension, s->p);
}

/* ---- forces ---- */

/* V = dU/dS from the weights p of the descriptors. */
static void weigh_sums(struct slice *s)
{
    const int n_angular = s->plan->n_angular;
    for (int n = 0; n < n_angular; n++) {
        const vf *sums = s->sums + n * s->tables->stride, *w = s->p + s->plan->n_radial + n;
        vf *v = s->v + n * s->tables->stride;
        for (int l = 1; l <= s->plan->l_max; l++, w += n_angular)
            for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
                v[h] = (2 * s->tables->weight[h]) * *w * sums[h];
        for (int h = s->plan->n_harmonics; h < s->tables->stride; h++)
            v[h] = (vf){0};
        for (int term = 0; term < VT_NEP_TERMS; term++)
            if (s->plan->model->term[term]) {
                add_invariant_gradient(&vt_invariant_table[term], sums, *w, v);
                w += n_angular;
            }
    }
}

/* dU/dr_ij of the near rows through the angular descriptors. */
VT_INLINE void near_forces(struct slice *s, const int l_max, const int n)
{
    const int stride = vt_stride(l_max);
    for (int t = 0; t < s->plan->n_types; t++)
        for (int i = 0; i < s->group[t].n_near; i++) {
            const int near = s->group[t].near + i, row = s->group[t].first + i;
            const vf u[3] = {s->x[row], s->y[row], s->z[row]}, inverse = vf_inverse(s->r[row]);
            const struct vt_near_row of_row = {.n_angular = n,
                                               .stride = stride,
                                               .g = s->g + near * n,
                                               .dg = s->dg + near * n,
                                               .b = s->b + near * stride};
            vf w[VT_MOST_HARMONICS], gradient[3];
            vf along = vt_weigh_harmonics(s->v, of_row, w);
            vt_harmonics_gradient(s->tables, l_max, u, w, gradient);
            along -= (u[0] * gradient[0] + u[1] * gradient[1] + u[2] * gradient[2]) * inverse;
            s->fx[near] = along * u[0] + gradient[0] * inverse;
            s->fy[near] = along * u[1] + gradient[1] * inverse;
            s->fz[near] = along * u[2] + gradient[2] * inverse;
        }
}

/* Nuclei that feel each other through their electrons' screen are rare, and their forces too large
 * for floats: they are only told of. */
static void report_close(const struct slice *s)
{
    const int32_t *centre = centres(s);
    for (int t = 0; t < s->plan->n_types; t++) {
        const float outer = s->tables->zbl_outer[pair_of(s, t)];
        for (int row = s->group[t].first; row < s->group[t].first + s->group[t].n_near; row++) {
            if (!vf_any_below(s->r[row], outer))
                continue;
            for (int l = 0; l < VT_WIDTH && centre[l] >= 0; l++)
                if (s->r[row][l] < outer)
                    s->job->close(s->job->user, centre[l], s->entry[row][l] / VT_RECORD);
        }
    }
}

/* Slopes dU/dr of VT_BLOCK rows from the series of the group: Clenshaw's sum, two terms at a time.
 */
VT_INLINE void radial_slopes(const vf *series, int n, const vf *r, struct vt_inverse_cutoff inverse,
                             vf *out)
{
    vf u[VT_BLOCK], x2[VT_BLOCK], odd[VT_BLOCK], even[VT_BLOCK];
    for (int j = 0; j < VT_BLOCK; j++) {
        u[j] = vt_reduced(r[j], inverse);
        x2[j] = 4 * u[j] * u[j] - 2;
        even[j] = series[n - 1];
        odd[j] = (vf){0};
    }
    for (int m = n - 2; m > 0; m -= 2) {
        for (int j = 0; j < VT_BLOCK; j++)
            odd[j] = x2[j] * even[j] + (series[m] - odd[j]);
        if (m == 1)
            break;
        for (int j = 0; j < VT_BLOCK; j++)
            even[j] = x2[j] * odd[j] + (series[m - 1] - even[j]);
    }
    for (int j = 0; j < VT_BLOCK; j++)
        out[j] = u[j] * (0.5f * x2[j] * odd[j] + (series[0] - even[j]));
}

/* VT_BLOCK rows of a group: radial forces, with the angular ones of near rows, go to centre and
 * neighbours. */
VT_INLINE void push_block(const struct slice *s, const struct group *group, int block,
                          const vf slope[VT_BLOCK], vf own[3])
{
    const vf *x = s->x + block, *y = s->y + block, *z = s->z + block;
    const int32_t *const *entry = s->entry + block;
    float(*force)[4] = s->job->force;
    for (int j = 0; j < VT_BLOCK; j++) {
        const int i = block + j - group->first;
        vf fx = slope[j] * x[j], fy = slope[j] * y[j], fz = slope[j] * z[j];
        if (i < group->n_near) {
            fx += s->fx[group->near + i];
            fy += s->fy[group->near + i];
            fz += s->fz[group->near + i];
        }
        own[0] -= fx;
        own[1] -= fy;
        own[2] -= fz;
        vf_subtract_from_records(force, entry[j], fx, fy, fz);
    }
}

VT_INLINE void push_group(struct slice *s, int t, vf own[3])
{
    const struct group *group = &s->group[t];
    const int n = s->plan->n_radial, terms = s->tables->n_slope, pair = pair_of(s, t);
    if (group->first == group->end)
        return;
    vt_clear(s->series, terms);
    vt_add_product(s->p, n, s->tables->radial_slope + pair * n * terms, terms, s->series);
    const struct vt_inverse_cutoff inverse = s->tables->inverse_radial[pair];
    for (int block = group->first; block < group->end; block += VT_BLOCK) {
        vf slope[VT_BLOCK];
        radial_slopes(s->series, terms, s->r + block, inverse, slope);
        push_block(s, group, block, slope, own);
    }
}

VT_INLINE void near_work_of(struct slice *s, const int l_max, const int n, enum near_work work)
{
    if (work == FORCES)
        near_forces(s, l_max, n);
    else if (work == SUMS)
        describe_all_near(s, l_max, n, SUMS);
    else
        describe_all_near(s, l_max, n, work);
}

/* The work on near rows, where l_max is a constant; for the shapes that most models have the number
 * of radial functions, too, which is worth 5 %. */
static void near_work(struct slice *s, enum near_work work)
{
    const int l_max = s->plan->l_max, n = s->plan->n_angular;
    switch (l_max == 4 ? 100 * l_max + n : l_max) {
    case 405:
        near_work_of(s, 4, 5, work);
        break;
    case 407:
        near_work_of(s, 4, 7, work);
        break;
    case 409:
        near_work_of(s, 4, 9, work);
        break;
    case 1:
        near_work_of(s, 1, n, work);
        break;
    case 2:
        near_work_of(s, 2, n, work);
        break;
    case 3:
        near_work_of(s, 3, n, work);
        break;
    case 5:
        near_work_of(s, 5, n, work);
        break;
    case 6:
        near_work_of(s, 6, n, work);
        break;
    case 7:
        near_work_of(s, 7, n, work);
        break;
    case 8:
        near_work_of(s, 8, n, work);
        break;
    default:
        near_work_of(s, 4, n, work);
        break;
    }
}

static void push_slice(struct slice *s)
{
    weigh_sums(s);
    near_work(s, FORCES);
    if (s->plan->model->zbl != VT_ZBL_NONE)
        report_close(s);
    vf own[3] = {{0}};
    for (int t = 0; t < s->plan->n_types; t++)
        push_group(s, t, own);
    vf_subtract_from_records(s->job->force, places(s), own[0], own[1], own[2]);
}

/* ---- the whole ---- */

enum work { EVALUATE, DESCRIBE, PUSH };

/* Between `describe` and `push` the neurons and the angular sums stay where they were made, in the
 * kept memory. */
static void use_kept(struct slice *s)
{
    const size_t sums = (size_t)(s->plan->n_angular * s->tables->stride);
    const size_t neurons = (size_t)s->plan->neurons;
    s->hidden =
        (vf *)(void *)s->job->kept + (s->index * VT_PARTS + (size_t)s->part) * (neurons + sums);
    s->sums = s->hidden + neurons;
}

static void describe_slice(struct slice *s, enum work work)
{
    describe_radial(s);
    vt_clear(s->sums, s->plan->n_angular * s->tables->stride);
    near_work(s, work == EVALUATE ? ROWS_AND_SUMS : SUMS);
    describe_angular(s);
    run_network(s);
}

/* dE/dq less its mean. */
static vf potentials(const struct slice *s)
{
    const int32_t *centre = centres(s);
    vf potential = {0};
    for (int l = 0; l < VT_WIDTH && centre[l] >= 0; l++)
        potential[l] = (float)(s->job->potential[centre[l]] - s->job->mean_potential);
    return potential;
}

VT_INLINE void work_through(struct vt_kernel_job *job, const enum work work)
{
    struct slice s;
    set_up(&s, job);
    vf nearest = vf_all(1e30f); /* squared, in units */
    for (s.index = 0; s.index < job->list->n_slices; s.index++) {
        s.type = job->list->slice_type[s.index];
        for (s.part = 0; s.part < VT_PARTS && centres(&s)[0] >= 0; s.part++) {
            nearest = load_rows(&s, nearest);
            if (work != EVALUATE)
                use_kept(&s);
            if (work == PUSH)
                near_work(&s, ROWS);
            else
                describe_slice(&s, work);
            if (work == DESCRIBE)
                continue;
            network_gradient(&s, work == PUSH ? potentials(&s) : (vf){0});
            push_slice(&s);
        }
    }
    float least = nearest[0];
    for (int l = 1; l < VT_WIDTH; l++)
        least = nearest[l] < least ? nearest[l] : least;
    job->nearest = job->unit * sqrtf(least);
}

static void evaluate(struct vt_kernel_job *job)
{
    work_through(job, EVALUATE);
}

static void describe(struct vt_kernel_job *job)
{
    work_through(job, DESCRIBE);
}

static void push(struct vt_kernel_job *job)
{
    work_through(job, PUSH);
}

/* vt_kernel_avx512 and so on. */
extern const struct vt_kernel VT_JOIN_OF(vt_kernel, VT_ISA);
const struct vt_kernel VT_JOIN_OF(vt_kernel, VT_ISA) = {.name = VT_TEXT_OF(VT_ISA),
                                                        .width = VT_WIDTH,
                                                        .evaluate = evaluate,
                                                        .describe = describe,
                                                        .push = push};
