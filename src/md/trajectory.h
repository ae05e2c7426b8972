/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of frames that a run adds to: extended XYZ, H5MD or NetCDF. All functions are collective.
 */
#ifndef VT_TRAJECTORY_H
#define VT_TRAJECTORY_H

#include "md/md.h"
#include "md/run_config.h"
#include "potential/nep.h"

struct vt_trajectory;

/* Where the file is, whose atoms it has, and how far it stands. Borrowed for the call. */
struct vt_trajectory_place {
    const char *directory;
    const char *program; /* version, for the file */
    uint32_t group;      /* the bit of the group whose atoms it has */
    int64_t keep;        /* bytes that stand of a file that is not H5MD; < 0: a new file */
    int64_t last_step;   /* of an H5MD file that is gone on with: frames up to it stand */
};

/* config, md and model are borrowed and outlive the object. *trajectory: owned, given back by
 * vt_trajectory_close. */
enum vt_code vt_trajectory_open(struct vt_trajectory **trajectory, const struct vt_run_dump *config,
                                const struct vt_md *md, const struct vt_nep *model,
                                const struct vt_trajectory_place *place, struct vt_error *error);

/* Is a frame due at this step? And add the present one. */
bool vt_trajectory_is_due(const struct vt_trajectory *trajectory);
enum vt_code vt_trajectory_write(struct vt_trajectory *trajectory, struct vt_error *error);

/* Bring all to the disk. *size: bytes, the `keep` of a restart; 0 for H5MD. */
enum vt_code vt_trajectory_sync(struct vt_trajectory *trajectory, int64_t *size,
                                struct vt_error *error);

/* Also after errors; NULL is fine. */
enum vt_code vt_trajectory_close(struct vt_trajectory *trajectory, struct vt_error *error);

#endif
