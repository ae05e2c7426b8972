/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/pairs.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"

/* Room for the pairs of each centre and type as many as the view has: those within the cutoff are
 * no more. */
static enum vt_code make_room(struct vt_pairs *pairs, const struct vt_neighbours *list,
                              struct vt_error *error)
{
    const size_t n_types = (size_t)list->n_types;
    const size_t n_groups = (size_t)pairs->n_centres * n_types;
    enum vt_code code = vt_reserve(&pairs->first, &pairs->group_capacity[0], n_groups,
                                   sizeof *pairs->first, "pairs", error);
    if (!code)
        code = vt_reserve(&pairs->last, &pairs->group_capacity[1], n_groups, sizeof *pairs->last,
                          "pairs", error);
    if (code)
        return code;
    for (size_t s = 0; s < list->n_slices; s++)
        for (int l = 0; l < VT_LANES && list->centre[s][l] >= 0; l++)
            for (size_t t = 0; t < n_types; t++)
                pairs->last[(size_t)list->centre[s][l] * n_types + t] =
                    (size_t)list->count[s * n_types + t][l];
    size_t sum = 0;
    pairs->n_most = 0;
    for (size_t g = 0; g < n_groups;) {
        const size_t before = sum;
        for (size_t t = 0; t < n_types; t++, g++) {
            pairs->first[g] = sum;
            sum += pairs->last[g];
        }
        pairs->n_most = sum - before > pairs->n_most ? sum - before : pairs->n_most;
    }
    pairs->n_room = sum;
    code = vt_reserve(&pairs->neighbour, &pairs->neighbour_capacity, sum, sizeof *pairs->neighbour,
                      "pairs", error);
    if (!code)
        code = vt_reserve(&pairs->pair, &pairs->pair_capacity, sum, sizeof *pairs->pair, "pairs",
                          error);
    return code;
}

static enum vt_code same_place(const struct vt_atoms *atoms, int32_t i, int32_t j,
                               struct vt_error *error)
{
    assert(i >= 0 && j >= 0 && j < atoms->n_all);
    const long long a = atoms->id[i] + 1, b = atoms->id[j] + 1;
    if (a == b)
        return vt_fail(error, VT_INPUT, "atom %lld is at the same place as its own periodic image",
                       a);
    return vt_fail(error, VT_INPUT, "atoms %lld and %lld are at the same place", a < b ? a : b,
                   a < b ? b : a);
}

/* Pairs of the centre in `lane` of `slice` with neighbours of type t. */
static enum vt_code fill_group(struct vt_pairs *pairs, const struct vt_view *view, size_t slice,
                               int lane, int t, struct vt_error *error)
{
    assert(t >= 0 && t < view->list->n_types);
    const struct vt_neighbours *list = view->list;
    const struct vt_atoms *atoms = view->atoms;
    const int32_t i = list->centre[slice][lane];
    const size_t group = slice * (size_t)list->n_types + (size_t)t;
    const size_t out = (size_t)i * (size_t)list->n_types + (size_t)t;
    const double cutoff = view->cutoff[list->slice_type[slice] * list->n_types + t];
    size_t p = pairs->first[out];
    for (int32_t k = 0; k < list->count[group][lane]; k++) {
        const int32_t place = list->entry[list->row[group] + (size_t)k][lane] / VT_RECORD;
        const int32_t j = list->order[place];
        double d[3];
        for (int c = 0; c < 3; c++)
            d[c] = atoms->position[j][c] - atoms->position[i][c];
        const double r2 = vt_dot(d, d);
        if (!(r2 < cutoff * cutoff))
            continue;
        if (!(r2 > VT_SAME_PLACE * VT_SAME_PLACE))
            return same_place(atoms, i, j, error);
        const double r = sqrt(r2);
        pairs->neighbour[p] = j;
        pairs->pair[p++] = (struct vt_pair){{d[0] / r, d[1] / r, d[2] / r}, r};
    }
    pairs->last[out] = p;
    return VT_OK;
}

enum vt_code vt_pairs_update(struct vt_pairs *pairs, const struct vt_view *view,
                             struct vt_error *error)
{
    assert(pairs && view);
    const struct vt_neighbours *list = view->list;
    pairs->n_types = list->n_types;
    pairs->n_centres = view->atoms->n_local;
    enum vt_code code = make_room(pairs, list, error);
    for (size_t s = 0; !code && s < list->n_slices; s++)
        for (int l = 0; !code && l < VT_LANES && list->centre[s][l] >= 0; l++)
            for (int t = 0; !code && t < list->n_types; t++)
                code = fill_group(pairs, view, s, l, t, error);
    return code;
}

void vt_pairs_destroy(struct vt_pairs *pairs)
{
    if (!pairs)
        return;
    vt_free(pairs->first);
    vt_free(pairs->last);
    vt_free(pairs->neighbour);
    vt_free(pairs->pair);
    *pairs = (struct vt_pairs){0};
}
