/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frames are tested with, and which rank evaluates which frame. */
#ifndef VT_SPLIT_H
#define VT_SPLIT_H

#include "training/dataset.h"

/* Draw a fraction (0 to 1) of the frames that are not test frames yet as test frames, evenly from
 * every config_type. Drawn by what is in a frame and the seed: neither the order of files and
 * frames nor the number of ranks plays a part, and the same frame twice is drawn together. At least
 * one frame is left to train with. */
enum vt_code vt_dataset_split(struct vt_dataset *set, double fraction, uint32_t seed,
                              struct vt_error *error);

/* As many training frames as there are, drawn with repetition, each from those of its config_type:
 * draw[n_frames], of which *n are set, rising. By the seed and the order of the frames. */
enum vt_code vt_dataset_resample(const struct vt_dataset *set, uint32_t seed, size_t *draw,
                                 size_t *n, struct vt_error *error);

/* 64-bit FNV-1a of cell, elements and positions of a frame of the set, bit by bit. */
uint64_t vt_dataset_hash(const struct vt_dataset *set, const struct vt_dataset_frame *frame);

/* What a frame costs: atoms x neighbours within the cutoff (A), by its density. */
double vt_dataset_cost(const struct vt_dataset_frame *frame, double cutoff);

/* owner[n_frames]: the rank of each frame, so that the ranks have alike costs: frame by frame, the
 * most costly one first, to the rank with the least so far. The same on all ranks. */
enum vt_code vt_dataset_deal(const struct vt_dataset *set, double cutoff, int n_ranks, int *owner,
                             struct vt_error *error);

#endif
