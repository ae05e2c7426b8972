/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/elements.h"
#include "base/text.h"
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

/* As a JSON string. */
static void put_string(FILE *file, const char *text)
{
    putc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(file, "\\u%04x", *c);
        else
            putc(*c, file);
    }
    putc('"', file);
}

/* No number is null in JSON. */
static void put_value(FILE *file, const char *before, const char *key, double value)
{
    char text[VT_DOUBLE_SIZE];
    fprintf(file, "%s\"%s\": %s", before, key,
            isfinite(value) ? vt_format_double(value, DIGITS, text) : "null");
}

static void put_row(FILE *file, const struct vt_result_row *row)
{
    static const struct {
        enum vt_result_kind kind;
        const char *key;
        double factor;
    } kinds[] = {
        {VT_RESULT_ENERGY, "energy_meV_per_atom", 1e3}, {VT_RESULT_FORCE, "force_meV_per_A", 1e3},
        {VT_RESULT_VIRIAL, "virial_meV_per_atom", 1e3}, {VT_RESULT_STRESS, "stress_GPa", 1},
        {VT_RESULT_CHARGE, "charge_e_per_atom", 1},     {VT_RESULT_BORN, "born_e", 1}};
    fprintf(file, "{\"frames\": %zu, \"atoms\": %zu", row->n_frames, row->n_atoms);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (row->count[kinds[k].kind] > 0)
            put_value(file, ", ", kinds[k].key,
                      kinds[k].factor * vt_result_rmse(row, kinds[k].kind));
    putc('}', file);
}

static void put_table(FILE *file, const char *name, const struct vt_results_table *table)
{
    if (table->n_rows == 0)
        return;
    fprintf(file, "  \"%s\": {\n    \"rmse\": ", name);
    put_row(file, &table->row[0]);
    fputs(",\n    \"config_type\": {", file);
    for (size_t i = 1; i < table->n_rows; i++) {
        fputs(i > 1 ? ",\n      " : "\n      ", file);
        put_string(file, table->row[i].config_type);
        fputs(": ", file);
        put_row(file, &table->row[i]);
    }
    fputs("}\n  },\n", file);
}

static void put_elements(const struct vt_train *train, FILE *file)
{
    fputs("  \"energy_of_element_eV\": {", file);
    for (int t = 0; train->uses_shift && t < train->shift.n_types; t++)
        put_value(file, t > 0 ? ", " : "", vt_element_symbol(train->data.types.atomic_number[t]),
                  train->shift.energy[t]);
    fputs("},\n", file);
}

static void put_record(const struct vt_train *train, const struct vt_training_record *record,
                       FILE *file)
{
    static const char *const keys[VT_LOSS_KINDS] = {"energy", "force", "virial", "charge", "born"};
    const struct vt_optimiser_settings *settings = &train->stage[(size_t)record->stage].optimiser;
    const int kinds = train->model.charge_mode ? VT_LOSS_KINDS : 3;
    char key[32];
    fprintf(file, "{\"optimizer\": \"%s\"", vt_optimiser_name(settings->kind));
    put_value(file, ", ", "step", record->step);
    put_value(file, ", ", "passes", record->passes);
    put_value(file, ", ", "seconds", record->seconds);
    put_value(file, ", ", "loss", record->loss.total);
    for (int part = 0; part < (train->test_gradient ? 2 : 1); part++)
        for (int k = 0; k < kinds; k++) {
            snprintf(key, sizeof key, "%s_%s", part ? "test" : "train", keys[k]);
            put_value(file, ", ", key, part ? record->test[k] : record->train[k]);
        }
    putc('}', file);
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
    size_t n, best;
    const struct vt_training_record *record = vt_trainer_records(train->trainer, &n, &best);
    fputs("{\n  \"program\": ", file);
    put_string(file, train->about);
    fprintf(file, ",\n  \"ranks\": %d,\n  \"end\": \"%s\",\n", train->size, reason(report->end));
    fprintf(file, "  \"parameters\": %zu,\n", train->model.n_trainable);
    put_value(file, "  ", "seconds", report->seconds);
    put_value(file, ",\n  ", "loss", record[best].loss.total);
    fprintf(file, ",\n  \"best_record\": %zu,\n", best);
    put_elements(train, file);
    put_table(file, "train", &report->train);
    put_table(file, "test", &report->test);
    fputs("  \"history\": [", file);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? ",\n    " : "\n    ", file);
        put_record(train, &record[i], file);
    }
    fputs("\n  ]\n}\n", file);
}
