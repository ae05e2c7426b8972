/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixed precision keeps the physics: energy does not drift, momentum is conserved, and where the
 * atoms are in space does not matter. (That forces are derivatives of the energy cannot be seen in
 * differences of float energies; that they are those of the plain path, tests/kernels shows.) */
#include "../unit/balance.h"

#include <math.h>

#include "base/mat3.h"
#include "common/moving.h"
#include "evaluate.h"

/* ---- drift */

enum { SEEDS = 4, BLOCKS = 50, LENGTH = 100, ATOMS = 64 };

/* Slope of the total energy in time by least squares, eV/atom/ps. */
static double drift(enum vt_precision precision, uint32_t seed)
{
    const struct moving_options options = {.comm = MPI_COMM_NULL,
                                           .sites = {4, 4, 4},
                                           .precision = precision,
                                           .timestep = 0.5,
                                           .temperature = 600,
                                           .seed = seed};
    const struct vt_ensemble_settings settings =
        moving_settings(VT_THERMOSTAT_NONE, 0, BLOCKS * LENGTH);
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    double slope = 0, norm = 0;
    for (int b = 0; b < BLOCKS; b++) {
        moving_steps(ensemble, LENGTH);
        const double t = b - 0.5 * (BLOCKS - 1);
        slope += t * moving_conserved(&moving, NULL);
        norm += t * t;
    }
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
    return slope / (norm * LENGTH * options.timestep * 1e-3 * ATOMS);
}

static double rms_drift(enum vt_precision precision)
{
    double squares = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        squares += pow(drift(precision, seed), 2);
    return sqrt(squares / SEEDS);
}

/* Within three times of double's, which the time step makes, and of either sign. Force errors of
 * 1e-6 eV/A that come and go at random do work of 1e-8 eV a degree of freedom and step, and in the
 * 5000 steps and 2.5 ps here less than 1e-6 eV an atom: 4e-7 eV/atom/ps is the floor below which a
 * drift is not asked to be. */
static void test_drift(void **state)
{
    (void)state;
    const double exact = rms_drift(VT_DOUBLE), mixed = rms_drift(VT_MIXED);
    print_message("drift in double: %.1e, mixed: %.1e eV/atom/ps\n", exact, mixed);
    assert_true(mixed <= fmax(3 * exact, 4e-7));
}

/* ---- symmetries, for all kinds of models */

static double largest(const double (*force)[3], size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, vt_norm(force[i]));
    return most;
}

/* To 1e-5 of the largest force: pairs push both of their atoms by the same float, which the sums
 * round. */
static void check_momentum(const struct vt_results *results, size_t n)
{
    double sum[3] = {0};
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < 3; d++)
            sum[d] += results->forces[i][d];
    assert_true(vt_norm(sum) <= 1e-5 * largest(results->forces, n));
}

/* The whole by 1000 cell vectors each way, and by 3.7 A on top. */
static void move(struct sample *sample)
{
    const double n[3] = {1000, -1000, 1000};
    double shift[3];
    vt_row_times_mat3(n, (const double(*)[3])sample->cell, shift);
    for (size_t i = 0; i < sample->n_atoms; i++)
        for (int d = 0; d < 3; d++)
            sample->position[i][d] += shift[d] + 3.7;
}

static void check_kernel(const struct vt_nep *model, const struct sample *sample,
                         const struct vt_kernel *kernel, const char *name)
{
    struct sample moved = {0};
    sample_copy(&moved, sample);
    move(&moved);
    struct vt_force *one = mixed_evaluator(model, kernel), *other = mixed_evaluator(model, kernel);
    const struct vt_results *here = evaluate(one, sample), *there = evaluate(other, &moved);
    check_momentum(here, sample->n_atoms);
    const double size = largest(here->forces, sample->n_atoms);
    for (size_t i = 0; i < sample->n_atoms; i++)
        for (int d = 0; d < 3; d++)
            if (!(fabs(here->forces[i][d] - there->forces[i][d]) <= 2e-5 * size))
                fail_msg("%s, %s, atom %zu: %g here, %g there", kernel->name, name, i,
                         here->forces[i][d], there->forces[i][d]);
    vt_force_destroy(one);
    vt_force_destroy(other);
    sample_destroy(&moved);
}

static void test_symmetries(void **state)
{
    (void)state;
    static const enum sample_kind kinds[] = {SAMPLE_CRYSTAL, SAMPLE_GLASS, SAMPLE_SKEWED,
                                             SAMPLE_SPARSE};
    struct dice dice = {15};
    for (int family = 0; family < FLAVOUR_FAMILIES; family++) {
        const struct synthetic options = flavour_draw(family, &dice);
        struct vt_nep model = {0};
        struct sample sample = {0};
        synthetic_model(&model, &options);
        sample_draw(&sample, kinds[family % 4], 20, options.n_types, &dice);
        for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++)
            if (vt_kernel_runs(*kernel))
                check_kernel(&model, &sample, *kernel, flavour_text(&options));
        sample_destroy(&sample);
        vt_nep_destroy(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_symmetries),
    };
    return VT_RUN_TESTS(tests);
}
