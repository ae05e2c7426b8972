/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/analyze.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"

enum { FS_PER_PS = 1000 };

const struct vt_word vt_drift_words[] = {
    {"framework", VT_DRIFT_FRAMEWORK,
     "the centre of mass of all other elements than --species; without that: all"},
    {"all", VT_DRIFT_ALL, "the centre of mass of all atoms"},
    {"none", VT_DRIFT_NONE, "nothing: positions as they are"},
    {0}};

const struct vt_word vt_unwrap_words[] = {
    {"auto", VT_UNWRAP_AUTO, "by images where the files have them, else to the nearest"},
    {"images", VT_UNWRAP_IMAGES, "by images, which the files must have"},
    {"nearest", VT_UNWRAP_NEAREST, "to the nearest image"},
    {"none", VT_UNWRAP_NONE, "positions are unwrapped in the files"},
    {0}};

const char *const vt_analyze_operands[] = {"trajectory", NULL};

static int element_of(const char *species)
{
    return vt_atomic_number(species, strlen(species));
}

void vt_analyze_check(const struct vt_analyze_options *options, struct vt_config_check *check)
{
    for (size_t i = 0; i < options->n_species; i++)
        if (element_of(options->species[i]) == 0)
            vt_hint(vt_check_fail(check, "species", "'%s' is no element", options->species[i]),
                    "give symbols, as in --species Li --species Na");
    if (options->has_from && options->has_to && options->from > options->to)
        vt_check_fail(check, "from", "nothing lies between --from and --to");
}

enum vt_code vt_analyze_open(struct vt_analyze *analyze, const struct vt_session *session,
                             const struct vt_analyze_options *options, struct vt_error *error)
{
    *analyze = (struct vt_analyze){
        .session = session, .options = options, .first_time = NAN, .last_time = NAN};
    struct vt_stream_options from = {.paths = options->paths,
                                     .n_paths = options->n_paths,
                                     .frame_time =
                                         options->has_frame_time ? options->frame_time : 0,
                                     .from = options->has_from ? options->from : -INFINITY,
                                     .to = options->has_to ? options->to : INFINITY,
                                     .every = options->every,
                                     .unwrap = options->unwrap,
                                     .drift = options->drift};
    if (options->n_species == 0 && options->drift == VT_DRIFT_FRAMEWORK)
        from.drift = VT_DRIFT_ALL; /* there is no framework beside all species */
    for (int z = 1; z <= VT_ELEMENTS && options->n_species == 0; z++)
        analyze->wanted[z] = true;
    for (size_t i = 0; i < options->n_species; i++)
        analyze->wanted[element_of(options->species[i])] = true;
    memcpy(from.is_mobile, analyze->wanted, sizeof from.is_mobile);
    enum vt_code code = vt_stream_open(&analyze->stream, &from, error);
    if (!code && session->rank == 0)
        code = vt_result_files_create(&analyze->results, options->out, options->replace, error);
    analyze->progress = vt_progress_start(session->rank == 0);
    return vt_agree(session->comm, code, 0, error);
}

static void show_progress(struct vt_analyze *analyze, const struct vt_snapshot *snapshot)
{
    if (snapshot->index == 0)
        analyze->first_time = snapshot->time;
    analyze->last_time = snapshot->time;
    vt_progress_show(&analyze->progress, "%lld frames of %zu atoms, %.0f s",
                     (long long)vt_stream_read(analyze->stream), snapshot->n,
                     MPI_Wtime() - analyze->progress.start);
}

enum vt_code vt_analyze_each(struct vt_analyze *analyze, vt_frame_visitor *visit, void *job,
                             struct vt_error *error)
{
    const struct vt_snapshot *snapshot;
    bool end = false;
    for (;;) {
        enum vt_code code = vt_stream_next(analyze->stream, &snapshot, &end, error);
        if (code)
            return code;
        if (end)
            break;
        show_progress(analyze, snapshot);
        code = visit(job, snapshot, error);
        if (code)
            return code;
    }
    if (vt_stream_used(analyze->stream) > 0)
        return VT_OK;
    vt_fail(error, VT_INPUT, "no frame is left to be used");
    vt_hint(error, "--from, --to and --every leave out all of them, or the files are empty");
    return VT_INPUT;
}

void vt_analyze_begin_results(struct vt_analyze *analyze, const char *command)
{
    assert(analyze->session->rank == 0);
    struct vt_json *json = &analyze->results.json;
    vt_progress_end(&analyze->progress);
    vt_result_files_begin(&analyze->results, command, analyze->options->paths,
                          analyze->options->n_paths);
    vt_json_integer(json, "frames", vt_stream_used(analyze->stream));
    vt_json_real(json, "from_ps", analyze->first_time / FS_PER_PS);
    vt_json_real(json, "to_ps", analyze->last_time / FS_PER_PS);
    vt_json_integer(json, "ranks", analyze->session->size);
}

enum vt_code vt_analyze_commit(struct vt_analyze *analyze, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (analyze->session->rank == 0)
        code = vt_result_files_commit(&analyze->results, error);
    return vt_agree(analyze->session->comm, code, 0, error);
}

void vt_analyze_close(struct vt_analyze *analyze)
{
    vt_progress_end(&analyze->progress);
    vt_stream_close(analyze->stream);
    vt_result_files_discard(&analyze->results);
}
