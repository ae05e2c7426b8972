/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finite Legendre series on [-1, 1]. */
#ifndef VT_LEGENDRE_H
#define VT_LEGENDRE_H

enum { VT_LEGENDRE_TERMS = 160 };

/* sum of term[n] P_n(x), n < count */
struct vt_legendre {
    int count;
    double term[VT_LEGENDRE_TERMS];
};

double vt_legendre_value(const struct vt_legendre *series, double x);

/* The derivative, and the integral from 0 to x of an even series. Neither may be `series` itself.
 */
void vt_legendre_derivative(const struct vt_legendre *series, struct vt_legendre *derivative);
void vt_legendre_integral(const struct vt_legendre *series, struct vt_legendre *integral);

/* series/x of an odd series: even, and without the cancellation of a division near 0. */
void vt_legendre_over_x(const struct vt_legendre *series, struct vt_legendre *quotient);

#endif
