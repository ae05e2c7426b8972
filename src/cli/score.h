/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far predictions lie from the reference values that frames carry: RMSE, MAE and mean error, in
 * total and per config_type.
 *
 * A frame's contribution is a plain struct of sums, which travels between ranks as bytes; rank 0
 * adds the frames in the order of the file, so that the table does not depend on the number of
 * ranks. */
#ifndef VT_SCORE_H
#define VT_SCORE_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "force/force.h"
#include "io/frame.h"

enum vt_score_kind { VT_SCORE_ENERGY, VT_SCORE_FORCE, VT_SCORE_STRESS, VT_SCORE_KINDS };

/* Sums over the errors (predicted - reference) of one kind of value. */
struct vt_error_sums {
    size_t count;
    double sum, absolute, square;
};

/* Units: energy meV/atom, one value a frame; force meV/A, three an atom; stress GPa, six a frame
 * (xx yy zz and the means of the two values each for xy, yz, zx). */
struct vt_frame_score {
    size_t n_atoms;
    struct vt_error_sums kind[VT_SCORE_KINDS];
};

/* The errors of one frame; a kind without reference values has count 0. volume: A^3, positive. */
struct vt_frame_score vt_score_frame(const struct vt_frame *frame, const struct vt_results *results,
                                     double volume);

struct vt_score_row {
    char *label; /* owned; the first row's is "all" */
    size_t n_frames, n_atoms;
    struct vt_error_sums kind[VT_SCORE_KINDS];
};

/* Start with `= {0}`. */
struct vt_scores {
    size_t n_rows, row_capacity;
    struct vt_score_row *rows;
};

/* Add a frame to the first row and to that of its label. */
enum vt_code vt_scores_add(struct vt_scores *scores, const char *label,
                           const struct vt_frame_score *frame, struct vt_error *error);

/* An aligned table; a line that says so if there was no reference value at all. */
void vt_scores_print(const struct vt_scores *scores, FILE *file);

void vt_scores_destroy(struct vt_scores *scores);

#endif
