/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings, ramps and the state of ensembles; that they are right is shown in tests/physics. */
#include "md/ensemble.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "base/mat3.h"
#include "common/moving.h"
#include "common/near.h"
#include "restarted.h"

enum { N = 8 };

static const struct moving_options eight = {.comm = MPI_COMM_NULL,
                                            .sites = {2, 2, 2},
                                            .charged = true,
                                            .timestep = 1,
                                            .temperature = 300,
                                            .seed = 21};

static const enum vt_thermostat thermostats[] = {VT_THERMOSTAT_NONE, VT_BUSSI, VT_NOSE_HOOVER,
                                                 VT_LANGEVIN};
enum { N_THERMOSTATS = sizeof thermostats / sizeof *thermostats };

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        enum vt_thermostat thermostat;
        double from, to, time;
        int chain;
        const char *message, *hint;
    } cases[] = {
        {VT_BUSSI, 0, 300, 100, 0, "a thermostat cannot hold a temperature of 0 K",
         "temperatures are above 0 K"},
        {VT_LANGEVIN, 300, -1, 100, 0, "a thermostat cannot hold a temperature of -1 K",
         "temperatures are above 0 K"},
        {VT_BUSSI, NAN, 300, 100, 0, "a thermostat cannot hold a temperature of nan K",
         "temperatures are above 0 K"},
        {VT_BUSSI, 300, 300, 0.5, 0,
         "a relaxation time of 0.5 fs is too short for the Bussi thermostat",
         "at least 1 fs (1 time step of 1 fs); 100 fs is usual"},
        {VT_LANGEVIN, 300, 300, 0, 0,
         "a relaxation time of 0 fs is too short for the Langevin thermostat",
         "at least 1 fs (1 time step of 1 fs); 100 fs is usual"},
        {VT_NOSE_HOOVER, 300, 300, 9, 3,
         "a relaxation time of 9 fs is too short for the Nose-Hoover thermostat",
         "at least 10 fs (10 time steps of 1 fs); 100 fs is usual"},
        {VT_BUSSI, 300, 300, INFINITY, 0, "a relaxation time of inf fs is none", "100 fs is usual"},
        {VT_NOSE_HOOVER, 300, 300, 100, 0, "a Nose-Hoover chain cannot have 0 links",
         "1 to 10; 3 is usual"},
        {VT_NOSE_HOOVER, 300, 300, 100, 11, "a Nose-Hoover chain cannot have 11 links",
         "1 to 10; 3 is usual"},
    };
    struct moving moving;
    moving_create(&moving, &eight);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct vt_ensemble_settings settings = {.thermostat = cases[k].thermostat,
                                                      .temperature = {cases[k].from, cases[k].to},
                                                      .temperature_time = cases[k].time,
                                                      .chain = cases[k].chain,
                                                      .n_steps = 10};
        assert_ensemble_refused(&moving, &settings, cases[k].message, cases[k].hint);
    }
    moving_destroy(&moving);
}

/* All the motion of a single atom is that of the whole. */
static void test_single_atom(void **state)
{
    (void)state;
    struct moving_options options = eight;
    memcpy(options.sites, (const int[3]){1, 1, 1}, sizeof options.sites);
    struct moving moving;
    moving_create(&moving, &options);
    for (int k = 0; k < N_THERMOSTATS; k++) {
        const struct vt_ensemble_settings settings = moving_settings(thermostats[k], 300, 10);
        const bool refused = thermostats[k] == VT_BUSSI || thermostats[k] == VT_NOSE_HOOVER;
        struct vt_ensemble *ensemble;
        assert_int_equal(vt_ensemble_create(&ensemble, &settings, &moving.md, NULL),
                         refused ? VT_INPUT : VT_OK);
        if (!refused)
            moving_steps(ensemble, 10);
        vt_ensemble_destroy(ensemble);
    }
    assert_true(vt_md_kinetic_energy(&moving.md) > 0); /* Langevin was the last */
    moving_destroy(&moving);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct moving moving;
    moving_create(&moving, &eight);
    const struct vt_ensemble_settings settings = moving_settings(VT_BUSSI, 300, 10);
    struct vt_ensemble *ensemble;
    vt_balance_fail(1);
    assert_int_equal(vt_ensemble_create(&ensemble, &settings, &moving.md, NULL), VT_MEMORY);
    assert_true(vt_balance_failed());
    assert_null(ensemble);
    vt_balance_fail(0);
    moving_destroy(&moving);
}

static void test_degrees(void **state)
{
    (void)state;
    struct moving moving;
    moving_create(&moving, &eight);
    for (int k = 0; k < N_THERMOSTATS; k++) {
        const struct vt_ensemble_settings settings = moving_settings(thermostats[k], 300, 10);
        vt_ensemble_destroy(moving_ensemble(&moving, &settings));
        assert_near(moving.md.degrees_of_freedom, thermostats[k] == VT_LANGEVIN ? 3 * N : 3 * N - 3,
                    0);
    }
    moving_destroy(&moving);
}

/* Linear in the step, exact at both ends, constant before and after. */
static void test_ramp(void **state)
{
    (void)state;
    static const double expected[] = {300, 300, 325, 350, 375, 400, 400};
    struct moving moving;
    moving_create(&moving, &eight);
    struct vt_ensemble_settings settings = moving_settings(VT_BUSSI, 300, 4);
    settings.temperature[1] = 400;
    settings.pressure[0] = 300;
    settings.pressure[1] = 400;
    settings.first_step = 1;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(moving.md.step, i);
        assert_near(vt_ensemble_temperature(ensemble), expected[i], 1e-12);
        assert_near(vt_ensemble_pressure(ensemble), expected[i], 1e-12);
        moving_steps(ensemble, 1);
    }
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

/* Nothing is exchanged where there is neither thermostat nor field. */
static void check_restart(const struct vt_ensemble_settings *settings)
{
    const bool exchanges = settings->thermostat || settings->field.coupling;
    assert_true((assert_restarts(&eight, settings) != 0) == exchanges);
}

static void test_restart(void **state)
{
    (void)state;
    for (int k = 0; k < N_THERMOSTATS; k++) {
        struct vt_ensemble_settings settings = moving_settings(thermostats[k], 300, 50);
        settings.temperature[1] = 500;
        check_restart(&settings);
        settings.field = (struct vt_field){VT_FIELD_ON_CHARGES, {0.1, 0.2, -0.1}};
        check_restart(&settings);
        settings.field.coupling = VT_FIELD_ON_BORN;
        check_restart(&settings);
    }
}

/* Refused where nothing would move, and with barostats. */
static void test_frozen(void **state)
{
    (void)state;
    static const struct {
        uint32_t frozen;
        enum vt_barostat barostat;
        const char *message;
    } cases[] = {
        {VT_ALL_ATOMS, VT_BAROSTAT_NONE, "all atoms are frozen"},
        {MOVING_WALL, VT_CELL_RESCALE,
         "no atoms can be frozen while the cell-rescaling barostat moves the cell"},
        {MOVING_WALL, VT_MTTK, "no atoms can be frozen while the MTTK barostat moves the cell"},
    };
    struct moving moving;
    moving_create(&moving, &eight);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct vt_ensemble_settings settings = moving_settings(VT_NOSE_HOOVER, 300, 10);
        settings.frozen = cases[k].frozen;
        settings.barostat = cases[k].barostat;
        settings.pressure_time = 1000;
        settings.compressibility = 1;
        assert_ensemble_refused(&moving, &settings, cases[k].message, NULL);
    }
    moving_destroy(&moving);
}

/* With a wall a single free atom has heat to control. */
static void test_single_free_atom(void **state)
{
    (void)state;
    const struct moving_options two = {.comm = MPI_COMM_NULL,
                                       .sites = {1, 1, 2},
                                       .free = true,
                                       .timestep = 1,
                                       .temperature = 300,
                                       .seed = 2};
    struct moving moving;
    moving_create(&moving, &two);
    struct vt_ensemble_settings settings = moving_settings(VT_BUSSI, 300, 10);
    settings.frozen = MOVING_WALL;
    vt_md_freeze(&moving.md, MOVING_WALL);
    vt_md_draw_velocities(&moving.md, 300);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    assert_true(moving.md.degrees_of_freedom == 3);
    assert_near(vt_md_temperature(&moving.md), 300, 1e-9);
    moving_steps(ensemble, 10);
    assert_true(vt_norm(moving.domain.atoms.velocity[0]) == 0);
    assert_true(vt_norm(moving.domain.atoms.velocity[1]) > 0);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

/* The field is that of the stage: it ends with it. */
static void test_field_ends(void **state)
{
    (void)state;
    double exchanged[2];
    for (int before = 0; before < 2; before++) {
        struct moving moving;
        moving_create(&moving, &eight);
        struct vt_ensemble_settings settings = moving_settings(VT_THERMOSTAT_NONE, 300, 5);
        if (before)
            settings.field = (struct vt_field){VT_FIELD_ON_CHARGES, {0.1, 0.2, -0.1}};
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        moving_steps(ensemble, 5);
        exchanged[before] = vt_ensemble_exchanged(ensemble);
        vt_ensemble_destroy(ensemble);
        settings.field.coupling = VT_NO_FIELD;
        ensemble = moving_ensemble(&moving, &settings);
        moving_steps(ensemble, 5);
        assert_true(vt_ensemble_exchanged(ensemble) == 0);
        vt_ensemble_destroy(ensemble);
        moving_destroy(&moving);
    }
    assert_true(exchanged[0] == 0 && exchanged[1] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_single_free_atom),
        cmocka_unit_test(test_single_atom),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_degrees),
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_field_ends),
    };
    return VT_RUN_TESTS(tests);
}
