/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops over the pairs of a frame, compiled once for each instruction set, whose name is VT_ISA.
 *
 * Radial groups (pairs of a row with neighbours of a type) are vectors over the pairs; angular
 * pairs are vectors over the harmonics. */
#include <assert.h>
#include <string.h>

#include "training/kernels/names_tmpl.h"

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

/* Both sums of a motion: of the harmonics along the bond, and of their derivatives across it. */
static inline void add_angular_rate(size_t stride, size_t n_basis, const double *basis,
                                    const double *harmonics, const double u[4], const double d[3],
                                    double *sums, size_t step)
{
    double along[VT_MAX_HARMONICS + VT_PAD], across[VT_MAX_HARMONICS + VT_PAD];
    const double rate = u[0] * d[0] + u[1] * d[1] + u[2] * d[2];
#pragma omp simd
    for (size_t h = 0; h < stride; h++) {
        along[h] = rate * harmonics[h];
        across[h] = d[0] * harmonics[stride + h] + d[1] * harmonics[2 * stride + h] +
                    d[2] * harmonics[3 * stride + h];
    }
    for (size_t k = 0; k < n_basis; k++) {
        const double f = basis[k], slope = basis[n_basis + k];
        double *sum = sums + k * step;
#pragma omp simd
        for (size_t h = 0; h < stride; h++)
            sum[h] += slope * along[h] + f * across[h];
    }
}

/* Rows of A of one type of centre: step between basis functions, and where a group's begin. */
static inline size_t sums_step(const struct vt_layout *layout, const struct vt_geometry *geometry,
                               size_t type)
{
    return (geometry->first[type + 1] - geometry->first[type]) * layout->stride;
}

static inline size_t sums_place(const struct vt_layout *layout, const struct vt_geometry *geometry,
                                size_t type, size_t row, size_t neighbour_type)
{
    return vt_angular_offset(layout, geometry, type) +
           neighbour_type * layout->k_angular * sums_step(layout, geometry, type) +
           (row - geometry->first[type]) * layout->stride;
}

static inline void angular_rates(const struct vt_layout *layout, size_t stride,
                                 const struct vt_geometry *geometry, const struct vt_motion *motion,
                                 double *sums)
{
    const struct vt_pair_list *list = &geometry->angular;
    const size_t n_types = layout->n_types, n_basis = layout->k_angular;
    memset(sums, 0, geometry->n_atoms * n_types * n_basis * stride * sizeof *sums);
    for (size_t type = 0; type < n_types; type++) {
        const size_t step = sums_step(layout, geometry, type);
        for (size_t row = geometry->first[type]; row < geometry->first[type + 1]; row++)
            for (size_t t = 0; t < n_types; t++) {
                double *sum = sums + sums_place(layout, geometry, type, row, t);
                const size_t g = row * n_types + t;
                for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
                    double d[3];
                    displace(motion, list, row, p, d);
                    add_angular_rate(stride, n_basis, geometry->basis + p * 2 * n_basis,
                                     geometry->harmonics + p * 4 * stride, list->u[p], d, sum,
                                     step);
                }
            }
    }
}

/* Constant trip counts for the usual numbers of harmonics (l_max 3 and 4). */
static void rates(const struct vt_layout *layout, const struct vt_geometry *geometry,
                  const struct vt_motion *motion, const struct vt_rates *out)
{
    radial_rates(layout, geometry, motion, out);
    if (layout->stride == 24)
        angular_rates(layout, 24, geometry, motion, out->angular);
    else if (layout->stride == 16)
        angular_rates(layout, 16, geometry, motion, out->angular);
    else
        angular_rates(layout, layout->stride, geometry, motion, out->angular);
}

/* Book the force f of pair p of that row. */
static inline void give(const struct vt_pair_sink *sink, const struct vt_pair_list *list,
                        size_t row, size_t p, const double f[3])
{
    const size_t j = (size_t)list->neighbour[p];
    const double *u = list->u[p];
    if (sink->force)
        for (int d = 0; d < 3; d++) {
            sink->force[row][d] += f[d];
            sink->force[j][d] -= f[d];
        }
    if (sink->virial)
        for (int c = 0; c < 9; c++)
            sink->virial[c] -= u[3] * u[c / 3] * f[c % 3];
    if (sink->born)
        for (int c = 0; c < 9; c++) {
            const double half = 0.5 * u[3] * u[c / 3] * f[c % 3];
            sink->born[row][c] += half;
            sink->born[j][c] -= half;
        }
}

static void radial_forces(const struct vt_layout *layout, const struct vt_geometry *geometry,
                          const double *fold, const struct vt_pair_sink *sink)
{
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_groups = geometry->n_atoms * layout->n_types, n_basis = layout->k_radial;
    for (size_t g = 0; g < n_groups; g++) {
        const size_t first = list->first[g], n = list->first[g + 1] - first;
        for (size_t begin = 0; begin < n; begin += CHUNK) {
            const size_t count = n - begin < CHUNK ? n - begin : CHUNK;
            double sum[CHUNK] = {0};
            for (size_t k = 0; k < n_basis; k++) {
                const double weight = fold[g * n_basis + k];
                const double *slope = geometry->radial_slope + first * n_basis + k * n + begin;
#pragma omp simd
                for (size_t p = 0; p < count; p++)
                    sum[p] += weight * slope[p];
            }
            for (size_t p = 0; p < count; p++) {
                const double *u = list->u[first + begin + p];
                const double f[3] = {sum[p] * u[0], sum[p] * u[1], sum[p] * u[2]};
                give(sink, list, g / layout->n_types, first + begin + p, f);
            }
        }
    }
}

/* The force of one angular pair: the fold of its group contracted with basis and harmonics. */
static inline void angular_force(size_t stride, size_t n_basis, const double *basis,
                                 const double *harmonics, const double u[4], const double *fold,
                                 size_t step, double f[3])
{
    double value[VT_MAX_HARMONICS + VT_PAD] = {0}, slope[VT_MAX_HARMONICS + VT_PAD] = {0};
    for (size_t k = 0; k < n_basis; k++) {
        const double of_value = basis[k], of_slope = basis[n_basis + k];
        const double *weight = fold + k * step;
#pragma omp simd
        for (size_t h = 0; h < stride; h++) {
            value[h] += of_value * weight[h];
            slope[h] += of_slope * weight[h];
        }
    }
    double along = 0, x = 0, y = 0, z = 0;
#pragma omp simd reduction(+ : along, x, y, z)
    for (size_t h = 0; h < stride; h++) {
        along += slope[h] * harmonics[h];
        x += value[h] * harmonics[stride + h];
        y += value[h] * harmonics[2 * stride + h];
        z += value[h] * harmonics[3 * stride + h];
    }
    f[0] = along * u[0] + x;
    f[1] = along * u[1] + y;
    f[2] = along * u[2] + z;
}

static inline void angular_forces(const struct vt_layout *layout, size_t stride,
                                  const struct vt_geometry *geometry, const double *fold,
                                  const struct vt_pair_sink *sink)
{
    const struct vt_pair_list *list = &geometry->angular;
    const size_t n_types = layout->n_types, n_basis = layout->k_angular;
    for (size_t type = 0; type < n_types; type++) {
        const size_t step = sums_step(layout, geometry, type);
        for (size_t row = geometry->first[type]; row < geometry->first[type + 1]; row++)
            for (size_t t = 0; t < n_types; t++) {
                const double *weight = fold + sums_place(layout, geometry, type, row, t);
                const size_t g = row * n_types + t;
                for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
                    double f[3];
                    angular_force(stride, n_basis, geometry->basis + p * 2 * n_basis,
                                  geometry->harmonics + p * 4 * stride, list->u[p], weight, step,
                                  f);
                    give(sink, list, row, p, f);
                }
            }
    }
}

static void forces(const struct vt_layout *layout, const struct vt_geometry *geometry,
                   const struct vt_fold *fold, const struct vt_pair_sink *sink)
{
    radial_forces(layout, geometry, fold->radial, sink);
    if (layout->stride == 24)
        angular_forces(layout, 24, geometry, fold->angular, sink);
    else if (layout->stride == 16)
        angular_forces(layout, 16, geometry, fold->angular, sink);
    else
        angular_forces(layout, layout->stride, geometry, fold->angular, sink);
}

#define NAME_(isa) #isa
#define NAME(isa)  NAME_(isa)

extern const struct vt_training_kernel VT_OF_ISA(vt_training_kernel);
const struct vt_training_kernel VT_OF_ISA(vt_training_kernel) = {
    .name = NAME(VT_ISA),
    .rates = rates,
    .forces = forces,
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
