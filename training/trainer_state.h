/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trainer from inside, for the loop and its checkpoints. Private to this folder. */
#ifndef VT_TRAINER_STATE_H
#define VT_TRAINER_STATE_H

#include "training/regularised.h"
#include "training/trainer.h"

/* Numbers only: saved as they are. */
struct vt_trainer_numbers {
    double stage;                      /* at work */
    double seconds;                    /* of earlier runs and this one, at the last step */
    double passes;                     /* of the stages before */
    double next_record;                /* passes of this stage at which the next record is due */
    double best;                       /* record */
    double lambda[VT_LOSS_KINDS];      /* of the squares */
    double mean_square[VT_LOSS_KINDS]; /* running, of batches */
};

struct vt_trainer {
    struct vt_trainer_options options;
    struct vt_regularised objective;
    struct vt_trainer_numbers numbers;
    struct vt_optimiser *optimiser;     /* of the stage at work */
    double *position, *best;            /* [n], owned: where the stage starts; the best model */
    struct vt_training_record *records; /* owned */
    size_t n_records, record_capacity;
    double started;         /* MPI_Wtime, less the seconds of earlier runs */
    double last_checkpoint; /* MPI_Wtime */
};

enum vt_code vt_trainer_save(struct vt_trainer *trainer, struct vt_error *error);

/* Make the optimiser of the saved stage and fill everything. VT_INPUT if the checkpoint is of
 * another run. */
enum vt_code vt_trainer_load(struct vt_trainer *trainer, struct vt_error *error);

/* Make the optimiser of the stage at work, at `position`. */
enum vt_code vt_trainer_enter_stage(struct vt_trainer *trainer, struct vt_error *error);

#endif
