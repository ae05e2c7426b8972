/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labelled frames of an extended XYZ file, for benchmarks and comparisons with published figures.
 */
#ifndef FRAMES_FILE_H
#define FRAMES_FILE_H

#include "io/frame.h"
#include "potential/nep.h"
#include "training/frame_set.h"

/* Everything owned. Start with `= {0}`. */
struct frames_file {
    size_t n, capacity[4], n_atoms;
    struct vt_frame *frame;
    struct vt_labelled_frame *labelled;
    int **type;
    double (*virial)[9];
};

/* All frames; elements are those of the model. Start with `= {0}`. */
enum vt_code frames_file_read(struct frames_file *file, const char *path,
                              const struct vt_nep *model, struct vt_error *error);
void frames_file_destroy(struct frames_file *file);

/* Borrowed: all frames on one rank. */
struct vt_frame_set frames_file_set(const struct frames_file *file);

#endif
