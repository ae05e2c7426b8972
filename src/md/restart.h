/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a checkpoint of a run holds, and how a run goes on from it.
 *
 * The neighbour lists decide the order of sums, and so the last bits of the forces. A checkpoint
 * therefore holds where the atoms were when the lists were built, too: on as many ranks as wrote
 * it, a restart builds them there again, then moves the atoms to where they are, and every number
 * that follows has the bits of the run that was not interrupted. Nothing in that run depends on
 * when checkpoints are written. On another number of ranks the lists are built anew: the same
 * physics.
 *
 * All functions are collective. */
#ifndef VT_RESTART_H
#define VT_RESTART_H

#include "md/run_config.h"
#include "md/run_system.h"

/* Where a run stands, beside its atoms. */
struct vt_run_state {
    int64_t stage;
    int64_t stage_start;   /* step at which it began */
    int64_t has_begun;     /* its motion exists: ensemble or minimiser are its state */
    int64_t has_row;       /* thermo row and frames of this step are written */
    int64_t needs_rebuild; /* of vt_md */
    double ensemble[VT_ENSEMBLE_STATE];
    struct vt_minimise_state minimiser; /* rows: owned, from a restart until the stage goes on;
                                           borrowed while a checkpoint is written; else NULL */
    double conserved_start;             /* eV */
    double start_volume; /* A^3, of the run, or after its last stage with a driven cell */
    int64_t rotations;   /* of vt_md */
    char kernel[16];     /* of the program that wrote the checkpoint; "": double precision */
    int64_t thermo_size; /* bytes of thermo.csv */
    int64_t *dump_size;  /* [config->output.n_trajectory] bytes; -1: not in the checkpoint;
                            borrowed */
};

enum vt_code vt_restart_write(const char *path, struct vt_run_system *system,
                              const struct vt_run_config *config, struct vt_run_state *state,
                              struct vt_error *error);

/* Into a system that is open but not spread: afterwards atoms, cell, step and forces are those of
 * the checkpoint. VT_INPUT if model, atoms or the configuration of what has passed are others, with
 * what differs. */
enum vt_code vt_restart_read(const char *path, struct vt_run_system *system,
                             const struct vt_run_config *config, struct vt_run_state *state,
                             struct vt_error *error);

#endif
