/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which atoms are near which, for pairs that do not ask for types: each pair once, by clusters.
 *
 * The local atoms are cut into clusters of VT_CLUSTER that are as compact as can be, whatever their
 * types, and so are the ghosts that are ahead (domain/halo.h). The list of a cluster holds single
 * atoms: those within the reach of the box around it, of clusters that come after it and of ghosts;
 * the pairs within a cluster are understood. So a vector holds the atoms of a cluster, one lane an
 * atom, an entry is broadcast to all lanes, and nothing is gathered or scattered. The drawback: of
 * the pairs of the list only a third to a half are within the cutoff.
 *
 * Atoms are named by their places: cluster after cluster, the ghosts' last. */
#ifndef VT_NEAR_LIST_H
#define VT_NEAR_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/domain.h"

enum { VT_CLUSTER = 8 };

struct vt_near_list {
    size_t n_clusters; /* of local atoms */
    size_t n_places;   /* all clusters' */
    int32_t *row;      /* [n_places]: row of vt_atoms, -1 where the last cluster is not full */
    size_t *first;     /* [n_clusters + 1]: entries of cluster c are first[c] <= e < first[c + 1] */
    int32_t *entry;    /* places */

    struct vt_near_scratch *scratch; /* owned: the tree of boxes */
    size_t row_capacity, first_capacity, entry_capacity;
};

/* Local. All pairs of local atoms, and of local atoms with ghosts that are ahead, with a distance
 * below reach (A, not above that of the ghosts), and some more. Start with `= {0}`; memory is kept
 * for the next call. */
enum vt_code vt_near_list_build(struct vt_near_list *list, const struct vt_domain *domain,
                                double reach, struct vt_error *error);
void vt_near_list_destroy(struct vt_near_list *list);

#endif
