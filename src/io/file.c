/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* realpath */

#include "io/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* ---- reading ---- */

/* The file's name goes into the message's place, so the message only says what happened. */
static enum vt_code fail_about(const char *path, enum vt_code code, const char *what, int number,
                               struct vt_error *error)
{
    assert(path && what && code != VT_OK);
    return vt_fail_at(error, (struct vt_place){path, 0, 0}, code, "%s: %s", what, strerror(number));
}

/* Is it the user's choice of file that is wrong, or the machine? */
static enum vt_code code_of_open(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case ENAMETOOLONG:
        return VT_INPUT;
    default:
        return VT_IO;
    }
}

static enum vt_code fail_too_large(const char *path, size_t most, struct vt_error *error)
{
    return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                      "the file is larger than the %zu bytes that are accepted here", most);
}

/* Opens for reading and tells the size if the file has one (0 for a pipe). *descriptor stays open
 * on VT_OK. */
static enum vt_code open_for_reading(const char *path, size_t most, int *descriptor, size_t *size,
                                     struct vt_error *error)
{
    assert(path && descriptor && size);
    struct stat status;
    *size = 0;
    *descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (*descriptor < 0)
        return fail_about(path, code_of_open(errno), "cannot open", errno, error);
    enum vt_code code = VT_OK;
    if (fstat(*descriptor, &status) != 0)
        code = fail_about(path, VT_IO, "cannot read", errno, error);
    else if (S_ISDIR(status.st_mode))
        code = fail_about(path, VT_INPUT, "cannot read", EISDIR, error);
    else if (S_ISREG(status.st_mode) && (uintmax_t)status.st_size > most)
        code = fail_too_large(path, most, error);
    else if (S_ISREG(status.st_mode))
        *size = (size_t)status.st_size;
    if (code)
        close(*descriptor);
    return code;
}

/* Reads to the end; the stated size is a first guess only, since a pipe has none and a file may
 * grow meanwhile. */
static enum vt_code read_all(int descriptor, const char *path, size_t most, char **data,
                             size_t *size, struct vt_error *error)
{
    assert(descriptor >= 0);
    size_t capacity = 0, room = *size + 1;
    *size = 0;
    for (;;) {
        enum vt_code code = vt_reserve(data, &capacity, room + 1, 1, "the text of a file", error);
        if (code)
            return code;
        const ssize_t n = read(descriptor, *data + *size, capacity - 1 - *size);
        if (n == 0) {
            (*data)[*size] = '\0';
            return VT_OK;
        }
        if (n < 0 && errno != EINTR)
            return fail_about(path, VT_IO, "cannot read", errno, error);
        *size += n > 0 ? (size_t)n : 0;
        if (*size > most)
            return fail_too_large(path, most, error);
        room = *size + 1;
    }
}

enum vt_code vt_file_read(const char *path, size_t most, char **data, size_t *size,
                          struct vt_error *error)
{
    assert(path && data && size && most < SIZE_MAX / 4);
    int descriptor;
    *data = NULL;
    enum vt_code code = open_for_reading(path, most, &descriptor, size, error);
    if (code)
        return code;
    code = read_all(descriptor, path, most, data, size, error);
    close(descriptor);
    if (code) {
        vt_free(*data);
        *data = NULL;
        *size = 0;
    }
    return code;
}

/* ---- writing ---- */

struct vt_file {
    FILE *stream;
    char *target;    /* owned; symbolic links resolved where it exists */
    char *temporary; /* owned; NULL: the target is a device or a pipe, written directly */
    bool replace;
};

static enum vt_code fail_exists(const char *path, struct vt_error *error)
{
    vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT, "the file exists already");
    vt_hint(error, "choose another name, or allow it to be replaced");
    return VT_INPUT;
}

/* Sets file->target and whether it is written directly; refuses what must not be replaced. */
static enum vt_code choose_target(struct vt_file *file, const char *path, bool *direct,
                                  struct vt_error *error)
{
    struct stat status;
    *direct = false;
    if (stat(path, &status) != 0)
        return errno == ENOENT
                   ? vt_copy_text(&file->target, path, "a file name", error)
                   : fail_about(path, code_of_open(errno), "cannot write", errno, error);
    if (S_ISDIR(status.st_mode))
        return fail_about(path, VT_INPUT, "cannot write", EISDIR, error);
    *direct = !S_ISREG(status.st_mode);
    if (!*direct && !file->replace)
        return fail_exists(path, error);
    char *resolved = *direct ? NULL : realpath(path, NULL);
    enum vt_code code =
        vt_copy_text(&file->target, resolved ? resolved : path, "a file name", error);
    free(resolved);
    return code;
}

/* Bytes of the path up to and with its last slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* A new file in the target's folder, with the permissions that the user's mask gives any new file.
 */
static enum vt_code open_temporary(struct vt_file *file, int *descriptor, struct vt_error *error)
{
    enum { TRIES = 1000, NAME = 64 };
    const int folder = (int)folder_length(file->target);
    const size_t size = (size_t)folder + NAME;
    enum vt_code code = vt_alloc(&file->temporary, size, 1, "a file name", error);
    if (code)
        return code;
    *descriptor = -1;
    for (int i = 0; i < TRIES && *descriptor < 0; i++) {
        snprintf(file->temporary, size, "%.*s.vitrion-%ld-%d.tmp", folder, file->target,
                 (long)getpid(), i);
        *descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*descriptor < 0 && errno != EEXIST)
            break;
    }
    if (*descriptor >= 0)
        return VT_OK;
    const int number = errno;
    vt_free(file->temporary);
    file->temporary = NULL;
    return fail_about(file->target, code_of_open(number), "cannot write in its folder", number,
                      error);
}

enum vt_code vt_file_create(struct vt_file **file, const char *path, bool replace,
                            struct vt_error *error)
{
    assert(file && path);
    bool direct;
    int descriptor = -1;
    enum vt_code code = vt_alloc(file, 1, sizeof **file, "a file", error);
    if (code)
        return code;
    (*file)->replace = replace;
    code = choose_target(*file, path, &direct, error);
    if (code)
        goto fail;
    if (direct) {
        descriptor = open((*file)->target, O_WRONLY | O_CLOEXEC);
        if (descriptor < 0)
            code = fail_about(path, code_of_open(errno), "cannot write", errno, error);
    } else {
        code = open_temporary(*file, &descriptor, error);
    }
    if (code)
        goto fail;
    (*file)->stream = fdopen(descriptor, "w");
    if ((*file)->stream)
        return VT_OK;
    code = fail_about(path, VT_IO, "cannot write", errno, error);
    close(descriptor);
fail:
    vt_file_discard(*file);
    *file = NULL;
    return code;
}

FILE *vt_file_stream(struct vt_file *file)
{
    assert(file && file->stream);
    return file->stream;
}

/* Not every file system can sync a folder: then nothing is lost by trying. */
void vt_file_sync_folder(const char *path)
{
    assert(path);
    char folder[4096];
    const size_t length = folder_length(path);
    if (length >= sizeof folder)
        return;
    memcpy(folder, path, length);
    memcpy(folder + length, length ? "" : ".", length ? 1 : 2);
    const int descriptor = open(folder, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    fsync(descriptor);
    close(descriptor);
}

/* link() refuses an existing name in one step, which rename() cannot; some file systems have no
 * links, and there a small window between the check and the renaming remains. */
static enum vt_code name_file(struct vt_file *file, struct vt_error *error)
{
    if (!file->replace) {
        if (link(file->temporary, file->target) == 0) {
            unlink(file->temporary);
            return VT_OK;
        }
        if (errno == EEXIST || access(file->target, F_OK) == 0)
            return fail_exists(file->target, error);
    }
    if (rename(file->temporary, file->target) == 0)
        return VT_OK;
    return fail_about(file->target, VT_IO, "cannot give the finished file its name", errno, error);
}

/* A write that failed earlier has left its mark on the stream, but not its reason. */
static enum vt_code finish_stream(struct vt_file *file, struct vt_error *error)
{
    const bool failed_before = ferror(file->stream) != 0;
    int number = fflush(file->stream) != 0 ? errno : 0;
    if (!number && file->temporary && fsync(fileno(file->stream)) != 0)
        number = errno;
    if (fclose(file->stream) != 0 && !number)
        number = errno;
    file->stream = NULL;
    if (number)
        return fail_about(file->target, VT_IO, "writing failed", number, error);
    if (failed_before)
        return vt_fail_at(error, (struct vt_place){file->target, 0, 0}, VT_IO,
                          "writing failed; the disk may be full");
    return VT_OK;
}

enum vt_code vt_file_commit(struct vt_file *file, struct vt_error *error)
{
    assert(file && file->stream);
    enum vt_code code = finish_stream(file, error);
    if (!code && file->temporary) {
        code = name_file(file, error);
        if (!code) {
            vt_file_sync_folder(file->target);
            vt_free(file->temporary);
            file->temporary = NULL;
        }
    }
    vt_file_discard(file);
    return code;
}

void vt_file_discard(struct vt_file *file)
{
    if (!file)
        return;
    if (file->stream)
        fclose(file->stream);
    if (file->temporary)
        unlink(file->temporary);
    vt_free(file->temporary);
    vt_free(file->target);
    vt_free(file);
}
