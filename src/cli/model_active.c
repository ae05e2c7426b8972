/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion model active: what of its training set a model is to be trusted with. */
#include <stdio.h>

#include "base/agree.h"
#include "base/elements.h"
#include "cli/command.h"
#include "cli/making.h"
#include "cli/predictor.h"
#include "io/config.h"
#include "io/structure.h"
#include "training/spanning.h"

struct settings {
    char *model, *output;
    char **files;
    size_t n_files;
    bool replace;
};

static enum vt_code add_file(struct vt_predictor *predictor, const char *path,
                             struct vt_environments *environments, struct vt_error *error)
{
    struct vt_structure_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_frame_score score;
    bool end = false;
    enum vt_code code = vt_structure_open(&reader, path, error);
    while (!code) {
        code = vt_structure_read(reader, &frame, &end, error);
        if (code || end)
            break;
        code = vt_predictor_apply(predictor, &frame, &score, error);
        const double *sums = vt_force_results(predictor->force)->radial_sums;
        for (size_t i = 0; i < frame.n_atoms && !code; i++, sums += environments->n - 1)
            code = vt_environments_add(environments, predictor->type[i], sums, error);
    }
    vt_frame_destroy(&frame);
    vt_structure_close(reader);
    return code;
}

static void print_counts(const struct vt_nep *model, const struct vt_environments *environments,
                         const size_t *rows)
{
    for (int t = 0; t < model->n_types; t++)
        printf("%-2s  %8zu atoms, of which %zu span %zu of %d directions\n",
               vt_element_symbol(model->atomic_number[t]), environments->of[t].count, rows[t],
               rows[t], environments->n);
}

static enum vt_code make_set(const struct settings *settings, struct vt_predictor *predictor,
                             FILE *stream, struct vt_error *error)
{
    struct vt_environments environments = vt_environments_of(&predictor->model);
    struct vt_active_set set = {0};
    size_t rows[VT_NEP_MAX_TYPES];
    enum vt_code code = VT_OK;
    for (size_t f = 0; f < settings->n_files && !code; f++)
        code = add_file(predictor, settings->files[f], &environments, error);
    if (!code)
        code = vt_environments_span(&environments, &predictor->model, &set, rows, error);
    if (!code) {
        vt_active_set_print(&set, &predictor->model, stream);
        print_counts(&predictor->model, &environments, rows);
    }
    vt_active_set_destroy(&set);
    vt_environments_destroy(&environments);
    return code;
}

static enum vt_code make(const struct settings *settings, struct vt_error *error)
{
    static const struct vt_force_options options = {
        .precision = VT_DOUBLE, .electrostatics = VT_EWALD_GPUMD, .radial_sums = true};
    struct vt_predictor predictor = {0};
    struct vt_file *file = NULL;
    enum vt_code code = vt_predictor_open(&predictor, settings->model, &options, error);
    if (!code)
        code = vt_making_create(&file, settings->output, settings->replace, error);
    if (!code)
        code = make_set(settings, &predictor, vt_file_stream(file), error);
    vt_predictor_close(&predictor);
    if (!code)
        return vt_file_commit(file, error);
    vt_file_discard(file);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? make(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct settings, model), .required = true,
     .help = "the potential, a NEP or qNEP model"},
    {"out", VT_PATH_FIELD(struct settings, output), .required = true,
     .help = "the file to write, usually active_set.txt beside the model"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false",
     .help = "replace an output file that exists"},
    {"input", VT_STRING_LIST(struct settings, files, n_files, 1, VT_UNLIMITED), .required = true,
     .help = "the structures that the model was trained with; any number of files"},
    {0}};

static const struct vt_table table = {"model active", "the active set of a model",
                                      sizeof(struct settings), entries, NULL};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {
    {"model", "NEP.txt"}, {"out", "active_set.txt"}, {"input", "TRAIN.xyz..."}, {0}};

static const char about[] =
    "Finds the environments that span the training set of a model: for each element those whose "
    "sums of the radial basis over the neighbours of each element span the largest volume "
    "(MaxVol). `vitrion predict --active` and `run` tell with "
    "them how far an atom is from what the model was trained with. `vitrion train` writes the "
    "file beside each model; this command makes it for models from elsewhere. Structures are "
    "enough, labels are not looked at.";

const struct vt_command vt_command_model_active = {&table, operands, placeholders, about, run};
