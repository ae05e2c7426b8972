/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each frame is predicted by the rank that has it and written by the first, in the order of the
 * set: a row of numbers travels. A rank that fails sends an empty row, so that nobody waits. */
#include "training/results.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/text.h"
#include "base/units.h"

enum { DIGITS = 12, TAG = 71, ENERGY = 0, VIRIAL = 1, CHARGE = 10, FORCES = 11 };

static const int component[6] = {0, 4, 8, 1, 5, 6}; /* xx yy zz xy yz zx of 9 */
static const double unknown = -1e6;

struct output {
    const struct vt_results_job *job;
    struct vt_results_table *table;                                  /* rank 0 */
    FILE *energy, *force, *virial, *stress, *charge, *born, *labels; /* rank 0 */
    double *row;                                                     /* owned */
    size_t capacity;
};

double vt_result_rmse(const struct vt_result_row *row, enum vt_result_kind kind)
{
    return row->count[kind] > 0 ? sqrt(row->square[kind] / row->count[kind]) : 0;
}

void vt_results_table_destroy(struct vt_results_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++)
        vt_free(table->row[i].config_type);
    vt_free(table->row);
    *table = (struct vt_results_table){0};
}

/* ---- a row ---- */

static size_t row_size(const struct vt_results_job *job, const struct vt_dataset_frame *frame)
{
    const size_t per_atom = 3 + (job->has_charges ? 1u : 0u) + (frame->born ? 9u : 0u);
    return FORCES + per_atom * frame->n_atoms;
}

static void pack(const struct vt_results_job *job, const struct vt_dataset_frame *frame,
                 const struct vt_prediction *prediction, double *row)
{
    const size_t n = frame->n_atoms;
    row[ENERGY] = prediction->energy;
    memcpy(row + VIRIAL, prediction->virial, sizeof prediction->virial);
    row[CHARGE] = prediction->raw_charge;
    memcpy(row + FORCES, prediction->force, 3 * n * sizeof(double));
    double *rest = row + FORCES + 3 * n;
    assert(prediction->force && (!job->has_charges || prediction->raw_charges));
    if (job->has_charges) {
        memcpy(rest, prediction->raw_charges, n * sizeof(double));
        rest += n;
    }
    if (frame->born && prediction->born)
        memcpy(rest, prediction->born, 9 * n * sizeof(double));
}

/* ---- root mean squares ---- */

static struct vt_result_row *row_of(struct vt_results_table *table, const char *config_type,
                                    struct vt_error *error)
{
    for (size_t i = 0; i < table->n_rows; i++)
        if (config_type
                ? table->row[i].config_type && strcmp(table->row[i].config_type, config_type) == 0
                : !table->row[i].config_type)
            return &table->row[i];
    if (vt_reserve(&table->row, &table->capacity, table->n_rows + 1, sizeof *table->row,
                   "root mean squares", error))
        return NULL;
    struct vt_result_row *row = &table->row[table->n_rows];
    *row = (struct vt_result_row){0};
    if (config_type) {
        const size_t size = strlen(config_type) + 1;
        if (vt_alloc(&row->config_type, size, 1, "root mean squares", error))
            return NULL;
        memcpy(row->config_type, config_type, size);
    }
    table->n_rows++;
    return row;
}

static void add(struct vt_result_row *row, enum vt_result_kind kind, double difference)
{
    row->square[kind] += difference * difference;
    row->count[kind] += 1;
}

static double label_energy(const struct vt_results_job *job, const struct vt_dataset_frame *frame)
{
    return frame->energy - (job->shift ? vt_energy_shift_of(job->shift, frame) : 0);
}

static void add_frame(const struct vt_results_job *job, const struct vt_dataset_frame *frame,
                      const double *values, struct vt_result_row *row)
{
    const size_t n = frame->n_atoms;
    const double atoms = (double)n;
    assert(n > 0 && frame->volume > 0);
    row->n_frames++;
    row->n_atoms += n;
    add(row, VT_RESULT_ENERGY, (values[ENERGY] - label_energy(job, frame)) / atoms);
    for (size_t i = 0; i < 3 * n; i++)
        add(row, VT_RESULT_FORCE, values[FORCES + i] - frame->force[i / 3][i % 3]);
    for (int k = 0; k < 6 && frame->has_virial; k++) {
        const double difference = values[VIRIAL + component[k]] - frame->virial[component[k]];
        add(row, VT_RESULT_VIRIAL, difference / atoms);
        add(row, VT_RESULT_STRESS, difference / frame->volume * VT_GPA_PER_PRESSURE);
    }
    if (job->has_charges)
        add(row, VT_RESULT_CHARGE, (values[CHARGE] - frame->charge) / atoms);
    const double *born = values + FORCES + (3 + (job->has_charges ? 1u : 0u)) * n;
    for (size_t i = 0; frame->born && i < 9 * n; i++)
        add(row, VT_RESULT_BORN, born[i] - frame->born[i]);
}

/* ---- files ---- */

static void put(FILE *file, double value)
{
    char text[VT_DOUBLE_SIZE];
    fprintf(file, " %s", vt_format_double(value, DIGITS, text));
}

/* Predictions, then references (NULL: `missing`). */
static void put_row(FILE *file, size_t n, const double *predicted, const double *reference,
                    double missing)
{
    for (size_t i = 0; i < n; i++)
        put(file, predicted[i]);
    for (size_t i = 0; i < n; i++)
        put(file, reference ? reference[i] : missing);
    putc('\n', file);
}

static void put_virial(FILE *file, const struct vt_dataset_frame *frame, const double *values,
                       double factor)
{
    double predicted[6], reference[6];
    for (int k = 0; k < 6; k++) {
        predicted[k] = factor * values[VIRIAL + component[k]];
        reference[k] = factor * frame->virial[component[k]];
    }
    put_row(file, 6, predicted, frame->has_virial ? reference : NULL, unknown);
}

static void put_frame(const struct output *output, const struct vt_dataset_frame *frame,
                      const double *values)
{
    const size_t n = frame->n_atoms;
    const double atoms = (double)n, energy = values[ENERGY] / atoms;
    const double reference = label_energy(output->job, frame) / atoms;
    fprintf(output->labels, "%zu %s\n", n, frame->config_type);
    put_row(output->energy, 1, &energy, &reference, 0);
    for (size_t i = 0; i < n; i++)
        put_row(output->force, 3, values + FORCES + 3 * i, frame->force[i], 0);
    put_virial(output->virial, frame, values, 1 / atoms);
    put_virial(output->stress, frame, values, VT_GPA_PER_PRESSURE / frame->volume);
    const double *rest = values + FORCES + 3 * n;
    for (size_t i = 0; output->charge && i < n; i++) {
        put(output->charge, rest[i]);
        putc('\n', output->charge);
    }
    const double zero[9] = {0};
    rest += output->charge ? n : 0;
    for (size_t i = 0; output->born && i < n; i++)
        put_row(output->born, 9, frame->born ? rest + 9 * i : zero,
                frame->born ? frame->born + 9 * i : NULL, 0);
}

static enum vt_code take(struct output *output, const struct vt_dataset_frame *frame,
                         const double *values, struct vt_error *error)
{
    const char *const labels[] = {NULL, frame->config_type};
    struct vt_results_table *table = output->table;
    for (size_t i = 0; i < 2; i++) {
        struct vt_result_row *row = row_of(table, labels[i], error);
        if (!row)
            return VT_MEMORY;
        const double before = row->square[VT_RESULT_FORCE];
        add_frame(output->job, frame, values, row);
        if (row->square[VT_RESULT_FORCE] - before > table->worst_square) {
            table->worst_square = row->square[VT_RESULT_FORCE] - before;
            table->worst = frame;
        }
    }
    put_frame(output, frame, values);
    return VT_OK;
}

static bool any_born(const struct vt_results_job *job)
{
    for (size_t i = 0; i < job->labels->n_all; i++)
        if (job->has_charges && job->data->frame[job->labels->index[i]].born)
            return true;
    return false;
}

static enum vt_code open_files(struct output *output, struct vt_file *file[VT_RESULT_FILES],
                               size_t *n, struct vt_error *error)
{
    const struct vt_results_job *job = output->job;
    const struct {
        const char *name;
        FILE **stream;
        bool wanted;
    } files[VT_RESULT_FILES] = {{"energy", &output->energy, true},
                                {"force", &output->force, true},
                                {"virial", &output->virial, true},
                                {"stress", &output->stress, true},
                                {"charge", &output->charge, job->has_charges},
                                {"bec", &output->born, any_born(job)},
                                {"labels", &output->labels, true}};
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < VT_RESULT_FILES && !code; i++) {
        char path[4096];
        if (!files[i].wanted)
            continue;
        if (snprintf(path, sizeof path, "%s/%s_%s.out", job->folder, files[i].name, job->part) >=
            (int)sizeof path)
            return vt_fail(error, VT_INPUT, "the name of the output folder is too long");
        code = vt_file_create(&file[*n], path, job->replace, error);
        if (!code)
            *files[i].stream = vt_file_stream(file[(*n)++]);
    }
    return code;
}

/* ---- all frames ---- */

/* Predict local frame number `local`, which is `frame` of the data. */
static enum vt_code predict(struct output *output, size_t local,
                            const struct vt_dataset_frame *frame, struct vt_error *error)
{
    const struct vt_results_job *job = output->job;
    struct vt_prediction prediction;
    enum vt_code code = vt_reserve(&output->row, &output->capacity, row_size(job, frame),
                                   sizeof *output->row, "predictions", error);
    if (!code)
        code = vt_gradient_predict(job->gradient, job->parameters, local, &prediction, error);
    if (!code)
        pack(job, frame, &prediction, output->row);
    return code;
}

/* Rank 0: the row of a frame that another rank has. */
static enum vt_code receive(struct output *output, int owner, const struct vt_dataset_frame *frame,
                            struct vt_error *error)
{
    const size_t size = row_size(output->job, frame);
    MPI_Status status;
    int n;
    const enum vt_code code = vt_reserve(&output->row, &output->capacity, size, sizeof *output->row,
                                         "predictions", error);
    MPI_Probe(owner, TAG, output->job->comm, &status);
    MPI_Get_count(&status, MPI_DOUBLE, &n);
    if (code) /* the message is taken, so that its sender can go on */
        return code;
    MPI_Recv(output->row, (int)size, MPI_DOUBLE, owner, TAG, output->job->comm, MPI_STATUS_IGNORE);
    return n > 0 ? VT_OK : vt_fail(error, VT_FAILED, "another rank could not predict a frame");
}

static enum vt_code handle(struct output *output, size_t i, size_t *local, struct vt_error *error)
{
    const struct vt_results_job *job = output->job;
    const struct vt_dataset_frame *frame = &job->data->frame[job->labels->index[i]];
    const int owner = job->labels->owner[i], rank = vt_rank(job->comm);
    enum vt_code code = VT_OK;
    if (owner == rank)
        code = predict(output, (*local)++, frame, error);
    else if (rank == 0)
        code = receive(output, owner, frame, error);
    if (rank == 0)
        return code ? code : take(output, frame, output->row, error);
    if (owner == rank)
        MPI_Send(output->row, code ? 0 : (int)row_size(job, frame), MPI_DOUBLE, 0, TAG, job->comm);
    return code;
}

enum vt_code vt_results_write(const struct vt_results_job *job, struct vt_results_table *table,
                              struct vt_file *file[VT_RESULT_FILES], size_t *n,
                              struct vt_error *error)
{
    assert(job && table && file && n);
    struct output output = {.job = job, .table = table};
    size_t local = 0;
    *n = 0;
    enum vt_code code = VT_OK, one;
    if (vt_rank(job->comm) == 0)
        code = open_files(&output, file, n, error);
    code = vt_agree(job->comm, code, 0, error);
    if (!code)
        for (size_t i = 0; i < job->labels->n_all; i++) {
            struct vt_error later;
            one = handle(&output, i, &local, code ? &later : error);
            code = code ? code : one;
        }
    code = vt_agree(job->comm, code, 0, error);
    vt_free(output.row);
    for (size_t i = 0; code && i < *n; i++)
        vt_file_discard(file[i]);
    *n = code ? 0 : *n;
    return code;
}
