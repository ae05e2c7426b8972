/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry of every ordered pair (centre i, neighbour j) within the cutoffs, computed once for all
 * parts of a force call.
 *
 * This is the plain path's working form of the neighbour view: pairs of a centre are contiguous,
 * grouped by the neighbour's type, and only those really within the cutoff. Costs 36 bytes a pair,
 * which the fused vector kernels will not pay. */
#ifndef VT_PAIRS_H
#define VT_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/atoms.h"
#include "domain/neighbours.h"

/* Atoms nearer than this are at one place: no direction can be told, and the file is wrong. */
#define VT_SAME_PLACE 1e-3 /* A */

struct vt_pair {
    double u[3]; /* unit vector from centre to neighbour */
    double r;    /* distance, A */
};

struct vt_pairs {
    int n_types;
    int32_t n_centres;
    size_t *first; /* [n_centres x n_types]: pairs of centre i with neighbours of type t are */
    size_t
        *last; /* first[i n_types + t] <= p < last[i n_types + t], in rising distance (roughly) */
    int32_t *neighbour; /* row in vt_atoms */
    struct vt_pair *pair;
    size_t n_room; /* pairs that fit between the first and the last group: bounds p */
    size_t n_most; /* pairs of a single centre are no more */
    size_t group_capacity[2], neighbour_capacity, pair_capacity;
};

/* What the pairs are taken from. cutoff: A, [n_types x n_types], none above that of the list. */
struct vt_view {
    const struct vt_atoms *atoms;
    const struct vt_neighbours *list;
    const double *cutoff;
};

/* Fill from the list and the present positions. VT_INPUT if two atoms are at one place. Start with
 * `= {0}`; memory is kept for the next call. */
enum vt_code vt_pairs_update(struct vt_pairs *pairs, const struct vt_view *view,
                             struct vt_error *error);

void vt_pairs_destroy(struct vt_pairs *pairs);

#endif
