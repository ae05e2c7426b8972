/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "structure/bins.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

/* A dilute structure needs no more bins than this for each point. */
enum { BINS_PER_POINT = 4, FEWEST_BINS = 64, MOST_BINS_ALONG = 1000 };

void vt_bins_wrap(const struct vt_cell *cell, const double position[3], double wrapped[3])
{
    assert(cell && position && wrapped);
    assert(cell->volume > 0);
    double s[3];
    vt_cell_fractional(cell, position, s);
    for (int d = 0; d < 3; d++) {
        s[d] -= floor(s[d]);
        if (s[d] >= 1) /* a tiny negative number rounds up to 1 */
            s[d] = 0;
    }
    vt_row_times_mat3(s, cell->vector, wrapped);
}

static size_t count_bins(const struct vt_bins *bins)
{
    return (size_t)bins->n[0] * (size_t)bins->n[1] * (size_t)bins->n[2];
}

static void choose_bins(struct vt_bins *bins, size_t capacity)
{
    assert(capacity > 0);
    for (int d = 0; d < 3; d++) {
        const double fit = bins->cell.thickness[d] / bins->reach;
        bins->n[d] = fit < 1 ? 1 : fit > MOST_BINS_ALONG ? MOST_BINS_ALONG : (int)fit;
    }
    while (count_bins(bins) > BINS_PER_POINT * capacity + FEWEST_BINS) {
        int most = 0;
        for (int d = 1; d < 3; d++)
            most = bins->n[d] > bins->n[most] ? d : most;
        bins->n[most] = (bins->n[most] + 1) / 2;
    }
    for (int d = 0; d < 3; d++)
        bins->span[d] = (int)ceil(bins->reach * bins->n[d] / bins->cell.thickness[d]);
}

enum vt_code vt_bins_init(struct vt_bins *bins, const struct vt_cell *cell, double reach,
                          size_t capacity, struct vt_error *error)
{
    assert(bins && cell && reach > 0);
    *bins = (struct vt_bins){.cell = *cell, .reach = reach};
    if (capacity >= INT32_MAX)
        return vt_fail(error, VT_INPUT, "%zu atoms are more than one process can place", capacity);
    choose_bins(bins, capacity);
    enum vt_code code =
        vt_alloc(&bins->position, capacity, sizeof *bins->position, "positions", error);
    if (!code)
        code = vt_alloc(&bins->next, capacity, sizeof *bins->next, "bins", error);
    if (!code)
        code = vt_alloc(&bins->head, count_bins(bins), sizeof *bins->head, "bins", error);
    if (code)
        vt_bins_destroy(bins);
    else
        vt_bins_clear(bins);
    return code;
}

void vt_bins_destroy(struct vt_bins *bins)
{
    if (!bins)
        return;
    vt_free(bins->position);
    vt_free(bins->next);
    vt_free(bins->head);
    *bins = (struct vt_bins){0};
}

void vt_bins_clear(struct vt_bins *bins)
{
    assert(bins);
    bins->n_points = 0;
    for (size_t b = 0; b < count_bins(bins); b++)
        bins->head[b] = -1;
}

/* The bin of a place in the cell along each vector; rounding may have taken it over the edge. */
static void find_bin(const struct vt_bins *bins, const double place[3], int bin[3])
{
    double s[3];
    vt_cell_fractional(&bins->cell, place, s);
    for (int d = 0; d < 3; d++) {
        bin[d] = (int)floor(s[d] * bins->n[d]);
        bin[d] = bin[d] < 0 ? 0 : bin[d] >= bins->n[d] ? bins->n[d] - 1 : bin[d];
    }
}

void vt_bins_add(struct vt_bins *bins, const double position[3])
{
    assert(bins && position);
    double *own = bins->position[bins->n_points];
    int bin[3];
    vt_bins_wrap(&bins->cell, position, own);
    find_bin(bins, own, bin);
    int32_t *head = &bins->head[(bin[0] * bins->n[1] + bin[1]) * bins->n[2] + bin[2]];
    bins->next[bins->n_points] = *head;
    *head = (int32_t)bins->n_points++;
}

/* Split a bin of an image of the cell into the bin of the cell and the image's number. */
static int split(int bin, int n, int *image)
{
    assert(n > 0);
    *image = bin >= 0 ? bin / n : -((n - 1 - bin) / n);
    return bin - *image * n;
}

/* The points of one bin, seen from `place`, which is moved against the bin's image. */
static bool visit_bin(const struct vt_bins *bins, size_t bin, const double place[3],
                      vt_bins_visit *visit, void *user)
{
    const double reach2 = bins->reach * bins->reach;
    for (int32_t p = bins->head[bin]; p >= 0; p = bins->next[p]) {
        const double *x = bins->position[p];
        const double vector[3] = {x[0] - place[0], x[1] - place[1], x[2] - place[2]};
        if (vt_dot(vector, vector) < reach2 && !visit(user, p, vector))
            return false;
    }
    return true;
}

void vt_bins_near(const struct vt_bins *bins, const double place[3], vt_bins_visit *visit,
                  void *user)
{
    assert(bins && place && visit);
    int bin[3], image[3];
    double own[3];
    vt_bins_wrap(&bins->cell, place, own);
    find_bin(bins, own, bin);
    for (int a = bin[0] - bins->span[0]; a <= bin[0] + bins->span[0]; a++)
        for (int b = bin[1] - bins->span[1]; b <= bin[1] + bins->span[1]; b++)
            for (int c = bin[2] - bins->span[2]; c <= bin[2] + bins->span[2]; c++) {
                const int i = split(a, bins->n[0], &image[0]);
                const int j = split(b, bins->n[1], &image[1]);
                const int k = split(c, bins->n[2], &image[2]);
                double moved[3] = {own[0], own[1], own[2]};
                for (int d = 0; d < 3; d++)
                    for (int e = 0; e < 3 && image[d]; e++)
                        moved[e] -= image[d] * bins->cell.vector[d][e];
                const size_t at = (size_t)((i * bins->n[1] + j) * bins->n[2] + k);
                if (!visit_bin(bins, at, moved, visit, user))
                    return;
            }
}
