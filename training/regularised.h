/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loss of data with GPUMD's two norms of the parameters added:
 *
 *     total + lambda_1 sum h(z) / N + lambda_2 sqrt(sum z^2 / N),   h(z) = sqrt(z^2 + d^2) - d
 *
 * over parameters that belong to an element. h is |z| but within about d = 1e-3 of zero, where it
 * is round, so that gradients lead to it. The curvature of both is that of the parabola that
 * touches them from above. */
#ifndef VT_REGULARISED_H
#define VT_REGULARISED_H

#include "training/gpumd_loss.h"

/* Not to be moved while `objective` is used. */
struct vt_regularised {
    struct vt_objective objective; /* the sum of both */
    const struct vt_objective *data;
    const struct vt_gpumd_weights *weights;
};

/* Both borrowed as long as it is used. data: of as many parameters, without regularisation. */
void vt_regularised_init(struct vt_regularised *regularised, const struct vt_objective *data,
                         const struct vt_gpumd_weights *weights);

#endif
