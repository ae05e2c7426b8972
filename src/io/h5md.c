/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atoms' rows, all fields side by side, travel to the rank that holds the block of their ids;
 * rank 0 then gets the blocks' part of each field and writes it.
 *
 * Each frame ends with a commit (io/journal.h): the file on the disk is that of the frame before or
 * that of this one, whenever the process is killed. HDF5 has another way to keep a file readable
 * while it is written, SWMR; it is not used, since the file of a killed SWMR writer must be treated
 * with a tool before anybody can open it. What it costs: two waits for the disk and some 10 kB more
 * written for each frame, however long the trajectory is. */
#include "io/h5md.h"

#include <assert.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/units.h"
#include "io/h5md_file.h"
#include "io/hdf5_file.h"

/* Units of the file in one of ours. */
static const double kj_per_mol = VT_KJ_PER_MOL_OF_EV, ps_per_fs = 1e-3, fs_per_ps = 1e3;

/* Beside the frame's values: tables of HDF5. */
static const uint64_t room_beside_data = 64 << 10;

const struct vt_h5md_field vt_h5md_fields[VT_H5MD_FIELDS] = {
    {VT_H5MD_POSITION, "position", VT_H5MD_LENGTH_UNIT, 3, false},
    {VT_H5MD_IMAGE, "image", NULL, 3, true},
    {VT_H5MD_VELOCITY, "velocity", "Angstrom ps-1", 3, false},
    {VT_H5MD_FORCE, "force", "kJ mol-1 Angstrom-1", 3, false},
    {VT_H5MD_CHARGE, "charge", "e", 1, false},
    {VT_H5MD_ENERGY, "potential_energy", "eV", 1, false},
    {VT_H5MD_BORN, "born_charge", "e", 9, false},
};

/* ---- layout ---- */

hid_t vt_h5md_type(const struct vt_h5md *h5md, const struct vt_h5md_field *field)
{
    assert(h5md && field);
    if (field->is_integer)
        return H5T_STD_I32LE;
    return h5md->single_precision ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
}

static hid_t memory_type(const struct vt_h5md *h5md, const struct vt_h5md_field *field)
{
    if (field->is_integer)
        return H5T_NATIVE_INT32;
    return h5md->single_precision ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

size_t vt_h5md_bytes(const struct vt_h5md *h5md, const struct vt_h5md_field *field)
{
    assert(h5md && field);
    const size_t size = field->is_integer || h5md->single_precision ? 4 : 8;
    return (size_t)field->width * size;
}

static size_t row_size(const struct vt_h5md *h5md)
{
    size_t size = 0;
    for (int f = 0; f < VT_H5MD_FIELDS; f++)
        if (h5md->fields & vt_h5md_fields[f].bit)
            size += vt_h5md_bytes(h5md, &vt_h5md_fields[f]);
    return size;
}

int vt_h5md_shape(const struct vt_h5md *h5md, const struct vt_h5md_field *field, int64_t n_frames,
                  hsize_t shape[3])
{
    assert(h5md && field && shape);
    assert(n_frames >= 0);
    shape[0] = (hsize_t)n_frames;
    shape[1] = (hsize_t)h5md->n_rows;
    shape[2] = field->width;
    return field->width == 1 ? 2 : 3;
}

/* ---- the object ---- */

enum vt_code vt_h5md_new(struct vt_h5md **h5md, MPI_Comm comm,
                         const struct vt_h5md_options *options, struct vt_error *error)
{
    assert(h5md && options);
    assert(comm != MPI_COMM_NULL);
    struct vt_h5md *new = NULL;
    enum vt_code code = vt_alloc(&new, 1, sizeof *new, "a trajectory", error);
    if (!code) {
        new->comm = MPI_COMM_NULL;
        new->file = new->particles = new->step = new->time = new->edges = H5I_INVALID_HID;
        for (int f = 0; f < VT_H5MD_FIELDS; f++)
            new->value[f] = H5I_INVALID_HID;
        new->fields = options->fields;
        new->single_precision = options->single_precision;
        new->last_step = -1;
        code = vt_copy_text(&new->path, options->path, "a file name", error);
    }
    code = vt_agree(comm, code, 0, error);
    if (code) {
        vt_free(new ? new->path : NULL);
        vt_free(new);
        *h5md = NULL;
        return code;
    }
    *h5md = new;
    MPI_Comm_dup(comm, &new->comm);
    MPI_Comm_rank(comm, &new->rank);
    return vt_hdf5_team_init(&new->team, new->comm, error);
}

static enum vt_code take_members(struct vt_h5md *h5md, struct vt_error *error)
{
    const struct vt_by_id *blocks = &h5md->blocks;
    size_t n = 0;
    for (size_t i = 0; i < blocks->n; i++)
        n += blocks->present[i];
    enum vt_code code = vt_alloc(&h5md->number, n, sizeof *h5md->number, "a trajectory", error);
    if (!code)
        code = vt_alloc(&h5md->element, n, sizeof *h5md->element, "a trajectory", error);
    if (code)
        return code;
    for (size_t i = 0; i < blocks->n; i++) {
        int element;
        if (!blocks->present[i])
            continue;
        memcpy(&element, blocks->rows + i * sizeof element, sizeof element);
        h5md->number[h5md->n_members] = blocks->first + (int64_t)i + 1;
        h5md->element[h5md->n_members++] = element;
    }
    return VT_OK;
}

enum vt_code vt_h5md_take_atoms(struct vt_h5md *h5md, const struct vt_h5md_atoms *atoms,
                                int64_t chunk_atoms, struct vt_error *error)
{
    assert(h5md && atoms);
    assert(chunk_atoms > 0);
    assert(atoms->n == 0 || (atoms->id && atoms->element));
    enum vt_code code = vt_by_id_init(&h5md->blocks, h5md->comm, atoms->n_ids, chunk_atoms, error);
    code = vt_agree(h5md->comm, code, 0, error);
    if (!code)
        code = vt_by_id_forward(&h5md->blocks, atoms->n, atoms->id, atoms->element, sizeof(int),
                                error);
    if (!code)
        code = vt_agree(h5md->comm, take_members(h5md, error), 0, error);
    if (code)
        return code;
    const int64_t n = (int64_t)h5md->n_members;
    MPI_Exscan(&n, &h5md->first_row, 1, MPI_INT64_T, MPI_SUM, h5md->comm);
    if (h5md->rank == 0)
        h5md->first_row = 0;
    MPI_Allreduce(&n, &h5md->n_rows, 1, MPI_INT64_T, MPI_SUM, h5md->comm);
    if (h5md->n_rows == 0)
        return vt_fail_at(error, (struct vt_place){h5md->path, 0, 0}, VT_INPUT,
                          "there are no atoms to write");
    return VT_OK;
}

int64_t vt_h5md_frames(const struct vt_h5md *h5md)
{
    assert(h5md);
    return h5md->n_frames;
}

int64_t vt_h5md_last_step(const struct vt_h5md *h5md)
{
    assert(h5md);
    return h5md->last_step;
}

/* ---- a frame ---- */

static const void *values_of(const struct vt_h5md_frame *frame, unsigned bit)
{
    switch (bit) {
    case VT_H5MD_POSITION:
        return frame->position;
    case VT_H5MD_IMAGE:
        return frame->image;
    case VT_H5MD_VELOCITY:
        return frame->velocity;
    case VT_H5MD_FORCE:
        return frame->force;
    case VT_H5MD_CHARGE:
        return frame->charge;
    case VT_H5MD_ENERGY:
        return frame->energy;
    default:
        assert(bit == VT_H5MD_BORN);
        return frame->born;
    }
}

static double factor_of(unsigned bit)
{
    if (bit == VT_H5MD_FORCE)
        return kj_per_mol;
    return bit == VT_H5MD_VELOCITY ? fs_per_ps : 1;
}

/* Column of the packed rows: the field of all atoms, as it is to stand in the file. */
static void pack_field(const struct vt_h5md *h5md, const struct vt_h5md_field *field,
                       const void *values, size_t n, unsigned char *to)
{
    assert(values || n == 0);
    const size_t bytes = vt_h5md_bytes(h5md, field), row = row_size(h5md);
    const size_t width = (size_t)field->width;
    const double factor = factor_of(field->bit);
    const double *real = field->is_integer ? NULL : values;
    for (size_t i = 0; i < n; i++, to += row) {
        double scaled[VT_H5MD_WIDEST];
        float rounded[VT_H5MD_WIDEST];
        if (field->is_integer) {
            memcpy(to, (const unsigned char *)values + i * bytes, bytes);
            continue;
        }
        for (size_t k = 0; k < width; k++) {
            scaled[k] = factor * real[i * width + k];
            rounded[k] = (float)scaled[k];
        }
        memcpy(to, h5md->single_precision ? (const void *)rounded : scaled, bytes);
    }
}

static enum vt_code pack(struct vt_h5md *h5md, const struct vt_h5md_frame *frame,
                         struct vt_error *error)
{
    enum vt_code code = vt_reserve(&h5md->packed, &h5md->packed_capacity, frame->n * row_size(h5md),
                                   1, "a frame", error);
    size_t offset = 0;
    for (int f = 0; f < VT_H5MD_FIELDS && !code; f++) {
        const struct vt_h5md_field *field = &vt_h5md_fields[f];
        if (!(h5md->fields & field->bit))
            continue;
        const void *values = values_of(frame, field->bit);
        assert(values || frame->n == 0);
        pack_field(h5md, field, values, frame->n, h5md->packed + offset);
        offset += vt_h5md_bytes(h5md, field);
    }
    return code;
}

static enum vt_code check_members(const struct vt_h5md *h5md, struct vt_error *error)
{
    for (size_t k = 0; k < h5md->n_members; k++)
        if (!h5md->blocks.present[h5md->number[k] - 1 - h5md->blocks.first])
            return vt_fail_at(error, (struct vt_place){h5md->path, 0, 0}, VT_FAILED,
                              "atom %lld is missing from a frame", (long long)h5md->number[k]);
    return VT_OK;
}

/* Brings the rows to their blocks, and looks for the room to write them. */
static enum vt_code gather(struct vt_h5md *h5md, const struct vt_h5md_frame *frame,
                           struct vt_error *error)
{
    const size_t size = row_size(h5md);
    enum vt_code code = vt_agree(h5md->comm, pack(h5md, frame, error), 0, error);
    if (!code)
        code = vt_by_id_forward(&h5md->blocks, frame->n, frame->id, h5md->packed, size, error);
    if (code)
        return code;
    code = check_members(h5md, error);
    if (!code)
        code = vt_reserve(&h5md->column, &h5md->column_capacity,
                          h5md->n_members * VT_H5MD_WIDEST * sizeof(double), 1, "a frame", error);
    if (!code && h5md->rank == 0)
        code = vt_hdf5_room(h5md->path, (uint64_t)h5md->n_rows * size + room_beside_data, error);
    return vt_agree(h5md->comm, code, 0, error);
}

static herr_t write_field(struct vt_h5md *h5md, int f, size_t offset)
{
    assert(f >= 0 && f < VT_H5MD_FIELDS);
    const struct vt_h5md_field *field = &vt_h5md_fields[f];
    const size_t bytes = vt_h5md_bytes(h5md, field), size = row_size(h5md);
    for (size_t k = 0; k < h5md->n_members; k++)
        memcpy(h5md->column + k * bytes,
               h5md->blocks.rows + (size_t)(h5md->number[k] - 1 - h5md->blocks.first) * size +
                   offset,
               bytes);
    struct vt_hdf5_block block = {.start = {(hsize_t)h5md->n_frames, (hsize_t)h5md->first_row, 0}};
    block.rank = vt_h5md_shape(h5md, field, 1, block.count);
    block.count[1] = h5md->n_members;
    return vt_hdf5_write(&h5md->team, h5md->value[f], memory_type(h5md, field), &block,
                         h5md->column);
}

/* Keeps the first failure. */
static void note(const struct vt_h5md *h5md, herr_t status, enum vt_code *code,
                 struct vt_error *error)
{
    if (status < 0 && !*code)
        *code = vt_hdf5_fail_writing(h5md->path, h5md->file, "writing failed", error);
}

/* On rank 0: what is not the atoms'. */
static void write_box(struct vt_h5md *h5md, const struct vt_h5md_frame *frame, enum vt_code *code,
                      struct vt_error *error)
{
    const hsize_t at = (hsize_t)h5md->n_frames;
    const struct vt_hdf5_block one = {1, {at}, {1}}, cell = {3, {at, 0, 0}, {1, 3, 3}};
    const double time = ps_per_fs * frame->time;
    note(h5md, vt_hdf5_put(h5md->edges, H5T_NATIVE_DOUBLE, &cell, frame->cell), code, error);
    note(h5md, vt_hdf5_put(h5md->time, H5T_NATIVE_DOUBLE, &one, &time), code, error);
    note(h5md, vt_hdf5_put(h5md->step, H5T_NATIVE_INT64, &one, &frame->step), code, error);
}

/* All fields travel, also after a failure: the other ranks do not know of it. */
static enum vt_code write_all(struct vt_h5md *h5md, const struct vt_h5md_frame *frame,
                              struct vt_error *error)
{
    enum vt_code code = VT_OK;
    size_t offset = 0;
    if (h5md->rank == 0)
        code = vt_h5md_set_frames(h5md, h5md->n_frames + 1, error);
    for (int f = 0; f < VT_H5MD_FIELDS; f++) {
        if (!(h5md->fields & vt_h5md_fields[f].bit))
            continue;
        note(h5md, write_field(h5md, f, offset), &code, error);
        offset += vt_h5md_bytes(h5md, &vt_h5md_fields[f]);
    }
    if (h5md->rank == 0) {
        write_box(h5md, frame, &code, error);
        code = vt_h5md_commit(h5md, code, error);
    }
    return vt_agree(h5md->comm, code, 0, error);
}

enum vt_code vt_h5md_set_frames(struct vt_h5md *h5md, int64_t n_frames, struct vt_error *error)
{
    assert(h5md);
    assert(n_frames >= 0);
    const hsize_t one[1] = {(hsize_t)n_frames}, cell[3] = {(hsize_t)n_frames, 3, 3};
    enum vt_code code = VT_OK;
    for (int f = 0; f < VT_H5MD_FIELDS; f++) {
        hsize_t shape[3];
        vt_h5md_shape(h5md, &vt_h5md_fields[f], n_frames, shape);
        if (h5md->fields & vt_h5md_fields[f].bit)
            note(h5md, H5Dset_extent(h5md->value[f], shape), &code, error);
    }
    note(h5md, H5Dset_extent(h5md->edges, cell), &code, error);
    note(h5md, H5Dset_extent(h5md->time, one), &code, error);
    note(h5md, H5Dset_extent(h5md->step, one), &code, error);
    return code;
}

enum vt_code vt_h5md_commit(struct vt_h5md *h5md, enum vt_code code, struct vt_error *error)
{
    assert(h5md);
    return code ? code : vt_hdf5_commit(h5md->path, h5md->file, error);
}

enum vt_code vt_h5md_write(struct vt_h5md *h5md, const struct vt_h5md_frame *frame,
                           struct vt_error *error)
{
    assert(h5md && frame && error && !h5md->broken && frame->step > h5md->last_step);
    assert(frame->id || frame->n == 0);
    enum vt_code code = gather(h5md, frame, error);
    if (code)
        return code;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    code = write_all(h5md, frame, error);
    vt_hdf5_unhush(quiet);
    if (code) {
        h5md->broken = true;
    } else {
        h5md->n_frames++;
        h5md->last_step = frame->step;
    }
    return code;
}

/* On rank 0. What there is of a frame that failed must not stay: a reader would take it for one. */
static enum vt_code close_file(struct vt_h5md *h5md, struct vt_error *error)
{
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    enum vt_code code = VT_OK;
    if (h5md->broken)
        vt_hdf5_abandon(h5md->file);
    else
        code = vt_hdf5_close(h5md->path, h5md->file, error);
    vt_hdf5_unhush(quiet);
    return code;
}

enum vt_code vt_h5md_close(struct vt_h5md *h5md, struct vt_error *error)
{
    if (!h5md)
        return VT_OK;
    assert(error);
    enum vt_code code = VT_OK;
    if (h5md->file >= 0)
        code = close_file(h5md, error);
    code = vt_agree(h5md->comm, code, 0, error);
    vt_hdf5_team_destroy(&h5md->team);
    MPI_Comm_free(&h5md->comm);
    vt_by_id_destroy(&h5md->blocks);
    vt_free(h5md->number);
    vt_free(h5md->element);
    vt_free(h5md->packed);
    vt_free(h5md->column);
    vt_free(h5md->path);
    vt_free(h5md);
    return code;
}
