/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mini-batches: each epoch deals all frames, in an order drawn from seed and epoch, into batches
 * whose sizes differ by at most one. Batch number `step` is a function of seed and step alone: the
 * same on every rank and after a restart. */
#ifndef VT_BATCHES_H
#define VT_BATCHES_H

#include <stdint.h>

#include "training/objective.h"

struct vt_batches {
    uint32_t seed;
    size_t n_frames;
    size_t per_epoch; /* batches */
    int64_t epoch;    /* whose order is at hand, -1: none */
    size_t *order;    /* [n_frames], owned */
};

/* Start with `= {0}`; size >= 1, n_frames >= 1. */
enum vt_code vt_batches_create(struct vt_batches *batches, size_t n_frames, size_t size,
                               uint32_t seed, struct vt_error *error);
void vt_batches_destroy(struct vt_batches *batches);

/* Borrowed until the next call. */
struct vt_batch vt_batches_take(struct vt_batches *batches, int64_t step);

#endif
