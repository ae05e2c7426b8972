/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One frame, all directions of the chain rule (docs/theory.md 10): what the model predicts, how
 * that changes with the parameters, and how a function of the predictions does.
 *
 *     vt_sweep_set           parameters
 *     vt_sweep_predict       outputs(parameters)
 *     vt_sweep_change        J direction: change of the outputs of the frame last predicted
 *     vt_sweep_pull_back     gradient += J^T cotangent, of the frame last predicted
 *     vt_sweep_finish        ... of all frames since vt_sweep_begin
 */
#ifndef VT_SWEEP_H
#define VT_SWEEP_H

#include "training/kernels/kernel.h"

/* Predictions of a frame; or their changes; or derivatives of a function in them. Rows as in the
 * geometry. */
struct vt_outputs {
    double energy;      /* eV */
    double raw_charge;  /* e: of all atoms, before they are neutralised */
    double virial[9];   /* eV */
    double (*force)[4]; /* [row], eV/A; the fourth number is padding */
    double (*born)[9];  /* [row], e; NULL: not wanted, or none */
};

/* A frame as the functions below want it. All borrowed. */
struct vt_sweep_frame {
    const struct vt_geometry *geometry;
    double charge; /* e: what the charges add up to once neutralised */
    bool virial;   /* is wanted; else that of the outputs is not complete */
    bool no_pairs; /* forces and all tensors are not wanted, and not complete */
};

struct vt_sweep;

/* model gives header, q_scaler and ZBL; borrowed. kernel: NULL for the fastest. */
enum vt_code vt_sweep_create(struct vt_sweep **sweep, const struct vt_plan *plan,
                             const struct vt_training_kernel *kernel, struct vt_error *error);
void vt_sweep_destroy(struct vt_sweep *sweep);

/* Parameters, and a direction in their space for vt_sweep_change; copied. scaler: [dimension] */
void vt_sweep_set(struct vt_sweep *sweep, const double *parameters, const double *scaler);
void vt_sweep_set_direction(struct vt_sweep *sweep, const double *direction);

/* Fills *out. Allocates only where the frame is the largest so far. */
enum vt_code vt_sweep_predict(struct vt_sweep *sweep, const struct vt_sweep_frame *frame,
                              struct vt_outputs *out, struct vt_error *error);
void vt_sweep_change(struct vt_sweep *sweep, struct vt_outputs *out);

void vt_sweep_begin(struct vt_sweep *sweep);
void vt_sweep_pull_back(struct vt_sweep *sweep, const struct vt_outputs *cotangent);
/* gradient[n_parameters]: overwritten. */
void vt_sweep_finish(struct vt_sweep *sweep, double *gradient);

/* Of the frame last predicted: raw charges, neutral charges [row] (NULL without charges), and
 * descriptors, scaled [row][dimension]. Borrowed until the next. */
const double *vt_sweep_raw_charges(const struct vt_sweep *sweep);
const double *vt_sweep_charges(const struct vt_sweep *sweep);
const double *vt_sweep_descriptors(const struct vt_sweep *sweep);

/* Ranges of the scaled descriptors of a frame: the largest of -q and of q so far, [dimension]. */
enum vt_code vt_sweep_ranges(struct vt_sweep *sweep, const struct vt_geometry *geometry,
                             double *most_negative, double *most_positive, struct vt_error *error);

#endif
