/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The angular functions of a unit vector (docs/theory.md 4.4): B_l0 = p_l0(z), B_l,2m-1 + i B_l,2m
 * = p_lm(z) (x + i y)^m, flat index l^2 - 1 + c. */
#ifndef VT_HARMONICS_H
#define VT_HARMONICS_H

#include "potential/angular_table.h"

/* All B_lc, l = 1..l_max. */
void vt_harmonics(int l_max, const double u[3], double *b);

/* What a force needs of two linear combinations of the B_lc:
 * *value = sum_lc w_lc B_lc, and gradient = sum_lc v_lc grad B_lc with x, y, z taken as
 * independent. */
void vt_harmonics_contract(int l_max, const double u[3], const double *w, const double *v,
                           double *value, double gradient[3]);

#endif
