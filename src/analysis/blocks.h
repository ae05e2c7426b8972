/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of many numbers over frames, in up to 16 blocks of equal length, for means with errors.
 *
 * When all blocks are full, each two are put together: the memory does not grow with the frames.
 * Each rank goes through all frames and adds to those that are its own. */
#ifndef VT_BLOCKS_H
#define VT_BLOCKS_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { VT_BLOCKS = 16 };

/* Start with `= {0}`. */
struct vt_blocks {
    MPI_Comm comm; /* borrowed */
    size_t n;      /* numbers */
    int64_t n_frames, length;
    double *sum; /* [VT_BLOCKS][n] */
};

struct vt_mean {
    double value, sigma; /* standard error; NAN with fewer than 8 frames */
};

enum vt_code vt_blocks_init(struct vt_blocks *blocks, MPI_Comm comm, size_t n,
                            struct vt_error *error);
void vt_blocks_destroy(struct vt_blocks *blocks);

/* The next frame: where its numbers are to be added; NULL: it is another rank's. */
double *vt_blocks_next(struct vt_blocks *blocks);

/* Collective, after the last frame. */
void vt_blocks_finish(struct vt_blocks *blocks);

/* After that: the mean over frames of a number; that of one over that of another (0 if it is 0). */
struct vt_mean vt_blocks_mean(const struct vt_blocks *blocks, size_t k);
struct vt_mean vt_blocks_ratio(const struct vt_blocks *blocks, size_t k, size_t over);

#endif
