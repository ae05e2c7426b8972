/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "training/train_state.h"

/* All that a training may leave. bec and charge files are there with some models only. */
static const char *const names[] = {
    "checkpoint.h5",    "checkpoint.prev.h5", "nep.txt",          "summary.json",
    "loss.out",         "config.yaml",        "energy_train.out", "force_train.out",
    "virial_train.out", "stress_train.out",   "charge_train.out", "bec_train.out",
    "energy_test.out",  "force_test.out",     "virial_test.out",  "stress_test.out",
    "charge_test.out",  "bec_test.out",       "labels_train.out", "labels_test.out"};
enum { NAMES = sizeof names / sizeof *names };

enum vt_code vt_train_path(const struct vt_train *train, const char *name, char path[4096],
                           struct vt_error *error)
{
    const char *directory = train->config->output.directory;
    if (snprintf(path, 4096, "%s/%s", directory, name) < 4096)
        return VT_OK;
    return vt_fail_at(error, (struct vt_place){directory, 0, 0}, VT_INPUT, "the path is too long");
}

static bool is_there(const struct vt_train *train, const char *name)
{
    char path[4096];
    struct stat status;
    return !vt_train_path(train, name, path, NULL) && lstat(path, &status) == 0;
}

static enum vt_code fail_to_make(const char *directory, struct vt_error *error)
{
    vt_fail_at(error, (struct vt_place){directory, 0, 0}, VT_INPUT,
               "cannot make the output folder: %s", strerror(errno));
    vt_hint(error, "the folder that it is to be in must exist and be writable");
    return VT_INPUT;
}

/* Before hours of work: can the folder be made, or written to? */
static enum vt_code check_writable(const char *directory, struct vt_error *error)
{
    char above[4096];
    struct stat status;
    if (stat(directory, &status) == 0)
        return access(directory, W_OK | X_OK) == 0
                   ? VT_OK
                   : vt_fail_at(error, (struct vt_place){directory, 0, 0}, VT_INPUT,
                                "cannot write to the output folder: %s", strerror(errno));
    const char *slash = strrchr(directory, '/');
    const int length = !slash ? 1 : slash == directory ? 1 : (int)(slash - directory);
    snprintf(above, sizeof above, "%.*s", length, slash ? directory : ".");
    return access(above, W_OK | X_OK) == 0 ? VT_OK : fail_to_make(directory, error);
}

enum vt_code vt_train_folder_check(const struct vt_train *train, struct vt_error *error)
{
    const struct vt_place place = {train->config->output.directory, 0, 0};
    struct stat status;
    if (stat(place.file, &status) == 0 && !S_ISDIR(status.st_mode))
        return vt_fail_at(error, place, VT_INPUT,
                          "this is a file, and the output folder is to have its name");
    if (train->options->restart) {
        if (is_there(train, "checkpoint.h5"))
            return VT_OK;
        vt_fail_at(error, place, VT_INPUT, "there is no checkpoint.h5 to go on from");
        vt_hint(error, "start without --restart");
        return VT_INPUT;
    }
    for (int i = 0; i < NAMES && !train->options->replace; i++) {
        if (!is_there(train, names[i]))
            continue;
        vt_fail_at(error, place, VT_INPUT, "the output folder holds another run: %s is there",
                   names[i]);
        vt_hint(error, "%sreplace it (--force), or choose another output.directory",
                is_there(train, "checkpoint.h5") ? "go on with it (--restart), " : "");
        return VT_INPUT;
    }
    return check_writable(place.file, error);
}

static enum vt_code echo(const struct vt_train *train, struct vt_error *error)
{
    char path[4096];
    struct vt_file *file = NULL;
    enum vt_code code = vt_train_path(train, "config.yaml", path, error);
    if (!code)
        code = vt_file_create(&file, path, true, error);
    if (code)
        return code;
    fprintf(vt_file_stream(file), "# %s\n", train->about);
    vt_config_echo(&vt_train_table, train->config, vt_file_stream(file));
    return vt_file_commit(file, error);
}

enum vt_code vt_train_folder_clear(const struct vt_train *train, struct vt_error *error)
{
    const char *directory = train->config->output.directory;
    char path[4096];
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return fail_to_make(directory, error);
    enum vt_code code = VT_OK;
    for (int i = 0; i < NAMES && !code && !train->options->restart; i++) {
        code = vt_train_path(train, names[i], path, error);
        if (!code && unlink(path) != 0 && errno != ENOENT)
            code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_IO, "cannot remove it: %s",
                              strerror(errno));
    }
    return code ? code : echo(train, error);
}
