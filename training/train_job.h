/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole training, from the configuration to the files in the output folder. */
#ifndef VT_TRAIN_JOB_H
#define VT_TRAIN_JOB_H

#include "base/error_list.h"
#include "base/log.h"
#include "training/results.h"
#include "training/train_config.h"

/* All borrowed for the call. */
struct vt_train_options {
    struct vt_train_config *config; /* without elements: those of the frames are put in */
    const char *program;            /* version and commit */
    bool restart;                   /* go on from checkpoint.h5 of the output folder */
    bool replace;                   /* the files of another run */
    bool dry_run;                   /* check all, write nothing */
    double started; /* MPI_Wtime when the program began: walltime counts from there */
    const struct vt_log *log;
    bool (*wants_stop)(void *user);
    void (*look)(void *user, const struct vt_training_status *status);
    void *user;
};

struct vt_train_report {
    enum vt_training_end end;
    double seconds;                      /* of training, earlier runs included */
    size_t n_train, n_test;              /* frames */
    struct vt_results_table train, test; /* rank 0; destroy */
    struct vt_training_record best;
};

/* Collective. Mistakes of the frames are collected in *errors (the same on every rank); *error has
 * any other, or the last of them. */
enum vt_code vt_train(MPI_Comm comm, const struct vt_train_options *options,
                      struct vt_train_report *report, struct vt_error_list *errors,
                      struct vt_error *error);

#endif
