/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model, labelled frames and the loss over them, for tests. */
#ifndef SETTING_H
#define SETTING_H

#include "labelled.h"
#include "physics/evaluate.h"
#include "training/gradient.h"

struct setting {
    struct vt_nep model;
    struct labelled set;
    struct vt_gradient *gradient;
    struct vt_objective objective;
    double *parameters, *moved, *slope, *direction; /* [n_parameters] */
};

/* The usual weights, all of them, with a regularisation. */
struct vt_loss_options setting_loss(void);

/* Three frames of about eight atoms: glassy, triclinic, and tiny. An odd number of neurons: with
 * the loops of any processor instead of the fastest. */
void setting_create(struct setting *s, const struct synthetic *flavour,
                    const struct vt_loss_options *loss, struct dice *dice);
void setting_destroy(struct setting *s);

/* Loss at parameters + amount direction, and its gradient unless slope is NULL. */
double setting_loss_at(struct setting *s, double amount, double *slope);

/* Ends the test with the message of the error, if there is one. */
void setting_check(enum vt_code code, const struct vt_error *error);

/* n zeros; ends the test if there is no memory. */
double *setting_array(size_t n);

#endif
