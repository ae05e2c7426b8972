/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loss of GPUMD's trainer, in which published results are told:
 *
 *     lambda_1 |z|_1 / N + lambda_2 sqrt(|z|_2^2 / N) + sum over kinds of lambda_k RMSE_k
 *
 * over the N parameters; those that belong to no element (the common bias, sqrt_epsilon_inf) are
 * counted in N but do not add to the norms. */
#ifndef VT_GPUMD_LOSS_H
#define VT_GPUMD_LOSS_H

#include "training/objective.h"

struct vt_gpumd_loss {
    double total, l1, l2; /* l1 and l2 with their lambda */
};

struct vt_gpumd_weights {
    double lambda[VT_LOSS_KINDS];
    double lambda_1, lambda_2;
    size_t n;
    const int *owner; /* [n]: type of each parameter, -1: none; borrowed */
};

/* rmse: of the kinds, without weights; the regularisation alone if it is NULL. */
struct vt_gpumd_loss vt_gpumd_loss(const struct vt_gpumd_weights *weights, const double *parameters,
                                   const double rmse[VT_LOSS_KINDS]);

/* What GPUMD takes for lambda_1 and lambda_2 unless told: sqrt(1e-6 N / T). */
double vt_gpumd_default_lambda(size_t n_parameters, int n_types);

#endif
