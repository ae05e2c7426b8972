/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/gradient.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"

/* What every rank knows of every frame. */
struct census {
    double atoms, virial, born; /* number of atoms; 1 if there is one */
};

struct vt_gradient {
    struct vt_plan plan;
    struct vt_layout layout;
    struct vt_block_places places;
    struct vt_frame_set set; /* borrowed arrays */
    struct vt_gradient_options options;
    double *type_weight;   /* owned copy of the options' */
    MPI_Comm comm;         /* owned */
    struct census *census; /* [n_all] */
    ptrdiff_t *local;      /* [n_all]: place in the set, or -1 */
    size_t *all;           /* [n_all]: 0, 1, ... */
    struct vt_geometer *geometer;
    struct vt_geometry *geometry; /* [n]; n_atoms = 0: not kept */
    struct vt_geometry other;     /* of a frame that is not kept */
    double kept;                  /* bytes */
    struct vt_sweep *sweep;
    double *scaler; /* [dimension] */
    struct vt_outputs outputs, change, cotangent;
    size_t most_atoms; /* of the frames of this rank */
    double (*rows)[4]; /* storage of three forces */
    double (*tensors)[9];
    double (*force)[3]; /* of a prediction, in the order of the atoms */
    double (*born)[9];
    double *charges; /* [2 n_atoms] */
};

static size_t frame_number(const struct vt_frame_set *set, size_t i)
{
    return set->number ? set->number[i] : i;
}

static enum vt_code take_census(struct vt_gradient *gradient, struct vt_error *error)
{
    const struct vt_frame_set *set = &gradient->set;
    enum vt_code code =
        vt_alloc(&gradient->census, set->n_all, sizeof *gradient->census, "frames", error);
    if (!code)
        code = vt_alloc(&gradient->local, set->n_all, sizeof *gradient->local, "frames", error);
    if (!code)
        code = vt_alloc(&gradient->all, set->n_all, sizeof *gradient->all, "frames", error);
    if (code)
        return code;
    for (size_t f = 0; f < set->n_all; f++) {
        gradient->local[f] = -1;
        gradient->all[f] = f;
    }
    for (size_t i = 0; i < set->n; i++) {
        const size_t f = frame_number(set, i);
        assert(f < set->n_all && gradient->local[f] == -1);
        gradient->local[f] = (ptrdiff_t)i;
        gradient->census[f] =
            (struct census){(double)set->frame[i].n_atoms, set->frame[i].virial ? 1 : 0,
                            set->frame[i].born ? 1 : 0};
    }
    return VT_OK;
}

static size_t most_atoms(const struct vt_frame_set *set)
{
    size_t most = 1;
    for (size_t i = 0; i < set->n; i++)
        most = set->frame[i].n_atoms > most ? set->frame[i].n_atoms : most;
    return most;
}

static enum vt_code allocate_rows(struct vt_gradient *gradient, struct vt_error *error)
{
    const size_t most = gradient->most_atoms = most_atoms(&gradient->set);
    enum vt_code code =
        vt_alloc(&gradient->rows, 3 * most, sizeof *gradient->rows, "forces", error);
    if (!code)
        code = vt_alloc(&gradient->tensors, 3 * most, sizeof *gradient->tensors, "Born charges",
                        error);
    if (!code)
        code = vt_alloc(&gradient->force, most, sizeof *gradient->force, "forces", error);
    if (!code)
        code = vt_alloc(&gradient->born, most, sizeof *gradient->born, "Born charges", error);
    if (!code)
        code = vt_alloc(&gradient->charges, 2 * most, sizeof *gradient->charges, "charges", error);
    if (code)
        return code;
    struct vt_outputs *const outputs[] = {&gradient->outputs, &gradient->change,
                                          &gradient->cotangent};
    for (size_t k = 0; k < 3; k++) {
        outputs[k]->force = gradient->rows + k * most;
        outputs[k]->born = gradient->tensors + k * most;
    }
    return VT_OK;
}

/* All frames once: errors show here, and what fits the budget is kept. *failed: the frame. */
static enum vt_code fill_cache(struct vt_gradient *gradient, long *failed, struct vt_error *error)
{
    enum vt_code code =
        vt_alloc(&gradient->geometry, gradient->set.n, sizeof *gradient->geometry, "frames", error);
    for (size_t i = 0; i < gradient->set.n && !code; i++) {
        struct vt_geometry *geometry = &gradient->geometry[i];
        *failed = (long)frame_number(&gradient->set, i);
        code = vt_geometry_create(geometry, gradient->geometer, &gradient->set.frame[i], error);
        if (code)
            break;
        if (gradient->kept + (double)geometry->bytes <= gradient->options.memory)
            gradient->kept += (double)geometry->bytes;
        else
            vt_geometry_destroy(geometry);
    }
    return code;
}

static enum vt_code copy_options(struct vt_gradient *gradient,
                                 const struct vt_gradient_options *options, struct vt_error *error)
{
    gradient->options = *options;
    if (!options->loss.type_weight)
        return VT_OK;
    const size_t n = gradient->layout.n_types;
    const enum vt_code code =
        vt_alloc(&gradient->type_weight, n, sizeof(double), "weights of types", error);
    if (!code)
        memcpy(gradient->type_weight, options->loss.type_weight, n * sizeof(double));
    gradient->options.loss.type_weight = gradient->type_weight;
    return code;
}

/* What a rank can do by itself. */
static enum vt_code prepare(struct vt_gradient *gradient, const struct vt_nep *model,
                            const struct vt_gradient_options *options, long *failed,
                            struct vt_error *error)
{
    enum vt_code code = vt_plan_create(&gradient->plan, model, error);
    if (code)
        return code;
    gradient->layout = vt_layout(&gradient->plan);
    gradient->places = vt_block_places(model);
    code = copy_options(gradient, options, error);
    if (!code)
        code = vt_alloc(&gradient->scaler, gradient->layout.dimension, sizeof(double), "q_scaler",
                        error);
    if (!code)
        memcpy(gradient->scaler, vt_nep_scaler(model), gradient->layout.dimension * sizeof(double));
    if (!code)
        code = take_census(gradient, error);
    if (!code)
        code = allocate_rows(gradient, error);
    if (!code)
        code = vt_sweep_create(&gradient->sweep, &gradient->plan, options->kernel, error);
    if (!code)
        code = vt_geometer_create(&gradient->geometer, &gradient->plan, error);
    if (!code)
        code = fill_cache(gradient, failed, error);
    return code;
}

enum vt_code vt_gradient_create(struct vt_gradient **gradient, const struct vt_nep *model,
                                const struct vt_frame_set *set,
                                const struct vt_gradient_options *options, MPI_Comm comm,
                                struct vt_error *error)
{
    assert(model && set && options && set->n_all > 0);
    *gradient = NULL;
    long failed = 0;
    struct vt_gradient *made = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "gradients", error);
    if (!code) {
        made->comm = MPI_COMM_NULL;
        made->set = *set;
        code = prepare(made, model, options, &failed, error);
    }
    code = vt_agree(comm, code, failed, error);
    if (code) {
        vt_gradient_destroy(made);
        return code;
    }
    if (comm != MPI_COMM_NULL)
        MPI_Comm_dup(comm, &made->comm);
    vt_sum_over_ranks(made->comm, &made->census[0].atoms, 3 * (int)set->n_all);
    *gradient = made;
    return VT_OK;
}

void vt_gradient_destroy(struct vt_gradient *gradient)
{
    if (!gradient)
        return;
    for (size_t i = 0; gradient->geometry && i < gradient->set.n; i++)
        vt_geometry_destroy(&gradient->geometry[i]);
    vt_geometry_destroy(&gradient->other);
    vt_free(gradient->geometry);
    vt_geometer_destroy(gradient->geometer);
    vt_sweep_destroy(gradient->sweep);
    void *arrays[] = {gradient->type_weight, gradient->census, gradient->local,   gradient->all,
                      gradient->scaler,      gradient->rows,   gradient->tensors, gradient->force,
                      gradient->born,        gradient->charges};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        vt_free(arrays[i]);
    vt_plan_destroy(&gradient->plan);
    if (gradient->comm != MPI_COMM_NULL)
        MPI_Comm_free(&gradient->comm);
    vt_free(gradient);
}

static enum vt_code find_geometry(struct vt_gradient *gradient, size_t i,
                                  const struct vt_geometry **geometry, struct vt_error *error)
{
    *geometry = &gradient->geometry[i];
    if (gradient->geometry[i].n_atoms)
        return VT_OK;
    vt_geometry_destroy(&gradient->other);
    *geometry = &gradient->other;
    return vt_geometry_create(&gradient->other, gradient->geometer, &gradient->set.frame[i], error);
}

/* Of a frame of this rank. */
enum wanted {
    LAYERS,   /* what derivatives need: forces and tensors are not complete */
    LABELLED, /* what it has labels for */
    EVERYTHING
};

static enum vt_code predict(struct vt_gradient *gradient, size_t i, enum wanted wanted,
                            struct vt_residual_job *job, struct vt_error *error)
{
    const struct vt_labelled_frame *frame = &gradient->set.frame[i];
    const bool charges = gradient->layout.charge_mode != 0;
    double(*const tensors)[9] = gradient->tensors;
    gradient->outputs.born = charges && (wanted == EVERYTHING || frame->born) ? tensors : NULL;
    struct vt_sweep_frame of = {.charge = charges ? frame->charge : 0,
                                .virial = wanted == EVERYTHING || frame->virial,
                                .no_pairs = wanted == LAYERS};
    enum vt_code code = find_geometry(gradient, i, &of.geometry, error);
    if (!code)
        code = vt_sweep_predict(gradient->sweep, &of, &gradient->outputs, error);
    *job = (struct vt_residual_job){.options = &gradient->options.loss,
                                    .frame = frame,
                                    .geometry = of.geometry,
                                    .outputs = &gradient->outputs,
                                    .charges = charges};
    return code;
}

/* What the means of a batch divide by. */
static void count_residuals(const struct vt_gradient *gradient, const struct vt_batch *batch,
                            double count[VT_LOSS_KINDS])
{
    const bool charges = gradient->layout.charge_mode != 0;
    memset(count, 0, VT_LOSS_KINDS * sizeof *count);
    for (size_t k = 0; k < batch->n; k++) {
        assert(batch->frame[k] < gradient->set.n_all);
        const struct census *frame = &gradient->census[batch->frame[k]];
        count[VT_LOSS_ENERGY] += 1;
        count[VT_LOSS_FORCE] += 3 * frame->atoms;
        count[VT_LOSS_VIRIAL] += 6 * frame->virial;
        count[VT_LOSS_CHARGE] += charges ? 1 : 0;
        count[VT_LOSS_BORN] += charges ? 9 * frame->born : 0;
    }
}

static struct vt_batch whole(const struct vt_gradient *gradient, const struct vt_batch *batch)
{
    return batch->n ? *batch : (struct vt_batch){gradient->set.n_all, gradient->all};
}

/* The common bias and sqrt_epsilon_inf are free. */
static bool is_regularised(const struct vt_gradient *gradient, size_t parameter)
{
    return parameter != gradient->places.common_bias && parameter != gradient->places.sqrt_epsilon;
}

static double regularise(const struct vt_gradient *gradient, const double *parameters,
                         double *slope)
{
    const double n = (double)gradient->layout.n_parameters;
    const double factor = gradient->options.loss.lambda_2 / n;
    double sum = 0;
    for (size_t p = 0; p < gradient->layout.n_parameters; p++)
        if (is_regularised(gradient, p)) {
            sum += parameters[p] * parameters[p];
            if (slope)
                slope[p] += 2 * factor * parameters[p];
        }
    return factor * sum;
}

static void finish_loss(const struct vt_gradient *gradient, const struct vt_loss_sums *sums,
                        const double *count, struct vt_loss *loss)
{
    for (int k = 0; k < VT_LOSS_KINDS; k++) {
        loss->count[k] = count[k];
        loss->rmse[k] = count[k] > 0 ? sqrt(sums->plain[k] / count[k]) : 0;
        loss->mean_square[k] = count[k] > 0 ? sums->square[k] / count[k] : 0;
        loss->total += gradient->options.loss.lambda[k] * loss->mean_square[k];
    }
    loss->total += loss->regularisation;
    loss->energy_shift = sums->shift_weight > 0 ? sums->shift / sums->shift_weight : 0;
}

static enum vt_code add_frame(struct vt_gradient *gradient, size_t i, const double *count,
                              struct vt_loss_sums *sums, bool with_gradient, struct vt_error *error)
{
    struct vt_residual_job job;
    const enum vt_code code = predict(gradient, i, LABELLED, &job, error);
    if (code)
        return code;
    job.count = count;
    const bool born = gradient->outputs.born && gradient->options.loss.lambda[VT_LOSS_BORN] != 0;
    gradient->cotangent.born = born ? gradient->tensors + 2 * gradient->most_atoms : NULL;
    vt_residuals(&job, sums, with_gradient ? &gradient->cotangent : NULL);
    if (with_gradient)
        vt_sweep_pull_back(gradient->sweep, &gradient->cotangent);
    return VT_OK;
}

static enum vt_code evaluate(void *content, const double *parameters, const struct vt_batch *batch,
                             struct vt_loss *loss, double *slope, struct vt_error *error)
{
    assert(content && parameters && batch && loss && (batch->frame || batch->n == 0));
    struct vt_gradient *gradient = content;
    const struct vt_batch frames = whole(gradient, batch);
    struct vt_loss_sums sums = {{0}, {0}, 0, 0};
    double count[VT_LOSS_KINDS];
    count_residuals(gradient, &frames, count);
    vt_sweep_set(gradient->sweep, parameters, gradient->scaler);
    vt_sweep_begin(gradient->sweep);
    enum vt_code code = VT_OK;
    size_t k = 0;
    for (; k < frames.n && !code; k++) {
        const ptrdiff_t i = gradient->local[frames.frame[k]];
        if (i >= 0)
            code = add_frame(gradient, (size_t)i, count, &sums, slope != NULL, error);
    }
    code = vt_agree(gradient->comm, code, (long)k, error);
    if (code)
        return code;
    vt_sum_over_ranks(gradient->comm, (double *)&sums, (int)(sizeof sums / sizeof(double)));
    if (slope) {
        vt_sweep_finish(gradient->sweep, slope);
        vt_sum_over_ranks(gradient->comm, slope, (int)gradient->layout.n_parameters);
    }
    *loss = (struct vt_loss){.regularisation = regularise(gradient, parameters, slope)};
    finish_loss(gradient, &sums, count, loss);
    return VT_OK;
}

/* Does W depend on the residuals? */
static bool knows_residuals(const struct vt_loss_options *loss)
{
    for (int k = 0; k < VT_LOSS_KINDS; k++)
        if (loss->huber[k] > 0)
            return true;
    return false;
}

static enum vt_code add_curvature(struct vt_gradient *gradient, size_t i, const double *count,
                                  struct vt_error *error)
{
    struct vt_residual_job job;
    const enum wanted wanted = knows_residuals(&gradient->options.loss) ? LABELLED : LAYERS;
    const enum vt_code code = predict(gradient, i, wanted, &job, error);
    if (code)
        return code;
    const size_t most = gradient->most_atoms;
    const bool born = gradient->outputs.born && gradient->options.loss.lambda[VT_LOSS_BORN] != 0;
    gradient->change.born = born ? gradient->tensors + most : NULL;
    gradient->cotangent.born = born ? gradient->tensors + 2 * most : NULL;
    if (!born)
        gradient->outputs.born = NULL;
    vt_sweep_change(gradient->sweep, &gradient->change);
    job.count = count;
    job.change = &gradient->change;
    vt_residuals(&job, NULL, &gradient->cotangent);
    vt_sweep_pull_back(gradient->sweep, &gradient->cotangent);
    return VT_OK;
}

static enum vt_code curvature(void *content, const double *parameters, const struct vt_batch *batch,
                              const double *direction, double *product, struct vt_error *error)
{
    assert(content && parameters && batch && direction && product && direction != product);
    struct vt_gradient *gradient = content;
    const struct vt_batch frames = whole(gradient, batch);
    const size_t n = gradient->layout.n_parameters;
    double count[VT_LOSS_KINDS];
    count_residuals(gradient, &frames, count);
    vt_sweep_set(gradient->sweep, parameters, gradient->scaler);
    vt_sweep_set_direction(gradient->sweep, direction);
    vt_sweep_begin(gradient->sweep);
    enum vt_code code = VT_OK;
    size_t k = 0;
    for (; k < frames.n && !code; k++) {
        const ptrdiff_t i = gradient->local[frames.frame[k]];
        if (i >= 0)
            code = add_curvature(gradient, (size_t)i, count, error);
    }
    code = vt_agree(gradient->comm, code, (long)k, error);
    if (code)
        return code;
    vt_sweep_finish(gradient->sweep, product);
    vt_sum_over_ranks(gradient->comm, product, (int)n);
    for (size_t p = 0; p < n; p++)
        if (is_regularised(gradient, p))
            product[p] += 2 * gradient->options.loss.lambda_2 / (double)n * direction[p];
    return VT_OK;
}

static void weigh(void *content, const double lambda[VT_LOSS_KINDS])
{
    struct vt_gradient *gradient = content;
    for (int k = 0; k < VT_LOSS_KINDS; k++)
        assert(lambda[k] >= 0);
    memcpy(gradient->options.loss.lambda, lambda, VT_LOSS_KINDS * sizeof *lambda);
}

struct vt_objective vt_gradient_objective(struct vt_gradient *gradient)
{
    return (struct vt_objective){.content = gradient,
                                 .n_parameters = gradient->layout.n_parameters,
                                 .n_frames = gradient->set.n_all,
                                 .evaluate = evaluate,
                                 .curvature = curvature,
                                 .weigh = weigh};
}

/* Largest of each number over the ranks. */
static void most_over_ranks(MPI_Comm comm, double *values, size_t n)
{
    if (comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, values, (int)n, MPI_DOUBLE, MPI_MAX, comm);
}

enum vt_code vt_gradient_fit_scaler(struct vt_gradient *gradient, const double *parameters,
                                    struct vt_error *error)
{
    const size_t n = gradient->layout.dimension;
    double *most = NULL; /* of -q and of q */
    enum vt_code code = vt_alloc(&most, 2 * n, sizeof *most, "ranges of descriptors", error);
    for (size_t d = 0; d < n; d++)
        gradient->scaler[d] = 1;
    for (size_t d = 0; d < 2 * n && !code; d++)
        most[d] = -INFINITY;
    if (!code)
        vt_sweep_set(gradient->sweep, parameters, gradient->scaler);
    for (size_t i = 0; i < gradient->set.n && !code; i++) {
        const struct vt_geometry *geometry;
        code = find_geometry(gradient, i, &geometry, error);
        if (!code)
            code = vt_sweep_ranges(gradient->sweep, geometry, most, most + n, error);
    }
    code = vt_agree(gradient->comm, code, 0, error);
    if (!code) {
        most_over_ranks(gradient->comm, most, 2 * n);
        for (size_t d = 0; d < n; d++) {
            const double range = most[n + d] + most[d], size = fmax(most[n + d], most[d]);
            /* All atoms alike: there is no range, but there is a size. */
            if (range > 1e-10 * size)
                gradient->scaler[d] = 1 / range;
            else if (size > 0)
                gradient->scaler[d] = 1 / size;
        }
    }
    vt_free(most);
    return code;
}

const double *vt_gradient_scaler(const struct vt_gradient *gradient)
{
    return gradient->scaler;
}

enum vt_code vt_gradient_predict(struct vt_gradient *gradient, const double *parameters,
                                 size_t frame, struct vt_prediction *prediction,
                                 struct vt_error *error)
{
    assert(frame < gradient->set.n);
    struct vt_residual_job job;
    vt_sweep_set(gradient->sweep, parameters, gradient->scaler);
    const enum vt_code code = predict(gradient, frame, EVERYTHING, &job, error);
    if (code)
        return code;
    const struct vt_outputs *outputs = &gradient->outputs;
    const double *raw = vt_sweep_raw_charges(gradient->sweep);
    const double *neutral = vt_sweep_charges(gradient->sweep);
    const size_t n = job.geometry->n_atoms;
    for (size_t row = 0; row < n; row++) {
        const size_t atom = (size_t)job.geometry->atom[row];
        memcpy(gradient->force[atom], outputs->force[row], sizeof *gradient->force);
        if (!raw)
            continue;
        gradient->charges[atom] = raw[row];
        gradient->charges[n + atom] = neutral[row];
        memcpy(gradient->born[atom], outputs->born[row], sizeof *gradient->born);
    }
    *prediction = (struct vt_prediction){.energy = outputs->energy,
                                         .raw_charge = outputs->raw_charge,
                                         .force = (const double(*)[3])gradient->force,
                                         .raw_charges = raw ? gradient->charges : NULL,
                                         .charges = raw ? gradient->charges + n : NULL,
                                         .born = raw ? (const double(*)[9])gradient->born : NULL};
    memcpy(prediction->virial, outputs->virial, sizeof prediction->virial);
    return VT_OK;
}

size_t vt_gradient_kept(const struct vt_gradient *gradient, size_t *frames)
{
    *frames = 0;
    for (size_t i = 0; i < gradient->set.n; i++)
        *frames += gradient->geometry[i].n_atoms ? 1 : 0;
    return (size_t)gradient->kept;
}
