/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/output_file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/memory.h"

static enum vt_code fail(const struct vt_output_file *output, const char *what,
                         struct vt_error *error)
{
    return vt_fail_at(error, (struct vt_place){output->path, 0, 0}, VT_IO, "%s: %s", what,
                      strerror(errno));
}

/* Cut an open file back to its first bytes and write on from there. */
static enum vt_code cut(struct vt_output_file *output, int64_t keep, struct vt_error *error)
{
    assert(keep >= 0);
    if (fseeko(output->file, 0, SEEK_END))
        return fail(output, "cannot find its end", error);
    const int64_t size = ftello(output->file);
    if (size < keep) {
        vt_fail_at(error, (struct vt_place){output->path, 0, 0}, VT_INPUT,
                   "the file has %lld bytes, and had %lld when the checkpoint was written",
                   (long long)size, (long long)keep);
        vt_hint(error, "restart in the folder of the run, with its files as they were");
        return VT_INPUT;
    }
    if (ftruncate(fileno(output->file), (off_t)keep) || fseeko(output->file, (off_t)keep, SEEK_SET))
        return fail(output, "cannot cut it back to the checkpoint", error);
    return VT_OK;
}

enum vt_code vt_output_file_open(struct vt_output_file *output, const char *path, int64_t keep,
                                 struct vt_error *error)
{
    assert(output && path && !output->file && !output->path);
    const enum vt_code code = vt_copy_text(&output->path, path, "the name of a file", error);
    if (code)
        return code;
    output->file = fopen(path, keep < 0 ? "wx" : "r+");
    if (!output->file && errno == EEXIST) {
        vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                   "the file exists, and is not of this run");
        vt_hint(error, "choose another name for the trajectory, or remove the file: a run that was "
                       "killed as it began may have left it");
        return VT_INPUT;
    }
    if (!output->file && errno == ENOENT)
        return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "the file that the run wrote to is not there");
    if (!output->file)
        return fail(output, keep < 0 ? "cannot write it" : "cannot go on with it", error);
    return keep < 0 ? VT_OK : cut(output, keep, error);
}

enum vt_code vt_output_file_flush(struct vt_output_file *output, struct vt_error *error)
{
    assert(output && output->file);
    if (fflush(output->file) || ferror(output->file))
        return fail(output, "writing failed", error);
    return VT_OK;
}

enum vt_code vt_output_file_sync(struct vt_output_file *output, int64_t *size,
                                 struct vt_error *error)
{
    assert(output && output->file && size);
    const enum vt_code code = vt_output_file_flush(output, error);
    if (code)
        return code;
    *size = ftello(output->file);
    /* devices and pipes have nothing to bring to a disk */
    if (*size < 0 || (fsync(fileno(output->file)) && errno != EINVAL))
        return fail(output, "writing failed", error);
    return VT_OK;
}

void vt_output_file_close(struct vt_output_file *output)
{
    assert(output);
    if (output->file)
        fclose(output->file);
    vt_free(output->path);
    *output = (struct vt_output_file){0};
}
