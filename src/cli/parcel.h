/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a rank made of a frame, on its way to rank 0, which writes: finished text and the score. */
#ifndef VT_PARCEL_H
#define VT_PARCEL_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/committee.h"
#include "cli/score.h"

enum { VT_PARCEL_FRAME, VT_PARCEL_DESCRIPTORS, VT_PARCEL_TEXTS };

/* Travels as bytes: the ranks of a run are of one kind. */
struct vt_parcel_head {
    size_t size[VT_PARCEL_TEXTS]; /* bytes of each text */
    struct vt_frame_score score;
    struct vt_spread spread;
    double grade;        /* the largest of its atoms */
    bool open_direction; /* the frame says that it is not periodic in every direction */
    char label[64];      /* its config_type, cut to size; empty if it has none */
};

/* One lives on each rank and is filled again for each frame. */
struct vt_parcel {
    struct vt_parcel_head head;
    FILE *stream[VT_PARCEL_TEXTS]; /* where the texts are written to */
    char *text[VT_PARCEL_TEXTS];   /* what the streams hold, once packed */
    size_t stream_size[VT_PARCEL_TEXTS];
    char *chunk; /* for receiving */
};

/* Start with `= {0}`. */
enum vt_code vt_parcel_open(struct vt_parcel *parcel, struct vt_error *error);
void vt_parcel_close(struct vt_parcel *parcel);

/* Empty it; then write to its streams, then pack it. */
void vt_parcel_clear(struct vt_parcel *parcel);
enum vt_code vt_parcel_pack(struct vt_parcel *parcel, struct vt_error *error);

/* The ways of a packed parcel: into files on this rank, or to rank 0, which takes it from `source`
 * into its files and gets the head. files: VT_PARCEL_TEXTS of them, NULL where that text is empty.
 * Failures to write show in ferror. */
void vt_parcel_deliver(const struct vt_parcel *parcel, FILE *const *files);
void vt_parcel_send(const struct vt_parcel *parcel, MPI_Comm comm);
void vt_parcel_receive(struct vt_parcel *parcel, int source, MPI_Comm comm, FILE *const *files);

#endif
