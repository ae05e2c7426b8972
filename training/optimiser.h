/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways to make a loss small, behind one interface.
 *
 *     vt_optimiser_create(&optimiser, &objective, &settings, start, error)
 *     vt_optimiser_step(optimiser, &loss, error) ...
 *     vt_optimiser_model(optimiser) -> the parameters to use
 *
 * They see a vt_objective and nothing else. All numbers they draw depend on seed, step and index:
 * every rank does the same arithmetic on the same parameters, and the number of ranks changes
 * nothing. The whole state of an optimiser is a few blocks of doubles, so that a checkpoint needs
 * to know none of them. */
#ifndef VT_OPTIMISER_H
#define VT_OPTIMISER_H

#include <stdbool.h>
#include <stdint.h>

#include "training/objective.h"

enum vt_optimiser_kind {
    VT_OPTIMISER_ADAM,  /* AdamW on mini-batches, with warm-up, cosine decay, clipping and averaging
                         */
    VT_OPTIMISER_SOAP,  /* the same along axes that follow the gradients */
    VT_OPTIMISER_LBFGS, /* limited-memory BFGS on the whole set, strong Wolfe line search */
    VT_OPTIMISER_NEWTON, /* damped Gauss-Newton (Levenberg-Marquardt), its equations by conjugate
                            gradients */
    VT_OPTIMISER_SNES,   /* separable natural evolution strategy: no gradients */
    VT_OPTIMISERS
};

/* Parameters that belong together as rows and columns: number (i, j) is at
 *
 *     first + i row_step + (j / inner) outer_step + (j % inner) inner_step */
struct vt_parameter_matrix {
    size_t rows, columns;
    size_t first, row_step, inner, outer_step, inner_step;
};

struct vt_adam_settings {
    size_t batch;         /* frames of a mini-batch */
    double rate;          /* largest change of a parameter in a step */
    double last_rate;     /* at the end of the decay */
    int64_t warm_up;      /* steps from last_rate to rate */
    int64_t n_steps;      /* over which the rate decays; stays at last_rate after them */
    double beta1, beta2;  /* decay of the two moments */
    double weight_decay;  /* decoupled: parameters shrink by rate x this */
    double clip;          /* gradients longer than this times their running mean are cut; 0: none */
    double average_decay; /* of the averaged model; 0: none */

    /* of soap */
    size_t n_matrices;
    const struct vt_parameter_matrix *matrix; /* [n_matrices]; the others move as with adam */
    double axes_decay;                        /* of the means that axes follow */
    int64_t axes_every;                       /* steps */
};

struct vt_lbfgs_settings {
    int memory;          /* pairs kept, 1 to VT_LBFGS_MEMORY */
    int64_t evaluations; /* most of one line search */
};

enum { VT_LBFGS_MEMORY = 100 };

struct vt_newton_settings {
    double damping;         /* at the start, in units of the mean curvature */
    int64_t products;       /* most of one step */
    double tolerance;       /* relative progress per iteration at which the inner solution ends */
    size_t curvature_batch; /* frames that the curvature is taken from; 0: all */
};

/* Frames of one batch of SNES that have the same elements; batches are made of such parts, so that
 * the loss of each element comes from the frames that have it. */
struct vt_snes_part {
    size_t batch; /* that it belongs to, counted from 0 without gaps */
    struct vt_batch frames;
    const bool *has_type; /* [n_types] */
};

struct vt_snes_settings {
    int population;
    double sigma;         /* first width of each parameter */
    const double *widths; /* [n_parameters], or NULL: sigma for all */
    int n_types;
    const int *owner; /* [n_parameters]: type, or -1 (not regularised, follows the whole set) */
    size_t bias;      /* index of the common bias: energies are shifted by it; SIZE_MAX: none */
    double lambda[VT_LOSS_KINDS];
    double lambda_1, lambda_2;
    size_t n_parts, n_batches;
    const struct vt_snes_part *parts; /* ordered by batch; borrowed as the arrays above */
};

struct vt_optimiser_settings {
    enum vt_optimiser_kind kind;
    uint32_t seed;
    struct vt_adam_settings adam;
    struct vt_lbfgs_settings lbfgs;
    struct vt_newton_settings newton;
    struct vt_snes_settings snes;
};

/* What has stood the study of docs/training.md; n_frames: of the training set. */
struct vt_optimiser_settings vt_optimiser_defaults(enum vt_optimiser_kind kind, size_t n_frames);

/* "adam", ... */
const char *vt_optimiser_name(enum vt_optimiser_kind kind);

struct vt_optimiser;

/* The objective (the struct too) and the arrays of the settings are borrowed and must outlive the
 * object; start[n_parameters] is copied. *optimiser: owned, given back by vt_optimiser_destroy. */
enum vt_code vt_optimiser_create(struct vt_optimiser **optimiser,
                                 const struct vt_objective *objective,
                                 const struct vt_optimiser_settings *settings, const double *start,
                                 struct vt_error *error);
void vt_optimiser_destroy(struct vt_optimiser *optimiser);

/* One step: a mini-batch (adam, soap), an iteration (lbfgs, newton), a generation (snes). *loss:
 * what it was at the parameters the step began (adam: of the batch) or ended with (the others;
 * snes: the best individual, total being GPUMD's loss). VT_FAILED if it is no number any more. */
enum vt_code vt_optimiser_step(struct vt_optimiser *optimiser, struct vt_loss *loss,
                               struct vt_error *error);

/* The objective was weighed anew: losses of earlier steps do not compare. */
void vt_optimiser_reweighed(struct vt_optimiser *optimiser);

/* True if the last step could not make the loss smaller: a minimum, as far as rounding allows. */
bool vt_optimiser_is_stuck(const struct vt_optimiser *optimiser);

/* Steps made, and evaluations of the loss (with or without gradient) and products of the curvature
 * in them, in passes over the set. */
int64_t vt_optimiser_steps(const struct vt_optimiser *optimiser);
double vt_optimiser_passes(const struct vt_optimiser *optimiser);

/* Where it stands, and the model to use: averaged (adam), the best of the last generation (snes).
 * Both [n_parameters], borrowed until the next call. */
const double *vt_optimiser_position(const struct vt_optimiser *optimiser);
const double *vt_optimiser_model(const struct vt_optimiser *optimiser);

/* The state as blocks of numbers: written to a checkpoint, and filled from one in an optimiser that
 * was made with the same objective and settings. Borrowed while the optimiser lives. */
struct vt_optimiser_block {
    const char *name;
    double *values;
    size_t n;
};

enum { VT_OPTIMISER_BLOCKS = 12 };

size_t vt_optimiser_blocks(struct vt_optimiser *optimiser,
                           struct vt_optimiser_block block[VT_OPTIMISER_BLOCKS]);

#endif
