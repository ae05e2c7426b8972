/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All files are written beside their places first; only when every one of them is whole do they get
 * their names. */
#include <assert.h>
#include <string.h>

#include "base/agree.h"
#include "training/geometry.h"
#include "training/spanning.h"
#include "training/start.h"
#include "training/train_state.h"

enum { FILES = 2 * VT_RESULT_FILES + 4 };

/* ---- what the frames are like ---- */

/* Largest numbers of neighbours of all frames, which the file's header has; environments of the
 * training frames. */
struct survey {
    int most_radial, most_angular;
    struct vt_environments environments;
};

static int most_in_rows(const size_t *first, size_t n_atoms, size_t n_types)
{
    assert(first && n_types > 0);
    size_t most = 0;
    for (size_t i = 0; i < n_atoms; i++) {
        const size_t n = first[(i + 1) * n_types] - first[i * n_types];
        most = n > most ? n : most;
    }
    return (int)most;
}

static void count_neighbours(const struct vt_geometry *geometry, size_t n_types,
                             struct survey *survey)
{
    const int radial = most_in_rows(geometry->radial.first, geometry->n_atoms, n_types);
    const int angular = most_in_rows(geometry->angular.first, geometry->n_atoms, n_types);
    survey->most_radial = radial > survey->most_radial ? radial : survey->most_radial;
    survey->most_angular = angular > survey->most_angular ? angular : survey->most_angular;
}

static enum vt_code add_environments(const struct vt_geometry *geometry, struct survey *survey,
                                     struct vt_error *error)
{
    const double *sums = geometry->radial_sums;
    enum vt_code code = VT_OK;
    for (int t = 0; t < survey->environments.n_types; t++)
        for (size_t row = geometry->first[t]; row < geometry->first[t + 1] && !code; row++) {
            code = vt_environments_add(&survey->environments, t, sums, error);
            sums += survey->environments.n - 1;
        }
    return code;
}

static enum vt_code look_at(const struct vt_labels *labels, struct vt_geometer *geometer,
                            bool is_trained, struct survey *survey, struct vt_error *error)
{
    for (size_t i = 0; i < labels->set.n; i++) {
        struct vt_geometry geometry = {0};
        enum vt_code code = vt_geometry_create(&geometry, geometer, &labels->frame[i], error);
        if (!code)
            count_neighbours(&geometry, (size_t)survey->environments.n_types, survey);
        if (!code && is_trained)
            code = add_environments(&geometry, survey, error);
        vt_geometry_destroy(&geometry);
        if (code)
            return code;
    }
    return VT_OK;
}

/* Collective. Sets the numbers of neighbours of the model; rank 0 gets the active set. */
static enum vt_code survey_frames(struct vt_train *train, struct vt_active_set *set,
                                  struct vt_error *error)
{
    struct vt_nep *model = &train->model;
    struct vt_plan plan = {0};
    struct vt_geometer *geometer = NULL;
    struct survey survey = {.environments = vt_environments_of(model)};
    enum vt_code code = vt_plan_create(&plan, model, error);
    if (!code)
        code = vt_geometer_create(&geometer, &plan, error);
    if (!code)
        code = look_at(&train->train_labels, geometer, true, &survey, error);
    if (!code)
        code = look_at(&train->test_labels, geometer, false, &survey, error);
    vt_geometer_destroy(geometer);
    vt_plan_destroy(&plan);
    code = vt_agree(train->comm, code, 0, error);
    if (!code) {
        int most[2] = {survey.most_radial, survey.most_angular};
        MPI_Allreduce(MPI_IN_PLACE, most, 2, MPI_INT, MPI_MAX, train->comm);
        model->has_max_neighbours = true;
        model->max_neighbours_radial = most[0];
        model->max_neighbours_angular = most[1];
        code = vt_environments_gather(&survey.environments, train->comm, error);
    }
    if (!code && train->rank == 0)
        code = vt_environments_span(&survey.environments, model, set, NULL, error);
    vt_environments_destroy(&survey.environments);
    return vt_agree(train->comm, code, 0, error);
}

/* ---- files ---- */

static enum vt_code open_file(const struct vt_train *train, const char *name, struct vt_file **file,
                              size_t *n, struct vt_error *error)
{
    char path[4096];
    enum vt_code code = vt_train_path(train, name, path, error);
    if (!code)
        code = vt_file_create(&file[*n], path, true, error);
    if (!code)
        (*n)++;
    return code;
}

static enum vt_code write_own(struct vt_train *train, const struct vt_train_report *report,
                              const struct vt_active_set *set, struct vt_file **file, size_t *n,
                              struct vt_error *error)
{
    enum vt_code code = open_file(train, "loss.out", file, n, error);
    if (!code) {
        vt_train_print_loss(train, vt_file_stream(file[*n - 1]));
        code = open_file(train, "nep.txt", file, n, error);
    }
    if (!code)
        code = vt_nep_print(&train->model, vt_file_stream(file[*n - 1]), true, error);
    if (!code)
        code = open_file(train, "active_set.txt", file, n, error);
    if (!code) {
        vt_active_set_print(set, &train->model, vt_file_stream(file[*n - 1]));
        code = open_file(train, "summary.json", file, n, error);
    }
    if (!code)
        vt_train_print_summary(train, report, vt_file_stream(file[*n - 1]));
    return code;
}

/* The summary is the last: where it is, all is. */
static enum vt_code finish(struct vt_file **file, size_t n, enum vt_code code,
                           struct vt_error *error)
{
    for (size_t i = 0; i < n; i++) {
        if (code)
            vt_file_discard(file[i]);
        else
            code = vt_file_commit(file[i], error);
    }
    return code;
}

static struct vt_results_job results_job(const struct vt_train *train, bool is_test)
{
    return (struct vt_results_job){.comm = train->comm,
                                   .gradient =
                                       is_test ? train->test_gradient : train->train_gradient,
                                   .parameters = vt_trainer_best(train->trainer),
                                   .labels = is_test ? &train->test_labels : &train->train_labels,
                                   .data = &train->data,
                                   .shift = train->uses_shift ? &train->shift : NULL,
                                   .has_charges = train->model.charge_mode > 0,
                                   .folder = train->config->output.directory,
                                   .part = is_test ? "test" : "train",
                                   .replace = true};
}

enum vt_code vt_train_write(struct vt_train *train, struct vt_train_report *report,
                            struct vt_error *error)
{
    struct vt_file *file[FILES] = {0};
    struct vt_active_set set = {0};
    assert(train->trainer && report);
    size_t n = 0, more = 0;
    memcpy(train->model.numbers, vt_trainer_best(train->trainer),
           train->model.n_trainable * sizeof(double));
    const struct vt_results_job trained = results_job(train, false);
    enum vt_code code = survey_frames(train, &set, error);
    if (!code)
        code = vt_results_write(&trained, &report->train, file, &n, error);
    if (!code && train->test_gradient) {
        const struct vt_results_job tested = results_job(train, true);
        code = vt_results_write(&tested, &report->test, file + n, &more, error);
        n += more;
    }
    if (!code && train->rank == 0)
        code = write_own(train, report, &set, file, &n, error);
    if (train->rank == 0)
        code = finish(file, n, code, error);
    vt_active_set_destroy(&set);
    return vt_agree(train->comm, code, 0, error);
}
