/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/hdf5_data.h"

#include <assert.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"

/* Giving handles back forgets why the call before failed, which the caller still wants to tell. */
static hid_t keep_reason(herr_t status)
{
    return status < 0 ? H5Eget_current_stack() : H5I_INVALID_HID;
}

static void restore_reason(hid_t reason)
{
    if (reason >= 0)
        H5Eset_current_stack(reason);
}

/* ---- parts of datasets ---- */

static hsize_t values_of(const struct vt_hdf5_block *block)
{
    hsize_t n = 1;
    for (int d = 0; d < block->rank; d++)
        n *= block->count[d];
    return n;
}

struct transfer {
    hid_t in_file, in_memory;
};

static struct transfer start_transfer(hid_t dataset, const struct vt_hdf5_block *block)
{
    const struct transfer transfer = {.in_file = H5Dget_space(dataset),
                                      .in_memory =
                                          H5Screate_simple(block->rank, block->count, NULL)};
    H5Sselect_hyperslab(transfer.in_file, H5S_SELECT_SET, block->start, NULL, block->count, NULL);
    return transfer;
}

static herr_t end_transfer(const struct transfer *transfer, herr_t status)
{
    const hid_t reason = keep_reason(status);
    H5Sclose(transfer->in_file);
    H5Sclose(transfer->in_memory);
    restore_reason(reason);
    return status;
}

herr_t vt_hdf5_put(hid_t dataset, hid_t type, const struct vt_hdf5_block *block, const void *values)
{
    assert(block->rank >= 1 && block->rank <= VT_HDF5_RANK);
    if (values_of(block) == 0)
        return 0;
    const struct transfer t = start_transfer(dataset, block);
    return end_transfer(&t, H5Dwrite(dataset, type, t.in_memory, t.in_file, H5P_DEFAULT, values));
}

static herr_t get(hid_t dataset, hid_t type, const struct vt_hdf5_block *block, void *values)
{
    if (values_of(block) == 0)
        return 0;
    const struct transfer t = start_transfer(dataset, block);
    return end_transfer(&t, H5Dread(dataset, type, t.in_memory, t.in_file, H5P_DEFAULT, values));
}

/* ---- the ranks together ---- */

enum { TAG_BLOCK = 51, TAG_PIECE };

enum vt_code vt_hdf5_team_init(struct vt_hdf5_team *team, MPI_Comm comm, struct vt_error *error)
{
    assert(team);
    assert(comm != MPI_COMM_NULL);
    team->comm = comm;
    MPI_Comm_rank(comm, &team->rank);
    MPI_Comm_size(comm, &team->size);
    enum vt_code code = VT_OK;
    if (team->rank == 0)
        code = vt_alloc(&team->piece, VT_HDF5_PIECE, 1, "data of other ranks", error);
    return vt_agree(comm, code, 0, error);
}

void vt_hdf5_team_destroy(struct vt_hdf5_team *team)
{
    vt_free(team->piece);
    *team = (struct vt_hdf5_team){0};
}

/* Where the data of all ranks go, or come from. */
struct target {
    hid_t dataset, type;
    size_t value_bytes;
};

/* A block in pieces of whole rows, along the first direction that counts. */
struct pieces {
    const struct vt_hdf5_block *all;
    int direction;
    size_t row_bytes;
    hsize_t done; /* rows */
};

static struct pieces cut(const struct vt_hdf5_block *block, size_t value_bytes)
{
    struct pieces pieces = {.all = block};
    while (pieces.direction + 1 < block->rank && block->count[pieces.direction] == 1)
        pieces.direction++;
    pieces.row_bytes = value_bytes;
    for (int d = pieces.direction + 1; d < block->rank; d++)
        pieces.row_bytes *= block->count[d];
    assert(pieces.row_bytes <= VT_HDF5_PIECE);
    return pieces;
}

/* False after the last one. *bytes: of the piece. */
static bool next_piece(struct pieces *pieces, struct vt_hdf5_block *piece, size_t *bytes)
{
    const int d = pieces->direction;
    const hsize_t left = values_of(pieces->all) > 0 ? pieces->all->count[d] - pieces->done : 0;
    if (left == 0)
        return false;
    const hsize_t most = VT_HDF5_PIECE / pieces->row_bytes;
    *piece = *pieces->all;
    piece->start[d] += pieces->done;
    piece->count[d] = left < most ? left : most;
    pieces->done += piece->count[d];
    *bytes = (size_t)piece->count[d] * pieces->row_bytes;
    return true;
}

static void send_block(const struct vt_hdf5_team *team, size_t value_bytes,
                       const struct vt_hdf5_block *block, const void *values)
{
    const unsigned char *from = values;
    struct pieces pieces = cut(block, value_bytes);
    struct vt_hdf5_block piece;
    size_t bytes;
    MPI_Send(block, sizeof *block, MPI_BYTE, 0, TAG_BLOCK, team->comm);
    for (; next_piece(&pieces, &piece, &bytes); from += bytes)
        MPI_Send(from, (int)bytes, MPI_BYTE, 0, TAG_PIECE, team->comm);
}

/* Keeps the first failure; nothing is asked of HDF5 after it, which would forget the reason. */
static herr_t write_block_of(const struct vt_hdf5_team *team, int rank, const struct target *target,
                             herr_t status)
{
    struct vt_hdf5_block block, piece;
    size_t bytes;
    MPI_Recv(&block, sizeof block, MPI_BYTE, rank, TAG_BLOCK, team->comm, MPI_STATUS_IGNORE);
    struct pieces pieces = cut(&block, target->value_bytes);
    while (next_piece(&pieces, &piece, &bytes)) {
        MPI_Recv(team->piece, (int)bytes, MPI_BYTE, rank, TAG_PIECE, team->comm, MPI_STATUS_IGNORE);
        if (status >= 0)
            status = vt_hdf5_put(target->dataset, target->type, &piece, team->piece);
    }
    return status;
}

herr_t vt_hdf5_write(const struct vt_hdf5_team *team, hid_t dataset, hid_t type,
                     const struct vt_hdf5_block *block, const void *values)
{
    assert(team && block);
    const struct target target = {dataset, type, H5Tget_size(type)};
    if (team->rank != 0) {
        send_block(team, target.value_bytes, block, values);
        return 0;
    }
    herr_t status = vt_hdf5_put(dataset, type, block, values);
    for (int rank = 1; rank < team->size; rank++)
        status = write_block_of(team, rank, &target, status);
    return status;
}

static void receive_block(const struct vt_hdf5_team *team, size_t value_bytes,
                          const struct vt_hdf5_block *block, void *values)
{
    unsigned char *to = values;
    struct pieces pieces = cut(block, value_bytes);
    struct vt_hdf5_block piece;
    size_t bytes;
    MPI_Send(block, sizeof *block, MPI_BYTE, 0, TAG_BLOCK, team->comm);
    for (; next_piece(&pieces, &piece, &bytes); to += bytes)
        MPI_Recv(to, (int)bytes, MPI_BYTE, 0, TAG_PIECE, team->comm, MPI_STATUS_IGNORE);
}

static herr_t read_block_of(const struct vt_hdf5_team *team, int rank, const struct target *target,
                            herr_t status)
{
    struct vt_hdf5_block block, piece;
    size_t bytes;
    MPI_Recv(&block, sizeof block, MPI_BYTE, rank, TAG_BLOCK, team->comm, MPI_STATUS_IGNORE);
    struct pieces pieces = cut(&block, target->value_bytes);
    while (next_piece(&pieces, &piece, &bytes)) {
        if (status >= 0)
            status = get(target->dataset, target->type, &piece, team->piece);
        MPI_Send(team->piece, (int)bytes, MPI_BYTE, rank, TAG_PIECE, team->comm);
    }
    return status;
}

herr_t vt_hdf5_read(const struct vt_hdf5_team *team, hid_t dataset, hid_t type,
                    const struct vt_hdf5_block *block, void *values)
{
    assert(team && block);
    const struct target target = {dataset, type, H5Tget_size(type)};
    if (team->rank != 0) {
        receive_block(team, target.value_bytes, block, values);
        return 0;
    }
    herr_t status = get(dataset, type, block, values);
    for (int rank = 1; rank < team->size; rank++)
        status = read_block_of(team, rank, &target, status);
    return status;
}

/* ---- datasets ---- */

hid_t vt_hdf5_add_dataset(hid_t place, const char *name, hid_t type, int rank, const hsize_t *shape)
{
    assert(name && rank >= 0);
    assert(shape || rank == 0);
    const hid_t space = H5Screate_simple(rank, shape, NULL);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(creation, false);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    const hid_t dataset = H5Dcreate2(place, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    const hid_t reason = keep_reason(dataset < 0 ? -1 : 0);
    H5Pclose(creation);
    H5Sclose(space);
    restore_reason(reason);
    return dataset;
}

herr_t vt_hdf5_add_small(hid_t place, const char *name, hid_t type, hsize_t n, const void *values)
{
    assert(name);
    assert(values || n == 0);
    const hid_t dataset = vt_hdf5_add_dataset(place, name, type, 1, &n);
    if (dataset < 0)
        return -1;
    const struct vt_hdf5_block all = {1, {0}, {n}};
    const herr_t status = vt_hdf5_put(dataset, type, &all, values);
    const hid_t reason = keep_reason(status);
    H5Dclose(dataset);
    restore_reason(reason);
    return status;
}

bool vt_hdf5_shape(hid_t dataset, int rank, hsize_t *shape)
{
    assert(rank > 0 && shape);
    const hid_t space = H5Dget_space(dataset);
    const bool fits = space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
                      H5Sget_simple_extent_dims(space, shape, NULL) == rank;
    H5Sclose(space);
    return fits;
}

bool vt_hdf5_is_stored_as(hid_t dataset, hid_t type)
{
    const hid_t stored = H5Dget_type(dataset);
    const bool same = stored >= 0 && H5Tequal(stored, type) > 0;
    H5Tclose(stored);
    return same;
}

/* ---- attributes ---- */

static herr_t set_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                            const void *values)
{
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t status = H5Awrite(attribute, type, values);
    const hid_t reason = keep_reason(status);
    H5Aclose(attribute);
    H5Sclose(space);
    restore_reason(reason);
    return status;
}

static hid_t text_type(void)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

herr_t vt_hdf5_set_texts(hid_t object, const char *name, hsize_t n, const char *const *texts)
{
    assert(name);
    assert(texts || n == 0);
    const hid_t type = text_type();
    const herr_t status = set_attribute(object, name, type, H5Screate_simple(1, &n, NULL), texts);
    H5Tclose(type);
    return status;
}

herr_t vt_hdf5_set_text(hid_t object, const char *name, const char *text)
{
    assert(name && text);
    const hid_t type = text_type();
    const herr_t status = set_attribute(object, name, type, H5Screate(H5S_SCALAR), &text);
    H5Tclose(type);
    return status;
}

herr_t vt_hdf5_set_integers(hid_t object, const char *name, hsize_t n, const int *values)
{
    assert(name);
    assert(values || n == 0);
    const hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, NULL);
    return set_attribute(object, name, H5T_NATIVE_INT, space, values);
}

static bool are_equal(hid_t attribute, hid_t type, hid_t space, hsize_t n, const char *const *texts)
{
    char *found[3] = {NULL};
    assert(n <= sizeof found / sizeof *found);
    const hid_t stored = H5Aget_type(attribute);
    bool equal = H5Tis_variable_str(stored) > 0 &&
                 H5Sget_simple_extent_npoints(space) == (hssize_t)n &&
                 H5Aread(attribute, type, found) >= 0;
    H5Tclose(stored);
    if (!equal)
        return false;
    for (hsize_t i = 0; i < n; i++)
        equal = equal && found[i] && strcmp(found[i], texts[i]) == 0;
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, found);
    return equal;
}

bool vt_hdf5_has_texts(hid_t object, const char *name, hsize_t n, const char *const *texts)
{
    assert(name);
    assert(texts || n == 0);
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    const hid_t type = text_type();
    const hid_t space = H5Aget_space(attribute);
    const bool equal = are_equal(attribute, type, space, n, texts);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return equal;
}
