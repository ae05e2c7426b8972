/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The basis is f_k = fc (T_k + T_0)/2, the kernels sum fc T_k: the half and the T_0 go into the
 * coefficients. The slope of a radial descriptor in r is u times a series in T_m(x), since fc is an
 * entire function of x, too: it is cut where what is left is below a float's rounding. */
#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "base/units.h"
#include "potential/kernels/kernel.h"

enum { NODES = 64, LEAST_TERMS = 3 };  /* of the projection on T_m */
static const double negligible = 1e-8; /* of a series, relative to its largest coefficient */

static enum vt_code allocate(struct vt_kernel_tables *tables, struct vt_error *error)
{
    const struct vt_plan *plan = tables->plan;
    const size_t types = (size_t)plan->n_types, pairs = types * types;
    const size_t neurons = types * (size_t)plan->neurons;
    const size_t network = neurons * (size_t)plan->dimension;
    const size_t radial = pairs * (size_t)(plan->n_radial * plan->k_radial);
    const size_t slope = pairs * (size_t)plan->n_radial * NODES;
    const size_t angular = pairs * (size_t)(plan->n_angular * plan->k_angular);
    struct {
        float **array;
        size_t n;
    } wanted[] = {{&tables->cutoff, pairs},       {&tables->cutoff_angular, pairs},
                  {&tables->zbl_outer, pairs},    {&tables->radial, radial},
                  {&tables->radial_slope, slope}, {&tables->angular, angular},
                  {&tables->w0, network},         {&tables->w0_transposed, network},
                  {&tables->b0, neurons},         {&tables->w1, neurons},
                  {&tables->wq, neurons}};
    enum vt_code code = vt_alloc(&tables->bias, types, sizeof(double), "network", error);
    if (!code)
        code = vt_alloc(&tables->w1_exact, neurons, sizeof(double), "coefficients", error);
    if (!code)
        code = vt_alloc(&tables->wq_exact, neurons, sizeof(double), "coefficients", error);
    if (!code)
        code = vt_alloc(&tables->inverse_radial, pairs, sizeof *tables->inverse_radial, "cutoffs",
                        error);
    if (!code)
        code = vt_alloc(&tables->inverse_angular, pairs, sizeof *tables->inverse_angular, "cutoffs",
                        error);
    for (size_t k = 0; !code && k < sizeof wanted / sizeof *wanted; k++)
        code = vt_alloc(wanted[k].array, wanted[k].n, sizeof(float), "coefficients", error);
    return code;
}

static struct vt_inverse_cutoff inverse_of(double cutoff)
{
    const float high = (float)(1 / cutoff);
    return (struct vt_inverse_cutoff){high, (float)(1 / cutoff - (double)high)};
}

static void fill_pairs(struct vt_kernel_tables *tables)
{
    const struct vt_plan *plan = tables->plan;
    for (int pair = 0; pair < plan->n_types * plan->n_types; pair++) {
        tables->cutoff[pair] = (float)plan->cutoff[pair];
        tables->cutoff_angular[pair] = (float)plan->cutoff_angular[pair];
        tables->inverse_radial[pair] = inverse_of(plan->cutoff_radial[pair]);
        tables->inverse_angular[pair] = inverse_of(plan->cutoff_angular[pair]);
        tables->zbl_outer[pair] = (float)(plan->zbl[pair].outer * (1 + 1e-5)); /* not too few */
    }
}

/* [n][k] of f_k to [k][n] of fc T_k. */
static void fold_basis(const double *in, int n, int k, float *out)
{
    for (int a = 0; a < n; a++) {
        double first = 0;
        for (int b = 0; b < k; b++) {
            first += 0.5 * in[a * k + b];
            out[b * n + a] = (float)(0.5 * in[a * k + b]);
        }
        out[a] = (float)(first + 0.5 * in[a * k]);
    }
}

/* dq_n/dx of one neighbour at x, for coefficients c[k] of f_k: sum_k c_k d/dx [fc (T_k + 1)/2]. */
static double slope_in_x(const double *c, int n_basis, double x)
{
    const double v = 0.5 * (x + 1), root = sqrt(v); /* |u| */
    const double s = sin(0.5 * VT_PI * root), fc = s * s;
    const double dfc = root > 0 ? VT_PI * sin(VT_PI * root) / (8 * root) : VT_PI * VT_PI / 8;
    double t_before = 1, t = x, d_before = 0, d = 1, sum = c[0] * dfc;
    for (int k = 1; k < n_basis; k++) {
        sum += 0.5 * c[k] * (dfc * (t + 1) + fc * d);
        const double t_next = 2 * x * t - t_before, d_next = 2 * t + 2 * x * d - d_before;
        t_before = t;
        t = t_next;
        d_before = d;
        d = d_next;
    }
    return sum;
}

/* Coefficients of T_m, m < NODES, of the slope of one radial descriptor in x. */
static void project(const double *c, int n_basis, double *series)
{
    double value[NODES];
    for (int i = 0; i < NODES; i++)
        value[i] = slope_in_x(c, n_basis, cos(VT_PI * (i + 0.5) / NODES));
    for (int m = 0; m < NODES; m++) {
        double sum = 0;
        for (int i = 0; i < NODES; i++)
            sum += value[i] * cos(VT_PI * m * (i + 0.5) / NODES);
        series[m] = (m ? 2.0 : 1.0) / NODES * sum;
    }
}

/* How many terms of the series matter. */
static int count_terms(const double *series)
{
    double largest = 0, rest = 0;
    for (int m = 0; m < NODES; m++)
        largest = fmax(largest, fabs(series[m]));
    int n = NODES;
    while (n > LEAST_TERMS && rest + fabs(series[n - 1]) <= negligible * largest)
        rest += fabs(series[--n]);
    return n;
}

/* Calls `project` for each descriptor and pair of types: once to see how many terms are needed,
 * once to store them. */
static void fill_slopes(struct vt_kernel_tables *tables)
{
    const struct vt_plan *plan = tables->plan;
    const int n_series = plan->n_types * plan->n_types * plan->n_radial;
    double series[NODES];
    int most = LEAST_TERMS;
    for (int i = 0; i < n_series; i++) {
        project(plan->radial + i * plan->k_radial, plan->k_radial, series);
        const int n = count_terms(series);
        most = n > most ? n : most;
    }
    tables->n_slope = most % 2 ? most : most < NODES ? most + 1 : NODES - 1;
    for (int i = 0; i < n_series; i++) {
        const double dx = 4 / plan->cutoff_radial[i / plan->n_radial]; /* dx/dr = u times this */
        project(plan->radial + i * plan->k_radial, plan->k_radial, series);
        for (int m = 0; m < tables->n_slope; m++)
            tables->radial_slope[i * tables->n_slope + m] = (float)(dx * series[m]);
    }
}

static void fill_network(struct vt_kernel_tables *tables)
{
    const struct vt_plan *plan = tables->plan;
    const size_t neurons = (size_t)plan->neurons, dimension = (size_t)plan->dimension;
    for (size_t t = 0; t < (size_t)plan->n_types; t++) {
        const struct vt_nep_network network = vt_nep_network(plan->model, (int)t);
        const size_t first = t * neurons * dimension;
        tables->bias[t] = network.bias + vt_nep_common_bias(plan->model);
        for (size_t m = 0; m < neurons; m++) {
            tables->b0[t * neurons + m] = (float)network.b0[m];
            tables->w1[t * neurons + m] = (float)network.w1[m];
            tables->w1_exact[t * neurons + m] = network.w1[m];
            tables->wq_exact[t * neurons + m] = network.wq ? network.wq[m] : 0;
            tables->wq[t * neurons + m] = (float)tables->wq_exact[t * neurons + m];
            for (size_t d = 0; d < dimension; d++) {
                const float w = (float)plan->w0[first + m * dimension + d];
                tables->w0_transposed[first + m * dimension + d] = w;
                tables->w0[first + d * neurons + m] = w;
            }
        }
    }
}

static void fill_harmonics(struct vt_kernel_tables *tables)
{
    for (int l = 1; l <= VT_NEP_MAX_L; l++)
        for (int m = 0; m <= l; m++) {
            const struct vt_zpoly *p = &vt_zpoly_table[l][m];
            assert(p->terms == (l - m) / 2 + 1);
            for (int k = 0; k < p->terms; k++)
                tables->polynomial[l][m][k] = (float)p->c[k];
        }
    for (int h = 0; h < tables->plan->n_harmonics; h++)
        tables->weight[h] = (float)tables->plan->weight[h];
}

enum vt_code vt_kernel_tables_create(struct vt_kernel_tables *tables, const struct vt_plan *plan,
                                     struct vt_error *error)
{
    assert(tables && plan && plan->n_radial > 0 && plan->n_angular > 0);
    *tables = (struct vt_kernel_tables){.plan = plan};
    const enum vt_code code = allocate(tables, error);
    if (code) {
        vt_kernel_tables_destroy(tables);
        return code;
    }
    tables->stride = vt_stride(plan->l_max);
    const int radial = plan->n_radial * plan->k_radial, angular = plan->n_angular * plan->k_angular;
    for (int pair = 0; pair < plan->n_types * plan->n_types; pair++) {
        fold_basis(plan->radial + pair * radial, plan->n_radial, plan->k_radial,
                   tables->radial + pair * radial);
        fold_basis(plan->angular + pair * angular, plan->n_angular, plan->k_angular,
                   tables->angular + pair * angular);
    }
    fill_pairs(tables);
    fill_slopes(tables);
    fill_network(tables);
    fill_harmonics(tables);
    return VT_OK;
}

void vt_kernel_tables_destroy(struct vt_kernel_tables *tables)
{
    if (!tables)
        return;
    vt_free(tables->cutoff);
    vt_free(tables->cutoff_angular);
    vt_free(tables->inverse_radial);
    vt_free(tables->inverse_angular);
    vt_free(tables->zbl_outer);
    vt_free(tables->radial);
    vt_free(tables->radial_slope);
    vt_free(tables->angular);
    vt_free(tables->w0);
    vt_free(tables->w0_transposed);
    vt_free(tables->b0);
    vt_free(tables->w1);
    vt_free(tables->wq);
    vt_free(tables->w1_exact);
    vt_free(tables->wq_exact);
    vt_free(tables->bias);
    *tables = (struct vt_kernel_tables){0};
}

size_t vt_kernel_rows(const struct vt_neighbours *list)
{
    return list->most_rows + VT_BLOCK * (size_t)list->n_types;
}

size_t vt_kernel_scratch(const struct vt_kernel_tables *tables, size_t rows)
{
    const struct vt_plan *plan = tables->plan;
    const size_t n = (size_t)plan->n_angular, stride = (size_t)tables->stride;
    const size_t of_rows = rows * (8 + 2 * n + stride), sums = 2 * n * stride;
    const size_t network = 2 * (size_t)plan->dimension + 2 * (size_t)plan->neurons;
    const size_t series = (size_t)tables->n_slope + 3 * VT_MAX_BASIS;
    return VT_LANES * (of_rows + sums + network + series);
}

size_t vt_kernel_kept(const struct vt_kernel_tables *tables, const struct vt_neighbours *list)
{
    const struct vt_plan *plan = tables->plan;
    return VT_LANES * list->n_slices *
           ((size_t)plan->neurons + (size_t)(plan->n_angular * tables->stride));
}
