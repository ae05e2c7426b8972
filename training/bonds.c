/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/bonds.h"

#include <assert.h>

#include "base/mat3.h"
#include "potential/angular_table.h"

/* p_lm(z) and its derivative, by Horner's rule over all powers. */
static double polynomial(int l, int m, double z, double *slope)
{
    const struct vt_zpoly *p = &vt_zpoly_table[l][m];
    double value = 0;
    *slope = 0;
    for (int degree = l - m; degree >= 0; degree--) {
        *slope = *slope * z + value;
        value = value * z + ((l - m - degree) % 2 == 0 ? p->c[degree / 2] : 0);
    }
    return value;
}

void vt_bond_harmonics(int l_max, const double u[3], double r, size_t stride, double *table)
{
    assert(l_max >= 1 && l_max <= VT_NEP_MAX_L && r > 0);
    double re[VT_NEP_MAX_L + 1] = {1}, im[VT_NEP_MAX_L + 1] = {0};
    for (int m = 1; m <= l_max; m++) {
        re[m] = u[0] * re[m - 1] - u[1] * im[m - 1];
        im[m] = u[0] * im[m - 1] + u[1] * re[m - 1];
    }
    for (int l = 1; l <= l_max; l++)
        for (int c = 0; c <= 2 * l; c++) {
            const int m = (c + 1) / 2;
            double slope;
            const double p = polynomial(l, m, u[2], &slope);
            const double *part = c % 2 || c == 0 ? re : im, *other = part == re ? im : re;
            double gradient[3] = {0, 0, slope * part[m]};
            if (m > 0) {
                gradient[0] = m * p * part[m - 1];
                gradient[1] = (part == re ? -m : m) * p * other[m - 1];
            }
            const size_t h = (size_t)(l * l - 1 + c);
            const double along = vt_dot(gradient, u);
            table[h] = p * part[m];
            for (size_t d = 0; d < 3; d++)
                table[(1 + d) * stride + h] = (gradient[d] - along * u[d]) / r;
        }
}
