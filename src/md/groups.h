/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of atoms by name: what the configuration says of them.
 *
 * A group has the atoms that fit all that is said. Atoms carry their groups as bits
 * (vt_atoms.groups): `all` is VT_ALL_ATOMS, the others follow in the order of the configuration. */
#ifndef VT_GROUPS_H
#define VT_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "io/config.h"

/* Beside `all`. */
enum { VT_GROUPS_MOST = 30 };

/* Lists that are NULL say nothing. */
struct vt_group {
    char *name;
    char **elements;
    size_t n_elements;
    char **ids; /* "7" or "1-200": atom numbers, from 1 */
    size_t n_ids;
    double *x, *y, *z; /* A: bounds */
    size_t n_x, n_y, n_z;
    char *column;    /* of the structure */
    int64_t *values; /* of the column */
    size_t n_values;
    char **except; /* groups before this one */
    size_t n_except;
};

/* Of a configuration; borrowed. */
struct vt_groups {
    const struct vt_group *group;
    size_t n;
};

extern const struct vt_table vt_group_table;

/* The bits of the named groups together; names that there are not have none. */
uint32_t vt_groups_find(struct vt_groups groups, char *const *names, size_t n_names);

/* First and last atom number of an item of `ids`; false if it is none. */
bool vt_group_range(const char *text, int64_t range[2]);

/* For checks of tables: report names that there are not, at the value of the keyword; and what is
 * wrong between the groups themselves. where: the keyword as users would look for it. */
void vt_groups_check_names(struct vt_groups groups, char *const *names, size_t n_names,
                           const char *where, struct vt_config_check *check, const char *keyword);
void vt_groups_check(struct vt_groups groups, struct vt_config_check *check, const char *keyword);

#endif
