/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The angular functions and the radial basis against independent forms: Legendre's addition
 * theorem, cos(k acos x), and differences. */
#include "potential/harmonics.h"

#include <math.h>

#include "balance.h"
#include "base/mat3.h"
#include "common/near.h"
#include "potential/basis.h"

static void direction(int seed, double u[3])
{
    const double theta = 0.7 + 1.3 * seed, phi = 2.1 * seed * seed;
    u[0] = sin(theta) * cos(phi);
    u[1] = sin(theta) * sin(phi);
    u[2] = cos(theta);
}

static double legendre(int l, double x)
{
    double before = 1, now = x;
    for (int k = 1; k < l; k++) {
        const double next = ((2 * k + 1) * x * now - k * before) / (k + 1);
        before = now;
        now = next;
    }
    return now;
}

/* sum_c weight B_c(u) B_c(v) = (2l + 1)/(4 pi) P_l(u.v). */
static void test_addition_theorem(void **state)
{
    (void)state;
    for (int seed = 0; seed < 40; seed++) {
        double u[3], v[3], bu[VT_MAX_HARMONICS], bv[VT_MAX_HARMONICS];
        direction(seed, u);
        direction(seed + 7, v);
        vt_harmonics(VT_NEP_MAX_L, u, bu);
        vt_harmonics(VT_NEP_MAX_L, v, bv);
        for (int l = 1; l <= VT_NEP_MAX_L; l++) {
            double sum = 0;
            for (int c = 0; c <= 2 * l; c++)
                sum += (c ? 2 : 1) * vt_clm_table[l][(c + 1) / 2] * bu[l * l - 1 + c] *
                       bv[l * l - 1 + c];
            const double expected = (2 * l + 1) / (4 * VT_PI) * legendre(l, vt_dot(u, v));
            assert_near(sum, expected, 1e-11); /* the weights have 15 decimals */
        }
    }
}

/* vt_harmonics_contract against sums over vt_harmonics and their central differences. */
static void test_contraction(void **state)
{
    (void)state;
    for (int l_max = 1; l_max <= VT_NEP_MAX_L; l_max++) {
        const int n = (l_max + 1) * (l_max + 1) - 1;
        double u[3], b[VT_MAX_HARMONICS], w[VT_MAX_HARMONICS], v[VT_MAX_HARMONICS];
        direction(l_max, u);
        for (int h = 0; h < n; h++) {
            w[h] = sin(1.0 + h);
            v[h] = cos(3.0 * h);
        }
        double value, gradient[3], expected = 0;
        vt_harmonics_contract(l_max, u, w, v, &value, gradient);
        vt_harmonics(l_max, u, b);
        for (int h = 0; h < n; h++)
            expected += w[h] * b[h];
        assert_near(value, expected, 1e-12 * (1 + fabs(expected)) * 100);
        for (int d = 0; d < 3; d++) {
            const double step = 1e-5;
            double up[3] = {u[0], u[1], u[2]}, down[3] = {u[0], u[1], u[2]};
            double bu[VT_MAX_HARMONICS], bd[VT_MAX_HARMONICS], slope = 0;
            up[d] += step;
            down[d] -= step;
            vt_harmonics(l_max, up, bu);
            vt_harmonics(l_max, down, bd);
            for (int h = 0; h < n; h++)
                slope += v[h] * (bu[h] - bd[h]) / (2 * step);
            assert_near(gradient[d], slope, 1e-6 * (1 + fabs(slope)));
        }
    }
}

static void test_basis(void **state)
{
    (void)state;
    enum { K = 17 };
    const double rc = 6.3;
    for (double r = 0.05; r < rc; r += 0.11) {
        const struct vt_radius a = vt_radius(r, rc);
        double f[K], df[K], only[K], sums[K] = {0}, up[K], down[K], c[K], series = 0;
        vt_basis_slope(a, K, f, df);
        vt_basis(a, K, only);
        vt_add_chebyshev(a, K, sums);
        const double step = 1e-6;
        vt_basis(vt_radius(r + step, rc), K, up);
        vt_basis(vt_radius(r - step, rc), K, down);
        const double u = r / rc - 1, x = 2 * u * u - 1, fc = 0.5 * (1 + cos(VT_PI * r / rc));
        for (int k = 0; k < K; k++) {
            const double chebyshev = cos(k * acos(fmax(-1, fmin(1, x))));
            assert_near(f[k], 0.5 * (chebyshev + 1) * fc, 1e-12);
            assert_near(only[k], f[k], 1e-15);
            assert_near(0.5 * (sums[k] + sums[0]), f[k], 1e-12);
            if (r + step < rc)
                assert_near(df[k], (up[k] - down[k]) / (2 * step), 1e-6);
            c[k] = sin(2.0 + k);
            series += c[k] * df[k];
        }
        assert_near(vt_series_slope(a, K, c), series, 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addition_theorem),
        cmocka_unit_test(test_contraction),
        cmocka_unit_test(test_basis),
    };
    return VT_RUN_TESTS(tests);
}
