/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/run_folder.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

static const char *const names[] = {"checkpoint.h5", "checkpoint.prev.h5", "thermo.csv",
                                    "final.xyz",     "config.yaml",        "run.log",
                                    "last_good.xyz"};
enum { NAMES = sizeof names / sizeof *names };

enum vt_code vt_run_path(const struct vt_run_config *config, const char *name,
                         char path[VT_RUN_PATH_SIZE], struct vt_error *error)
{
    assert(config && name && path);
    const char *directory = config->output.directory;
    if (snprintf(path, VT_RUN_PATH_SIZE, "%s/%s", directory, name) < VT_RUN_PATH_SIZE)
        return VT_OK;
    return vt_fail_at(error, (struct vt_place){directory, 0, 0}, VT_INPUT, "the path is too long");
}

/* File number `index` of those that a run writes; false after the last. */
static bool name_file(const struct vt_run_config *config, size_t index, char name[128])
{
    if (index < NAMES) {
        snprintf(name, 128, "%s", names[index]);
        return true;
    }
    if (index - NAMES >= config->output.n_trajectory)
        return false;
    const struct vt_run_dump *dump = &config->output.trajectory[index - NAMES];
    snprintf(name, 128, "%.100s.%s", dump->name, vt_run_dump_ending(dump->format));
    return true;
}

static bool has_checkpoint(const struct vt_run_config *config)
{
    char path[VT_RUN_PATH_SIZE];
    struct vt_error ignored;
    return !vt_run_path(config, "checkpoint.h5", path, &ignored) && access(path, F_OK) == 0;
}

enum vt_code vt_run_folder_check(const struct vt_run_config *config, struct vt_error *error)
{
    assert(config);
    char name[128], path[VT_RUN_PATH_SIZE];
    struct stat status;
    for (size_t i = 0; name_file(config, i, name); i++) {
        const enum vt_code code = vt_run_path(config, name, path, error);
        if (code)
            return code;
        if (lstat(path, &status) != 0)
            continue;
        vt_fail_at(error, (struct vt_place){config->output.directory, 0, 0}, VT_INPUT,
                   "the output folder holds another run: %s is there", name);
        vt_hint(error,
                has_checkpoint(config)
                    ? "go on with it (--restart .../checkpoint.h5), replace it (--force), or "
                      "choose another output.directory"
                    : "it ended before its first checkpoint: start it again with --force, or "
                      "choose another output.directory");
        return VT_INPUT;
    }
    return VT_OK;
}

enum vt_code vt_run_folder_check_writable(const struct vt_run_config *config,
                                          struct vt_error *error)
{
    assert(config);
    const char *directory = config->output.directory;
    const struct vt_place place = {directory, 0, 0};
    struct stat status;
    if (stat(directory, &status) == 0 && !S_ISDIR(status.st_mode))
        return vt_fail_at(error, place, VT_INPUT,
                          "this is a file, and the output folder is to have its name");
    if (access(directory, W_OK | X_OK) != 0)
        return vt_fail_at(error, place, VT_INPUT, "cannot write to the output folder: %s",
                          strerror(errno));
    return VT_OK;
}

enum vt_code vt_run_folder_clear(const struct vt_run_config *config, struct vt_error *error)
{
    assert(config);
    const char *directory = config->output.directory;
    char name[128], path[VT_RUN_PATH_SIZE];
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        vt_fail_at(error, (struct vt_place){directory, 0, 0}, VT_INPUT,
                   "cannot make the output folder: %s", strerror(errno));
        vt_hint(error, "the folder that it is to be in must exist and be writable");
        return VT_INPUT;
    }
    enum vt_code code = vt_run_folder_check_writable(config, error);
    for (size_t i = 0; !code && name_file(config, i, name); i++) {
        code = vt_run_path(config, name, path, error);
        if (!code && unlink(path) != 0 && errno != ENOENT)
            code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_IO, "cannot remove it: %s",
                              strerror(errno));
    }
    return code;
}

enum vt_code vt_run_folder_echo(const struct vt_run_config *config, const char *about,
                                struct vt_error *error)
{
    assert(config && about);
    char path[VT_RUN_PATH_SIZE];
    struct vt_file *file = NULL;
    enum vt_code code = vt_run_path(config, "config.yaml", path, error);
    if (!code)
        code = vt_file_create(&file, path, true, error);
    if (code)
        return code;
    fprintf(vt_file_stream(file), "%s", about);
    vt_config_echo(&vt_run_table, config, vt_file_stream(file));
    return vt_file_commit(file, error);
}
