/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Driven cells: they go where they were told to, the atoms follow Newton's equations between the
 * moving walls, and what the walls do is known. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "common/moving.h"
#include "common/near.h"

enum { MOST = 27 };

static const struct moving_options cold = {
    .comm = MPI_COMM_NULL, .sites = {2, 2, 2}, .timestep = 1, .temperature = 100, .seed = 61};

/* One of each kind, for stages of `time` fs. */
static struct vt_cell_ramp ramp_of(enum vt_ramp_kind kind, double time)
{
    return (struct vt_cell_ramp){
        .kind = kind,
        .volume = 0.9,
        .density = 35 * 8 / (0.92 * pow(2 * MOVING_SPACING, 3)), /* of the cold eight */
        .lengths = {0.98, 1.03, 0.95},
        .strain_rate = {
            {0.02 / time, 0, 0}, {0.05 / time, -0.03 / time, 0}, {-0.04 / time, 0.03 / time, 0}}};
}

static const enum vt_ramp_kind kinds[] = {VT_RAMP_VOLUME, VT_RAMP_DENSITY, VT_RAMP_LENGTHS,
                                          VT_RAMP_STRAIN_RATE};

static struct vt_ensemble_settings settings_of(enum vt_thermostat thermostat,
                                               const struct vt_cell_ramp *ramp, int64_t n_steps)
{
    struct vt_ensemble_settings settings = moving_settings(thermostat, 100, n_steps);
    settings.barostat = VT_CELL_RAMP;
    settings.ramp = *ramp;
    return settings;
}

/* An oblique cell, not along any axis. */
static void make_oblique(struct moving *moving)
{
    static const double unit[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    static const double m[3][3] = {{0.9, 0.3, -0.2}, {-0.25, 1.05, 0.12}, {0.3, 0.1, 0.95}};
    assert_int_equal(vt_md_deform(&moving->md, m, unit, NULL), VT_OK);
    moving_rebuild(moving);
}

/* ---- where the cell goes */

/* The cell at the end, from the one at the start. */
static void expected_end(const struct vt_cell_ramp *ramp, const struct vt_cell *start, double time,
                         double end[3][3])
{
    const double volume = 35 * 8 / ramp->density;
    for (int v = 0; v < 3; v++) {
        const double *h = start->vector[v];
        for (int d = 0; d < 3; d++)
            switch (ramp->kind) {
            case VT_RAMP_VOLUME:
                end[v][d] = h[d] * cbrt(ramp->volume);
                break;
            case VT_RAMP_DENSITY:
                end[v][d] = h[d] * cbrt(volume / start->volume);
                break;
            case VT_RAMP_LENGTHS:
                end[v][d] = h[d] * ramp->lengths[v];
                break;
            case VT_RAMP_STRAIN_RATE:
                end[v][d] = h[d];
                for (int from = 0; from < 3; from++)
                    end[v][d] += time * h[from] * ramp->strain_rate[from][d];
                break;
            }
    }
}

/* Straight there, and not a rounding error per step away from it. */
static void test_end(void **state)
{
    (void)state;
    enum { STEPS = 500 };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct vt_cell_ramp ramp = ramp_of(kinds[k], STEPS);
        const struct vt_ensemble_settings settings = settings_of(VT_THERMOSTAT_NONE, &ramp, STEPS);
        struct moving moving;
        moving_create(&moving, &cold);
        make_oblique(&moving);
        const struct vt_cell start = moving.domain.cell;
        double end[3][3], middle[3][3];
        expected_end(&ramp, &start, STEPS, end);
        for (int c = 0; c < 9; c++)
            middle[c / 3][c % 3] = 0.5 * (start.vector[c / 3][c % 3] + end[c / 3][c % 3]);
        struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
        moving_steps(ensemble, STEPS / 2);
        assert_all_near(&moving.domain.cell.vector[0][0], &middle[0][0], 9, 4e-15);
        moving_steps(ensemble, STEPS / 2);
        assert_all_near(&moving.domain.cell.vector[0][0], &end[0][0], 9, 4e-15);
        moving_steps(ensemble, 1);
        assert_all_near(&moving.domain.cell.vector[0][0], &end[0][0], 9, 4e-15);
        vt_ensemble_destroy(ensemble);
        moving_destroy(&moving);
    }
}

/* ---- free atoms */

/* Largest distance from where they are in theory: between walls whose position is linear in time,
 * and relative to the flow at the start, an atom goes from x to x m + t v. */
static double free_error(enum vt_ramp_kind kind, double timestep)
{
    const double time = 200;
    const struct vt_cell_ramp ramp = ramp_of(kind, time);
    const int64_t n = llround(time / timestep);
    struct moving_options options = cold;
    options.free = true;
    options.timestep = timestep;
    struct moving moving;
    moving_create(&moving, &options);
    const struct vt_ensemble_settings settings = settings_of(VT_THERMOSTAT_NONE, &ramp, n);
    const struct vt_cell start = moving.domain.cell;
    double x[2][MOST][3], v[2][MOST][3], end[3][3], m[3][3], tensor[2][9], error = 0;
    expected_end(&ramp, &start, time, end);
    vt_mat3_multiply(start.inverse, (const double(*)[3])end, m);
    moving_gather(&moving, x[0], v[0]);
    vt_md_kinetic_tensor(&moving.md, tensor[0]);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    moving_steps(ensemble, n);
    moving_gather(&moving, x[1], v[1]);
    for (int i = 0; i < 8; i++) {
        double goal[3], before[3];
        vt_row_times_mat3(x[0][i], (const double(*)[3])m, goal);
        vt_row_times_mat3(v[1][i], (const double(*)[3])m, before);
        for (int d = 0; d < 3; d++) {
            error = fmax(error, fabs(x[1][i][d] - goal[d] - time * v[0][i][d]));
            assert_near(before[d], v[0][i][d], 1e-15); /* velocities go against the cell */
        }
    }
    vt_md_kinetic_tensor(&moving.md, tensor[1]);
    assert_near(vt_ensemble_exchanged(ensemble),
                0.5 * (tensor[0][0] + tensor[0][4] + tensor[0][8] - tensor[1][0] - tensor[1][4] -
                       tensor[1][8]),
                1e-13);
    assert_true(fabs(vt_ensemble_exchanged(ensemble)) > 1e-4);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
    return error;
}

static void test_free_atoms(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const double error = free_error(kinds[k], 10);
        assert_true(error > 1e-12 && error < 1e-3);
        assert_near(error / free_error(kinds[k], 5), 4, 0.1);
    }
}

/* Adiabatic: T V^(2/3) of a gas of points stays. */
static void test_adiabatic(void **state)
{
    (void)state;
    enum { STEPS = 300 };
    struct moving_options options = cold;
    options.free = true;
    struct vt_cell_ramp ramp = ramp_of(VT_RAMP_VOLUME, STEPS);
    ramp.volume = 0.5;
    const struct vt_ensemble_settings settings = settings_of(VT_THERMOSTAT_NONE, &ramp, STEPS);
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    const double before = vt_md_temperature(&moving.md);
    moving_steps(ensemble, STEPS);
    assert_near(vt_md_temperature(&moving.md) / before, pow(2, 2.0 / 3), 1e-12);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

/* ---- with forces */

struct outcome {
    double error;     /* largest deviation of the conserved energy */
    double exchanged; /* at the end */
};

static struct outcome compress(enum vt_ramp_kind kind, enum vt_thermostat thermostat,
                               double timestep)
{
    const double time = 200;
    const int64_t n = llround(time / timestep);
    const struct vt_cell_ramp ramp = ramp_of(kind, time);
    struct moving_options options = cold;
    options.timestep = timestep;
    struct moving moving;
    moving_create(&moving, &options);
    const struct vt_ensemble_settings settings = settings_of(thermostat, &ramp, n);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    const double start = moving_conserved(&moving, ensemble);
    struct outcome outcome = {0};
    for (int64_t i = 0; i < n; i++) {
        moving_steps(ensemble, 1);
        outcome.error = fmax(outcome.error, fabs(moving_conserved(&moving, ensemble) - start));
    }
    outcome.exchanged = vt_ensemble_exchanged(ensemble);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
    return outcome;
}

/* What the walls give is in the exchanged energy, to second order in the time step. */
static void test_conserved(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int heated = 0; heated < 2; heated++) {
            const enum vt_thermostat thermostat = heated ? VT_NOSE_HOOVER : VT_THERMOSTAT_NONE;
            struct outcome before = compress(kinds[k], thermostat, 1);
            for (double timestep = 0.5; timestep > 0.2; timestep /= 2) {
                const struct outcome after = compress(kinds[k], thermostat, timestep);
                assert_near(before.error / after.error, 4, 0.6);
                before = after;
            }
            assert_true(fabs(before.exchanged) > 5000 * before.error);
        }
}

static void test_baths(void **state)
{
    (void)state;
    static const enum vt_thermostat baths[] = {VT_BUSSI, VT_LANGEVIN};
    for (int b = 0; b < 2; b++) {
        const struct outcome outcome = compress(VT_RAMP_STRAIN_RATE, baths[b], 0.5);
        assert_true(outcome.error < 3e-5);
    }
}

/* ---- lists */

static double largest_difference(const double *a, const double *b, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

/* With the lists as they are, forces are those of new lists at every step; returns the number of
 * lists that were built. */
static int64_t follow(struct moving *moving, const struct vt_cell_ramp *ramp, int64_t n)
{
    const struct vt_ensemble_settings settings = settings_of(VT_THERMOSTAT_NONE, ramp, n);
    struct vt_ensemble *ensemble = moving_ensemble(moving, &settings);
    const int64_t first = moving->md.n_rebuilds;
    struct moving fresh;
    struct moving_options options = cold;
    for (int d = 0; d < 3; d++)
        options.sites[d] = 1;
    moving_create(&fresh, &options);
    for (int64_t i = 0; i < n; i++) {
        moving_steps(ensemble, 1);
        const struct vt_atoms *atoms = &moving->domain.atoms;
        const struct vt_system system = {.n_atoms = (size_t)atoms->n_local,
                                         .cell = {{0}},
                                         .position = (const double(*)[3])atoms->position,
                                         .type = atoms->type};
        struct vt_system now = system;
        memcpy(now.cell, moving->domain.cell.vector, sizeof now.cell);
        assert_int_equal(vt_force_compute(fresh.force, &now, NULL), VT_OK);
        assert_true(largest_difference(&vt_force_results(moving->force)->forces[0][0],
                                       &vt_force_results(fresh.force)->forces[0][0],
                                       3 * now.n_atoms) < 1e-10);
    }
    const int64_t built = moving->md.n_rebuilds - first;
    moving_destroy(&fresh);
    vt_ensemble_destroy(ensemble);
    return built;
}

/* Far into a skewed, thin cell. */
static void test_lists(void **state)
{
    (void)state;
    const struct vt_cell_ramp ramps[] = {
        {.kind = VT_RAMP_STRAIN_RATE, .strain_rate = {{0}, {1.5 / 200, 0, 0}, {0, 0.9 / 200, 0}}},
        {.kind = VT_RAMP_LENGTHS, .lengths = {1.5, 0.7, 1}}};
    for (int r = 0; r < 2; r++) {
        struct moving moving;
        moving_create(&moving, &cold);
        assert_true(follow(&moving, &ramps[r], 200) > 3);
        moving_destroy(&moving);
    }
}

/* An atom amid a wide cell has no ghosts, and this one stays where it is, against the flow of the
 * cell: nothing but the cell itself tells that its images come near. */
static void test_images(void **state)
{
    (void)state;
    const double edge = 8.2, steps = 200;
    const struct vt_cell_ramp ramp = {.kind = VT_RAMP_LENGTHS, .lengths = {0.3, 1, 1}};
    const double rate = (1 - ramp.lengths[0]) / steps;
    struct moving_options options = cold;
    for (int d = 0; d < 3; d++)
        options.sites[d] = 1;
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_atoms *atoms = &moving.domain.atoms;
    assert_int_equal(vt_cell_init(&moving.domain.cell,
                                  (const double[3][3]){{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}},
                                  NULL),
                     VT_OK);
    memcpy(atoms->position[0], (const double[3]){edge / 2, edge / 2, edge / 2}, sizeof(double[3]));
    memcpy(atoms->velocity[0], (const double[3]){rate * edge / 2, 0, 0}, sizeof(double[3]));
    moving.md.step = 1; /* the stage is under way: its momentum is left to it */
    moving_rebuild(&moving);
    assert_int_equal(atoms->n_all, 1);
    const double alone = vt_force_results(moving.force)->energy;
    assert_true(follow(&moving, &ramp, (int64_t)steps) > 0);
    assert_true(fabs(vt_force_results(moving.force)->energy - alone) > 0.01);
    moving_destroy(&moving);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end),       cmocka_unit_test(test_free_atoms),
        cmocka_unit_test(test_adiabatic), cmocka_unit_test(test_conserved),
        cmocka_unit_test(test_baths),     cmocka_unit_test(test_lists),
        cmocka_unit_test(test_images),
    };
    return VT_RUN_TESTS(tests);
}
