/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cell and atoms move as they do on one rank, within the growth of rounding errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/units.h"
#include "common/moving.h"
#include "common/near.h"

enum { N = 4 * 3 * 3, STEPS = 50 };

struct outcome {
    double position[N][3], velocity[N][3];
    double cell[9];
    double conserved;
};

static void run(MPI_Comm comm, const struct vt_ensemble_settings *settings, struct outcome *out)
{
    const struct moving_options options = {
        .comm = comm, .sites = {4, 3, 3}, .timestep = 1, .temperature = 600, .seed = 51};
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, settings);
    moving_steps(ensemble, STEPS);
    moving_gather(&moving, out->position, out->velocity);
    for (int c = 0; c < 9; c++)
        out->cell[c] = moving.domain.cell.vector[c / 3][c % 3];
    out->conserved = moving_conserved(&moving, ensemble);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

static void compare(const struct vt_ensemble_settings *settings)
{
    static struct outcome alone, together;
    run(MPI_COMM_NULL, settings, &alone);
    run(MPI_COMM_WORLD, settings, &together);
    assert_true(fabs(alone.cell[0] - 4 * MOVING_SPACING) > 1e-3);
    assert_all_near(together.cell, alone.cell, 9, 1e-10);
    assert_near(together.conserved, alone.conserved, 1e-9);
    assert_all_near(&together.position[0][0], &alone.position[0][0], 3 * N, 1e-9);
    assert_all_near(&together.velocity[0][0], &alone.velocity[0][0], 3 * N, 1e-10);
}

static void check(enum vt_barostat barostat, enum vt_coupling coupling)
{
    struct vt_ensemble_settings settings =
        moving_settings(barostat == VT_MTTK ? VT_NOSE_HOOVER : VT_BUSSI, 600, STEPS);
    settings.barostat = barostat;
    settings.coupling = coupling;
    settings.pressure[1] = 20 / VT_GPA_PER_PRESSURE;
    settings.pressure_time = 100;
    settings.compressibility = 5;
    compare(&settings);
}

static void test_ramp(void **state)
{
    (void)state;
    static const struct vt_cell_ramp ramps[] = {
        {.kind = VT_RAMP_DENSITY, .density = 2.6},
        {.kind = VT_RAMP_STRAIN_RATE,
         .strain_rate = {{-3e-3, 0, 0}, {6e-3, 2e-3, 0}, {0, -4e-3, 0}}}};
    for (int r = 0; r < 2; r++) {
        struct vt_ensemble_settings settings = moving_settings(VT_THERMOSTAT_NONE, 0, STEPS);
        settings.barostat = VT_CELL_RAMP;
        settings.ramp = ramps[r];
        compare(&settings);
    }
}

static void test_cell_rescale(void **state)
{
    (void)state;
    check(VT_CELL_RESCALE, VT_ISOTROPIC);
    check(VT_CELL_RESCALE, VT_ORTHORHOMBIC);
    check(VT_CELL_RESCALE, VT_ANISOTROPIC);
}

static void test_mttk(void **state)
{
    (void)state;
    check(VT_MTTK, VT_ISOTROPIC);
    check(VT_MTTK, VT_ORTHORHOMBIC);
    check(VT_MTTK, VT_ANISOTROPIC);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cell_rescale),
        cmocka_unit_test(test_mttk),
        cmocka_unit_test(test_ramp),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
