/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model re-arranged for the evaluator's loops: coefficients of a pair of types contiguous,
 * q_scaler folded into the network, everything that depends on types alone computed once. */
#ifndef VT_PLAN_H
#define VT_PLAN_H

#include "base/error.h"
#include "potential/angular_table.h"
#include "potential/nep.h"
#include "potential/zbl.h"

enum {
    VT_MAX_BASIS = VT_NEP_MAX_K + 1,
    VT_MAX_DIMENSION = (VT_NEP_MAX_N + 1) * (1 + VT_NEP_MAX_L + VT_NEP_TERMS)
};

struct vt_plan {
    const struct vt_nep *model; /* borrowed */
    int n_types;
    int n_radial, k_radial; /* counts: radial functions and basis functions */
    int n_angular, k_angular;
    int l_max;
    int n_harmonics; /* (l_max + 1)^2 - 1 */
    int n_sums;      /* n_angular n_harmonics: S of one centre, [n][lc] */
    int dimension;
    int neurons;
    double largest_cutoff;           /* A */
    double *cutoff;                  /* [t1][t2]: of any interaction of the pair but k space */
    double *cutoff_radial;           /* [t1][t2] */
    double *cutoff_angular;          /* [t1][t2] */
    double *radial;                  /* [t1][t2][n][k] */
    double *angular;                 /* [t1][t2][n][k] */
    double *w0;                      /* [type][neuron][dimension], times q_scaler */
    struct vt_zbl_pair *zbl;         /* [t1][t2] */
    double weight[VT_MAX_HARMONICS]; /* of S_lc^2 in the three-body descriptors */
};

/* model is borrowed and must stay as it is while the plan lives. Start with `= {0}`. */
enum vt_code vt_plan_create(struct vt_plan *plan, const struct vt_nep *model,
                            struct vt_error *error);
void vt_plan_destroy(struct vt_plan *plan);

#endif
