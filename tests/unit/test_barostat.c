/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings, guard and state of barostats; that they are right is shown in tests/physics. */
#include "md/ensemble.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "base/units.h"
#include "common/moving.h"
#include "common/near.h"
#include "restarted.h"

enum { N = 8 };

static const struct moving_options eight = {
    .comm = MPI_COMM_NULL, .sites = {2, 2, 2}, .timestep = 1, .temperature = 300, .seed = 41};

static struct vt_ensemble_settings settings_of(enum vt_barostat barostat, enum vt_coupling coupling)
{
    struct vt_ensemble_settings settings =
        moving_settings(barostat == VT_MTTK ? VT_NOSE_HOOVER : VT_BUSSI, 300, 50);
    settings.barostat = barostat;
    settings.coupling = coupling;
    settings.pressure[0] = settings.pressure[1] = 10 / VT_GPA_PER_PRESSURE;
    settings.pressure_time = 200;
    settings.compressibility = 2;
    return settings;
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        enum vt_barostat barostat;
        enum vt_thermostat thermostat;
        double pressure, time, compressibility;
        const char *message, *hint;
    } cases[] = {
        {VT_CELL_RESCALE, VT_THERMOSTAT_NONE, 0, 200, 2,
         "cell rescaling needs a thermostat: its noise heats and cools",
         "Bussi, with a temperature, is usual"},
        {VT_CELL_RESCALE, VT_BUSSI, 0, 200, 0, "a compressibility of 0/GPa cannot be",
         "0.01/GPa to 0.1/GPa suits solids, 0.5/GPa liquids; it only sets how fast the cell "
         "responds"},
        {VT_CELL_RESCALE, VT_BUSSI, 0, 200, NAN, "a compressibility of nan/GPa cannot be",
         "0.01/GPa to 0.1/GPa suits solids, 0.5/GPa liquids; it only sets how fast the cell "
         "responds"},
        {VT_CELL_RESCALE, VT_BUSSI, 0, 5, 2,
         "a relaxation time of 5 fs is too short for the cell-rescaling barostat",
         "at least 20 fs (20 time steps of 1 fs); 1000 fs is usual"},
        {VT_MTTK, VT_NOSE_HOOVER, 0, 19, 0,
         "a relaxation time of 19 fs is too short for the MTTK barostat",
         "at least 20 fs (20 time steps of 1 fs); 1000 fs is usual"},
        {VT_MTTK, VT_NOSE_HOOVER, 0, INFINITY, 0, "a relaxation time of inf fs is none",
         "1000 fs is usual"},
        {VT_MTTK, VT_NOSE_HOOVER, INFINITY, 200, 0, "a barostat cannot hold a pressure of inf GPa",
         "0 GPa is usual"},
        {VT_MTTK, VT_BUSSI, 0, 200, 0, "the MTTK barostat needs the Nose-Hoover thermostat",
         "that is part of its equations; cell rescaling goes with any thermostat"},
    };
    struct moving moving;
    moving_create(&moving, &eight);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct vt_ensemble_settings settings = settings_of(cases[k].barostat, VT_ISOTROPIC);
        settings.thermostat = cases[k].thermostat;
        settings.pressure[1] = cases[k].pressure;
        settings.pressure_time = cases[k].time;
        settings.compressibility = cases[k].compressibility;
        assert_ensemble_refused(&moving, &settings, cases[k].message, cases[k].hint);
    }
    moving_destroy(&moving);
}

static void test_ramp_refused(void **state)
{
    (void)state;
    static const struct {
        struct vt_cell_ramp ramp;
        const char *message, *hint;
    } cases[] = {
        {{.kind = VT_RAMP_VOLUME, .volume = 0}, "a ramp cannot end at 0 of the volume", ""},
        {{.kind = VT_RAMP_DENSITY, .density = -1 / VT_G_PER_CM3_PER_DENSITY},
         "a ramp cannot end at a density of -1 g/cm3",
         ""},
        {{.kind = VT_RAMP_LENGTHS, .lengths = {1, 1, NAN}},
         "a ramp cannot end at nan of a length",
         ""},
        {{.kind = VT_RAMP_STRAIN_RATE, .strain_rate = {{0}, {0}, {0, 0, -0.02}}},
         "a strain rate of -20/ps leaves nothing of a length in 0.05 ps",
         "the rate refers to the length at the start of the stage"},
        {{.kind = VT_RAMP_STRAIN_RATE, .strain_rate = {{0}, {INFINITY, 0, 0}, {0}}},
         "a strain rate of inf/ps is none",
         ""},
        {{.kind = VT_RAMP_LENGTHS, .lengths = {4, 1, 1}},
         "the ramp changes the cell by 6 % in a step, the bound is 2 %",
         "a longer stage; 150 steps at least"},
        {{.kind = VT_RAMP_DENSITY,
          .density = 60 * 280 / (8 * MOVING_SPACING * MOVING_SPACING * MOVING_SPACING)},
         "the ramp changes the cell by 5.8 % in a step, the bound is 2 %",
         "a longer stage; 146 steps at least"},
        {{.kind = VT_RAMP_LENGTHS, .lengths = {1, 0.25, 1}},
         "the ramp changes the cell by 6 % in a step, the bound is 2 %",
         "a longer stage; 150 steps at least"},
    };
    struct moving moving;
    moving_create(&moving, &eight);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct vt_ensemble_settings settings = moving_settings(VT_THERMOSTAT_NONE, 0, 50);
        settings.barostat = VT_CELL_RAMP;
        settings.ramp = cases[k].ramp;
        assert_ensemble_refused(&moving, &settings, cases[k].message, cases[k].hint);
    }
    struct vt_ensemble_settings settings = moving_settings(VT_THERMOSTAT_NONE, 0, 1);
    settings.barostat = VT_CELL_RAMP;
    settings.ramp = (struct vt_cell_ramp){.kind = VT_RAMP_DENSITY, .density = 4};
    settings.first_step = -1; /* by then another stage may have brought the cell near */
    vt_ensemble_destroy(moving_ensemble(&moving, &settings));
    moving_destroy(&moving);
}

/* Far too much pressure, for a cell that yields easily: the run ends before the cell does. */
static void test_guard(void **state)
{
    (void)state;
    static const enum vt_barostat barostats[] = {VT_CELL_RESCALE, VT_MTTK};
    for (int b = 0; b < 2; b++) {
        struct moving moving;
        moving_create(&moving, &eight);
        struct vt_ensemble_settings settings = settings_of(barostats[b], VT_ANISOTROPIC);
        settings.pressure[0] = settings.pressure[1] = 1e5 / VT_GPA_PER_PRESSURE;
        settings.pressure_time = 20;
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        const double volume = moving.domain.cell.volume;
        struct vt_error error;
        enum vt_code code = VT_OK;
        for (int i = 0; i < 10 && !code; i++)
            code = vt_ensemble_step(ensemble, &error);
        assert_int_equal(code, VT_FAILED);
        assert_true(moving.domain.cell.volume > 0.5 * volume);
        assert_non_null(strstr(error.message, "(target 1e+05 GPa) would change the cell by"));
        assert_int_equal(strncmp(error.message, "step ", 5), 0);
        assert_string_equal(error.hint, "minimise the structure first, with its cell; or try a "
                                        "longer pressure time (now 20 fs) or a shorter time step "
                                        "(now 1 fs)");
        vt_ensemble_destroy(ensemble);
        moving_destroy(&moving);
    }
}

static void test_restart(void **state)
{
    (void)state;
    static const enum vt_coupling couplings[] = {VT_ISOTROPIC, VT_ORTHORHOMBIC, VT_ANISOTROPIC};
    for (int c = 0; c < 3; c++) {
        struct vt_ensemble_settings settings = settings_of(VT_CELL_RESCALE, couplings[c]);
        settings.pressure[1] *= 2;
        assert_true(assert_restarts(&eight, &settings) != 0);
        settings.thermostat = VT_NOSE_HOOVER;
        assert_true(assert_restarts(&eight, &settings) != 0);
        settings.barostat = VT_MTTK;
        assert_true(assert_restarts(&eight, &settings) != 0);
    }
    static const struct vt_cell_ramp ramps[] = {
        {.kind = VT_RAMP_VOLUME, .volume = 1.1},
        {.kind = VT_RAMP_DENSITY, .density = 2},
        {.kind = VT_RAMP_LENGTHS, .lengths = {0.95, 1.02, 1}},
        {.kind = VT_RAMP_STRAIN_RATE, .strain_rate = {{1e-3, 0, 0}, {2e-3, 0, 0}, {0}}}};
    for (size_t r = 0; r < sizeof ramps / sizeof *ramps; r++) {
        struct vt_ensemble_settings settings = settings_of(VT_CELL_RAMP, VT_ISOTROPIC);
        settings.ramp = ramps[r];
        assert_true(assert_restarts(&eight, &settings) != 0);
        settings.thermostat = VT_THERMOSTAT_NONE;
        assert_true(assert_restarts(&eight, &settings) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_ramp_refused),
        cmocka_unit_test(test_guard),
        cmocka_unit_test(test_restart),
    };
    return VT_RUN_TESTS(tests);
}
