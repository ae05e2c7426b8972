/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cutoff function and Chebyshev basis of one pair (docs/theory.md 4.1, 4.2), inline for the loops
 * that use them.
 *
 *   f_k(r) = (T_k(x) + 1)/2 fc(r),  x = 2 (r/rc - 1)^2 - 1,  fc = (cos(pi r/rc) + 1)/2 */
#ifndef VT_BASIS_H
#define VT_BASIS_H

#include <math.h>

#include "base/units.h"

struct vt_radius {
    double fc, dfc; /* cutoff function and its derivative */
    double x, dx;   /* argument of the polynomials and its derivative */
};

/* r < rc. */
static inline struct vt_radius vt_radius(double r, double rc)
{
    const double inverse = 1 / rc, u = r * inverse - 1;
    const double phase = VT_PI * inverse * r;
    return (struct vt_radius){.fc = 0.5 * cos(phase) + 0.5,
                              .dfc = -0.5 * VT_PI * inverse * sin(phase),
                              .x = 2 * u * u - 1,
                              .dx = 4 * u * inverse};
}

/* sum[k] += fc T_k: the basis follows from the sums, f_k = (fc T_k + fc T_0)/2. */
static inline void vt_add_chebyshev(struct vt_radius a, int n, double *sum)
{
    double before = a.fc, now = a.x * a.fc;
    sum[0] += before;
    for (int k = 1; k < n; k++) {
        sum[k] += now;
        const double next = 2 * a.x * now - before;
        before = now;
        now = next;
    }
}

/* d/dr of sum_k c_k f_k. */
static inline double vt_series_slope(struct vt_radius a, int n, const double *c)
{
    double t_before = 1, t = a.x, d_before = 0, d = 1; /* T_k and T_k' */
    double value = 2 * c[0], slope = 0;                /* sums of c_k (T_k + 1) and c_k T_k' */
    for (int k = 1; k < n; k++) {
        value += c[k] * (t + 1);
        slope += c[k] * d;
        const double t_next = 2 * a.x * t - t_before;
        const double d_next = 2 * t + 2 * a.x * d - d_before;
        t_before = t;
        t = t_next;
        d_before = d;
        d = d_next;
    }
    return 0.5 * (value * a.dfc + slope * a.dx * a.fc);
}

/* f_k, k < n. */
static inline void vt_basis(struct vt_radius a, int n, double *f)
{
    double t_before = 1, t = a.x;
    f[0] = a.fc;
    for (int k = 1; k < n; k++) {
        f[k] = 0.5 * (t + 1) * a.fc;
        const double next = 2 * a.x * t - t_before;
        t_before = t;
        t = next;
    }
}

/* f_k and f_k', k < n. */
static inline void vt_basis_slope(struct vt_radius a, int n, double *f, double *df)
{
    double t_before = 1, t = a.x, d_before = 0, d = 1;
    f[0] = a.fc;
    df[0] = a.dfc;
    for (int k = 1; k < n; k++) {
        const double half = 0.5 * (t + 1);
        f[k] = half * a.fc;
        df[k] = half * a.dfc + 0.5 * d * a.dx * a.fc;
        const double t_next = 2 * a.x * t - t_before;
        const double d_next = 2 * t + 2 * a.x * d - d_before;
        t_before = t;
        t = t_next;
        d_before = d;
        d = d_next;
    }
}

#endif
