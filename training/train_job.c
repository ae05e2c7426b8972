/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/train_job.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/agree.h"
#include "base/elements.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "potential/zbl.h"
#include "training/audit.h"
#include "training/split.h"
#include "training/train_state.h"

static const double largest_usual_force = 30; /* eV/A: as --check has it */

/* 64-bit FNV-1a. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* All that the loss sees of the frames. */
static uint64_t hash_frames(const struct vt_dataset *data)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < data->n_frames; i++) {
        const struct vt_dataset_frame *frame = &data->frame[i];
        const uint64_t structure = vt_dataset_hash(data, frame);
        const double numbers[] = {frame->energy, frame->weight, frame->energy_weight, frame->charge,
                                  frame->is_test};
        hash = mix(hash, &structure, sizeof structure);
        hash = mix(hash, numbers, sizeof numbers);
        hash = mix(hash, frame->force, frame->n_atoms * sizeof *frame->force);
        if (frame->has_virial)
            hash = mix(hash, frame->virial, sizeof frame->virial);
        if (frame->born)
            hash = mix(hash, frame->born, 9 * frame->n_atoms * sizeof *frame->born);
    }
    return hash;
}

/* The keywords that make the result, and the frames. */
static enum vt_code make_identity(struct vt_train *train, struct vt_error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return vt_fail(error, VT_MEMORY, "no memory for the configuration");
    vt_train_config_echo_identity(train->config, stream);
    fprintf(stream, "# frames %016llx\n", (unsigned long long)hash_frames(&train->data));
    enum vt_code code = fclose(stream) == 0
                            ? vt_alloc(&train->identity, size + 1, 1, "the configuration", error)
                            : vt_fail(error, VT_MEMORY, "no memory for the configuration");
    if (!code)
        memcpy(train->identity, text, size);
    free(text);
    return code;
}

/* The first finding of each kind that is an error or wants a look; --check tells them all. */
static void tell_findings(const struct vt_train *train, const struct vt_audit *audit)
{
    for (size_t i = 0; i < audit->n_findings; i++) {
        const struct vt_audit_finding *finding = &audit->finding[i];
        bool is_first = vt_audit_level(finding->kind) != VT_NOTE;
        for (size_t j = 0; j < i; j++)
            is_first = is_first && audit->finding[j].kind != finding->kind;
        if (is_first)
            vt_log_once(train->options->log, VT_LOG_WARNING, "%s%s%s (%zu of the kind: --check)",
                        vt_audit_text(finding->kind), finding->text[0] ? ": " : "", finding->text,
                        audit->count[finding->kind]);
    }
}

/* A wall that ends at distances which atoms pass bends the forces there. */
static void tell_wall(const struct vt_train *train, const struct vt_audit *audit)
{
    const struct vt_nep *model = &train->model;
    const double(*closest)[VT_NEP_MAX_TYPES] = audit->closest;
    double deepest = 0;
    int s = 0, t = 0; /* the pair that it reaches farthest among the distances of */
    if (model->zbl == VT_ZBL_FLEXIBLE)
        return;
    for (int i = 0; i < model->n_types; i++)
        for (int j = i; j < model->n_types; j++) {
            const double depth = vt_zbl_pair(model, i, j).outer - closest[i][j];
            if (depth <= deepest)
                continue;
            deepest = depth;
            s = i;
            t = j;
        }
    if (deepest > 0)
        vt_log_once(train->options->log, VT_LOG_WARNING,
                    "ZBL between %s and %s ends at %.2f A, among the distances of the set (from "
                    "%.2f A on), and bends the forces there: zbl_from_set ends it before them",
                    vt_element_symbol(model->atomic_number[s]),
                    vt_element_symbol(model->atomic_number[t]), closest[s][t] + deepest,
                    closest[s][t]);
}

/* Rank 0: wrong units and signs are told before hours are spent on them. */
static enum vt_code audit(const struct vt_train *train, struct vt_error *error)
{
    struct vt_audit found = {0};
    const struct vt_audit_options options = {.max_force = largest_usual_force};
    if (train->rank != 0)
        return VT_OK;
    const enum vt_code code = vt_audit(&found, &train->data, &options, error);
    if (!code) {
        tell_findings(train, &found);
        tell_wall(train, &found);
    }
    vt_audit_destroy(&found);
    return code;
}

static void introduce(const struct vt_train *train)
{
    const struct vt_log *log = train->options->log;
    char token[32];
    size_t kept, kept_frames;
    vt_nep_token(&train->model, token);
    kept = vt_gradient_kept(train->train_gradient, &kept_frames);
    vt_log_once(log, VT_LOG_NOTE, "%s", train->about);
    vt_log_once(log, VT_LOG_NOTE, "%zu frames to train with, %zu to test with; %s, %zu parameters",
                train->train_labels.n_all, train->test_labels.n_all, token,
                train->model.n_trainable);
    vt_log_once(log, VT_LOG_NOTE,
                "energies of elements %s; %.0f MB kept of %zu frames on this rank",
                train->uses_shift ? "are taken off (summary.json)" : "stay in the model",
                1e-6 * (double)kept, kept_frames);
    if (train->data.n_frames > train->train_labels.n_all)
        return;
    vt_log_once(log, VT_LOG_NOTE,
                "without test frames the model is judged by what it was "
                "trained with: say test: 0.1 to hold some back");
}

static enum vt_code make_trainer(struct vt_train *train, const char *checkpoint,
                                 struct vt_error *error)
{
    const struct vt_train_config *config = train->config;
    const struct vt_trainer_options options = {
        .comm = train->comm,
        .train = &train->train_objective,
        .test = train->test_gradient ? &train->test_objective : NULL,
        .weights = train->weights,
        .form = (enum vt_loss_form)config->loss.form,
        .n_stages = train->n_stages,
        .stage = train->stage,
        .start = train->model.numbers,
        .end = config->has_walltime ? train->options->started + config->walltime : INFINITY,
        .patience = config->early_stop,
        .checkpoint = checkpoint,
        .identity = train->identity,
        .checkpoint_interval = config->output.checkpoint,
        .restart = train->options->restart,
        .wants_stop = train->options->wants_stop,
        .look = train->options->look,
        .user = train->options->user};
    return vt_agree(train->comm, vt_trainer_create(&train->trainer, &options, error), 0, error);
}

/* A test frame that the model is far off on may hide all others, and the best model is that for
 * this one frame. */
static void tell_worst(const struct vt_train *train, const struct vt_results_table *test)
{
    enum { FEW = 5 };
    if (test->n_rows == 0 || test->row[0].n_frames < FEW)
        return;
    const double part = test->worst_square / test->row[0].square[VT_RESULT_FORCE];
    if (part > 0.5)
        vt_log_once(train->options->log, VT_LOG_WARNING,
                    "%.200s:%ld, one of %zu test frames, has %.0f %% of the squared errors of "
                    "forces: which model is the best depends on it",
                    test->worst->file, test->worst->line, test->row[0].n_frames, 100 * part);
}

static enum vt_code fit(struct vt_train *train, struct vt_train_report *report,
                        struct vt_error *error)
{
    char checkpoint[4096];
    size_t n, best;
    enum vt_code code = vt_train_path(train, "checkpoint.h5", checkpoint, error);
    if (!code && train->rank == 0)
        code = vt_train_folder_clear(train, error);
    code = vt_agree(train->comm, code, 0, error);
    if (!code)
        code = make_trainer(train, checkpoint, error);
    if (!code)
        code = vt_trainer_run(train->trainer, &report->end, error);
    if (code)
        return code;
    const struct vt_training_record *record = vt_trainer_records(train->trainer, &n, &best);
    report->best = record[best];
    report->seconds = record[n - 1].seconds;
    code = vt_train_write(train, report, error);
    if (!code)
        tell_worst(train, &report->test);
    return code;
}

static enum vt_code check_restart(const struct vt_train *train, struct vt_error *error)
{
    char checkpoint[4096];
    const enum vt_code code = vt_train_path(train, "checkpoint.h5", checkpoint, error);
    return code ? code : vt_trainer_check_restart(train->comm, checkpoint, train->identity, error);
}

static void destroy(struct vt_train *train)
{
    vt_trainer_destroy(train->trainer);
    vt_gradient_destroy(train->test_gradient);
    vt_gradient_destroy(train->train_gradient);
    vt_free(train->matrix);
    vt_free(train->snes.has_type);
    vt_free(train->snes.frame);
    vt_free(train->snes.part);
    vt_free(train->identity);
    vt_free(train->parameter_owner);
    vt_nep_destroy(&train->model);
    vt_labels_destroy(&train->test_labels);
    vt_labels_destroy(&train->train_labels);
    vt_free(train->owner);
    vt_dataset_destroy(&train->data);
}

enum vt_code vt_train(MPI_Comm comm, const struct vt_train_options *options,
                      struct vt_train_report *report, struct vt_error_list *errors,
                      struct vt_error *error)
{
    struct vt_train train = {.options = options,
                             .config = options->config,
                             .comm = comm,
                             .rank = vt_rank(comm),
                             .size = vt_rank_count(comm)};
    assert(comm != MPI_COMM_NULL && options && options->config && report && errors && error);
    *report = (struct vt_train_report){0};
    snprintf(train.about, sizeof train.about, "vitrion %s, %d rank%s", options->program, train.size,
             train.size == 1 ? "" : "s");
    enum vt_code code = vt_agree(comm, vt_train_folder_check(&train, error), 0, error);
    if (!code)
        code = vt_train_read(&train, errors, error);
    if (!code)
        code = vt_agree(comm, make_identity(&train, error), 0, error);
    if (!code && options->restart)
        code = check_restart(&train, error);
    if (!code)
        code = vt_train_prepare(&train, error);
    report->n_train = train.train_labels.n_all;
    report->n_test = train.test_labels.n_all;
    if (!code) {
        introduce(&train);
        code = vt_agree(comm, audit(&train, error), 0, error);
    }
    if (!code) {
        code = options->dry_run ? VT_OK : fit(&train, report, error);
    }
    destroy(&train);
    return code;
}
