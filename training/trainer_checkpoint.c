/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything the loop goes on from, by io/checkpoint.h: rank 0's values, which are everybody's. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/checkpoint.h"
#include "training/trainer_state.h"

enum { RECORD = sizeof(struct vt_training_record) / sizeof(double), NAME = 64 };

static void block_name(const struct vt_optimiser_block *block, char name[NAME])
{
    snprintf(name, NAME, "optimiser.%s", block->name);
}

static enum vt_code put_optimiser(struct vt_trainer *trainer, struct vt_checkpoint_writer *writer,
                                  struct vt_error *error)
{
    struct vt_optimiser_block block[VT_OPTIMISER_BLOCKS];
    const size_t n = vt_optimiser_blocks(trainer->optimiser, block);
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < n && !code; i++) {
        char name[NAME];
        block_name(&block[i], name);
        code = vt_checkpoint_put(writer, name, VT_CHECKPOINT_DOUBLE, block[i].n, block[i].values,
                                 error);
    }
    return code;
}

static enum vt_code put_all(struct vt_trainer *trainer, struct vt_checkpoint_writer *writer,
                            struct vt_error *error)
{
    const char *identity = trainer->options.identity;
    assert(identity && trainer->n_records > 0 && trainer->optimiser);
    enum vt_code code = vt_checkpoint_put(writer, "training.identity", VT_CHECKPOINT_TEXT,
                                          strlen(identity), identity, error);
    if (!code)
        code =
            vt_checkpoint_put(writer, "training.numbers", VT_CHECKPOINT_DOUBLE,
                              sizeof trainer->numbers / sizeof(double), &trainer->numbers, error);
    if (!code)
        code = vt_checkpoint_put(writer, "training.best", VT_CHECKPOINT_DOUBLE,
                                 trainer->options.weights.n, trainer->best, error);
    if (!code)
        code = vt_checkpoint_put(writer, "training.records", VT_CHECKPOINT_DOUBLE,
                                 RECORD * trainer->n_records, trainer->records, error);
    return code ? code : put_optimiser(trainer, writer, error);
}

enum vt_code vt_trainer_save(struct vt_trainer *trainer, struct vt_error *error)
{
    struct vt_checkpoint_writer *writer = NULL;
    enum vt_code code =
        vt_checkpoint_create(&writer, trainer->options.comm, trainer->options.checkpoint, 0, error);
    if (!code)
        code = put_all(trainer, writer, error);
    if (!code)
        return vt_checkpoint_commit(writer, error);
    vt_checkpoint_discard(writer);
    return code;
}

/* ---- reading ---- */

static enum vt_code check_identity(struct vt_checkpoint *checkpoint, const char *path,
                                   const char *expected, struct vt_error *error)
{
    char *identity = NULL;
    size_t n;
    const struct vt_place place = {path, 0, 0};
    if (!vt_checkpoint_has(checkpoint, "training.identity"))
        return vt_fail_at(error, place, VT_INPUT, "this is no checkpoint of a training");
    enum vt_code code = vt_checkpoint_take(checkpoint, "training.identity", VT_CHECKPOINT_TEXT,
                                           &identity, &n, error);
    if (!code && strcmp(identity, expected) != 0) {
        code = vt_fail_at(error, place, VT_INPUT,
                          "the checkpoint is of another training: configuration or frames differ");
        vt_hint(error, "only walltime, memory, output and the number of ranks may change; or start "
                       "anew with --force");
    }
    vt_free(identity);
    return code;
}

enum vt_code vt_trainer_check_restart(MPI_Comm comm, const char *path, const char *identity,
                                      struct vt_error *error)
{
    struct vt_checkpoint *checkpoint = NULL;
    enum vt_code code = vt_checkpoint_open(&checkpoint, comm, path, error);
    if (code)
        return code;
    code = check_identity(checkpoint, path, identity, error);
    vt_checkpoint_close(checkpoint);
    return code;
}

static enum vt_code get_records(struct vt_trainer *trainer, struct vt_checkpoint *checkpoint,
                                struct vt_error *error)
{
    size_t n;
    const enum vt_code code = vt_checkpoint_take(
        checkpoint, "training.records", VT_CHECKPOINT_DOUBLE, &trainer->records, &n, error);
    if (code)
        return code;
    trainer->n_records = trainer->record_capacity = n / RECORD;
    const struct vt_trainer_numbers *numbers = &trainer->numbers;
    if (n % RECORD != 0 || n == 0 || !(numbers->stage >= 0) ||
        !(numbers->stage < (double)trainer->options.n_stages) || !(numbers->best >= 0) ||
        !(numbers->best < (double)trainer->n_records))
        return vt_fail_at(error, (struct vt_place){trainer->options.checkpoint, 0, 0}, VT_INPUT,
                          "the state of the training makes no sense");
    return VT_OK;
}

static enum vt_code get_optimiser(struct vt_trainer *trainer, struct vt_checkpoint *checkpoint,
                                  struct vt_error *error)
{
    struct vt_optimiser_block block[VT_OPTIMISER_BLOCKS];
    const size_t n = vt_optimiser_blocks(trainer->optimiser, block);
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < n && !code; i++) {
        char name[NAME];
        block_name(&block[i], name);
        code = vt_checkpoint_get(checkpoint, name, VT_CHECKPOINT_DOUBLE, block[i].n,
                                 block[i].values, error);
    }
    return code;
}

enum vt_code vt_trainer_load(struct vt_trainer *trainer, struct vt_error *error)
{
    struct vt_checkpoint *checkpoint = NULL;
    enum vt_code code =
        vt_checkpoint_open(&checkpoint, trainer->options.comm, trainer->options.checkpoint, error);
    if (code)
        return code;
    code =
        check_identity(checkpoint, trainer->options.checkpoint, trainer->options.identity, error);
    if (!code)
        code =
            vt_checkpoint_get(checkpoint, "training.numbers", VT_CHECKPOINT_DOUBLE,
                              sizeof trainer->numbers / sizeof(double), &trainer->numbers, error);
    if (!code)
        code = vt_checkpoint_get(checkpoint, "training.best", VT_CHECKPOINT_DOUBLE,
                                 trainer->options.weights.n, trainer->best, error);
    if (!code)
        code = get_records(trainer, checkpoint, error);
    if (!code)
        code = vt_trainer_enter_stage(trainer, error);
    if (!code)
        code = get_optimiser(trainer, checkpoint, error);
    vt_checkpoint_close(checkpoint);
    return code;
}
