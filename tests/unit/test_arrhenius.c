/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "analysis/arrhenius.h"
#include "balance.h"
#include "base/units.h"
#include "common/dice.h"

enum { TEMPERATURES = 6, DRAWS = 10000 };

static const double temperature[TEMPERATURES] = {400, 450, 500, 600, 700, 800};

static double gauss(struct dice *dice)
{
    const double u = dice_real(dice, 0, 1), v = dice_real(dice, 0, 2 * VT_PI);
    return sqrt(-2 * log(1 - u)) * cos(v);
}

static double law(double kelvin)
{
    return -8.5 - 0.31 / (VT_BOLTZMANN * kelvin);
}

static void test_exact_values_give_the_law(void **state)
{
    (void)state;
    struct vt_rate rate[TEMPERATURES];
    struct vt_arrhenius fit;
    for (int i = 0; i < TEMPERATURES; i++)
        rate[i] = (struct vt_rate){temperature[i], exp(law(temperature[i])),
                                   0.01 * (1 + i) * exp(law(temperature[i]))};
    assert_int_equal(vt_arrhenius_fit(&fit, rate, TEMPERATURES, false, NULL), VT_OK);
    assert_true(fabs(fit.energy - 0.31) < 1e-12 && fabs(fit.ln_prefactor + 8.5) < 1e-10);
    assert_true(fit.chi2 < 1e-15 && fit.freedom == 4 && fit.between == 0);
    double sigma;
    assert_true(fabs(vt_arrhenius_at(&fit, 300, &sigma) - law(300)) < 1e-10);
    /* the error of two points, by hand */
    const double x0 = -1 / (VT_BOLTZMANN * 400), x1 = -1 / (VT_BOLTZMANN * 800);
    struct vt_rate two[2] = {{400, 1, 0.1}, {800, 2, 0.4}};
    assert_int_equal(vt_arrhenius_fit(&fit, two, 2, false, NULL), VT_OK);
    assert_true(fabs(fit.energy - log(2) / (x1 - x0)) < 1e-12);
    assert_true(fabs(fit.covariance[1][1] * (x1 - x0) * (x1 - x0) - 0.05) < 1e-12);
    assert_true(fit.p == 1 && fit.aicc == INFINITY);
}

/* Values drawn from a law: how often do the errors hold, of the energy and at 300 K? */
static void test_errors_cover_the_truth(void **state)
{
    (void)state;
    struct dice dice = {3};
    int within[2][2] = {{0}}, bad_fits = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        struct vt_rate rate[TEMPERATURES];
        for (int i = 0; i < TEMPERATURES; i++) {
            const double relative = 0.03 + 0.02 * i,
                         value = exp(law(temperature[i]) + relative * gauss(&dice));
            rate[i] = (struct vt_rate){temperature[i], value, relative * value};
        }
        struct vt_arrhenius fit;
        double sigma;
        assert_int_equal(vt_arrhenius_fit(&fit, rate, TEMPERATURES, false, NULL), VT_OK);
        const double off[2] = {(fit.energy - 0.31) / sqrt(fit.covariance[1][1]),
                               (vt_arrhenius_at(&fit, 300, &sigma) - law(300)) / sigma};
        for (int k = 0; k < 2; k++)
            for (int s = 0; s < 2; s++)
                within[k][s] += fabs(off[k]) <= s + 1;
        bad_fits += fit.p < 0.05;
    }
    for (int k = 0; k < 2; k++) {
        assert_true(abs(within[k][0] - 6827) < 200);
        assert_true(abs(within[k][1] - 9545) < 100);
    }
    assert_true(abs(bad_fits - 500) < 90);
}

/* Three glasses at each temperature, which differ by more than their errors. */
static void test_samples_that_differ_widen_the_error(void **state)
{
    (void)state;
    enum { SAMPLES = 3, REPEATS = 3000 };
    struct dice dice = {17};
    int within[2] = {0};
    double between = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        struct vt_rate rate[TEMPERATURES * SAMPLES];
        for (int i = 0; i < TEMPERATURES * SAMPLES; i++) {
            const double kelvin = temperature[i / SAMPLES];
            const double value = exp(law(kelvin) + 0.2 * gauss(&dice) + 0.05 * gauss(&dice));
            rate[i] = (struct vt_rate){kelvin, value, 0.05 * value};
        }
        struct vt_arrhenius fit;
        assert_int_equal(vt_arrhenius_fit(&fit, rate, TEMPERATURES * SAMPLES, false, NULL), VT_OK);
        for (int s = 0; s < 2; s++)
            within[s] += fabs(fit.energy - 0.31) <= (s + 1) * sqrt(fit.covariance[1][1]);
        between += fit.between * fit.between / REPEATS;
        assert_int_equal(fit.n_temperatures, TEMPERATURES);
    }
    assert_true(fabs(sqrt(between) - 0.2) < 0.01);
    assert_true(fabs((double)within[0] / REPEATS - 0.68) < 0.04);
    assert_true(fabs((double)within[1] / REPEATS - 0.95) < 0.03);
}

static void test_alternatives(void **state)
{
    (void)state;
    enum { N = 9 };
    struct vt_rate vft_rate[N], bent[N], straight[N];
    for (int i = 0; i < N; i++) {
        const double kelvin = 350 + 50 * i;
        const double vft = exp(-6 - 900 / (kelvin - 180));
        const double low = kelvin < 500 ? 0.2 * (1 / kelvin - 1 / 500.0) / VT_BOLTZMANN : 0;
        vft_rate[i] = (struct vt_rate){kelvin, vft, 0.02 * vft};
        straight[i] = (struct vt_rate){kelvin, exp(law(kelvin)), 0.02 * exp(law(kelvin))};
        bent[i] = (struct vt_rate){kelvin, exp(law(kelvin) - low), 0.02 * exp(law(kelvin) - low)};
    }
    struct vt_arrhenius line;
    struct vt_vft vft;
    struct vt_bend bend;
    assert_int_equal(vt_arrhenius_fit(&line, vft_rate, N, false, NULL), VT_OK);
    assert_int_equal(vt_vft_fit(&vft, &line, vft_rate, N, NULL), VT_OK);
    assert_true(vft.is_known && vft.aicc < line.aicc - 10);
    assert_true(fabs(vft.t0 - 180) < 2 && fabs(vft.b - 900) < 20);

    assert_int_equal(vt_arrhenius_fit(&line, bent, N, false, NULL), VT_OK);
    assert_int_equal(vt_bend_fit(&bend, &line, bent, N, NULL), VT_OK);
    assert_true(bend.is_known && bend.p < 1e-6 && bend.temperature == 500);
    assert_true(fabs(bend.energy_low - 0.51) < 1e-9 && fabs(bend.energy_high - 0.31) < 1e-9);
    const double chi2 = line.chi2;
    assert_int_equal(vt_arrhenius_fit(&line, bent, N, true, NULL), VT_OK);
    assert_true(fabs(line.inflation - sqrt(chi2 / 7)) < 1e-9 && fabs(line.chi2 - 7) < 1e-9);

    assert_int_equal(vt_arrhenius_fit(&line, straight, N, false, NULL), VT_OK);
    assert_int_equal(vt_vft_fit(&vft, &line, straight, N, NULL), VT_OK);
    assert_int_equal(vt_bend_fit(&bend, &line, straight, N, NULL), VT_OK);
    assert_true(vft.aicc > line.aicc && vft.t0 == 0 && bend.p == 1);
}

static void test_refusals(void **state)
{
    (void)state;
    struct vt_arrhenius fit;
    const struct vt_rate same[] = {{300, 1, 0.1}, {300, 2, 0.1}},
                         negative[] = {{300, 1, 0.1}, {400, -2, 0.1}},
                         exact[] = {{300, 1, 0.1}, {400, 2, 0}},
                         cold[] = {{0, 1, 0.1}, {400, 2, 0.1}};
    assert_int_equal(vt_arrhenius_fit(&fit, same, 2, false, NULL), VT_INPUT);
    assert_int_equal(vt_arrhenius_fit(&fit, negative, 2, false, NULL), VT_INPUT);
    assert_int_equal(vt_arrhenius_fit(&fit, exact, 2, false, NULL), VT_INPUT);
    assert_int_equal(vt_arrhenius_fit(&fit, cold, 2, false, NULL), VT_INPUT);
    assert_int_equal(vt_arrhenius_fit(&fit, NULL, 0, false, NULL), VT_INPUT);
}

/* Tails of chi2 in closed form: exp(-x/2) for two freedoms, erfc for one. */
static void test_chi2_tail(void **state)
{
    (void)state;
    for (double x = 0.01; x < 60; x *= 1.7) {
        assert_true(fabs(vt_chi2_tail(x, 2) / exp(-x / 2) - 1) < 1e-12);
        assert_true(fabs(vt_chi2_tail(x, 4) / (exp(-x / 2) * (1 + x / 2)) - 1) < 1e-12);
        assert_true(fabs(vt_chi2_tail(x, 1) / erfc(sqrt(x / 2)) - 1) < 1e-12);
    }
    assert_true(vt_chi2_tail(0, 3) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_values_give_the_law),
        cmocka_unit_test(test_errors_cover_the_truth),
        cmocka_unit_test(test_samples_that_differ_widen_the_error),
        cmocka_unit_test(test_alternatives),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_chi2_tail),
    };
    return VT_RUN_TESTS(tests);
}
