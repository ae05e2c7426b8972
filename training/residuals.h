/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What predictions differ from the labels by, and the smooth loss that comes of it (docs/theory.md
 * 10.1). With r a residual and g its weight in the mean,
 *
 *     mean_square_k = (1/count_k) sum g rho(r),   total = sum over kinds lambda_k mean_square_k
 *
 *     kind     r                                  g                           count
 *     energy   (E - E_ref)/N                      w^2 we                      frames
 *     force    F_i - F_i,ref, each component      w^2 tw^2 d/(d + |F_i,ref|)  3 atoms
 *     virial   (W - W_ref)/N: xx yy zz xy yz zx   w^2, shear^2 off the        6 frames with virial
 *                                                 diagonal
 *     charge   (sum of raw charges - Q)/N         1                           frames
 *     born     Z_i - Z_i,ref, each component      1/N                         9 frames with born
 *
 * w, we: weights of the frame; tw: of the type; the factor with d = force_delta only if that is
 * set. rho(r) = r^2, or with a Huber threshold h: 2 h |r| - h^2 beyond it. */
#ifndef VT_RESIDUALS_H
#define VT_RESIDUALS_H

#include "training/objective.h"
#include "training/sweep.h"

struct vt_loss_options {
    double lambda[VT_LOSS_KINDS];
    double lambda_2;             /* times the mean square of the parameters */
    double shear;                /* factor on residuals off the diagonal of the virial */
    double force_delta;          /* eV/A; 0: not used */
    double huber[VT_LOSS_KINDS]; /* in the unit of the residual; 0: squares */
    const double *type_weight;   /* [type]; borrowed; NULL: 1 each */
};

/* As the spec of the published trainer has it: lambda 1, 1, 0.1, 0.1, 0.5; shear 1. */
struct vt_loss_options vt_loss_defaults(void);

/* Sums over frames. */
struct vt_loss_sums {
    double square[VT_LOSS_KINDS]; /* g rho(r) */
    double plain[VT_LOSS_KINDS];  /* r^2 (born: by N) */
    double shift, shift_weight;   /* we (E - E_ref)/N, and we */
};

struct vt_residual_job {
    const struct vt_loss_options *options;
    const double *count; /* [VT_LOSS_KINDS] of the batch */
    const struct vt_labelled_frame *frame;
    const struct vt_geometry *geometry;
    const struct vt_outputs *outputs;
    const struct vt_outputs *change; /* NULL: derivatives of the loss. Else those of the quadratic
                                        form (1/2) change W change, W = 2 lambda g/count (where rho
                                        is linear: 2 lambda g h/(|r| count)) */
    bool charges;
};

/* Adds to *sums, sets *cotangent (its arrays are the caller's; born only if both it and the frame
 * have them). Either may be NULL. */
void vt_residuals(const struct vt_residual_job *job, struct vt_loss_sums *sums,
                  struct vt_outputs *cotangent);

#endif
