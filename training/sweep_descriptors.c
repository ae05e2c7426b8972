/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors are linear in F and polynomials of S = C A, both linear in the coefficients. What is
 * radial is products of matrices over the rows of a type; what is angular is done row by row
 * (kernels/), since its intermediates are larger than its results. */
#include <assert.h>
#include <string.h>

#include "training/matrix.h"
#include "training/sweep_state.h"

/* Coefficients of a type of centre. */
static struct vt_matrix radial_table(const struct vt_sweep *sweep, const struct vt_tables *tables,
                                     size_t type)
{
    const struct vt_layout *layout = &sweep->layout;
    return vt_matrix(layout->n_radial, layout->n_types * layout->k_radial,
                     tables->radial + type * tables->n_radial);
}

/* F or its like: [row][t k]. */
static struct vt_matrix radial_sums(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                    const double *sums)
{
    const size_t width = sweep->layout.n_types * sweep->layout.k_radial;
    return vt_matrix(rows.n, width, sums + rows.first * width);
}

/* The radial columns of [row][dimension]. */
static struct vt_matrix radial_part(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                    const double *q)
{
    const struct vt_layout *layout = &sweep->layout;
    return vt_matrix_part(rows.n, layout->n_radial, layout->dimension,
                          q + rows.first * layout->dimension);
}

/* q = F C' of all rows. */
static void describe_radial(const struct vt_sweep *sweep, const struct vt_tables *tables,
                            const double *sums, double *q)
{
    for (size_t t = 0; t < sweep->layout.n_types; t++) {
        const struct vt_type_rows rows = vt_type_rows(sweep, t);
        vt_multiply(VT_A_BT, 1, radial_sums(sweep, rows, sums), radial_table(sweep, tables, t), 0,
                    radial_part(sweep, rows, q));
    }
}

/* fold = factor weight C + keep fold. */
static void fold_radial(const struct vt_sweep *sweep, const struct vt_tables *tables, double factor,
                        const double *weight, double keep, double *fold)
{
    for (size_t t = 0; t < sweep->layout.n_types; t++) {
        const struct vt_type_rows rows = vt_type_rows(sweep, t);
        vt_multiply(VT_A_B, factor, radial_part(sweep, rows, weight),
                    radial_table(sweep, tables, t), keep, radial_sums(sweep, rows, fold));
    }
}

/* Gradient in C of factor sum(weight q): added to. */
static void pull_radial(struct vt_sweep *sweep, double factor, const double *weight,
                        const double *sums)
{
    for (size_t t = 0; t < sweep->layout.n_types; t++) {
        const struct vt_type_rows rows = vt_type_rows(sweep, t);
        vt_multiply(VT_AT_B, factor, radial_part(sweep, rows, weight),
                    radial_sums(sweep, rows, sums), 1, radial_table(sweep, &sweep->sum_tables, t));
    }
}

static size_t n_rows(const struct vt_sweep *sweep)
{
    return sweep->frame.geometry->n_atoms;
}

static size_t n_sums(const struct vt_sweep *sweep)
{
    return n_rows(sweep) * sweep->layout.n_angular * sweep->layout.stride;
}

static struct vt_invariant_job invariants(const struct vt_sweep *sweep)
{
    return (struct vt_invariant_job){
        .layout = &sweep->layout, .n_rows = n_rows(sweep), .sums = sweep->layers.sums};
}

/* factor times sum(V S) with these coefficients. */
static struct vt_expansion expansion(const struct vt_tables *tables, const double *sums,
                                     double factor)
{
    return (struct vt_expansion){tables->angular, tables->turned, sums, factor};
}

static void scale(const struct vt_sweep *sweep, double *q)
{
    const size_t dimension = sweep->layout.dimension;
    for (size_t i = 0; i < n_rows(sweep); i++, q += dimension)
        for (size_t d = 0; d < dimension; d++)
            q[d] *= sweep->scaler[d];
}

void vt_sweep_describe(struct vt_sweep *sweep)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    const struct vt_layers *layers = &sweep->layers;
    describe_radial(sweep, &sweep->tables, geometry->radial_sums, layers->x);
    const struct vt_expansion of = expansion(&sweep->tables, NULL, 1);
    sweep->kernel->expand(&sweep->layout, geometry, &of, layers->sums);
    struct vt_invariant_job job = invariants(sweep);
    job.value = layers->x + sweep->layout.n_radial;
    sweep->kernel->values(&job);
    scale(sweep, layers->x);
}

void vt_sweep_fold(struct vt_sweep *sweep, const struct vt_descent *descent)
{
    struct vt_invariant_job job = invariants(sweep);
    job.weight = descent->weight + sweep->layout.n_radial;
    job.out = descent->sums;
    sweep->kernel->gradients(&job);
    fold_radial(sweep, &sweep->tables, 1, descent->weight, 0, descent->radial);
}

void vt_sweep_pair_forces(struct vt_sweep *sweep, const struct vt_descent *descent,
                          const struct vt_pair_sink *sink)
{
    const struct vt_fold fold = {.radial = descent->radial,
                                 .angular = {expansion(&sweep->tables, descent->sums, 1)},
                                 .scratch = sweep->fold};
    sweep->kernel->forces(&sweep->layout, sweep->frame.geometry, &fold, sink);
}

void vt_sweep_ascend(struct vt_sweep *sweep, const struct vt_motion *motion,
                     const struct vt_descent *descent, double sign)
{
    assert(motion->velocity || motion->strain || motion->turn);
    assert(descent->sums && descent->weight);
    const struct vt_ascent *ascent = &sweep->ascent;
    const struct vt_rates rates = {.along = ascent->along,
                                   .radial = ascent->radial,
                                   .expanded = ascent->layers.sums,
                                   .of = expansion(&sweep->tables, descent->sums, sign),
                                   .table = sweep->sum_tables.angular,
                                   .turned = sweep->sum_tables.turned,
                                   .scratch = sweep->fold};
    sweep->kernel->rates(&sweep->layout, sweep->frame.geometry, motion, &rates);
    describe_radial(sweep, &sweep->tables, ascent->radial, ascent->layers.x);
    struct vt_invariant_job job = invariants(sweep);
    job.rate = ascent->layers.sums;
    job.value = ascent->layers.x + sweep->layout.n_radial;
    sweep->kernel->value_rates(&job);
    scale(sweep, ascent->layers.x);
}

void vt_sweep_pull_rates(struct vt_sweep *sweep, const struct vt_descent *descent, double sign)
{
    assert(sweep->ascent.layers.sums && descent->weight);
    double *rate = sweep->ascent.layers.sums;
    pull_radial(sweep, sign, descent->weight, sweep->ascent.radial);
    /* The Hessian is linear in the rates: the sign goes with them. */
    for (size_t i = 0; i < n_sums(sweep); i++)
        rate[i] *= sign;
    struct vt_invariant_job job = invariants(sweep);
    job.rate = rate;
    job.weight = descent->weight + sweep->layout.n_radial;
    job.out = sweep->adjoint_sums;
    sweep->kernel->add_curvatures(&job);
}

void vt_sweep_pull_descriptors(struct vt_sweep *sweep)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    pull_radial(sweep, 1, sweep->adjoint, geometry->radial_sums);
    struct vt_invariant_job job = invariants(sweep);
    job.weight = sweep->adjoint + sweep->layout.n_radial;
    job.keep = true;
    job.out = sweep->adjoint_sums;
    sweep->kernel->gradients(&job);
    sweep->kernel->contract(&sweep->layout, geometry, sweep->adjoint_sums,
                            sweep->sum_tables.angular, sweep->sum_tables.turned);
}

void vt_sweep_change_descriptors(struct vt_sweep *sweep)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    const struct vt_layers *change = &sweep->change;
    describe_radial(sweep, &sweep->direction_tables, geometry->radial_sums, change->x);
    const struct vt_expansion of = expansion(&sweep->direction_tables, NULL, 1);
    sweep->kernel->expand(&sweep->layout, geometry, &of, change->sums);
    struct vt_invariant_job job = invariants(sweep);
    job.rate = change->sums;
    job.value = change->x + sweep->layout.n_radial;
    sweep->kernel->value_rates(&job);
    scale(sweep, change->x);
}

/* Change of V: with the weights, and with S. */
static void change_sums(struct vt_sweep *sweep, const struct vt_descent *of, double scale_of)
{
    double *sums = sweep->descent.sums;
    struct vt_invariant_job job = invariants(sweep);
    job.weight = of->weight + sweep->layout.n_radial;
    job.rate = sweep->change.sums;
    job.out = sums;
    memset(sums, 0, n_sums(sweep) * sizeof *sums);
    sweep->kernel->add_curvatures(&job);
    for (size_t i = 0; i < n_sums(sweep); i++)
        sums[i] *= scale_of;
    job.rate = NULL;
    job.weight = sweep->descent.weight + sweep->layout.n_radial;
    job.keep = true;
    sweep->kernel->gradients(&job);
}

void vt_sweep_change_pair_forces(struct vt_sweep *sweep, const struct vt_descent *of,
                                 double scale_of, const struct vt_pair_sink *sink)
{
    assert(of != &sweep->descent && sink);
    const struct vt_descent *change = &sweep->descent;
    change_sums(sweep, of, scale_of);
    fold_radial(sweep, &sweep->tables, 1, change->weight, 0, change->radial);
    fold_radial(sweep, &sweep->direction_tables, scale_of, of->weight, 1, change->radial);
    const struct vt_fold fold = {
        .radial = change->radial,
        .angular = {expansion(&sweep->tables, change->sums, 1),
                    expansion(&sweep->direction_tables, of->sums, scale_of)},
        .scratch = sweep->fold};
    sweep->kernel->forces(&sweep->layout, sweep->frame.geometry, &fold, sink);
}
