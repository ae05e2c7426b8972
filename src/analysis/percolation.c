/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points are added from the densest down, and joined to their neighbours (along a, b and c) in
 * trees that know how many cells each point is away from its root. When a neighbour belongs to the
 * tree already, but by another number of cells than that of the step between them, the tree has a
 * way to its own image: the difference is a winding vector. Touching opposite faces is not enough
 * for one. */
#include "analysis/percolation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A tree: of the points below a root. */
struct winding {
    int n; /* independent vectors */
    int vector[3][3];
};

struct point {
    uint32_t parent; /* itself: a root */
    int16_t away[3]; /* cells from the parent */
    bool is_in;
    uint32_t winding; /* of a root: 0, or 1 + its number in the list */
};

struct forest {
    const struct vt_density_grid *grid;
    struct point *point;
    struct winding *winding; /* of roots that have any; few */
    size_t n_windings, capacity;
};

struct ranked {
    double value;
    uint32_t point;
};

static int by_falling_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return (x->point > y->point) - (x->point < y->point);
}

static size_t point_count(const struct vt_density_grid *grid)
{
    return (size_t)grid->n[0] * (size_t)grid->n[1] * (size_t)grid->n[2];
}

static enum vt_code sort_points(const struct vt_density_grid *grid, struct ranked **ranked,
                                struct vt_error *error)
{
    const size_t n = point_count(grid);
    const enum vt_code code = vt_alloc(ranked, n, sizeof **ranked, "a density", error);
    if (code)
        return code;
    for (size_t p = 0; p < n; p++)
        (*ranked)[p] = (struct ranked){grid->value[p], (uint32_t)p};
    qsort(*ranked, n, sizeof **ranked, by_falling_value);
    return VT_OK;
}

enum vt_code vt_density_enclosing(const struct vt_density_grid *grid, size_t n,
                                  const double *fraction, double *isovalue, double *volume,
                                  struct vt_error *error)
{
    struct ranked *ranked;
    const enum vt_code code = sort_points(grid, &ranked, error);
    if (code)
        return code;
    const size_t n_points = point_count(grid);
    const double all = grid->ions * (double)n_points / grid->cell.volume; /* sum of the values */
    double sum = 0;
    size_t k = 0;
    for (size_t f = 0; f < n; f++) {
        assert(fraction[f] > 0 && (f == 0 || fraction[f] >= fraction[f - 1]));
        while (k < n_points && sum < fraction[f] * all)
            sum += ranked[k++].value;
        isovalue[f] = ranked[k - 1].value;
        volume[f] = (double)k / (double)n_points;
    }
    vt_free(ranked);
    return VT_OK;
}

/* Root of a point and how many cells it is away; the way there is shortened. */
static uint32_t find_root(struct forest *forest, uint32_t point, int away[3])
{
    uint32_t root = point;
    memset(away, 0, 3 * sizeof *away);
    while (forest->point[root].parent != root) {
        for (int d = 0; d < 3; d++)
            away[d] += forest->point[root].away[d];
        root = forest->point[root].parent;
    }
    int left[3];
    memcpy(left, away, sizeof left);
    while (forest->point[point].parent != root && point != root) {
        const struct point old = forest->point[point];
        for (int d = 0; d < 3; d++) {
            forest->point[point].away[d] = (int16_t)left[d];
            left[d] -= old.away[d];
        }
        forest->point[point].parent = root;
        point = old.parent;
    }
    return root;
}

static void cross(const int a[3], const int b[3], int c[3])
{
    for (int d = 0; d < 3; d++)
        c[d] = a[(d + 1) % 3] * b[(d + 2) % 3] - a[(d + 2) % 3] * b[(d + 1) % 3];
}

static bool is_zero(const int a[3])
{
    return a[0] == 0 && a[1] == 0 && a[2] == 0;
}

/* Keep the vector if it is independent of those that are there. */
static void add_vector(struct winding *winding, const int vector[3])
{
    int normal[3];
    bool is_new = false;
    if (winding->n == 0) {
        is_new = !is_zero(vector);
    } else if (winding->n == 1) {
        cross(winding->vector[0], vector, normal);
        is_new = !is_zero(normal);
    } else if (winding->n == 2) {
        cross(winding->vector[0], winding->vector[1], normal);
        is_new = normal[0] * vector[0] + normal[1] * vector[1] + normal[2] * vector[2] != 0;
    }
    if (is_new)
        memcpy(winding->vector[winding->n++], vector, 3 * sizeof *vector);
}

/* The list of a root's windings, made if there is none. VT_MEMORY aside, at most 255 trees wind at
 * a time: more are not told apart, which no density has come near. */
static enum vt_code winding_of(struct forest *forest, uint32_t root, struct winding **winding,
                               struct vt_error *error)
{
    struct point *point = &forest->point[root];
    if (point->winding == 0) {
        const enum vt_code code =
            vt_reserve(&forest->winding, &forest->capacity, forest->n_windings + 1,
                       sizeof *forest->winding, "ways", error);
        if (code)
            return code;
        point->winding = (uint32_t)++forest->n_windings;
    }
    *winding = &forest->winding[point->winding - 1];
    return VT_OK;
}

/* Two points that are neighbours; step: cells between them. */
static enum vt_code join(struct forest *forest, uint32_t a, uint32_t b, const int step[3],
                         struct winding **grown, struct vt_error *error)
{
    int away_a[3], away_b[3], between[3];
    const uint32_t root_a = find_root(forest, a, away_a), root_b = find_root(forest, b, away_b);
    for (int d = 0; d < 3; d++)
        between[d] = away_a[d] + step[d] - away_b[d];
    if (root_a == root_b) {
        if (is_zero(between))
            return VT_OK;
        const enum vt_code code = winding_of(forest, root_a, grown, error);
        if (!code)
            add_vector(*grown, between);
        return code;
    }
    /* root_b, seen from b, hangs where b's copy beside a is */
    struct point *child = &forest->point[root_b];
    child->parent = root_a;
    for (int d = 0; d < 3; d++)
        child->away[d] = (int16_t)between[d];
    if (child->winding == 0)
        return VT_OK;
    const struct winding old = forest->winding[child->winding - 1];
    const enum vt_code code = winding_of(forest, root_a, grown, error);
    for (int v = 0; v < old.n && !code; v++)
        add_vector(*grown, old.vector[v]);
    return code;
}

static void note(struct vt_percolation *percolation, const struct winding *winding, double value,
                 double volume, double ions)
{
    for (int v = 0; v < winding->n; v++)
        for (int d = 0; d < 3; d++)
            if (winding->vector[v][d] != 0 && percolation->along[d] == 0)
                percolation->along[d] = value;
    for (int k = 0; k < winding->n; k++)
        if (percolation->dimension[k] == 0) {
            percolation->dimension[k] = value;
            percolation->volume[k] = volume;
            percolation->ions[k] = ions;
        }
}

/* Let a point in, and join it to those of its six neighbours that are. */
static enum vt_code let_in(struct forest *forest, uint32_t point, struct winding **grown,
                           struct vt_error *error)
{
    const int *n = forest->grid->n;
    const int at[3] = {(int)(point / ((uint32_t)n[1] * (uint32_t)n[2])),
                       (int)(point / (uint32_t)n[2]) % n[1], (int)(point % (uint32_t)n[2])};
    forest->point[point].parent = point;
    forest->point[point].is_in = true;
    for (int k = 0; k < 6; k++) {
        int to[3] = {at[0], at[1], at[2]}, step[3] = {0, 0, 0};
        const int d = k / 2;
        to[d] += k % 2 ? 1 : -1;
        step[d] = to[d] < 0 ? -1 : to[d] == n[d] ? 1 : 0;
        to[d] -= step[d] * n[d];
        const uint32_t other =
            ((uint32_t)to[0] * (uint32_t)n[1] + (uint32_t)to[1]) * (uint32_t)n[2] + (uint32_t)to[2];
        if (!forest->point[other].is_in)
            continue;
        const enum vt_code code = join(forest, point, other, step, grown, error);
        if (code)
            return code;
    }
    return VT_OK;
}

enum vt_code vt_percolation_find(const struct vt_density_grid *grid,
                                 struct vt_percolation *percolation, struct vt_error *error)
{
    const size_t n = point_count(grid);
    struct forest forest = {.grid = grid};
    struct ranked *ranked = NULL;
    *percolation = (struct vt_percolation){0};
    enum vt_code code = sort_points(grid, &ranked, error);
    if (!code)
        code = vt_alloc(&forest.point, n, sizeof *forest.point, "ways", error);
    percolation->highest = code ? 0 : ranked[0].value;
    double sum = 0;
    for (size_t k = 0; k < n && !code && ranked[k].value > 0 && percolation->dimension[2] == 0;
         k++) {
        struct winding *grown = NULL;
        code = let_in(&forest, ranked[k].point, &grown, error);
        sum += ranked[k].value;
        if (!code && grown)
            note(percolation, grown, ranked[k].value, (double)(k + 1) / (double)n,
                 sum * grid->cell.volume / ((double)n * grid->ions));
    }
    vt_free(ranked);
    vt_free(forest.point);
    vt_free(forest.winding);
    return code;
}
