/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rotation of a cluster in vacuum, which nothing damps: taken out of the velocities together
 * with the motion of the centre of mass (vt_md_remove_momentum). Unwrapped positions are used. All
 * is collective. */
#ifndef VT_ROTATION_H
#define VT_ROTATION_H

#include "md/md.h"

/* Keep the system from turning from now on: sets md->rotations. VT_INPUT if it is no cluster in
 * vacuum, that is if along some cell vector its extent and `reach` (A), the range of the forces,
 * together do not fit the cell. */
enum vt_code vt_rotation_fix(struct vt_md *md, double reach, struct vt_error *error);

/* v -= omega x (r - centre), so that the angular momentum about the centre of mass is zero; the
 * centre of mass is at rest. */
void vt_rotation_remove(struct vt_md *md);

#endif
