/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/groups.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/elements.h"
#include "base/text.h"
#include "domain/atoms.h"

static const char everything[] = "all";

/* ---- one group ---- */

bool vt_group_range(const char *text, int64_t range[2])
{
    assert(text && range);
    const char *dash = strchr(text, '-');
    const size_t length = dash ? (size_t)(dash - text) : strlen(text);
    if (!vt_is_digit(text[0]) || !vt_parse_int64(text, length, &range[0]))
        return false;
    range[1] = range[0];
    if (dash && (!vt_is_digit(dash[1]) || !vt_parse_int64(dash + 1, strlen(dash + 1), &range[1])))
        return false;
    return range[0] >= 1 && range[0] <= range[1];
}

static void check_name(const char *name, struct vt_config_check *check)
{
    bool right = name[0] != '\0';
    for (const char *c = name; *c; c++)
        right = right && (isalnum((unsigned char)*c) || *c == '_');
    if (!right)
        vt_hint(vt_check_fail(check, "name", "'%.80s' is no name for a group", name),
                "letters, digits and '_'");
    if (strcmp(name, everything) == 0)
        vt_hint(vt_check_fail(check, "name", "the group 'all' is there already"),
                "it has every atom; choose another name");
}

static void check_rules(const struct vt_group *group, struct vt_config_check *check)
{
    if (!group->elements && !group->ids && !group->x && !group->y && !group->z && !group->column &&
        !group->except)
        vt_hint(vt_check_fail(check, "name", "nothing says which atoms the group '%.80s' has",
                              group->name),
                "elements: [Zr, Cl], ids: 1-200, z: [0 A, 5 A], column: move_mask, or except: "
                "another group");
    for (size_t i = 0; i < group->n_elements; i++)
        if (vt_atomic_number(group->elements[i], strlen(group->elements[i])) == 0)
            vt_check_fail(check, "elements", "there is no element '%.80s'", group->elements[i]);
    for (size_t i = 0; i < group->n_ids; i++) {
        int64_t range[2];
        if (!vt_group_range(group->ids[i], range))
            vt_hint(
                vt_check_fail(check, "ids", "'%.80s' is no range of atom numbers", group->ids[i]),
                "ids: [1-200, 305]; they count from 1");
    }
    if (group->values && !group->column)
        vt_hint(vt_check_fail(check, "values", "values of no column"),
                "column: group, values: [1, 2]");
}

static void check_group(const void *config, struct vt_config_check *check)
{
    static const char *const axes[3] = {"x", "y", "z"};
    const struct vt_group *group = config;
    const double *const bounds[3] = {group->x, group->y, group->z};
    check_name(group->name, check);
    check_rules(group, check);
    for (int d = 0; d < 3; d++)
        if (bounds[d] && !(bounds[d][0] < bounds[d][1]))
            vt_hint(vt_check_fail(check, axes[d], "the lower bound is not below the upper one"),
                    "%s: [0 A, 5 A]", axes[d]);
}

static const struct vt_entry entries[] = {
    {"name", VT_STRING_FIELD(struct vt_group, name), .required = true,
     .help = "by which other keywords refer to it; 'all' is there always"},
    {"elements", VT_STRING_LIST(struct vt_group, elements, n_elements, 1, VT_ELEMENTS),
     .one_is_a_list = true, .help = "atoms of these elements"},
    {"ids", VT_STRING_LIST(struct vt_group, ids, n_ids, 1, VT_UNLIMITED), .one_is_a_list = true,
     .help = "atoms of these numbers, from 1 in the order of the structure, copy after copy if it "
             "is replicated: [1-200, 305]"},
    {"x", VT_REAL_LIST(struct vt_group, x, n_x, VT_LENGTH, 2, 2),
     .help = "atoms from the first to below the second bound, as the structure has them"},
    {"y", VT_REAL_LIST(struct vt_group, y, n_y, VT_LENGTH, 2, 2), .help = "likewise"},
    {"z", VT_REAL_LIST(struct vt_group, z, n_z, VT_LENGTH, 2, 2), .help = "likewise"},
    {"column", VT_STRING_FIELD(struct vt_group, column),
     .help = "atoms for which this column of the structure, of integers or of T and F, has one of "
             "the values"},
    {"values", VT_INTEGER_LIST(struct vt_group, values, n_values, 1, VT_UNLIMITED),
     .one_is_a_list = true, .help = "of the column; 1 if absent; F is 0 and T is 1"},
    {"except", VT_STRING_LIST(struct vt_group, except, n_except, 1, VT_GROUPS_MOST),
     .one_is_a_list = true, .help = "groups before this one whose atoms are left out"},
    {0}};

const struct vt_table vt_group_table = {"group",
                                        "Atoms under a name: those that fit all that is said",
                                        sizeof(struct vt_group), entries, check_group};

/* ---- all of them ---- */

uint32_t vt_groups_find(struct vt_groups groups, char *const *names, size_t n_names)
{
    assert(groups.n <= VT_GROUPS_MOST);
    uint32_t bits = 0;
    for (size_t i = 0; i < n_names; i++) {
        if (strcmp(names[i], everything) == 0)
            bits |= VT_ALL_ATOMS;
        for (size_t g = 0; g < groups.n; g++)
            if (strcmp(names[i], groups.group[g].name) == 0)
                bits |= (uint32_t)VT_ALL_ATOMS << (g + 1);
    }
    return bits;
}

void vt_groups_check_names(struct vt_groups groups, char *const *names, size_t n_names,
                           const char *where, struct vt_config_check *check, const char *keyword)
{
    assert(check && keyword);
    assert(names || n_names == 0);
    const char *known[VT_GROUPS_MOST + 2] = {everything};
    for (size_t g = 0; g < groups.n; g++)
        known[1 + g] = groups.group[g].name;
    for (size_t i = 0; i < n_names; i++) {
        if (vt_groups_find(groups, &names[i], 1))
            continue;
        struct vt_error *error =
            vt_check_fail(check, keyword, "%s: there is no group '%.80s'", where, names[i]);
        const char *nearest = vt_nearest(names[i], known);
        if (nearest)
            vt_hint(error, "did you mean '%s'?", nearest);
        else
            vt_hint(error, "groups: [{name: %.40s, ...}] makes it; 'all' is there always",
                    names[i]);
    }
}

/* What group g leaves out. */
static void check_except(struct vt_groups groups, size_t g, struct vt_config_check *check,
                         const char *keyword)
{
    assert(g < groups.n);
    const struct vt_group *group = &groups.group[g];
    const struct vt_groups before = {groups.group, g};
    char where[128];
    snprintf(where, sizeof where, "except of the group '%.80s'", group->name);
    vt_groups_check_names(groups, group->except, group->n_except, where, check, keyword);
    for (size_t i = 0; i < group->n_except; i++)
        if (vt_groups_find(groups, &group->except[i], 1) &&
            !vt_groups_find(before, &group->except[i], 1))
            vt_hint(vt_check_fail(check, keyword, "%s: '%.80s' does not come before it", where,
                                  group->except[i]),
                    "change their order");
}

void vt_groups_check(struct vt_groups groups, struct vt_config_check *check, const char *keyword)
{
    assert(check && keyword);
    for (size_t g = 0; g < groups.n; g++) {
        const struct vt_group *group = &groups.group[g];
        check_except(groups, g, check, keyword);
        for (size_t other = 0; other < g; other++)
            if (strcmp(group->name, groups.group[other].name) == 0)
                vt_hint(vt_check_fail(check, keyword, "two groups are named '%.80s'", group->name),
                        "give each a name of its own");
    }
}
