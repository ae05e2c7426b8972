/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdamW (Kingma and Ba, arXiv:1412.6980; Loshchilov and Hutter, arXiv:1711.05101) on mini-batches,
 * and soap: the same for matrices of parameters along axes of their own (rotations.h).
 *
 * The averaged model is the exponential mean of the positions, started without bias: its decay
 * grows as (1 + t)/(10 + t) up to what was asked for. It is what is tested and written: near the
 * end of training it lies in the middle of the noise of the batches. */
#include <assert.h>

#include "base/memory.h"
#include "base/units.h"
#include "training/batches.h"
#include "training/optimiser_method.h"
#include "training/rotations.h"
#include "training/vector.h"

static const double epsilon = 1e-8;
static const double norm_decay = 0.98; /* of the running mean of the norm of gradients */

struct adam {
    struct vt_batches batches;
    double *first, *average; /* [n], owned: mean gradient, averaged model */
    double *second;   /* [n], owned: mean square of the gradient; of a matrix along its axes */
    double *change;   /* [n], owned: of a step, in units of the rate */
    double *turned;   /* [n], owned: scratch */
    double mean_norm; /* of gradients, after clipping; 0: none yet */
    struct vt_rotations rotations;
};

static void adam_destroy(void *state)
{
    struct adam *adam = state;
    vt_batches_destroy(&adam->batches);
    vt_rotations_destroy(&adam->rotations);
    vt_free(adam->turned);
    vt_free(adam->change);
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
        code = vt_alloc(&adam->change, n, sizeof(double), "a step", error);
    if (!code)
        code = vt_alloc(&adam->turned, n, sizeof(double), "a step", error);
    if (!code)
        code =
            vt_rotations_create(&adam->rotations, settings->matrix, settings->n_matrices, n, error);
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

/* Decays of the moments at a step, and what makes up for their start at zero. */
struct moments {
    double beta1, beta2, scale1, scale2;
};

/* The change of one coordinate, of which g is the gradient and `first` its mean. */
static double change_of(const struct moments *m, double g, double first, double *second)
{
    *second = m->beta2 * *second + (1 - m->beta2) * g * g;
    return m->scale1 * first / (sqrt(m->scale2 * *second) + epsilon);
}

/* Of matrix k: along its axes, and back. The axes turn slowly, so that squares along those of some
 * steps ago still serve. */
static void change_matrix(struct adam *adam, size_t k, const double *gradient,
                          const struct moments *moments)
{
    const struct vt_parameter_matrix *matrix = &adam->rotations.matrix[k];
    vt_rotations_turn(&adam->rotations, k, gradient, adam->turned);
    vt_rotations_turn(&adam->rotations, k, adam->first, adam->change);
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t j = 0; j < matrix->columns; j++) {
            const size_t p = vt_matrix_place(matrix, i, j);
            adam->change[p] =
                change_of(moments, adam->turned[p], adam->change[p], &adam->second[p]);
        }
    vt_rotations_turn_back(&adam->rotations, k, adam->change, adam->change);
}

static void find_change(struct vt_optimiser *optimiser, double step)
{
    struct adam *adam = optimiser->state;
    const struct vt_adam_settings *settings = &optimiser->settings.adam;
    const double b1 = settings->beta1, b2 = settings->beta2, *g = optimiser->gradient;
    const struct moments moments = {b1, b2, 1 / (1 - pow(b1, step + 1)),
                                    1 / (1 - pow(b2, step + 1))};
    for (size_t i = 0; i < optimiser->n; i++) {
        adam->first[i] = b1 * adam->first[i] + (1 - b1) * g[i];
        if (!adam->rotations.is_turned[i])
            adam->change[i] = change_of(&moments, g[i], adam->first[i], &adam->second[i]);
    }
    for (size_t k = 0; k < adam->rotations.n_matrices; k++)
        change_matrix(adam, k, g, &moments);
    vt_rotations_learn(&adam->rotations, g, settings->axes_decay);
    if (fmod(step, (double)settings->axes_every) == 0)
        vt_rotations_follow(&adam->rotations);
}

static void move(struct vt_optimiser *optimiser, double step)
{
    struct adam *adam = optimiser->state;
    const struct vt_adam_settings *settings = &optimiser->settings.adam;
    const double rate = rate_at(settings, step);
    const double decay = fmin(settings->average_decay, (1 + step) / (10 + step));
    assert(rate >= 0 && step >= 0);
    find_change(optimiser, step);
    for (size_t i = 0; i < optimiser->n; i++) {
        optimiser->position[i] -=
            rate * (adam->change[i] + settings->weight_decay * optimiser->position[i]);
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
    if (adam->rotations.size == 0)
        return 4;
    block[4] = (struct vt_optimiser_block){"axes", adam->rotations.state, adam->rotations.size};
    return 5;
}

const struct vt_optimiser_method vt_method_adam = {"adam",    adam_create, adam_destroy,
                                                   adam_step, adam_model,  adam_blocks};

const struct vt_optimiser_method vt_method_soap = {"soap",    adam_create, adam_destroy,
                                                   adam_step, adam_model,  adam_blocks};
