/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "force/electrostatics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "coulomb/ewald.h"
#include "coulomb/near.h"
#include "coulomb/real_space.h"
#include "coulomb/slab.h"
#include "coulomb/tune.h"

/* A mesh follows the cell in steps of this ratio of lengths. */
static const double length_step = 1.1;

/* The error grows as the sum of the squared charges, and a plan aims at 0.9 of the accuracy. */
static const double most_growth = 1.1;

/* Atoms below which an Ewald sum is preferred. In dynamics a mesh is faster from 40 atoms on, and
 * below all is fast; for a single evaluation the choice of a mesh, half a second, counts. */
static const double ewald_atoms = 32, ewald_atoms_once = 4000;

/* Where pairs may end, A, and what one of a full list costs, ns (test_near_kernels --bench, Zen 3
 * with AVX2). */
static const double least_cutoff = 4, most_cutoff = 12;
static const double vector_pair_cost = 2.5, plain_pair_cost = 15;

struct vt_electric {
    struct vt_electric_settings settings;
    struct vt_electric_choice choice;
    bool has_plan;
    struct vt_electric_basis basis;  /* of the plan */
    struct vt_real_space real_space; /* of Ewald sums in mode 1, and all there is in mode 3 */
    struct vt_ewald *ewald;
    struct vt_near *near; /* of VT_PPPM, like what follows */
    struct vt_mesh *mesh;
    double planned_length[3]; /* A: of the cell vectors */
    int planned_size[3];
    double (*unwrapped)[3]; /* [n_local], for the published sums and for slabs */
    double *mass;           /* [n_local], amu, for the mesh */
    size_t unwrapped_capacity, mass_capacity;
};

static double model_alpha(const struct vt_electric *electric)
{
    return VT_PI / electric->settings.cutoff;
}

/* Mode 1 sums up to the energy of point charges whatever alpha is, so alpha may follow the
 * accuracy; in mode 2 the Gaussians belong to the model. */
static struct vt_ewald_settings ewald_settings(const struct vt_electric *electric)
{
    const struct vt_electric_settings *s = &electric->settings;
    if (electric->choice.method == VT_EWALD_GPUMD)
        return vt_ewald_gpumd(s->cutoff);
    const double alpha =
        s->charge_mode == 1 ? vt_ewald_alpha(s->cutoff, s->accuracy) : model_alpha(electric);
    return vt_ewald_converged(alpha, s->accuracy);
}

/* Nothing at work. */
static void clear(struct vt_electric *electric)
{
    vt_ewald_destroy(electric->ewald);
    vt_near_destroy(electric->near);
    vt_mesh_destroy(electric->mesh);
    electric->ewald = NULL;
    electric->near = NULL;
    electric->mesh = NULL;
    electric->real_space = (struct vt_real_space){.cutoff = 0};
}

static enum vt_code make_ewald(struct vt_electric *electric, struct vt_error *error)
{
    const struct vt_electric_settings *s = &electric->settings;
    const struct vt_ewald_settings waves = ewald_settings(electric);
    if (s->charge_mode == 1)
        electric->real_space = vt_real_space_truncated(waves.alpha, s->cutoff);
    return vt_ewald_create(&electric->ewald, waves, error);
}

/* ---- pairs and a mesh ---- */

/* Waves and mesh of the choice. Collective. */
static enum vt_code make_mesh(struct vt_electric *electric, const struct vt_grid *grid,
                              struct vt_error *error)
{
    vt_mesh_destroy(electric->mesh);
    electric->mesh = NULL;
    return vt_mesh_create(&electric->mesh, &electric->choice.mesh, grid, error);
}

static enum vt_code make_pppm(struct vt_electric *electric, const struct vt_grid *grid,
                              struct vt_error *error)
{
    const struct vt_electric_settings *s = &electric->settings;
    const struct vt_near_settings near = {.split = &electric->choice.mesh.split,
                                          .target_alpha =
                                              s->charge_mode == 2 ? model_alpha(electric) : 0,
                                          .accuracy = s->accuracy,
                                          .kernel = s->kernel};
    if (!electric->choice.pairs)
        return make_mesh(electric, grid, error);
    enum vt_code code = vt_near_create(&electric->near, &near, error);
    code = vt_agree(grid->comm, code, 0, error);
    if (code)
        return code;
    const struct vt_near_size size = vt_near_size(electric->near);
    electric->choice.degree = size.degree;
    electric->choice.vectors = size.vectors;
    return make_mesh(electric, grid, error);
}

/* Number of ranks and of free pairs as if there were one rank and none: the same choice, and so the
 * same physics, everywhere. */
static enum vt_code choose(struct vt_electric *electric, const struct vt_electric_basis *basis,
                           struct vt_error *error)
{
    const struct vt_electric_settings *s = &electric->settings;
    struct vt_tune_request request = {
        .accuracy = s->accuracy,
        .model_alpha = s->charge_mode == 2 ? model_alpha(electric) : 0,
        .cloud = {.n_atoms = basis->n_atoms, .squares = basis->squares},
        .ranks = 1,
        .single = s->kernel != NULL,
        .cutoff_least = least_cutoff,
        .cutoff_most = most_cutoff,
        .pair_cost = s->kernel ? vector_pair_cost : plain_pair_cost,
        .splits = 1u << VT_SPLIT_PROLATE}; /* Gaussians have never been cheaper */
    struct vt_tune_choice tuned;
    enum vt_code code = vt_cell_init(&request.cloud.cell, basis->cell, error);
    if (!code)
        code = vt_tune(&request, &tuned, error);
    if (code)
        return code;
    electric->choice = (struct vt_electric_choice){
        .method = VT_PPPM, .mesh = tuned.mesh, .pairs = tuned.pairs, .error = tuned.error};
    for (int d = 0; d < 3; d++) {
        electric->planned_length[d] = vt_norm(request.cloud.cell.vector[d]);
        electric->planned_size[d] = tuned.mesh.size[d];
    }
    return VT_OK;
}

static bool prefers_ewald(const struct vt_electric *electric, const struct vt_electric_basis *basis)
{
    return electric->settings.method == VT_FASTEST &&
           basis->n_atoms < (basis->is_for_once != 0 ? ewald_atoms_once : ewald_atoms);
}

/* To three digits: the last ones depend on the number of ranks, which the choice should not. */
static double round_off(double squares)
{
    return squares > 1e-12 ? exp(round(1e3 * log(squares)) * 1e-3) : 0;
}

void vt_electric_sum_charges(size_t n, const double *charges, double sums[2])
{
    assert((charges || n == 0) && sums);
    sums[0] = sums[1] = 0;
    for (size_t i = 0; i < n; i++) {
        sums[0] += charges[i];
        sums[1] += charges[i] * charges[i];
    }
}

struct vt_electric_basis vt_electric_basis_of(double n_atoms, const double sums[2],
                                              const struct vt_cell *cell)
{
    assert(n_atoms > 0 && sums && sums[1] >= 0 && cell);
    struct vt_electric_basis basis = {.n_atoms = n_atoms,
                                      .squares = round_off(sums[1] - sums[0] * sums[0] / n_atoms)};
    memcpy(basis.cell, cell->vector, sizeof basis.cell);
    return basis;
}

bool vt_electric_is_planned(const struct vt_electric *electric)
{
    const enum vt_electrostatics method = electric->settings.method;
    return electric->settings.charge_mode != 3 && (method == VT_PPPM || method == VT_FASTEST);
}

enum vt_code vt_electric_create(struct vt_electric **electric,
                                const struct vt_electric_settings *settings, struct vt_error *error)
{
    assert(electric && settings && settings->cutoff > 0 && settings->atomic_number);
    assert(settings->charge_mode >= 1 && settings->charge_mode <= 3);
    assert(settings->method == VT_EWALD_GPUMD ||
           (settings->accuracy > 0 && settings->accuracy < 1));
    enum vt_code code = vt_alloc(electric, 1, sizeof **electric, "electrostatics", error);
    if (code)
        return code;
    struct vt_electric *e = *electric;
    e->settings = *settings;
    if (e->settings.atom_virials && e->settings.method != VT_EWALD_GPUMD)
        e->settings.method = VT_EWALD_CONVERGED;
    e->choice.method = e->settings.method;
    if (settings->charge_mode == 3)
        e->real_space = vt_real_space_smooth(model_alpha(e), settings->cutoff);
    else if (!vt_electric_is_planned(e))
        code = make_ewald(e, error);
    if (code) {
        vt_electric_destroy(e);
        *electric = NULL;
    }
    return code;
}

void vt_electric_destroy(struct vt_electric *electric)
{
    if (!electric)
        return;
    clear(electric);
    vt_free(electric->unwrapped);
    vt_free(electric->mass);
    vt_free(electric);
}

enum vt_code vt_electric_plan(struct vt_electric *electric, const struct vt_electric_basis *basis,
                              const struct vt_grid *grid, struct vt_error *error)
{
    assert(electric && basis && basis->n_atoms > 0 && basis->squares >= 0 && grid);
    if (!vt_electric_is_planned(electric))
        return VT_OK;
    clear(electric);
    electric->has_plan = true;
    electric->basis = *basis;
    if (prefers_ewald(electric, basis)) {
        electric->choice = (struct vt_electric_choice){.method = VT_EWALD_CONVERGED};
        enum vt_code code = make_ewald(electric, error);
        return vt_agree(grid->comm, code, 0, error);
    }
    const enum vt_code code = choose(electric, basis, error);
    if (code)
        return code;
    return make_pppm(electric, grid, error);
}

bool vt_electric_basis(const struct vt_electric *electric, struct vt_electric_basis *basis)
{
    assert(electric && basis);
    if (electric->has_plan)
        *basis = electric->basis;
    return electric->has_plan;
}

void vt_electric_forget_plan(struct vt_electric *electric)
{
    assert(electric);
    electric->has_plan = false;
}

enum vt_code vt_electric_follow_charges(struct vt_electric *electric,
                                        const struct vt_electric_basis *now,
                                        const struct vt_grid *grid, struct vt_error *error)
{
    assert(electric && now);
    const bool is_fit =
        electric->choice.method != VT_PPPM || now->squares <= most_growth * electric->basis.squares;
    return electric->has_plan && is_fit ? VT_OK : vt_electric_plan(electric, now, grid, error);
}

struct vt_electric_choice vt_electric_choice(const struct vt_electric *electric)
{
    return electric->choice;
}

double vt_electric_reach(const struct vt_electric *electric)
{
    return electric->near ? electric->choice.mesh.split.cutoff : 0;
}

bool vt_electric_wants_pairs(const struct vt_electric *electric)
{
    return electric->real_space.cutoff > 0;
}

/* Points for lengths that are a whole number of steps from those of the plan: between two of them
 * the spacing is within 5 per cent of what was chosen. */
static enum vt_code follow_cell(struct vt_electric *electric, const struct vt_domain *domain,
                                struct vt_error *error)
{
    int size[3];
    for (int d = 0; d < 3; d++) {
        const double ratio = vt_norm(domain->cell.vector[d]) / electric->planned_length[d];
        const double steps = round(log(ratio) / log(length_step));
        size[d] = (int)ceil(electric->planned_size[d] * pow(length_step, steps) - 1e-9);
        if (size[d] < electric->choice.mesh.width)
            size[d] = electric->choice.mesh.width;
        while (!vt_tune_is_smooth(size[d]))
            size[d]++;
    }
    if (memcmp(size, electric->choice.mesh.size, sizeof size) == 0)
        return VT_OK;
    memcpy(electric->choice.mesh.size, size, sizeof size);
    return make_mesh(electric, &domain->grid, error);
}

static enum vt_code set_masses(struct vt_electric *electric, const struct vt_atoms *atoms,
                               struct vt_error *error)
{
    const enum vt_code code =
        vt_reserve(&electric->mass, &electric->mass_capacity, (size_t)atoms->n_local,
                   sizeof *electric->mass, "masses", error);
    for (int32_t i = 0; !code && i < atoms->n_local; i++)
        electric->mass[i] = vt_element_mass(electric->settings.atomic_number[atoms->type[i]]);
    return code;
}

/* The published sums know no slabs, and short-ranged ones need not. */
static bool is_slab(const struct vt_electric *electric, const struct vt_domain *domain)
{
    return domain->open != 0 && electric->settings.charge_mode != 3 &&
           electric->choice.method != VT_EWALD_GPUMD;
}

/* Collective. From the last atom of a slab to the image of the first, A. */
static double find_vacuum(const struct vt_electric *electric, const struct vt_domain *domain)
{
    const int axis = domain->open - 1;
    double extent[2] = {-INFINITY, -INFINITY}; /* most, and minus the least */
    vt_domain_unwrap(domain, electric->unwrapped);
    for (int32_t i = 0; i < domain->atoms.n_local; i++) {
        double fractional[3];
        vt_cell_fractional(&domain->cell, electric->unwrapped[i], fractional);
        extent[0] = fmax(extent[0], fractional[axis]);
        extent[1] = fmax(extent[1], -fractional[axis]);
    }
    if (domain->grid.comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, extent, 2, MPI_DOUBLE, MPI_MAX, domain->grid.comm);
    return (1 - (extent[0] + extent[1])) * domain->cell.thickness[axis];
}

static enum vt_code check_vacuum(const struct vt_electric *electric, const struct vt_domain *domain,
                                 struct vt_error *error)
{
    const struct vt_slab slab = {domain->open - 1, find_vacuum(electric, domain),
                                 (double)domain->n_global};
    return vt_slab_check(&domain->cell, &slab, electric->settings.accuracy, error);
}

enum vt_code vt_electric_rebuild(struct vt_electric *electric, const struct vt_domain *domain,
                                 double skin, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (electric->near)
        code = vt_near_build(electric->near, domain, skin, error);
    if (!code && electric->mesh)
        code = set_masses(electric, &domain->atoms, error);
    if (!code && (electric->ewald || is_slab(electric, domain)))
        code = vt_reserve(&electric->unwrapped, &electric->unwrapped_capacity,
                          (size_t)domain->atoms.n_local, sizeof *electric->unwrapped, "positions",
                          error);
    code = vt_agree(domain->grid.comm, code, 0, error);
    if (!code && is_slab(electric, domain))
        code = check_vacuum(electric, domain, error);
    return code || !electric->mesh ? code : follow_cell(electric, domain, error);
}

/* The published k-space sums are not quite periodic (their 2 pi is truncated), so that they want
 * positions as the user gave them; and a slab must not be cut in two. */
static struct vt_point_charges unwrapped_charges(const struct vt_electric *electric,
                                                 const struct vt_domain *domain,
                                                 const double *charges)
{
    return (struct vt_point_charges){.comm = domain->grid.comm,
                                     .n = (size_t)domain->atoms.n_local,
                                     .position = (const double(*)[3])electric->unwrapped,
                                     .charge = charges};
}

static enum vt_code add_mesh(struct vt_electric *electric, const struct vt_domain *domain,
                             const double *charges, struct vt_coulomb_sums *sums,
                             struct vt_error *error)
{
    const struct vt_point_charges points = {.comm = domain->grid.comm,
                                            .n = (size_t)domain->atoms.n_local,
                                            .position = (const double(*)[3])domain->atoms.position,
                                            .charge = charges,
                                            .mass = electric->mass};
    return vt_mesh_add(electric->mesh, &domain->cell, &points, sums, error);
}

enum vt_code vt_electric_add_waves(struct vt_electric *electric, const struct vt_domain *domain,
                                   const double *charges, struct vt_coulomb_sums *sums,
                                   struct vt_error *error)
{
    assert(electric && domain && charges && sums);
    const bool slab = is_slab(electric, domain);
    const struct vt_point_charges points = unwrapped_charges(electric, domain, charges);
    enum vt_code code = VT_OK;
    if (electric->ewald || slab)
        vt_domain_unwrap(domain, electric->unwrapped);
    if (electric->mesh)
        code = add_mesh(electric, domain, charges, sums, error);
    else if (electric->ewald)
        code = vt_ewald_add(electric->ewald, &domain->cell, &points, sums, error);
    if (!code && slab)
        vt_slab_add(&domain->cell, domain->open - 1, &points, sums);
    return code;
}

void vt_electric_add_pairs(struct vt_electric *electric, const struct vt_domain *domain,
                           const struct vt_pairs *pairs, const double *charges,
                           struct vt_coulomb_sums *sums)
{
    assert(electric && domain && charges && sums);
    assert(pairs || !vt_electric_wants_pairs(electric));
    if (vt_electric_wants_pairs(electric))
        vt_real_space_add(&electric->real_space, pairs, charges, sums);
    if (vt_electric_wants_pairs(electric) && electric->settings.charge_mode == 1)
        vt_self_energy_add(electric->real_space.alpha, (size_t)domain->atoms.n_local, charges,
                           sums);
    if (electric->near)
        vt_near_add(electric->near, domain, charges, sums);
}
