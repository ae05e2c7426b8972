/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Atoms are counted into bins at least half the reach thick (in fractional coordinates, ghosts
 * included) and copied in the order of the bins, so that a search reads a few contiguous runs.
 * The same order gives places, and slices take the local atoms of a type in it. */
#include "domain/neighbours.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"

struct sorted_atom {
    double position[3];
    int32_t type;
    int32_t row; /* in vt_atoms */
};

/* The slice of a type that still has room. */
struct open_slice {
    size_t slice;
    int lanes; /* that are taken */
};

struct vt_neighbour_scratch {
    int bins[3];             /* along a, b, c */
    double low[3], width[3]; /* what the bins cover, in fractional coordinates */
    int stencil[3];          /* bins to either side that can hold neighbours */
    size_t *bin_start;       /* [bins + 1] into sorted */
    size_t *bin_of;          /* [n_all] */
    struct sorted_atom *sorted;
    double *squared; /* [n_types^2]: cutoffs */
    int32_t *found;  /* places of the neighbours of one lane as found, with their keys */
    int32_t *key;    /* neighbour type x VT_DISTANCE_BINS + distance bin */
    int32_t *lane;   /* the slice's neighbours, lane after lane, sorted by key */
    size_t *key_count;
    struct open_slice *open; /* [n_types] */
    size_t open_capacity, bin_capacity, atom_capacity[2], type_capacity, found_capacity,
        key_capacity, lane_capacity, count_capacity;
};

static enum vt_code make_scratch(struct vt_neighbours *list, struct vt_error *error)
{
    if (list->scratch)
        return VT_OK;
    return vt_alloc(&list->scratch, 1, sizeof *list->scratch, "neighbour search", error);
}

/* Bins as thin as half the reach, but not many more than atoms (a cell may be mostly vacuum). */
static void choose_bins(struct vt_neighbour_scratch *s, const struct vt_domain *domain)
{
    const struct vt_halo_region *region = vt_halo_region(domain->halo);
    double width[3];
    for (int d = 0; d < 3; d++) {
        s->low[d] = region->low[d] - region->margin[d];
        s->width[d] = region->high[d] + region->margin[d] - s->low[d];
        width[d] = s->width[d] * domain->cell.thickness[d];
        const double n = floor(width[d] / (0.5 * region->reach));
        s->bins[d] = n < 1 ? 1 : n > 1000 ? 1000 : (int)n;
    }
    const double limit = 2.0 * domain->atoms.n_all + 64;
    while ((double)s->bins[0] * s->bins[1] * s->bins[2] > limit) {
        int longest = 0;
        for (int d = 1; d < 3; d++)
            if (s->bins[d] > s->bins[longest])
                longest = d;
        s->bins[longest] = (s->bins[longest] + 1) / 2;
    }
    for (int d = 0; d < 3; d++)
        s->stencil[d] = (int)ceil(region->reach * s->bins[d] / width[d] * (1 + 1e-12));
}

static void bin_index(const struct vt_neighbour_scratch *s, const struct vt_cell *cell,
                      const double x[3], int bin[3])
{
    double f[3];
    vt_cell_fractional(cell, x, f);
    for (int d = 0; d < 3; d++) {
        const double u = (f[d] - s->low[d]) / s->width[d] * (double)s->bins[d];
        bin[d] = u < 0 ? 0 : u >= s->bins[d] ? s->bins[d] - 1 : (int)u;
    }
}

static size_t flat(const struct vt_neighbour_scratch *s, int a, int b, int c)
{
    return ((size_t)a * (size_t)s->bins[1] + (size_t)b) * (size_t)s->bins[2] + (size_t)c;
}

static enum vt_code sort_into_bins(struct vt_neighbour_scratch *s, const struct vt_domain *domain,
                                   struct vt_error *error)
{
    const struct vt_atoms *atoms = &domain->atoms;
    const size_t n = (size_t)atoms->n_all;
    const size_t n_bins = (size_t)s->bins[0] * (size_t)s->bins[1] * (size_t)s->bins[2];
    enum vt_code code = vt_reserve(&s->bin_start, &s->bin_capacity, n_bins + 1,
                                   sizeof *s->bin_start, "bins", error);
    if (!code)
        code = vt_reserve(&s->bin_of, &s->atom_capacity[0], n, sizeof *s->bin_of, "bins", error);
    if (!code)
        code = vt_reserve(&s->sorted, &s->atom_capacity[1], n, sizeof *s->sorted, "sorted atoms",
                          error);
    if (code)
        return code;
    memset(s->bin_start, 0, (n_bins + 1) * sizeof *s->bin_start);
    for (size_t i = 0; i < n; i++) {
        int bin[3];
        bin_index(s, &domain->cell, atoms->position[i], bin);
        s->bin_of[i] = flat(s, bin[0], bin[1], bin[2]);
        s->bin_start[s->bin_of[i]]++;
    }
    size_t sum = 0; /* bin_start[b] becomes the end of bin b, and its start once the atoms are in */
    for (size_t b = 0; b <= n_bins; b++)
        s->bin_start[b] = sum += b < n_bins ? s->bin_start[b] : 0;
    for (size_t i = n; i-- > 0;) {
        struct sorted_atom *atom = &s->sorted[--s->bin_start[s->bin_of[i]]];
        memcpy(atom->position, atoms->position[i], sizeof atom->position);
        atom->type = atoms->type[i];
        atom->row = (int32_t)i;
    }
    return VT_OK;
}

static int at_least(int a, int b)
{
    return a > b ? a : b;
}

static int at_most(int a, int b)
{
    return a < b ? a : b;
}

/* Whose neighbours are looked for. */
struct centre {
    int32_t row;
    const double *x;
    const double *squared; /* [type]: cutoffs */
};

/* Neighbours among the sorted atoms run[0] <= k < run[1]; returns how many are found in all. */
static size_t search_run(const struct vt_neighbour_scratch *s, const struct centre *centre,
                         const size_t run[2], size_t n_found)
{
    const double *x = centre->x;
    for (size_t k = run[0]; k < run[1]; k++) {
        const struct sorted_atom *a = &s->sorted[k];
        const double d[3] = {a->position[0] - x[0], a->position[1] - x[1], a->position[2] - x[2]};
        const double r2 = vt_dot(d, d), limit = centre->squared[a->type];
        if (!(r2 < limit) || a->row == centre->row)
            continue;
        s->found[n_found] = (int32_t)k * VT_RECORD;
        s->key[n_found++] =
            a->type * VT_DISTANCE_BINS + (int32_t)(r2 / limit * (VT_DISTANCE_BINS - 1e-6));
    }
    return n_found;
}

static enum vt_code search(struct vt_neighbours *list, const struct vt_domain *domain,
                           const struct centre *centre, size_t *n_found, struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    int bin[3], low[3], high[3];
    bin_index(s, &domain->cell, centre->x, bin);
    for (int d = 0; d < 3; d++) {
        low[d] = at_least(bin[d] - s->stencil[d], 0);
        high[d] = at_most(bin[d] + s->stencil[d], s->bins[d] - 1);
    }
    *n_found = 0;
    for (int a = low[0]; a <= high[0]; a++)
        for (int b = low[1]; b <= high[1]; b++) {
            const size_t run[2] = {s->bin_start[flat(s, a, b, low[2])],
                                   s->bin_start[flat(s, a, b, high[2]) + 1]};
            const size_t room = *n_found + run[1] - run[0];
            enum vt_code code = vt_reserve(&s->found, &s->found_capacity, room, sizeof *s->found,
                                           "neighbours", error);
            if (!code)
                code = vt_reserve(&s->key, &s->key_capacity, room, sizeof *s->key, "neighbours",
                                  error);
            if (code)
                return code;
            *n_found = search_run(s, centre, run, *n_found);
        }
    return VT_OK;
}

/* Append what was found to the slice's list, sorted by key; count the neighbours of each type into
 * count[t][lane]. */
static enum vt_code append_lane(struct vt_neighbours *list, size_t slice, int lane, size_t n_found,
                                size_t *end, struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    const size_t n_keys = (size_t)list->n_types * VT_DISTANCE_BINS;
    enum vt_code code = vt_reserve(&s->lane, &s->lane_capacity, *end + n_found, sizeof *s->lane,
                                   "neighbours", error);
    if (!code)
        code = vt_reserve(&s->key_count, &s->count_capacity, n_keys + 1, sizeof *s->key_count,
                          "neighbours", error);
    if (code)
        return code;
    memset(s->key_count, 0, (n_keys + 1) * sizeof *s->key_count);
    int32_t(*count)[VT_LANES] = list->count + slice * (size_t)list->n_types;
    for (size_t k = 0; k < n_found; k++) {
        s->key_count[s->key[k] + 1]++;
        count[s->key[k] / VT_DISTANCE_BINS][lane]++;
    }
    for (size_t k = 0; k < n_keys; k++)
        s->key_count[k + 1] += s->key_count[k];
    for (size_t k = 0; k < n_found; k++)
        s->lane[*end + s->key_count[s->key[k]]++] = s->found[k];
    *end += n_found;
    return VT_OK;
}

/* Rows of one slice from the sorted lists of its lanes. */
static enum vt_code emit_rows(struct vt_neighbours *list, size_t slice, const size_t *lane_start,
                              int32_t dummy, struct vt_error *error)
{
    const size_t n_types = (size_t)list->n_types;
    size_t next[VT_LANES];
    memcpy(next, lane_start, sizeof next);
    for (size_t t = 0; t < n_types; t++) {
        const size_t group = slice * n_types + t, first = list->row[group];
        int32_t rows = 0;
        for (int l = 0; l < VT_LANES; l++)
            rows = at_least(rows, list->count[group][l]);
        const enum vt_code code =
            vt_reserve(&list->entry, &list->entry_capacity, first + (size_t)rows,
                       sizeof *list->entry, "neighbour list", error);
        if (code)
            return code;
        for (int l = 0; l < VT_LANES; l++)
            for (int32_t k = 0; k < rows; k++)
                list->entry[first + (size_t)k][l] =
                    k < list->count[group][l] ? list->scratch->lane[next[l]++] : dummy;
        list->row[group + 1] = first + (size_t)rows;
    }
    return VT_OK;
}

static enum vt_code build_slice(struct vt_neighbours *list, const struct vt_domain *domain,
                                size_t slice, struct vt_error *error)
{
    size_t lane_start[VT_LANES], end = 0;
    for (int l = 0; l < VT_LANES; l++) {
        lane_start[l] = end;
        if (list->centre[slice][l] < 0)
            continue;
        size_t n_found;
        const struct centre centre = {.row = list->centre[slice][l],
                                      .x = domain->atoms.position[list->centre[slice][l]],
                                      .squared = list->scratch->squared +
                                                 list->slice_type[slice] * list->n_types};
        enum vt_code code = search(list, domain, &centre, &n_found, error);
        if (!code)
            code = append_lane(list, slice, l, n_found, &end, error);
        if (code)
            return code;
    }
    return emit_rows(list, slice, lane_start, domain->atoms.n_all * VT_RECORD, error);
}

static enum vt_code make_slice_room(struct vt_neighbours *list, size_t most, struct vt_error *error)
{
    const size_t groups = most * (size_t)list->n_types;
    enum vt_code code = vt_reserve(&list->slice_type, &list->slice_capacity[0], most,
                                   sizeof *list->slice_type, "slices", error);
    if (!code)
        code = vt_reserve(&list->centre, &list->slice_capacity[1], most, sizeof *list->centre,
                          "slices", error);
    if (!code)
        code = vt_reserve(&list->place, &list->slice_capacity[2], most, sizeof *list->place,
                          "slices", error);
    if (!code)
        code = vt_reserve(&list->row, &list->row_capacity, groups + 1, sizeof *list->row, "slices",
                          error);
    if (!code)
        code = vt_reserve(&list->count, &list->count_capacity, groups, sizeof *list->count,
                          "slices", error);
    if (!code)
        code = vt_reserve(&list->scratch->open, &list->scratch->open_capacity,
                          (size_t)list->n_types, sizeof *list->scratch->open, "slices", error);
    return code;
}

/* Cut the local atoms of each type, in the order of places, into slices. */
static enum vt_code make_slices(struct vt_neighbours *list, const struct vt_atoms *atoms,
                                struct vt_error *error)
{
    const size_t most = (size_t)atoms->n_local / VT_LANES + (size_t)list->n_types;
    const enum vt_code code = make_slice_room(list, most, error);
    if (code)
        return code;
    struct open_slice *open = list->scratch->open;
    list->n_slices = 0;
    for (int t = 0; t < list->n_types; t++)
        open[t].lanes = VT_LANES;
    for (int32_t place = 0; place < atoms->n_all; place++) {
        const int32_t row = list->order[place], type = atoms->type[row];
        if (row >= atoms->n_local)
            continue;
        if (open[type].lanes == VT_LANES) {
            open[type] = (struct open_slice){.slice = list->n_slices++};
            list->slice_type[open[type].slice] = type;
            for (int l = 0; l < VT_LANES; l++) {
                list->centre[open[type].slice][l] = -1;
                list->place[open[type].slice][l] = place * VT_RECORD;
            }
        }
        list->centre[open[type].slice][open[type].lanes] = row;
        list->place[open[type].slice][open[type].lanes++] = place * VT_RECORD;
    }
    assert(list->n_slices <= most);
    memset(list->count, 0, list->n_slices * (size_t)list->n_types * sizeof *list->count);
    list->row[0] = 0;
    return VT_OK;
}

static enum vt_code keep_order(struct vt_neighbours *list, int32_t n_all, struct vt_error *error)
{
    const enum vt_code code = vt_reserve(&list->order, &list->order_capacity, (size_t)n_all + 1,
                                         sizeof *list->order, "sorted atoms", error);
    if (code)
        return code;
    for (int32_t place = 0; place < n_all; place++)
        list->order[place] = list->scratch->sorted[place].row;
    list->order[n_all] = n_all;
    return VT_OK;
}

static enum vt_code square_cutoffs(struct vt_neighbours *list, const struct vt_domain *domain,
                                   const double *cutoff, struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    const size_t n = (size_t)list->n_types * (size_t)list->n_types;
    const enum vt_code code =
        vt_reserve(&s->squared, &s->type_capacity, n, sizeof *s->squared, "cutoffs", error);
    for (size_t k = 0; !code && k < n; k++) {
        assert(cutoff[k] > 0 && cutoff[k] <= vt_halo_region(domain->halo)->reach);
        s->squared[k] = cutoff[k] * cutoff[k];
    }
    return code;
}

enum vt_code vt_neighbours_build(struct vt_neighbours *list, const struct vt_domain *domain,
                                 int n_types, const double *cutoff, struct vt_error *error)
{
    assert(list && domain && n_types > 0 && cutoff);
    assert(domain->atoms.n_all < INT32_MAX / VT_RECORD);
    list->n_types = n_types;
    enum vt_code code = make_scratch(list, error);
    if (!code)
        code = square_cutoffs(list, domain, cutoff, error);
    if (code)
        return code;
    choose_bins(list->scratch, domain);
    code = sort_into_bins(list->scratch, domain, error);
    if (!code)
        code = keep_order(list, domain->atoms.n_all, error);
    if (!code)
        code = make_slices(list, &domain->atoms, error);
    for (size_t slice = 0; !code && slice < list->n_slices; slice++)
        code = build_slice(list, domain, slice, error);
    return code;
}

void vt_neighbours_destroy(struct vt_neighbours *list)
{
    if (!list)
        return;
    struct vt_neighbour_scratch *s = list->scratch;
    if (s) {
        vt_free(s->bin_start);
        vt_free(s->bin_of);
        vt_free(s->sorted);
        vt_free(s->squared);
        vt_free(s->found);
        vt_free(s->key);
        vt_free(s->lane);
        vt_free(s->key_count);
        vt_free(s->open);
        vt_free(s);
    }
    vt_free(list->slice_type);
    vt_free(list->order);
    vt_free(list->centre);
    vt_free(list->place);
    vt_free(list->row);
    vt_free(list->count);
    vt_free(list->entry);
    *list = (struct vt_neighbours){0};
}
