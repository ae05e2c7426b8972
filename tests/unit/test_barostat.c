/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings, guard and state of barostats; that they are right is shown in tests/physics. */
#include "md/ensemble.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "base/units.h"
#include "common/moving.h"
#include "common/near.h"

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
        struct vt_error error;
        struct vt_ensemble *ensemble;
        assert_int_equal(vt_ensemble_create(&ensemble, &settings, &moving.md, &error), VT_INPUT);
        assert_null(ensemble);
        assert_string_equal(error.message, cases[k].message);
        assert_string_equal(error.hint, cases[k].hint);
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
        struct vt_error error = {0};
        struct vt_ensemble *ensemble;
        assert_int_equal(vt_ensemble_create(&ensemble, &settings, &moving.md, &error), VT_INPUT);
        assert_null(ensemble);
        assert_string_equal(error.message, cases[k].message);
        assert_string_equal(error.hint, cases[k].hint);
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

/* Another system with the atoms, the cell and the step of `from`. */
static void take_over(struct moving *to, const struct moving *from)
{
    moving_create(to, &eight);
    const struct vt_atoms *source = &from->domain.atoms;
    struct vt_atoms *atoms = &to->domain.atoms;
    assert_int_equal(vt_cell_init(&to->domain.cell, from->domain.cell.vector, NULL), VT_OK);
    memcpy(atoms->position, source->position, N * sizeof *atoms->position);
    memcpy(atoms->velocity, source->velocity, N * sizeof *atoms->velocity);
    memcpy(atoms->image, source->image, N * sizeof *atoms->image);
    to->md.step = from->md.step;
    moving_rebuild(to);
}

/* Taken up halfway, the motion goes on with the same bits: also that of the exchanged energy. */
static void check_restart(const struct vt_ensemble_settings *settings)
{
    enum { HALF = 25 };
    struct moving whole, second;
    double saved[VT_ENSEMBLE_STATE], position[2][N][3], velocity[2][N][3];
    moving_create(&whole, &eight);
    struct vt_ensemble *ensemble = moving_ensemble(&whole, settings);
    moving_steps(ensemble, HALF);
    moving_rebuild(&whole);
    vt_ensemble_save(ensemble, saved);
    take_over(&second, &whole);
    struct vt_ensemble *restored = moving_ensemble(&second, settings);
    vt_ensemble_restore(restored, saved);
    moving_steps(ensemble, HALF);
    moving_steps(restored, HALF);
    moving_gather(&whole, position[0], velocity[0]);
    moving_gather(&second, position[1], velocity[1]);
    assert_memory_equal(position[0], position[1], sizeof position[0]);
    assert_memory_equal(velocity[0], velocity[1], sizeof velocity[0]);
    assert_memory_equal(whole.domain.cell.vector, second.domain.cell.vector,
                        sizeof whole.domain.cell.vector);
    assert_true(whole.domain.cell.vector[0][0] != 2 * MOVING_SPACING);
    assert_true(vt_ensemble_exchanged(ensemble) == vt_ensemble_exchanged(restored));
    assert_true(vt_ensemble_exchanged(ensemble) != 0);
    vt_ensemble_destroy(ensemble);
    vt_ensemble_destroy(restored);
    moving_destroy(&whole);
    moving_destroy(&second);
}

static void test_restart(void **state)
{
    (void)state;
    static const enum vt_coupling couplings[] = {VT_ISOTROPIC, VT_ORTHORHOMBIC, VT_ANISOTROPIC};
    for (int c = 0; c < 3; c++) {
        struct vt_ensemble_settings settings = settings_of(VT_CELL_RESCALE, couplings[c]);
        settings.pressure[1] *= 2;
        check_restart(&settings);
        settings.thermostat = VT_NOSE_HOOVER;
        check_restart(&settings);
        settings.barostat = VT_MTTK;
        check_restart(&settings);
    }
    static const struct vt_cell_ramp ramps[] = {
        {.kind = VT_RAMP_VOLUME, .volume = 1.1},
        {.kind = VT_RAMP_DENSITY, .density = 2},
        {.kind = VT_RAMP_LENGTHS, .lengths = {0.95, 1.02, 1}},
        {.kind = VT_RAMP_STRAIN_RATE, .strain_rate = {{1e-3, 0, 0}, {2e-3, 0, 0}, {0}}}};
    for (size_t r = 0; r < sizeof ramps / sizeof *ramps; r++) {
        struct vt_ensemble_settings settings = settings_of(VT_CELL_RAMP, VT_ISOTROPIC);
        settings.ramp = ramps[r];
        check_restart(&settings);
        settings.thermostat = VT_THERMOSTAT_NONE;
        check_restart(&settings);
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
