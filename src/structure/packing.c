/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random sequential insertion: atom after atom, the types with the largest distances first, each at
 * the first of some random places that is free. Insertion alone jams near a third of the volume, so
 * an atom without a free place takes the least bad of those it tried, and all are pushed apart.
 *
 * Pushing apart: a sweep goes over all pairs that are too near and moves both atoms along the line
 * between them until they are just far enough, which may bring them near to others; sweeps follow
 * until no pair is too near. Each sweep aims a little beyond the distances, so that they are
 * reached after finitely many. It is the soft repulsion of a spring for each overlap, without a
 * force constant or a step to choose, and comes close to the density where spheres jam. The pairs
 * come from a list with a skin.
 *
 * What cannot be is refused before: spheres are never packed denser than in their close packing,
 * where each takes d^3 / sqrt(2) of the volume. */
#include "structure/packing.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/random.h"
#include "structure/bins.h"
#include "structure/streams.h"

enum { TRIES = 60, MOST_SWEEPS = 2000, SWEEPS_OF_A_ROUND = 100 };

static const double beyond = 1.02; /* the distances that a sweep aims at */
static const double skin = 0.3;    /* of the list, A */

/* A round of sweeps that leaves more than this of the overlap of the round before is the last:
 * what would fit in the end loses 4 % or more. */
static const double stalled = 0.97;

struct pair {
    int32_t i, j;
    double wanted;   /* distance, A */
    double shift[3]; /* from j to the image that is meant, A */
};

struct packer {
    const struct vt_packing_input *input;
    struct vt_packing *packing;
    struct vt_bins bins;
    double largest; /* distance, A */

    double (*listed)[3]; /* positions when the list was made */
    struct pair *pair;
    size_t n_pairs, pair_capacity;
};

static double minimum_of(const struct vt_packing_input *input, int a, int b)
{
    assert(a >= 0 && a < (int)input->n_types && b >= 0 && b < (int)input->n_types);
    return input->minimum[a * input->n_types + b];
}

static double largest_distance(const struct vt_packing_input *input)
{
    double largest = 0;
    for (int p = 0; p < input->n_types * input->n_types; p++)
        largest = fmax(largest, input->minimum[p]);
    return largest;
}

/* ---- what cannot be ---- */

/* Length of the shortest lattice vector among those that may be shorter than `least`. */
static double shortest_vector(const struct vt_cell *cell, double least)
{
    int most[3];
    double shortest = INFINITY;
    for (int d = 0; d < 3; d++)
        most[d] = (int)fmin(floor(least / cell->thickness[d]), 100);
    for (int a = -most[0]; a <= most[0]; a++)
        for (int b = -most[1]; b <= most[1]; b++)
            for (int c = -most[2]; c <= most[2]; c++) {
                const double n[3] = {a, b, c};
                double x[3];
                vt_row_times_mat3(n, cell->vector, x);
                if (a || b || c)
                    shortest = fmin(shortest, vt_norm(x));
            }
    return shortest;
}

/* who: "Cl", or nothing for all. */
static enum vt_code check_volume(const struct vt_packing_input *input, const char *who,
                                 double count, double d, struct vt_error *error)
{
    const double needed = count * d * d * d / sqrt(2);
    if (needed <= input->cell->volume)
        return VT_OK;
    return vt_fail(error, VT_INPUT,
                   "%.0f %s%satoms %.3g A apart take at least %.4g A^3, but the cell has %.4g A^3",
                   count, who, *who ? " " : "", d, needed, input->cell->volume);
}

static enum vt_code check_possible(const struct vt_packing_input *input, struct vt_error *error)
{
    double all = 0, smallest = INFINITY;
    for (int a = 0; a < input->n_types; a++) {
        const double own = minimum_of(input, a, a), count = (double)input->count[a];
        const double image = shortest_vector(input->cell, own);
        const char *symbol = vt_element_symbol(input->element[a]);
        if (image < own)
            return vt_fail(error, VT_INPUT,
                           "the cell repeats after %.3g A, but %s atoms must be %.3g A apart",
                           image, symbol, own);
        const enum vt_code code = check_volume(input, symbol, count, own, error);
        if (code)
            return code;
        all += count;
        for (int b = 0; b < input->n_types; b++)
            smallest = fmin(smallest, minimum_of(input, a, b));
    }
    return check_volume(input, "", all, smallest, error);
}

/* ---- insertion ---- */

/* How good a place is for an atom: the smallest ratio of a distance to what it must be. */
struct trial {
    const struct vt_packing_input *input;
    const int32_t *type_of_point;
    int type;
    double enough; /* worse places are of no interest */
    double ratio;
};

static bool judge(void *user, int32_t point, const double vector[3])
{
    struct trial *trial = user;
    const double wanted = minimum_of(trial->input, trial->type, trial->type_of_point[point]);
    const double r = vt_norm(vector);
    if (r < wanted * trial->ratio)
        trial->ratio = r / wanted;
    return trial->ratio > trial->enough;
}

/* The first free place of TRIES random ones, or the least bad; returns whether it is free. */
static bool find_place(const struct packer *packer, struct trial *trial, uint64_t id,
                       double place[3])
{
    const struct vt_random random = {packer->input->seed, VT_STREAM_PACKING};
    trial->enough = -1;
    for (uint64_t n = 0; n < TRIES; n++) {
        double s[3], x[3];
        vt_random_uniform(random, (struct vt_random_point){.step = n, .id = id}, 3, s);
        vt_row_times_mat3(s, packer->input->cell->vector, x);
        trial->ratio = 1;
        vt_bins_near(&packer->bins, x, judge, trial);
        if (trial->ratio <= trial->enough)
            continue;
        memcpy(place, x, sizeof x);
        trial->enough = trial->ratio;
        if (trial->ratio >= 1)
            return true;
    }
    return false;
}

/* Types by falling distance from their own kind. */
static void order_types(const struct vt_packing_input *input, int order[VT_ELEMENTS])
{
    for (int t = 0; t < input->n_types; t++) {
        int at = t;
        for (; at > 0; at--) {
            const int before = order[at - 1];
            if (minimum_of(input, before, before) >= minimum_of(input, t, t))
                break;
            order[at] = before;
        }
        order[at] = t;
    }
}

static enum vt_code insert_all(struct packer *packer, struct vt_error *error)
{
    const struct vt_packing_input *input = packer->input;
    struct vt_packing *packing = packer->packing;
    int order[VT_ELEMENTS];
    int32_t *type_of_point = NULL;
    enum vt_code code =
        vt_alloc(&type_of_point, packing->n_atoms, sizeof *type_of_point, "types", error);
    if (!code)
        code = vt_bins_init(&packer->bins, input->cell, packer->largest, packing->n_atoms, error);
    order_types(input, order);
    for (int k = 0; k < input->n_types && !code; k++) {
        struct trial trial = {input, type_of_point, order[k], -1, 1};
        size_t i = 0;
        for (int t = 0; t < order[k]; t++)
            i += (size_t)input->count[t];
        for (const size_t end = i + (size_t)input->count[order[k]]; i < end; i++) {
            packing->n_tight += !find_place(packer, &trial, i, packing->position[i]);
            type_of_point[packer->bins.n_points] = order[k];
            vt_bins_add(&packer->bins, packing->position[i]);
        }
    }
    vt_bins_destroy(&packer->bins);
    vt_free(type_of_point);
    return code;
}

/* ---- pushing apart ---- */

struct lister {
    struct packer *packer;
    int32_t i;
    enum vt_code code;
    struct vt_error *error;
};

static bool list_pair(void *user, int32_t j, const double vector[3])
{
    struct lister *lister = user;
    struct packer *packer = lister->packer;
    const struct vt_packing *packing = packer->packing;
    const int32_t i = lister->i;
    const double wanted = minimum_of(packer->input, packing->type[i], packing->type[j]);
    if (j <= i || vt_norm(vector) >= wanted * beyond + skin)
        return true;
    lister->code = vt_reserve(&packer->pair, &packer->pair_capacity, packer->n_pairs + 1,
                              sizeof *packer->pair, "pairs", lister->error);
    if (lister->code)
        return false;
    struct pair *pair = &packer->pair[packer->n_pairs++];
    *pair = (struct pair){i, j, wanted, {0}};
    for (int d = 0; d < 3; d++)
        pair->shift[d] = vector[d] - (packing->position[j][d] - packing->position[i][d]);
    return true;
}

/* Wrap the atoms and list all pairs that may come too near before one has moved half the skin. */
static enum vt_code list_pairs(struct packer *packer, struct vt_error *error)
{
    struct vt_packing *packing = packer->packing;
    struct lister lister = {.packer = packer, .error = error};
    packer->n_pairs = 0;
    vt_bins_clear(&packer->bins);
    for (size_t i = 0; i < packing->n_atoms; i++)
        vt_bins_add(&packer->bins, packing->position[i]);
    const size_t size = packing->n_atoms * sizeof *packing->position;
    memcpy(packing->position, packer->bins.position, size);
    memcpy(packer->listed, packing->position, size);
    for (size_t i = 0; i < packing->n_atoms && !lister.code; i++) {
        lister.i = (int32_t)i;
        vt_bins_near(&packer->bins, packing->position[i], list_pair, &lister);
    }
    return lister.code;
}

static double pair_vector(const struct packer *packer, const struct pair *pair, double vector[3])
{
    const double *xi = packer->packing->position[pair->i];
    const double *xj = packer->packing->position[pair->j];
    for (int d = 0; d < 3; d++)
        vector[d] = xj[d] + pair->shift[d] - xi[d];
    return vt_norm(vector);
}

/* Move two atoms along `vector` (from i to j, length r) until they are at `distance`; atoms at one
 * place part along x. */
static void push(struct packer *packer, const struct pair *pair, const double vector[3], double r,
                 double distance)
{
    assert(r >= 0 && distance > 0);
    static const double along_x[3] = {1, 0, 0};
    const double *line = r > 0 ? vector : along_x;
    const double move = r > 0 ? 0.5 * (distance / r - 1) : 0.5 * distance;
    for (int d = 0; d < 3; d++) {
        packer->packing->position[pair->i][d] -= move * line[d];
        packer->packing->position[pair->j][d] += move * line[d];
    }
}

/* The pair with the smallest ratio of distance to what it must be. */
static double worst_ratio(const struct packer *packer, const struct pair **worst)
{
    double ratio = INFINITY, vector[3];
    for (size_t p = 0; p < packer->n_pairs; p++) {
        const struct pair *pair = &packer->pair[p];
        const double r = pair_vector(packer, pair, vector);
        if (r < ratio * pair->wanted) {
            ratio = r / pair->wanted;
            *worst = pair;
        }
    }
    return ratio;
}

/* Returns true if some pair was too near; adds up by how much all are. */
static bool sweep(struct packer *packer, double *overlap)
{
    bool too_near = false;
    for (size_t p = 0; p < packer->n_pairs; p++) {
        const struct pair *pair = &packer->pair[p];
        double vector[3];
        const double r = pair_vector(packer, pair, vector);
        too_near = too_near || r < pair->wanted;
        if (r >= beyond * pair->wanted)
            continue;
        push(packer, pair, vector, r, beyond * pair->wanted);
        *overlap += beyond * pair->wanted - r;
    }
    return too_near;
}

static bool list_is_stale(const struct packer *packer)
{
    const struct vt_packing *packing = packer->packing;
    for (size_t i = 0; i < packing->n_atoms; i++) {
        double moved2 = 0;
        for (int d = 0; d < 3; d++) {
            const double moved = packing->position[i][d] - packer->listed[i][d];
            moved2 += moved * moved;
        }
        if (moved2 > 0.25 * skin * skin)
            return true;
    }
    return false;
}

static enum vt_code fail_tight(const struct packer *packer, double ratio, const struct pair *worst,
                               struct vt_error *error)
{
    assert(worst && ratio >= 0);
    const int32_t *type = packer->packing->type;
    const int *element = packer->input->element;
    return vt_fail(
        error, VT_INPUT,
        "the atoms do not fit: pushed apart %d times, %s and %s that must be %.3g A apart "
        "are still at %.3g A",
        packer->packing->n_sweeps, vt_element_symbol(element[type[worst->i]]),
        vt_element_symbol(element[type[worst->j]]), worst->wanted, ratio * worst->wanted);
}

/* Sweep until no pair is too near, or until it leads nowhere: VT_INPUT. */
static enum vt_code sweep_all(struct packer *packer, struct vt_error *error)
{
    struct vt_packing *packing = packer->packing;
    const struct pair *worst = NULL;
    double ratio = 0, overlap = 0, overlap_before = INFINITY;
    enum vt_code code = list_pairs(packer, error);
    for (bool going_on = true; going_on && !code;) {
        packing->n_sweeps++;
        const bool settled = !sweep(packer, &overlap);
        if (packing->n_sweeps % SWEEPS_OF_A_ROUND == 0) {
            going_on = overlap < stalled * overlap_before && packing->n_sweeps < MOST_SWEEPS;
            overlap_before = overlap;
            overlap = 0;
        }
        if (list_is_stale(packer))
            code = list_pairs(packer, error);
        if (settled || !going_on)
            ratio = worst_ratio(packer, &worst);
        going_on = going_on && ratio < 1;
    }
    return code || ratio >= 1 ? code : fail_tight(packer, ratio, worst, error);
}

static enum vt_code push_apart(struct packer *packer, struct vt_error *error)
{
    struct vt_packing *packing = packer->packing;
    enum vt_code code = vt_bins_init(&packer->bins, packer->input->cell,
                                     packer->largest * beyond + skin, packing->n_atoms, error);
    if (!code)
        code =
            vt_alloc(&packer->listed, packing->n_atoms, sizeof *packer->listed, "positions", error);
    if (!code)
        code = sweep_all(packer, error);
    for (size_t i = 0; i < packing->n_atoms && !code; i++) {
        const double x[3] = {packing->position[i][0], packing->position[i][1],
                             packing->position[i][2]};
        vt_bins_wrap(packer->input->cell, x, packing->position[i]);
    }
    vt_bins_destroy(&packer->bins);
    vt_free(packer->listed);
    vt_free(packer->pair);
    return code;
}

static enum vt_code make_types(struct vt_packing *packing, const struct vt_packing_input *input,
                               struct vt_error *error)
{
    enum vt_code code =
        vt_alloc(&packing->type, packing->n_atoms, sizeof *packing->type, "types", error);
    if (!code)
        code = vt_alloc(&packing->position, packing->n_atoms, sizeof *packing->position,
                        "positions", error);
    size_t i = 0;
    for (int t = 0; t < input->n_types && !code; t++)
        for (int64_t k = 0; k < input->count[t]; k++)
            packing->type[i++] = t;
    return code;
}

enum vt_code vt_packing_make(struct vt_packing *packing, const struct vt_packing_input *input,
                             struct vt_error *error)
{
    assert(packing && input->n_types > 0 && input->n_types <= VT_ELEMENTS);
    *packing = (struct vt_packing){0};
    struct packer packer = {.input = input, .packing = packing};
    for (int t = 0; t < input->n_types; t++)
        packing->n_atoms += (size_t)input->count[t];
    packer.largest = fmax(largest_distance(input), 0.5); /* bins need some width */
    enum vt_code code = check_possible(input, error);
    if (!code)
        code = make_types(packing, input, error);
    if (!code)
        code = insert_all(&packer, error);
    if (!code && packing->n_tight > 0)
        code = push_apart(&packer, error);
    if (code)
        vt_packing_destroy(packing);
    return code;
}

void vt_packing_destroy(struct vt_packing *packing)
{
    if (!packing)
        return;
    vt_free(packing->type);
    vt_free(packing->position);
    *packing = (struct vt_packing){0};
}

/* ---- the result ---- */

struct survey {
    const struct vt_packing *packing;
    int n_types;
    int32_t i;
    double *nearest;
};

static bool measure(void *user, int32_t j, const double vector[3])
{
    struct survey *survey = user;
    const double r = vt_norm(vector);
    const int a = survey->packing->type[survey->i], b = survey->packing->type[j];
    const bool itself = j == survey->i && r < VT_CELL_MIN_THICKNESS;
    double *nearest = &survey->nearest[a * survey->n_types + b];
    if (!itself && r < *nearest)
        *nearest = r;
    return true;
}

enum vt_code vt_packing_nearest(const struct vt_packing *packing,
                                const struct vt_packing_input *input, double reach, double *nearest,
                                struct vt_error *error)
{
    assert(packing && input && nearest);
    assert(reach > 0);
    struct vt_bins bins = {0};
    struct survey survey = {packing, input->n_types, 0, nearest};
    const enum vt_code code = vt_bins_init(&bins, input->cell, reach, packing->n_atoms, error);
    for (int p = 0; p < input->n_types * input->n_types; p++)
        nearest[p] = INFINITY;
    for (size_t i = 0; i < packing->n_atoms && !code; i++)
        vt_bins_add(&bins, packing->position[i]);
    for (size_t i = 0; i < packing->n_atoms && !code; i++) {
        survey.i = (int32_t)i;
        vt_bins_near(&bins, packing->position[i], measure, &survey);
    }
    vt_bins_destroy(&bins);
    return code;
}
