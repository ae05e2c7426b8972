/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/density.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"

enum { MOST_POINTS = 1 << 28, FEWEST_POINTS = 4 };

struct vt_density {
    MPI_Comm comm;
    double spacing;
    bool wanted[VT_ELEMENTS + 1];
    int n[3];
    double *value;
    int64_t n_frames;
    size_t n_ions, n_framework;
    size_t *ion, *framework; /* atoms */
    uint8_t *element;        /* of the framework */
    double (*mean)[3];       /* of its fractions of the cell, unwrapped: sums until finished */
    double (*first)[3];      /* these in the first frame */
    double vector[3][3];     /* sum until finished */
};

enum vt_code vt_density_create(struct vt_density **density, MPI_Comm comm,
                               const struct vt_density_options *options, struct vt_error *error)
{
    assert(options->spacing > 0);
    const enum vt_code code = vt_alloc(density, 1, sizeof **density, "a density", error);
    if (code)
        return code;
    (*density)->comm = comm;
    (*density)->spacing = options->spacing;
    memcpy((*density)->wanted, options->wanted, sizeof(*density)->wanted);
    return VT_OK;
}

void vt_density_destroy(struct vt_density *density)
{
    if (!density)
        return;
    vt_free(density->value);
    vt_free(density->ion);
    vt_free(density->framework);
    vt_free(density->element);
    vt_free(density->mean);
    vt_free(density->first);
    vt_free(density);
}

static size_t point_count(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static enum vt_code choose_grid(struct vt_density *density, const struct vt_snapshot *snapshot,
                                struct vt_error *error)
{
    double points = 1;
    for (int d = 0; d < 3; d++)
        points *= ceil(vt_norm(snapshot->cell.vector[d]) / density->spacing);
    if (points > MOST_POINTS) {
        vt_fail(error, VT_INPUT, "the grid would have %.3g points, %d at most", points,
                MOST_POINTS);
        vt_hint(error, "choose a larger --spacing");
        return VT_INPUT;
    }
    for (int d = 0; d < 3; d++) {
        density->n[d] = (int)ceil(vt_norm(snapshot->cell.vector[d]) / density->spacing);
        if (density->n[d] < FEWEST_POINTS)
            density->n[d] = FEWEST_POINTS;
    }
    return vt_alloc(&density->value, point_count(density->n), sizeof *density->value, "a density",
                    error);
}

static enum vt_code begin(struct vt_density *density, const struct vt_snapshot *snapshot,
                          struct vt_error *error)
{
    const size_t n = snapshot->n;
    enum vt_code code = choose_grid(density, snapshot, error);
    if (!code)
        code = vt_alloc(&density->ion, n, sizeof *density->ion, "ions", error);
    if (!code)
        code = vt_alloc(&density->framework, n, sizeof *density->framework, "atoms", error);
    if (!code)
        code = vt_alloc(&density->element, n, 1, "atoms", error);
    if (!code)
        code = vt_alloc(&density->mean, n, sizeof *density->mean, "atoms", error);
    if (!code)
        code = vt_alloc(&density->first, n, sizeof *density->first, "atoms", error);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++) {
        if (density->wanted[snapshot->element[i]]) {
            density->ion[density->n_ions++] = i;
            continue;
        }
        density->element[density->n_framework] = snapshot->element[i];
        density->framework[density->n_framework++] = i;
    }
    if (density->n_ions == 0)
        return vt_fail_at(error, snapshot->place, VT_INPUT,
                          "the trajectory has no atom of the species that are asked for");
    return VT_OK;
}

/* Fractions of the cell, without drift. */
static void fractions(const struct vt_snapshot *snapshot, size_t i, double fractional[3])
{
    double at[3];
    for (int d = 0; d < 3; d++)
        at[d] = snapshot->as_read[i][d] - snapshot->drift[d];
    vt_cell_fractional(&snapshot->cell, at, fractional);
}

static void deposit(struct vt_density *density, const double fractional[3])
{
    int low[3], high[3];
    double share[3];
    for (int d = 0; d < 3; d++) {
        const int n = density->n[d];
        const double at = (fractional[d] - floor(fractional[d])) * n;
        low[d] = (int)at < n ? (int)at : n - 1;
        share[d] = at - low[d];
        high[d] = (low[d] + 1) % n;
    }
    for (int corner = 0; corner < 8; corner++) {
        size_t point = 0;
        double weight = 1;
        for (int d = 0; d < 3; d++) {
            const bool is_high = corner >> d & 1;
            point = point * (size_t)density->n[d] + (size_t)(is_high ? high[d] : low[d]);
            weight *= is_high ? share[d] : 1 - share[d];
        }
        density->value[point] += weight;
    }
}

/* The framework's fractions, each by the image nearest to its first one. */
static void add_framework(struct vt_density *density, const struct vt_snapshot *snapshot)
{
    for (size_t k = 0; k < density->n_framework; k++) {
        double fractional[3];
        fractions(snapshot, density->framework[k], fractional);
        if (density->n_frames == 0)
            memcpy(density->first[k], fractional, sizeof fractional);
        for (int d = 0; d < 3; d++)
            density->mean[k][d] += fractional[d] - round(fractional[d] - density->first[k][d]);
    }
    for (int d = 0; d < 3; d++)
        for (int e = 0; e < 3; e++)
            density->vector[d][e] += snapshot->cell.vector[d][e];
}

enum vt_code vt_density_add(struct vt_density *density, const struct vt_snapshot *snapshot,
                            struct vt_error *error)
{
    if (density->n_frames == 0) {
        const enum vt_code code = begin(density, snapshot, error);
        if (code)
            return code;
    }
    add_framework(density, snapshot);
    if (density->n_frames % vt_rank_count(density->comm) == vt_rank(density->comm))
        for (size_t k = 0; k < density->n_ions; k++) {
            double fractional[3];
            fractions(snapshot, density->ion[k], fractional);
            deposit(density, fractional);
        }
    density->n_frames++;
    return VT_OK;
}

void vt_density_finish(struct vt_density *density)
{
    assert(density->n_frames > 0);
    const size_t n = point_count(density->n);
    const double frames = (double)density->n_frames;
    vt_sum_over_ranks(density->comm, density->value, (int)n);
    for (int d = 0; d < 3; d++)
        for (int e = 0; e < 3; e++)
            density->vector[d][e] /= frames;
    for (size_t k = 0; k < density->n_framework; k++)
        for (int d = 0; d < 3; d++)
            density->mean[k][d] /= frames;
    struct vt_cell cell;
    vt_cell_init(&cell, (const double(*)[3])density->vector, NULL);
    for (size_t k = 0; k < density->n_framework; k++) {
        double fractional[3];
        memcpy(fractional, density->mean[k], sizeof fractional);
        vt_cell_cartesian(&cell, fractional, density->mean[k]);
    }
    const double scale = (double)n / (cell.volume * frames);
    for (size_t p = 0; p < n; p++)
        density->value[p] *= scale;
}

struct vt_density_grid vt_density_grid(const struct vt_density *density)
{
    struct vt_density_grid grid = {.value = density->value, .ions = (double)density->n_ions};
    memcpy(grid.n, density->n, sizeof grid.n);
    vt_cell_init(&grid.cell, (const double(*)[3])density->vector, NULL);
    return grid;
}

size_t vt_density_framework(const struct vt_density *density, const uint8_t **element,
                            const double (**position)[3])
{
    *element = density->element;
    *position = (const double(*)[3])density->mean;
    return density->n_framework;
}
