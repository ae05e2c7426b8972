/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/harmonics.h"

#include <assert.h>

/* Powers (x + i y)^m, m = 0..l_max. */
static void planar_powers(int l_max, const double u[3], double *re, double *im)
{
    re[0] = 1;
    im[0] = 0;
    for (int m = 1; m <= l_max; m++) {
        re[m] = u[0] * re[m - 1] - u[1] * im[m - 1];
        im[m] = u[0] * im[m - 1] + u[1] * re[m - 1];
    }
}

/* p_lm(z) and its derivative. */
static double polynomial(int l, int m, double z, double *slope)
{
    assert(l >= 0 && m >= 0 && m <= l);
    const struct vt_zpoly *p = &vt_zpoly_table[l][m];
    const double z2 = z * z;
    double value = p->c[p->terms - 1], d = 0; /* in z^2 */
    for (int k = p->terms - 2; k >= 0; k--) {
        d = d * z2 + value;
        value = value * z2 + p->c[k];
    }
    if ((l - m) % 2 == 0) {
        *slope = 2 * z * d;
        return value;
    }
    *slope = value + 2 * z2 * d;
    return z * value;
}

void vt_harmonics(int l_max, const double u[3], double *b)
{
    assert(l_max >= 1 && l_max <= VT_NEP_MAX_L);
    double re[VT_NEP_MAX_L + 1], im[VT_NEP_MAX_L + 1], slope;
    planar_powers(l_max, u, re, im);
    for (int l = 1; l <= l_max; l++) {
        double *of_l = b + l * l - 1;
        of_l[0] = polynomial(l, 0, u[2], &slope);
        for (int m = 1; m <= l; m++) {
            const double p = polynomial(l, m, u[2], &slope);
            of_l[2 * m - 1] = p * re[m];
            of_l[2 * m] = p * im[m];
        }
    }
}

void vt_harmonics_contract(int l_max, const double u[3], const double *w, const double *v,
                           double *value, double gradient[3])
{
    double re[VT_NEP_MAX_L + 1], im[VT_NEP_MAX_L + 1];
    planar_powers(l_max, u, re, im);
    *value = gradient[0] = gradient[1] = gradient[2] = 0;
    for (int l = 1; l <= l_max; l++) {
        double slope;
        const double p = polynomial(l, 0, u[2], &slope);
        *value += w[l * l - 1] * p;
        gradient[2] += v[l * l - 1] * slope;
    }
    /* By m: sums over l first, since (x + i y)^m is common to them. */
    for (int m = 1; m <= l_max; m++) {
        double wr = 0, wi = 0, vr = 0, vi = 0, zr = 0, zi = 0;
        for (int l = m; l <= l_max; l++) {
            double slope;
            const double p = polynomial(l, m, u[2], &slope);
            const int c = l * l - 1 + 2 * m;
            wr += w[c - 1] * p;
            wi += w[c] * p;
            vr += v[c - 1] * p;
            vi += v[c] * p;
            zr += v[c - 1] * slope;
            zi += v[c] * slope;
        }
        *value += wr * re[m] + wi * im[m];
        gradient[0] += m * (vr * re[m - 1] + vi * im[m - 1]);
        gradient[1] += m * (vi * re[m - 1] - vr * im[m - 1]);
        gradient[2] += zr * re[m] + zi * im[m];
    }
}
