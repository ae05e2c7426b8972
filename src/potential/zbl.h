/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screened nuclear repulsion (ZBL) of a pair of types: universal, typewise or flexible
 * (docs/theory.md 7). */
#ifndef VT_ZBL_H
#define VT_ZBL_H

#include "potential/nep.h"

struct vt_zbl_pair {
    double inner, outer;          /* A: switched off between them; outer = 0: no repulsion */
    double charge;                /* K_C Z_i Z_j, eV A */
    double amplitude[4], rate[4]; /* sum of amplitude exp(-rate r), rate in 1/A */
};

/* Parameters of the pair of types t1, t2 of a model. */
struct vt_zbl_pair vt_zbl_pair(const struct vt_nep *model, int t1, int t2);

/* The row of a flexible model that is the universal repulsion, switched off from 0 to outer, as
 * the typewise one is. */
void vt_zbl_universal_row(double row[VT_ZBL_ROW], double outer);

/* Energy of the pair (eV) and its derivative with respect to r (eV/A). */
double vt_zbl_energy(const struct vt_zbl_pair *pair, double r, double *derivative);

#endif
