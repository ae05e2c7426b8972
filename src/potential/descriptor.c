/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/descriptor.h"

#include <assert.h>
#include <string.h>

#include "potential/basis.h"
#include "potential/harmonics.h"

/* First pair of a centre with neighbours of type t. */
static size_t group(const struct vt_pairs *pairs, struct vt_centre centre, int t)
{
    return (size_t)centre.atom * (size_t)pairs->n_types + (size_t)t;
}

/* sum[k] = F_k of the neighbours of type t. */
static void sum_basis(const struct vt_plan *plan, const struct vt_pairs *pairs,
                      struct vt_centre centre, int t, double *sum)
{
    const double rc = plan->cutoff_radial[centre.type * plan->n_types + t];
    const size_t g = group(pairs, centre, t);
    memset(sum, 0, (size_t)plan->k_radial * sizeof *sum);
    for (size_t p = pairs->first[g]; p < pairs->last[g]; p++)
        if (pairs->pair[p].r < rc)
            vt_add_chebyshev(vt_radius(pairs->pair[p].r, rc), plan->k_radial, sum);
    for (int k = plan->k_radial - 1; k >= 0; k--)
        sum[k] = 0.5 * (sum[k] + sum[0]);
}

void vt_radial_sums(const struct vt_plan *plan, const struct vt_pairs *pairs,
                    struct vt_centre centre, double *sums)
{
    assert(plan && pairs && sums);
    for (int t = 0; t < plan->n_types; t++)
        sum_basis(plan, pairs, centre, t, sums + t * plan->k_radial);
}

/* q_n = sum over neighbour types of c_nk F_k. */
static void describe_radial(const struct vt_plan *plan, const struct vt_pairs *pairs,
                            struct vt_centre centre, double *q)
{
    for (int n = 0; n < plan->n_radial; n++)
        q[n] = 0;
    for (int t = 0; t < plan->n_types; t++) {
        const int types = centre.type * plan->n_types + t;
        double sum[VT_MAX_BASIS];
        sum_basis(plan, pairs, centre, t, sum);
        const double *c = plan->radial + (size_t)types * (size_t)(plan->n_radial * plan->k_radial);
        for (int n = 0; n < plan->n_radial; n++)
            for (int k = 0; k < plan->k_radial; k++)
                q[n] += c[n * plan->k_radial + k] * sum[k];
    }
}

static void contract_basis(int n_functions, int n_basis, const double *c, const double *f,
                           double *g)
{
    for (int n = 0; n < n_functions; n++) {
        double sum = 0;
        for (int k = 0; k < n_basis; k++)
            sum += c[n * n_basis + k] * f[k];
        g[n] = sum;
    }
}

/* S_{n,lc} = sum_j g_n(r_ij) B_lc(u_ij). */
static void angular_sums(const struct vt_plan *plan, const struct vt_pairs *pairs,
                         struct vt_centre centre, double *sums)
{
    memset(sums, 0, (size_t)plan->n_sums * sizeof *sums);
    for (int t = 0; t < plan->n_types; t++) {
        const int types = centre.type * plan->n_types + t;
        const double rc = plan->cutoff_angular[types];
        const double *c =
            plan->angular + (size_t)types * (size_t)(plan->n_angular * plan->k_angular);
        const size_t g = group(pairs, centre, t);
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++) {
            const struct vt_pair *pair = &pairs->pair[p];
            if (pair->r >= rc)
                continue;
            double f[VT_MAX_BASIS], gn[VT_NEP_MAX_N + 1], b[VT_MAX_HARMONICS];
            vt_basis(vt_radius(pair->r, rc), plan->k_angular, f);
            contract_basis(plan->n_angular, plan->k_angular, c, f, gn);
            vt_harmonics(plan->l_max, pair->u, b);
            for (int n = 0; n < plan->n_angular; n++)
                for (int h = 0; h < plan->n_harmonics; h++)
                    sums[n * plan->n_harmonics + h] += gn[n] * b[h];
        }
    }
}

static double invariant(const struct vt_invariant *table, const double *s)
{
    double value = 0;
    for (int k = 0; k < table->n_monomials; k++) {
        const struct vt_monomial *m = &table->monomial[k];
        double product = m->coefficient;
        for (int d = 0; d < m->degree; d++)
            product *= s[m->index[d]];
        value += product;
    }
    return value;
}

/* gradient[h] += weight d(invariant)/d s_h. */
static void add_invariant_gradient(const struct vt_invariant *table, const double *s, double weight,
                                   double *gradient)
{
    for (int k = 0; k < table->n_monomials; k++) {
        const struct vt_monomial *m = &table->monomial[k];
        for (int d = 0; d < m->degree; d++) {
            double product = weight * m->coefficient;
            for (int e = 0; e < m->degree; e++)
                if (e != d)
                    product *= s[m->index[e]];
            gradient[m->index[d]] += product;
        }
    }
}

/* Blocks of angular descriptors, n fast: l = 1..l_max, then the invariants that are on. */
static void describe_angular(const struct vt_plan *plan, const double *sums, double *q)
{
    for (int n = 0; n < plan->n_angular; n++) {
        const double *s = sums + n * plan->n_harmonics;
        double *out = q + n;
        for (int l = 1; l <= plan->l_max; l++, out += plan->n_angular) {
            *out = 0;
            for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
                *out += plan->weight[h] * s[h] * s[h];
        }
        for (int term = 0; term < VT_NEP_TERMS; term++)
            if (plan->model->term[term]) {
                *out = invariant(&vt_invariant_table[term], s);
                out += plan->n_angular;
            }
    }
}

/* V_{n,lc} = sum over angular descriptors of weight dq/dS_{n,lc}. */
static void weigh_sums(const struct vt_plan *plan, const double *sums, const double *weight,
                       double *v)
{
    for (int n = 0; n < plan->n_angular; n++) {
        const double *s = sums + n * plan->n_harmonics, *w = weight + n;
        double *vn = v + n * plan->n_harmonics;
        for (int l = 1; l <= plan->l_max; l++, w += plan->n_angular)
            for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
                vn[h] = 2 * *w * plan->weight[h] * s[h];
        for (int term = 0; term < VT_NEP_TERMS; term++)
            if (plan->model->term[term]) {
                add_invariant_gradient(&vt_invariant_table[term], s, *w, vn);
                w += plan->n_angular;
            }
    }
}

void vt_describe(const struct vt_plan *plan, const struct vt_pairs *pairs, struct vt_centre centre,
                 double *q, double *sums)
{
    assert(plan->n_types == pairs->n_types && centre.atom < pairs->n_centres);
    describe_radial(plan, pairs, centre, q);
    angular_sums(plan, pairs, centre, sums);
    describe_angular(plan, sums, q + plan->n_radial);
}

/* Radial part: the weights folded into the coefficients give one series a neighbour type. */
static void radial_forces(const struct vt_plan *plan, const struct vt_pairs *pairs,
                          struct vt_centre centre, const double *weight, double (*force)[3])
{
    for (int t = 0; t < plan->n_types; t++) {
        const int types = centre.type * plan->n_types + t;
        const double rc = plan->cutoff_radial[types];
        const double *c = plan->radial + (size_t)types * (size_t)(plan->n_radial * plan->k_radial);
        double folded[VT_MAX_BASIS] = {0};
        for (int n = 0; n < plan->n_radial; n++)
            for (int k = 0; k < plan->k_radial; k++)
                folded[k] += weight[n] * c[n * plan->k_radial + k];
        const size_t g = group(pairs, centre, t);
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++, force++) {
            const struct vt_pair *pair = &pairs->pair[p];
            const double slope =
                pair->r < rc ? vt_series_slope(vt_radius(pair->r, rc), plan->k_radial, folded) : 0;
            for (int d = 0; d < 3; d++)
                (*force)[d] = slope * pair->u[d];
        }
    }
}

/* Angular part of one pair: sum_{n,lc} V_nlc d(g_n B_lc)/dr_ij. c: [n][k] of the pair of types. */
static void add_angular_force(const struct vt_plan *plan, const struct vt_pair *pair, double rc,
                              const double *c, const double *v, double force[3])
{
    double f[VT_MAX_BASIS], df[VT_MAX_BASIS], g[VT_NEP_MAX_N + 1], dg[VT_NEP_MAX_N + 1];
    double w[VT_MAX_HARMONICS] = {0}, dw[VT_MAX_HARMONICS] = {0};
    vt_basis_slope(vt_radius(pair->r, rc), plan->k_angular, f, df);
    contract_basis(plan->n_angular, plan->k_angular, c, f, g);
    contract_basis(plan->n_angular, plan->k_angular, c, df, dg);
    for (int n = 0; n < plan->n_angular; n++)
        for (int h = 0; h < plan->n_harmonics; h++) {
            w[h] += v[n * plan->n_harmonics + h] * g[n];
            dw[h] += v[n * plan->n_harmonics + h] * dg[n];
        }
    double along, gradient[3];
    vt_harmonics_contract(plan->l_max, pair->u, dw, w, &along, gradient);
    const double *u = pair->u;
    const double radial = u[0] * gradient[0] + u[1] * gradient[1] + u[2] * gradient[2];
    for (int d = 0; d < 3; d++)
        force[d] += along * u[d] + (gradient[d] - radial * u[d]) / pair->r;
}

static void add_angular_forces(const struct vt_plan *plan, const struct vt_pairs *pairs,
                               struct vt_centre centre, const double *v, double (*force)[3])
{
    for (int t = 0; t < plan->n_types; t++) {
        const int types = centre.type * plan->n_types + t;
        const double rc = plan->cutoff_angular[types];
        const double *c =
            plan->angular + (size_t)types * (size_t)(plan->n_angular * plan->k_angular);
        const size_t g = group(pairs, centre, t);
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++, force++)
            if (pairs->pair[p].r < rc)
                add_angular_force(plan, &pairs->pair[p], rc, c, v, *force);
    }
}

void vt_pair_forces(const struct vt_plan *plan, const struct vt_pairs *pairs,
                    struct vt_centre centre, const double *weight, const double *sums,
                    double (*force)[3])
{
    double v[(VT_NEP_MAX_N + 1) * VT_MAX_HARMONICS];
    weigh_sums(plan, sums, weight + plan->n_radial, v);
    radial_forces(plan, pairs, centre, weight, force);
    add_angular_forces(plan, pairs, centre, v, force);
}
