/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run: stages of dynamics and minimisation one after the other, their observers, checkpoints, and
 * how it ends. All functions are collective. */
#ifndef VT_RUN_H
#define VT_RUN_H

#include "base/log.h"
#include "base/timers.h"
#include "md/run_config.h"
#include "md/run_system.h"

/* How it stands after a step, for people. */
struct vt_run_status {
    const char *stage;
    size_t stage_index, n_stages;                  /* index from 0 */
    int64_t step, first_step;                      /* first: where this program took over */
    int64_t last_step;                             /* of all stages */
    bool is_bound;                                 /* at most: a minimisation may end before */
    double timestep;                               /* fs */
    double temperature;                            /* K */
    double pressure;                               /* eV/A^3, of the last row of thermo.csv */
    double seconds;                                /* since the first step */
    const struct vt_minimise_report *minimisation; /* borrowed; NULL: the stage is dynamics */
};

/* All borrowed for the call. */
struct vt_run_options {
    const struct vt_run_config *config;
    const char *program; /* version and commit */
    const char *restart; /* checkpoint to go on from, or NULL */
    bool replace;        /* the files of another run */
    double started;      /* MPI_Wtime when the program began: walltime counts from there */
    const struct vt_log *log;
    bool (*wants_stop)(void *user); /* asked on every rank after every step */
    void (*look)(void *user, const struct vt_run_status *status); /* likewise, on rank 0 */
    void *user;
};

struct vt_run_report {
    bool finished;                      /* false: stopped with a checkpoint, more to do */
    int64_t n_atoms, steps, n_rebuilds; /* steps: of this program */
    double seconds;                     /* of the steps, on this rank */
    struct vt_timers timers;
    struct vt_timer_summary summary[VT_TIMERS_MAX];
};

enum vt_code vt_run(MPI_Comm comm, const struct vt_run_options *options,
                    struct vt_run_report *report, struct vt_error *error);

#endif
