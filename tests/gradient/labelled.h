/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of labelled frames for tests: random structures, labels that are predictions and noise. */
#ifndef LABELLED_H
#define LABELLED_H

#include "common/sample.h"
#include "training/frame_set.h"

/* Everything owned. Start with `= {0}`. */
struct labelled {
    size_t n, capacity;
    struct sample *sample;
    struct vt_labelled_frame *frame;
};

/* Add a structure with the model's predictions plus noise as its labels: energy (per atom), forces,
 * virial (per atom), Born charges. The noise is never small: 0.1 at least. Every second frame
 * has a virial, every third Born charges; weights differ; with charges, the total is a random one.
 */
void labelled_add(struct labelled *set, const struct vt_nep *model, const struct sample *sample,
                  struct dice *dice);
void labelled_destroy(struct labelled *set);

/* Borrowed from the set: all of its frames on one rank. */
struct vt_frame_set labelled_set(const struct labelled *set);

#endif
