/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the atoms of a run are from what its model was trained with: grades of the active set
 * (potential/active_set.h), worked out for the steps at which somebody asks. */
#ifndef VT_EXTRAPOLATION_H
#define VT_EXTRAPOLATION_H

#include "md/md.h"
#include "potential/active_set.h"

/* The atom with the largest grade. */
struct vt_farthest {
    double grade;
    int64_t id, step;
    int element;
};

struct vt_extrapolation {
    struct vt_active_set set;
    const struct vt_nep *model; /* borrowed */
    double *grade;              /* [n_local] of the step below */
    size_t capacity;
    int64_t step; /* -1: none yet */
    struct vt_farthest now, ever;
};

/* Read the active set of a model. Start with `= {0}`. */
enum vt_code vt_extrapolation_open(struct vt_extrapolation *extrapolation, const char *path,
                                   const struct vt_nep *model, struct vt_error *error);
void vt_extrapolation_close(struct vt_extrapolation *extrapolation);

/* Collective. Grades of the last evaluation, which had radial sums; at the step of the last call
 * they stay as they are. The same `now` on every rank. */
enum vt_code vt_extrapolation_look(struct vt_extrapolation *extrapolation, const struct vt_md *md,
                                   struct vt_error *error);

#endif
