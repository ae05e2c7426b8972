/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A differentiable loss over a set of frames, as optimisers see it: they know nothing of atoms.
 *
 * Two losses come from the same sums over a batch. The smooth one is what `total` is, and what has
 * the gradient and the curvature:
 *
 *     total = sum over kinds k of lambda_k mean_square_k, plus the regularisation of the objective
 *
 * mean_square_k is the mean over the residuals of kind k in the batch, with the weight of each
 * frame and, where asked for, the Huber function in place of the square. GPUMD's loss is made of
 * roots instead (training/gpumd_loss.h): with lambda_k = lambda'_k / (2 sqrt(mean_square_k)) the
 * two have the same gradient, which is how the trainer minimises GPUMD's through this one (`weigh`,
 * training/trainer.h). */
#ifndef VT_OBJECTIVE_H
#define VT_OBJECTIVE_H

#include <stddef.h>

#include "base/error.h"

/* Part of a set: frames by number, as the caller drew them. n = 0 and frame = NULL: all frames. */
struct vt_batch {
    size_t n;
    const size_t *frame;
};

enum vt_loss_kind {
    VT_LOSS_ENERGY, /* eV/atom */
    VT_LOSS_FORCE,  /* eV/A */
    VT_LOSS_VIRIAL, /* eV/atom */
    VT_LOSS_CHARGE, /* e/atom: total charge of the frame by its number of atoms */
    VT_LOSS_BORN,   /* e */
    VT_LOSS_KINDS
};

/* Of a batch; summed over all ranks, the same on each. */
struct vt_loss {
    double total;                      /* what is minimised */
    double regularisation;             /* its part that knows no data */
    double rmse[VT_LOSS_KINDS];        /* roots of plain means, without weights; 0 without data */
    double mean_square[VT_LOSS_KINDS]; /* as they enter total, without lambda */
    double count[VT_LOSS_KINDS];       /* what the means divide by: sums of batches add up */
    double energy_shift;               /* eV/atom: weighted mean of predicted - reference */
};

/* All functions are collective over the ranks that made the objective; every rank passes the same
 * parameters and gets the same numbers. */
struct vt_objective {
    void *content;
    size_t n_parameters;
    size_t n_frames; /* of all ranks */

    /* gradient[n_parameters] is overwritten; NULL: only the loss is wanted. */
    enum vt_code (*evaluate)(void *content, const double *parameters, const struct vt_batch *batch,
                             struct vt_loss *loss, double *gradient, struct vt_error *error);

    /* product = J^T W J direction, overwritten: the Gauss-Newton matrix of total, which for squares
     * is its Hessian without the second derivatives of the residuals (twice J^T J for plain means).
     */
    enum vt_code (*curvature)(void *content, const double *parameters, const struct vt_batch *batch,
                              const double *direction, double *product, struct vt_error *error);

    /* Set lambda_k; NULL: the weights cannot be changed. */
    void (*weigh)(void *content, const double lambda[VT_LOSS_KINDS]);
};

#endif
