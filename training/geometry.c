/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/geometry.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "domain/pairs.h"
#include "potential/basis.h"
#include "training/bonds.h"

struct vt_geometer {
    const struct vt_plan *plan; /* borrowed */
    struct vt_layout layout;
    struct vt_domain domain;
    struct vt_neighbours neighbours;
    struct vt_pairs pairs;
    int32_t *row; /* [atom] */
    double (*position)[3];
    size_t row_capacity, position_capacity;
};

/* How many pairs a frame has, and of the group at hand those of an atom with neighbours of a type.
 */
struct group {
    size_t row, type; /* of the centre; type of the neighbours */
    int centre_type;
    size_t first, last; /* pairs of the view */
};

enum vt_code vt_geometer_create(struct vt_geometer **geometer, const struct vt_plan *plan,
                                struct vt_error *error)
{
    static const double any_cell[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    static const int one_brick[3] = {1, 1, 1};
    enum vt_code code = vt_alloc(geometer, 1, sizeof **geometer, "geometry", error);
    if (code)
        return code;
    (*geometer)->plan = plan;
    (*geometer)->layout = vt_layout(plan);
    code = vt_domain_create(&(*geometer)->domain, MPI_COMM_NULL, any_cell, one_brick, error);
    if (code) {
        vt_geometer_destroy(*geometer);
        *geometer = NULL;
    }
    return code;
}

void vt_geometer_destroy(struct vt_geometer *geometer)
{
    if (!geometer)
        return;
    vt_domain_destroy(&geometer->domain);
    vt_neighbours_destroy(&geometer->neighbours);
    vt_pairs_destroy(&geometer->pairs);
    vt_free(geometer->row);
    vt_free(geometer->position);
    vt_free(geometer);
}

void vt_geometry_destroy(struct vt_geometry *geometry)
{
    void *arrays[] = {geometry->first,         geometry->atom,
                      geometry->radial.first,  geometry->radial.neighbour,
                      geometry->radial.u,      geometry->radial_slope,
                      geometry->radial_sums,   geometry->screened,
                      geometry->angular.first, geometry->angular.neighbour,
                      geometry->angular.u,     geometry->basis,
                      geometry->harmonics,     geometry->angular_sums,
                      geometry->crowded,       geometry->zbl_force};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        vt_free(arrays[i]);
    vt_waves_destroy(&geometry->waves);
    *geometry = (struct vt_geometry){0};
}

/* An array of the geometry, and the count of its bytes. */
static enum vt_code take(struct vt_geometry *geometry, void *pointer, size_t n, size_t size,
                         struct vt_error *error)
{
    geometry->bytes += n * size;
    return vt_alloc(pointer, n, size, "the geometry of a frame", error);
}

/* All pairs of the frame within the cutoffs. */
static enum vt_code find_pairs(struct vt_geometer *geometer, const struct vt_labelled_frame *frame,
                               struct vt_error *error)
{
    const struct vt_plan *plan = geometer->plan;
    struct vt_domain *domain = &geometer->domain;
    const struct vt_domain_input input = {
        .n = frame->n_atoms, .position = frame->position, .type = frame->type};
    enum vt_code code = vt_domain_reset(domain, frame->cell, error);
    if (!code)
        code = vt_domain_add(domain, &input, error);
    if (!code)
        code = vt_domain_migrate(domain, error);
    if (!code)
        code = vt_halo_build(domain->halo, &domain->atoms, plan->largest_cutoff, error);
    if (!code)
        code =
            vt_neighbours_build(&geometer->neighbours, domain, plan->n_types, plan->cutoff, error);
    const struct vt_view view = {&domain->atoms, &geometer->neighbours, plan->cutoff};
    if (!code)
        code = vt_pairs_update(&geometer->pairs, &view, error);
    return code;
}

/* Rows in the order of types, atoms of a type as in the frame. */
static enum vt_code sort_atoms(struct vt_geometry *geometry, struct vt_geometer *geometer,
                               const struct vt_labelled_frame *frame, struct vt_error *error)
{
    const size_t n_types = geometer->layout.n_types;
    enum vt_code code = take(geometry, &geometry->first, n_types + 1, sizeof(size_t), error);
    if (!code)
        code = take(geometry, &geometry->atom, frame->n_atoms, sizeof(int32_t), error);
    if (!code)
        code = vt_reserve(&geometer->row, &geometer->row_capacity, frame->n_atoms,
                          sizeof *geometer->row, "atoms", error);
    if (!code)
        code = vt_reserve(&geometer->position, &geometer->position_capacity, frame->n_atoms,
                          sizeof *geometer->position, "atoms", error);
    if (code)
        return code;
    size_t row = 0;
    for (size_t t = 0; t < n_types; t++) {
        geometry->first[t] = row;
        for (size_t i = 0; i < frame->n_atoms; i++)
            if (frame->type[i] == (int)t) {
                geometry->atom[row] = (int32_t)i;
                geometer->row[i] = (int32_t)row;
                memcpy(geometer->position[row], frame->position[i], sizeof frame->position[i]);
                row++;
            }
    }
    geometry->first[n_types] = row;
    assert(row == frame->n_atoms);
    return VT_OK;
}

static struct group group(const struct vt_geometer *geometer, const struct vt_geometry *geometry,
                          size_t row, size_t type)
{
    const size_t atom = (size_t)geometry->atom[row];
    const size_t g = atom * geometer->layout.n_types + type;
    assert(geometer->domain.atoms.id[atom] == (int64_t)atom);
    return (struct group){row, type, geometer->domain.atoms.type[atom], geometer->pairs.first[g],
                          geometer->pairs.last[g]};
}

/* Pairs of all rows below their cutoffs, [type][type]. */
static enum vt_code list_pairs(struct vt_geometry *geometry, struct vt_geometer *geometer,
                               const double *cutoff, struct vt_pair_list *list,
                               struct vt_error *error)
{
    const size_t n_types = geometer->layout.n_types, n_groups = geometry->n_atoms * n_types;
    enum vt_code code = take(geometry, &list->first, n_groups + 1, sizeof(size_t), error);
    for (int fill = 0; fill < 2 && !code; fill++) {
        size_t n = 0;
        for (size_t g = 0; g < n_groups; g++) {
            const struct group at = group(geometer, geometry, g / n_types, g % n_types);
            const double rc = cutoff[(size_t)at.centre_type * n_types + at.type];
            list->first[g] = n;
            for (size_t p = at.first; p < at.last; p++) {
                const struct vt_pair *pair = &geometer->pairs.pair[p];
                if (!(pair->r < rc))
                    continue;
                if (fill) {
                    const int32_t j = geometer->pairs.neighbour[p];
                    list->neighbour[n] = geometer->row[geometer->domain.atoms.id[j]];
                    memcpy(list->u[n], pair->u, sizeof pair->u);
                    list->u[n][3] = pair->r;
                }
                n++;
            }
        }
        list->first[n_groups] = n;
        if (fill)
            break;
        code = take(geometry, &list->neighbour, n, sizeof *list->neighbour, error);
        if (!code)
            code = take(geometry, &list->u, n, sizeof *list->u, error);
    }
    return code;
}

static enum vt_code add_radial(struct vt_geometry *geometry, const struct vt_geometer *geometer,
                               struct vt_error *error)
{
    const struct vt_layout *layout = &geometer->layout;
    const struct vt_pair_list *list = &geometry->radial;
    const size_t n_groups = geometry->n_atoms * layout->n_types, k_count = layout->k_radial;
    enum vt_code code = take(geometry, &geometry->radial_slope, list->first[n_groups] * k_count,
                             sizeof(double), error);
    if (!code)
        code = take(geometry, &geometry->radial_sums, n_groups * k_count, sizeof(double), error);
    for (size_t g = 0; g < n_groups && !code; g++) {
        const struct group at = group(geometer, geometry, g / layout->n_types, g % layout->n_types);
        const double rc =
            geometer->plan->cutoff_radial[(size_t)at.centre_type * layout->n_types + at.type];
        const size_t first = list->first[g], n = list->first[g + 1] - first;
        for (size_t p = 0; p < n; p++) {
            double f[VT_MAX_BASIS], df[VT_MAX_BASIS];
            vt_basis_slope(vt_radius(list->u[first + p][3], rc), (int)k_count, f, df);
            for (size_t k = 0; k < k_count; k++) {
                geometry->radial_slope[first * k_count + k * n + p] = df[k];
                geometry->radial_sums[g * k_count + k] += f[k];
            }
        }
    }
    return code;
}

/* A of one group. */
static void add_group_sums(const struct vt_geometry *geometry, const struct vt_layout *layout,
                           size_t g)
{
    double *sums =
        geometry->angular_sums + geometry->crowded[g] * layout->k_angular * layout->stride;
    for (size_t p = geometry->angular.first[g]; p < geometry->angular.first[g + 1]; p++)
        for (size_t k = 0; k < layout->k_angular; k++)
            for (size_t h = 0; h < layout->n_harmonics; h++)
                sums[k * layout->stride + h] += geometry->basis[p * 2 * layout->k_angular + k] *
                                                geometry->harmonics[p * 4 * layout->stride + h];
}

static enum vt_code count_crowded(struct vt_geometry *geometry, size_t n_groups,
                                  struct vt_error *error)
{
    const size_t *first = geometry->angular.first;
    const enum vt_code code =
        take(geometry, &geometry->crowded, n_groups + 1, sizeof(size_t), error);
    for (size_t g = 0; g < n_groups && !code; g++)
        geometry->crowded[g + 1] =
            geometry->crowded[g] + (vt_is_crowded(first[g + 1] - first[g]) ? 1 : 0);
    return code;
}

static enum vt_code add_angular(struct vt_geometry *geometry, const struct vt_geometer *geometer,
                                struct vt_error *error)
{
    const struct vt_layout *layout = &geometer->layout;
    const struct vt_pair_list *list = &geometry->angular;
    const size_t n_types = layout->n_types, n_groups = geometry->n_atoms * n_types;
    const size_t n_pairs = list->first[n_groups], n_basis = layout->k_angular;
    enum vt_code code =
        take(geometry, &geometry->basis, n_pairs * 2 * n_basis, sizeof(double), error);
    if (!code)
        code = take(geometry, &geometry->harmonics, n_pairs * 4 * layout->stride, sizeof(double),
                    error);
    if (!code)
        code = count_crowded(geometry, n_groups, error);
    if (!code)
        code = take(geometry, &geometry->angular_sums,
                    geometry->crowded[n_groups] * n_basis * layout->stride, sizeof(double), error);
    for (size_t g = 0; g < n_groups && !code; g++) {
        const struct group at = group(geometer, geometry, g / n_types, g % n_types);
        const size_t centre = (size_t)at.centre_type;
        const double rc = geometer->plan->cutoff_angular[centre * n_types + at.type];
        for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
            double *basis = geometry->basis + p * 2 * n_basis;
            vt_basis_slope(vt_radius(list->u[p][3], rc), (int)n_basis, basis, basis + n_basis);
            vt_bond_harmonics(layout->l_max, list->u[p], list->u[p][3], layout->stride,
                              geometry->harmonics + p * 4 * layout->stride);
        }
        if (geometry->crowded[g + 1] > geometry->crowded[g])
            add_group_sums(geometry, layout, g);
    }
    return code;
}

/* The repulsion of nuclei knows no parameters: energy, forces and virial once and for all. */
static enum vt_code add_zbl(struct vt_geometry *geometry, const struct vt_geometer *geometer,
                            struct vt_error *error)
{
    const size_t n_types = geometer->layout.n_types;
    if (geometer->plan->model->zbl == VT_ZBL_NONE)
        return VT_OK;
    const enum vt_code code =
        take(geometry, &geometry->zbl_force, geometry->n_atoms, sizeof *geometry->zbl_force, error);
    const struct vt_pair_list *list = &geometry->angular;
    for (size_t g = 0; g < geometry->n_atoms * n_types && !code; g++) {
        const struct group at = group(geometer, geometry, g / n_types, g % n_types);
        const struct vt_zbl_pair *zbl =
            &geometer->plan->zbl[(size_t)at.centre_type * n_types + at.type];
        for (size_t p = list->first[g]; p < list->first[g + 1]; p++) {
            double slope;
            geometry->zbl_energy += 0.5 * vt_zbl_energy(zbl, list->u[p][3], &slope);
            double force[3], minus_r[3];
            for (int d = 0; d < 3; d++) {
                force[d] = 0.5 * slope * list->u[p][d];
                minus_r[d] = -list->u[p][3] * list->u[p][d];
                geometry->zbl_force[at.row][d] += force[d];
                geometry->zbl_force[list->neighbour[p]][d] -= force[d];
            }
            vt_add_outer(geometry->zbl_virial, minus_r, force);
        }
    }
    return code;
}

/* phi(r) = erfc(alpha r)/r + slope r + shift of docs/theory.md 6.3 and 6.6, and its derivative. */
static enum vt_code add_screened(struct vt_geometry *geometry, const struct vt_geometer *geometer,
                                 struct vt_error *error)
{
    const int mode = geometer->layout.charge_mode;
    if (mode != 1 && mode != 3)
        return VT_OK;
    const size_t n = geometry->radial.first[geometry->n_atoms * geometer->layout.n_types];
    const double rc = geometer->plan->cutoff_radial[0], alpha = VT_PI / rc;
    const double kappa = 2 * alpha / sqrt(VT_PI), edge = erfc(VT_PI);
    const double slope = mode == 3 ? edge / (rc * rc) + kappa * exp(-VT_PI * VT_PI) / rc : 0;
    const double shift = mode == 3 ? -edge / rc - slope * rc : 0;
    const enum vt_code code = take(geometry, &geometry->screened, 2 * n, sizeof(double), error);
    for (size_t p = 0; p < n && !code; p++) {
        const double r = geometry->radial.u[p][3], bare = erfc(alpha * r) / r;
        geometry->screened[2 * p] = bare + slope * r + shift;
        geometry->screened[2 * p + 1] = -(bare + kappa * exp(-alpha * alpha * r * r)) / r + slope;
    }
    return code;
}

static enum vt_code add_waves(struct vt_geometry *geometry, const struct vt_geometer *geometer,
                              struct vt_error *error)
{
    const int mode = geometer->layout.charge_mode;
    if (mode != 1 && mode != 2)
        return VT_OK;
    const enum vt_code code =
        vt_waves_create(&geometry->waves, &geometer->domain.cell, geometer->plan->cutoff_radial[0],
                        geometry->n_atoms, (const double(*)[3])geometer->position, error);
    geometry->bytes += geometry->waves.bytes;
    return code;
}

enum vt_code vt_geometry_create(struct vt_geometry *geometry, struct vt_geometer *geometer,
                                const struct vt_labelled_frame *frame, struct vt_error *error)
{
    assert(frame->n_atoms > 0 && frame->position && frame->type);
    *geometry = (struct vt_geometry){.n_atoms = frame->n_atoms};
    enum vt_code code = find_pairs(geometer, frame, error);
    if (!code)
        code = sort_atoms(geometry, geometer, frame, error);
    if (!code)
        code =
            list_pairs(geometry, geometer, geometer->plan->cutoff_radial, &geometry->radial, error);
    if (!code)
        code = list_pairs(geometry, geometer, geometer->plan->cutoff_angular, &geometry->angular,
                          error);
    if (!code)
        code = add_radial(geometry, geometer, error);
    if (!code)
        code = add_angular(geometry, geometer, error);
    if (!code)
        code = add_zbl(geometry, geometer, error);
    if (!code)
        code = add_screened(geometry, geometer, error);
    if (!code)
        code = add_waves(geometry, geometer, error);
    if (code)
        vt_geometry_destroy(geometry);
    return code;
}
