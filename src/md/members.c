/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/members.h"

#include <assert.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/text.h"
#include "domain/atoms.h"

/* A group, made ready to be asked. */
struct rule {
    const struct vt_group *group;
    bool element[VT_ELEMENTS + 1];
    int64_t (*range)[2]; /* [group->n_ids] owned */
    const struct vt_column *column;
    uint32_t except;
};

struct vt_members {
    const struct vt_frame *frame;
    size_t n;
    struct rule rule[VT_GROUPS_MOST];
};

static enum vt_code find_column(const struct vt_frame *frame, struct rule *rule,
                                struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    const struct vt_group *group = rule->group;
    rule->column = vt_frame_column(frame, group->column);
    if (!rule->column) {
        vt_fail_at(error, place, VT_INPUT, "the structure has no column '%.80s' for the group '%s'",
                   group->column, group->name);
        vt_hint(error, "columns of an extended XYZ file stand in its Properties");
        return VT_INPUT;
    }
    if (rule->column->type != VT_INTEGER && rule->column->type != VT_LOGICAL)
        return vt_fail_at(error, place, VT_INPUT,
                          "the column '%.80s' cannot make the group '%s': it has neither integers "
                          "nor T and F",
                          group->column, group->name);
    return VT_OK;
}

static enum vt_code read_ranges(const struct vt_frame *frame, int64_t n_atoms, struct rule *rule,
                                struct vt_error *error)
{
    assert(n_atoms > 0);
    const struct vt_group *group = rule->group;
    const enum vt_code code =
        vt_alloc(&rule->range, group->n_ids, sizeof *rule->range, "groups", error);
    if (code)
        return code;
    for (size_t i = 0; i < group->n_ids; i++) {
        const bool right = vt_group_range(group->ids[i], rule->range[i]);
        assert(right);
        if (rule->range[i][1] > n_atoms)
            return vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                              "the group '%s' has atom %lld; the structure has %lld atoms",
                              group->name, (long long)rule->range[i][1], (long long)n_atoms);
    }
    return VT_OK;
}

enum vt_code vt_members_create(struct vt_members **members, struct vt_groups groups,
                               const struct vt_frame *frame, int64_t n_atoms,
                               struct vt_error *error)
{
    assert(members && frame && groups.n <= VT_GROUPS_MOST);
    enum vt_code code = vt_alloc(members, 1, sizeof **members, "groups", error);
    if (code)
        return code;
    (*members)->frame = frame;
    (*members)->n = groups.n;
    for (size_t g = 0; !code && g < groups.n; g++) {
        const struct vt_group *group = &groups.group[g];
        struct rule *rule = &(*members)->rule[g];
        rule->group = group;
        rule->except = vt_groups_find(groups, group->except, group->n_except);
        for (size_t i = 0; i < group->n_elements; i++)
            rule->element[vt_atomic_number(group->elements[i], strlen(group->elements[i]))] = true;
        code = read_ranges(frame, n_atoms, rule, error);
        if (!code && group->column)
            code = find_column(frame, rule, error);
    }
    if (code) {
        vt_members_destroy(*members);
        *members = NULL;
    }
    return code;
}

void vt_members_destroy(struct vt_members *members)
{
    if (!members)
        return;
    for (size_t g = 0; g < members->n; g++)
        vt_free(members->rule[g].range);
    vt_free(members);
}

static bool has_id(const struct rule *rule, int64_t number)
{
    assert(number > 0);
    for (size_t i = 0; i < rule->group->n_ids; i++)
        if (number >= rule->range[i][0] && number <= rule->range[i][1])
            return true;
    return rule->group->n_ids == 0;
}

static bool is_within(const struct vt_group *group, const double position[3])
{
    const double *const bounds[3] = {group->x, group->y, group->z};
    for (int d = 0; d < 3; d++)
        if (bounds[d] && !(position[d] >= bounds[d][0] && position[d] < bounds[d][1]))
            return false;
    return true;
}

static bool has_value(const struct vt_group *group, int64_t value)
{
    for (size_t i = 0; i < group->n_values; i++)
        if (group->values[i] == value)
            return true;
    return group->n_values == 0 && value == 1;
}

/* Of a column of several numbers an atom, as move masks may be, all must fit. */
static bool column_fits(const struct rule *rule, size_t row)
{
    const struct vt_column *column = rule->column;
    if (!column)
        return true;
    for (size_t k = row * column->width; k < (row + 1) * column->width; k++) {
        const int64_t value = column->type == VT_LOGICAL ? column->logical[k] : column->integer[k];
        if (!has_value(rule->group, value))
            return false;
    }
    return true;
}

uint32_t vt_members_of(const struct vt_members *members, size_t row, int64_t id,
                       const double position[3])
{
    assert(members && position);
    assert(id >= 0);
    uint32_t bits = VT_ALL_ATOMS;
    for (size_t g = 0; g < members->n; g++) {
        const struct rule *rule = &members->rule[g];
        const bool is = (!rule->group->elements || rule->element[members->frame->element[row]]) &&
                        has_id(rule, id + 1) && is_within(rule->group, position) &&
                        column_fits(rule, row) && !(rule->except & bits);
        bits |= is ? (uint32_t)VT_ALL_ATOMS << (g + 1) : 0;
    }
    return bits;
}
