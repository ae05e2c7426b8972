/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/optimiser.h"

#include <assert.h>

#include "base/memory.h"
#include "training/optimiser_method.h"
#include "training/vector.h"

static const struct vt_optimiser_method *const methods[VT_OPTIMISERS] = {
    [VT_OPTIMISER_ADAM] = &vt_method_adam,
    [VT_OPTIMISER_SOAP] = &vt_method_soap,
    [VT_OPTIMISER_LBFGS] = &vt_method_lbfgs,
    [VT_OPTIMISER_NEWTON] = &vt_method_newton,
    [VT_OPTIMISER_SNES] = &vt_method_snes};

struct vt_optimiser_settings vt_optimiser_defaults(enum vt_optimiser_kind kind, size_t n_frames)
{
    assert(kind < VT_OPTIMISERS);
    const int64_t per_epoch = n_frames > 0 ? (int64_t)n_frames : 1;
    return (struct vt_optimiser_settings){
        .kind = kind,
        .seed = 1,
        .adam = {.batch = 1,
                 .rate = 5e-3,
                 .last_rate = 1e-5,
                 .warm_up = per_epoch,
                 .n_steps = 400 * per_epoch,
                 .beta1 = 0.9,
                 .beta2 = 0.999,
                 .clip = 2,
                 .average_decay = 0.999,
                 .axes_decay = 0.98,
                 .axes_every = 20},
        .lbfgs = {.memory = 30, .evaluations = 20},
        .newton = {.damping = 1, .products = 60, .tolerance = 5e-4},
        .snes = {.population = 50, .sigma = 0.1, .bias = SIZE_MAX}};
}

const char *vt_optimiser_name(enum vt_optimiser_kind kind)
{
    assert(kind < VT_OPTIMISERS);
    return methods[kind]->name;
}

static bool is_sound(const struct vt_objective *objective,
                     const struct vt_optimiser_settings *settings)
{
    return objective->n_parameters >= 1 && objective->n_frames >= 1 && objective->evaluate &&
           (settings->kind != VT_OPTIMISER_NEWTON || objective->curvature);
}

enum vt_code vt_optimiser_create(struct vt_optimiser **optimiser,
                                 const struct vt_objective *objective,
                                 const struct vt_optimiser_settings *settings, const double *start,
                                 struct vt_error *error)
{
    assert(optimiser && objective && settings && start);
    assert(is_sound(objective, settings));
    enum vt_code code = vt_alloc(optimiser, 1, sizeof **optimiser, "an optimiser", error);
    if (code)
        return code;
    struct vt_optimiser *o = *optimiser;
    o->method = methods[settings->kind];
    o->objective = objective;
    o->settings = *settings;
    o->n = objective->n_parameters;
    code = vt_alloc(&o->position, o->n, sizeof *o->position, "parameters", error);
    if (!code)
        code = vt_alloc(&o->gradient, o->n, sizeof *o->gradient, "a gradient", error);
    if (!code) {
        vt_vector_copy(o->n, o->position, start);
        code = o->method->create(o, error);
    }
    if (code) {
        vt_optimiser_destroy(o);
        *optimiser = NULL;
    }
    return code;
}

void vt_optimiser_destroy(struct vt_optimiser *optimiser)
{
    if (!optimiser)
        return;
    if (optimiser->state)
        optimiser->method->destroy(optimiser->state);
    vt_free(optimiser->gradient);
    vt_free(optimiser->position);
    vt_free(optimiser);
}

enum vt_code vt_optimiser_step(struct vt_optimiser *optimiser, struct vt_loss *loss,
                               struct vt_error *error)
{
    assert(optimiser && loss);
    const enum vt_code code = optimiser->method->step(optimiser, loss, error);
    if (!code) {
        optimiser->counts.steps++;
        optimiser->counts.is_reweighed = 0;
    }
    return code;
}

void vt_optimiser_reweighed(struct vt_optimiser *optimiser)
{
    assert(optimiser);
    optimiser->counts.is_reweighed = 1;
    optimiser->counts.is_stuck = 0;
}

bool vt_optimiser_is_stuck(const struct vt_optimiser *optimiser)
{
    return optimiser->counts.is_stuck > 0;
}

int64_t vt_optimiser_steps(const struct vt_optimiser *optimiser)
{
    return (int64_t)optimiser->counts.steps;
}

double vt_optimiser_passes(const struct vt_optimiser *optimiser)
{
    return optimiser->counts.passes;
}

const double *vt_optimiser_position(const struct vt_optimiser *optimiser)
{
    return optimiser->position;
}

const double *vt_optimiser_model(const struct vt_optimiser *optimiser)
{
    return optimiser->method->model ? optimiser->method->model(optimiser) : optimiser->position;
}

size_t vt_optimiser_blocks(struct vt_optimiser *optimiser,
                           struct vt_optimiser_block block[VT_OPTIMISER_BLOCKS])
{
    block[0] = (struct vt_optimiser_block){"counts", (double *)&optimiser->counts,
                                           sizeof optimiser->counts / sizeof(double)};
    block[1] = (struct vt_optimiser_block){"position", optimiser->position, optimiser->n};
    const size_t n = 2 + optimiser->method->blocks(optimiser, block + 2);
    assert(n <= VT_OPTIMISER_BLOCKS);
    return n;
}

/* ---- for the methods ---- */

static void count_passes(struct vt_optimiser *optimiser, const struct vt_batch *batch)
{
    const size_t n = batch->n > 0 ? batch->n : optimiser->objective->n_frames;
    assert(n <= optimiser->objective->n_frames);
    optimiser->counts.passes += (double)n / (double)optimiser->objective->n_frames;
}

enum vt_code vt_optimiser_evaluate(struct vt_optimiser *optimiser, const double *parameters,
                                   const struct vt_batch *batch, struct vt_loss *loss,
                                   double *gradient, struct vt_error *error)
{
    const struct vt_objective *objective = optimiser->objective;
    count_passes(optimiser, batch);
    return objective->evaluate(objective->content, parameters, batch, loss, gradient, error);
}

enum vt_code vt_optimiser_curvature(struct vt_optimiser *optimiser, const struct vt_batch *batch,
                                    const double *direction, double *product,
                                    struct vt_error *error)
{
    const struct vt_objective *objective = optimiser->objective;
    count_passes(optimiser, batch);
    return objective->curvature(objective->content, optimiser->position, batch, direction, product,
                                error);
}

enum vt_code vt_optimiser_diverged(const struct vt_optimiser *optimiser, struct vt_error *error)
{
    vt_fail(error, VT_FAILED, "the loss is no finite number after %lld steps of %s",
            (long long)vt_optimiser_steps(optimiser), optimiser->method->name);
    vt_hint(error,
            "a smaller learning rate, or another seed; --check says whether the set is sound");
    return VT_FAILED;
}
