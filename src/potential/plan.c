/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/plan.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"

static void set_sizes(struct vt_plan *plan, const struct vt_nep *model)
{
    plan->model = model;
    plan->n_types = model->n_types;
    plan->n_radial = model->n_radial + 1;
    plan->k_radial = model->k_radial + 1;
    plan->n_angular = model->n_angular + 1;
    plan->k_angular = model->k_angular + 1;
    plan->l_max = model->l_max;
    plan->n_harmonics = (model->l_max + 1) * (model->l_max + 1) - 1;
    plan->n_sums = plan->n_angular * plan->n_harmonics;
    plan->dimension = model->dimension;
    plan->neurons = model->neurons;
    for (int l = 1; l <= model->l_max; l++)
        for (int c = 0; c <= 2 * l; c++)
            plan->weight[l * l - 1 + c] = (c ? 2 : 1) * vt_clm_table[l][(c + 1) / 2];
}

static enum vt_code allocate(struct vt_plan *plan, struct vt_error *error)
{
    const size_t pairs = (size_t)plan->n_types * (size_t)plan->n_types;
    const size_t radial = (size_t)plan->n_radial * (size_t)plan->k_radial;
    const size_t angular = (size_t)plan->n_angular * (size_t)plan->k_angular;
    const size_t network = (size_t)plan->n_types * (size_t)plan->neurons;
    enum vt_code code = vt_alloc(&plan->cutoff, pairs, sizeof(double), "cutoffs", error);
    if (!code)
        code = vt_alloc(&plan->cutoff_radial, pairs, sizeof(double), "cutoffs", error);
    if (!code)
        code = vt_alloc(&plan->cutoff_angular, pairs, sizeof(double), "cutoffs", error);
    if (!code)
        code = vt_alloc(&plan->zbl, pairs, sizeof *plan->zbl, "ZBL parameters", error);
    if (!code)
        code = vt_alloc(&plan->radial, pairs * radial, sizeof(double), "coefficients", error);
    if (!code)
        code = vt_alloc(&plan->angular, pairs * angular, sizeof(double), "coefficients", error);
    if (!code)
        code = vt_alloc(&plan->w0, network * (size_t)plan->dimension, sizeof(double), "network",
                        error);
    return code;
}

/* [n][k][t1][t2] of the file to [t1][t2][n][k]. */
static void transpose(const double *file, int nk, int n_types, double *out)
{
    const size_t pairs = (size_t)n_types * (size_t)n_types;
    for (size_t pair = 0; pair < pairs; pair++)
        for (size_t c = 0; c < (size_t)nk; c++)
            out[pair * (size_t)nk + c] = file[c * pairs + pair];
}

static void fill_pairs(struct vt_plan *plan)
{
    const struct vt_nep *model = plan->model;
    for (int t1 = 0; t1 < plan->n_types; t1++)
        for (int t2 = 0; t2 < plan->n_types; t2++) {
            const int pair = t1 * plan->n_types + t2;
            plan->cutoff_radial[pair] = vt_nep_pair_cutoff_radial(model, t1, t2);
            plan->cutoff_angular[pair] = vt_nep_pair_cutoff_angular(model, t1, t2);
            plan->zbl[pair] = vt_zbl_pair(model, t1, t2);
            plan->cutoff[pair] = fmax(plan->cutoff_radial[pair], plan->cutoff_angular[pair]);
            plan->largest_cutoff = fmax(plan->largest_cutoff, plan->cutoff[pair]);
        }
}

static void fill_network(struct vt_plan *plan)
{
    const double *scaler = vt_nep_scaler(plan->model);
    const size_t dimension = (size_t)plan->dimension, neurons = (size_t)plan->neurons;
    for (int t = 0; t < plan->n_types; t++) {
        const struct vt_nep_network network = vt_nep_network(plan->model, t);
        double *w0 = plan->w0 + (size_t)t * neurons * dimension;
        for (size_t m = 0; m < neurons; m++)
            for (size_t d = 0; d < dimension; d++)
                w0[m * dimension + d] = network.w0[m * dimension + d] * scaler[d];
    }
}

enum vt_code vt_plan_create(struct vt_plan *plan, const struct vt_nep *model,
                            struct vt_error *error)
{
    assert(plan && model && model->numbers);
    *plan = (struct vt_plan){0};
    set_sizes(plan, model);
    const enum vt_code code = allocate(plan, error);
    if (code) {
        vt_plan_destroy(plan);
        return code;
    }
    fill_pairs(plan);
    fill_network(plan);
    transpose(vt_nep_radial(model), plan->n_radial * plan->k_radial, plan->n_types, plan->radial);
    transpose(vt_nep_angular(model), plan->n_angular * plan->k_angular, plan->n_types,
              plan->angular);
    return VT_OK;
}

void vt_plan_destroy(struct vt_plan *plan)
{
    if (!plan)
        return;
    vt_free(plan->cutoff);
    vt_free(plan->cutoff_radial);
    vt_free(plan->cutoff_angular);
    vt_free(plan->zbl);
    vt_free(plan->radial);
    vt_free(plan->angular);
    vt_free(plan->w0);
    *plan = (struct vt_plan){0};
}
