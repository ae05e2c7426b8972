/* SPDX-License-Identifier: GPL-3.0-or-later */
/* However 1/r is split, what pairs and waves add up to is the same: for point charges the Coulomb
 * energy, for Gaussian ones that of the model's width (docs/theory.md 6.7). The waves are summed
 * here, one by one, from the spectrum of the split. */
#include "../unit/balance.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "common/near.h"
#include "near_case.h"

static const double skin = 0.4; /* A */

/* ---- waves ---- */

struct wave {
    double k[3], length, weight; /* weight: 4 pi s(k)/(V k^2) */
};

static void add_wave(const struct sample *sample, const double *charges, const struct wave *wave,
                     double stretch, struct vt_coulomb_sums *sums)
{
    double complex structure = 0; /* sum of q exp(-i k.r) */
    for (size_t i = 0; i < sample->n_atoms; i++)
        structure += charges[i] * cexp(-I * vt_dot(wave->k, sample->position[i]));
    const double energy = 0.5 * VT_COULOMB * wave->weight * creal(structure * conj(structure));
    sums->energy += energy;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            sums->virial[3 * a + b] += energy * ((a == b) - stretch * wave->k[a] * wave->k[b]);
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const double complex at =
            VT_COULOMB * wave->weight * structure * cexp(I * vt_dot(wave->k, sample->position[i]));
        sums->potentials[i] += creal(at);
        sums->energies[i] += 0.5 * charges[i] * creal(at);
        for (int d = 0; d < 3; d++)
            sums->forces[i][d] += charges[i] * wave->k[d] * cimag(at);
    }
}

/* All waves of the split, k and -k. */
static void add_waves(const struct sample *sample, const double *charges,
                      const struct vt_split *split, struct vt_coulomb_sums *sums)
{
    struct vt_cell cell;
    int most[3];
    assert_int_equal(vt_cell_init(&cell, (const double(*)[3])sample->cell, NULL), VT_OK);
    for (int d = 0; d < 3; d++)
        most[d] = (int)(split->k_max * vt_norm(sample->cell[d]) / (2 * VT_PI)) + 1;
    for (int a = -most[0]; a <= most[0]; a++)
        for (int b = -most[1]; b <= most[1]; b++)
            for (int c = -most[2]; c <= most[2]; c++) {
                const int n[3] = {a, b, c};
                struct wave wave = {.length = 0};
                for (int d = 0; d < 3; d++)
                    for (int e = 0; e < 3; e++)
                        wave.k[e] += 2 * VT_PI * n[d] * cell.inverse[e][d];
                wave.length = vt_norm(wave.k);
                const double s = wave.length > 0 ? vt_split_spectrum(split, wave.length) : 0;
                if (s == 0)
                    continue;
                const double k2 = wave.length * wave.length;
                wave.weight = 4 * VT_PI * s / (cell.volume * k2);
                add_wave(sample, charges, &wave,
                         2 / k2 - vt_split_spectrum_slope(split, wave.length) / (s * wave.length),
                         sums);
            }
}

/* ---- one splitting or another ---- */

static void evaluate(const struct sample *sample, const double *charges,
                     const struct vt_split *split, double target_alpha,
                     struct near_outcome *outcome)
{
    struct near_case near_case;
    struct vt_near *near = NULL;
    const struct vt_near_settings settings = {.split = split, .target_alpha = target_alpha};
    near_outcome_create(outcome, sample->n_atoms);
    near_case_create(&near_case, sample, charges, split->cutoff + skin);
    assert_int_equal(vt_near_create(&near, &settings, NULL), VT_OK);
    assert_int_equal(vt_near_build(near, &near_case.domain, skin, NULL), VT_OK);
    vt_near_add(near, &near_case.domain, near_case.charge, &outcome->sums);
    add_waves(sample, charges, split, &outcome->sums);
    vt_near_destroy(near);
    near_case_destroy(&near_case);
}

static void assert_same(const struct near_outcome *a, const struct near_outcome *b, size_t n,
                        double tolerance)
{
    assert_near(a->sums.energy, b->sums.energy, tolerance * (double)n);
    assert_all_near(a->sums.virial, b->sums.virial, 9, 20 * tolerance * (double)n); /* times A */
    assert_all_near(a->sums.energies, b->sums.energies, n, tolerance);
    assert_all_near(a->sums.potentials, b->sums.potentials, n, tolerance);
    assert_all_near(&a->sums.forces[0][0], &b->sums.forces[0][0], 3 * n, tolerance);
}

/* Where a split ends the force between two unit charges jumps by 1e-13 K_C; a tiny cell has some
 * thousand pairs there, all alike. */
static void run(enum sample_kind kind, double target_alpha, struct dice *dice)
{
    struct sample sample = {0};
    struct near_outcome one, other;
    sample_draw(&sample, kind, 8, 1, dice);
    double *charges = near_case_charges(sample.n_atoms, dice);
    for (int round = 0; round < 2; round++) {
        const struct vt_split first =
            vt_split_for(VT_SPLIT_GAUSS, dice_real(dice, target_alpha > 0 ? 7 : 5, 7.5), 1e-13);
        const struct vt_split second =
            vt_split_for(VT_SPLIT_PROLATE, dice_real(dice, 7, 10), 1e-13);
        evaluate(&sample, charges, &first, target_alpha, &one);
        evaluate(&sample, charges, &second, target_alpha, &other);
        assert_same(&one, &other, sample.n_atoms, 1e-8);
        near_outcome_destroy(&one);
        near_outcome_destroy(&other);
    }
    vt_free(charges);
    sample_destroy(&sample);
}

static void test_point_charges(void **state)
{
    (void)state;
    struct dice dice = {41};
    for (int kind = 0; kind < SAMPLE_KINDS; kind++)
        run((enum sample_kind)kind, 0, &dice);
}

/* Narrow enough for erfc(alpha cutoff) to be nothing: what Gaussian charges lack to point charges
 * lies within the cutoff. The split's own alpha is about 0.8. */
static void test_gaussian_charges(void **state)
{
    (void)state;
    struct dice dice = {42};
    for (int kind = 0; kind < SAMPLE_KINDS; kind++)
        run((enum sample_kind)kind, dice_real(&dice, 0.8, 1.2), &dice);
}

/* Gaussian charges without any splitting: waves of their own width alone. */
static void test_gaussian_waves(void **state)
{
    (void)state;
    struct dice dice = {43};
    for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
        struct sample sample = {0};
        struct near_outcome split, whole;
        sample_draw(&sample, (enum sample_kind)kind, 8, 1, &dice);
        double *charges = near_case_charges(sample.n_atoms, &dice);
        const double alpha = dice_real(&dice, 0.8, 1);
        const struct vt_split wide = vt_split_for(VT_SPLIT_PROLATE, dice_real(&dice, 7, 9), 1e-13);
        const struct vt_split own = vt_split_gauss(alpha, 1);
        evaluate(&sample, charges, &wide, alpha, &split);
        near_outcome_create(&whole, sample.n_atoms);
        add_waves(&sample, charges, &own, &whole.sums);
        assert_same(&split, &whole, sample.n_atoms, 1e-8);
        near_outcome_destroy(&split);
        near_outcome_destroy(&whole);
        vt_free(charges);
        sample_destroy(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_point_charges),
                                       cmocka_unit_test(test_gaussian_charges),
                                       cmocka_unit_test(test_gaussian_waves)};
    return VT_RUN_TESTS(tests);
}
