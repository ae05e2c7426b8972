/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory is that of the arrays which grow with atoms, ghosts, pairs and wave vectors, for atoms
 * spread evenly. */
#include "md/run_plan.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"
#include "coulomb/ewald.h"

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
    if (model->charge_mode != 1 && model->charge_mode != 2)
        return 0;
    const double cutoff = model->cutoff_radial[0], accuracy = config->electrostatics.accuracy;
    struct vt_ewald_settings ewald = vt_ewald_gpumd(cutoff);
    if (config->electrostatics.method != VT_RUN_GPUMD)
        ewald = vt_ewald_converged(
            model->charge_mode == 1 ? vt_ewald_alpha(cutoff, accuracy) : ewald.alpha, accuracy);
    return sphere(ewald.k_max) * system->domain.cell.volume / (16 * VT_PI * VT_PI * VT_PI);
}

/* Of a rank; numbers of each atom of the brick are means. */
struct crowd {
    double local, ghosts;
    double listed, pairs; /* of each atom */
};

/* What the evaluator keeps from one loop over the pairs to the next: in double precision all of the
 * pairs too, which the kernels make anew, and only where charges come in between anything at all.
 * Charges want the pairs in any case. */
static double count_kept(const struct vt_run_system *system, const struct crowd *crowd)
{
    const struct vt_nep *model = &system->model;
    const bool kernels = vt_force_kernel(system->force), charges = model->charge_mode != 0;
    const double numbers = 2.0 * model->dimension + ANGULAR_SUMS * (model->n_angular + 1.0);
    const double pairs = PER_PAIR * crowd->pairs;
    if (!kernels)
        return crowd->local * (8 * numbers + pairs);
    return (crowd->local + crowd->ghosts) * KERNEL_PER_ROW +
           (charges ? crowd->local * (4 * numbers + pairs) : 0);
}

/* All of a rank. */
static double count_bytes(const struct vt_run_system *system, const struct vt_run_config *config,
                          const struct crowd *crowd)
{
    const int per_row = PER_ROW + (vt_run_force_options(config).born_charges ? BORN_PER_ROW : 0);
    return (crowd->local + crowd->ghosts) * per_row +
           crowd->local * (PER_LOCAL + PER_ENTRY * crowd->listed) + count_kept(system, crowd);
}

static void write_needs(const struct vt_run_system *system, const struct vt_run_config *config,
                        FILE *file)
{
    const struct vt_domain *domain = &system->domain;
    const struct vt_nep *model = &system->model;
    const int *count = domain->grid.count;
    const double n = (double)system->n_atoms, local = n / domain->grid.size;
    const double reach = vt_nep_largest_cutoff(model) + config->neighbour.skin;
    const double density = n / domain->cell.volume;
    const struct crowd crowd = {.local = local,
                                .ghosts = count_ghosts(domain, reach, local),
                                .listed = density * sphere(reach),
                                .pairs = density * sphere(vt_nep_largest_cutoff(model))};
    const double vectors = count_vectors(system, config);
    fprintf(file, "# %lld atoms, %.6g A^3, model hash %s\n", (long long)system->n_atoms,
            domain->cell.volume, model->hash);
    fprintf(file, "# %d x %d x %d bricks of %.4g x %.4g x %.4g A\n", count[0], count[1], count[2],
            domain->cell.thickness[0] / count[0], domain->cell.thickness[1] / count[1],
            domain->cell.thickness[2] / count[2]);
    if (vectors > 0)
        fprintf(file, "# about %.0f wave vectors\n", ceil(vectors));
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
    if (!code && file) {
        vt_config_echo(&vt_run_table, config, file);
        write_needs(&system, config, file);
    }
    vt_run_system_close(&system);
    return code;
}
