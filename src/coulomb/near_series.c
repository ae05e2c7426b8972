/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chebyshev interpolation, cut off where the rest does not matter. */
#include "coulomb/near_series.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"

enum { NODES = VT_NEAR_SERIES_MOST + 16 };

/* Coefficients of Chebyshev polynomials, [NODES]. */
static void interpolate(const struct vt_split *split, double target_alpha, double *c)
{
    const struct vt_split target =
        vt_split_gauss(target_alpha > 0 ? target_alpha : 1 / split->cutoff, split->cutoff);
    double f[NODES];
    for (int k = 0; k < NODES; k++) {
        const double t = cos(VT_PI * (k + 0.5) / NODES);
        const double r = split->cutoff * sqrt(0.5 * (t + 1));
        f[k] = -vt_split_smooth(split, r, NULL);
        if (target_alpha > 0)
            f[k] += vt_split_smooth(&target, r, NULL);
    }
    for (int n = 0; n < NODES; n++) {
        double sum = 0;
        for (int k = 0; k < NODES; k++)
            sum += f[k] * cos(VT_PI * n * (k + 0.5) / NODES);
        c[n] = (n == 0 ? 1.0 : 2.0) / NODES * sum;
    }
}

/* The least degree with a rest, as a bound on its derivative by r, below the accuracy. |T_n'| <=
 * n^2 and dt/dr <= 4/cutoff. */
static int choose_degree(const double *c, double cutoff, double accuracy)
{
    double largest = 0, rest = 0;
    for (int n = 0; n < NODES; n++)
        largest = fmax(largest, fabs(c[n]));
    int degree = NODES - 1;
    for (; degree > 2; degree--) {
        if (fabs(c[degree]) > 1e-14 * largest) /* else it is rounding */
            rest += 4 / cutoff * degree * degree * fabs(c[degree]);
        if (rest > accuracy)
            break;
    }
    return degree < VT_NEAR_SERIES_MOST ? degree : VT_NEAR_SERIES_MOST;
}

void vt_near_series_powers(const double *c, int degree, double *power)
{
    assert(degree >= 0 && degree <= VT_NEAR_SERIES_MOST);
    double before[VT_NEAR_SERIES_MOST + 1] = {1}, now[VT_NEAR_SERIES_MOST + 1] = {0, 1};
    for (int k = 0; k <= degree; k++)
        power[k] = 0;
    power[0] = c[0];
    for (int n = 1; n <= degree; n++) {
        for (int k = 0; k <= n; k++)
            power[k] += c[n] * now[k];
        for (int k = degree; k >= 0; k--) {
            const double next = 2 * (k > 0 ? now[k - 1] : 0) - before[k];
            before[k] = now[k];
            now[k] = next;
        }
    }
}

/* scale d/dt of sum of c[n] T_n: d[n - 1] = d[n + 1] + 2 n c[n], the first one halved. */
static void differentiate(const double *c, int degree, double scale, double *d)
{
    for (int n = 0; n <= VT_NEAR_SERIES_MOST; n++)
        d[n] = 0;
    for (int n = degree; n > 0; n--)
        d[n - 1] = (n + 1 <= degree ? d[n + 1] : 0) + 2 * n * scale * c[n];
    d[0] *= 0.5;
}

void vt_near_series_make(struct vt_near_series *series, const struct vt_split *split,
                         double target_alpha, double accuracy)
{
    assert(series && split && target_alpha >= 0 && accuracy > 0);
    double c[NODES];
    interpolate(split, target_alpha, c);
    *series = (struct vt_near_series){.degree = choose_degree(c, split->cutoff, accuracy)};
    for (int n = 0; n <= series->degree; n++)
        series->value[n] = c[n];
    /* -(1/r) d/dr = -(4/cutoff^2) d/dt */
    differentiate(c, series->degree, -4 / (split->cutoff * split->cutoff), series->slope);
}
