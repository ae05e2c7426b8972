/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the energy of a pair is not smooth: difference quotients must not reach across. */
#ifndef CUTOFFS_H
#define CUTOFFS_H

#include "common/sample.h"

enum { CUTOFFS = 4 };

/* Radial and angular cutoff, and where ZBL begins to be switched off and ends (without ZBL: the
 * radial one again), A. */
void cutoffs_of_pair(const struct vt_nep *model, int t1, int t2, double cutoff[CUTOFFS]);

/* How near a pair of the sample comes to one of its cutoffs, A; at most 1. */
double cutoffs_gap(const struct vt_nep *model, const struct sample *sample);

#endif
