/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "analysis/doas.h"
#include "balance.h"
#include "base/memory.h"
#include "common/dice.h"

enum { ATOMS = 40, FRAMES = 2000 };

static bool wanted[VT_ELEMENTS + 1];

static struct vt_doas *create(double bin, int n_parts)
{
    struct vt_doas *doas;
    const struct vt_doas_options options = {bin, n_parts, wanted};
    wanted[3] = wanted[17] = true;
    assert_int_equal(vt_doas_create(&doas, MPI_COMM_NULL, &options, NULL), VT_OK);
    return doas;
}

static double normal(struct dice *dice)
{
    return sqrt(-2 * log(1 - dice_real(dice, 0, 1))) *
           cos(6.283185307179586 * dice_real(dice, 0, 1));
}

/* Li on two kinds of sites, one in four on the second; Cl all alike, with a part of its own. */
static struct vt_doas *two_sites(double bin)
{
    struct dice dice = {11};
    struct vt_doas *doas = create(bin, VT_DOAS_PARTS);
    uint8_t element[ATOMS];
    double total[ATOMS], network[ATOMS], coulomb[ATOMS];
    const double *const energies[] = {total, network, coulomb};
    for (int i = 0; i < ATOMS; i++)
        element[i] = i < ATOMS / 2 ? 3 : i < ATOMS - 1 ? 17 : 8; /* one that nobody asked for */
    for (int frame = 0; frame < FRAMES; frame++) {
        const struct vt_snapshot snapshot = {.n = ATOMS, .element = element, .index = frame};
        for (int i = 0; i < ATOMS; i++) {
            const double site = i < ATOMS / 2 ? (i % 4 ? -1.0 : -0.4) : 2.0;
            network[i] = site + 0.05 * normal(&dice);
            coulomb[i] = -3;
            total[i] = network[i] + coulomb[i];
        }
        assert_true(vt_doas_wants(doas, &snapshot));
        assert_int_equal(vt_doas_add(doas, &snapshot, energies, NULL), VT_OK);
    }
    assert_int_equal(vt_doas_finish(doas, NULL), VT_OK);
    return doas;
}

static void test_moments(void **state)
{
    (void)state;
    const int *element;
    struct vt_doas *doas = two_sites(0.01);
    assert_int_equal(vt_doas_elements(doas, &element), 2);
    assert_true(element[0] == 3 && element[1] == 17);
    const struct vt_doas_moments li = vt_doas_moments(doas, 0, VT_DOAS_TOTAL);
    const double between = 0.6 * sqrt(0.25 * 0.75);
    assert_true(fabs(li.mean - (-3 - 0.85)) < 2e-3);
    assert_true(fabs(li.between - between) < 2e-3 && fabs(li.within - 0.05) < 5e-4);
    assert_true(fabs(li.deviation - sqrt(between * between + 0.05 * 0.05)) < 2e-3);
    assert_true(li.least < -4.1 && li.most > -3.3);
    const struct vt_doas_moments coulomb = vt_doas_moments(doas, 1, VT_DOAS_COULOMB);
    assert_true(fabs(coulomb.mean + 3) < 1e-12 && coulomb.deviation < 1e-6);
    vt_doas_destroy(doas);
}

/* The integral is 1, and the height that of two Gaussians, widened by the one of the curve. */
static void test_curve(void **state)
{
    (void)state;
    struct vt_doas *doas = two_sites(0.01);
    struct vt_doas_curve curve;
    double sum = 0, peak[4], highest = 0;
    assert_int_equal(vt_doas_curve(doas, 0, VT_DOAS_NETWORK, 0.05, &curve, NULL), VT_OK);
    for (size_t k = 0; k < curve.n; k++) {
        sum += curve.density[k] * curve.bin;
        highest = fmax(highest, curve.density[k]);
    }
    assert_true(fabs(sum - 1) < 1e-9);
    const double expected = 0.75 / (sqrt(2 * 3.141592653589793) * 0.05 * sqrt(2));
    assert_true(fabs(highest - expected) < 0.03 * expected);
    assert_int_equal(vt_doas_peaks(&curve, 0.1, peak, 4), 2);
    assert_true(fabs(peak[0] + 1) < 0.02 && fabs(peak[1] + 0.4) < 0.02);
    assert_int_equal(vt_doas_peaks(&curve, 0.5, peak, 0), 1); /* the other is a third as high */
    vt_free(curve.density);
    assert_int_equal(vt_doas_curve(doas, 1, VT_DOAS_NETWORK, 0.05, &curve, NULL), VT_OK);
    assert_int_equal(vt_doas_peaks(&curve, 0.1, peak, 4), 1);
    assert_true(fabs(peak[0] - 2) < 0.02);
    vt_free(curve.density);
    vt_doas_destroy(doas);
}

/* Bins that come in any order, on both sides; the bare histogram. */
static void test_bins(void **state)
{
    (void)state;
    static const double values[] = {0.05, -1.95, 3.05, 0.06, -0.05};
    const uint8_t element = 3;
    struct vt_doas *doas = create(0.1, 1);
    struct vt_doas_curve curve;
    for (int k = 0; k < 5; k++) {
        const struct vt_snapshot snapshot = {.n = 1, .element = &element, .index = k};
        assert_int_equal(vt_doas_add(doas, &snapshot, (const double *const[]){&values[k]}, NULL),
                         VT_OK);
    }
    assert_int_equal(vt_doas_finish(doas, NULL), VT_OK);
    assert_int_equal(vt_doas_curve(doas, 0, VT_DOAS_TOTAL, 0, &curve, NULL), VT_OK);
    assert_int_equal(curve.n, 51);
    assert_true(fabs(curve.first + 2) < 1e-9);
    for (size_t k = 0; k < curve.n; k++) {
        const double expected = k == 20 ? 4 : k == 0 || k == 19 || k == 50 ? 2 : 0;
        assert_true(fabs(curve.density[k] - expected) < 1e-9);
    }
    vt_free(curve.density);
    vt_doas_destroy(doas);
}

static void test_refusals(void **state)
{
    (void)state;
    static const double far[] = {0, 1e6}, none[] = {0, NAN};
    const uint8_t element[2] = {3, 3};
    for (int k = 0; k < 2; k++) {
        struct vt_error error = {0};
        struct vt_doas *doas = create(0.01, 1);
        const struct vt_snapshot snapshot = {.n = 2, .element = element, .place = {"frames", 7, 0}};
        const double *const energies[] = {k ? none : far};
        assert_int_equal(vt_doas_add(doas, &snapshot, energies, &error), VT_INPUT);
        assert_int_equal(error.line, 7);
        assert_non_null(strstr(error.message, k ? "atom 2: an energy is no number"
                                                : "atom 2: energies would need more than"));
        vt_doas_destroy(doas);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_curve),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_refusals),
    };
    return VT_RUN_TESTS(tests);
}
