/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "potential/zbl.h"
#include "training/closest.h"
#include "training/start.h"
#include "training/train_state.h"

/* ---- the loss ---- */

static enum vt_code set_weights(struct vt_train *train, struct vt_error *error)
{
    const struct vt_train_loss_config *loss = &train->config->loss;
    const size_t n = train->model.n_trainable;
    const double usual = vt_gpumd_default_lambda(n, train->model.n_types);
    enum vt_code code = vt_alloc(&train->parameter_owner, n, sizeof *train->parameter_owner,
                                 "owners of parameters", error);
    if (code)
        return code;
    vt_start_owners(&train->model, train->parameter_owner);
    train->weights = (struct vt_gpumd_weights){
        {loss->energy, loss->force, loss->virial, loss->charge, loss->born},
        loss->has_l1 ? loss->l1 : usual,
        loss->has_l2 ? loss->l2 : usual,
        n,
        train->parameter_owner};
    if (!train->model.charge_mode)
        train->weights.lambda[VT_LOSS_CHARGE] = train->weights.lambda[VT_LOSS_BORN] = 0;
    return VT_OK;
}

static struct vt_gradient_options gradient_options(const struct vt_train *train, double part)
{
    const struct vt_train_loss_config *loss = &train->config->loss;
    struct vt_gradient_options options = {.loss = vt_loss_defaults(),
                                          .memory = part * 1e9 * train->config->memory};
    memcpy(options.loss.lambda, train->weights.lambda, sizeof options.loss.lambda);
    options.loss.lambda_2 = 0; /* of GPUMD's form: training/regularised.h */
    options.loss.shear = loss->shear;
    options.loss.force_delta = loss->force_delta;
    options.loss.huber[VT_LOSS_FORCE] = loss->huber;
    options.loss.type_weight = loss->n_type_weight > 0 ? loss->type_weight : NULL;
    return options;
}

/* ---- the first model ---- */

/* Hot atoms come somewhat nearer than in any frame, and should not meet the wall's end there. */
static const double wall_margin = 0.9;

/* The outer cutoff of each pair of types: just short of its shortest distance in the training
 * frames, at most that of the configuration. */
static enum vt_code fit_walls(struct vt_train *train, struct vt_error *error)
{
    struct vt_nep *model = &train->model;
    const size_t n = (size_t)model->n_types;
    struct vt_closest *closest = NULL;
    enum vt_code code =
        vt_alloc(&closest, n * n, sizeof *closest, "distances by pairs of elements", error);
    if (code)
        return code;
    double *rows = model->numbers + (vt_nep_zbl_row(model, 0, 0) - model->numbers);
    for (size_t p = 0; p < n * (n + 1) / 2; p++)
        vt_zbl_universal_row(rows + VT_ZBL_ROW * p, train->config->model.zbl);
    for (size_t i = 0; i < train->data.n_frames; i++) {
        if (train->data.frame[i].is_test)
            continue;
        vt_closest_in_frame(&train->data.frame[i], model->n_types, closest);
        double *row = rows;
        for (size_t s = 0; s < n; s++)
            for (size_t t = s; t < n; t++, row += VT_ZBL_ROW)
                row[1] = fmin(row[1], wall_margin * closest[s * n + t].r);
    }
    vt_free(closest);
    return VT_OK;
}

static enum vt_code draw_model(struct vt_train *train, struct vt_error *error)
{
    const struct vt_train_config *config = train->config;
    enum vt_code code = vt_train_config_model(config, &train->model, error);
    if (code)
        return code;
    if (config->optimizer == VT_TRAIN_SNES)
        vt_start_draw_uniform(&train->model, (uint32_t)config->seed);
    else
        vt_start_draw(&train->model, (uint32_t)config->seed);
    if (config->model.zbl_from_set)
        code = fit_walls(train, error);
    if (code || !config->fine_tune)
        return code;
    struct vt_nep from = {0};
    code = vt_nep_read(&from, config->fine_tune, error);
    if (!code)
        code = vt_start_from(&train->model, &from, error);
    if (code && error && error->file[0] == '\0')
        snprintf(error->file, sizeof error->file, "%s", config->fine_tune);
    vt_nep_destroy(&from);
    return code;
}

/* q_scaler by the coefficients drawn, or as GPUMD has it, with all of them at one value. */
static enum vt_code fit_scaler(struct vt_train *train, struct vt_error *error)
{
    const size_t n = train->model.n_trainable;
    double *parameters = NULL;
    if (train->config->fine_tune)
        return VT_OK;
    enum vt_code code = vt_alloc(&parameters, n, sizeof *parameters, "parameters", error);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++)
        parameters[i] = train->config->optimizer == VT_TRAIN_SNES ? train->config->snes.initial_para
                                                                  : train->model.numbers[i];
    code = vt_gradient_fit_scaler(train->train_gradient, parameters, error);
    if (!code)
        memcpy(train->model.numbers + n, vt_gradient_scaler(train->train_gradient),
               (size_t)train->model.dimension * sizeof(double));
    vt_free(parameters);
    return code;
}

/* Energies of the first model have the mean of the labels. SNES shifts its own. */
static enum vt_code fit_bias(struct vt_train *train, struct vt_error *error)
{
    struct vt_loss loss;
    struct vt_objective *objective = &train->train_objective;
    const enum vt_code code = objective->evaluate(objective->content, train->model.numbers,
                                                  &(struct vt_batch){0}, &loss, NULL, error);
    if (!code && isfinite(loss.energy_shift))
        train->model.numbers[vt_start_bias_index(&train->model)] += loss.energy_shift;
    return code;
}

static enum vt_code make_losses(struct vt_train *train, struct vt_error *error)
{
    const bool tests = train->test_labels.n_all > 0;
    const double frames = (double)train->data.n_frames;
    const double part = (double)train->train_labels.n_all / frames;
    struct vt_gradient_options options = gradient_options(train, part);
    enum vt_code code = vt_gradient_create(&train->train_gradient, &train->model,
                                           &train->train_labels.set, &options, train->comm, error);
    if (code)
        return code;
    train->train_objective = vt_gradient_objective(train->train_gradient);
    code = fit_scaler(train, error);
    if (!code)
        code = fit_bias(train, error);
    if (code || !tests)
        return code;
    options = gradient_options(train, 1 - part);
    code = vt_gradient_create(&train->test_gradient, &train->model, &train->test_labels.set,
                              &options, train->comm, error);
    if (!code)
        train->test_objective = vt_gradient_objective(train->test_gradient);
    return code;
}

/* ---- parts of SNES ---- */

static void note_types(const struct vt_train *train, size_t frame, bool *has_type)
{
    const struct vt_dataset_frame *f = &train->data.frame[train->train_labels.index[frame]];
    for (size_t i = 0; i < f->n_atoms; i++)
        has_type[f->type[i]] = true;
}

struct ranked_frame {
    double energy; /* eV/atom */
    size_t frame;
};

static int compare(const void *a, const void *b)
{
    const struct ranked_frame *x = a, *y = b;
    if (x->energy < y->energy || x->energy > y->energy)
        return x->energy < y->energy ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* Frames by rising energy per atom are dealt out in turn. */
static void deal(const struct vt_train *train, struct ranked_frame *ranked)
{
    for (size_t i = 0; i < train->train_labels.n_all; i++) {
        const struct vt_dataset_frame *f = &train->data.frame[train->train_labels.index[i]];
        ranked[i] = (struct ranked_frame){f->energy / (double)f->n_atoms, i};
    }
    if (train->snes.n_batches > 1)
        qsort(ranked, train->train_labels.n_all, sizeof *ranked, compare);
}

/* Put the frames of one batch into parts of equal elements. has_type: of each frame. */
static void part_batch(struct vt_train *train, size_t batch, const struct ranked_frame *ranked,
                       const bool *has_type, size_t *n_placed)
{
    struct vt_train_parts_of_snes *snes = &train->snes;
    const size_t types = (size_t)train->model.n_types, n = train->train_labels.n_all;
    const size_t first_part = snes->n_parts;
    assert(batch < snes->n_batches && first_part <= n);
    for (size_t i = batch; i < n; i += snes->n_batches) {
        const bool *types_of = has_type + ranked[i].frame * types;
        size_t p = first_part;
        while (p < snes->n_parts && memcmp(snes->part[p].has_type, types_of, types) != 0)
            p++;
        if (p < snes->n_parts)
            continue;
        /* the first frame of its kind collects all others */
        size_t *place = snes->frame + *n_placed;
        snes->part[p] = (struct vt_snes_part){batch, {0, place}, types_of};
        for (size_t j = i; j < n; j += snes->n_batches)
            if (memcmp(has_type + ranked[j].frame * types, types_of, types) == 0)
                place[snes->part[p].frames.n++] = ranked[j].frame;
        *n_placed += snes->part[p].frames.n;
        snes->n_parts++;
    }
}

enum vt_code vt_train_make_parts(struct vt_train *train, struct vt_error *error)
{
    struct vt_train_parts_of_snes *snes = &train->snes;
    const size_t n = train->train_labels.n_all, types = (size_t)train->model.n_types;
    const size_t size = (size_t)train->config->snes.batch;
    struct ranked_frame *ranked = NULL;
    size_t n_placed = 0;
    snes->n_batches = (n - 1) / size + 1;
    enum vt_code code = vt_alloc(&snes->part, n, sizeof *snes->part, "parts", error);
    if (!code)
        code = vt_alloc(&snes->frame, n, sizeof *snes->frame, "parts", error);
    if (!code)
        code = vt_alloc(&snes->has_type, n * types, sizeof *snes->has_type, "parts", error);
    if (!code)
        code = vt_alloc(&ranked, n, sizeof *ranked, "parts", error);
    if (!code) {
        for (size_t i = 0; i < n; i++)
            note_types(train, i, snes->has_type + i * types);
        deal(train, ranked);
        for (size_t b = 0; b < snes->n_batches; b++)
            part_batch(train, b, ranked, snes->has_type, &n_placed);
        assert(n_placed == n);
    }
    vt_free(ranked);
    return code;
}

static void set_snes(struct vt_train *train)
{
    assert(train->n_stages >= 1 && train->n_stages <= VT_TRAIN_STAGES);
    for (size_t i = 0; i < train->n_stages; i++) {
        struct vt_snes_settings *snes = &train->stage[i].optimiser.snes;
        if (train->stage[i].optimiser.kind != VT_OPTIMISER_SNES)
            continue;
        snes->n_types = train->model.n_types;
        snes->owner = train->parameter_owner;
        snes->bias = vt_start_bias_index(&train->model);
        memcpy(snes->lambda, train->weights.lambda, sizeof snes->lambda);
        snes->lambda_1 = train->weights.lambda_1;
        snes->lambda_2 = train->weights.lambda_2;
        snes->parts = train->snes.part;
        snes->n_parts = train->snes.n_parts;
        snes->n_batches = train->snes.n_batches;
    }
}

static enum vt_code set_soap(struct vt_train *train, struct vt_error *error)
{
    const enum vt_code code = vt_alloc(&train->matrix, 3 * (size_t)train->model.n_types,
                                       sizeof *train->matrix, "matrices", error);
    const size_t n = code ? 0 : vt_start_matrices(&train->model, train->matrix);
    for (size_t i = 0; i < train->n_stages; i++)
        if (train->stage[i].optimiser.kind == VT_OPTIMISER_SOAP) {
            train->stage[i].optimiser.adam.matrix = train->matrix;
            train->stage[i].optimiser.adam.n_matrices = n;
        }
    return code;
}

enum vt_code vt_train_prepare(struct vt_train *train, struct vt_error *error)
{
    enum vt_code code = draw_model(train, error);
    if (!code)
        code = set_weights(train, error);
    code = vt_agree(train->comm, code, 0, error);
    if (!code)
        code = make_losses(train, error);
    if (code)
        return code;
    train->n_stages =
        vt_train_config_stages(train->config, train->train_labels.n_all, train->stage);
    code = vt_train_make_parts(train, error);
    if (!code)
        code = set_soap(train, error);
    code = vt_agree(train->comm, code, 0, error);
    if (!code)
        set_snes(train);
    return code;
}
