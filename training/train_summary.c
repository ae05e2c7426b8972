/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/elements.h"
#include "base/text.h"
#include "io/json.h"
#include "training/train_state.h"

enum { DIGITS = 10 };

/* ---- loss.out ---- */

static void put(FILE *file, double value)
{
    char text[VT_DOUBLE_SIZE];
    fprintf(file, " %s", vt_format_double(value, DIGITS, text));
}

/* Steps of the stages before a record's. */
static double steps_before(const struct vt_train *train, size_t stage)
{
    size_t n, best;
    const struct vt_training_record *record = vt_trainer_records(train->trainer, &n, &best);
    double steps = 0;
    for (size_t i = 0; i + 1 < n; i++) /* the last record of each stage */
        if ((size_t)record[i].stage < stage && record[i + 1].stage > record[i].stage)
            steps += record[i].step;
    return steps;
}

void vt_train_print_loss(const struct vt_train *train, FILE *file)
{
    size_t n, best;
    const struct vt_training_record *record = vt_trainer_records(train->trainer, &n, &best);
    const int kinds = train->model.charge_mode ? VT_LOSS_KINDS : 3;
    for (size_t i = 0; i < n; i++) {
        fprintf(file, "%.0f", steps_before(train, (size_t)record[i].stage) + record[i].step);
        put(file, record[i].loss.total);
        put(file, record[i].loss.l1);
        put(file, record[i].loss.l2);
        for (int k = 0; k < kinds; k++)
            put(file, record[i].train[k]);
        for (int k = 0; k < kinds; k++)
            put(file, record[i].test[k]);
        putc('\n', file);
    }
}

/* ---- summary.json ---- */

static void put_row(struct vt_json *json, const char *name, const struct vt_result_row *row)
{
    static const struct {
        enum vt_result_kind kind;
        const char *key;
        double factor;
    } kinds[] = {
        {VT_RESULT_ENERGY, "energy_meV_per_atom", 1e3}, {VT_RESULT_FORCE, "force_meV_per_A", 1e3},
        {VT_RESULT_VIRIAL, "virial_meV_per_atom", 1e3}, {VT_RESULT_STRESS, "stress_GPa", 1},
        {VT_RESULT_CHARGE, "charge_e_per_atom", 1},     {VT_RESULT_BORN, "born_e", 1}};
    vt_json_open_flat(json, name, VT_JSON_MAP);
    vt_json_integer(json, "frames", (int64_t)row->n_frames);
    vt_json_integer(json, "atoms", (int64_t)row->n_atoms);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (row->count[kinds[k].kind] > 0)
            vt_json_real(json, kinds[k].key, kinds[k].factor * vt_result_rmse(row, kinds[k].kind));
    vt_json_close(json);
}

static void put_table(struct vt_json *json, const char *name, const struct vt_results_table *table)
{
    if (table->n_rows == 0)
        return;
    vt_json_open(json, name, VT_JSON_MAP);
    put_row(json, "rmse", &table->row[0]);
    vt_json_open(json, "config_type", VT_JSON_MAP);
    for (size_t i = 1; i < table->n_rows; i++)
        put_row(json, table->row[i].config_type, &table->row[i]);
    vt_json_close(json);
    vt_json_close(json);
}

static void put_elements(const struct vt_train *train, struct vt_json *json)
{
    vt_json_open_flat(json, "energy_of_element_eV", VT_JSON_MAP);
    for (int t = 0; train->uses_shift && t < train->shift.n_types; t++)
        vt_json_real(json, vt_element_symbol(train->data.types.atomic_number[t]),
                     train->shift.energy[t]);
    vt_json_close(json);
}

static void put_record(const struct vt_train *train, const struct vt_training_record *record,
                       struct vt_json *json)
{
    static const char *const keys[VT_LOSS_KINDS] = {"energy", "force", "virial", "charge", "born"};
    const struct vt_optimiser_settings *settings = &train->stage[(size_t)record->stage].optimiser;
    const int kinds = train->model.charge_mode ? VT_LOSS_KINDS : 3;
    char key[32];
    vt_json_open_flat(json, NULL, VT_JSON_MAP);
    vt_json_text(json, "optimizer", vt_optimiser_name(settings->kind));
    vt_json_real(json, "step", record->step);
    vt_json_real(json, "passes", record->passes);
    vt_json_real(json, "seconds", record->seconds);
    vt_json_real(json, "loss", record->loss.total);
    for (int part = 0; part < (train->test_gradient ? 2 : 1); part++)
        for (int k = 0; k < kinds; k++) {
            snprintf(key, sizeof key, "%s_%s", part ? "test" : "train", keys[k]);
            vt_json_real(json, key, part ? record->test[k] : record->train[k]);
        }
    vt_json_close(json);
}

static const char *reason(enum vt_training_end end)
{
    static const char *const words[] = {[VT_TRAINING_FINISHED] = "finished",
                                        [VT_TRAINING_CONVERGED] = "converged",
                                        [VT_TRAINING_OUT_OF_TIME] = "out of time",
                                        [VT_TRAINING_STOPPED] = "stopped"};
    return words[end];
}

void vt_train_print_summary(const struct vt_train *train, const struct vt_train_report *report,
                            FILE *file)
{
    struct vt_json json;
    size_t n, best;
    const struct vt_training_record *record = vt_trainer_records(train->trainer, &n, &best);
    vt_json_begin(&json, file);
    vt_json_text(&json, "program", train->about);
    vt_json_integer(&json, "ranks", train->size);
    vt_json_text(&json, "end", reason(report->end));
    vt_json_integer(&json, "parameters", (int64_t)train->model.n_trainable);
    vt_json_real(&json, "seconds", report->seconds);
    vt_json_real(&json, "loss", record[best].loss.total);
    vt_json_integer(&json, "best_record", (int64_t)best);
    put_elements(train, &json);
    put_table(&json, "train", &report->train);
    put_table(&json, "test", &report->test);
    vt_json_open(&json, "history", VT_JSON_LIST);
    for (size_t i = 0; i < n; i++)
        put_record(train, &record[i], &json);
    vt_json_close(&json);
    vt_json_end(&json);
}
