/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loss of a model over a set of frames, with its exact gradient and its curvature, for any
 * optimiser (training/objective.h).
 *
 * Parameters are the trainable numbers of nep.txt in the order of the file. q_scaler stays as it
 * is: the model's, until vt_gradient_fit_scaler. Regularised are all parameters but the common bias
 * and sqrt_epsilon_inf; the mean square is over all of them.
 *
 * Each rank holds its frames. What of a frame does not depend on the parameters is kept, first come
 * first served, until the budget is spent; for other frames it is computed again each time. */
#ifndef VT_GRADIENT_H
#define VT_GRADIENT_H

#include <mpi.h>

#include "training/frame_set.h"
#include "training/residuals.h"

struct vt_gradient_options {
    struct vt_loss_options loss;
    double memory;                           /* bytes of this rank for what is kept of frames */
    const struct vt_training_kernel *kernel; /* NULL: the fastest */
};

struct vt_gradient;

/* Collective. model and set, with all that they refer to, are borrowed. comm: MPI_COMM_NULL for one
 * rank; duplicated. VT_INPUT: a frame that cannot be evaluated (two atoms at one place). */
enum vt_code vt_gradient_create(struct vt_gradient **gradient, const struct vt_nep *model,
                                const struct vt_frame_set *set,
                                const struct vt_gradient_options *options, MPI_Comm comm,
                                struct vt_error *error);
void vt_gradient_destroy(struct vt_gradient *gradient);

/* Borrowed from the gradient. */
struct vt_objective vt_gradient_objective(struct vt_gradient *gradient);

/* Collective. Set q_scaler to 1/(largest - smallest) of each descriptor over all frames with the
 * coefficients of these parameters (the published trainer has all of them at one value). */
enum vt_code vt_gradient_fit_scaler(struct vt_gradient *gradient, const double *parameters,
                                    struct vt_error *error);
const double *vt_gradient_scaler(const struct vt_gradient *gradient); /* [dimension] */

/* A frame of this rank, by its place in the set. Arrays in the order of its atoms, borrowed until
 * the next call of anything here. */
struct vt_prediction {
    double energy;
    double virial[9];
    double raw_charge;
    const double (*force)[3];
    const double *raw_charges; /* NULL without charges, like what follows */
    const double *charges;     /* neutral, or with the charge of the frame */
    const double (*born)[9];
};
enum vt_code vt_gradient_predict(struct vt_gradient *gradient, const double *parameters,
                                 size_t frame, struct vt_prediction *prediction,
                                 struct vt_error *error);

/* Bytes kept, and frames of this rank that they are of. */
size_t vt_gradient_kept(const struct vt_gradient *gradient, size_t *frames);

#endif
