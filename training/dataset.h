/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of labelled structures, as training wants it: checked, in one place, each frame with the
 * place in the user's files that it came from.
 *
 * Units: A, eV, e. Every rank holds the whole set (a few hundred bytes an atom, small beside what
 * training caches of it); which frames a rank evaluates is for vt_dataset_deal to say. Frames are
 * periodic in all directions, whatever pbc says, as in GPUMD. */
#ifndef VT_DATASET_H
#define VT_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/error_list.h"
#include "io/frame.h"
#include "potential/nep.h"

/* The elements of the model, in its order; with `is_open`, new ones are added as they come. */
struct vt_dataset_types {
    int n;
    int atomic_number[VT_NEP_MAX_TYPES];
    bool is_open;
};

struct vt_dataset_frame {
    size_t n_atoms;
    double cell[3][3]; /* rows a, b, c */
    double volume;     /* positive */
    int *type;         /* [n_atoms] */
    double (*position)[3];
    double energy; /* of the frame; the model's zero is not known: see training/energy_shift.h */
    double (*force)[3]; /* [n_atoms] */
    bool has_virial;
    double virial[9]; /* -dE/dstrain, positive = compressed, made symmetric */
    double asymmetry; /* largest difference of a pair of the virial that was read, eV */
    bool from_stress; /* the file has "stress", not "virial" */
    double charge;    /* target total charge */
    double *born;     /* [n_atoms x 9], row: polarisation, column: displacement; NULL: none */
    double weight;    /* 0 < w <= 100 */
    double energy_weight;
    char *config_type; /* never NULL; empty: none */
    char *name;        /* likewise */
    char *source;      /* likewise: the key "source", where importers say where it came from */
    bool is_test;      /* of the split */
    bool is_periodic;  /* the file says so; false: evaluated as periodic nevertheless */
    const char *file;  /* owned by the set */
    long line;         /* of the frame's first line */
    size_t index;      /* in its file, from 0 */
};

struct vt_dataset {
    struct vt_dataset_types types;
    size_t n_frames, capacity;
    struct vt_dataset_frame *frame;
    char **file; /* names of the files, owned */
    size_t n_files, file_capacity;
};

/* Start with `= {0}` and fill in types (or is_open). Add all frames of a file, of any format that
 * io/structure.h reads; is_test marks them. Every frame needs a cell, an energy, and forces on each
 * atom. Mistakes are collected, with file and line, and frames with one are left out; the reading
 * of a file ends where its text is wrong. A file without frames is a mistake. VT_OK: no mistake. */
enum vt_code vt_dataset_add_file(struct vt_dataset *set, const char *path, bool is_test,
                                 struct vt_error_list *errors);

/* Add one frame; *error says what is wrong with it. frame->file must be a name in set->file or
 * NULL.
 */
enum vt_code vt_dataset_add(struct vt_dataset *set, const struct vt_frame *frame, bool is_test,
                            struct vt_error *error);

void vt_dataset_destroy(struct vt_dataset *set);

/* "FILE:LINE" of a frame, for messages. */
struct vt_place vt_dataset_place(const struct vt_dataset_frame *frame);

#endif
