/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prolate spheroidal wave function of order 0: of all functions on [-1, 1] the one whose
 * Fourier transform lies within [-c, c] as completely as possible, and, but for a factor, its own
 * Fourier transform:
 *
 *   integral of psi(x) exp(i c x t) over [-1, 1] = factor psi(t),   |t| <= 1
 *
 * (Slepian and Pollak 1961). */
#ifndef VT_PROLATE_H
#define VT_PROLATE_H

#include "coulomb/legendre.h"

#define VT_PROLATE_MOST 80.0 /* c */

struct vt_prolate {
    double c;
    double eigenvalue;      /* chi of ((1 - x^2) psi')' + (chi - c^2 x^2) psi = 0 */
    struct vt_legendre psi; /* even; psi(0) = 1 */
};

/* 0 < c <= VT_PROLATE_MOST */
void vt_prolate_make(struct vt_prolate *prolate, double c);

/* The part of the square of psi's Fourier transform that lies beyond c, over the whole: asymptotic
 * (Fuchs 1964), good to some per cent from c = 4 on. */
double vt_prolate_leak(double c);

#endif
