/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An electric field pulls at charges as it must, and what it does is known. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "common/dice.h"
#include "common/moving.h"
#include "common/near.h"

enum { N = 8 };

static const enum vt_field_coupling couplings[] = {VT_FIELD_ON_CHARGES, VT_FIELD_ON_BORN};

static const struct moving_options cold = {.comm = MPI_COMM_NULL,
                                           .sites = {2, 2, 2},
                                           .charged = true,
                                           .timestep = 1,
                                           .temperature = 100,
                                           .seed = 71};

static struct vt_ensemble_settings settings_of(enum vt_thermostat thermostat,
                                               enum vt_field_coupling coupling, int64_t n_steps)
{
    struct vt_ensemble_settings settings = moving_settings(thermostat, 100, n_steps);
    settings.field = (struct vt_field){coupling, {0.02, -0.05, 0.03}};
    return settings;
}

/* ---- two ions in vacuum */

/* So far apart in a wide cell that each is alone (distance 8 A) or within the other's cutoff. */
static void make_pair(struct moving *moving, double distance)
{
    struct moving_options options = cold;
    options.sites[1] = options.sites[2] = 1;
    options.temperature = 0;
    moving_create(moving, &options);
    struct vt_atoms *atoms = &moving->domain.atoms;
    assert_int_equal(vt_cell_init(&moving->domain.cell,
                                  (const double[3][3]){{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}, NULL),
                     VT_OK);
    static const double direction[3] = {0.6, -0.48, 0.64};
    for (int d = 0; d < 3; d++) {
        atoms->position[0][d] = 7;
        atoms->position[1][d] = 7 + distance * direction[d];
    }
    moving_rebuild(moving);
}

/* Their charges are constant, and what they do to each other is nearly so: the field adds
 * (q E/m) t^2/2 to the way. */
static void test_pair(void **state)
{
    (void)state;
    enum { STEPS = 20 };
    double x[2][2][3], v[2][3], charge[2] = {0};
    for (int on = 0; on < 2; on++) {
        struct moving moving;
        make_pair(&moving, 8);
        memcpy(charge, vt_force_results(moving.force)->charges, sizeof charge);
        const struct vt_ensemble_settings settings =
            settings_of(VT_THERMOSTAT_NONE, on ? VT_FIELD_ON_CHARGES : VT_NO_FIELD, STEPS);
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        moving_steps(ensemble, STEPS);
        moving_gather(&moving, x[on], v);
        vt_ensemble_destroy(ensemble);
        moving_destroy(&moving);
    }
    const double strength[3] = {0.02, -0.05, 0.03};
    assert_true(fabs(charge[0]) > 0.1);
    for (int i = 0; i < 2; i++)
        for (int d = 0; d < 3; d++) {
            const double way =
                charge[i] * strength[d] / (moving_mass[i] * VT_AMU) * 0.5 * STEPS * STEPS;
            assert_near(x[1][i][d] - x[0][i][d], way, 1e-3 * fabs(way));
        }
}

/* Dipole of the pair, screened as Born charges are, e A. */
static double dipole(const struct moving *moving, int direction)
{
    const double *charge = vt_force_results(moving->force)->charges;
    double sum = 0;
    for (int i = 0; i < 2; i++)
        sum += charge[i] * moving->domain.atoms.position[i][direction];
    return vt_nep_sqrt_epsilon(&moving->model) * sum;
}

/* A pair is the one system of which the Born charges are the derivatives of its dipole moment, with
 * charges that flow between the two: so the force is minus the gradient of -E P. */
static void test_born_pair(void **state)
{
    (void)state;
    const double step = 1e-4;
    struct moving moving;
    make_pair(&moving, 1.8);
    double *x = moving.domain.atoms.position[0];
    double force[2][3], most = 0;
    const struct vt_field field = {VT_FIELD_ON_BORN, {0.02, -0.05, 0.03}};
    const struct vt_field bare = {VT_FIELD_ON_CHARGES, {0.02, -0.05, 0.03}};
    for (int i = 0; i < 2; i++)
        vt_field_force(&field, vt_force_results(moving.force), i, force[i]);
    for (int c = 0; c < 6; c++) {
        double plain[3], slope = 0, at = x[c];
        vt_field_force(&bare, vt_force_results(moving.force), c / 3, plain);
        for (int side = -1; side < 2; side += 2) {
            x[c] = at + side * step;
            moving_rebuild(&moving);
            for (int a = 0; a < 3; a++)
                slope += side * field.strength[a] * dipole(&moving, a) / (2 * step);
        }
        x[c] = at;
        moving_rebuild(&moving);
        assert_near(force[c / 3][c % 3], slope, 1e-7);
        const double scale = vt_nep_sqrt_epsilon(&moving.model);
        most = fmax(most, fabs(slope - scale * plain[c % 3]));
    }
    assert_true(most > 1e-3); /* there is more to it than the charges */
    moving_destroy(&moving);
}

/* ---- many */

/* Charges are neutral, and Born charges sum to zero: the field does not push the whole. The same
 * from the nine numbers of each Born charge. */
static void test_sums(void **state)
{
    (void)state;
    struct moving moving;
    moving_create(&moving, &cold);
    struct dice dice = {72};
    for (int i = 0; i < N; i++)
        for (int d = 0; d < 3; d++)
            moving.domain.atoms.position[i][d] += dice_real(&dice, -0.4, 0.4);
    moving_rebuild(&moving);
    const struct vt_results *results = vt_force_results(moving.force);
    for (int k = 0; k < 2; k++) {
        const struct vt_field field = {couplings[k], {0.3, -0.5, 0.2}};
        double sum[3] = {0}, size = 0;
        for (int32_t i = 0; i < N; i++) {
            double force[3];
            vt_field_force(&field, results, i, force);
            for (int b = 0; b < 3; b++) {
                double expected = 0;
                for (int a = 0; a < 3; a++)
                    expected += field.strength[a] * (k        ? results->born[i][3 * a + b]
                                                     : a == b ? results->charges[i]
                                                              : 0);
                assert_near(force[b], expected, 1e-15);
                sum[b] += force[b];
                size = fmax(size, fabs(force[b]));
            }
        }
        assert_true(size > 0.05);
        assert_true(fabs(results->born[0][1] - results->born[0][3]) > 1e-3);
        for (int b = 0; b < 3; b++)
            assert_near(sum[b], 0, 1e-13);
    }
    moving_destroy(&moving);
}

struct outcome {
    double error; /* largest deviation of the conserved energy */
    double work;
    double momentum; /* at the end, amu A/fs */
};

static struct outcome run(const struct vt_ensemble_settings *settings, double timestep)
{
    struct moving_options options = cold;
    options.timestep = timestep;
    const int64_t n = llround(200 / timestep);
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble_settings own = *settings;
    own.n_steps = n;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &own);
    const double start = moving_conserved(&moving, ensemble);
    struct outcome outcome = {0};
    for (int64_t i = 0; i < n; i++) {
        moving_steps(ensemble, 1);
        outcome.error = fmax(outcome.error, fabs(moving_conserved(&moving, ensemble) - start));
    }
    outcome.work = -vt_ensemble_exchanged(ensemble);
    const struct vt_atoms *atoms = &moving.domain.atoms;
    for (int d = 0; d < 3; d++) {
        double sum = 0;
        for (int32_t i = 0; i < N; i++)
            sum += moving_mass[atoms->type[i]] * atoms->velocity[i][d];
        outcome.momentum = fmax(outcome.momentum, fabs(sum));
    }
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
    return outcome;
}

/* The work of the field is the change of kinetic and potential energy, to second order. */
static void test_conserved(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        const struct vt_ensemble_settings settings =
            settings_of(VT_THERMOSTAT_NONE, couplings[k], 0);
        const struct outcome coarse = run(&settings, 0.25), fine = run(&settings, 0.0625);
        assert_near(coarse.error / fine.error, 16, 6);
        assert_true(fabs(fine.work) > 500 * fine.error);
        assert_true(fine.momentum < 1e-12);
    }
}

/* With a bath, and a cell that is driven or follows the pressure, the books are kept all the same:
 * what was exchanged is many times what is missing. */
static void test_baths(void **state)
{
    (void)state;
    static const enum vt_thermostat baths[] = {VT_BUSSI, VT_LANGEVIN, VT_NOSE_HOOVER};
    static const enum vt_barostat cells[] = {VT_BAROSTAT_NONE, VT_CELL_RAMP, VT_MTTK};
    for (int k = 0; k < 2; k++)
        for (int b = 0; b < 3; b++)
            for (int c = 0; c < (baths[b] == VT_NOSE_HOOVER ? 3 : 2); c++) {
                struct vt_ensemble_settings settings = settings_of(baths[b], couplings[k], 0);
                for (int d = 0; d < 3; d++)
                    settings.field.strength[d] *= 4;
                settings.barostat = cells[c];
                settings.ramp.volume = 0.95;
                settings.pressure_time = 200;
                const struct outcome outcome = run(&settings, 0.25);
                assert_true(outcome.error < 3e-3 && fabs(outcome.work) > 1);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pair),  cmocka_unit_test(test_born_pair),
        cmocka_unit_test(test_sums),  cmocka_unit_test(test_conserved),
        cmocka_unit_test(test_baths),
    };
    return VT_RUN_TESTS(tests);
}
