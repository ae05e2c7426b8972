/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all optimisers are made of. Private to this folder. */
#ifndef VT_OPTIMISER_METHOD_H
#define VT_OPTIMISER_METHOD_H

#include "training/optimiser.h"

/* Counters of every optimiser, kept as doubles: exact up to 2^53, and saved like all else. */
struct vt_optimiser_counts {
    double steps;
    double passes;
    double is_stuck;
    double is_reweighed; /* since the last step */
};

struct vt_optimiser_method;

struct vt_optimiser {
    const struct vt_optimiser_method *method;
    const struct vt_objective *objective; /* borrowed */
    struct vt_optimiser_settings settings;
    struct vt_optimiser_counts counts;
    size_t n;         /* parameters */
    double *position; /* [n], owned */
    double *gradient; /* [n], owned: room for the methods */
    void *state;      /* of the method */
};

struct vt_optimiser_method {
    const char *name;
    /* Makes optimiser->state, which destroy gives back, also after a failure. */
    enum vt_code (*create)(struct vt_optimiser *optimiser, struct vt_error *error);
    void (*destroy)(void *state);
    enum vt_code (*step)(struct vt_optimiser *optimiser, struct vt_loss *loss,
                         struct vt_error *error);
    const double *(*model)(const struct vt_optimiser *optimiser); /* NULL: the position */
    /* Fills `block` and returns how many. */
    size_t (*blocks)(struct vt_optimiser *optimiser, struct vt_optimiser_block *block);
};

extern const struct vt_optimiser_method vt_method_adam, vt_method_soap, vt_method_lbfgs,
    vt_method_newton, vt_method_snes;

/* The objective at given parameters, and its curvature at the position; counted. */
enum vt_code vt_optimiser_evaluate(struct vt_optimiser *optimiser, const double *parameters,
                                   const struct vt_batch *batch, struct vt_loss *loss,
                                   double *gradient, struct vt_error *error);
enum vt_code vt_optimiser_curvature(struct vt_optimiser *optimiser, const struct vt_batch *batch,
                                    const double *direction, double *product,
                                    struct vt_error *error);

/* The message, and VT_FAILED. */
enum vt_code vt_optimiser_diverged(const struct vt_optimiser *optimiser, struct vt_error *error);

#endif
