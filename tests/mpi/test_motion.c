/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The motion on many ranks is that on one, up to the growth of round-off. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/moving.h"
#include "common/near.h"

enum { SIDE = 4, N = SIDE * SIDE * SIDE, STEPS = 100 };

struct track {
    double position[N][3], velocity[N][3];
    double exchanged;
};

/* What the motion has beside a thermostat. */
struct extras {
    uint32_t frozen;
    enum vt_field_coupling coupling;
};

static const struct extras none = {0};

static void follow(MPI_Comm comm, enum vt_thermostat thermostat, const struct extras *extras,
                   struct track *track)
{
    const struct moving_options options = {.comm = comm,
                                           .sites = {SIDE, SIDE, SIDE},
                                           .charged = extras->coupling != VT_NO_FIELD,
                                           .timestep = extras->coupling ? 0.2 : 1,
                                           .temperature = 600,
                                           .seed = 31};
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble_settings settings = moving_settings(thermostat, 600, STEPS);
    settings.temperature[1] = 900;
    settings.temperature_time = 30;
    settings.frozen = extras->frozen;
    settings.field = (struct vt_field){extras->coupling, {0.1, -0.2, 0.3}};
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    moving_steps(ensemble, STEPS);
    assert_true(moving.md.n_rebuilds > 1); /* atoms were sent on */
    moving_gather(&moving, track->position, track->velocity);
    track->exchanged = vt_ensemble_exchanged(ensemble);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

/* Sums in another order differ by 1e-16 or so, relative, in each step; the motion of so few steps
 * makes less than 1e4 of it. The same random numbers are in it, or the difference were of order 1.
 */
static void compare(enum vt_thermostat thermostat, struct extras extras)
{
    static struct track alone, together;
    follow(MPI_COMM_NULL, thermostat, &extras, &alone);
    follow(MPI_COMM_WORLD, thermostat, &extras, &together);
    assert_all_near(&together.position[0][0], &alone.position[0][0], 3 * N, 1e-11);
    assert_all_near(&together.velocity[0][0], &alone.velocity[0][0], 3 * N, 1e-12);
    assert_near(together.exchanged, alone.exchanged, 1e-11);
}

static void test_energy(void **state)
{
    (void)state;
    compare(VT_THERMOSTAT_NONE, none);
}

static void test_bussi(void **state)
{
    (void)state;
    compare(VT_BUSSI, none);
}

static void test_nose_hoover(void **state)
{
    (void)state;
    compare(VT_NOSE_HOOVER, none);
}

static void test_langevin(void **state)
{
    (void)state;
    compare(VT_LANGEVIN, none);
}

/* The wall is dealt out from the first rank like all atoms; wherever it comes to lie, it stays. */
static void test_frozen(void **state)
{
    (void)state;
    static const struct extras wall = {.frozen = MOVING_WALL};
    compare(VT_THERMOSTAT_NONE, wall);
    compare(VT_BUSSI, wall);
    compare(VT_LANGEVIN, wall);
}

static void test_field(void **state)
{
    (void)state;
    compare(VT_THERMOSTAT_NONE, (struct extras){.coupling = VT_FIELD_ON_BORN});
    compare(VT_THERMOSTAT_NONE,
            (struct extras){.frozen = MOVING_WALL, .coupling = VT_FIELD_ON_CHARGES});
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy),      cmocka_unit_test(test_bussi),
        cmocka_unit_test(test_nose_hoover), cmocka_unit_test(test_langevin),
        cmocka_unit_test(test_frozen),      cmocka_unit_test(test_field),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
