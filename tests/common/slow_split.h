/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both parts of a split Coulomb energy term by term: the smooth part over its waves, the rest over
 * pairs and their images. Straight from the formulas, for cells of some hundred atoms. */
#ifndef SLOW_SPLIT_H
#define SLOW_SPLIT_H

#include "coulomb/coulomb.h"
#include "coulomb/split.h"
#include "sample.h"

/* What a sum has for n atoms; the arrays are owned. */
struct charge_sums {
    size_t n;
    struct vt_coulomb_sums sums; /* virials NULL unless wanted */
};

/* Zeros. Give back with charge_sums_destroy. */
void charge_sums_create(struct charge_sums *out, size_t n, bool virials);
void charge_sums_clear(struct charge_sums *out);
void charge_sums_destroy(struct charge_sums *out);

/* Largest difference, and root mean square over atoms of the length of the difference, of forces;
 * eV/A. */
double force_error(const struct charge_sums *a, const struct charge_sums *b);

/* Root mean square of the differences of potentials, V. */
double potential_error(const struct charge_sums *a, const struct charge_sums *b);

void slow_waves(const struct vt_split *split, const struct sample *sample, const double *charges,
                struct charge_sums *out);

/* model_alpha: 0: the target is 1/r; else erf(model_alpha r)/r, and reach says how far pairs count
 * (0: to the split's cutoff). */
void slow_pairs(const struct vt_split *split, double model_alpha, double reach,
                const struct sample *sample, const double *charges, struct charge_sums *out);

/* -K_C L(0) q^2/2. */
void slow_self(const struct vt_split *split, const double *charges, struct charge_sums *out);

#endif
