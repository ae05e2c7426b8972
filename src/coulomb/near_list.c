/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Atoms are divided in two along the longest side of the box around them, again and again, until a
 * cluster is left (Bentley's k-d tree): n log n, and clusters are nearly cubes. The boxes that come
 * about on the way are the tree that a search goes through; in preorder, with the place to go on if
 * a box is too far away, it needs no stack. Float is enough here: the reach has a margin for it. */
#include "coulomb/near_list.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

struct point {
    float x[3];
    int32_t row;
};

struct box {
    float low[3], high[3];
    int32_t first, last; /* clusters: first <= c < last */
    size_t next;         /* box that follows those within this one */
};

/* Coordinates of the atoms of a cluster; those that are not there are infinitely far away. */
struct block {
    float x[3][VT_CLUSTER];
};

struct vt_near_scratch {
    struct point *point; /* [n_places] */
    struct block *block; /* [clusters] */
    struct box *box;
    size_t n_boxes;
    size_t point_capacity, block_capacity, box_capacity;
};

/* As fminf and fmaxf, but inline. */
static float lesser(float a, float b)
{
    return a < b ? a : b;
}

static float greater(float a, float b)
{
    return a > b ? a : b;
}

static size_t clusters_of(size_t atoms)
{
    return (atoms + VT_CLUSTER - 1) / VT_CLUSTER;
}

/* ---- clusters ---- */

static void swap_points(struct point *a, struct point *b)
{
    const struct point c = *a;
    *a = *b;
    *b = c;
}

/* Order the points so that the first `left` of them are not beyond the others along d (Hoare). */
static void divide(struct point *point, size_t n, size_t left, int d)
{
    assert(left < n);
    size_t low = 0, high = n - 1;
    while (low < high) {
        const float pivot = point[(low + high) / 2].x[d];
        size_t i = low, j = high;
        while (i <= j) {
            while (point[i].x[d] < pivot)
                i++;
            while (point[j].x[d] > pivot)
                j--;
            if (i > j)
                break;
            swap_points(&point[i++], &point[j]);
            if (j == 0)
                break;
            j--;
        }
        if (left <= j)
            high = j;
        else if (left >= i)
            low = i;
        else
            return;
    }
}

static struct box bound(const struct point *point, size_t n)
{
    struct box box = {.low = {INFINITY, INFINITY, INFINITY},
                      .high = {-INFINITY, -INFINITY, -INFINITY}};
    for (size_t k = 0; k < n; k++)
        for (int d = 0; d < 3; d++) {
            box.low[d] = lesser(box.low[d], point[k].x[d]);
            box.high[d] = greater(box.high[d], point[k].x[d]);
        }
    return box;
}

/* The box of these n points, whose first cluster is `cluster`, and all boxes within it. */
static void add_boxes(struct vt_near_scratch *s, struct point *point, size_t n, size_t cluster)
{
    const size_t clusters = clusters_of(n), index = s->n_boxes++;
    struct box box = bound(point, n);
    box.first = (int32_t)cluster;
    box.last = (int32_t)(cluster + clusters);
    if (clusters > 1) {
        const size_t left = clusters / 2 * VT_CLUSTER;
        int longest = 0;
        for (int d = 1; d < 3; d++)
            if (box.high[d] - box.low[d] > box.high[longest] - box.low[longest])
                longest = d;
        divide(point, n, left, longest);
        add_boxes(s, point, left, cluster);
        add_boxes(s, point + left, n - left, cluster + clusters / 2);
    }
    box.next = s->n_boxes;
    s->box[index] = box;
}

/* Rows and coordinates of n points that make up the clusters from `cluster` on. */
static void set_blocks(struct vt_near_list *list, const struct point *point, size_t n,
                       size_t cluster)
{
    for (size_t k = 0; k < clusters_of(n) * VT_CLUSTER; k++) {
        struct block *block = &list->scratch->block[cluster + k / VT_CLUSTER];
        list->row[cluster * VT_CLUSTER + k] = k < n ? point[k].row : -1;
        for (int d = 0; d < 3; d++)
            block->x[d][k % VT_CLUSTER] = k < n ? point[k].x[d] : INFINITY;
    }
}

/* The middle of the extended brick, from which coordinates are counted. */
static void find_middle(const struct vt_domain *domain, double middle[3])
{
    const struct vt_halo_region *region = vt_halo_region(domain->halo);
    double f[3];
    for (int d = 0; d < 3; d++)
        f[d] = 0.5 * (region->low[d] + region->high[d]);
    vt_cell_cartesian(&domain->cell, f, middle);
}

static struct point point_of(const struct vt_atoms *atoms, size_t row, const double middle[3])
{
    struct point point = {.row = (int32_t)row};
    for (int d = 0; d < 3; d++)
        point.x[d] = (float)(atoms->position[row][d] - middle[d]);
    return point;
}

static enum vt_code make_room(struct vt_near_list *list, size_t n_all, struct vt_error *error)
{
    struct vt_near_scratch *s = list->scratch;
    const size_t clusters = clusters_of(n_all) + 2; /* two may be less than full */
    enum vt_code code =
        vt_reserve(&s->point, &s->point_capacity, n_all, sizeof *s->point, "clusters", error);
    if (!code)
        code = vt_reserve(&s->block, &s->block_capacity, clusters, sizeof *s->block, "clusters",
                          error);
    if (!code)
        code =
            vt_reserve(&s->box, &s->box_capacity, 2 * clusters, sizeof *s->box, "clusters", error);
    if (!code)
        code = vt_reserve(&list->row, &list->row_capacity, clusters * VT_CLUSTER, sizeof *list->row,
                          "clusters", error);
    if (!code)
        code = vt_reserve(&list->first, &list->first_capacity, clusters + 1, sizeof *list->first,
                          "clusters", error);
    return code;
}

static void make_clusters(struct vt_near_list *list, const struct vt_domain *domain)
{
    struct vt_near_scratch *s = list->scratch;
    const struct vt_atoms *atoms = &domain->atoms;
    const size_t n_local = (size_t)atoms->n_local, n_all = (size_t)atoms->n_all;
    size_t n = 0;
    double middle[3];
    find_middle(domain, middle);
    for (size_t i = 0; i < n_all; i++)
        if (i < n_local || vt_halo_is_ahead(domain->halo, i - n_local))
            s->point[n++] = point_of(atoms, i, middle);
    s->n_boxes = 0;
    list->n_clusters = clusters_of(n_local);
    list->n_places = (list->n_clusters + clusters_of(n - n_local)) * VT_CLUSTER;
    if (n_local > 0)
        add_boxes(s, s->point, n_local, 0);
    if (n > n_local)
        add_boxes(s, s->point + n_local, n - n_local, list->n_clusters);
    set_blocks(list, s->point, n_local, 0);
    set_blocks(list, s->point + n_local, n - n_local, list->n_clusters);
}

/* ---- entries ---- */

/* Distance of two boxes, squared. */
static float gap(const struct box *a, const struct box *b)
{
    float sum = 0;
    for (int d = 0; d < 3; d++) {
        const float g = greater(greater(a->low[d] - b->high[d], b->low[d] - a->high[d]), 0);
        sum += g * g;
    }
    return sum;
}

/* Places of the atoms of cluster c that are within the reach of the box; returns how many. */
static size_t add_near_atoms(const struct vt_near_scratch *s, size_t c, const struct box *box,
                             float limit, int32_t entry[VT_CLUSTER])
{
    float squared[VT_CLUSTER] = {0};
    for (int d = 0; d < 3; d++)
        for (int k = 0; k < VT_CLUSTER; k++) {
            const float x = s->block[c].x[d][k];
            const float g = greater(greater(box->low[d] - x, x - box->high[d]), 0);
            squared[k] += g * g;
        }
    size_t n = 0;
    for (int k = 0; k < VT_CLUSTER; k++) {
        entry[n] = (int32_t)(c * VT_CLUSTER) + k;
        n += squared[k] < limit;
    }
    return n;
}

/* The entries of cluster c, whose box this is, from place `end` of the list on; returns the end. */
static enum vt_code search(struct vt_near_list *list, const struct box *box, float limit,
                           size_t *end, struct vt_error *error)
{
    const struct vt_near_scratch *s = list->scratch;
    for (size_t b = 0; b < s->n_boxes;) {
        const struct box *other = &s->box[b];
        if (other->last <= box->last || gap(box, other) >= limit) {
            b = other->next;
            continue;
        }
        b++;
        if (other->last - other->first > 1)
            continue;
        const enum vt_code code = vt_reserve(&list->entry, &list->entry_capacity, *end + VT_CLUSTER,
                                             sizeof *list->entry, "list of pairs", error);
        if (code)
            return code;
        *end += add_near_atoms(s, (size_t)other->first, box, limit, list->entry + *end);
    }
    return VT_OK;
}

enum vt_code vt_near_list_build(struct vt_near_list *list, const struct vt_domain *domain,
                                double reach, struct vt_error *error)
{
    assert(list && domain);
    assert(reach > 0 && reach <= vt_halo_region(domain->halo)->reach);
    assert(domain->atoms.n_all < INT32_MAX - 2 * VT_CLUSTER);
    enum vt_code code = VT_OK;
    if (!list->scratch)
        code = vt_alloc(&list->scratch, 1, sizeof *list->scratch, "clusters", error);
    if (!code)
        code = make_room(list, (size_t)domain->atoms.n_all, error);
    if (code)
        return code;
    make_clusters(list, domain);
    const struct vt_near_scratch *s = list->scratch;
    /* rounding: a coordinate is good to 6e-8 of the distance from the middle */
    float span = 0;
    for (size_t b = 0; b < s->n_boxes; b = s->box[b].next)
        for (int d = 0; d < 3; d++)
            span = greater(span, s->box[b].high[d] - s->box[b].low[d]);
    const double far = reach * (1 + 1e-6) + 1e-6 * (double)span;
    size_t end = 0;
    for (size_t b = 0; !code && b < s->n_boxes; b++) {
        const struct box *box = &s->box[b];
        if (box->last - box->first > 1 || (size_t)box->first >= list->n_clusters)
            continue;
        list->first[box->first] = end;
        code = search(list, box, (float)(far * far), &end, error);
    }
    list->first[list->n_clusters] = end;
    return code;
}

void vt_near_list_destroy(struct vt_near_list *list)
{
    if (!list)
        return;
    if (list->scratch) {
        vt_free(list->scratch->point);
        vt_free(list->scratch->block);
        vt_free(list->scratch->box);
        vt_free(list->scratch);
    }
    vt_free(list->row);
    vt_free(list->first);
    vt_free(list->entry);
    *list = (struct vt_near_list){0};
}
