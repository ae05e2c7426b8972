/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves numbers of a mesh between two distributions over ranks: each rank has a box of points
 * before and another after. Boxes of the source may reach beyond the mesh and overlap (halos): the
 * mesh is periodic. */
#ifndef VT_REMAP_H
#define VT_REMAP_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Points from[d] <= n_d < to[d], rows along the last axis; `pitch` numbers from row to row, rows of
 * a plane one after another. Empty if from = to. */
struct vt_box {
    int from[3], to[3];
    int pitch;
};

static inline bool vt_box_empty(const struct vt_box *box)
{
    return box->from[0] >= box->to[0] || box->from[1] >= box->to[1] || box->from[2] >= box->to[2];
}

/* Numbers that an array for the box needs. */
static inline size_t vt_box_numbers(const struct vt_box *box)
{
    return vt_box_empty(box) ? 0
                             : (size_t)(box->to[0] - box->from[0]) *
                                   (size_t)(box->to[1] - box->from[1]) * (size_t)box->pitch;
}

struct vt_remap_layout {
    MPI_Comm comm;                /* borrowed; MPI_COMM_NULL: one rank */
    int size[3];                  /* of the mesh: the period */
    struct vt_box source, target; /* of this rank; targets of all ranks tile the mesh */
    bool single;                  /* numbers are floats */
};

struct vt_remap;

/* Collective. */
enum vt_code vt_remap_create(struct vt_remap **remap, const struct vt_remap_layout *layout,
                             struct vt_error *error);
void vt_remap_destroy(struct vt_remap *remap);

/* Collective. Target points become the sums of what the sources have for them. */
void vt_remap_sum(struct vt_remap *remap, const void *source, void *target);

/* Collective. The way back: source points, halos included, become what the targets have. */
void vt_remap_back(struct vt_remap *remap, const void *target, void *source);

#endif
