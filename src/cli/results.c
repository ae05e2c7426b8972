/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/results.h"

#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "cli/program.h"

/* PREFIX + ending, started. */
static enum vt_code create(struct vt_file **file, const char *prefix, const char *ending,
                           bool replace, struct vt_error *error)
{
    const size_t size = strlen(prefix) + strlen(ending) + 1;
    char *path;
    enum vt_code code = vt_alloc(&path, size, 1, "a file name", error);
    if (code)
        return code;
    snprintf(path, size, "%s%s", prefix, ending);
    code = vt_file_create(file, path, replace, error);
    struct stat status;
    if (code == VT_INPUT && !replace && stat(path, &status) == 0)
        vt_hint(error, "choose another prefix with --out, or replace it with --force");
    vt_free(path);
    return code;
}

enum vt_code vt_result_files_create(struct vt_result_files *results, const char *prefix,
                                    bool replace, struct vt_error *error)
{
    enum vt_code code = create(&results->csv_file, prefix, ".csv", replace, error);
    if (!code)
        code = create(&results->json_file, prefix, ".json", replace, error);
    if (!code)
        results->csv = vt_file_stream(results->csv_file);
    return code;
}

void vt_result_files_begin(struct vt_result_files *results, const char *command, char *const *paths,
                           size_t n_paths)
{
    fprintf(results->csv, "# vitrion %s, %s of", vt_program_version(), command);
    for (size_t p = 0; p < n_paths; p++)
        fprintf(results->csv, " %s", paths[p]);
    putc('\n', results->csv);

    struct vt_json *json = &results->json;
    vt_json_begin(json, vt_file_stream(results->json_file));
    vt_json_text(json, "command", command);
    vt_json_text(json, "vitrion", vt_program_version());
    vt_json_open_flat(json, "files", VT_JSON_LIST);
    for (size_t p = 0; p < n_paths; p++)
        vt_json_text(json, NULL, paths[p]);
    vt_json_close(json);
}

enum vt_code vt_result_files_commit(struct vt_result_files *results, struct vt_error *error)
{
    vt_json_end(&results->json);
    enum vt_code code = vt_file_commit(results->csv_file, error);
    results->csv_file = NULL;
    if (code)
        return code;
    code = vt_file_commit(results->json_file, error);
    results->json_file = NULL;
    return code;
}

void vt_result_files_discard(struct vt_result_files *results)
{
    vt_file_discard(results->csv_file);
    vt_file_discard(results->json_file);
    *results = (struct vt_result_files){0};
}
