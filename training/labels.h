/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a data set that one part of training sees (training or test frames), and those of
 * them that this rank evaluates, in the form that the loss wants. */
#ifndef VT_LABELS_H
#define VT_LABELS_H

#include "training/dataset.h"
#include "training/energy_shift.h"
#include "training/frame_set.h"

/* Start with `= {0}`. */
struct vt_labels {
    size_t n_all;                    /* frames of the part */
    size_t *index;                   /* [n_all], owned: which of the data set */
    int *owner;                      /* [n_all], owned: its rank */
    struct vt_labelled_frame *frame; /* [set.n], owned: of this rank, in the same order */
    size_t *number;                  /* [set.n], owned: place among the n_all */
    struct vt_frame_set set;
};

/* Borrowed. */
struct vt_labels_source {
    const struct vt_dataset *data;
    const int *owner; /* [data->n_frames]: rank of each frame */
    int rank;
    const struct vt_energy_shift *shift; /* energies of elements that are taken off, NULL: none */
    bool is_test;                        /* which part */
    const size_t *draw;                  /* [n_draw]: frames of the part, rising; NULL: all */
    size_t n_draw;
};

/* The data are borrowed. */
enum vt_code vt_labels_create(struct vt_labels *labels, const struct vt_labels_source *source,
                              struct vt_error *error);
void vt_labels_destroy(struct vt_labels *labels);

#endif
