/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/doas.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"

enum { MOST_BINS = 4000000 };

/* Bins grow in both directions as energies come. */
struct histogram {
    int64_t first; /* bin k is of energies from (first + k) bin on */
    size_t n, capacity;
    double *count;
};

struct vt_doas {
    struct vt_doas_options options;
    MPI_Comm comm; /* borrowed */
    bool wanted[VT_ELEMENTS + 1];
    size_t n_elements, n_atoms;
    int element[VT_ELEMENTS];
    int slot[VT_ELEMENTS + 1];   /* of an atomic number; -1: not wanted or not there */
    struct histogram *histogram; /* [element][part] */
    uint8_t *of_atom;            /* [n_atoms]: atomic number */
    double *sum;                 /* [n_atoms][part]: of energies */
    double *square;              /* likewise */
    double n_frames;             /* counted by this rank, then by all */
};

enum vt_code vt_doas_create(struct vt_doas **doas, MPI_Comm comm,
                            const struct vt_doas_options *options, struct vt_error *error)
{
    assert(doas && options && options->bin > 0);
    assert(options->n_parts == 1 || options->n_parts == VT_DOAS_PARTS);
    const enum vt_code code = vt_alloc(doas, 1, sizeof **doas, "energies", error);
    if (code)
        return code;
    (*doas)->options = *options;
    (*doas)->comm = comm;
    memcpy((*doas)->wanted, options->wanted, sizeof(*doas)->wanted);
    return VT_OK;
}

static size_t n_histograms(const struct vt_doas *doas)
{
    return doas->n_elements * (size_t)doas->options.n_parts;
}

void vt_doas_destroy(struct vt_doas *doas)
{
    if (!doas)
        return;
    for (size_t h = 0; doas->histogram && h < n_histograms(doas); h++)
        vt_free(doas->histogram[h].count);
    vt_free(doas->histogram);
    vt_free(doas->of_atom);
    vt_free(doas->sum);
    vt_free(doas->square);
    vt_free(doas);
}

bool vt_doas_wants(const struct vt_doas *doas, const struct vt_snapshot *snapshot)
{
    return snapshot->index % vt_rank_count(doas->comm) == vt_rank(doas->comm);
}

/* ---- frames ---- */

static enum vt_code begin(struct vt_doas *doas, const struct vt_snapshot *snapshot,
                          struct vt_error *error)
{
    bool is_there[VT_ELEMENTS + 1] = {false};
    for (size_t i = 0; i < snapshot->n; i++)
        is_there[snapshot->element[i]] = true;
    for (int z = 0; z <= VT_ELEMENTS; z++) {
        doas->slot[z] = -1;
        if (!is_there[z] || !doas->wanted[z])
            continue;
        doas->slot[z] = (int)doas->n_elements;
        doas->element[doas->n_elements++] = z;
    }
    doas->n_atoms = snapshot->n;
    const size_t numbers = snapshot->n * (size_t)doas->options.n_parts;
    enum vt_code code = vt_alloc(&doas->histogram, n_histograms(doas) + 1, sizeof *doas->histogram,
                                 "energies", error);
    if (!code)
        code = vt_alloc(&doas->of_atom, snapshot->n, 1, "energies", error);
    if (!code)
        code = vt_alloc(&doas->sum, numbers, sizeof *doas->sum, "energies", error);
    if (!code)
        code = vt_alloc(&doas->square, numbers, sizeof *doas->square, "energies", error);
    if (!code)
        memcpy(doas->of_atom, snapshot->element, snapshot->n);
    return code;
}

/* Room for bins from `first` to before `end`; what is there is kept. */
static enum vt_code widen(struct histogram *histogram, int64_t first, int64_t end,
                          struct vt_error *error)
{
    if (histogram->n > 0) {
        first = first < histogram->first ? first : histogram->first;
        const int64_t old_end = histogram->first + (int64_t)histogram->n;
        end = end > old_end ? end : old_end;
    }
    const size_t n = (size_t)(end - first), old = histogram->n;
    if (n > MOST_BINS)
        return vt_fail(error, VT_INPUT, "energies would need more than %d bins", MOST_BINS);
    const enum vt_code code = vt_reserve(&histogram->count, &histogram->capacity, n,
                                         sizeof *histogram->count, "energies", error);
    if (code)
        return code;
    const size_t shift = old > 0 ? (size_t)(histogram->first - first) : 0;
    memmove(histogram->count + shift, histogram->count, old * sizeof *histogram->count);
    memset(histogram->count, 0, shift * sizeof *histogram->count);
    memset(histogram->count + shift + old, 0, (n - shift - old) * sizeof *histogram->count);
    histogram->first = first;
    histogram->n = n;
    return VT_OK;
}

static enum vt_code count(struct histogram *histogram, double bins, struct vt_error *error)
{
    if (!(fabs(bins) < 1e15))
        return vt_fail(error, VT_INPUT, "an energy is no number, or beyond all bins");
    const int64_t bin = (int64_t)floor(bins);
    if (histogram->n == 0 || bin < histogram->first ||
        bin >= histogram->first + (int64_t)histogram->n) {
        const enum vt_code code = widen(histogram, bin, bin + 1, error);
        if (code)
            return code;
    }
    histogram->count[bin - histogram->first]++;
    return VT_OK;
}

enum vt_code vt_doas_add(struct vt_doas *doas, const struct vt_snapshot *snapshot,
                         const double *const energies[], struct vt_error *error)
{
    assert(doas && snapshot);
    enum vt_code code = doas->histogram ? VT_OK : begin(doas, snapshot, error);
    if (code || !vt_doas_wants(doas, snapshot))
        return code;
    const int parts = doas->options.n_parts;
    doas->n_frames++;
    for (size_t i = 0; i < snapshot->n; i++) {
        const int slot = doas->slot[snapshot->element[i]];
        struct vt_error cause = {0};
        for (int p = 0; p < parts && slot >= 0 && !code; p++) {
            const double energy = energies[p][i];
            code = count(&doas->histogram[slot * parts + p], energy / doas->options.bin, &cause);
            doas->sum[i * (size_t)parts + (size_t)p] += energy;
            doas->square[i * (size_t)parts + (size_t)p] += energy * energy;
        }
        if (code)
            return vt_fail_at(error, snapshot->place, code, "atom %zu: %s", i + 1, cause.message);
    }
    return VT_OK;
}

static enum vt_code join(struct vt_doas *doas, struct histogram *histogram, struct vt_error *error)
{
    int64_t ends[2] = {INT64_MIN, INT64_MIN}; /* last, and minus the first */
    if (histogram->n > 0) {
        ends[0] = histogram->first + (int64_t)histogram->n;
        ends[1] = -histogram->first;
    }
    if (doas->comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, ends, 2, MPI_INT64_T, MPI_MAX, doas->comm);
    enum vt_code code = widen(histogram, -ends[1], ends[0], error);
    code = vt_agree(doas->comm, code, 0, error);
    if (!code)
        vt_sum_over_ranks(doas->comm, histogram->count, (int)histogram->n);
    return code;
}

enum vt_code vt_doas_finish(struct vt_doas *doas, struct vt_error *error)
{
    assert(doas && doas->histogram);
    const int numbers = (int)doas->n_atoms * doas->options.n_parts;
    enum vt_code code = VT_OK;
    for (size_t h = 0; h < n_histograms(doas) && !code; h++)
        code = join(doas, &doas->histogram[h], error);
    if (code)
        return code;
    vt_sum_over_ranks(doas->comm, doas->sum, numbers);
    vt_sum_over_ranks(doas->comm, doas->square, numbers);
    vt_sum_over_ranks(doas->comm, &doas->n_frames, 1);
    return VT_OK;
}

/* ---- results ---- */

size_t vt_doas_elements(const struct vt_doas *doas, const int **elements)
{
    *elements = doas->element;
    return doas->n_elements;
}

static const struct histogram *histogram_of(const struct vt_doas *doas, size_t element,
                                            enum vt_doas_part part)
{
    assert(element < doas->n_elements && (int)part < doas->options.n_parts);
    return &doas->histogram[element * (size_t)doas->options.n_parts + part];
}

struct vt_doas_moments vt_doas_moments(const struct vt_doas *doas, size_t element,
                                       enum vt_doas_part part)
{
    const struct histogram *histogram = histogram_of(doas, element, part);
    const size_t parts = (size_t)doas->options.n_parts;
    double atoms = 0, mean = 0, between = 0, within = 0;
    for (size_t i = 0; i < doas->n_atoms; i++)
        if (doas->of_atom[i] == doas->element[element]) {
            atoms++;
            mean += doas->sum[i * parts + part] / doas->n_frames;
        }
    mean /= atoms;
    for (size_t i = 0; i < doas->n_atoms; i++)
        if (doas->of_atom[i] == doas->element[element]) {
            const double own = doas->sum[i * parts + part] / doas->n_frames;
            between += (own - mean) * (own - mean) / atoms;
            within += fmax(doas->square[i * parts + part] / doas->n_frames - own * own, 0) / atoms;
        }
    const double bin = doas->options.bin;
    return (struct vt_doas_moments){.mean = mean,
                                    .deviation = sqrt(between + within),
                                    .between = sqrt(between),
                                    .within = sqrt(within),
                                    .least = bin * (double)histogram->first,
                                    .most =
                                        bin * (double)(histogram->first + (int64_t)histogram->n)};
}

enum vt_code vt_doas_curve(const struct vt_doas *doas, size_t element, enum vt_doas_part part,
                           double width, struct vt_doas_curve *curve, struct vt_error *error)
{
    assert(width >= 0 && curve);
    enum { REACH = 5 }; /* standard deviations */
    const struct histogram *histogram = histogram_of(doas, element, part);
    const double bin = doas->options.bin;
    const size_t margin = (size_t)ceil(REACH * width / bin);
    double total = 0, norm = 0, *weight = NULL;
    curve->bin = bin;
    curve->first = bin * (double)(histogram->first - (int64_t)margin);
    curve->n = histogram->n + 2 * margin;
    enum vt_code code = vt_alloc(&curve->density, curve->n, sizeof *curve->density, "curve", error);
    if (!code)
        code = vt_alloc(&weight, 2 * margin + 1, sizeof *weight, "curve", error);
    if (code) {
        vt_free(curve->density);
        return code;
    }
    for (size_t k = 0; k <= 2 * margin; k++) {
        const double x = width > 0 ? ((double)k - (double)margin) * bin / width : 0;
        norm += weight[k] = exp(-0.5 * x * x);
    }
    for (size_t b = 0; b < histogram->n; b++)
        total += histogram->count[b];
    for (size_t b = 0; b < histogram->n; b++)
        for (size_t k = 0; k <= 2 * margin && histogram->count[b] > 0; k++)
            curve->density[b + k] += histogram->count[b] * weight[k] / (norm * total * bin);
    vt_free(weight);
    return VT_OK;
}

/* From the maximum at k down each side until something higher comes: the higher of the two lowest
 * points is where another maximum is reached most easily. */
static double rise_of(const struct vt_doas_curve *curve, size_t k)
{
    const double *y = curve->density;
    double left = y[k], right = y[k];
    bool ends_left = true, ends_right = true;
    for (size_t j = k; j-- > 0 && ends_left;) {
        ends_left = y[j] <= y[k];
        left = fmin(left, y[j]);
    }
    for (size_t j = k + 1; j < curve->n && ends_right; j++) {
        ends_right = y[j] < y[k];
        right = fmin(right, y[j]);
    }
    const double saddle = fmax(ends_left ? 0 : left, ends_right ? 0 : right);
    return y[k] - saddle;
}

size_t vt_doas_peaks(const struct vt_doas_curve *curve, double prominence, double *energy,
                     size_t most)
{
    const double *y = curve->density;
    double highest = 0;
    size_t n = 0;
    for (size_t k = 0; k < curve->n; k++)
        highest = fmax(highest, y[k]);
    for (size_t k = 0; k < curve->n; k++) {
        const double before = k > 0 ? y[k - 1] : 0, after = k + 1 < curve->n ? y[k + 1] : 0;
        if (!(y[k] >= before && y[k] > after) || rise_of(curve, k) < prominence * highest)
            continue;
        if (n < most)
            energy[n] = curve->first + ((double)k + 0.5) * curve->bin;
        n++;
    }
    return n;
}
