/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The active set of a model, from the environments of the atoms of a training set. */
#ifndef VT_SPANNING_H
#define VT_SPANNING_H

#include <mpi.h>
#include <stdint.h>

#include "potential/active_set.h"

/* Environments by element, as they come: rows (1, radial sums). */
struct vt_environments {
    int n_types, n;
    struct vt_environment_list {
        double *row; /* owned, [count][n] */
        size_t count, capacity;
    } of[VT_NEP_MAX_TYPES];
};

/* None yet, of a model. */
struct vt_environments vt_environments_of(const struct vt_nep *model);
void vt_environments_destroy(struct vt_environments *environments);

/* One more; radial_sums[n - 1]. */
enum vt_code vt_environments_add(struct vt_environments *environments, int type,
                                 const double *radial_sums, struct vt_error *error);

/* Collective. Rank 0 gets those of all ranks; the others keep none. */
enum vt_code vt_environments_gather(struct vt_environments *environments, MPI_Comm comm,
                                    struct vt_error *error);

/* The active set that they span, ready for grades; n_rows[type] (may be NULL): its rows that are
 * environments. Start with `= {0}`; destroy it also after an error. */
enum vt_code vt_environments_span(const struct vt_environments *environments,
                                  const struct vt_nep *model, struct vt_active_set *set,
                                  size_t *n_rows, struct vt_error *error);

#endif
