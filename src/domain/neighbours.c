/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Atoms are counted into bins half the reach thick, along c an eighth (in fractional coordinates,
 * ghosts included), and their coordinates copied in the order of the bins, so that a search reads a
 * few contiguous runs, none much longer than it must be. The same order gives places, and slices
 * take the local atoms of a type in it.
 *
 * A search works in loops that do one thing without branches: places and squared distances within
 * the cutoff (near.h); their keys. Entries go straight from there to their rows, once all lanes of
 * a slice are counted. */
#include "domain/neighbours.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "domain/near.h"

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
    double *coordinate[3];   /* [place], A */
    int32_t *type;           /* [place] */
    double *squared;         /* [n_types^2]: cutoffs */
    double *step;            /* [n_types^2]: distance bins per squared distance */
    vt_near_search *near;
    /* of the neighbours of a slice, lane after lane, as found: */
    int32_t *found;          /* place */
    uint16_t *key;           /* neighbour type x VT_DISTANCE_BINS + distance bin */
    double *apart;           /* of those of one lane: squared distance */
    int32_t *next;           /* [lane][key]: how many; then the rows where the next ones go */
    struct open_slice *open; /* [n_types] */
    size_t open_capacity, bin_capacity, atom_capacity[5], type_capacity[2], found_capacity[3],
        next_capacity;
};

static enum vt_code make_scratch(struct vt_neighbours *list, struct vt_error *error)
{
    if (list->scratch)
        return VT_OK;
    const enum vt_code code =
        vt_alloc(&list->scratch, 1, sizeof *list->scratch, "neighbour search", error);
    if (!code)
        list->scratch->near = vt_near_best();
    return code;
}

/* Bins as thin as half the reach or, along c, an eighth, but not many more than atoms (a cell may
 * be mostly vacuum). */
static void choose_bins(struct vt_neighbour_scratch *s, const struct vt_domain *domain)
{
    const struct vt_halo_region *region = vt_halo_region(domain->halo);
    double width[3];
    for (int d = 0; d < 3; d++) {
        s->low[d] = region->low[d] - region->margin[d];
        s->width[d] = region->high[d] + region->margin[d] - s->low[d];
        width[d] = s->width[d] * domain->cell.thickness[d];
        const double n = floor(width[d] / ((d < 2 ? 0.5 : 0.125) * region->reach));
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

static enum vt_code make_atom_room(struct vt_neighbours *list, size_t n_bins, size_t n,
                                   struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    enum vt_code code = vt_reserve(&s->bin_start, &s->bin_capacity, n_bins + 1,
                                   sizeof *s->bin_start, "bins", error);
    if (!code)
        code = vt_reserve(&s->bin_of, &s->atom_capacity[0], n, sizeof *s->bin_of, "bins", error);
    for (int d = 0; !code && d < 3; d++)
        code = vt_reserve(&s->coordinate[d], &s->atom_capacity[1 + d], n + VT_NEAR_SLACK,
                          sizeof(double), "sorted atoms", error);
    if (!code)
        code = vt_reserve(&s->type, &s->atom_capacity[4], n + VT_NEAR_SLACK, sizeof *s->type,
                          "sorted atoms", error);
    if (!code)
        code = vt_reserve(&list->order, &list->order_capacity, n + 1, sizeof *list->order,
                          "sorted atoms", error);
    return code;
}

static enum vt_code sort_into_bins(struct vt_neighbours *list, const struct vt_domain *domain,
                                   struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    const struct vt_atoms *atoms = &domain->atoms;
    const size_t n = (size_t)atoms->n_all;
    const size_t n_bins = (size_t)s->bins[0] * (size_t)s->bins[1] * (size_t)s->bins[2];
    const enum vt_code code = make_atom_room(list, n_bins, n, error);
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
        const size_t place = --s->bin_start[s->bin_of[i]];
        for (int d = 0; d < 3; d++)
            s->coordinate[d][place] = atoms->position[i][d];
        s->type[place] = atoms->type[i];
        list->order[place] = (int32_t)i;
    }
    list->order[n] = (int32_t)n;
    for (size_t k = n; k < n + VT_NEAR_SLACK; k++) { /* read, and not used */
        s->coordinate[0][k] = s->coordinate[1][k] = s->coordinate[2][k] = 0;
        s->type[k] = 0;
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

static enum vt_code make_found_room(struct vt_neighbour_scratch *s, size_t room,
                                    struct vt_error *error)
{
    enum vt_code code =
        vt_reserve(&s->found, &s->found_capacity[0], room, sizeof *s->found, "neighbours", error);
    if (!code)
        code = vt_reserve(&s->apart, &s->found_capacity[1], room, sizeof *s->apart, "neighbours",
                          error);
    if (!code)
        code =
            vt_reserve(&s->key, &s->found_capacity[2], room, sizeof *s->key, "neighbours", error);
    return code;
}

/* Appends the neighbours of a centre to the *end that the slice has. */
static enum vt_code search(struct vt_neighbours *list, const struct vt_domain *domain,
                           const struct vt_near_query *centre, size_t *end, struct vt_error *error)
{
    const size_t begin = *end;
    struct vt_neighbour_scratch *s = list->scratch;
    const struct vt_near_atoms atoms = {s->coordinate[0], s->coordinate[1], s->coordinate[2],
                                        s->type};
    int bin[3], low[3], high[3];
    bin_index(s, &domain->cell, centre->x, bin);
    for (int d = 0; d < 3; d++) {
        low[d] = at_least(bin[d] - s->stencil[d], 0);
        high[d] = at_most(bin[d] + s->stencil[d], s->bins[d] - 1);
    }
    for (int a = low[0]; a <= high[0]; a++)
        for (int b = low[1]; b <= high[1]; b++) {
            const size_t run[2] = {s->bin_start[flat(s, a, b, low[2])],
                                   s->bin_start[flat(s, a, b, high[2]) + 1]};
            const size_t room = *end + run[1] - run[0] + VT_NEAR_SLACK;
            const enum vt_code code =
                room > s->found_capacity[2] ? make_found_room(s, room, error) : VT_OK;
            if (code)
                return code;
            *end += s->near(&atoms, centre, run, s->found + *end, s->apart + (*end - begin));
        }
    return VT_OK;
}

/* Keys of the neighbours [from, to) of a lane, and how many there are of each. */
static void count_keys(const struct vt_neighbour_scratch *s, const double *step, size_t from,
                       size_t to, int32_t *count)
{
    for (size_t k = from; k < to; k++) {
        const int32_t type = s->type[s->found[k]];
        const int32_t bin = (int32_t)(s->apart[k - from] * step[type]);
        assert(bin < VT_DISTANCE_BINS);
        s->key[k] = (uint16_t)(type * VT_DISTANCE_BINS + bin);
        count[s->key[k]]++;
    }
}

/* The number that all are, or -1. */
static double same_limit(const double *limit, int n)
{
    for (int k = 1; k < n; k++)
        if (limit[k] < limit[0] || limit[k] > limit[0])
            return -1;
    return limit[0];
}

/* The neighbours of all lanes of a slice; those of lane l are lane_start[l] <= k < lane_start[l+1].
 */
static enum vt_code search_slice(struct vt_neighbours *list, const struct vt_domain *domain,
                                 size_t slice, size_t lane_start[VT_LANES + 1],
                                 struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    const size_t n_keys = (size_t)list->n_types * VT_DISTANCE_BINS;
    const int32_t pairs = list->slice_type[slice] * list->n_types;
    size_t end = 0;
    memset(s->next, 0, VT_LANES * n_keys * sizeof *s->next);
    for (int l = 0; l < VT_LANES; l++) {
        lane_start[l] = end;
        if (list->centre[slice][l] < 0)
            continue;
        const size_t place = (size_t)(list->place[slice][l] / VT_RECORD);
        const struct vt_near_query centre = {
            .x = {s->coordinate[0][place], s->coordinate[1][place], s->coordinate[2][place]},
            .self = place,
            .squared = s->squared + pairs,
            .largest = same_limit(s->squared + pairs, list->n_types)};
        const enum vt_code code = search(list, domain, &centre, &end, error);
        if (code)
            return code;
        count_keys(s, s->step + pairs, lane_start[l], end, s->next + (size_t)l * n_keys);
    }
    lane_start[VT_LANES] = end;
    return VT_OK;
}

/* Numbers of rows of a slice's groups; `next` becomes the rows at which the keys begin, counted
 * from the slice's first. */
static void lay_out_rows(struct vt_neighbours *list, size_t slice)
{
    const size_t n_types = (size_t)list->n_types, n_keys = n_types * VT_DISTANCE_BINS;
    for (size_t t = 0; t < n_types; t++) {
        const size_t group = slice * n_types + t;
        const int32_t first = (int32_t)(list->row[group] - list->row[slice * n_types]);
        int32_t rows = 0;
        for (size_t l = 0; l < VT_LANES; l++) {
            int32_t *next = list->scratch->next + l * n_keys + t * VT_DISTANCE_BINS, row = first;
            for (int k = 0; k < VT_DISTANCE_BINS; k++) {
                const int32_t of_key = next[k];
                next[k] = row;
                row += of_key;
            }
            list->count[group][l] = row - first;
            rows = at_least(rows, row - first);
        }
        list->row[group + 1] = list->row[group] + (size_t)rows;
    }
}

/* Entries of one slice: the dummy everywhere, which brings the rows into the cache in their order,
 * then the neighbours. */
static void fill_rows(struct vt_neighbours *list, size_t slice, const size_t *lane_start,
                      int32_t dummy)
{
    const struct vt_neighbour_scratch *s = list->scratch;
    const size_t n_types = (size_t)list->n_types, n_keys = n_types * VT_DISTANCE_BINS;
    const size_t first = list->row[slice * n_types];
    int32_t(*entry)[VT_LANES] = list->entry + first;
    for (size_t row = 0; row < list->row[(slice + 1) * n_types] - first; row++)
        for (size_t l = 0; l < VT_LANES; l++)
            entry[row][l] = dummy;
    for (size_t l = 0; l < VT_LANES; l++) {
        int32_t *next = s->next + l * n_keys;
        for (size_t k = lane_start[l]; k < lane_start[l + 1]; k++)
            entry[next[s->key[k]]++][l] = s->found[k] * VT_RECORD;
    }
}

static enum vt_code build_slice(struct vt_neighbours *list, const struct vt_domain *domain,
                                size_t slice, struct vt_error *error)
{
    const size_t n_types = (size_t)list->n_types;
    size_t lane_start[VT_LANES + 1];
    enum vt_code code = search_slice(list, domain, slice, lane_start, error);
    if (code)
        return code;
    lay_out_rows(list, slice);
    const size_t first = list->row[slice * n_types], end = list->row[(slice + 1) * n_types];
    code = vt_reserve(&list->entry, &list->entry_capacity, end, sizeof *list->entry,
                      "neighbour list", error);
    if (code)
        return code;
    fill_rows(list, slice, lane_start, domain->atoms.n_all * VT_RECORD);
    list->most_rows = end - first > list->most_rows ? end - first : list->most_rows;
    return VT_OK;
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

static enum vt_code square_cutoffs(struct vt_neighbours *list, const struct vt_domain *domain,
                                   const double *cutoff, struct vt_error *error)
{
    struct vt_neighbour_scratch *s = list->scratch;
    const size_t n = (size_t)list->n_types * (size_t)list->n_types;
    enum vt_code code =
        vt_reserve(&s->squared, &s->type_capacity[0], n, sizeof *s->squared, "cutoffs", error);
    if (!code)
        code = vt_reserve(&s->step, &s->type_capacity[1], n, sizeof *s->step, "cutoffs", error);
    if (!code)
        code = vt_reserve(&s->next, &s->next_capacity,
                          (size_t)VT_LANES * VT_DISTANCE_BINS * (size_t)list->n_types,
                          sizeof *s->next, "neighbours", error);
    for (size_t k = 0; !code && k < n; k++) {
        assert(cutoff[k] > 0 && cutoff[k] <= vt_halo_region(domain->halo)->reach);
        s->squared[k] = cutoff[k] * cutoff[k];
        s->step[k] = (VT_DISTANCE_BINS - 1e-6) / s->squared[k];
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
    code = sort_into_bins(list, domain, error);
    if (!code)
        code = make_slices(list, &domain->atoms, error);
    list->most_rows = 0;
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
        for (int d = 0; d < 3; d++)
            vt_free(s->coordinate[d]);
        vt_free(s->type);
        vt_free(s->squared);
        vt_free(s->step);
        vt_free(s->found);
        vt_free(s->apart);
        vt_free(s->key);
        vt_free(s->next);
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
