/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster in vacuum that is kept from turning: on any number of ranks, also where it lies across
 * the faces of the cell and thus of bricks. */
#include "md/rotation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mat3.h"
#include "base/units.h"
#include "common/near.h"
#include "common/sample.h"
#include "common/synthetic.h"
#include "md/ensemble.h"

enum { MOST_ATOMS = 16 };

static const double masses[SYNTHETIC_TYPES] = {10, 20, 40, 10, 20, 40, 10, 20};
static const double edge = 30; /* A, of the cell */

struct bench {
    struct vt_nep model;
    struct vt_force *force;
    struct vt_domain domain;
    struct vt_md md;
};

static void check(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

static void set_up(struct bench *bench, MPI_Comm comm, const struct sample *sample)
{
    const struct vt_force_options options = {.accuracy = 1e-8};
    struct vt_error error;
    const char *name = "";
    struct synthetic wanted = {0};
    for (int i = 0; i < synthetic_flavours() && strcmp(name, "nep4_zbl") != 0; i++)
        wanted = synthetic_flavour(i, &name);
    memset(bench, 0, sizeof *bench);
    synthetic_model(&bench->model, &wanted);
    check(vt_force_create(&bench->force, &bench->model, &options, &error), &error);
    sample_domain(sample, comm, 1, &bench->domain);
    const struct vt_md_settings settings = {.domain = &bench->domain,
                                            .force = bench->force,
                                            .mass = masses,
                                            .timestep = 0.1,
                                            .skin = 0.5,
                                            .seed = 9};
    vt_md_create(&bench->md, &settings);
}

static void tear_down(struct bench *bench)
{
    vt_md_destroy(&bench->md);
    vt_domain_destroy(&bench->domain);
    vt_force_destroy(bench->force);
    vt_nep_destroy(&bench->model);
}

/* A cluster about the origin, which is a corner of the cell. */
static void draw_cluster(struct sample *sample, size_t n)
{
    struct dice dice = {17};
    sample_resize(sample, n);
    for (int d = 0; d < 3; d++)
        sample->cell[d][d] = edge;
    for (size_t i = 0; i < n; i++) {
        sample->type[i] = (int)(i % 2);
        for (int d = 0; d < 3; d++) /* no two at one place */
            sample->position[i][d] = 2.2 * (double)((i >> d) & 1) - 1 + dice_real(&dice, 0, 0.4);
    }
}

static void draw_line(struct sample *sample, size_t n)
{
    draw_cluster(sample, n);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < 3; d++)
            sample->position[i][d] = (double)i * (1.1 + 0.3 * d) - 1;
}

/* Momentum, angular momentum about the centre of mass, and how large that could be; velocities by
 * id. */
struct motion {
    double momentum[3], angular[3], scale;
    double velocity[MOST_ATOMS][3];
};

static void measure(const struct bench *bench, struct motion *motion)
{
    const struct vt_atoms *atoms = &bench->domain.atoms;
    static double all[MOST_ATOMS][7]; /* position, velocity, mass */
    double centre[3] = {0}, mass = 0;
    memset(all, 0, sizeof all);
    for (int32_t i = 0; i < atoms->n_local; i++) {
        double *row = all[atoms->id[i]];
        for (int d = 0; d < 3; d++) {
            row[d] = atoms->position[i][d] + edge * atoms->image[i][d];
            row[3 + d] = atoms->velocity[i][d];
        }
        row[6] = masses[atoms->type[i]];
    }
    if (bench->domain.grid.comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, all, 7 * MOST_ATOMS, MPI_DOUBLE, MPI_SUM,
                      bench->domain.grid.comm);
    *motion = (struct motion){.scale = 0};
    for (int i = 0; i < MOST_ATOMS; i++)
        mass += all[i][6];
    for (int i = 0; i < MOST_ATOMS; i++)
        for (int d = 0; d < 3; d++)
            centre[d] += all[i][6] * all[i][d] / mass;
    for (int i = 0; i < MOST_ATOMS; i++) {
        double r[3], l[3];
        for (int d = 0; d < 3; d++) {
            r[d] = all[i][d] - centre[d];
            motion->momentum[d] += all[i][6] * all[i][3 + d];
        }
        vt_cross(r, all[i] + 3, l);
        for (int d = 0; d < 3; d++)
            motion->angular[d] += all[i][6] * l[d];
        motion->scale += all[i][6] * vt_norm(r) * vt_norm(all[i] + 3);
        memcpy(motion->velocity[i], all[i] + 3, sizeof motion->velocity[i]);
    }
}

/* Drawn at exactly 400 K, at rest as a whole; the wanted number of rotations. */
static void check_drawn(MPI_Comm comm, const struct sample *sample, int rotations,
                        struct motion *motion)
{
    const double n = (double)sample->n_atoms;
    struct bench bench;
    struct vt_error error;
    set_up(&bench, comm, sample);
    vt_md_draw_velocities(&bench.md, 400);
    measure(&bench, motion);
    const bool turned = vt_norm(motion->angular) > 1e-3 * motion->scale;
    check(vt_rotation_fix(&bench.md, 5, &error), &error);
    assert_int_equal(bench.md.rotations, rotations);
    vt_md_draw_velocities(&bench.md, 400);
    measure(&bench, motion);
    assert_true(turned || rotations == 0);
    assert_true(vt_norm(motion->angular) <= 1e-13 * motion->scale);
    assert_true(vt_norm(motion->momentum) < 1e-13);
    if (n > 1)
        assert_near(2 * vt_md_kinetic_energy(&bench.md) / VT_BOLTZMANN / (3 * n - 3 - rotations),
                    400, 1e-9);
    tear_down(&bench);
}

static void test_drawn(void **state)
{
    (void)state;
    static struct motion alone, together;
    struct sample sample = {0};
    for (int k = 0; k < 4; k++) {
        static const int rotations[] = {3, 3, 2, 2};
        if (k < 2)
            draw_cluster(&sample, k == 0 ? 8 : 3);
        else
            draw_line(&sample, k == 2 ? 3 : 2);
        check_drawn(MPI_COMM_NULL, &sample, rotations[k], &alone);
        check_drawn(MPI_COMM_WORLD, &sample, rotations[k], &together);
        assert_all_near(&together.velocity[0][0], &alone.velocity[0][0], 3 * MOST_ATOMS, 1e-14);
    }
    sample_destroy(&sample);
}

/* An atom alone has nothing to turn, and no heat. */
static void test_one_atom(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct bench bench;
    struct vt_error error;
    draw_cluster(&sample, 1);
    set_up(&bench, MPI_COMM_WORLD, &sample);
    check(vt_rotation_fix(&bench.md, 5, &error), &error);
    assert_int_equal(bench.md.rotations, 0);
    tear_down(&bench);
    sample_destroy(&sample);
}

/* In dynamics it stays at rest; what turned before is taken out where a stage begins. */
static void check_dynamics(const struct sample *sample, double degrees)
{
    static const enum vt_thermostat thermostats[] = {VT_THERMOSTAT_NONE, VT_BUSSI, VT_NOSE_HOOVER};
    for (size_t t = 0; t < sizeof thermostats / sizeof *thermostats; t++) {
        struct bench bench;
        struct motion motion;
        struct vt_error error;
        struct vt_ensemble *ensemble;
        set_up(&bench, MPI_COMM_WORLD, sample);
        vt_md_draw_velocities(&bench.md, 100);
        check(vt_rotation_fix(&bench.md, 5, &error), &error);
        check(vt_md_evaluate(&bench.md, &error), &error);
        const struct vt_ensemble_settings settings = {.thermostat = thermostats[t],
                                                      .temperature = {100, 100},
                                                      .temperature_time = 50,
                                                      .chain = 3,
                                                      .n_steps = 100};
        check(vt_ensemble_create(&ensemble, &settings, &bench.md, &error), &error);
        assert_true(bench.md.degrees_of_freedom == degrees);
        for (int step = 0; step < 100; step++)
            check(vt_ensemble_step(ensemble, &error), &error);
        measure(&bench, &motion);
        assert_true(motion.scale > 0 && vt_norm(motion.angular) < 1e-9 * motion.scale);
        vt_ensemble_destroy(ensemble);
        tear_down(&bench);
    }
}

/* Two atoms have one degree of freedom left. */
static void test_dynamics(void **state)
{
    (void)state;
    struct sample sample = {0};
    draw_cluster(&sample, 8);
    check_dynamics(&sample, 3 * 8 - 6);
    draw_line(&sample, 2);
    check_dynamics(&sample, 1);
    sample_destroy(&sample);
}

static void expect_refused(const struct sample *sample)
{
    struct bench bench;
    struct vt_error error = {0};
    set_up(&bench, MPI_COMM_WORLD, sample);
    assert_int_equal(vt_rotation_fix(&bench.md, 5, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "no cluster in vacuum"));
    assert_int_equal(bench.md.rotations, 0);
    tear_down(&bench);
}

/* A solid, and a cluster that is torn apart because its atoms were put into the cell. */
static void test_refused(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct dice dice = {5};
    sample_draw(&sample, SAMPLE_CRYSTAL, 8, 2, &dice);
    expect_refused(&sample);
    memset(sample.cell, 0, sizeof sample.cell);
    draw_cluster(&sample, 8);
    for (size_t i = 0; i < sample.n_atoms; i++)
        if (sample.position[i][2] < 0)
            sample.position[i][2] += edge;
    expect_refused(&sample);
    sample_destroy(&sample);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn),
        cmocka_unit_test(test_one_atom),
        cmocka_unit_test(test_dynamics),
        cmocka_unit_test(test_refused),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
