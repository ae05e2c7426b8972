/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The angular functions of a bond vector with their derivatives, one by one (potential/harmonics.h
 * has them contracted). */
#ifndef VT_BONDS_H
#define VT_BONDS_H

#include <stddef.h>

/* table[0][lc] = B_lc(u), table[1 + d][lc] = dB_lc/d(r_d) for r = r u; rows of `stride` numbers, of
 * which those beyond the last harmonic are not touched. */
void vt_bond_harmonics(int l_max, const double u[3], double r, size_t stride, double *table);

#endif
