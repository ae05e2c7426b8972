/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"
#include "dice.h"
#include "synthetic.h"

static const double skin = 0.8; /* A */

const double moving_mass[2] = {20, 50};

static void must(enum vt_code code, const struct vt_error *error)
{
    if (!code)
        return;
    fprintf(stderr, "moving: %s\n", error->message);
    abort();
}

static void make_model(struct vt_nep *model, bool without_forces, bool charged)
{
    struct synthetic options = synthetic_defaults();
    options.n_types = 2;
    options.charge_mode = charged ? 1 : 0;
    options.cutoff_radial = without_forces ? 1.0 : 3.2;
    options.cutoff_angular = without_forces ? 1.0 : 3.0;
    options.n_radial = options.n_angular = 2;
    options.k_radial = options.k_angular = 3;
    options.l_max = 2;
    options.term[VT_Q222] = false;
    options.neurons = 5;
    options.zbl = without_forces ? VT_ZBL_NONE : VT_ZBL_UNIVERSAL;
    synthetic_model(model, &options);
    if (without_forces)
        memset(model->numbers, 0, model->n_numbers * sizeof *model->numbers);
}

/* On the first rank; the others get theirs when lists are built. */
static void add_atoms(struct vt_domain *domain, const int sites[3])
{
    struct dice dice = {7};
    struct vt_error error;
    int64_t id = 0;
    for (int a = 0; a < sites[0]; a++)
        for (int b = 0; b < sites[1]; b++)
            for (int c = 0; c < sites[2]; c++) {
                const int type = (a + b + c) % 2;
                const uint32_t groups = VT_ALL_ATOMS | (c == 0 ? MOVING_WALL : 0);
                double position[1][3] = {{a, b, c}};
                for (int d = 0; d < 3; d++)
                    position[0][d] =
                        MOVING_SPACING * (position[0][d] + dice_real(&dice, 0.45, 0.55));
                const struct vt_domain_input input = {.n = 1,
                                                      .position = (const double(*)[3])position,
                                                      .type = &type,
                                                      .groups = &groups,
                                                      .first_id = id++};
                if (vt_rank(domain->grid.comm) == 0)
                    must(vt_domain_add(domain, &input, &error), &error);
            }
    must(vt_domain_migrate(domain, &error), &error);
}

void moving_create(struct moving *moving, const struct moving_options *options)
{
    static const int any_grid[3] = {0, 0, 0};
    const struct vt_force_options force_options = {.precision = options->precision,
                                                   .electrostatics = VT_EWALD_CONVERGED,
                                                   .accuracy = 1e-8,
                                                   .born_charges = options->charged};
    struct vt_error error;
    double cell[3][3] = {{0}};
    for (int d = 0; d < 3; d++)
        cell[d][d] = MOVING_SPACING * options->sites[d];
    *moving = (struct moving){.force = NULL};
    make_model(&moving->model, options->free, options->charged);
    must(vt_force_create(&moving->force, &moving->model, &force_options, &error), &error);
    must(vt_domain_create(&moving->domain, options->comm, (const double(*)[3])cell, any_grid,
                          &error),
         &error);
    add_atoms(&moving->domain, options->sites);
    const struct vt_md_settings settings = {.domain = &moving->domain,
                                            .force = moving->force,
                                            .mass = moving_mass,
                                            .timestep = options->timestep,
                                            .skin = skin,
                                            .seed = options->seed};
    vt_md_create(&moving->md, &settings);
    vt_md_draw_velocities(&moving->md, options->temperature);
    must(vt_md_evaluate(&moving->md, &error), &error);
}

void moving_destroy(struct moving *moving)
{
    vt_md_destroy(&moving->md);
    vt_domain_destroy(&moving->domain);
    vt_force_destroy(moving->force);
    vt_nep_destroy(&moving->model);
}

struct vt_ensemble_settings moving_settings(enum vt_thermostat thermostat, double temperature,
                                            int64_t n_steps)
{
    return (struct vt_ensemble_settings){.thermostat = thermostat,
                                         .temperature = {temperature, temperature},
                                         .temperature_time = 100,
                                         .chain = 3,
                                         .n_steps = n_steps};
}

struct vt_ensemble *moving_ensemble(struct moving *moving,
                                    const struct vt_ensemble_settings *settings)
{
    struct vt_ensemble *ensemble;
    struct vt_error error;
    must(vt_ensemble_create(&ensemble, settings, &moving->md, &error), &error);
    return ensemble;
}

void moving_steps(struct vt_ensemble *ensemble, int64_t n)
{
    struct vt_error error;
    for (int64_t i = 0; i < n; i++)
        must(vt_ensemble_step(ensemble, &error), &error);
}

void moving_rebuild(struct moving *moving)
{
    struct vt_error error;
    moving->md.needs_rebuild = true;
    must(vt_md_evaluate(&moving->md, &error), &error);
}

double moving_conserved(const struct moving *moving, const struct vt_ensemble *ensemble)
{
    return vt_md_kinetic_energy(&moving->md) + vt_force_results(moving->force)->energy +
           (ensemble ? vt_ensemble_exchanged(ensemble) : 0);
}

void moving_gather(const struct moving *moving, double (*position)[3], double (*velocity)[3])
{
    const struct vt_domain *domain = &moving->domain;
    const struct vt_atoms *atoms = &domain->atoms;
    const size_t n = (size_t)domain->n_global;
    memset(position, 0, n * sizeof *position);
    memset(velocity, 0, n * sizeof *velocity);
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
        double back[3];
        vt_cell_cartesian(&domain->cell, image, back);
        for (int d = 0; d < 3; d++) {
            position[atoms->id[i]][d] = atoms->position[i][d] + back[d];
            velocity[atoms->id[i]][d] = atoms->velocity[i][d];
        }
    }
    vt_sum_over_ranks(domain->grid.comm, &position[0][0], (int)(3 * n));
    vt_sum_over_ranks(domain->grid.comm, &velocity[0][0], (int)(3 * n));
}
