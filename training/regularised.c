/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/regularised.h"

#include <assert.h>
#include <math.h>

static const double roundness = 1e-3; /* d */

/* sqrt(sum z^2 / N) of the parameters that count, not zero. */
static double root_mean_square(const struct vt_gpumd_weights *weights, const double *z)
{
    double sum = 0;
    for (size_t i = 0; i < weights->n; i++)
        if (weights->owner[i] >= 0)
            sum += z[i] * z[i];
    return fmax(sqrt(sum / (double)weights->n), roundness);
}

static enum vt_code evaluate(void *content, const double *z, const struct vt_batch *batch,
                             struct vt_loss *loss, double *gradient, struct vt_error *error)
{
    const struct vt_regularised *regularised = content;
    const struct vt_objective *data = regularised->data;
    const struct vt_gpumd_weights *weights = regularised->weights;
    const enum vt_code code = data->evaluate(data->content, z, batch, loss, gradient, error);
    if (code)
        return code;
    const double n = (double)weights->n, root = root_mean_square(weights, z);
    assert(root > 0);
    double first = 0;
    for (size_t i = 0; i < weights->n; i++) {
        if (weights->owner[i] < 0)
            continue;
        const double length = sqrt(z[i] * z[i] + roundness * roundness);
        first += length - roundness;
        if (gradient)
            gradient[i] += (weights->lambda_1 / length + weights->lambda_2 / root) * z[i] / n;
    }
    loss->regularisation = weights->lambda_1 * first / n + weights->lambda_2 * root;
    loss->total += loss->regularisation;
    return VT_OK;
}

static enum vt_code curvature(void *content, const double *z, const struct vt_batch *batch,
                              const double *direction, double *product, struct vt_error *error)
{
    const struct vt_regularised *regularised = content;
    const struct vt_objective *data = regularised->data;
    const struct vt_gpumd_weights *weights = regularised->weights;
    const enum vt_code code = data->curvature(data->content, z, batch, direction, product, error);
    if (code)
        return code;
    const double n = (double)weights->n, root = root_mean_square(weights, z);
    for (size_t i = 0; i < weights->n; i++) {
        if (weights->owner[i] < 0)
            continue;
        const double length = sqrt(z[i] * z[i] + roundness * roundness);
        product[i] += (weights->lambda_1 / length + weights->lambda_2 / root) * direction[i] / n;
    }
    return VT_OK;
}

static void weigh(void *content, const double lambda[VT_LOSS_KINDS])
{
    const struct vt_regularised *regularised = content;
    regularised->data->weigh(regularised->data->content, lambda);
}

void vt_regularised_init(struct vt_regularised *regularised, const struct vt_objective *data,
                         const struct vt_gpumd_weights *weights)
{
    assert(regularised && data && weights && weights->n == data->n_parameters && weights->owner);
    *regularised =
        (struct vt_regularised){{regularised, data->n_parameters, data->n_frames, evaluate,
                                 data->curvature ? curvature : NULL, data->weigh ? weigh : NULL},
                                data,
                                weights};
}
