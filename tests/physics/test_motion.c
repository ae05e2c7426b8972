/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrators follow the equations of motion: what is conserved stays, as exactly as the order of
 * the method says. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "common/moving.h"
#include "common/near.h"

enum { N = 8 };

static const struct moving_options cold = {
    .comm = MPI_COMM_NULL, .sites = {2, 2, 2}, .timestep = 1, .temperature = 100, .seed = 3};

/* Largest deviation of the conserved energy in `time` fs (eV); *moved: of what was exchanged. */
static double deviation(const struct moving_options *options,
                        const struct vt_ensemble_settings *settings, double time, double *moved)
{
    struct moving moving;
    moving_create(&moving, options);
    const int64_t n = llround(time / options->timestep);
    struct vt_ensemble_settings own = *settings;
    own.n_steps = n;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &own);
    const double start = moving_conserved(&moving, ensemble);
    double most = 0;
    *moved = 0;
    for (int64_t i = 0; i < n; i++) {
        moving_steps(ensemble, 1);
        most = fmax(most, fabs(moving_conserved(&moving, ensemble) - start));
        *moved = fmax(*moved, fabs(vt_ensemble_exchanged(ensemble)));
    }
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
    return most;
}

/* Half the time step, a quarter of the error. Cold, because the forces of the model have kinks
 * where a pair crosses a cutoff, whose errors are of the same order but random. */
static void check_order(enum vt_thermostat thermostat, uint32_t frozen)
{
    struct vt_ensemble_settings settings = moving_settings(thermostat, 100, 0);
    settings.frozen = frozen;
    struct moving_options options = cold;
    double moved, before = deviation(&options, &settings, 400, &moved);
    for (int halved = 0; halved < 2; halved++) {
        options.timestep /= 2;
        const double after = deviation(&options, &settings, 400, &moved);
        assert_near(before / after, 4, 0.6);
        before = after;
    }
}

static void test_second_order(void **state)
{
    (void)state;
    check_order(VT_THERMOSTAT_NONE, 0);
    check_order(VT_NOSE_HOOVER, 0);
    check_order(VT_THERMOSTAT_NONE, MOVING_WALL);
    check_order(VT_NOSE_HOOVER, MOVING_WALL);
}

/* What a thermostat gives is in the exchanged energy, also while the target rises: the sum stays
 * within the error of the method (up to 5e-5 eV here), a small part of what was exchanged. */
static void test_exchanged(void **state)
{
    (void)state;
    static const enum vt_thermostat all[] = {VT_BUSSI, VT_NOSE_HOOVER, VT_LANGEVIN};
    struct moving_options options = cold;
    options.timestep = 0.5;
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        for (int rising = 0; rising < 2; rising++) {
            struct vt_ensemble_settings settings = moving_settings(all[k], 300, 0);
            if (rising)
                settings.temperature[1] = 900;
            double moved;
            const double error = deviation(&options, &settings, 1000, &moved);
            assert_true(moved > 0.2);
            assert_true(error < 2e-4);
        }
}

/* A wall between free atoms keeps every bit of its place, whatever moves the others; these take up
 * momentum from it, have 3 degrees of freedom each, and start at the temperature that was asked
 * for. */
static void test_frozen(void **state)
{
    (void)state;
    enum { SIDE = 2, MOVES = 200 };
    static const enum vt_thermostat all[] = {VT_THERMOSTAT_NONE, VT_BUSSI, VT_NOSE_HOOVER,
                                             VT_LANGEVIN};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        double first[N][3], last[N][3], velocity[N][3], momentum[3] = {0};
        struct moving moving;
        moving_create(&moving, &cold);
        struct vt_ensemble_settings settings = moving_settings(all[k], 100, MOVES);
        settings.frozen = MOVING_WALL;
        vt_md_freeze(&moving.md, MOVING_WALL);
        vt_md_draw_velocities(&moving.md, 100);
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        assert_true(moving.md.n_frozen == N / SIDE && moving.md.degrees_of_freedom == 3 * N / SIDE);
        assert_near(vt_md_temperature(&moving.md), 100, 1e-10);
        moving_gather(&moving, first, velocity);
        moving_steps(ensemble, MOVES);
        moving_gather(&moving, last, velocity);
        for (int i = 0; i < N; i++) {
            const bool is_wall = i % SIDE == 0;
            assert_true((memcmp(first[i], last[i], sizeof first[i]) == 0) == is_wall);
            assert_true((vt_norm(velocity[i]) == 0) == is_wall);
            for (int d = 0; d < 3; d++)
                momentum[d] += velocity[i][d];
        }
        assert_true(vt_norm(momentum) > 1e-4);
        vt_ensemble_destroy(ensemble);
        moving_destroy(&moving);
    }
}

/* What a wall has of velocity when it is frozen is lost; freed, it starts from rest. */
static void test_freed(void **state)
{
    (void)state;
    double position[N][3], velocity[N][3];
    struct moving moving;
    moving_create(&moving, &cold);
    struct vt_ensemble_settings settings = moving_settings(VT_THERMOSTAT_NONE, 0, 10);
    for (int stage = 0; stage < 2; stage++) {
        settings.frozen = stage == 0 ? MOVING_WALL : 0;
        settings.first_step = moving.md.step;
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        assert_true(moving.md.degrees_of_freedom == (stage == 0 ? 12 : 21));
        moving_steps(ensemble, 10);
        moving_gather(&moving, position, velocity);
        assert_true((vt_norm(velocity[0]) == 0) == (stage == 0));
        vt_ensemble_destroy(ensemble);
    }
    moving_destroy(&moving);
}

/* The energy wanders with the motion but does not drift (here: 1e-6 eV/atom/ps). */
static void test_no_drift(void **state)
{
    (void)state;
    enum { BLOCKS = 100, LENGTH = 200 };
    struct moving moving;
    struct moving_options options = cold;
    options.temperature = 600;
    moving_create(&moving, &options);
    const struct vt_ensemble_settings settings =
        moving_settings(VT_THERMOSTAT_NONE, 0, BLOCKS * LENGTH);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    double slope = 0, norm = 0;
    for (int b = 0; b < BLOCKS; b++) {
        moving_steps(ensemble, LENGTH);
        const double t = b - 0.5 * (BLOCKS - 1);
        slope += t * moving_conserved(&moving, NULL);
        norm += t * t;
    }
    slope /= norm * LENGTH * options.timestep * 1e-3 * N;
    assert_true(fabs(slope) < 5e-6);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

static void reverse(struct moving *moving)
{
    vt_md_scale_velocities(&moving->md, -1);
}

/* There and back, within the growth of round-off. */
static void test_reversible(void **state)
{
    (void)state;
    double first[N][3], there[N][3], back[N][3], velocity[N][3];
    struct moving moving;
    moving_create(&moving, &cold);
    const struct vt_ensemble_settings settings = moving_settings(VT_THERMOSTAT_NONE, 0, 400);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    moving_gather(&moving, first, velocity);
    moving_steps(ensemble, 200);
    moving_gather(&moving, there, velocity);
    reverse(&moving);
    moving_steps(ensemble, 200);
    moving_gather(&moving, back, velocity);
    assert_true(fabs(there[0][0] - first[0][0]) > 1e-2);
    assert_all_near(&back[0][0], &first[0][0], 3 * N, 1e-10);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

/* Sum of m v, over what it would be if the atoms moved at random. */
static double momentum(const struct moving *moving)
{
    const struct vt_atoms *atoms = &moving->domain.atoms;
    double sum[3] = {0}, squares = 0;
    for (int32_t i = 0; i < atoms->n_local; i++)
        for (int d = 0; d < 3; d++) {
            const double one = moving_mass[atoms->type[i]] * atoms->velocity[i][d];
            sum[d] += one;
            squares += one * one;
        }
    return sqrt((sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / squares);
}

/* Taken out where the stage begins, it stays out: forces sum to zero up to round-off. */
static void test_momentum(void **state)
{
    (void)state;
    static const enum vt_thermostat all[] = {VT_THERMOSTAT_NONE, VT_BUSSI, VT_NOSE_HOOVER};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        struct moving moving;
        moving_create(&moving, &cold);
        for (int32_t i = 0; i < N; i++)
            moving.domain.atoms.velocity[i][0] += 0.01;
        assert_true(momentum(&moving) > 0.1);
        const struct vt_ensemble_settings settings = moving_settings(all[k], 300, 1000);
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        moving_steps(ensemble, 1000);
        assert_true(momentum(&moving) < 1e-12);
        vt_ensemble_destroy(ensemble);
        moving_destroy(&moving);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_order), cmocka_unit_test(test_exchanged),
        cmocka_unit_test(test_no_drift),     cmocka_unit_test(test_reversible),
        cmocka_unit_test(test_momentum),     cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_freed),
    };
    return VT_RUN_TESTS(tests);
}
