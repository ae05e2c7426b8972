/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which atoms of the start structure belong to which groups: asked once for each atom when the
 * atoms are dealt out. From then on atoms carry their groups, wherever they go. */
#ifndef VT_MEMBERS_H
#define VT_MEMBERS_H

#include "base/error.h"
#include "io/frame.h"
#include "md/groups.h"

struct vt_members;

/* All borrowed, and to outlive the object; n_atoms: of the frame and all its copies. *members:
 * owned, given back by vt_members_destroy. VT_INPUT: columns or atom numbers that the structure has
 * not. */
enum vt_code vt_members_create(struct vt_members **members, struct vt_groups groups,
                               const struct vt_frame *frame, int64_t n_atoms,
                               struct vt_error *error);
void vt_members_destroy(struct vt_members *members);

/* The bits of an atom: its row in the frame, its id (from 0) and position among all copies. */
uint32_t vt_members_of(const struct vt_members *members, size_t row, int64_t id,
                       const double position[3]);

#endif
