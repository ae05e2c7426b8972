/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By way of the text: what a nep.in says is printed as YAML and read by the table of the keywords,
 * so that bounds, fallbacks and rules are the same, and `--set` works alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/elements.h"
#include "base/text.h"
#include "training/nep_in.h"
#include "training/train_config.h"

static void put(FILE *file, const char *before, double value, const char *unit)
{
    char text[VT_DOUBLE_SIZE];
    fprintf(file, "%s%s%s", before, vt_format_double(value, VT_DOUBLE_DIGITS, text), unit);
}

static bool has_uniform_cutoffs(const struct vt_train_model *model)
{
    for (int t = 1; t < model->n_types; t++)
        if (model->cutoff_radial[t] != model->cutoff_radial[0] ||
            model->cutoff_angular[t] != model->cutoff_angular[0])
            return false;
    return true;
}

static void put_model(FILE *file, const struct vt_train_model *model)
{
    fputs("elements: [", file);
    for (int t = 0; t < model->n_types; t++)
        fprintf(file, "%s%s", t > 0 ? ", " : "", vt_element_symbol(model->atomic_number[t]));
    fprintf(file, "]\nmodel:\n  version: %d\n  charge_mode: %d\n  cutoff: [", model->version,
            model->charge_mode);
    for (int t = 0; t < (has_uniform_cutoffs(model) ? 1 : model->n_types); t++) {
        put(file, t > 0 ? ", " : "", model->cutoff_radial[t], " A");
        put(file, ", ", model->cutoff_angular[t], " A");
    }
    fprintf(file, "]\n  n_max: [%d, %d]\n  basis_size: [%d, %d]\n  l_max: [%d", model->n_radial,
            model->n_angular, model->k_radial, model->k_angular, model->l_max);
    for (int i = 0; i < VT_NEP_TERMS; i++)
        fprintf(file, ", %d", model->term[i] ? 1 : 0);
    fprintf(file, "]\n  neurons: %d\n", model->neurons);
    if (model->zbl != VT_ZBL_NONE)
        put(file, "  zbl: ", model->zbl_outer, " A\n");
    if (model->zbl == VT_ZBL_TYPEWISE)
        put(file, "  zbl_factor: ", model->zbl_factor, "\n");
}

static void put_loss(FILE *file, const struct vt_train_settings *settings)
{
    const struct vt_train_loss *loss = &settings->loss;
    put(file, "loss:\n  energy: ", loss->energy, "\n");
    put(file, "  force: ", loss->force, "\n");
    put(file, "  virial: ", loss->virial, "\n");
    put(file, "  charge: ", loss->charge, "\n");
    put(file, "  born: ", loss->born, "\n");
    if (loss->l1 >= 0)
        put(file, "  l1: ", loss->l1, "\n");
    if (loss->l2 >= 0)
        put(file, "  l2: ", loss->l2, "\n");
    put(file, "  shear: ", loss->shear, "\n");
    put(file, "  force_delta: ", loss->force_delta, " eV/A\n");
    fputs("  type_weight: [", file);
    for (int t = 0; t < settings->model.n_types; t++)
        put(file, t > 0 ? ", " : "", loss->type_weight[t], "");
    fputs("]\n", file);
}

static void put_snes(FILE *file, const struct vt_train_settings *settings)
{
    const struct vt_train_snes *snes = &settings->snes;
    fprintf(file, "snes:\n  population: %d\n  generations: %lld\n  batch: %lld\n", snes->population,
            (long long)snes->generations,
            settings->accumulate_batches ? 1000000LL : (long long)settings->batch);
    put(file, "  sigma: ", snes->sigma0, "\n");
    put(file, "  initial_para: ", snes->initial_para, "\n");
}

/* What would be passed over in silence otherwise. */
static void refuse(const struct vt_train_settings *settings, const char *path,
                   struct vt_error_list *errors)
{
    const struct vt_place place = {path, 0, 0};
    struct vt_error *error = NULL;
    if (settings->predict_only) {
        error = vt_error_list_add(errors, place, VT_UNSUPPORTED,
                                  "prediction without training is another command here");
        vt_hint(error, "vitrion predict --model nep.txt --out predicted.xyz train.xyz");
    }
    if (settings->model.flip_charges || settings->import_q_scaler)
        vt_error_list_add(errors, place, VT_UNSUPPORTED,
                          "to start from an earlier run's state is not known here: say fine_tune "
                          "in YAML");
    if (settings->model.zbl == VT_ZBL_FLEXIBLE)
        vt_error_list_add(errors, place, VT_UNSUPPORTED,
                          "ZBL from a file zbl.in cannot be trained with");
}

/* "folder/" of a path, "" in the folder at work. */
static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) + 1 : 0;
}

static enum vt_code parse(struct vt_train_config *config, const struct vt_train_settings *from,
                          const char *path, const struct vt_settings *settings,
                          struct vt_error_list *errors)
{
    char folder[4096], test[4096 + 16], *text = NULL;
    size_t size = 0;
    const int length = folder_length(path);
    FILE *file = open_memstream(&text, &size);
    if (!file || length + 1 >= (int)sizeof folder) {
        if (file)
            fclose(file);
        free(text);
        vt_error_list_add(errors, (struct vt_place){path, 0, 0}, VT_MEMORY,
                          "no memory for the configuration");
        return VT_MEMORY;
    }
    snprintf(folder, sizeof folder, "%.*s", length > 1 ? length - 1 : 1, length > 0 ? path : ".");
    snprintf(test, sizeof test, "%s/test.xyz", folder);
    fputs("train: train.xyz\n", file);
    if (access(test, F_OK) == 0)
        fputs("test: test.xyz\n", file);
    put_model(file, &from->model);
    put_loss(file, from);
    put_snes(file, from);
    fputs("energy_zero: common\noutput:\n  directory: .\n", file);
    fclose(file);
    const struct vt_config_text config_text = {path, text, size, folder};
    const enum vt_code code =
        vt_config_parse(&vt_train_table, config, &config_text, settings, errors);
    free(text);
    return code;
}

enum vt_code vt_train_config_from_nep_in(struct vt_train_config *config, const char *path,
                                         const struct vt_settings *settings,
                                         struct vt_error_list *errors)
{
    struct vt_train_settings from;
    enum vt_code code = vt_nep_in_read(&from, path, errors);
    if (code)
        return code;
    refuse(&from, path, errors);
    code = vt_error_list_code(errors);
    return code ? code : parse(config, &from, path, settings, errors);
}
