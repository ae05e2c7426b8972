/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A training from inside: its parts, shared by the files train_*.c. Private to this folder. */
#ifndef VT_TRAIN_STATE_H
#define VT_TRAIN_STATE_H

#include "training/train_job.h"

struct vt_train_parts_of_snes {
    struct vt_snes_part *part; /* owned */
    size_t *frame;             /* owned: of all parts, one after the other */
    bool *has_type;            /* owned: [part][type] */
    size_t n_parts, n_batches;
};

struct vt_train {
    const struct vt_train_options *options;
    struct vt_train_config *config;
    MPI_Comm comm;
    int rank, size;
    struct vt_dataset data;
    int *owner; /* [data.n_frames], owned: rank of each frame */
    struct vt_energy_shift shift;
    bool uses_shift;
    struct vt_labels train_labels, test_labels;
    struct vt_nep model;
    struct vt_gradient *train_gradient, *test_gradient; /* test: NULL if there are no test frames */
    struct vt_objective train_objective, test_objective;
    int *parameter_owner; /* [n_trainable], owned */
    double *type_weight;  /* [n_types], owned, or NULL */
    struct vt_gpumd_weights weights;
    struct vt_training_stage stage[VT_TRAIN_STAGES];
    size_t n_stages;
    struct vt_train_parts_of_snes snes;
    struct vt_parameter_matrix *matrix; /* owned: of soap */
    struct vt_trainer *trainer;
    char *identity; /* owned */
    char about[512];
};

/* Read the frames, split and deal them, find elements and energies of elements. */
enum vt_code vt_train_read(struct vt_train *train, struct vt_error_list *errors,
                           struct vt_error *error);

/* The model's first numbers, and the losses of both sets with them. */
enum vt_code vt_train_prepare(struct vt_train *train, struct vt_error *error);

/* Parts of batches for SNES: frames of the training set by batch and by elements. */
enum vt_code vt_train_make_parts(struct vt_train *train, struct vt_error *error);

/* The folder: is it free; make it, take away what a replaced run left, echo the configuration. */
enum vt_code vt_train_folder_check(const struct vt_train *train, struct vt_error *error);
enum vt_code vt_train_folder_clear(const struct vt_train *train, struct vt_error *error);
enum vt_code vt_train_path(const struct vt_train *train, const char *name, char path[4096],
                           struct vt_error *error);

/* Collective: nep.txt, loss.out, the files of results and summary.json, all or none. */
enum vt_code vt_train_write(struct vt_train *train, struct vt_train_report *report,
                            struct vt_error *error);

/* loss.out and summary.json to open files. */
void vt_train_print_loss(const struct vt_train *train, FILE *file);
void vt_train_print_summary(const struct vt_train *train, const struct vt_train_report *report,
                            FILE *file);

#endif
