/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a stage of a run moves the atoms: by dynamics, or downhill to a minimum. All that steps is
 * collective. */
#ifndef VT_MOTION_H
#define VT_MOTION_H

#include "md/restart.h"

/* Start with `= {0}`. */
struct vt_motion {
    struct vt_md *md;               /* borrowed */
    struct vt_ensemble *ensemble;   /* owned: one of the two is there */
    struct vt_minimiser *minimiser; /* likewise */
    int64_t last_step;              /* of the stage; of a minimisation: at most */
};

/* What is wrong with a stage of the configuration for these atoms: VT_INPUT. Of md it changes only
 * what vt_motion_begin sets anew. Collective. */
enum vt_code vt_motion_check(const struct vt_run_config *config, size_t stage, struct vt_md *md,
                             struct vt_error *error);

/* Begin the stage that the state is in, or go on with it if it has begun. It began at
 * state->stage_start. The rows of a minimisation that the state has are used up. */
enum vt_code vt_motion_begin(struct vt_motion *motion, const struct vt_run_config *config,
                             struct vt_run_state *state, struct vt_md *md, struct vt_error *error);
void vt_motion_end(struct vt_motion *motion);

enum vt_code vt_motion_step(struct vt_motion *motion, struct vt_error *error);
bool vt_motion_is_over(const struct vt_motion *motion);

/* What to add to kinetic and potential energy, eV: what an ensemble has exchanged, so that the sum
 * is conserved; p V of a minimisation with the cell, so that the sum is what it lowers. */
double vt_motion_exchanged(const struct vt_motion *motion);

/* Into the state, for a checkpoint; rows are borrowed until the next step. */
void vt_motion_save(const struct vt_motion *motion, struct vt_run_state *state);

#endif
