/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prolate functions against the literature, and both splits against their definition by quadrature.
 */
#include "balance.h"

#include <math.h>

#include "common/near.h"
#include "coulomb/prolate.h"
#include "coulomb/split.h"

static const double pi = 3.14159265358979323846;

/* Integral of f over [0, 1] by Gauss and Legendre, five points in each of many pieces. */
struct integrand {
    double (*f)(const void *of, double x);
    const void *of;
};

static double integrate(struct integrand what, double from, double to)
{
    static const double node[] = {0, 0.5384693101056831, 0.9061798459386640};
    static const double weight[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
    enum { PIECES = 400 };
    double sum = 0;
    const double half = 0.5 * (to - from) / PIECES;
    for (int p = 0; p < PIECES; p++) {
        const double middle = from + half * (2 * p + 1);
        sum += weight[0] * what.f(what.of, middle);
        for (int n = 1; n < 3; n++)
            sum += weight[n] * (what.f(what.of, middle - half * node[n]) +
                                what.f(what.of, middle + half * node[n]));
    }
    return half * sum;
}

/* ---- Legendre series */

static void test_legendre(void **state)
{
    (void)state;
    const struct vt_legendre even = {5, {1, 0, -2, 0, 0.5}};
    struct vt_legendre integral, slope, quotient;
    vt_legendre_integral(&even, &integral);
    vt_legendre_derivative(&integral, &slope);
    vt_legendre_over_x(&integral, &quotient);
    assert_near(vt_legendre_value(&integral, 0), 0, 1e-16);
    for (double x = -1; x <= 1; x += 0.125) {
        const double x2 = x * x;
        const double value =
            1 - 2 * 0.5 * (3 * x2 - 1) + 0.5 * 0.125 * (35 * x2 * x2 - 30 * x2 + 3);
        assert_near(vt_legendre_value(&even, x), value, 1e-14);
        assert_near(vt_legendre_value(&slope, x), value, 1e-14);
        assert_near(x * vt_legendre_value(&quotient, x), vt_legendre_value(&integral, x), 1e-14);
    }
}

/* ---- prolate functions */

static double psi_cos(const void *of, double x)
{
    const struct vt_prolate *p = of;
    return vt_legendre_value(&p->psi, x) * cos(p->c * 0.37 * x);
}

static double psi_alone(const void *of, double x)
{
    return vt_legendre_value(&((const struct vt_prolate *)of)->psi, x);
}

/* Eigenvalues chi_0: scipy.special.pro_cv, which has the digits of Flammer's tables (1957);
 * concentrations lambda_0: Slepian and Pollak (1961), table I. */
static void test_prolate_literature(void **state)
{
    (void)state;
    static const struct {
        double c, chi, lambda, digits;
    } known[] = {{0.5, 0.08241481, 0.30969, 5e-6},
                 {1, 0.31900006, 0.57258, 5e-6},
                 {2, 1.12773406, 0.88056, 5e-6},
                 {4, 3.17206742, 0.99589, 5e-6},
                 {8, 7.22157893, 0.99999787, 5e-9}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        struct vt_prolate p;
        vt_prolate_make(&p, known[k].c);
        assert_near(p.eigenvalue, known[k].chi, 6e-9);
        /* At t = 0 the integral is `factor`, and lambda = factor^2 c/(2 pi). */
        const double factor = 2 * integrate((struct integrand){psi_alone, &p}, 0, 1);
        assert_near(factor * factor * p.c / (2 * pi), known[k].lambda, known[k].digits);
    }
}

static void test_prolate_transform(void **state)
{
    (void)state;
    static const double bands[] = {0.3, 1, 3, 8, 15, 30, 50, VT_PROLATE_MOST};
    for (size_t k = 0; k < sizeof bands / sizeof *bands; k++) {
        struct vt_prolate p;
        vt_prolate_make(&p, bands[k]);
        const double factor = integrate((struct integrand){psi_alone, &p}, 0, 1);
        assert_near(vt_legendre_value(&p.psi, 0), 1, 1e-14);
        assert_near(integrate((struct integrand){psi_cos, &p}, 0, 1) / factor,
                    vt_legendre_value(&p.psi, 0.37), 1e-13);
        /* It has no zero and falls. */
        double last = 2;
        for (double x = 0; x <= 0.9; x += 0.1) {
            const double value = vt_legendre_value(&p.psi, x);
            assert_true(value < last && value > -1e-15);
            last = value;
        }
    }
}

static void test_prolate_leak(void **state)
{
    (void)state;
    for (double c = 4; c < 13; c++) {
        struct vt_prolate p;
        vt_prolate_make(&p, c);
        const double factor = 2 * integrate((struct integrand){psi_alone, &p}, 0, 1);
        const double leak = 1 - factor * factor * c / (2 * pi);
        print_message("    c %2.0f: leak %.3e, asymptotic %.3e\n", c, leak, vt_prolate_leak(c));
        assert_near(vt_prolate_leak(c) / leak, 1, 0.5 / (c * c) + 1e-14 / leak);
    }
}

/* ---- splits */

struct wave {
    const struct vt_split *split;
    double r;
};

/* L(r) = (2/pi) integral of s(k) sin(k r)/(k r) dk. */
static double of_wave(const void *of, double k)
{
    const struct wave *wave = of;
    const double kr = k * wave->r;
    return 2 / pi * vt_split_spectrum(wave->split, k) * (kr > 0 ? sin(kr) / kr : 1);
}

static void check_split(const struct vt_split *split, double tolerance)
{
    assert_near(vt_split_spectrum(split, 0), 1, 1e-14);
    assert_true(vt_split_spectrum(split, split->k_max) == 0);
    assert_near(vt_split_self(split), vt_split_smooth(split, 0, NULL), 0);
    for (double r = 0; r < 1.5 * split->cutoff; r += 0.0917 * split->cutoff) {
        double slope;
        const double value = vt_split_smooth(split, r, &slope), step = 1e-3;
        assert_near(value,
                    integrate((struct integrand){of_wave, &(struct wave){split, r}}, 0,
                              split->k_max * (1 - 1e-15)),
                    tolerance);
        if (r > 2 * step && fabs(r - split->cutoff) > 2 * step) {
            const double once =
                vt_split_smooth(split, r + step, NULL) - vt_split_smooth(split, r - step, NULL);
            const double twice = vt_split_smooth(split, r + 2 * step, NULL) -
                                 vt_split_smooth(split, r - 2 * step, NULL);
            assert_near((8 * once - twice) / (12 * step), slope, 1e-11);
        }
    }
    for (double x = 0.05; x < 0.95; x += 0.1) {
        const double k = x * split->k_max, step = 1e-4 * split->k_max;
        const double rise = vt_split_spectrum(split, k + step) - vt_split_spectrum(split, k - step);
        assert_near(rise / (2 * step), vt_split_spectrum_slope(split, k), 1e-5 / split->k_max);
    }
}

static void test_split_definitions(void **state)
{
    (void)state;
    for (double cutoff = 4; cutoff < 14; cutoff *= 1.6) {
        const struct vt_split gauss = vt_split_gauss(3.5 / cutoff, cutoff);
        check_split(&gauss, 1e-14);
        for (double band = 4; band < 40; band *= 1.7) {
            const struct vt_split prolate = vt_split_prolate(band, cutoff);
            /* The wave sum ends at the band: what is beyond is of the order of psi(1). */
            check_split(&prolate, 2 * exp(-band) + 1e-14);
        }
    }
}

/* Near 0 the value and the slope keep their digits: the slope is odd, the value even. */
static void test_split_near_zero(void **state)
{
    (void)state;
    const struct vt_split splits[] = {vt_split_gauss(0.6, 6), vt_split_prolate(12, 8)};
    for (size_t k = 0; k < 2; k++) {
        double slope, tenth;
        vt_split_smooth(&splits[k], 1e-2, &slope);
        vt_split_smooth(&splits[k], 1e-3, &tenth);
        assert_near(10 * tenth / slope, 1, 1e-4);
        vt_split_smooth(&splits[k], 0, &slope);
        assert_near(slope, 0, 1e-16);
    }
}

/* The force of the rest at the cutoff is what was asked for. */
static void test_split_for(void **state)
{
    (void)state;
    for (double accuracy = 1e-2; accuracy > 1e-12; accuracy *= 0.1)
        for (enum vt_split_kind kind = VT_SPLIT_GAUSS; kind <= VT_SPLIT_PROLATE; kind++) {
            const double cutoff = 7.3, r = cutoff * (1 - 1e-15);
            const struct vt_split split = vt_split_for(kind, cutoff, accuracy);
            double slope;
            const double value = vt_split_smooth(&split, r, &slope);
            assert_near(fabs(slope + 1 / (r * r)) / accuracy, 1, 0.02);
            if (kind == VT_SPLIT_PROLATE)
                assert_near(value, 1 / r, 1e-15);
        }
    /* What the prolate split is for: the waves end much earlier. */
    const struct vt_split gauss = vt_split_for(VT_SPLIT_GAUSS, 8, 1e-5);
    const struct vt_split prolate = vt_split_for(VT_SPLIT_PROLATE, 8, 1e-5);
    const double gauss_end = 2 * gauss.alpha * sqrt(-log(1e-5));
    print_message("    waves end at %.3f and %.3f 1/A\n", gauss_end, prolate.k_max);
    assert_true(prolate.k_max < 0.7 * gauss_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_legendre),          cmocka_unit_test(test_prolate_literature),
        cmocka_unit_test(test_prolate_transform), cmocka_unit_test(test_prolate_leak),
        cmocka_unit_test(test_split_definitions), cmocka_unit_test(test_split_near_zero),
        cmocka_unit_test(test_split_for),
    };
    return VT_RUN_TESTS(tests);
}
