/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/gpumd_loss.h"

#include <assert.h>
#include <math.h>

struct vt_gpumd_loss vt_gpumd_loss(const struct vt_gpumd_weights *weights, const double *parameters,
                                   const double rmse[VT_LOSS_KINDS])
{
    assert(weights && weights->n > 0 && weights->owner && parameters);
    double absolute = 0, squares = 0;
    for (size_t i = 0; i < weights->n; i++) {
        if (weights->owner[i] < 0)
            continue;
        absolute += fabs(parameters[i]);
        squares += parameters[i] * parameters[i];
    }
    struct vt_gpumd_loss loss = {.l1 = weights->lambda_1 * absolute / (double)weights->n,
                                 .l2 = weights->lambda_2 * sqrt(squares / (double)weights->n)};
    loss.total = loss.l1 + loss.l2;
    for (int k = 0; rmse && k < VT_LOSS_KINDS; k++)
        loss.total += weights->lambda[k] * rmse[k];
    return loss;
}

double vt_gpumd_default_lambda(size_t n_parameters, int n_types)
{
    assert(n_types >= 1 && n_parameters >= 1);
    return sqrt(1e-6 * (double)n_parameters / n_types);
}
