/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One frame of a system in motion as extended XYZ: its atoms, or those of a group with their
 * numbers (a column `id`, from 1), in the order of their ids, whatever ranks hold them.
 *
 * Each rank turns its share of the ids into text; rank 0 writes the shares one after the other. No
 * rank ever holds more than two shares. */
#ifndef VT_XYZ_DUMP_H
#define VT_XYZ_DUMP_H

#include <stdio.h>

#include "md/md.h"
#include "potential/nep.h"

struct vt_xyz_dump;

struct vt_xyz_dump_settings {
    const struct vt_nep *model; /* for the elements; borrowed as long as the object lives */
    unsigned fields;            /* 1 << enum vt_dump_field (md/run_config.h), combined */
    int digits;                 /* 1 to 17 */
    uint32_t group;             /* the bit of the group; VT_ALL_ATOMS: all */
};

/* md: atoms and groups stay as many as they are. Collective, like what follows. *dump: owned, given
 * back by vt_xyz_dump_destroy. */
enum vt_code vt_xyz_dump_create(struct vt_xyz_dump **dump, const struct vt_md *md,
                                const struct vt_xyz_dump_settings *settings,
                                struct vt_error *error);
void vt_xyz_dump_destroy(struct vt_xyz_dump *dump);

/* Of the last evaluation. file: of rank 0, NULL on others; what it does not take shows in ferror.
 */
enum vt_code vt_xyz_dump_write(struct vt_xyz_dump *dump, const struct vt_md *md, FILE *file,
                               struct vt_error *error);

#endif
