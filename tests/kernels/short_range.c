/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "short_range.h"

#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "potential/descriptor.h"
#include "potential/network.h"

static void must(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

void short_range_create(struct short_range *range, const struct synthetic *options,
                        const struct sample *sample)
{
    struct vt_error error = {0};
    *range = (struct short_range){.sums = NULL};
    synthetic_model(&range->model, options);
    const struct vt_plan *plan = &range->plan;
    must(vt_plan_create(&range->plan, &range->model, &error), &error);
    must(vt_kernel_tables_create(&range->tables, plan, &error), &error);
    sample_domain(sample, MPI_COMM_NULL, plan->largest_cutoff, &range->domain);
    must(vt_neighbours_build(&range->list, &range->domain, plan->n_types, plan->cutoff, &error),
         &error);
    const struct vt_view view = {&range->domain.atoms, &range->list, plan->cutoff};
    must(vt_pairs_update(&range->pairs, &view, &error), &error);
    must(vt_alloc(&range->pair_force, range->pairs.n_most + 1, sizeof *range->pair_force, "pairs",
                  &error),
         &error);
    must(vt_alloc(&range->sums, (size_t)plan->n_sums, sizeof(double), "sums", &error), &error);
    must(vt_alloc(&range->weight, 2 * (size_t)plan->dimension, sizeof(double), "weights", &error),
         &error);
}

void short_range_destroy(struct short_range *range)
{
    vt_free(range->pair_force);
    vt_free(range->sums);
    vt_free(range->weight);
    vt_pairs_destroy(&range->pairs);
    vt_neighbours_destroy(&range->list);
    vt_domain_destroy(&range->domain);
    vt_kernel_tables_destroy(&range->tables);
    vt_plan_destroy(&range->plan);
    vt_nep_destroy(&range->model);
}

static void scatter(struct short_range *range, int32_t i, const struct plain_sums *out)
{
    const struct vt_pairs *pairs = &range->pairs;
    double(*f)[3] = range->pair_force;
    for (int t = 0; t < pairs->n_types; t++) {
        const size_t g = (size_t)i * (size_t)pairs->n_types + (size_t)t;
        for (size_t p = pairs->first[g]; p < pairs->last[g]; p++, f++) {
            const int32_t j = pairs->neighbour[p];
            const double length = vt_norm(*f);
            out->size[i] += length;
            out->size[j] += length;
            for (int d = 0; d < 3; d++) {
                out->force[i][d] += (*f)[d];
                out->force[j][d] -= (*f)[d];
            }
        }
    }
}

void short_range_plain(struct short_range *range, const double *potential,
                       const struct plain_sums *out)
{
    const struct vt_plan *plan = &range->plan;
    const struct vt_atoms *atoms = &range->domain.atoms;
    memset(out->force, 0, (size_t)atoms->n_all * sizeof *out->force);
    memset(out->size, 0, (size_t)atoms->n_all * sizeof *out->size);
    for (int32_t i = 0; i < atoms->n_local; i++) {
        double q[VT_MAX_DIMENSION];
        const struct vt_centre centre = {i, atoms->type[i]};
        struct vt_network_output network = {.energy_gradient = range->weight,
                                            .charge_gradient = range->weight + plan->dimension};
        vt_describe(plan, &range->pairs, centre, q, range->sums);
        vt_network(plan, centre.type, q, &network);
        for (int d = 0; d < plan->dimension; d++)
            range->largest = fmax(range->largest, fabs(q[d]) * vt_nep_scaler(&range->model)[d]);
        out->energy[i] = network.energy;
        if (out->charge)
            out->charge[i] = network.charge;
        for (int d = 0; out->charge && potential && d < plan->dimension; d++)
            range->weight[d] += potential[i] * range->weight[plan->dimension + d];
        vt_pair_forces(plan, &range->pairs, centre, range->weight, range->sums, range->pair_force);
        scatter(range, i, out);
    }
}

double short_range_scale(struct short_range *range, const double *potential)
{
    const struct vt_atoms *atoms = &range->domain.atoms;
    const size_t n_local = (size_t)atoms->n_local, n_all = (size_t)atoms->n_all;
    const bool charges = range->model.charge_mode != 0;
    double *memory = NULL, scale = 0;
    struct vt_error error = {0};
    must(vt_alloc(&memory, 4 * n_all + 3 * n_local, sizeof(double), "sums", &error), &error);
    double *by_row = memory + 4 * n_all + 2 * n_local;
    const struct plain_sums out = {.force = (double(*)[3])(void *)memory,
                                   .size = memory + 3 * n_all,
                                   .energy = memory + 4 * n_all,
                                   .charge = charges ? memory + 4 * n_all + n_local : NULL};
    for (size_t i = 0; potential && i < n_local; i++)
        by_row[i] = potential[atoms->id[i]];
    short_range_plain(range, by_row, &out);
    vt_halo_reverse(range->domain.halo, out.size, 1);
    for (size_t i = 0; i < n_local; i++)
        scale = fmax(scale, out.size[i]);
    vt_free(memory);
    return scale * fmax(1, range->largest / 100);
}
