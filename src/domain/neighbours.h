/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The neighbour view: full lists in slices of 16 atoms of one type, one lane an atom.
 *
 * Layout (sliced ELLPACK): the local atoms of a type, in the order of space, are cut into slices of
 * VT_LANES. The neighbours of a slice form rows of VT_LANES entries, one for each lane; rows are
 * grouped by the neighbours' type, and within a type a lane's neighbours are sorted by distance (in
 * VT_DISTANCE_BINS steps), so that short-ranged work is a prefix. Lanes with fewer neighbours than
 * the longest are padded with the dummy atom of vt_atoms. Why: every sum over neighbours is then
 * vertical in vector registers, coefficients depend on (slice, group) alone and are broadcast, and
 * shorter loops lose nothing. The plain path reads the same view lane by lane. The drawback:
 * padding, up to one row a type and slice on average, and slices that are not full for rare
 * elements.
 *
 * Atoms are named by their place in the order of space, so that whoever keeps what the inner loops
 * need (positions, forces) in that order finds neighbours near each other in memory. */
#ifndef VT_NEIGHBOURS_H
#define VT_NEIGHBOURS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/domain.h"

enum {
    VT_LANES = 16,
    VT_DISTANCE_BINS = 32,
    VT_RECORD = 16 /* bytes: of what inner loops keep of an atom. Entries count in it, so that
                      they are offsets */
};

struct vt_neighbours {
    int n_types;
    size_t n_slices;
    int32_t *slice_type; /* [n_slices] */
    int32_t *order;      /* [n_all + 1]: row of vt_atoms at each place; the dummy's is last */
    int32_t (*centre)[VT_LANES]; /* [n_slices]: row of a local atom, or -1: an empty lane */
    int32_t (*place)[VT_LANES];  /* [n_slices]: its place; of an empty lane that of the first one;
                                  * in steps of VT_RECORD */
    size_t *row;                /* [n_slices x n_types + 1]: first row of (slice, neighbour type) */
    size_t most_rows;           /* of a slice */
    int32_t (*count)[VT_LANES]; /* [n_slices x n_types]: neighbours of that type in each lane */
    int32_t (*entry)[VT_LANES]; /* [rows]: places of neighbours, or that of the dummy; likewise */

    struct vt_neighbour_scratch *scratch; /* owned: bins and per-slice buffers */
    size_t order_capacity, slice_capacity[3], row_capacity, count_capacity, entry_capacity;
};

/* Build the lists: all neighbours j of the local atoms i, i itself excluded but its images not,
 * with a distance below cutoff[type_i x n_types + type_j] (A, none above the reach of the ghosts).
 * Start with
 * `= {0}`; memory is kept for the next call. */
enum vt_code vt_neighbours_build(struct vt_neighbours *list, const struct vt_domain *domain,
                                 int n_types, const double *cutoff, struct vt_error *error);
void vt_neighbours_destroy(struct vt_neighbours *list);

#endif
