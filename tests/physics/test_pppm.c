/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Electrostatics by pairs and a mesh within a whole model: as accurate as was asked for, forces the
 * gradient of the energy with charges that follow the atoms, and what is chosen when. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "common/near.h"
#include "evaluate.h"

static const double skin = 0.5; /* A */

static void must(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

/* A model with charges of one of the modes, a structure and its domain. Not to be moved. */
struct scene {
    struct synthetic flavour;
    struct vt_nep model;
    struct sample sample;
    struct vt_domain domain;
    struct vt_force *force;
};

static void scene_create(struct scene *scene, int mode, const struct vt_force_options *options,
                         struct dice *dice)
{
    struct vt_error error;
    *scene = (struct scene){.force = NULL};
    for (int family = 0; scene->flavour.charge_mode != mode; family++)
        scene->flavour = flavour_draw(family, dice);
    synthetic_model(&scene->model, &scene->flavour);
    sample_draw(&scene->sample, (enum sample_kind)dice_int(dice, 0, SAMPLE_LEFT_HANDED), 60,
                scene->model.n_types, dice);
    sample_domain(&scene->sample, MPI_COMM_NULL, 1, &scene->domain);
    must(vt_force_create(&scene->force, &scene->model, options, &error), &error);
    must(vt_force_rebuild(scene->force, &scene->domain, skin, &error), &error);
    must(vt_force_evaluate(scene->force, &scene->domain, &error), &error);
}

static void scene_destroy(struct scene *scene)
{
    vt_force_destroy(scene->force);
    vt_domain_destroy(&scene->domain);
    sample_destroy(&scene->sample);
    vt_nep_destroy(&scene->model);
}

/* What is measured against exact sums: first that measuring itself is right, by an Ewald sum that
 * is as good; then the error asked for, which is predicted for charges at random places. */
static void test_accuracy(void **state)
{
    (void)state;
    struct dice dice = {51};
    for (int round = 0; round < 12; round++) {
        struct scene scene;
        struct vt_measured measured;
        struct vt_error error;
        const bool is_exact = round < 4;
        const struct vt_force_options options = {
            .electrostatics = is_exact ? VT_EWALD_CONVERGED : VT_PPPM,
            .precision = round % 4 < 2 ? VT_DOUBLE : VT_MIXED,
            .accuracy = is_exact ? 1e-12 : pow(10, -3 - round % 3)};
        scene_create(&scene, 1 + round % 2, &options, &dice);
        must(vt_force_measure(scene.force, &measured, &error), &error);
        const double allowed = is_exact ? 1e-9 : 1.5 * options.accuracy;
        if (!(measured.force < allowed))
            fail_msg("round %d, accuracy %.0e: forces are %.2e off", round, options.accuracy,
                     measured.force);
        if (is_exact)
            assert_near(measured.potential, 0, 1e-9);
        scene_destroy(&scene);
    }
}

static double energy_with(struct scene *scene, int32_t atom, const double step[3])
{
    struct vt_error error;
    for (int d = 0; d < 3; d++)
        scene->domain.atoms.position[atom][d] += step[d];
    vt_halo_positions_begin(scene->domain.halo, &scene->domain.atoms);
    vt_halo_forward_end(scene->domain.halo);
    must(vt_force_evaluate(scene->force, &scene->domain, &error), &error);
    for (int d = 0; d < 3; d++)
        scene->domain.atoms.position[atom][d] -= step[d];
    return vt_force_results(scene->force)->energy;
}

/* The mesh energy is smooth, but for the mean force that is taken off, and pairs end with a jump:
 * both of the size of the accuracy. An error in the order of things would be of the size of D. */
static void test_gradient(void **state)
{
    (void)state;
    enum { ATOMS = 5 };
    const double accuracy = 1e-6, h = 1e-3;
    struct dice dice = {52};
    for (int mode = 1; mode <= 2; mode++) {
        struct scene scene;
        const struct vt_force_options options = {.electrostatics = VT_PPPM, .accuracy = accuracy};
        scene_create(&scene, mode, &options, &dice);
        double force[ATOMS][3];
        for (int32_t i = 0; i < ATOMS; i++)
            memcpy(force[i], vt_force_results(scene.force)->forces[i], sizeof force[i]);
        for (int32_t i = 0; i < ATOMS; i++)
            for (int d = 0; d < 3; d++) {
                double step[3] = {0}, ahead[2];
                for (int k = 1; k <= 2; k++) { /* fourth order */
                    step[d] = k * h;
                    ahead[k - 1] = energy_with(&scene, i, step);
                    step[d] = -k * h;
                    ahead[k - 1] -= energy_with(&scene, i, step);
                }
                const double slope = (8 * ahead[0] - ahead[1]) / (12 * h);
                assert_near(force[i][d], -slope, 20 * accuracy * VT_COULOMB);
            }
        scene_destroy(&scene);
    }
}

/* Small systems by Ewald sums, others by a mesh; and what atoms' virials need. */
static void test_choice(void **state)
{
    (void)state;
    struct dice dice = {53};
    struct scene scene;
    struct vt_electric_basis basis;
    struct vt_force_options options = {.electrostatics = VT_FASTEST, .accuracy = 1e-4};
    scene_create(&scene, 1, &options, &dice);
    assert_int_equal(vt_force_electrostatics(scene.force).method, VT_PPPM);
    assert_true(vt_force_basis(scene.force, &basis));
    assert_near(basis.n_atoms, (double)scene.sample.n_atoms, 0);

    /* once: a sum over waves is done before a mesh is chosen */
    evaluate(scene.force, &scene.sample);
    assert_int_equal(vt_force_electrostatics(scene.force).method, VT_EWALD_CONVERGED);
    scene_destroy(&scene);

    options.atom_virials = true;
    scene_create(&scene, 2, &options, &dice);
    assert_int_equal(vt_force_electrostatics(scene.force).method, VT_EWALD_CONVERGED);
    assert_false(vt_force_basis(scene.force, &basis));
    scene_destroy(&scene);
}

/* The mesh follows a cell that grows, by steps that depend on plan and cell alone. */
static void test_cell(void **state)
{
    (void)state;
    struct dice dice = {54};
    struct scene scene;
    struct vt_error error;
    struct vt_electric_choice first, grown, again;
    const struct vt_force_options options = {.electrostatics = VT_PPPM, .accuracy = 1e-4};
    scene_create(&scene, 1, &options, &dice);
    first = vt_force_electrostatics(scene.force);
    for (int turn = 0; turn < 2; turn++) {
        const double by = turn == 0 ? 1.3 : 1 / 1.3;
        double cell[3][3];
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                cell[a][b] = by * scene.domain.cell.vector[a][b];
        for (int32_t i = 0; i < scene.domain.atoms.n_local; i++)
            for (int d = 0; d < 3; d++)
                scene.domain.atoms.position[i][d] *= by;
        must(vt_cell_init(&scene.domain.cell, (const double(*)[3])cell, &error), &error);
        must(vt_force_rebuild(scene.force, &scene.domain, skin, &error), &error);
        must(vt_force_evaluate(scene.force, &scene.domain, &error), &error);
        *(turn == 0 ? &grown : &again) = vt_force_electrostatics(scene.force);
    }
    for (int d = 0; d < 3; d++) {
        assert_true(grown.mesh.size[d] >= 1.2 * first.mesh.size[d]);
        assert_int_equal(again.mesh.size[d], first.mesh.size[d]);
    }
    scene_destroy(&scene);
}

/* As if planned when the squares of the charges were so many times what they are. */
static void replan(struct scene *scene, const struct vt_electric_basis *basis, double times)
{
    struct vt_error error;
    struct vt_electric_basis other = *basis;
    other.squares *= times;
    must(vt_force_plan(scene->force, &other, &scene->domain.grid, &error), &error);
    must(vt_force_rebuild(scene->force, &scene->domain, skin, &error), &error);
    must(vt_force_evaluate(scene->force, &scene->domain, &error), &error);
}

/* A plan is kept until charges have grown by a tenth (of their squares), and then gives way to that
 * which the same charges get at the start of a run. */
static void test_growth(void **state)
{
    (void)state;
    struct dice dice = {55};
    for (int mode = 1; mode <= 2; mode++) {
        static const double kept[] = {1 / 1.08, 1.2, 9};
        struct scene scene;
        struct vt_error error;
        struct vt_measured measured;
        struct vt_electric_basis basis, now;
        const struct vt_force_options options = {.electrostatics = VT_PPPM, .accuracy = 1e-5};
        scene_create(&scene, mode, &options, &dice);
        const struct vt_electric_choice first = vt_force_electrostatics(scene.force);
        assert_true(vt_force_basis(scene.force, &basis));
        for (int k = 0; k < 3; k++) {
            replan(&scene, &basis, kept[k]);
            assert_true(vt_force_basis(scene.force, &now));
            assert_near(now.squares, kept[k] * basis.squares, 0);
        }
        replan(&scene, &basis, 1e-3);
        assert_true(vt_force_basis(scene.force, &now));
        assert_memory_equal(&now, &basis, sizeof basis);
        const struct vt_electric_choice again = vt_force_electrostatics(scene.force);
        assert_memory_equal(again.mesh.size, first.mesh.size, sizeof first.mesh.size);
        assert_near(again.mesh.split.cutoff, first.mesh.split.cutoff, 0);
        must(vt_force_measure(scene.force, &measured, &error), &error);
        assert_true(measured.force < 1.5 * options.accuracy);
        scene_destroy(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy), cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_choice), cmocka_unit_test(test_cell), cmocka_unit_test(test_growth)};
    return VT_RUN_TESTS(tests);
}
