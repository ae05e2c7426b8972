/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evaluator against the slow path: energies, charges, descriptors and Born charges of random
 * models of every flavour in random structures. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "common/near.h"
#include "common/slow_energy.h"
#include "cutoffs.h"
#include "evaluate.h"

static double largest(const double *values, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void compare_charges(const struct slow_energy *slow, const struct vt_results *results,
                            double tolerance)
{
    const size_t n = slow->n_atoms;
    assert_near(results->raw_charge, slow->raw_charge, tolerance * (double)n);
    assert_all_near(results->charges, slow->charges, n, tolerance * largest(slow->charges, n));
    assert_all_near(results->potentials, slow->potentials, n,
                    tolerance * largest(slow->potentials, n));
    assert_all_near(results->energies_coulomb, slow->coulomb, n,
                    tolerance * largest(slow->coulomb, n));
    assert_near(results->energy_coulomb, slow->energy_coulomb,
                tolerance * largest(slow->coulomb, n) * (double)n);
    double charge = 0, twice = 0;
    for (size_t i = 0; i < n; i++) {
        charge += results->charges[i];
        twice += results->charges[i] * results->potentials[i];
    }
    assert_near(charge, 0, 1e-12 * (double)n);
    assert_near(twice, 2 * results->energy_coulomb, tolerance * largest(&twice, 1));
}

static void compare(const struct vt_nep *model, const struct slow_energy *slow,
                    const struct vt_results *results, double tolerance)
{
    const size_t n = slow->n_atoms, all = n * (size_t)model->dimension;
    for (size_t k = 0; k < all; k++)
        assert_near(results->descriptors[k], slow->descriptors[k],
                    1e-10 * fabs(slow->descriptors[k]) + 1e-11 * slow->magnitudes[k]);
    assert_all_near(results->energies_network, slow->network, n,
                    tolerance * largest(slow->network, n));
    assert_all_near(results->energies_zbl, slow->zbl, n, tolerance * largest(slow->zbl, n));
    if (model->charge_mode > 0)
        compare_charges(slow, results, tolerance);
    double sum = 0, size = 1;
    for (size_t i = 0; i < n; i++) {
        sum += results->energies[i];
        size += fabs(results->energies[i]);
    }
    assert_near(results->energy, slow->energy, tolerance * size);
    assert_near(results->energy, sum, 1e-12 * size);
    assert_near(results->energy, results->energy_short_range + results->energy_coulomb,
                1e-12 * size);
}

/* Bring the first two atoms as near as ZBL needs. */
static void touch(struct sample *sample, struct dice *dice)
{
    double rotation[3][3];
    const double distance = dice_real(dice, 0.6, 1.9);
    sample_rotation(rotation, dice);
    for (int d = 0; d < 3 && sample->n_atoms > 1; d++)
        sample->position[1][d] = sample->position[0][d] + distance * rotation[0][d];
}

static void draw(struct sample *sample, enum sample_kind kind, const struct synthetic *flavour,
                 struct dice *dice)
{
    const double size = dice_real(dice, 0, 1);
    sample_draw(sample, kind, 2 + (size_t)(39 * size * size), flavour->n_types, dice);
    if (flavour->zbl != VT_ZBL_NONE && dice_int(dice, 0, 1))
        touch(sample, dice);
    if (dice_int(dice, 0, 1))
        sample_scatter(sample, dice);
}

static void run(const struct synthetic *flavour, const struct sample *sample,
                enum vt_electrostatics electrostatics, double tolerance)
{
    struct vt_nep model = {0};
    struct slow_energy slow = {0};
    synthetic_model(&model, flavour);
    struct vt_force *force = evaluator(&model, electrostatics, 1e-14);
    const struct vt_system system = sample_system(sample);
    slow_energy_compute(&slow, &model, &system, electrostatics);
    compare(&model, &slow, evaluate(force, sample), tolerance);
    slow_energy_destroy(&slow);
    vt_force_destroy(force);
    vt_nep_destroy(&model);
}

static void test_families(void **state)
{
    (void)state;
    struct dice dice = {2};
    struct sample sample = {0};
    for (int round = 0; round < 4 * FLAVOUR_FAMILIES * SAMPLE_KINDS; round++) {
        const enum sample_kind kind = (enum sample_kind)(round / FLAVOUR_FAMILIES % SAMPLE_KINDS);
        const struct synthetic flavour = flavour_draw(round % FLAVOUR_FAMILIES, &dice);
        draw(&sample, kind, &flavour, &dice);
        print_message("%s; %s of %zu\n", flavour_text(&flavour), sample_kind_name(kind),
                      sample.n_atoms);
        run(&flavour, &sample, VT_EWALD_GPUMD, 1e-10);
    }
    sample_destroy(&sample);
}

/* Every l_max, and every combination of higher terms. */
static void test_terms(void **state)
{
    (void)state;
    struct dice dice = {3};
    struct sample sample = {0};
    for (int mask = 0; mask < 1 << VT_NEP_TERMS; mask++) {
        struct synthetic flavour = flavour_draw(8, &dice); /* plain NEP4 */
        flavour.l_max = 4 + mask % 5;
        for (int term = 0; term < VT_NEP_TERMS; term++)
            flavour.term[term] = mask >> term & 1;
        sample_draw(&sample, SAMPLE_GLASS, 4, flavour.n_types, &dice);
        run(&flavour, &sample, VT_EWALD_GPUMD, 1e-10);
    }
    sample_destroy(&sample);
}

static void test_converged(void **state)
{
    (void)state;
    struct dice dice = {4};
    struct sample sample = {0};
    for (int round = 0; round < 18; round++) {
        struct synthetic flavour = flavour_draw(4 * (3 + round % 3), &dice);
        flavour.l_max = 2;
        for (int term = 0; term < VT_NEP_TERMS; term++)
            flavour.term[term] = false;
        sample_draw(&sample, (enum sample_kind)(round % SAMPLE_TINY), 10, flavour.n_types, &dice);
        run(&flavour, &sample, VT_EWALD_CONVERGED, 1e-10);
    }
    sample_destroy(&sample);
}

/* Born charges against their definition, whose derivatives are taken numerically. */
static void test_born(void **state)
{
    (void)state;
    struct dice dice = {5};
    struct sample sample = {0};
    for (int round = 0; round < 12; round++) {
        struct synthetic flavour = flavour_draw(12 + round, &dice);
        flavour.l_max = 1 + round % 4;
        for (int term = 0; term < VT_NEP_TERMS; term++)
            flavour.term[term] = flavour.term[term] && flavour.l_max == 4;
        struct vt_nep model = {0};
        synthetic_model(&model, &flavour);
        do
            sample_draw(&sample, (enum sample_kind)(round % SAMPLE_KINDS), 4, flavour.n_types,
                        &dice);
        while (cutoffs_gap(&model, &sample) < 3e-4); /* beyond the steps of the differences */
        struct vt_force *force = evaluator(&model, VT_EWALD_GPUMD, 0);
        const struct vt_results *results = evaluate(force, &sample);
        const struct vt_system system = sample_system(&sample);
        double(*born)[9] = NULL;
        assert_int_equal(vt_alloc(&born, sample.n_atoms, sizeof *born, "Born charges", NULL),
                         VT_OK);
        slow_born_charges(&model, &system, results->charges, born);
        assert_all_near(&results->born[0][0], &born[0][0], 9 * sample.n_atoms,
                        1e-8 * largest(&born[0][0], 9 * sample.n_atoms));
        for (int c = 0; c < 9; c++) {
            double sum = 0;
            for (size_t i = 0; i < sample.n_atoms; i++)
                sum += results->born[i][c];
            assert_near(sum, 0, 1e-11);
        }
        vt_free(born);
        vt_force_destroy(force);
        vt_nep_destroy(&model);
    }
    sample_destroy(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_converged),
        cmocka_unit_test(test_born),
    };
    return VT_RUN_TESTS(tests);
}
