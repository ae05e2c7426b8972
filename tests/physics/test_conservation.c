/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The energy of a hot oxyhalide glass with a fitted charge model stays, up to the error of velocity
 * Verlet: the forces are the gradient of the energy, charges that follow their surroundings
 * included. `drift` beside this file measures the same over 50 ps.
 *
 *     test_conservation FOLDER    with nep.txt and 1000K.xyz */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>

#include "base/elements.h"
#include "common/near.h"
#include "common/sample_read.h"
#include "md/ensemble.h"

enum { LENGTH = 200 /* fs */, MOST_STEPS = 2 * LENGTH, PATH_ROOM = 4096 };

static const char *folder;

struct glass {
    struct vt_nep model;
    struct vt_force *force;
    struct sample sample;
    struct vt_domain domain;
    double mass[VT_NEP_MAX_TYPES];
    struct vt_md md;
};

static void must(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

/* At 1000 K, with the same velocities every time. Not to be moved in memory while it lives. */
static void glass_create(struct glass *glass, enum vt_electrostatics electrostatics,
                         double timestep)
{
    const struct vt_force_options options = {.electrostatics = electrostatics, .accuracy = 1e-5};
    const double skin = 1;
    struct vt_error error;
    char path[PATH_ROOM];
    *glass = (struct glass){.force = NULL};
    snprintf(path, sizeof path, "%s/nep.txt", folder);
    must(vt_nep_read(&glass->model, path, &error), &error);
    for (int t = 0; t < glass->model.n_types; t++)
        glass->mass[t] = vt_element_mass(glass->model.atomic_number[t]);
    must(vt_force_create(&glass->force, &glass->model, &options, &error), &error);
    snprintf(path, sizeof path, "%s/1000K.xyz", folder);
    sample_read(&glass->sample, path, &glass->model);
    sample_domain(&glass->sample, MPI_COMM_NULL, vt_nep_largest_cutoff(&glass->model) + skin,
                  &glass->domain);
    const struct vt_md_settings settings = {.domain = &glass->domain,
                                            .force = glass->force,
                                            .mass = glass->mass,
                                            .timestep = timestep,
                                            .skin = skin,
                                            .seed = 1};
    vt_md_create(&glass->md, &settings);
    vt_md_draw_velocities(&glass->md, 1000);
    must(vt_md_evaluate(&glass->md, &error), &error);
}

static void glass_destroy(struct glass *glass)
{
    vt_md_destroy(&glass->md);
    vt_domain_destroy(&glass->domain);
    sample_destroy(&glass->sample);
    vt_force_destroy(glass->force);
    vt_nep_destroy(&glass->model);
}

/* How far the energy strays from its mean in LENGTH at constant energy (rms, eV/atom). */
static double fluctuation(enum vt_electrostatics electrostatics, double timestep)
{
    struct glass glass;
    glass_create(&glass, electrostatics, timestep);
    const int n = (int)lround(LENGTH / timestep);
    const struct vt_ensemble_settings settings = {.thermostat = VT_THERMOSTAT_NONE, .n_steps = n};
    struct vt_ensemble *ensemble;
    struct vt_error error;
    must(vt_ensemble_create(&ensemble, &settings, &glass.md, &error), &error);
    double energy[MOST_STEPS], mean = 0, squares = 0;
    assert_true(n <= MOST_STEPS);
    for (int i = 0; i < n; i++) {
        must(vt_ensemble_step(ensemble, &error), &error);
        energy[i] = (vt_md_kinetic_energy(&glass.md) + vt_force_results(glass.force)->energy) /
                    (double)glass.sample.n_atoms;
        mean += energy[i] / n;
    }
    for (int i = 0; i < n; i++)
        squares += (energy[i] - mean) * (energy[i] - mean);
    vt_ensemble_destroy(ensemble);
    glass_destroy(&glass);
    return sqrt(squares / n);
}

/* Small, and a quarter of it at half the time step: what is left is the integrator's. */
static void check(enum vt_electrostatics electrostatics)
{
    const double full = fluctuation(electrostatics, 1), half = fluctuation(electrostatics, 0.5);
    print_message("rms of the energy: %.2e eV/atom at 1 fs, %.2e at 0.5 fs, ratio %.2f\n", full,
                  half, full / half);
    assert_true(full < 2e-5);
    assert_near(full / half, 4, 1);
}

static void test_ewald(void **state)
{
    (void)state;
    check(VT_EWALD_CONVERGED);
}

static void test_gpumd(void **state)
{
    (void)state;
    check(VT_EWALD_GPUMD);
}

/* Pairs that end at a cutoff of their own, and forces that are the gradient of a mesh energy. */
static void test_pppm(void **state)
{
    (void)state;
    check(VT_PPPM);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_conservation FOLDER\n");
        return 1;
    }
    folder = argv[1];
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ewald), cmocka_unit_test(test_gpumd),
                                       cmocka_unit_test(test_pppm)};
    return VT_RUN_TESTS(tests);
}
