/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory is that of the arrays which grow with atoms, ghosts, pairs and wave vectors, for atoms
 * spread evenly. */
#include "md/run_plan.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"
#include "coulomb/ewald.h"
#include "force/arithmetic.h"

/* Bytes; from the layout of the arrays. */
enum {
    PER_ROW = 24 + 24 + 4 + 8 + 24 + 8, /* position now and at the build, type, id, force, charge */
    PER_LOCAL = 24 + 12 + 4             /* velocity, image, groups */
                + 8 * 9                 /* energies, potentials, Coulomb forces */
                + 76,                   /* the last good frame */
    BORN_PER_ROW = 72,
    KERNEL_PER_ROW = 16 + 16, /* position and force */
    PER_PAIR = 36,
    PER_ENTRY = 4,
    PER_POINT = 24,   /* of a mesh of doubles: charges, waves and what is sent of them */
    ANGULAR_SUMS = 24 /* of one n: (l + 1)^2 - 1 of them up to l = 4 */
};

static double sphere(double radius)
{
    assert(radius >= 0);
    return 4.0 / 3.0 * VT_PI * radius * radius * radius;
}

/* Ghosts of a rank: what of the extended brick is not the brick. */
static double count_ghosts(const struct vt_domain *domain, double reach, double local)
{
    assert(reach > 0 && local > 0);
    double ratio = 1;
    for (int d = 0; d < 3; d++)
        ratio *= 1 + 2 * reach * domain->grid.count[d] / domain->cell.thickness[d];
    return local * (ratio - 1);
}

/* Half space. */
static double count_vectors(const struct vt_run_system *system, const struct vt_run_config *config)
{
    const struct vt_nep *model = &system->model;
    const double cutoff = model->cutoff_radial[0], accuracy = config->electrostatics.accuracy;
    struct vt_ewald_settings ewald = vt_ewald_gpumd(cutoff);
    if (config->electrostatics.method != VT_EWALD_GPUMD)
        ewald = vt_ewald_converged(
            model->charge_mode == 1 ? vt_ewald_alpha(cutoff, accuracy) : ewald.alpha, accuracy);
    return sphere(ewald.k_max) * system->domain.cell.volume / (16 * VT_PI * VT_PI * VT_PI);
}

/* ---- electrostatics ---- */

static bool has_waves(const struct vt_run_system *system)
{
    return system->model.charge_mode == 1 || system->model.charge_mode == 2;
}

static bool has_mesh(const struct vt_run_system *system)
{
    return has_waves(system) && vt_force_electrostatics(system->force).method == VT_PPPM;
}

/* How far ghosts reach, without the skin. */
static double count_reach(const struct vt_run_system *system)
{
    double reach = vt_nep_largest_cutoff(&system->model);
    if (has_mesh(system) && vt_force_electrostatics(system->force).pairs)
        reach = fmax(reach, vt_force_electrostatics(system->force).mesh.split.cutoff);
    return reach;
}

/* Of a rank: points and transforms. */
static double count_mesh(const struct vt_run_system *system)
{
    if (!has_mesh(system))
        return 0;
    const struct vt_mesh_settings mesh = vt_force_electrostatics(system->force).mesh;
    return PER_POINT * (mesh.single ? 0.5 : 1) * mesh.size[0] * mesh.size[1] * mesh.size[2] /
           system->domain.grid.size;
}

static void write_choice(const struct vt_run_system *system, const struct vt_run_config *config,
                         FILE *file)
{
    const struct vt_electric_choice choice = vt_force_electrostatics(system->force);
    const struct vt_mesh_settings *mesh = &choice.mesh;
    char text[32];
    vt_electrostatics_text(choice.method, config->electrostatics.accuracy, text);
    fprintf(file, "# electrostatics: %s", text);
    if (choice.method != VT_PPPM) {
        fprintf(file, ", about %.0f wave vectors\n", ceil(count_vectors(system, config)));
        return;
    }
    if (choice.pairs)
        fprintf(file, ", pairs within %.3g A in %s\n", mesh->split.cutoff,
                choice.vectors ? "float" : "double");
    else
        fprintf(file, ", no pairs\n");
    if (mesh->split.kind == VT_SPLIT_PROLATE)
        fprintf(file, "# split by a prolate function (band %.4g)", mesh->split.band);
    else
        fprintf(file, "# split by a Gaussian (alpha %.4g 1/A)", mesh->split.alpha);
    fprintf(file, ", mesh of %d x %d x %d points in %s, %s window of %d points\n", mesh->size[0],
            mesh->size[1], mesh->size[2], mesh->single ? "float" : "double",
            mesh->window == VT_WINDOW_SPLINE ? "spline" : "prolate", mesh->width);
    fprintf(file, "# its error of forces, expected: %.2g\n", choice.error);
}

/* Of a rank; numbers of each atom of the brick are means. */
struct crowd {
    double local, ghosts;
    double listed, pairs; /* of each atom */
};

/* What the evaluator keeps from one loop over the pairs to the next: in double precision all of the
 * pairs too, which the kernels make anew, and only where charges come in between anything at all.
 * Sums over waves want the pairs in any case. */
static double count_kept(const struct vt_run_system *system, const struct crowd *crowd)
{
    const struct vt_nep *model = &system->model;
    const bool kernels = vt_force_kernel(system->force), charges = model->charge_mode != 0;
    const double numbers = 2.0 * model->dimension + ANGULAR_SUMS * (model->n_angular + 1.0);
    const double pairs = PER_PAIR * crowd->pairs;
    if (!kernels)
        return crowd->local * (8 * numbers + pairs);
    return (crowd->local + crowd->ghosts) * KERNEL_PER_ROW +
           (charges ? crowd->local * (4 * numbers + (has_mesh(system) ? 0 : pairs)) : 0);
}

/* All of a rank. */
static double count_bytes(const struct vt_run_system *system, const struct vt_run_config *config,
                          const struct crowd *crowd)
{
    const int per_row = PER_ROW + (vt_run_force_options(config).born_charges ? BORN_PER_ROW : 0);
    return (crowd->local + crowd->ghosts) * per_row +
           crowd->local * (PER_LOCAL + PER_ENTRY * crowd->listed) + count_kept(system, crowd) +
           count_mesh(system);
}

/* Once the structure as it is has been evaluated. */
static void write_electrostatics(const struct vt_run_system *system,
                                 const struct vt_run_config *config,
                                 const struct vt_measured *measured, FILE *file)
{
    write_choice(system, config, file);
    fprintf(file,
            "# measured on %d atoms, against exact sums: %.2g, and %.2g of potentials (rms; of two "
            "unit charges at 1 A)\n",
            measured->n_sample, measured->force, measured->potential);
}

static void write_needs(const struct vt_run_system *system, const struct vt_run_config *config,
                        FILE *file)
{
    const struct vt_domain *domain = &system->domain;
    const struct vt_nep *model = &system->model;
    const int *count = domain->grid.count;
    const double n = (double)system->n_atoms, local = n / domain->grid.size;
    const double skin = config->neighbour.skin, most = vt_nep_largest_cutoff(model);
    const double density = n / domain->cell.volume;
    const struct crowd crowd = {.local = local,
                                .ghosts = count_ghosts(domain, count_reach(system) + skin, local),
                                .listed = density * sphere(most + skin),
                                .pairs = density * sphere(most)};
    fprintf(file, "# %lld atoms, %.6g A^3, model hash %s\n", (long long)system->n_atoms,
            domain->cell.volume, model->hash);
    fprintf(file, "# %d x %d x %d bricks of %.4g x %.4g x %.4g A\n", count[0], count[1], count[2],
            domain->cell.thickness[0] / count[0], domain->cell.thickness[1] / count[1],
            domain->cell.thickness[2] / count[2]);
    fprintf(file, "# a rank: about %.0f atoms, %.0f ghosts, %.1f MB\n", ceil(local),
            ceil(crowd.ghosts), count_bytes(system, config, &crowd) / 1e6);
    int64_t dynamics = 0, minimisation = 0;
    for (size_t s = 0; s < config->n_stages; s++)
        *(config->stages[s].has_minimise ? &minimisation : &dynamics) +=
            vt_run_stage_steps(config, s);
    fprintf(file, "# %lld steps, %.6g ps", (long long)dynamics,
            (double)dynamics * config->timestep * 1e-3);
    if (minimisation > 0)
        fprintf(file, ", and at most %lld of minimisation", (long long)minimisation);
    fprintf(file, "\n");
}

enum vt_code vt_run_plan(MPI_Comm comm, const struct vt_run_config *config, FILE *file,
                         struct vt_error *error)
{
    assert(config);
    struct vt_run_system system = {.comm = MPI_COMM_NULL};
    enum vt_code code = vt_run_system_open(&system, comm, config, error);
    if (!code)
        code = vt_run_system_spread(&system, config, NULL, (const double(*)[3])system.cell, error);
    if (!code)
        code = vt_run_system_deal(&system, config, error);
    struct vt_measured measured = {0};
    if (!code && has_waves(&system)) {
        code = vt_md_evaluate(&system.md, error);
        if (!code)
            code = vt_force_measure(system.force, &measured, error);
    }
    if (!code && file) {
        vt_config_echo(&vt_run_table, config, file);
        write_needs(&system, config, file);
        if (has_waves(&system))
            write_electrostatics(&system, config, &measured, file);
    }
    vt_run_system_close(&system);
    return code;
}
