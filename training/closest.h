/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shortest distance of each pair of elements in a frame, images included. */
#ifndef VT_CLOSEST_H
#define VT_CLOSEST_H

#include "training/dataset.h"

struct vt_closest {
    double r;    /* A; INFINITY: none within VT_CLOSEST_REACH */
    size_t i, j; /* the atoms */
};

#define VT_CLOSEST_REACH 4.0 /* A */

/* closest[n_types * n_types]: symmetric. A frame whose cell is no cell has no pairs. */
void vt_closest_in_frame(const struct vt_dataset_frame *frame, int n_types,
                         struct vt_closest *closest);

#endif
