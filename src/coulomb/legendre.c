/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/legendre.h"

#include <assert.h>
#include <math.h>

/* Clenshaw's sum, from the recursion (n + 1) P_n+1 = (2 n + 1) x P_n - n P_n-1. */
double vt_legendre_value(const struct vt_legendre *series, double x)
{
    assert(series->count >= 0 && series->count <= VT_LEGENDRE_TERMS && fabs(x) <= 1);
    double b1 = 0, b2 = 0;
    for (int n = series->count - 1; n >= 0; n--) {
        const double b =
            series->term[n] + (2 * n + 1) * x / (n + 1) * b1 - (n + 1.0) / (n + 2) * b2;
        b2 = b1;
        b1 = b;
    }
    return b1;
}

/* P'_n+1 - P'_n-1 = (2 n + 1) P_n, from the top. */
void vt_legendre_derivative(const struct vt_legendre *series, struct vt_legendre *derivative)
{
    assert(derivative != series);
    double sum[2] = {0, 0}; /* of the terms of either parity above n */
    derivative->count = series->count > 1 ? series->count - 1 : 0;
    for (int n = series->count - 2; n >= 0; n--) {
        sum[(n + 1) % 2] += series->term[n + 1];
        derivative->term[n] = (2 * n + 1) * sum[(n + 1) % 2];
    }
}

/* The integral of P_n is (P_n+1 - P_n-1)/(2 n + 1): of even n an odd function, 0 at 0. */
void vt_legendre_integral(const struct vt_legendre *series, struct vt_legendre *integral)
{
    assert(integral != series && series->count < VT_LEGENDRE_TERMS);
    integral->count = series->count + 1;
    for (int n = 0; n < integral->count; n++)
        integral->term[n] = 0;
    for (int n = 0; n < series->count; n += 2) {
        assert(n + 1 >= series->count || series->term[n + 1] == 0);
        integral->term[n + 1] += series->term[n] / (2 * n + 1);
        if (n > 0)
            integral->term[n - 1] -= series->term[n] / (2 * n + 1);
    }
}

/* x P_n = ((n + 1) P_n+1 + n P_n-1)/(2 n + 1), solved from the top, where errors shrink. */
void vt_legendre_over_x(const struct vt_legendre *series, struct vt_legendre *quotient)
{
    assert(quotient != series);
    assert(series->count >= 0 && series->count <= VT_LEGENDRE_TERMS);
    quotient->count = series->count > 1 ? series->count - 1 : 0;
    for (int n = 0; n < quotient->count; n++)
        quotient->term[n] = 0;
    for (int m = series->count - 1; m > 0; m--) {
        if (m % 2 == 0)
            continue;
        const double above = m + 1 < quotient->count ? quotient->term[m + 1] : 0;
        quotient->term[m - 1] = (series->term[m] - above * (m + 1) / (2 * m + 3)) * (2 * m - 1) / m;
    }
}
