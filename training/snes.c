/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Separable natural evolution strategy (Schaul, Glasmachers and Schmidhuber, GECCO 2011), as GPUMD
 * trains: each element ranks the population by the loss of the frames that have it, and moves the
 * parameters it owns by that ranking.
 *
 * Generation 0 ranks by the regularisation alone, as there. The loss of a type is exact where all
 * frames weigh the same in energy: shifts of parts are put together by their mean squares. */
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "training/gpumd_loss.h"
#include "training/optimiser_method.h"
#include "training/streams.h"
#include "training/vector.h"

enum { CHUNK = 1024 }; /* numbers drawn at once */

struct ranked {
    double total;
    int individual;
};

/* Sums over some parts of a batch. */
struct sums {
    double square[VT_LOSS_KINDS], plain[VT_LOSS_KINDS], count[VT_LOSS_KINDS];
    double shift; /* sum of the shifts of energy */
};

struct snes {
    double *sigma, *best;   /* [n], owned */
    double *draws;          /* [population][n], owned: of this generation */
    double *candidate;      /* [n], owned */
    double *total;          /* [n_types + 1][population], owned: the last row: whole set */
    double *utility;        /* [population], owned */
    double *first, *second; /* [n], owned: norms of the regularisation; rows of types */
    struct sums *sums;      /* [n_types + 1], owned */
    struct ranked *ranked;  /* [population], owned */
};

static void snes_destroy(void *state)
{
    struct snes *snes = state;
    void *const arrays[] = {snes->sigma, snes->best,    snes->draws, snes->candidate,
                            snes->total, snes->utility, snes->first, snes->second,
                            snes->sums,  snes->ranked};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        vt_free(arrays[i]);
    vt_free(snes);
}

/* u_k = max(0, ln(M/2 + 1) - ln k), to a sum of one, less their mean. */
static void set_utilities(int population, double *utility)
{
    assert(population >= 2 && utility);
    double sum = 0;
    for (int k = 0; k < population; k++) {
        utility[k] = fmax(0, log(0.5 * population + 1) - log(k + 1));
        sum += utility[k];
    }
    for (int k = 0; k < population; k++)
        utility[k] = utility[k] / sum - 1.0 / population;
}

static enum vt_code take_room(struct vt_optimiser *optimiser, struct snes *snes,
                              struct vt_error *error)
{
    const size_t n = optimiser->n, m = (size_t)optimiser->settings.snes.population;
    const size_t rows = (size_t)optimiser->settings.snes.n_types + 1;
    const struct {
        void *pointer;
        size_t n, size;
    } arrays[] = {
        {&snes->sigma, n, sizeof(double)},        {&snes->best, n, sizeof(double)},
        {&snes->candidate, n, sizeof(double)},    {&snes->draws, m * n, sizeof(double)},
        {&snes->total, m * rows, sizeof(double)}, {&snes->utility, m, sizeof(double)},
        {&snes->first, rows, sizeof(double)},     {&snes->second, rows, sizeof(double)},
        {&snes->sums, rows, sizeof *snes->sums},  {&snes->ranked, m, sizeof *snes->ranked}};
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays && !code; i++)
        code = vt_alloc(arrays[i].pointer, arrays[i].n, arrays[i].size, "a population", error);
    return code;
}

static enum vt_code snes_create(struct vt_optimiser *optimiser, struct vt_error *error)
{
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    assert(settings->population >= 2 && settings->n_types >= 1 && settings->owner);
    assert(settings->n_parts >= 1 && settings->parts && settings->n_batches >= 1);
    struct snes *snes;
    enum vt_code code = vt_alloc(&snes, 1, sizeof *snes, "an optimiser", error);
    if (code)
        return code;
    optimiser->state = snes;
    code = take_room(optimiser, snes, error);
    if (code)
        return code;
    set_utilities(settings->population, snes->utility);
    for (size_t i = 0; i < optimiser->n; i++)
        snes->sigma[i] = settings->widths ? settings->widths[i] : settings->sigma;
    vt_vector_copy(optimiser->n, snes->best, optimiser->position);
    return VT_OK;
}

static void draw(struct vt_optimiser *optimiser)
{
    struct snes *snes = optimiser->state;
    const struct vt_random random = {optimiser->settings.seed, VT_STREAM_SNES};
    const size_t n = optimiser->n;
    for (size_t p = 0; p < (size_t)optimiser->settings.snes.population; p++)
        for (size_t i = 0; i < n; i += CHUNK)
            vt_random_gaussian(random,
                               (struct vt_random_point){(uint64_t)optimiser->counts.steps,
                                                        (uint64_t)p << 32 | i / CHUNK, 0},
                               (int)(n - i < CHUNK ? n - i : CHUNK), snes->draws + p * n + i);
}

static void set_candidate(const struct vt_optimiser *optimiser, size_t p)
{
    const struct snes *snes = optimiser->state;
    for (size_t i = 0; i < optimiser->n; i++)
        snes->candidate[i] =
            optimiser->position[i] + snes->sigma[i] * snes->draws[p * optimiser->n + i];
}

/* Regularisation of each type, and of all: into the totals of individual p. */
static void regularise(const struct vt_optimiser *optimiser, size_t p)
{
    const struct snes *snes = optimiser->state;
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    const int rows = settings->n_types + 1, all = settings->n_types;
    for (int t = 0; t < rows; t++)
        snes->first[t] = snes->second[t] = 0;
    for (size_t i = 0; i < optimiser->n; i++) {
        const int t = settings->owner[i];
        assert(t < all);
        if (t < 0)
            continue;
        const double z = snes->candidate[i];
        snes->first[t] += fabs(z);
        snes->second[t] += z * z;
        snes->first[all] += fabs(z);
        snes->second[all] += z * z;
    }
    for (int t = 0; t < rows; t++) {
        const double n = (double)optimiser->n / (t < all ? all : 1);
        snes->total[(size_t)t * (size_t)settings->population + p] =
            settings->lambda_1 * snes->first[t] / n +
            settings->lambda_2 * sqrt(snes->second[t] / n);
    }
}

static void add_part(struct sums *sums, const struct vt_loss *loss)
{
    for (int k = 0; k < VT_LOSS_KINDS; k++) {
        sums->square[k] += loss->mean_square[k] * loss->count[k];
        sums->plain[k] += loss->rmse[k] * loss->rmse[k] * loss->count[k];
        sums->count[k] += loss->count[k];
    }
    sums->shift += loss->energy_shift * loss->count[VT_LOSS_ENERGY];
}

static double mean_shift(const struct sums *sums)
{
    const double n = sums->count[VT_LOSS_ENERGY];
    return n > 0 ? sums->shift / n : 0;
}

static double data_loss(const struct vt_snes_settings *settings, const struct sums *sums)
{
    double total = 0;
    for (int k = 0; k < VT_LOSS_KINDS; k++) {
        if (!(sums->count[k] > 0))
            continue;
        double square = sums->square[k] / sums->count[k];
        if (k == VT_LOSS_ENERGY && settings->bias != SIZE_MAX)
            square = fmax(0, square - mean_shift(sums) * mean_shift(sums));
        total += settings->lambda[k] * sqrt(square);
    }
    return total;
}

/* Sums of the candidate over the batch at work: for each type, and of all. */
static enum vt_code gather(struct vt_optimiser *optimiser, struct vt_error *error)
{
    struct snes *snes = optimiser->state;
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    const size_t batch = (size_t)optimiser->counts.steps % settings->n_batches;
    assert(batch < settings->n_batches);
    const int all = settings->n_types;
    memset(snes->sums, 0, ((size_t)all + 1) * sizeof *snes->sums);
    for (size_t i = 0; i < settings->n_parts; i++) {
        const struct vt_snes_part *part = &settings->parts[i];
        struct vt_loss loss;
        if (part->batch != batch)
            continue;
        const enum vt_code code =
            vt_optimiser_evaluate(optimiser, snes->candidate, &part->frames, &loss, NULL, error);
        if (code)
            return code;
        for (int t = 0; t <= all; t++)
            if (t == all || part->has_type[t])
                add_part(&snes->sums[t], &loss);
    }
    return VT_OK;
}

/* Losses of the candidate, individual p, onto its regularisation; NaN counts as the worst. */
static enum vt_code judge(struct vt_optimiser *optimiser, size_t p, struct vt_error *error)
{
    struct snes *snes = optimiser->state;
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    const enum vt_code code = gather(optimiser, error);
    if (code)
        return code;
    for (int t = 0; t <= settings->n_types; t++) {
        double *total = &snes->total[(size_t)t * (size_t)settings->population + p];
        *total += data_loss(settings, &snes->sums[t]);
        if (!isfinite(*total))
            *total = INFINITY;
    }
    return VT_OK;
}

static int compare(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->total < y->total || x->total > y->total)
        return x->total < y->total ? -1 : 1;
    return x->individual - y->individual;
}

static void rank(struct vt_optimiser *optimiser, int row)
{
    struct snes *snes = optimiser->state;
    const int population = optimiser->settings.snes.population;
    assert(row >= 0 && row <= optimiser->settings.snes.n_types);
    for (int p = 0; p < population; p++)
        snes->ranked[p] =
            (struct ranked){snes->total[(size_t)row * (size_t)population + (size_t)p], p};
    qsort(snes->ranked, (size_t)population, sizeof *snes->ranked, compare);
}

/* Move the parameters of a type, or those of none, by the ranking at hand. */
static void move(struct vt_optimiser *optimiser, int owner)
{
    struct snes *snes = optimiser->state;
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    const double d = (double)(optimiser->n / (size_t)settings->n_types);
    const double rate = (3 + log(d)) / (5 * sqrt(d)) / 2;
    for (size_t i = 0; i < optimiser->n; i++) {
        if (settings->owner[i] != owner)
            continue;
        double mean = 0, width = 0;
        for (int k = 0; k < settings->population; k++) {
            const double s = snes->draws[(size_t)snes->ranked[k].individual * optimiser->n + i];
            mean += snes->utility[k] * s;
            width += snes->utility[k] * (s * s - 1);
        }
        optimiser->position[i] += snes->sigma[i] * mean;
        snes->sigma[i] = fmin(1, snes->sigma[i] * exp(rate * width));
    }
}

/* The best of the whole ranking: its loss (that of the batch), and the model with its shift. */
static enum vt_code keep_best(struct vt_optimiser *optimiser, struct vt_loss *loss,
                              struct vt_error *error)
{
    struct snes *snes = optimiser->state;
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    const size_t best = (size_t)snes->ranked[0].individual;
    *loss = (struct vt_loss){.total = snes->ranked[0].total};
    set_candidate(optimiser, best);
    if (optimiser->counts.steps > 0) {
        const enum vt_code code = gather(optimiser, error);
        if (code)
            return code;
    }
    const struct sums *sums = &snes->sums[settings->n_types];
    for (int k = 0; k < VT_LOSS_KINDS; k++) {
        loss->count[k] = sums->count[k];
        loss->mean_square[k] = sums->count[k] > 0 ? sums->square[k] / sums->count[k] : 0;
        loss->rmse[k] = sums->count[k] > 0 ? sqrt(sums->plain[k] / sums->count[k]) : 0;
    }
    loss->energy_shift = mean_shift(sums);
    vt_vector_copy(optimiser->n, snes->best, snes->candidate);
    if (settings->bias != SIZE_MAX)
        snes->best[settings->bias] += loss->energy_shift;
    return VT_OK;
}

static enum vt_code snes_step(struct vt_optimiser *optimiser, struct vt_loss *loss,
                              struct vt_error *error)
{
    const struct vt_snes_settings *settings = &optimiser->settings.snes;
    const bool judges = optimiser->counts.steps > 0;
    draw(optimiser);
    for (size_t p = 0; p < (size_t)settings->population; p++) {
        set_candidate(optimiser, p);
        regularise(optimiser, p);
        const enum vt_code code = judges ? judge(optimiser, p, error) : VT_OK;
        if (code)
            return code;
    }
    rank(optimiser, settings->n_types);
    const enum vt_code code = keep_best(optimiser, loss, error);
    if (code)
        return code;
    if (!judges && !(settings->lambda_1 > 0) && !(settings->lambda_2 > 0))
        return VT_OK; /* nothing was ranked */
    move(optimiser, -1);
    for (int t = 0; t < settings->n_types; t++) {
        rank(optimiser, t);
        move(optimiser, t);
    }
    return VT_OK;
}

static const double *snes_model(const struct vt_optimiser *optimiser)
{
    const struct snes *snes = optimiser->state;
    return snes->best;
}

static size_t snes_blocks(struct vt_optimiser *optimiser, struct vt_optimiser_block *block)
{
    struct snes *snes = optimiser->state;
    block[0] = (struct vt_optimiser_block){"sigma", snes->sigma, optimiser->n};
    block[1] = (struct vt_optimiser_block){"best", snes->best, optimiser->n};
    return 2;
}

const struct vt_optimiser_method vt_method_snes = {"snes",    snes_create, snes_destroy,
                                                   snes_step, snes_model,  snes_blocks};
