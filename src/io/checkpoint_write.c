/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file is written under another name, PATH.tmp, always the same one: what a killed run leaves
 * of it is replaced by the next. Only when all of it is on the disk does it get its own name. */
#define _XOPEN_SOURCE 700 /* realpath */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/checkpoint.h"
#include "io/checkpoint_digest.h"
#include "io/checkpoint_type.h"
#include "io/file.h"
#include "io/hdf5_data.h"
#include "io/hdf5_file.h"

/* HDF5's own tables, generously. */
static const uint64_t room_beside_data = 32 << 10;

struct vt_checkpoint_writer {
    MPI_Comm comm; /* owned */
    int rank;
    struct vt_hdf5_team team;
    size_t n_rows;
    int64_t first_row, all_rows;
    hid_t file, rows, records; /* of rank 0, as all that is HDF5's */
    char *path;                /* these four owned */
    char *temporary;
    char *link; /* on its way to be the previous one */
    char *previous;
};

/* ---- names ---- */

/* A symbolic link stays one: the file it names is replaced. */
static enum vt_code set_path(struct vt_checkpoint_writer *writer, const char *path,
                             struct vt_error *error)
{
    char *resolved = realpath(path, NULL);
    const char *from = resolved ? resolved : path;
    const enum vt_code code = vt_copy_text(&writer->path, from, "a file name", error);
    free(resolved);
    return code;
}

/* "x/checkpoint.h5" makes "x/checkpoint.h5.tmp" and "x/checkpoint.prev.h5". */
static enum vt_code set_names(struct vt_checkpoint_writer *writer, const char *path,
                              struct vt_error *error)
{
    enum vt_code code = set_path(writer, path, error);
    if (code)
        return code;
    const size_t length = strlen(writer->path), size = length + sizeof ".prev";
    const char *slash = strrchr(writer->path, '/');
    const char *name = slash ? slash + 1 : writer->path;
    const char *dot = strrchr(name, '.');
    const size_t stem = dot && dot != name ? (size_t)(dot - writer->path) : length;
    code = vt_alloc(&writer->temporary, size, 1, "a file name", error);
    if (!code)
        code = vt_alloc(&writer->link, size, 1, "a file name", error);
    if (!code)
        code = vt_alloc(&writer->previous, size, 1, "a file name", error);
    if (code)
        return code;
    snprintf(writer->temporary, size, "%s.tmp", writer->path);
    snprintf(writer->link, size, "%s.old", writer->path);
    snprintf(writer->previous, size, "%.*s.prev%s", (int)stem, writer->path, writer->path + stem);
    return VT_OK;
}

/* ---- writing ---- */

static enum vt_code fail_writing(const struct vt_checkpoint_writer *writer, struct vt_error *error)
{
    return vt_hdf5_fail_writing(writer->path, writer->file, "writing the checkpoint failed", error);
}

/* The groups, and the rows of each rank. */
static enum vt_code start_file(struct vt_checkpoint_writer *writer, struct vt_error *error)
{
    const hsize_t shape = (hsize_t)writer->team.size;
    const int64_t n = (int64_t)writer->n_rows;
    const struct vt_hdf5_block own = {1, {(hsize_t)writer->rank}, {1}};
    hid_t dataset = H5I_INVALID_HID;
    enum vt_code code = VT_OK;
    if (writer->rank == 0)
        dataset = vt_hdf5_add_dataset(writer->file, "ranks", H5T_STD_I64LE, 1, &shape);
    if (vt_hdf5_write(&writer->team, dataset, H5T_NATIVE_INT64, &own, &n) < 0)
        code = fail_writing(writer, error);
    if (writer->rank == 0) {
        H5Dclose(dataset);
        writer->rows = H5Gcreate2(writer->file, "rows", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        writer->records =
            H5Gcreate2(writer->file, "records", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (!code && (writer->rows < 0 || writer->records < 0))
            code = fail_writing(writer, error);
    }
    return code;
}

static void count_rows(struct vt_checkpoint_writer *writer)
{
    int64_t n = (int64_t)writer->n_rows;
    MPI_Exscan(&n, &writer->first_row, 1, MPI_INT64_T, MPI_SUM, writer->comm);
    if (writer->rank == 0)
        writer->first_row = 0;
    MPI_Allreduce(&n, &writer->all_rows, 1, MPI_INT64_T, MPI_SUM, writer->comm);
}

static enum vt_code open_file(struct vt_checkpoint_writer *writer, struct vt_error *error)
{
    static const struct vt_hdf5_style style = {.user_block = VT_CHECKPOINT_BLOCK};
    enum vt_code code = vt_hdf5_team_init(&writer->team, writer->comm, error);
    if (code)
        return code;
    if (writer->rank == 0) {
        code = vt_hdf5_claim(writer->temporary, error);
        if (!code)
            code = vt_hdf5_room(writer->temporary, room_beside_data, error);
        if (!code)
            code = vt_hdf5_create(writer->temporary, &style, &writer->file, error);
    }
    code = vt_agree(writer->comm, code, 0, error);
    if (code)
        return code;
    return vt_agree(writer->comm, start_file(writer, error), 0, error);
}

enum vt_code vt_checkpoint_create(struct vt_checkpoint_writer **writer, MPI_Comm comm,
                                  const char *path, size_t n_rows, struct vt_error *error)
{
    assert(writer && path && comm != MPI_COMM_NULL && n_rows <= INT64_MAX && error);
    struct vt_checkpoint_writer *new = NULL;
    enum vt_code code = vt_alloc(&new, 1, sizeof *new, "a checkpoint", error);
    if (!code) {
        new->file = new->rows = new->records = H5I_INVALID_HID;
        new->comm = MPI_COMM_NULL;
        new->n_rows = n_rows;
        code = set_names(new, path, error);
    }
    code = vt_agree(comm, code, 0, error);
    if (!code) {
        MPI_Comm_dup(comm, &new->comm);
        MPI_Comm_rank(comm, &new->rank);
        count_rows(new);
        const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
        code = open_file(new, error);
        vt_hdf5_unhush(quiet);
    }
    *writer = code ? NULL : new;
    if (code)
        vt_checkpoint_discard(new);
    return code;
}

/* Rank 0 looks whether there is room, for all ranks. */
static enum vt_code need_room(const struct vt_checkpoint_writer *writer, uint64_t bytes,
                              struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (writer->rank == 0)
        code = vt_hdf5_room(writer->temporary, bytes + room_beside_data, error);
    return vt_agree(writer->comm, code, 0, error);
}

enum vt_code vt_checkpoint_put_rows(struct vt_checkpoint_writer *writer, const char *name,
                                    enum vt_checkpoint_type type, size_t width, const void *values,
                                    struct vt_error *error)
{
    assert(writer && vt_checkpoint_is_name(name) && width >= 1 && type != VT_CHECKPOINT_TEXT);
    assert((values || writer->n_rows == 0) && error);
    enum vt_code code =
        need_room(writer, (uint64_t)writer->all_rows * width * vt_checkpoint_size(type), error);
    if (code)
        return code;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    const hsize_t shape[2] = {(hsize_t)writer->all_rows, width};
    const struct vt_hdf5_block own = {2, {(hsize_t)writer->first_row, 0}, {writer->n_rows, width}};
    hid_t dataset = H5I_INVALID_HID;
    if (writer->rank == 0)
        dataset =
            vt_hdf5_add_dataset(writer->rows, name, vt_checkpoint_stored_type(type), 2, shape);
    if (vt_hdf5_write(&writer->team, dataset, vt_checkpoint_memory_type(type), &own, values) < 0)
        code = fail_writing(writer, error);
    if (writer->rank == 0)
        H5Dclose(dataset);
    vt_hdf5_unhush(quiet);
    return vt_agree(writer->comm, code, 0, error);
}

enum vt_code vt_checkpoint_put(struct vt_checkpoint_writer *writer, const char *name,
                               enum vt_checkpoint_type type, size_t n, const void *values,
                               struct vt_error *error)
{
    assert(writer && vt_checkpoint_is_name(name) && (values || n == 0) && error);
    enum vt_code code = need_room(writer, n * vt_checkpoint_size(type), error);
    if (code)
        return code;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    if (writer->rank == 0 &&
        vt_hdf5_add_small(writer->records, name, vt_checkpoint_stored_type(type), n, values) < 0)
        code = fail_writing(writer, error);
    vt_hdf5_unhush(quiet);
    return vt_agree(writer->comm, code, 0, error);
}

/* ---- the end ---- */

static enum vt_code close_file(struct vt_checkpoint_writer *writer, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (writer->file >= 0) {
        const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
        code = vt_hdf5_close(writer->path, writer->file, error);
        vt_hdf5_unhush(quiet);
        writer->file = H5I_INVALID_HID;
    }
    return vt_agree(writer->comm, code, 0, error);
}

/* A second name for the last checkpoint, so that it never is without one, nor is there a moment
 * without a previous one. Where the file system has no links the old name is taken away first, and
 * for a moment there is the previous one only.
 *
 * rename() does nothing if both names are those of one file, as after a kill between this function
 * and the renaming of the new checkpoint: hence the last unlink(). */
static void keep_previous(const struct vt_checkpoint_writer *writer)
{
    if (access(writer->path, F_OK) != 0)
        return;
    unlink(writer->link);
    if (link(writer->path, writer->link) == 0)
        rename(writer->link, writer->previous);
    else
        rename(writer->path, writer->previous);
    unlink(writer->link);
}

static enum vt_code give_name(const struct vt_checkpoint_writer *writer, struct vt_error *error)
{
    keep_previous(writer);
    if (rename(writer->temporary, writer->path) != 0)
        return vt_fail_at(error, (struct vt_place){writer->path, 0, 0}, VT_IO,
                          "cannot give the finished checkpoint its name: %s", strerror(errno));
    vt_file_sync_folder(writer->path);
    return VT_OK;
}

static void destroy(struct vt_checkpoint_writer *writer)
{
    vt_hdf5_team_destroy(&writer->team);
    if (writer->comm != MPI_COMM_NULL)
        MPI_Comm_free(&writer->comm);
    vt_free(writer->path);
    vt_free(writer->temporary);
    vt_free(writer->link);
    vt_free(writer->previous);
    vt_free(writer);
}

enum vt_code vt_checkpoint_commit(struct vt_checkpoint_writer *writer, struct vt_error *error)
{
    assert(writer && error);
    enum vt_code code = close_file(writer, error);
    if (!code)
        code = vt_checkpoint_seal(writer->comm, writer->temporary, error);
    if (!code) {
        if (writer->rank == 0)
            code = give_name(writer, error);
        code = vt_agree(writer->comm, code, 0, error);
    }
    if (code && writer->rank == 0)
        unlink(writer->temporary);
    destroy(writer);
    return code;
}

void vt_checkpoint_discard(struct vt_checkpoint_writer *writer)
{
    if (!writer)
        return;
    if (writer->file >= 0) {
        const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
        vt_hdf5_abandon(writer->file);
        vt_hdf5_unhush(quiet);
    }
    if (writer->comm != MPI_COMM_NULL && writer->rank == 0)
        unlink(writer->temporary);
    destroy(writer);
}
