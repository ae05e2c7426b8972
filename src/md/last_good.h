/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atoms as they were after the last step that passed the guards, to go back to when a step goes
 * wrong. A copy of the atoms a step, on each rank its own. */
#ifndef VT_LAST_GOOD_H
#define VT_LAST_GOOD_H

#include "md/md.h"

/* Start with `= {0}`. */
struct vt_last_good {
    int64_t step, n_rebuilds; /* of vt_md */
    double cell[3][3];
    size_t n;
    double (*position)[3], (*velocity)[3]; /* owned, like the rest: [n] */
    int64_t *id;
    int32_t *type, (*image)[3];
    uint32_t *groups;
    size_t capacity[6];
};

/* Collective. Keep the present atoms in place of those kept before. */
enum vt_code vt_last_good_keep(struct vt_last_good *kept, const struct vt_md *md,
                               struct vt_error *error);

/* Collective. Atoms, cell and step become those that were kept, and the forces are evaluated. */
enum vt_code vt_last_good_return(const struct vt_last_good *kept, struct vt_md *md,
                                 struct vt_error *error);
void vt_last_good_destroy(struct vt_last_good *kept);

#endif
