/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdamW (Kingma and Ba, arXiv:1412.6980; Loshchilov and Hutter, arXiv:1711.05101) on mini-batches.
 *
 * The averaged model is the exponential mean of the positions, started without bias: its decay
 * grows as (1 + t)/(10 + t) up to what was asked for. It is what is tested and written: near the
 * end of training it lies in the middle of the noise of the batches. */
#include <assert.h>

#include "base/memory.h"
#include "base/units.h"
#include "training/batches.h"
#include "training/optimiser_method.h"
#include "training/vector.h"

static const double epsilon = 1e-8;
static const double norm_decay = 0.98; /* of the running mean of the norm of gradients */

struct adam {
    struct vt_batches batches;
    double *first, *second, *average; /* [n], owned: moments and averaged model */
    double mean_norm;                 /* of gradients, after clipping; 0: none yet */
};

static void adam_destroy(void *state)
{
    struct adam *adam = state;
    vt_batches_destroy(&adam->batches);
    vt_free(adam->average);
    vt_free(adam->second);
    vt_free(adam->first);
    vt_free(adam);
}

static enum vt_code adam_create(struct vt_optimiser *optimiser, struct vt_error *error)
{
    const struct vt_adam_settings *settings = &optimiser->settings.adam;
    assert(settings->batch >= 1 && settings->rate > 0 && settings->last_rate >= 0);
    assert(settings->beta1 < 1 && settings->beta2 < 1 && settings->average_decay < 1);
    const size_t n = optimiser->n;
    struct adam *adam;
    enum vt_code code = vt_alloc(&adam, 1, sizeof *adam, "an optimiser", error);
    if (code)
        return code;
    optimiser->state = adam;
    code = vt_batches_create(&adam->batches, optimiser->objective->n_frames, settings->batch,
                             optimiser->settings.seed, error);
    if (!code)
        code = vt_alloc(&adam->first, n, sizeof(double), "moments of the gradient", error);
    if (!code)
        code = vt_alloc(&adam->second, n, sizeof(double), "moments of the gradient", error);
    if (!code)
        code = vt_alloc(&adam->average, n, sizeof(double), "the averaged model", error);
    if (!code)
        vt_vector_copy(n, adam->average, optimiser->position);
    return code;
}

/* Warm-up, then half a period of a cosine. */
static double rate_at(const struct vt_adam_settings *settings, double step)
{
    const double warm_up = (double)settings->warm_up, end = (double)settings->n_steps;
    const double span = settings->rate - settings->last_rate;
    if (step < warm_up)
        return settings->last_rate + span * (step + 1) / (warm_up + 1);
    if (step >= end)
        return settings->last_rate;
    return settings->last_rate + span * 0.5 * (1 + cos(VT_PI * (step - warm_up) / (end - warm_up)));
}

/* Cut a gradient that is far longer than those before it. */
static void clip(struct adam *adam, double factor, size_t n, double *gradient)
{
    assert(n > 0 && gradient && adam->mean_norm >= 0);
    if (factor <= 0)
        return;
    double norm = vt_vector_norm(n, gradient);
    const double most = factor * adam->mean_norm;
    if (adam->mean_norm > 0 && norm > most) {
        vt_vector_scale(n, most / norm, gradient);
        norm = most;
    }
    adam->mean_norm =
        adam->mean_norm > 0 ? norm_decay * adam->mean_norm + (1 - norm_decay) * norm : norm;
}

static void move(struct vt_optimiser *optimiser, double step)
{
    struct adam *adam = optimiser->state;
    const struct vt_adam_settings *settings = &optimiser->settings.adam;
    const double rate = rate_at(settings, step);
    assert(rate >= 0 && step >= 0);
    const double b1 = settings->beta1, b2 = settings->beta2;
    const double c1 = 1 / (1 - pow(b1, step + 1)), c2 = 1 / (1 - pow(b2, step + 1));
    const double decay = fmin(settings->average_decay, (1 + step) / (10 + step));
    for (size_t i = 0; i < optimiser->n; i++) {
        const double g = optimiser->gradient[i];
        adam->first[i] = b1 * adam->first[i] + (1 - b1) * g;
        adam->second[i] = b2 * adam->second[i] + (1 - b2) * g * g;
        const double change = c1 * adam->first[i] / (sqrt(c2 * adam->second[i]) + epsilon);
        optimiser->position[i] -= rate * (change + settings->weight_decay * optimiser->position[i]);
        adam->average[i] = decay * adam->average[i] + (1 - decay) * optimiser->position[i];
    }
}

static enum vt_code adam_step(struct vt_optimiser *optimiser, struct vt_loss *loss,
                              struct vt_error *error)
{
    struct adam *adam = optimiser->state;
    const struct vt_batch batch = vt_batches_take(&adam->batches, (int64_t)optimiser->counts.steps);
    const enum vt_code code = vt_optimiser_evaluate(optimiser, optimiser->position, &batch, loss,
                                                    optimiser->gradient, error);
    if (code)
        return code;
    if (!isfinite(loss->total) || !isfinite(vt_vector_norm(optimiser->n, optimiser->gradient)))
        return vt_optimiser_diverged(optimiser, error);
    clip(adam, optimiser->settings.adam.clip, optimiser->n, optimiser->gradient);
    move(optimiser, optimiser->counts.steps);
    return VT_OK;
}

static const double *adam_model(const struct vt_optimiser *optimiser)
{
    const struct adam *adam = optimiser->state;
    return optimiser->settings.adam.average_decay > 0 ? adam->average : optimiser->position;
}

static size_t adam_blocks(struct vt_optimiser *optimiser, struct vt_optimiser_block *block)
{
    struct adam *adam = optimiser->state;
    block[0] = (struct vt_optimiser_block){"first", adam->first, optimiser->n};
    block[1] = (struct vt_optimiser_block){"second", adam->second, optimiser->n};
    block[2] = (struct vt_optimiser_block){"average", adam->average, optimiser->n};
    block[3] = (struct vt_optimiser_block){"mean_norm", &adam->mean_norm, 1};
    return 4;
}

const struct vt_optimiser_method vt_method_adam = {"adam",    adam_create, adam_destroy,
                                                   adam_step, adam_model,  adam_blocks};
