/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/rdf.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"

enum {
    STRIP = 256,
    MOST_BOXES = 64,
    PARTS = 2 /* boxes that a cutoff is wide, where there is room */
};

#define SHELL_REACH 1.8 /* the first minimum lies within this many times the first maximum */

/* Atoms of one frame, sorted into boxes and by element within each. */
struct boxes {
    int n[3], reach[3]; /* boxes; how many further boxes a cutoff reaches */
    size_t *start;      /* [n_boxes * n_elements + 1] */
    double (*position)[3];
    size_t start_capacity, position_capacity;
};

struct vt_rdf {
    MPI_Comm comm;
    double cutoff;
    size_t n_bins;
    bool wanted[VT_ELEMENTS + 1];
    size_t n_elements, n_pairs;
    int element[VT_RDF_ELEMENTS];
    int index_of[VT_ELEMENTS + 1]; /* of the elements; -1: not wanted */
    double amount[VT_RDF_ELEMENTS];
    struct boxes boxes;
    /* sums over the frames of each block; counts: of unordered pairs, this rank's until finished */
    int64_t n_frames, block_length;
    uint64_t *count;               /* [VT_RDF_BLOCKS][n_pairs][n_bins + 1] */
    double density[VT_RDF_BLOCKS]; /* 1/V */
};

static size_t pair_of(const struct vt_rdf *rdf, size_t a, size_t b)
{
    const size_t low = a < b ? a : b, high = a < b ? b : a;
    return low * rdf->n_elements - low * (low + 1) / 2 + high;
}

static uint64_t *counts_of(const struct vt_rdf *rdf, int block, size_t pair)
{
    return rdf->count + ((size_t)block * rdf->n_pairs + pair) * (rdf->n_bins + 1);
}

enum vt_code vt_rdf_create(struct vt_rdf **rdf, MPI_Comm comm, const struct vt_rdf_options *options,
                           struct vt_error *error)
{
    assert(options->cutoff > 0 && options->n_bins > 0);
    const enum vt_code code = vt_alloc(rdf, 1, sizeof **rdf, "distances", error);
    if (code)
        return code;
    (*rdf)->comm = comm;
    (*rdf)->cutoff = options->cutoff;
    (*rdf)->n_bins = options->n_bins;
    (*rdf)->block_length = 1;
    memcpy((*rdf)->wanted, options->wanted, sizeof(*rdf)->wanted);
    return VT_OK;
}

void vt_rdf_destroy(struct vt_rdf *rdf)
{
    if (!rdf)
        return;
    vt_free(rdf->boxes.start);
    vt_free(rdf->boxes.position);
    vt_free(rdf->count);
    vt_free(rdf);
}

static enum vt_code begin(struct vt_rdf *rdf, const struct vt_snapshot *snapshot,
                          struct vt_error *error)
{
    size_t amount[VT_ELEMENTS + 1] = {0};
    for (size_t i = 0; i < snapshot->n; i++)
        amount[snapshot->element[i]]++;
    for (int z = 0; z <= VT_ELEMENTS; z++) {
        rdf->index_of[z] = -1;
        if (!rdf->wanted[z] || amount[z] == 0)
            continue;
        if (rdf->n_elements == VT_RDF_ELEMENTS)
            return vt_fail_at(error, snapshot->place, VT_INPUT,
                              "there are more than %d elements: choose some with --species",
                              VT_RDF_ELEMENTS);
        rdf->index_of[z] = (int)rdf->n_elements;
        rdf->element[rdf->n_elements] = z;
        rdf->amount[rdf->n_elements++] = (double)amount[z];
    }
    if (rdf->n_elements == 0)
        return vt_fail_at(error, snapshot->place, VT_INPUT,
                          "the trajectory has no atom of the species that are asked for");
    rdf->n_pairs = rdf->n_elements * (rdf->n_elements + 1) / 2;
    return vt_alloc(&rdf->count, VT_RDF_BLOCKS * rdf->n_pairs * (rdf->n_bins + 1),
                    sizeof *rdf->count, "distances", error);
}

/* ---- boxes ---- */

static size_t box_count(const struct boxes *boxes)
{
    return (size_t)boxes->n[0] * (size_t)boxes->n[1] * (size_t)boxes->n[2];
}

static void choose_boxes(struct vt_rdf *rdf, const struct vt_cell *cell)
{
    for (int d = 0; d < 3; d++) {
        const double most = PARTS * cell->thickness[d] / rdf->cutoff;
        rdf->boxes.n[d] = most < 1 ? 1 : most > MOST_BOXES ? MOST_BOXES : (int)most;
        rdf->boxes.reach[d] = (int)ceil(rdf->cutoff * rdf->boxes.n[d] / cell->thickness[d]);
    }
}

/* Box of an atom, and its position wrapped into the cell. */
static size_t box_of(const struct vt_rdf *rdf, const struct vt_cell *cell, const double as_read[3],
                     double wrapped[3])
{
    double fractional[3];
    size_t box = 0;
    vt_cell_fractional(cell, as_read, fractional);
    for (int d = 0; d < 3; d++) {
        fractional[d] -= floor(fractional[d]);
        int k = (int)(fractional[d] * rdf->boxes.n[d]);
        k = k < rdf->boxes.n[d] ? k : rdf->boxes.n[d] - 1;
        box = box * (size_t)rdf->boxes.n[d] + (size_t)k;
    }
    vt_cell_cartesian(cell, fractional, wrapped);
    return box;
}

/* A counting sort. start[slot] runs from the end of each slot to its start. */
static enum vt_code sort_atoms(struct vt_rdf *rdf, const struct vt_snapshot *snapshot,
                               struct vt_error *error)
{
    struct boxes *boxes = &rdf->boxes;
    const size_t n_slots = box_count(boxes) * rdf->n_elements;
    enum vt_code code = vt_reserve(&boxes->start, &boxes->start_capacity, n_slots + 1,
                                   sizeof *boxes->start, "boxes", error);
    if (!code)
        code = vt_reserve(&boxes->position, &boxes->position_capacity, snapshot->n,
                          sizeof *boxes->position, "boxes", error);
    if (code)
        return code;
    memset(boxes->start, 0, (n_slots + 1) * sizeof *boxes->start);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < snapshot->n; i++) {
            double wrapped[3];
            const int element = rdf->index_of[snapshot->element[i]];
            if (element < 0)
                continue;
            const size_t slot =
                box_of(rdf, &snapshot->cell, snapshot->as_read[i], wrapped) * rdf->n_elements +
                (size_t)element;
            if (pass == 0)
                boxes->start[slot]++;
            else
                memcpy(boxes->position[--boxes->start[slot]], wrapped, sizeof wrapped);
        }
        for (size_t s = 0, sum = 0; s <= n_slots && pass == 0; s++) {
            sum += s < n_slots ? boxes->start[s] : 0;
            boxes->start[s] = sum;
        }
    }
    return VT_OK;
}

/* ---- pairs ---- */

/* Distances from a place to n atoms that follow one another. */
static void count_strip(const struct vt_rdf *rdf, const double place[3], const double (*other)[3],
                        size_t n, uint64_t *count)
{
    const double per_width = (double)rdf->n_bins / rdf->cutoff, most = (double)rdf->n_bins;
    int bin[STRIP];
    for (size_t first = 0; first < n; first += STRIP) {
        const size_t m = n - first < STRIP ? n - first : STRIP;
        for (size_t j = 0; j < m; j++) {
            const double x = other[first + j][0] - place[0], y = other[first + j][1] - place[1],
                         z = other[first + j][2] - place[2];
            const double at = sqrt(x * x + y * y + z * z) * per_width;
            bin[j] = (int)(at < most ? at : most); /* the last bin takes what is too far */
        }
        for (size_t j = 0; j < m; j++)
            count[bin[j]]++;
    }
}

/* Pairs of the atoms of a box with those of another one, which is displaced by `shift`; of a box
 * with itself each pair once. */
static void count_boxes(const struct vt_rdf *rdf, size_t box, size_t other, const double shift[3],
                        bool is_same, int block)
{
    const size_t n = rdf->n_elements, *start = rdf->boxes.start;
    for (size_t a = 0; a < n; a++)
        for (size_t i = start[box * n + a]; i < start[box * n + a + 1]; i++) {
            const double *from = rdf->boxes.position[i];
            const double place[3] = {from[0] - shift[0], from[1] - shift[1], from[2] - shift[2]};
            for (size_t b = is_same ? a : 0; b < n; b++) {
                const size_t first = is_same && a == b ? i + 1 : start[other * n + b];
                count_strip(rdf, place, (const double(*)[3])rdf->boxes.position + first,
                            start[other * n + b + 1] - first,
                            counts_of(rdf, block, pair_of(rdf, a, b)));
            }
        }
}

/* The box that lies `offset` from one, and by which vectors of the cell it is displaced. */
static size_t step_to(const struct vt_rdf *rdf, const struct vt_cell *cell, const int from[3],
                      const int offset[3], double shift[3])
{
    size_t box = 0;
    memset(shift, 0, 3 * sizeof *shift);
    for (int d = 0; d < 3; d++) {
        const int n = rdf->boxes.n[d], to = from[d] + offset[d];
        const int image = to >= 0 ? to / n : -((n - 1 - to) / n);
        box = box * (size_t)n + (size_t)(to - image * n);
        for (int k = 0; k < 3; k++)
            shift[k] += image * cell->vector[d][k];
    }
    return box;
}

/* The half of all neighbours of a box that makes each pair of boxes come once. */
static void count_around(const struct vt_rdf *rdf, const struct vt_cell *cell, const int from[3],
                         size_t box, int block)
{
    static const double nowhere[3] = {0, 0, 0};
    const int *reach = rdf->boxes.reach;
    count_boxes(rdf, box, box, nowhere, true, block);
    for (int x = 0; x <= reach[0]; x++)
        for (int y = x > 0 ? -reach[1] : 0; y <= reach[1]; y++)
            for (int z = x > 0 || y > 0 ? -reach[2] : 1; z <= reach[2]; z++) {
                double shift[3];
                const int offset[3] = {x, y, z};
                const size_t other = step_to(rdf, cell, from, offset, shift);
                count_boxes(rdf, box, other, shift, false, block);
            }
}

static void count_frame(const struct vt_rdf *rdf, const struct vt_cell *cell, int block)
{
    const int *n = rdf->boxes.n;
    size_t box = 0;
    for (int x = 0; x < n[0]; x++)
        for (int y = 0; y < n[1]; y++)
            for (int z = 0; z < n[2]; z++)
                count_around(rdf, cell, (const int[3]){x, y, z}, box++, block);
}

/* ---- blocks ---- */

/* All blocks are full: put each two together. */
static void merge_blocks(struct vt_rdf *rdf)
{
    const size_t n = rdf->n_pairs * (rdf->n_bins + 1);
    for (int block = 0; block < VT_RDF_BLOCKS; block++) {
        const int into = block / 2;
        uint64_t *from = counts_of(rdf, block, 0), *to = counts_of(rdf, into, 0);
        if (block % 2 == 0 && block > 0) {
            memcpy(to, from, n * sizeof *to);
            rdf->density[into] = rdf->density[block];
        } else if (block % 2 == 1) {
            for (size_t k = 0; k < n; k++)
                to[k] += from[k];
            rdf->density[into] += rdf->density[block];
        }
    }
    for (int block = VT_RDF_BLOCKS / 2; block < VT_RDF_BLOCKS; block++) {
        memset(counts_of(rdf, block, 0), 0, n * sizeof *rdf->count);
        rdf->density[block] = 0;
    }
    rdf->block_length *= 2;
}

enum vt_code vt_rdf_add(struct vt_rdf *rdf, const struct vt_snapshot *snapshot,
                        struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (rdf->n_frames == 0)
        code = begin(rdf, snapshot, error);
    if (code)
        return code;
    if (rdf->n_frames == VT_RDF_BLOCKS * rdf->block_length)
        merge_blocks(rdf);
    const int block = (int)(rdf->n_frames / rdf->block_length);
    rdf->density[block] += 1 / snapshot->cell.volume;
    const bool is_mine = rdf->n_frames % vt_rank_count(rdf->comm) == vt_rank(rdf->comm);
    rdf->n_frames++;
    if (!is_mine)
        return VT_OK;
    choose_boxes(rdf, &snapshot->cell);
    code = sort_atoms(rdf, snapshot, error);
    if (!code)
        count_frame(rdf, &snapshot->cell, block);
    return code;
}

void vt_rdf_finish(struct vt_rdf *rdf)
{
    const size_t n = rdf->n_pairs * (rdf->n_bins + 1);
    for (int block = 0; block < VT_RDF_BLOCKS && rdf->comm != MPI_COMM_NULL; block++)
        MPI_Allreduce(MPI_IN_PLACE, counts_of(rdf, block, 0), (int)n, MPI_UINT64_T, MPI_SUM,
                      rdf->comm);
}

/* ---- results ---- */

size_t vt_rdf_elements(const struct vt_rdf *rdf, const int **elements)
{
    *elements = rdf->element;
    return rdf->n_elements;
}

int vt_rdf_blocks(const struct vt_rdf *rdf)
{
    const int full = (int)(rdf->n_frames / rdf->block_length);
    return full >= VT_RDF_BLOCKS / 2 ? full : 0;
}

void vt_rdf_pair(const struct vt_rdf *rdf, size_t a, size_t b, int block, double *g, double *number)
{
    const int first = block < 0 ? 0 : block, last = block < 0 ? VT_RDF_BLOCKS - 1 : block;
    const double width = rdf->cutoff / (double)rdf->n_bins;
    double density = 0, within = 0,
           frames = block < 0 ? (double)rdf->n_frames : (double)rdf->block_length;
    for (int k = first; k <= last; k++)
        density += rdf->density[k];
    for (size_t bin = 0; bin < rdf->n_bins; bin++) {
        double pairs = 0;
        for (int k = first; k <= last; k++)
            pairs += (double)counts_of(rdf, k, pair_of(rdf, a, b))[bin];
        const double ordered = a == b ? 2 * pairs : pairs; /* seen from a */
        const double low = width * (double)bin, high = width * (double)(bin + 1);
        const double shell = 4 * VT_PI / 3 * (high * high * high - low * low * low);
        within += ordered / (rdf->amount[a] * frames);
        if (g)
            g[bin] = ordered / (rdf->amount[a] * rdf->amount[b] * density * shell);
        if (number)
            number[bin] = within;
    }
}

static double smooth(const double *g, size_t n, size_t bin)
{
    const size_t low = bin > 0 ? bin - 1 : 0, high = bin + 1 < n ? bin + 1 : n - 1;
    return (g[low] + g[bin] + g[high]) / 3;
}

/* Bin of the first maximum: the highest until g has fallen to half of it; n: there is none. */
static size_t find_peak(const double *g, size_t n)
{
    size_t peak = n;
    for (size_t bin = 0; bin < n; bin++) {
        const double value = smooth(g, n, bin);
        if (value > 1 && (peak == n || value > smooth(g, n, peak)))
            peak = bin;
        if (peak < n && value < smooth(g, n, peak) / 2)
            break;
    }
    /* of equal means the bin that made them */
    size_t best = peak;
    for (size_t bin = peak; peak < n && bin <= peak + 2 && bin < n; bin++)
        if (g[bin] > g[best])
            best = bin;
    return best;
}

static size_t find_end(const double *g, size_t n, size_t peak)
{
    size_t end = peak;
    const double reach = SHELL_REACH * ((double)peak + 0.5);
    for (size_t bin = peak; bin < n && (double)bin < reach; bin++)
        if (smooth(g, n, bin) < smooth(g, n, end))
            end = bin;
    return end;
}

/* Standard error of the mean of the blocks' values. */
static double error_of(const double *value, int n)
{
    double mean = 0, sum = 0;
    if (n < 2)
        return NAN;
    for (int k = 0; k < n; k++)
        mean += value[k] / n;
    for (int k = 0; k < n; k++)
        sum += (value[k] - mean) * (value[k] - mean);
    return sqrt(sum / (n * (n - 1.0)));
}

enum vt_code vt_rdf_shell(const struct vt_rdf *rdf, size_t a, size_t b, struct vt_shell *shell,
                          struct vt_error *error)
{
    const size_t n = rdf->n_bins;
    const double width = rdf->cutoff / (double)n;
    double *g, *number, peaks[VT_RDF_BLOCKS], numbers[VT_RDF_BLOCKS];
    *shell = (struct vt_shell){0};
    const enum vt_code code = vt_alloc(&g, 2 * n, sizeof *g, "distances", error);
    if (code)
        return code;
    number = g + n;
    vt_rdf_pair(rdf, a, b, -1, g, number);
    const size_t peak = find_peak(g, n);
    if (peak < n) {
        const size_t end = find_end(g, n, peak);
        *shell = (struct vt_shell){.is_there = true,
                                   .peak = ((double)peak + 0.5) * width,
                                   .height = g[peak],
                                   .end = (double)(end + 1) * width,
                                   .number = number[end]};
        const int n_blocks = vt_rdf_blocks(rdf);
        int n_peaks = 0;
        for (int k = 0; k < n_blocks; k++) {
            vt_rdf_pair(rdf, a, b, k, g, number);
            numbers[k] = number[end];
            const size_t own = find_peak(g, n);
            if (own < n)
                peaks[n_peaks++] = ((double)own + 0.5) * width;
        }
        shell->number_sigma = error_of(numbers, n_blocks);
        shell->peak_sigma = error_of(peaks, n_peaks);
    }
    vt_free(g);
    return VT_OK;
}
