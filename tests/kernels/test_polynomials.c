/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The polynomials that the vector kernels use instead of functions of the C library, in float,
 * against these in double: on dense grids, compiled as each kernel is (VT_ISA). The errors allowed
 * are those of docs/theory.md. */
#include <math.h>
#include <stdio.h>

#include "../unit/balance.h"
#include "base/units.h"
#include "potential/kernels/kernel.h"
#include "potential/kernels/series_tmpl.h"

enum { GRID = 400000 };

static double most(double so_far, double off)
{
    return off <= so_far ? so_far : off < INFINITY ? off : INFINITY; /* NaN counts */
}

/* From saturation to saturation, and far beyond: in float, and what sums are made of. */
static void test_tanh(void **state)
{
    (void)state;
    double worst = 0, worst_exact = 0;
    vf_double exact;
    for (int i = -GRID; i <= GRID; i++) {
        const float x = 12.0f * (float)i / GRID;
        worst = most(worst, fabs((double)vt_tanh(vf_all(x), &exact)[0] - tanh((double)x)));
        const double off = fabs(exact[0] - tanh((double)x));
        worst_exact = most(worst_exact, x < -8 ? off / 8 : off); /* a rounding of 1 - 2 near -1 */
    }
    static const float far[] = {9.019999f, 9.02f, 9.020001f, 20, 1e3f, 1e10f, 3e38f, INFINITY};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const double h = (double)vt_tanh(vf_all((float)sign * far[i]), &exact)[0];
            worst = most(worst, fabs(h - sign));
            worst_exact = most(worst_exact, fabs(exact[VT_WIDTH - 1] - sign));
        }
    print_message("tanh: %.1e in float, %.1e in double\n", worst, worst_exact);
    assert_true(worst <= 2e-7);
    assert_true(worst_exact <= 4e-8);
    assert_true(vt_tanh(vf_all(0), &exact)[0] == 0 && fabs(exact[0]) <= 4e-8);
}

/* fc = cos^2 (pi r/2 rc) = v P(v) with v = (r/rc - 1)^2, and its derivative Q(v) in v. */
static void test_cutoff(void **state)
{
    (void)state;
    double worst = 0, worst_slope = 0;
    for (int i = 1; i <= GRID; i++) {
        const float v = (float)i / GRID;
        const double root = sqrt((double)v), s = sin(0.5 * VT_PI * root);
        const double slope = VT_PI * sin(VT_PI * root) / (4 * root);
        const vf cut = v * vt_polynomial(vt_cut, VT_CUT_TERMS, vf_all(v));
        const vf d = vt_polynomial(vt_cut_slope, VT_CUT_TERMS, vf_all(v));
        worst = most(worst, fabs((double)cut[0] - s * s));
        worst_slope = most(worst_slope, fabs((double)d[0] - slope));
    }
    print_message("cutoff function: %.1e, its derivative: %.1e\n", worst, worst_slope);
    assert_true(worst <= 3e-7);
    assert_true(worst_slope <= 5e-7);
}

/* Beyond the cutoff all is 0, exactly. */
static void test_beyond(void **state)
{
    (void)state;
    static const float far[] = {5.000001f, 5.01f, 7, 1e6f, 1e15f};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        vf f[6], df[6];
        const vf u = vt_reduced(vf_all(far[i]),
                                (struct vt_inverse_cutoff){0.2f, (float)(0.2 - (double)0.2f)});
        vt_basis_and_slopes(u, (4 / 5.0f) * u, 6, f, df);
        for (int k = 0; k < 6; k++)
            assert_true(f[k][0] == 0 && df[k][0] == 0);
    }
}

/* fc T_k(x), x = 2 u^2 - 1, and its derivative in r. u is rounded to 6e-8, which T_k and its slope
 * magnify by up to k^2 and k^4. */
static void test_basis(void **state)
{
    (void)state;
    enum { TERMS = 17, FEW = GRID / 20 };
    const float rc = 5;
    double worst = 0, worst_slope = 0;
    for (int i = 1; i < FEW; i++) {
        const float r = rc * (float)i / FEW;
        const double u = (double)r / (double)rc - 1, angle = acos(2 * u * u - 1);
        const double s = sin(0.5 * VT_PI * u), fc = s * s;
        vf f[TERMS], df[TERMS];
        const vf reduced =
            vt_reduced(vf_all(r), (struct vt_inverse_cutoff){0.2f, (float)(0.2 - (double)0.2f)});
        vt_basis_and_slopes(reduced, (4 / rc) * reduced, TERMS, f, df);
        for (int k = 0; k < TERMS; k++) {
            /* dT_k/dx = k sin(k angle)/sin(angle), dx/du = 4 u */
            const double t = cos(k * angle), dt = k * sin(k * angle) / sin(angle) * 4 * u;
            const double d = (0.5 * VT_PI * sin(VT_PI * u) * t + fc * dt) / (double)rc;
            worst = most(worst, fabs((double)f[k][0] - fc * t) / (1 + k * k));
            worst_slope =
                most(worst_slope, fabs((double)df[k][0] - d) * (double)rc / (1 + pow(k, 4)));
        }
    }
    print_message("basis, %d terms: %.1e (1 + k^2), derivatives: %.1e (1 + k^4)/rc\n", TERMS, worst,
                  worst_slope);
    assert_true(worst <= 3e-7);
    assert_true(worst_slope <= 2e-6);
}

/* Also keeps the products that series_tmpl.h has for the kernels from being unused here. */
static void test_products(void **state)
{
    (void)state;
    enum { IN = 7, MOST = 23 };
    vf in[IN], out[MOST];
    float matrix[IN * MOST];
    for (int i = 0; i < IN; i++)
        in[i] = vf_all((float)(i + 1));
    for (int n = 0; n <= MOST; n++) {
        for (int k = 0; k < IN * n; k++)
            matrix[k] = (float)(k % 11 - 5);
        vt_clear(out, n);
        vt_add_product(in, IN, matrix, n, out);
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int i = 0; i < IN; i++)
                sum += (float)(i + 1) * matrix[i * n + j];
            assert_true(out[j][0] == sum && out[j][VT_WIDTH - 1] == sum);
        }
    }
}

int main(void)
{
    enum { SKIPPED = 77 };
    if (!vt_kernel_runs(vt_kernel_named(VT_TEXT_OF(VT_ISA)))) {
        printf("SKIPPED: this processor cannot run " VT_TEXT_OF(VT_ISA) "\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tanh),     cmocka_unit_test(test_cutoff),
        cmocka_unit_test(test_beyond),   cmocka_unit_test(test_basis),
        cmocka_unit_test(test_products),
    };
    return VT_RUN_TESTS(tests);
}
