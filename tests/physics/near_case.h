/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charges in their domain, and what pairs of them come to. Include after balance.h. */
#ifndef NEAR_CASE_H
#define NEAR_CASE_H

#include "common/sample.h"
#include "coulomb/near.h"

struct near_case {
    struct vt_domain domain;
    double *charge; /* [n_all] */
};

/* charges: of the sample's atoms. Give back with near_case_destroy. */
void near_case_create(struct near_case *near_case, const struct sample *sample,
                      const double *charges, double reach);
void near_case_destroy(struct near_case *near_case);

/* Drawn at random, and neutral: [n_atoms], given back by vt_free. */
double *near_case_charges(size_t n_atoms, struct dice *dice);

struct near_outcome {
    struct vt_coulomb_sums sums;
    double *storage; /* of its arrays */
};

/* Zeroed sums for n atoms. Give back with near_outcome_destroy. */
void near_outcome_create(struct near_outcome *outcome, size_t n);
void near_outcome_destroy(struct near_outcome *outcome);

#endif
