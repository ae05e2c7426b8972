/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/checkpoint.h"
#include "io/checkpoint_digest.h"
#include "io/checkpoint_type.h"
#include "io/hdf5_data.h"
#include "io/hdf5_file.h"

struct vt_checkpoint {
    MPI_Comm comm; /* owned */
    struct vt_hdf5_team team;
    char *path;                /* owned */
    hid_t file, rows, records; /* of rank 0 */
    int64_t first_row, all_rows;
    size_t n_rows;
    int writers; /* ranks that wrote the file */
};

/* name: of what is wrong in the checkpoint; NULL: the checkpoint itself. */
static enum vt_code fail_input(const struct vt_checkpoint *checkpoint, const char *name,
                               const char *what, struct vt_error *error)
{
    const struct vt_place place = {checkpoint->path, 0, 0};
    if (name)
        return vt_fail_at(error, place, VT_INPUT, "'%s' %s", name, what);
    return vt_fail_at(error, place, VT_INPUT, "the checkpoint %s", what);
}

/* ---- opening ---- */

/* This rank's share, from the rows of each rank that wrote the file. */
static enum vt_code deal_rows(struct vt_checkpoint *checkpoint, const int64_t *rows,
                              struct vt_error *error)
{
    int rank, ranks;
    MPI_Comm_rank(checkpoint->comm, &rank);
    MPI_Comm_size(checkpoint->comm, &ranks);
    int64_t first = 0;
    for (int r = 0; r < checkpoint->writers; r++) {
        if (rows[r] < 0 || rows[r] > INT64_MAX - checkpoint->all_rows)
            return fail_input(checkpoint, "ranks", "makes no sense", error);
        first += r < rank ? rows[r] : 0;
        checkpoint->all_rows += rows[r];
    }
    if (ranks == checkpoint->writers) {
        checkpoint->first_row = first;
        checkpoint->n_rows = (size_t)rows[rank];
        return VT_OK;
    }
    const int64_t share = checkpoint->all_rows / ranks, more = checkpoint->all_rows % ranks;
    checkpoint->first_row = rank * share + (rank < more ? rank : more);
    checkpoint->n_rows = (size_t)(share + (rank < more));
    return VT_OK;
}

/* On rank 0: how many ranks wrote the file. *dataset is to be closed, whatever happens. */
static enum vt_code count_ranks(const struct vt_checkpoint *checkpoint, hid_t *dataset, hsize_t *n,
                                struct vt_error *error)
{
    *dataset = H5Dopen2(checkpoint->file, "ranks", H5P_DEFAULT);
    if (!vt_hdf5_shape(*dataset, 1, n) || *n < 1 || *n > INT32_MAX ||
        !vt_hdf5_is_stored_as(*dataset, H5T_STD_I64LE))
        return fail_input(checkpoint, "ranks", "is missing", error);
    return VT_OK;
}

/* Collective: what rank 0 knows, and whether it does. */
static enum vt_code tell_all(const struct vt_checkpoint *checkpoint, enum vt_code code, hsize_t *n,
                             struct vt_error *error)
{
    code = vt_agree(checkpoint->comm, code, 0, error);
    if (!code)
        MPI_Bcast(n, sizeof *n, MPI_BYTE, 0, checkpoint->comm);
    return code;
}

static enum vt_code read_ranks(struct vt_checkpoint *checkpoint, struct vt_error *error)
{
    hsize_t n = 0;
    hid_t dataset = H5I_INVALID_HID;
    int64_t *rows = NULL;
    enum vt_code code = VT_OK;
    if (checkpoint->team.rank == 0)
        code = count_ranks(checkpoint, &dataset, &n, error);
    code = tell_all(checkpoint, code, &n, error);
    if (!code) {
        code = vt_alloc(&rows, n, sizeof *rows, "the rows of the ranks", error);
        code = vt_agree(checkpoint->comm, code, 0, error);
    }
    if (!code) {
        const struct vt_hdf5_block all = {1, {0}, {n}};
        checkpoint->writers = (int)n;
        if (vt_hdf5_read(&checkpoint->team, dataset, H5T_NATIVE_INT64, &all, rows) < 0)
            code = vt_hdf5_fail(checkpoint->path, VT_IO, "cannot read", error);
        code = vt_agree(checkpoint->comm, code, 0, error);
    }
    if (!code)
        code = vt_agree(checkpoint->comm, deal_rows(checkpoint, rows, error), 0, error);
    H5Dclose(dataset);
    vt_free(rows);
    return code;
}

static enum vt_code open_groups(struct vt_checkpoint *checkpoint, struct vt_error *error)
{
    const enum vt_code code = vt_hdf5_open(checkpoint->path, false, &checkpoint->file, error);
    if (code)
        return code;
    checkpoint->rows = H5Gopen2(checkpoint->file, "rows", H5P_DEFAULT);
    checkpoint->records = H5Gopen2(checkpoint->file, "records", H5P_DEFAULT);
    if (checkpoint->rows < 0 || checkpoint->records < 0)
        return fail_input(checkpoint, NULL, "holds nothing of a run", error);
    return VT_OK;
}

static enum vt_code open_file(struct vt_checkpoint *checkpoint, struct vt_error *error)
{
    enum vt_code code = vt_hdf5_team_init(&checkpoint->team, checkpoint->comm, error);
    if (!code)
        code = vt_checkpoint_verify(checkpoint->comm, checkpoint->path, error);
    if (code)
        return code;
    if (checkpoint->team.rank == 0)
        code = open_groups(checkpoint, error);
    code = vt_agree(checkpoint->comm, code, 0, error);
    return code ? code : read_ranks(checkpoint, error);
}

enum vt_code vt_checkpoint_open(struct vt_checkpoint **checkpoint, MPI_Comm comm, const char *path,
                                struct vt_error *error)
{
    assert(checkpoint && path && comm != MPI_COMM_NULL && error);
    struct vt_checkpoint *new = NULL;
    enum vt_code code = vt_alloc(&new, 1, sizeof *new, "a checkpoint", error);
    if (!code) {
        new->comm = MPI_COMM_NULL;
        new->file = new->rows = new->records = H5I_INVALID_HID;
        code = vt_copy_text(&new->path, path, "a file name", error);
    }
    code = vt_agree(comm, code, 0, error);
    if (!code) {
        MPI_Comm_dup(comm, &new->comm);
        const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
        code = open_file(new, error);
        vt_hdf5_unhush(quiet);
    }
    *checkpoint = code ? NULL : new;
    if (code)
        vt_checkpoint_close(new);
    return code;
}

void vt_checkpoint_close(struct vt_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    if (checkpoint->file >= 0)
        vt_hdf5_abandon(checkpoint->file);
    vt_hdf5_unhush(quiet);
    vt_hdf5_team_destroy(&checkpoint->team);
    if (checkpoint->comm != MPI_COMM_NULL)
        MPI_Comm_free(&checkpoint->comm);
    vt_free(checkpoint->path);
    vt_free(checkpoint);
}

/* ---- content ---- */

size_t vt_checkpoint_rows(const struct vt_checkpoint *checkpoint)
{
    assert(checkpoint);
    return checkpoint->n_rows;
}

int vt_checkpoint_ranks(const struct vt_checkpoint *checkpoint)
{
    assert(checkpoint);
    return checkpoint->writers;
}

int64_t vt_checkpoint_all_rows(const struct vt_checkpoint *checkpoint)
{
    assert(checkpoint);
    return checkpoint->all_rows;
}

static bool is_there(const struct vt_checkpoint *checkpoint, hid_t group, const char *name)
{
    int is = 0;
    assert(vt_checkpoint_is_name(name));
    if (checkpoint->team.rank == 0) {
        const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
        is = H5Lexists(group, name, H5P_DEFAULT) > 0;
        vt_hdf5_unhush(quiet);
    }
    MPI_Bcast(&is, 1, MPI_INT, 0, checkpoint->comm);
    return is;
}

bool vt_checkpoint_has_rows(const struct vt_checkpoint *checkpoint, const char *name)
{
    assert(checkpoint && name);
    return is_there(checkpoint, checkpoint->rows, name);
}

bool vt_checkpoint_has(const struct vt_checkpoint *checkpoint, const char *name)
{
    assert(checkpoint && name);
    return is_there(checkpoint, checkpoint->records, name);
}

struct wanted {
    hid_t group;
    const char *name;
    enum vt_checkpoint_type type;
    int rank;
};

/* On rank 0: opens a dataset of that type and tells its shape. *dataset is to be closed, whatever
 * happens. */
static enum vt_code find(const struct vt_checkpoint *checkpoint, const struct wanted *wanted,
                         hid_t *dataset, hsize_t *shape, struct vt_error *error)
{
    *dataset = H5I_INVALID_HID;
    if (H5Lexists(wanted->group, wanted->name, H5P_DEFAULT) <= 0)
        return fail_input(checkpoint, wanted->name, "is missing", error);
    *dataset = H5Dopen2(wanted->group, wanted->name, H5P_DEFAULT);
    if (!vt_hdf5_shape(*dataset, wanted->rank, shape) ||
        !vt_hdf5_is_stored_as(*dataset, vt_checkpoint_stored_type(wanted->type)))
        return fail_input(checkpoint, wanted->name, "is of another type", error);
    return VT_OK;
}

enum vt_code vt_checkpoint_get_rows(struct vt_checkpoint *checkpoint, const char *name,
                                    enum vt_checkpoint_type type, size_t width, void *values,
                                    struct vt_error *error)
{
    assert(checkpoint && vt_checkpoint_is_name(name) && width >= 1 && error);
    assert(values || checkpoint->n_rows == 0);
    const struct wanted wanted = {checkpoint->rows, name, type, 2};
    const struct vt_hdf5_block own = {
        2, {(hsize_t)checkpoint->first_row, 0}, {checkpoint->n_rows, width}};
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    hid_t dataset = H5I_INVALID_HID;
    hsize_t shape[2] = {(hsize_t)checkpoint->all_rows, width};
    enum vt_code code = VT_OK;
    if (checkpoint->team.rank == 0)
        code = find(checkpoint, &wanted, &dataset, shape, error);
    if (!code && (shape[0] != (hsize_t)checkpoint->all_rows || shape[1] != width))
        code = fail_input(checkpoint, name, "is of another shape", error);
    code = vt_agree(checkpoint->comm, code, 0, error);
    if (!code) {
        if (vt_hdf5_read(&checkpoint->team, dataset, vt_checkpoint_memory_type(type), &own,
                         values) < 0)
            code = vt_hdf5_fail(checkpoint->path, VT_IO, "cannot read", error);
        code = vt_agree(checkpoint->comm, code, 0, error);
    }
    H5Dclose(dataset);
    vt_hdf5_unhush(quiet);
    return code;
}

/* Reads a record into *values, which has room for `room` values; if *values is NULL, memory for all
 * of them and a zero byte is taken. */
static enum vt_code get_record(struct vt_checkpoint *checkpoint, const struct wanted *wanted,
                               void **values, size_t room, hsize_t *n, struct vt_error *error)
{
    hid_t dataset = H5I_INVALID_HID;
    enum vt_code code = VT_OK;
    if (checkpoint->team.rank == 0)
        code = find(checkpoint, wanted, &dataset, n, error);
    code = tell_all(checkpoint, code, n, error);
    if (!code && *values && *n != room)
        code = fail_input(checkpoint, wanted->name, "is of another length", error);
    if (!code && !*values)
        code =
            vt_alloc(values, (size_t)*n + 1, vt_checkpoint_size(wanted->type), wanted->name, error);
    code = vt_agree(checkpoint->comm, code, 0, error);
    if (!code) {
        const struct vt_hdf5_block all = {1, {0}, {*n}};
        if (vt_hdf5_read(&checkpoint->team, dataset, vt_checkpoint_memory_type(wanted->type), &all,
                         *values) < 0)
            code = vt_hdf5_fail(checkpoint->path, VT_IO, "cannot read", error);
        code = vt_agree(checkpoint->comm, code, 0, error);
    }
    H5Dclose(dataset);
    return code;
}

enum vt_code vt_checkpoint_get(struct vt_checkpoint *checkpoint, const char *name,
                               enum vt_checkpoint_type type, size_t n, void *values,
                               struct vt_error *error)
{
    assert(checkpoint && vt_checkpoint_is_name(name) && values && error);
    const struct wanted wanted = {checkpoint->records, name, type, 1};
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    hsize_t found;
    const enum vt_code code = get_record(checkpoint, &wanted, &values, n, &found, error);
    vt_hdf5_unhush(quiet);
    return code;
}

enum vt_code vt_checkpoint_take(struct vt_checkpoint *checkpoint, const char *name,
                                enum vt_checkpoint_type type, void *values, size_t *n,
                                struct vt_error *error)
{
    assert(checkpoint && vt_checkpoint_is_name(name) && values && n && error);
    const struct wanted wanted = {checkpoint->records, name, type, 1};
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    hsize_t found = 0;
    void *taken = NULL;
    const enum vt_code code = get_record(checkpoint, &wanted, &taken, 0, &found, error);
    vt_hdf5_unhush(quiet);
    if (code) {
        vt_free(taken);
        taken = NULL;
    }
    memcpy(values, &taken, sizeof taken);
    *n = code ? 0 : (size_t)found;
    return code;
}
