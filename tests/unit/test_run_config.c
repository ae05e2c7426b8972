/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of `vitrion run`: the table itself, the lengths and ensembles of stages, the
 * echoes that checkpoints compare. */
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "md/run_config.h"

static void read_run(struct vt_run_config *config, const char *text)
{
    struct vt_error_list errors = {0};
    const struct vt_config_text source = {
        .name = "run.yaml", .text = text, .size = strlen(text), .directory = "/home/me"};
    const enum vt_code code = vt_config_parse(&vt_run_table, config, &source, NULL, &errors);
    vt_error_list_write(&errors, stderr);
    assert_int_equal(code, VT_OK);
}

static void test_table_is_right(void **state)
{
    (void)state;
    struct vt_error error = {0};
    if (vt_table_check(&vt_run_table, &error))
        fail_msg("%s", error.message);
}

static void test_stages(void **state)
{
    (void)state;
    struct vt_run_config config;
    read_run(&config,
             "{model: m, structure: s, timestep: 2 fs, stages: ["
             "{ensemble: nve, duration: 1 ps}, "
             "{ensemble: nvt, temperature: [300 K, 600 K], thermostat: {kind: langevin, time: 1 "
             "ps}, duration: 1.4 fs}, "
             "{ensemble: npt, temperature: 300 K, pressure: 1 GPa, barostat: {bulk_modulus: 10 "
             "GPa, coupling: anisotropic}, steps: 7}]}");
    assert_int_equal(vt_run_stage_steps(&config, 0), 500);
    assert_int_equal(vt_run_stage_steps(&config, 1), 1);
    assert_int_equal(vt_run_stage_steps(&config, 2), 7);

    struct vt_ensemble_settings settings = vt_run_stage_ensemble(&config, 0, 40);
    assert_true(settings.thermostat == VT_THERMOSTAT_NONE);
    assert_true(settings.barostat == VT_BAROSTAT_NONE);
    assert_true(settings.first_step == 40 && settings.n_steps == 500);
    settings = vt_run_stage_ensemble(&config, 1, 0);
    assert_true(settings.thermostat == VT_LANGEVIN && settings.barostat == VT_BAROSTAT_NONE);
    assert_true(settings.temperature[0] == 300 && settings.temperature[1] == 600);
    assert_true(settings.temperature_time == 1000);
    settings = vt_run_stage_ensemble(&config, 2, 0);
    assert_true(settings.thermostat == VT_BUSSI && settings.barostat == VT_CELL_RESCALE);
    assert_true(settings.temperature[0] == 300 && settings.temperature[1] == 300);
    assert_true(settings.pressure[0] == settings.pressure[1] && settings.pressure[0] > 0);
    assert_true(settings.coupling == VT_ANISOTROPIC);
    assert_true(settings.compressibility * settings.pressure[0] > 0.0999999 &&
                settings.compressibility * settings.pressure[0] < 0.1000001);
    vt_config_destroy(&vt_run_table, &config);
}

/* Rates per ps of the six components become a matrix per fs that works on row vectors. */
static void test_driven(void **state)
{
    (void)state;
    struct vt_run_config config;
    read_run(&config,
             "{model: m, structure: s, stages: ["
             "{ensemble: nve, steps: 5}, "
             "{ensemble: nve, deform: {volume: 90 %}, steps: 5}, "
             "{ensemble: nvt, temperature: 300 K, deform: {density: 1.6605390666 g/cm3}, steps: 5},"
             "{ensemble: nve, deform: {lengths: [1, 2, 3]}, steps: 5}, "
             "{ensemble: nve, deform: {strain_rate: {xx: 1 /ps, yy: 200 %/ps, zz: 3000 /ns, yz: "
             "0.004 /fs, xy: 6 /ps}}, electric_field: {field: [0.1 V/A, -2 V/nm, 3 MV/cm], "
             "coupling: born}, steps: 5}]}");
    struct vt_ensemble_settings settings = vt_run_stage_ensemble(&config, 0, 0);
    assert_true(settings.barostat == VT_BAROSTAT_NONE && settings.field.coupling == VT_NO_FIELD);
    settings = vt_run_stage_ensemble(&config, 1, 0);
    assert_true(settings.barostat == VT_CELL_RAMP && settings.thermostat == VT_THERMOSTAT_NONE);
    assert_true(settings.ramp.kind == VT_RAMP_VOLUME && settings.ramp.volume == 0.9);
    settings = vt_run_stage_ensemble(&config, 2, 0);
    assert_true(settings.barostat == VT_CELL_RAMP && settings.thermostat == VT_BUSSI);
    assert_true(settings.ramp.kind == VT_RAMP_DENSITY && settings.ramp.density == 1);
    settings = vt_run_stage_ensemble(&config, 3, 0);
    assert_true(settings.ramp.kind == VT_RAMP_LENGTHS && settings.ramp.lengths[2] == 3);
    settings = vt_run_stage_ensemble(&config, 4, 0);
    static const double rate[3][3] = {{1e-3, 0, 0}, {6e-3, 2e-3, 0}, {0, 4e-3, 3e-3}};
    assert_true(settings.ramp.kind == VT_RAMP_STRAIN_RATE);
    assert_memory_equal(settings.ramp.strain_rate, rate, sizeof rate);
    static const double field[3] = {0.1, -0.2, 0.03};
    assert_true(settings.field.coupling == VT_FIELD_ON_BORN);
    assert_memory_equal(settings.field.strength, field, sizeof field);
    vt_config_destroy(&vt_run_table, &config);
}

static void test_minimisation(void **state)
{
    (void)state;
    struct vt_run_config config;
    read_run(&config, "{model: m, structure: s, stages: [{minimise: {}}, "
                      "{minimise: {method: lbfgs, force: 20 meV/A, cell: true, pressure: 2 GPa, "
                      "pressure_accuracy: 1 MPa, steps: 7}}, "
                      "{minimise: {cell: false}}, {minimise: {cell: orthorhombic}}, "
                      "{ensemble: nvt, temperature: 1 K, steps: 3}]}");
    assert_true(config.stages[0].has_minimise && !config.stages[0].has_ensemble);
    assert_true(config.stages[4].has_ensemble && !config.stages[4].has_minimise);
    struct vt_minimise_settings settings = vt_run_stage_minimise(&config, 0);
    assert_true(settings.method == VT_FIRE && settings.cell == VT_MINIMISE_FIXED);
    assert_true(settings.force == 1e-3 && settings.n_steps == 10000);
    assert_string_equal(vt_run_method_name(settings.method), "fire");
    settings = vt_run_stage_minimise(&config, 1);
    assert_true(settings.method == VT_LBFGS && settings.cell == VT_MINIMISE_ANISOTROPIC);
    assert_true(settings.force == 0.02 && settings.n_steps == 7);
    assert_true(settings.pressure > 0.0124 && settings.pressure < 0.0125);
    assert_true(settings.pressure_accuracy > 6.2e-6 && settings.pressure_accuracy < 6.3e-6);
    assert_true(vt_run_stage_minimise(&config, 2).cell == VT_MINIMISE_FIXED);
    assert_true(vt_run_stage_minimise(&config, 3).cell == VT_MINIMISE_ORTHORHOMBIC);
    assert_int_equal(vt_run_stage_steps(&config, 1), 7);
    assert_int_equal(vt_run_stage_steps(&config, 4), 3);
    vt_config_destroy(&vt_run_table, &config);
}

/* Stage by stage: at which temperature velocities are drawn, -1: not. */
static void check_draws(const char *text, const double *temperatures)
{
    struct vt_run_config config;
    read_run(&config, text);
    for (size_t s = 0; s < config.n_stages; s++) {
        double temperature = -1;
        assert_true(vt_run_stage_draws(&config, s, &temperature) == (temperatures[s] >= 0));
        assert_true(temperature == temperatures[s]);
    }
    vt_config_destroy(&vt_run_table, &config);
}

#define HEAT "{ensemble: nvt, temperature: [300 K, 600 K], steps: 1}, "
#define FREE "{ensemble: nve, steps: 1}, "
#define DOWN "{minimise: {}}, "

static void test_draws(void **state)
{
    (void)state;
    check_draws("{model: m, structure: s, stages: [" DOWN DOWN HEAT HEAT DOWN HEAT DOWN "]}",
                (const double[]){-1, -1, 300, -1, -1, 300, -1});
    check_draws("{model: m, structure: s, velocities: 50 K, stages: [" DOWN HEAT DOWN HEAT DOWN FREE
                "]}",
                (const double[]){-1, 50, -1, 300, -1, 50});
    check_draws("{model: m, structure: s, velocities: 50 K, stages: [" HEAT FREE DOWN HEAT "]}",
                (const double[]){-1, -1, -1, 300});
}

static char *echo(const struct vt_run_config *config, int stage)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    if (stage < 0)
        vt_run_echo_physics(config, file);
    else
        vt_run_echo_stage(config, (size_t)stage, file);
    fclose(file);
    return text;
}

/* Where and how it runs does not show in the echo of the physics; what moves the atoms does. */
static void test_echoes(void **state)
{
    (void)state;
    static const char here[] = "{model: m, structure: s, stages: [{ensemble: nve, steps: 5}]}";
    static const char there[] =
        "{model: n, structure: t, grid: [2, 1, 1], neighbour: {skin: 2 A}, walltime: 1 h, "
        "output: {directory: o, thermo: {every: 3}}, stages: [{ensemble: nve, steps: 5}]}";
    static const char other[] =
        "{model: m, structure: s, timestep: 2 fs, stages: [{ensemble: nve, steps: 6}]}";
    static const char *const texts[] = {here, there, other};
    char *physics[3], *stage[3];
    for (int i = 0; i < 3; i++) {
        struct vt_run_config config;
        read_run(&config, texts[i]);
        physics[i] = echo(&config, -1);
        stage[i] = echo(&config, 0);
        vt_config_destroy(&vt_run_table, &config);
    }
    assert_string_equal(physics[0], physics[1]);
    assert_string_equal(stage[0], stage[1]);
    assert_string_not_equal(physics[0], physics[2]);
    assert_string_not_equal(stage[0], stage[2]);
    assert_non_null(strstr(physics[2], "timestep: 2 fs"));
    for (int i = 0; i < 3; i++) {
        free(physics[i]);
        free(stage[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_right), cmocka_unit_test(test_stages),
        cmocka_unit_test(test_driven),         cmocka_unit_test(test_minimisation),
        cmocka_unit_test(test_draws),          cmocka_unit_test(test_echoes)};
    return VT_RUN_TESTS(tests);
}
