/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/trainer.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"
#include "training/trainer_state.h"
#include "training/vector.h"

/* Errors below these are as good as none, so that weights stay finite: eV/atom, eV/A, eV/atom, e,
 * e. */
static const double floors[VT_LOSS_KINDS] = {1e-5, 1e-4, 1e-5, 1e-5, 1e-4};

static const double rounding = 1e-9;      /* of passes, which are sums of parts */
static const double running_decay = 0.98; /* of mean squares of batches */

/* Steps between new weights. L-BFGS wants one function for a while. */
static const int64_t reweigh_every[VT_OPTIMISERS] = {[VT_OPTIMISER_ADAM] = 1,
                                                     [VT_OPTIMISER_SOAP] = 1,
                                                     [VT_OPTIMISER_LBFGS] = 20,
                                                     [VT_OPTIMISER_NEWTON] = 1,
                                                     [VT_OPTIMISER_SNES] = 0};

/* ---- setting up ---- */

enum vt_code vt_trainer_create(struct vt_trainer **trainer,
                               const struct vt_trainer_options *options, struct vt_error *error)
{
    assert(trainer && options && options->train && options->start && options->n_stages >= 1);
    assert(!options->restart || options->checkpoint);
    const size_t n = options->train->n_parameters;
    enum vt_code code = vt_alloc(trainer, 1, sizeof **trainer, "the trainer", error);
    if (code)
        return code;
    struct vt_trainer *t = *trainer;
    t->options = *options;
    vt_regularised_init(&t->objective, options->train, &t->options.weights);
    code = vt_alloc(&t->position, n, sizeof *t->position, "parameters", error);
    if (!code)
        code = vt_alloc(&t->best, n, sizeof *t->best, "parameters", error);
    if (code) {
        vt_trainer_destroy(t);
        *trainer = NULL;
        return code;
    }
    vt_vector_copy(n, t->position, options->start);
    vt_vector_copy(n, t->best, options->start);
    return VT_OK;
}

void vt_trainer_destroy(struct vt_trainer *trainer)
{
    if (!trainer)
        return;
    vt_optimiser_destroy(trainer->optimiser);
    vt_free(trainer->records);
    vt_free(trainer->best);
    vt_free(trainer->position);
    vt_free(trainer);
}

const double *vt_trainer_best(const struct vt_trainer *trainer)
{
    assert(trainer);
    return trainer->best;
}

const struct vt_training_record *vt_trainer_records(const struct vt_trainer *trainer, size_t *n,
                                                    size_t *best)
{
    assert(trainer && n && best);
    *n = trainer->n_records;
    *best = (size_t)trainer->numbers.best;
    return trainer->records;
}

static const struct vt_training_stage *stage_at_work(const struct vt_trainer *trainer)
{
    assert((size_t)trainer->numbers.stage < trainer->options.n_stages);
    return &trainer->options.stage[(size_t)trainer->numbers.stage];
}

/* ---- weights ---- */

static bool weighs(const struct vt_trainer *trainer)
{
    return stage_at_work(trainer)->optimiser.kind != VT_OPTIMISER_SNES;
}

/* Weights of the squares from what the errors are. */
static void weigh(struct vt_trainer *trainer)
{
    const struct vt_trainer_options *options = &trainer->options;
    struct vt_trainer_numbers *numbers = &trainer->numbers;
    for (int k = 0; k < VT_LOSS_KINDS; k++) {
        const double square = numbers->mean_square[k] + floors[k] * floors[k];
        assert(!(square < 0));
        numbers->lambda[k] = options->form == VT_LOSS_SQUARES
                                 ? options->weights.lambda[k]
                                 : options->weights.lambda[k] / (2 * sqrt(square));
    }
    if (trainer->objective.objective.weigh)
        trainer->objective.objective.weigh(&trainer->objective, numbers->lambda);
}

static void learn_squares(struct vt_trainer *trainer, const struct vt_loss *loss)
{
    const enum vt_optimiser_kind kind = stage_at_work(trainer)->optimiser.kind;
    const bool of_batch = kind == VT_OPTIMISER_ADAM || kind == VT_OPTIMISER_SOAP;
    double *square = trainer->numbers.mean_square;
    for (int k = 0; k < VT_LOSS_KINDS; k++)
        if (loss->count[k] > 0)
            square[k] = of_batch
                            ? running_decay * square[k] + (1 - running_decay) * loss->mean_square[k]
                            : loss->mean_square[k];
}

static void reweigh(struct vt_trainer *trainer)
{
    const int64_t every = reweigh_every[stage_at_work(trainer)->optimiser.kind];
    if (!weighs(trainer) || trainer->options.form == VT_LOSS_SQUARES ||
        vt_optimiser_steps(trainer->optimiser) % every != 0)
        return;
    weigh(trainer);
    vt_optimiser_reweighed(trainer->optimiser);
}

/* ---- records ---- */

static double seconds_so_far(const struct vt_trainer *trainer)
{
    return MPI_Wtime() - trainer->started;
}

/* Loss of a model on all frames of a set. */
static enum vt_code evaluate_set(const struct vt_objective *set, const double *model,
                                 struct vt_loss *loss, struct vt_error *error)
{
    return set->evaluate(set->content, model, &(struct vt_batch){0}, loss, NULL, error);
}

static enum vt_code add_record(struct vt_trainer *trainer, const struct vt_training_record *record,
                               const double *model, struct vt_error *error)
{
    const enum vt_code code =
        vt_reserve(&trainer->records, &trainer->record_capacity, trainer->n_records + 1,
                   sizeof *trainer->records, "records of the training", error);
    if (code)
        return code;
    trainer->records[trainer->n_records] = *record;
    assert(trainer->numbers.best <= (double)trainer->n_records);
    const double best = trainer->records[(size_t)trainer->numbers.best].score;
    if (trainer->n_records == 0 || record->score < best) {
        trainer->numbers.best = (double)trainer->n_records;
        vt_vector_copy(trainer->options.weights.n, trainer->best, model);
    }
    trainer->n_records++;
    return VT_OK;
}

/* Measure a model on both sets. */
static enum vt_code record(struct vt_trainer *trainer, const double *model, struct vt_loss *train,
                           struct vt_error *error)
{
    const struct vt_trainer_options *options = &trainer->options;
    const struct vt_optimiser *optimiser = trainer->optimiser;
    struct vt_training_record r = {.stage = trainer->numbers.stage};
    struct vt_loss test = {0};
    enum vt_code code = evaluate_set(options->train, model, train, error);
    if (!code && options->test)
        code = evaluate_set(options->test, model, &test, error);
    if (code)
        return code;
    r.step = optimiser ? (double)vt_optimiser_steps(optimiser) : 0;
    r.passes = trainer->numbers.passes + (optimiser ? vt_optimiser_passes(optimiser) : 0);
    r.seconds = seconds_so_far(trainer);
    r.loss = vt_gpumd_loss(&options->weights, model, train->rmse);
    memcpy(r.train, train->rmse, sizeof r.train);
    memcpy(r.test, test.rmse, sizeof r.test);
    r.score =
        options->test ? vt_gpumd_loss(&options->weights, model, test.rmse).total : r.loss.total;
    return add_record(trainer, &r, model, error);
}

/* ---- stages ---- */

enum vt_code vt_trainer_enter_stage(struct vt_trainer *trainer, struct vt_error *error)
{
    vt_optimiser_destroy(trainer->optimiser);
    trainer->optimiser = NULL;
    return vt_optimiser_create(&trainer->optimiser, &trainer->objective.objective,
                               &stage_at_work(trainer)->optimiser, trainer->position, error);
}

static enum vt_code begin(struct vt_trainer *trainer, struct vt_error *error)
{
    struct vt_loss loss;
    trainer->started = trainer->last_checkpoint = MPI_Wtime();
    if (trainer->options.restart) {
        const enum vt_code code = vt_trainer_load(trainer, error);
        trainer->started -= trainer->numbers.seconds;
        if (!code && weighs(trainer) && trainer->objective.objective.weigh)
            trainer->objective.objective.weigh(&trainer->objective, trainer->numbers.lambda);
        return code;
    }
    enum vt_code code = record(trainer, trainer->position, &loss, error);
    if (code)
        return code;
    memcpy(trainer->numbers.mean_square, loss.mean_square, sizeof loss.mean_square);
    weigh(trainer);
    trainer->numbers.next_record = stage_at_work(trainer)->record_passes;
    return vt_trainer_enter_stage(trainer, error);
}

static bool is_last_stage(const struct vt_trainer *trainer)
{
    return (size_t)trainer->numbers.stage + 1 == trainer->options.n_stages;
}

/* The next stage starts from this one's last model. */
static enum vt_code next_stage(struct vt_trainer *trainer, struct vt_error *error)
{
    assert(!is_last_stage(trainer));
    vt_vector_copy(trainer->options.weights.n, trainer->position,
                   vt_optimiser_model(trainer->optimiser));
    trainer->numbers.passes += vt_optimiser_passes(trainer->optimiser);
    trainer->numbers.stage++;
    trainer->numbers.next_record = stage_at_work(trainer)->record_passes;
    return vt_trainer_enter_stage(trainer, error);
}

static bool stage_is_over(const struct vt_trainer *trainer)
{
    return vt_optimiser_steps(trainer->optimiser) >= stage_at_work(trainer)->n_steps ||
           vt_optimiser_is_stuck(trainer->optimiser);
}

/* Part of the work that is done; stages count by their steps alone. */
static double part_done(const struct vt_trainer *trainer)
{
    const double steps = (double)stage_at_work(trainer)->n_steps;
    const double in_stage = (double)vt_optimiser_steps(trainer->optimiser) / fmax(steps, 1);
    return (trainer->numbers.stage + in_stage) / (double)trainer->options.n_stages;
}

static void show(const struct vt_trainer *trainer, const struct vt_loss *loss, bool is_new_record)
{
    const struct vt_trainer_options *options = &trainer->options;
    if (!options->look || vt_rank(options->comm) != 0)
        return;
    const struct vt_training_status status = {
        .optimiser = vt_optimiser_name(stage_at_work(trainer)->optimiser.kind),
        .stage = (size_t)trainer->numbers.stage,
        .n_stages = options->n_stages,
        .step = vt_optimiser_steps(trainer->optimiser),
        .n_steps = stage_at_work(trainer)->n_steps,
        .part = part_done(trainer),
        .seconds = trainer->numbers.seconds,
        .loss = *loss,
        .record = &trainer->records[trainer->n_records - 1],
        .is_new_record = is_new_record};
    options->look(options->user, &status);
}

/* One step, and a record if one is due. */
static enum vt_code advance(struct vt_trainer *trainer, struct vt_error *error)
{
    struct vt_loss loss, whole;
    reweigh(trainer);
    enum vt_code code = vt_optimiser_step(trainer->optimiser, &loss, error);
    if (code)
        return code;
    learn_squares(trainer, &loss);
    const double passes = vt_optimiser_passes(trainer->optimiser);
    const bool due = passes >= trainer->numbers.next_record - rounding || stage_is_over(trainer);
    if (due) {
        trainer->numbers.next_record = passes + stage_at_work(trainer)->record_passes;
        code = record(trainer, vt_optimiser_model(trainer->optimiser), &whole, error);
    }
    trainer->numbers.seconds = seconds_so_far(trainer);
    if (!code)
        show(trainer, &loss, due);
    return code;
}

/* ---- the loop ---- */

enum { GO_ON, SAVE, TIME_IS_OVER, STOP };

/* Rank 0 looks at the clock and at the signals, and all follow. */
static int ask_first_rank(struct vt_trainer *trainer)
{
    const struct vt_trainer_options *options = &trainer->options;
    int answer = GO_ON;
    if (vt_rank(options->comm) == 0) {
        const double now = MPI_Wtime();
        if (options->wants_stop && options->wants_stop(options->user))
            answer = STOP;
        else if (now >= options->end)
            answer = TIME_IS_OVER;
        else if (options->checkpoint &&
                 now - trainer->last_checkpoint >= options->checkpoint_interval)
            answer = SAVE;
    }
    if (options->comm != MPI_COMM_NULL)
        MPI_Bcast(&answer, 1, MPI_INT, 0, options->comm);
    return answer;
}

static bool is_out_of_patience(const struct vt_trainer *trainer)
{
    const int64_t patience = trainer->options.patience;
    const double last = (double)trainer->n_records - 1;
    return patience > 0 && last - trainer->numbers.best >= (double)patience;
}

/* True: the loop ends here, for the reason *end. */
static bool ends(struct vt_trainer *trainer, int answer, enum vt_training_end *end)
{
    if (stage_is_over(trainer) && is_last_stage(trainer))
        *end = VT_TRAINING_FINISHED;
    else if (is_out_of_patience(trainer))
        *end = VT_TRAINING_CONVERGED;
    else if (answer == STOP)
        *end = VT_TRAINING_STOPPED;
    else if (answer == TIME_IS_OVER)
        *end = VT_TRAINING_OUT_OF_TIME;
    else
        return false;
    return true;
}

static enum vt_code save(struct vt_trainer *trainer, struct vt_error *error)
{
    trainer->last_checkpoint = MPI_Wtime();
    return trainer->options.checkpoint ? vt_trainer_save(trainer, error) : VT_OK;
}

enum vt_code vt_trainer_run(struct vt_trainer *trainer, enum vt_training_end *end,
                            struct vt_error *error)
{
    assert(trainer && end);
    enum vt_code code = begin(trainer, error);
    while (!code) {
        if (stage_is_over(trainer) && !is_last_stage(trainer))
            code = next_stage(trainer, error);
        if (!code && !stage_is_over(trainer))
            code = advance(trainer, error);
        if (code)
            break;
        const int answer = ask_first_rank(trainer);
        if (ends(trainer, answer, end))
            return save(trainer, error);
        if (answer == SAVE)
            code = save(trainer, error);
    }
    return code;
}
