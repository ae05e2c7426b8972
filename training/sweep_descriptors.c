/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors are linear in F and polynomials of S = c A, both linear in the coefficients: all of
 * this file is products of matrices, but for the invariants (kernels/layers_tmpl.c). */
#include "training/matrix.h"
#include "training/sweep_state.h"

#include <string.h>

static size_t radial_width(const struct vt_layout *layout)
{
    return layout->n_types * layout->k_radial;
}

static size_t angular_width(const struct vt_layout *layout)
{
    return layout->n_types * layout->k_angular;
}

/* Coefficients of a type of centre. */
static struct vt_matrix radial_table(const struct vt_sweep *sweep, const struct vt_tables *tables,
                                     size_t type)
{
    return vt_matrix(sweep->layout.n_radial, radial_width(&sweep->layout),
                     tables->radial + type * tables->n_radial);
}

static struct vt_matrix angular_table(const struct vt_sweep *sweep, const struct vt_tables *tables,
                                      size_t type)
{
    return vt_matrix(sweep->layout.n_angular, angular_width(&sweep->layout),
                     tables->angular + type * tables->n_angular);
}

/* F or its like: [row][t k]. */
static struct vt_matrix radial_sums(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                    const double *sums)
{
    const size_t width = radial_width(&sweep->layout);
    return vt_matrix(rows.n, width, sums + rows.first * width);
}

/* A or its like: [t k][row stride]. */
static struct vt_matrix angular_sums(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                     const double *sums)
{
    const size_t width = angular_width(&sweep->layout);
    return vt_matrix(width, rows.n * sweep->layout.stride,
                     sums + rows.first * width * sweep->layout.stride);
}

/* S or its like: [n][row stride]. */
static struct vt_matrix expanded(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                 const double *sums)
{
    const struct vt_layout *layout = &sweep->layout;
    return vt_matrix(layout->n_angular, rows.n * layout->stride,
                     sums + rows.first * layout->n_angular * layout->stride);
}

/* The radial columns of [row][dimension]. */
static struct vt_matrix radial_part(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                    const double *q)
{
    const struct vt_layout *layout = &sweep->layout;
    return vt_matrix_part(rows.n, layout->n_radial, layout->dimension,
                          q + rows.first * layout->dimension);
}

static const double *angular_part(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                  const double *q)
{
    return q + rows.first * sweep->layout.dimension + sweep->layout.n_radial;
}

static struct vt_invariant_job invariants(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                          const double *sums)
{
    return (struct vt_invariant_job){
        .layout = &sweep->layout, .n_rows = rows.n, .sums = expanded(sweep, rows, sums).value};
}

static void scale(const struct vt_sweep *sweep, struct vt_type_rows rows, double *q)
{
    const size_t dimension = sweep->layout.dimension;
    q += rows.first * dimension;
    for (size_t i = 0; i < rows.n; i++, q += dimension)
        for (size_t d = 0; d < dimension; d++)
            q[d] *= sweep->scaler[d];
}

void vt_sweep_describe(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    const struct vt_layers *layers = &sweep->layers;
    vt_multiply(VT_A_BT, 1, radial_sums(sweep, rows, geometry->radial_sums),
                radial_table(sweep, &sweep->tables, rows.type), 0,
                radial_part(sweep, rows, layers->x));
    vt_multiply(VT_A_B, 1, angular_table(sweep, &sweep->tables, rows.type),
                angular_sums(sweep, rows, geometry->angular_sums), 0,
                expanded(sweep, rows, layers->sums));
    struct vt_invariant_job job = invariants(sweep, rows, layers->sums);
    job.value = (double *)angular_part(sweep, rows, layers->x);
    sweep->kernel->values(&job);
    scale(sweep, rows, layers->x);
}

void vt_sweep_fold(struct vt_sweep *sweep, struct vt_type_rows rows,
                   const struct vt_descent *descent)
{
    struct vt_invariant_job job = invariants(sweep, rows, sweep->layers.sums);
    job.weight = angular_part(sweep, rows, descent->weight);
    job.out = expanded(sweep, rows, descent->sums).value;
    sweep->kernel->gradients(&job);
    vt_multiply(VT_A_B, 1, radial_part(sweep, rows, descent->weight),
                radial_table(sweep, &sweep->tables, rows.type), 0,
                radial_sums(sweep, rows, descent->radial));
    vt_multiply(VT_AT_B, 1, angular_table(sweep, &sweep->tables, rows.type),
                expanded(sweep, rows, descent->sums), 0,
                angular_sums(sweep, rows, descent->angular));
}

void vt_sweep_ascend(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_ascent *ascent = &sweep->ascent;
    vt_multiply(VT_A_BT, 1, radial_sums(sweep, rows, ascent->rates.radial),
                radial_table(sweep, &sweep->tables, rows.type), 0,
                radial_part(sweep, rows, ascent->layers.x));
    vt_multiply(VT_A_B, 1, angular_table(sweep, &sweep->tables, rows.type),
                angular_sums(sweep, rows, ascent->rates.angular), 0,
                expanded(sweep, rows, ascent->layers.sums));
    struct vt_invariant_job job = invariants(sweep, rows, sweep->layers.sums);
    job.rate = expanded(sweep, rows, ascent->layers.sums).value;
    job.value = (double *)angular_part(sweep, rows, ascent->layers.x);
    sweep->kernel->value_rates(&job);
    scale(sweep, rows, ascent->layers.x);
}

void vt_sweep_pull_rates(struct vt_sweep *sweep, struct vt_type_rows rows,
                         const struct vt_descent *descent, double sign)
{
    const struct vt_ascent *ascent = &sweep->ascent;
    vt_multiply(VT_AT_B, sign, radial_part(sweep, rows, descent->weight),
                radial_sums(sweep, rows, ascent->rates.radial), 1,
                radial_table(sweep, &sweep->sum_tables, rows.type));
    vt_multiply(VT_A_BT, sign, expanded(sweep, rows, descent->sums),
                angular_sums(sweep, rows, ascent->rates.angular), 1,
                angular_table(sweep, &sweep->sum_tables, rows.type));
    /* The Hessian is linear in the rates: the sign goes with them. */
    struct vt_matrix rate = expanded(sweep, rows, ascent->layers.sums);
    for (size_t i = 0; i < rate.rows * rate.columns; i++)
        rate.value[i] *= sign;
    struct vt_invariant_job job = invariants(sweep, rows, sweep->layers.sums);
    job.rate = rate.value;
    job.weight = angular_part(sweep, rows, descent->weight);
    job.out = expanded(sweep, rows, sweep->adjoint_sums).value;
    sweep->kernel->add_curvatures(&job);
}

void vt_sweep_pull_descriptors(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    vt_multiply(VT_AT_B, 1, radial_part(sweep, rows, sweep->adjoint),
                radial_sums(sweep, rows, geometry->radial_sums), 1,
                radial_table(sweep, &sweep->sum_tables, rows.type));
    struct vt_invariant_job job = invariants(sweep, rows, sweep->layers.sums);
    job.weight = angular_part(sweep, rows, sweep->adjoint);
    job.keep = true;
    job.out = expanded(sweep, rows, sweep->adjoint_sums).value;
    sweep->kernel->gradients(&job);
    vt_multiply(VT_A_BT, 1, expanded(sweep, rows, sweep->adjoint_sums),
                angular_sums(sweep, rows, geometry->angular_sums), 1,
                angular_table(sweep, &sweep->sum_tables, rows.type));
}

void vt_sweep_change_descriptors(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    const struct vt_layers *change = &sweep->change;
    vt_multiply(VT_A_BT, 1, radial_sums(sweep, rows, geometry->radial_sums),
                radial_table(sweep, &sweep->direction_tables, rows.type), 0,
                radial_part(sweep, rows, change->x));
    vt_multiply(VT_A_B, 1, angular_table(sweep, &sweep->direction_tables, rows.type),
                angular_sums(sweep, rows, geometry->angular_sums), 0,
                expanded(sweep, rows, change->sums));
    struct vt_invariant_job job = invariants(sweep, rows, sweep->layers.sums);
    job.rate = expanded(sweep, rows, change->sums).value;
    job.value = (double *)angular_part(sweep, rows, change->x);
    sweep->kernel->value_rates(&job);
    scale(sweep, rows, change->x);
}

void vt_sweep_change_fold(struct vt_sweep *sweep, struct vt_type_rows rows,
                          const struct vt_descent *of, double scale_of)
{
    const struct vt_descent *change = &sweep->descent;
    struct vt_invariant_job job = invariants(sweep, rows, sweep->layers.sums);
    job.weight = angular_part(sweep, rows, of->weight);
    job.rate = expanded(sweep, rows, sweep->change.sums).value;
    struct vt_matrix sums = expanded(sweep, rows, change->sums);
    job.out = sums.value;
    memset(sums.value, 0, sums.rows * sums.columns * sizeof(double));
    sweep->kernel->add_curvatures(&job);
    for (size_t i = 0; i < sums.rows * sums.columns; i++)
        sums.value[i] *= scale_of;
    job.rate = NULL;
    job.weight = angular_part(sweep, rows, change->weight);
    job.keep = true;
    sweep->kernel->gradients(&job);
    const struct vt_matrix radial = radial_sums(sweep, rows, change->radial);
    vt_multiply(VT_A_B, 1, radial_part(sweep, rows, change->weight),
                radial_table(sweep, &sweep->tables, rows.type), 0, radial);
    vt_multiply(VT_A_B, scale_of, radial_part(sweep, rows, of->weight),
                radial_table(sweep, &sweep->direction_tables, rows.type), 1, radial);
    const struct vt_matrix angular = angular_sums(sweep, rows, change->angular);
    vt_multiply(VT_AT_B, 1, angular_table(sweep, &sweep->tables, rows.type), sums, 0, angular);
    vt_multiply(VT_AT_B, scale_of, angular_table(sweep, &sweep->direction_tables, rows.type),
                expanded(sweep, rows, of->sums), 1, angular);
}
