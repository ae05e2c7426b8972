/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/split.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/units.h"
#include "training/streams.h"

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t vt_dataset_hash(const struct vt_dataset *set, const struct vt_dataset_frame *frame)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    hash = hash_bytes(hash, frame->cell, sizeof frame->cell);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const int element = set->types.atomic_number[frame->type[i]];
        hash = hash_bytes(hash, &element, sizeof element);
    }
    return hash_bytes(hash, frame->position, frame->n_atoms * sizeof *frame->position);
}

/* ---- test frames ---- */

struct ticket {
    const char *config_type;
    double draw; /* 0 to 1 */
    uint64_t hash;
    size_t frame;
};

static int compare_tickets(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    const int order = strcmp(a->config_type, b->config_type);
    if (order)
        return order;
    if (a->draw != b->draw)
        return a->draw < b->draw ? -1 : 1;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->frame < b->frame ? -1 : 1;
}

static size_t fill_tickets(const struct vt_dataset *set, uint32_t seed, struct ticket *tickets)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_frames; i++) {
        const struct vt_dataset_frame *frame = &set->frame[i];
        if (frame->is_test)
            continue;
        struct ticket *ticket = &tickets[n++];
        *ticket = (struct ticket){frame->config_type, 0, vt_dataset_hash(set, frame), i};
        vt_random_uniform((struct vt_random){seed, VT_STREAM_SPLIT},
                          (struct vt_random_point){.id = ticket->hash}, 1, &ticket->draw);
    }
    return n;
}

/* What rounding takes from one config_type, the next one gets: the whole has the right number. The
 * tickets after the last test frame of a kind that are the same frame go with it. */
static void draw_tests(struct vt_dataset *set, const struct ticket *tickets, size_t n,
                       double fraction)
{
    double owed = 0;
    size_t n_left = n;
    for (size_t first = 0, last; first < n; first = last) {
        for (last = first; last < n; last++)
            if (strcmp(tickets[last].config_type, tickets[first].config_type) != 0)
                break;
        owed += fraction * (double)(last - first);
        size_t drawn = 0;
        while (first + drawn < last && n_left > 1) {
            const struct ticket *ticket = &tickets[first + drawn];
            const bool again = drawn > 0 && ticket->hash == ticket[-1].hash;
            if (!again && (double)drawn + 0.5 > owed)
                break;
            set->frame[ticket->frame].is_test = true;
            drawn++;
            n_left--;
        }
        owed -= (double)drawn;
    }
}

enum vt_code vt_dataset_split(struct vt_dataset *set, double fraction, uint32_t seed,
                              struct vt_error *error)
{
    assert(set && fraction >= 0 && fraction <= 1);
    struct ticket *tickets = NULL;
    const enum vt_code code =
        vt_alloc(&tickets, set->n_frames, sizeof *tickets, "the order of frames", error);
    if (code)
        return code;
    const size_t n = fill_tickets(set, seed, tickets);
    qsort(tickets, n, sizeof *tickets, compare_tickets);
    draw_tests(set, tickets, n, fraction);
    vt_free(tickets);
    return VT_OK;
}

/* ---- bootstrap ---- */

static int compare_places(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    const int order = strcmp(a->config_type, b->config_type);
    if (order)
        return order;
    return a->frame < b->frame ? -1 : 1;
}

static int compare_sizes(const void *left, const void *right)
{
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return (a > b) - (a < b);
}

enum vt_code vt_dataset_resample(const struct vt_dataset *set, uint32_t seed, size_t *draw,
                                 size_t *n, struct vt_error *error)
{
    assert(set && draw && n);
    struct ticket *tickets = NULL;
    const enum vt_code code =
        vt_alloc(&tickets, set->n_frames, sizeof *tickets, "the order of frames", error);
    *n = 0;
    for (size_t i = 0; i < set->n_frames && !code; i++)
        if (!set->frame[i].is_test) {
            struct ticket *ticket = &tickets[(*n)++];
            *ticket = (struct ticket){.config_type = set->frame[i].config_type, .frame = i};
            vt_random_uniform((struct vt_random){seed, VT_STREAM_BOOTSTRAP},
                              (struct vt_random_point){.id = i}, 1, &ticket->draw);
        }
    if (code)
        return code;
    qsort(tickets, *n, sizeof *tickets, compare_places);
    for (size_t first = 0, last; first < *n; first = last) {
        for (last = first; last < *n; last++)
            if (strcmp(tickets[last].config_type, tickets[first].config_type) != 0)
                break;
        for (size_t i = first; i < last; i++)
            draw[i] = tickets[first + (size_t)(tickets[i].draw * (double)(last - first))].frame;
    }
    qsort(draw, *n, sizeof *draw, compare_sizes);
    vt_free(tickets);
    return VT_OK;
}

/* ---- ranks ---- */

double vt_dataset_cost(const struct vt_dataset_frame *frame, double cutoff)
{
    const double n = (double)frame->n_atoms;
    const double neighbours = 4 * VT_PI / 3 * cutoff * cutoff * cutoff * n / frame->volume;
    return n * (1 + neighbours);
}

struct load {
    double cost;
    size_t frame;
};

static int compare_loads(const void *left, const void *right)
{
    const struct load *a = left, *b = right;
    if (a->cost != b->cost)
        return a->cost > b->cost ? -1 : 1;
    return a->frame < b->frame ? -1 : 1;
}

static int least_loaded(const double *cost, int n_ranks)
{
    int least = 0;
    for (int r = 1; r < n_ranks; r++)
        if (cost[r] < cost[least])
            least = r;
    return least;
}

enum vt_code vt_dataset_deal(const struct vt_dataset *set, double cutoff, int n_ranks, int *owner,
                             struct vt_error *error)
{
    assert(set && owner && n_ranks > 0 && cutoff > 0);
    struct load *loads = NULL;
    double *cost = NULL;
    enum vt_code code =
        vt_alloc(&loads, set->n_frames, sizeof *loads, "the costs of frames", error);
    if (!code)
        code = vt_alloc(&cost, (size_t)n_ranks, sizeof *cost, "the costs of ranks", error);
    if (code)
        goto done;
    for (size_t i = 0; i < set->n_frames; i++)
        loads[i] = (struct load){vt_dataset_cost(&set->frame[i], cutoff), i};
    qsort(loads, set->n_frames, sizeof *loads, compare_loads);
    for (size_t i = 0; i < set->n_frames; i++) {
        const int rank = least_loaded(cost, n_ranks);
        owner[loads[i].frame] = rank;
        cost[rank] += loads[i].cost;
    }
done:
    vt_free(loads);
    vt_free(cost);
    return code;
}
