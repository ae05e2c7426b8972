/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames in, the same frames with a model's predictions out. */
#ifndef VT_PREDICTOR_H
#define VT_PREDICTOR_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/score.h"
#include "force/force.h"
#include "io/frame.h"
#include "potential/nep.h"

struct vt_predictor {
    struct vt_nep model;
    struct vt_force_options options;
    struct vt_force *force;
    int *type; /* of each atom of the frame at work */
    size_t type_capacity;
    char program[64];        /* what the key "vitrion" says: version and commit */
    char electrostatics[32]; /* empty if the model has no charges */
};

/* Read the model and get ready. Options that want what a model without charges does not have are
 * an error. Start with `= {0}`. */
enum vt_code vt_predictor_open(struct vt_predictor *predictor, const char *model_path,
                               const struct vt_force_options *options, struct vt_error *error);
void vt_predictor_close(struct vt_predictor *predictor);

/* Evaluate the frame and put the results in it, in place of reference values of the same meaning;
 * its other columns and keys stay. *score: errors against the reference values. Errors name the
 * frame's file and line. The results stay readable through vt_force_results until the next call. */
enum vt_code vt_predictor_apply(struct vt_predictor *predictor, struct vt_frame *frame,
                                struct vt_frame_score *score, struct vt_error *error);

/* Take off a frame what a model says of it: keys and columns that vt_predictor_apply and a
 * committee write, and reference values of the same meaning; charges and Born charges if told so.
 */
void vt_predictor_remove(struct vt_frame *frame, bool charges, bool born);

/* A row for each atom: index of the frame and of the atom (from 0), descriptor. After apply. */
void vt_predictor_write_descriptors(const struct vt_predictor *predictor,
                                    const struct vt_frame *frame, FILE *file);
void vt_predictor_write_descriptor_header(const struct vt_predictor *predictor, FILE *file);

#endif
