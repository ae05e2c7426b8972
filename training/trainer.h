/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The training loop: stages of optimisers over one loss, with records, the best model, early stop,
 * and checkpoints from which it goes on bit for bit.
 *
 * It minimises GPUMD's sum of roots, or a plain sum of mean squares. Roots are concave functions
 * of mean squares, so that lambda_k RMSE_k lies below its tangent lambda_k/(2 RMSE_k) mean_square_k
 * + const: the squares are weighed so, again and again, and what makes their sum smaller makes that
 * of the roots smaller. Each kind of error then keeps its part, however small it has become, which
 * fixed weights do not give.
 *
 * Everything but the clock is a function of the objective, the settings and the seed, on any number
 * of ranks. */
#ifndef VT_TRAINER_H
#define VT_TRAINER_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "training/gpumd_loss.h"
#include "training/optimiser.h"

enum vt_loss_form { VT_LOSS_ROOTS, VT_LOSS_SQUARES };

struct vt_training_stage {
    struct vt_optimiser_settings optimiser;
    int64_t n_steps;
    double record_passes; /* passes over the set between records */
};

/* How good the model is, on all frames; numbers only. */
struct vt_training_record {
    double stage, step; /* of the stage, made */
    double passes, seconds;
    struct vt_gpumd_loss loss; /* on the training set */
    double train[VT_LOSS_KINDS], test[VT_LOSS_KINDS];
    double score; /* GPUMD's loss on the test set, or on the training set if there is none */
};

/* For a watcher, after each step. */
struct vt_training_status {
    const char *optimiser;
    size_t stage, n_stages;
    int64_t step, n_steps;                   /* of the stage */
    double part;                             /* of the whole work, 0 to 1 */
    double seconds;                          /* since the start, earlier runs included */
    struct vt_loss loss;                     /* of the last step */
    const struct vt_training_record *record; /* the last one */
    bool is_new_record;
};

struct vt_trainer_options {
    MPI_Comm comm;
    const struct vt_objective *train, *test; /* test NULL: none; without regularisation */
    struct vt_gpumd_weights weights;
    enum vt_loss_form form;
    size_t n_stages;
    const struct vt_training_stage *stage;
    const double *start;        /* [n_parameters] */
    double end;                 /* MPI_Wtime by which to stop; INFINITY */
    int64_t patience;           /* records without a better one before training ends; 0: for ever */
    const char *checkpoint;     /* file, or NULL: none is written */
    const char *identity;       /* what makes the run: a checkpoint of another one is refused */
    double checkpoint_interval; /* s */
    bool restart;               /* go on from the checkpoint */

    /* Rank 0: asked after each step; told after each step. NULL: nobody. */
    bool (*wants_stop)(void *user);
    void (*look)(void *user, const struct vt_training_status *status);
    void *user;
};

enum vt_training_end {
    VT_TRAINING_FINISHED,    /* all steps made */
    VT_TRAINING_CONVERGED,   /* nothing got better for `patience` records */
    VT_TRAINING_OUT_OF_TIME, /* may go on from the checkpoint */
    VT_TRAINING_STOPPED      /* likewise */
};

/* Collective. Is there a checkpoint of the run that has this identity? */
enum vt_code vt_trainer_check_restart(MPI_Comm comm, const char *checkpoint, const char *identity,
                                      struct vt_error *error);

struct vt_trainer;

/* What the options point to is borrowed until vt_trainer_destroy. */
enum vt_code vt_trainer_create(struct vt_trainer **trainer,
                               const struct vt_trainer_options *options, struct vt_error *error);
void vt_trainer_destroy(struct vt_trainer *trainer);

/* Collective, as all objectives are. *end: why it ended. */
enum vt_code vt_trainer_run(struct vt_trainer *trainer, enum vt_training_end *end,
                            struct vt_error *error);

/* The best model so far [n_parameters], and the records; borrowed. */
const double *vt_trainer_best(const struct vt_trainer *trainer);
const struct vt_training_record *vt_trainer_records(const struct vt_trainer *trainer, size_t *n,
                                                    size_t *best);

#endif
