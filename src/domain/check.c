/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/check.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"

bool vt_checks_are_wanted(void)
{
    const char *wish = getenv("VITRION_CHECK");
    return wish && strcmp(wish, "0") != 0 && wish[0] != '\0';
}

static bool is_finite(const double x[3])
{
    return isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2]);
}

static bool has_room(const struct vt_atoms *atoms)
{
    const size_t rows = (size_t)atoms->n_all + 1, local = (size_t)atoms->n_local;
    const size_t *capacity = atoms->capacity;
    return capacity[0] >= rows && capacity[1] >= rows && capacity[2] >= rows &&
           capacity[3] >= local && capacity[4] >= local && capacity[5] >= local;
}

bool vt_atoms_is_valid(const struct vt_atoms *atoms)
{
    assert(atoms);
    if (atoms->n_local < 0 || atoms->n_local > atoms->n_all || !has_room(atoms))
        return false;
    for (int32_t i = 0; i < atoms->n_all; i++)
        if (!is_finite(atoms->position[i]) || atoms->type[i] < 0 || atoms->id[i] < 0)
            return false;
    for (int32_t i = 1; i < atoms->n_local; i++)
        if (atoms->id[i] <= atoms->id[i - 1])
            return false;
    for (int32_t i = 0; i < atoms->n_local; i++)
        if (!is_finite(atoms->velocity[i]) || !(atoms->groups[i] & VT_ALL_ATOMS))
            return false;
    return atoms->id[atoms->n_all] == -1;
}

/* The row at a place, given in steps of VT_RECORD; -1: there is no such place. */
static int32_t row_at(const struct vt_neighbours *list, const struct vt_atoms *atoms, int32_t entry)
{
    const int32_t place = entry / VT_RECORD;
    if (entry < 0 || entry % VT_RECORD != 0 || place > atoms->n_all)
        return -1;
    const int32_t row = list->order[place];
    return row >= 0 && row <= atoms->n_all ? row : -1;
}

/* Each row at one place: their sum, and the sum of their squares, are those of 0 ... n. */
static bool is_permutation(const int32_t *order, int32_t n)
{
    uint64_t sum = 0, squares = 0;
    for (int32_t place = 0; place <= n; place++) {
        const uint64_t row = (uint64_t)order[place], rank = (uint64_t)place;
        if (order[place] < 0 || order[place] > n)
            return false;
        sum += row - rank; /* modulo 2^64 */
        squares += row * row - rank * rank;
    }
    return sum == 0 && squares == 0 && order[n] == n;
}

struct view {
    const struct vt_neighbours *list;
    const struct vt_atoms *atoms;
    const double *cutoff;
};

/* The neighbours of type t in one lane. */
static bool group_is_valid(const struct view *view, size_t slice, int lane, int t)
{
    const struct vt_neighbours *list = view->list;
    const struct vt_atoms *atoms = view->atoms;
    const size_t group = slice * (size_t)list->n_types + (size_t)t;
    const size_t rows = list->row[group + 1] - list->row[group];
    const int32_t centre = list->centre[slice][lane], count = list->count[group][lane];
    const double cutoff = view->cutoff[list->slice_type[slice] * list->n_types + t];
    if (count < 0 || (size_t)count > rows || (centre < 0 && count > 0))
        return false;
    for (size_t k = 0; k < rows; k++) {
        const int32_t j = row_at(list, atoms, list->entry[list->row[group] + k][lane]);
        if (j < 0 || (k >= (size_t)count) != (j == atoms->n_all))
            return false;
        if (j == atoms->n_all)
            continue;
        double d[3];
        for (int c = 0; c < 3; c++)
            d[c] = atoms->position[j][c] - atoms->position[centre][c];
        if (j == centre || atoms->type[j] != t || !(vt_dot(d, d) < cutoff * cutoff * (1 + 1e-12)))
            return false;
    }
    return true;
}

/* *n_centres: counts the lanes that are taken; these come first. */
static bool slice_is_valid(const struct view *view, size_t slice, int64_t *n_centres)
{
    const struct vt_neighbours *list = view->list;
    const struct vt_atoms *atoms = view->atoms;
    const int32_t type = list->slice_type[slice];
    bool ended = false;
    if (type < 0 || type >= list->n_types)
        return false;
    for (int lane = 0; lane < VT_LANES; lane++) {
        const int32_t centre = list->centre[slice][lane];
        const int32_t row = row_at(list, atoms, list->place[slice][lane]);
        ended = ended || centre < 0;
        if (ended ? centre >= 0 || row < 0 : row != centre || centre >= atoms->n_local)
            return false;
        if (!ended && atoms->type[centre] != type)
            return false;
        *n_centres += !ended;
        for (int t = 0; t < list->n_types; t++)
            if (!group_is_valid(view, slice, lane, t))
                return false;
    }
    return true;
}

/* A centre that comes twice would be one lane too many, or another one would be missing: the sum of
 * ids tells that from each coming once. */
bool vt_neighbours_is_valid(const struct vt_neighbours *list, const struct vt_domain *domain,
                            const double *cutoff)
{
    assert(list && domain && cutoff && list->n_types > 0);
    const struct view view = {list, &domain->atoms, cutoff};
    int64_t n_centres = 0, rows = 0;
    if (!is_permutation(list->order, domain->atoms.n_all))
        return false;
    for (size_t s = 0; s < list->n_slices; s++) {
        if (!slice_is_valid(&view, s, &n_centres))
            return false;
        for (int lane = 0; lane < VT_LANES && list->centre[s][lane] >= 0; lane++)
            rows += list->centre[s][lane];
    }
    const int64_t n = domain->atoms.n_local;
    return n_centres == n && rows == n * (n - 1) / 2;
}
