/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file is read and compared first, open for reading only, so that one which does not fit stays
 * as it is to the last byte. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/h5md_file.h"
#include "io/hdf5_data.h"
#include "io/hdf5_file.h"

static const char *name_of(const struct vt_h5md_options *options)
{
    return options->group ? options->group : VT_H5MD_GROUP;
}

/* name: of the part of the file that is wrong; NULL: the file itself. */
static enum vt_code refuse(const struct vt_h5md *h5md, const char *name, const char *what,
                           struct vt_error *error)
{
    const struct vt_place place = {h5md->path, 0, 0};
    if (name)
        vt_fail_at(error, place, VT_INPUT, "cannot go on with this trajectory: its '%s' %s", name,
                   what);
    else
        vt_fail_at(error, place, VT_INPUT, "cannot go on with this trajectory: it %s", what);
    vt_hint(error, "go on with the settings it was begun with, or choose another name");
    return VT_INPUT;
}

/* ---- opening ---- */

static hid_t open_part(hid_t place, const char *name, const char *part)
{
    const hid_t group = H5Gopen2(place, name, H5P_DEFAULT);
    const hid_t dataset = H5Dopen2(group, part, H5P_DEFAULT);
    H5Gclose(group);
    return dataset;
}

/* What is not there stays invalid. */
static void open_parts(struct vt_h5md *h5md, const char *name)
{
    const hid_t particles = H5Gopen2(h5md->file, "particles", H5P_DEFAULT);
    h5md->particles = H5Gopen2(particles, name, H5P_DEFAULT);
    h5md->edges = open_part(h5md->particles, "box/edges", "value");
    h5md->step = open_part(h5md->particles, "box/edges", "step");
    h5md->time = open_part(h5md->particles, "box/edges", "time");
    for (int f = 0; f < VT_H5MD_FIELDS; f++)
        h5md->value[f] = open_part(h5md->particles, vt_h5md_fields[f].name, "value");
    H5Gclose(particles);
}

/* ---- comparing ---- */

static enum vt_code check_box(const struct vt_h5md *h5md, const struct vt_h5md_options *options,
                              struct vt_error *error)
{
    static const char *const length = VT_H5MD_LENGTH_UNIT, *const time = VT_H5MD_TIME_UNIT;
    const char *const boundary[3] = {options->periodic[0] ? "periodic" : "none",
                                     options->periodic[1] ? "periodic" : "none",
                                     options->periodic[2] ? "periodic" : "none"};
    hsize_t cell[3], n;
    if (h5md->particles < 0)
        return refuse(h5md, name_of(options), "is not there", error);
    if (!vt_hdf5_shape(h5md->edges, 3, cell) || cell[1] != 3 || cell[2] != 3 ||
        !vt_hdf5_is_stored_as(h5md->edges, H5T_IEEE_F64LE) ||
        !vt_hdf5_has_texts(h5md->edges, "unit", 1, &length))
        return refuse(h5md, "box", "is of another kind", error);
    const hid_t box = H5Gopen2(h5md->particles, "box", H5P_DEFAULT);
    const bool fits = vt_hdf5_has_texts(box, "boundary", 3, boundary);
    H5Gclose(box);
    if (!fits)
        return refuse(h5md, "boundary", "is another one", error);
    if (!vt_hdf5_shape(h5md->step, 1, &n) || !vt_hdf5_is_stored_as(h5md->step, H5T_STD_I64LE))
        return refuse(h5md, "step", "is of another kind", error);
    if (!vt_hdf5_shape(h5md->time, 1, &n) || !vt_hdf5_is_stored_as(h5md->time, H5T_IEEE_F64LE) ||
        !vt_hdf5_has_texts(h5md->time, "unit", 1, &time))
        return refuse(h5md, "time", "is of another kind", error);
    return VT_OK;
}

static enum vt_code check_field(const struct vt_h5md *h5md, int f, struct vt_error *error)
{
    assert(f >= 0 && f < VT_H5MD_FIELDS);
    const struct vt_h5md_field *field = &vt_h5md_fields[f];
    hsize_t wanted[3], found[3];
    const bool is = h5md->value[f] >= 0;
    if (!(h5md->fields & field->bit))
        return is ? refuse(h5md, field->name, "is not wanted now", error) : VT_OK;
    if (!is)
        return refuse(h5md, field->name, "is not there", error);
    const int rank = vt_h5md_shape(h5md, field, 0, wanted);
    if (!vt_hdf5_shape(h5md->value[f], rank, found) || found[1] != wanted[1] ||
        (rank == 3 && found[2] != wanted[2]))
        return refuse(h5md, field->name, "is of another number of atoms", error);
    if (!vt_hdf5_is_stored_as(h5md->value[f], vt_h5md_type(h5md, field)))
        return refuse(h5md, field->name, "is of another precision", error);
    if (field->unit && !vt_hdf5_has_texts(h5md->value[f], "unit", 1, &field->unit))
        return refuse(h5md, field->name, "is in another unit", error);
    return VT_OK;
}

/* Collective: does the file have the same column for this rank's atoms? */
static enum vt_code compare_column(const struct vt_h5md *h5md, const char *name, hid_t dataset,
                                   size_t size, const void *wanted, struct vt_error *error)
{
    const struct vt_hdf5_block own = {1, {(hsize_t)h5md->first_row}, {h5md->n_members}};
    const hid_t stored = size == 4 ? H5T_STD_I32LE : H5T_STD_I64LE;
    const hid_t type = size == 4 ? H5T_NATIVE_INT32 : H5T_NATIVE_INT64;
    void *found = NULL;
    hsize_t n;
    enum vt_code code = VT_OK;
    if (h5md->rank == 0 && (!vt_hdf5_shape(dataset, 1, &n) || n != (hsize_t)h5md->n_rows ||
                            !vt_hdf5_is_stored_as(dataset, stored)))
        code = refuse(h5md, name, "is that of other atoms", error);
    if (!code)
        code = vt_alloc(&found, h5md->n_members, size, "the atoms of a trajectory", error);
    code = vt_agree(h5md->comm, code, 0, error);
    if (!code) {
        if (vt_hdf5_read(&h5md->team, dataset, type, &own, found) < 0)
            code = vt_hdf5_fail(h5md->path, VT_IO, "cannot read", error);
        else if (memcmp(found, wanted, h5md->n_members * size) != 0)
            code = refuse(h5md, name, "is that of other atoms", error);
        code = vt_agree(h5md->comm, code, 0, error);
    }
    vt_free(found);
    return code;
}

static enum vt_code compare_atoms(const struct vt_h5md *h5md, struct vt_error *error)
{
    hid_t id = H5I_INVALID_HID, species = H5I_INVALID_HID;
    if (h5md->rank == 0) {
        id = H5Dopen2(h5md->particles, "id", H5P_DEFAULT);
        species = H5Dopen2(h5md->particles, "species", H5P_DEFAULT);
    }
    enum vt_code code = compare_column(h5md, "id", id, sizeof *h5md->number, h5md->number, error);
    if (!code)
        code =
            compare_column(h5md, "species", species, sizeof *h5md->element, h5md->element, error);
    H5Dclose(species);
    H5Dclose(id);
    return code;
}

static enum vt_code check(const struct vt_h5md *h5md, const struct vt_h5md_options *options,
                          struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (h5md->rank == 0) {
        code = check_box(h5md, options, error);
        for (int f = 0; f < VT_H5MD_FIELDS && !code; f++)
            code = check_field(h5md, f, error);
    }
    code = vt_agree(h5md->comm, code, 0, error);
    return code ? code : compare_atoms(h5md, error);
}

/* ---- the frames that stay ---- */

/* On rank 0: frames that all datasets have. */
static hsize_t common_frames(const struct vt_h5md *h5md)
{
    hsize_t shape[3], n = 0;
    vt_hdf5_shape(h5md->step, 1, &n);
    if (vt_hdf5_shape(h5md->time, 1, shape) && shape[0] < n)
        n = shape[0];
    if (vt_hdf5_shape(h5md->edges, 3, shape) && shape[0] < n)
        n = shape[0];
    for (int f = 0; f < VT_H5MD_FIELDS; f++)
        if ((h5md->fields & vt_h5md_fields[f].bit) &&
            vt_hdf5_shape(h5md->value[f], vt_h5md_fields[f].width == 1 ? 2 : 3, shape) &&
            shape[0] < n)
            n = shape[0];
    return n;
}

/* Collective: counts those with rising steps up to last_step. */
static enum vt_code count_frames(struct vt_h5md *h5md, int64_t last_step, struct vt_error *error)
{
    int64_t *step = NULL;
    hsize_t n = 0;
    if (h5md->rank == 0)
        n = common_frames(h5md);
    MPI_Bcast(&n, sizeof n, MPI_BYTE, 0, h5md->comm);
    const struct vt_hdf5_block all = {1, {0}, {n}};
    enum vt_code code = vt_alloc(&step, (size_t)n, sizeof *step, "the steps of frames", error);
    code = vt_agree(h5md->comm, code, 0, error);
    if (!code) {
        if (vt_hdf5_read(&h5md->team, h5md->step, H5T_NATIVE_INT64, &all, step) < 0)
            code = vt_hdf5_fail(h5md->path, VT_INPUT, "cannot read", error);
        code = vt_agree(h5md->comm, code, 0, error);
    }
    for (hsize_t i = 0; !code && i < n && step[i] > h5md->last_step && step[i] <= last_step; i++) {
        h5md->n_frames++;
        h5md->last_step = step[i];
    }
    vt_free(step);
    return code;
}

/* Collective: atoms in a chunk of the first field. */
static int64_t chunk_atoms(const struct vt_h5md *h5md)
{
    hsize_t chunk[3] = {1, 1, 1};
    for (int f = 0; f < VT_H5MD_FIELDS && h5md->rank == 0; f++) {
        const hid_t creation = H5Dget_create_plist(h5md->value[f]);
        const bool is = creation >= 0 && H5Pget_chunk(creation, 3, chunk) > 0;
        H5Pclose(creation);
        if (is)
            break;
    }
    MPI_Bcast(chunk, sizeof chunk, MPI_BYTE, 0, h5md->comm);
    return (int64_t)chunk[1];
}

/* ---- the whole ---- */

/* HDF5 does not say clearly why a file cannot be opened. */
static enum vt_code check_access(const char *path, struct vt_error *error)
{
    const int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "cannot go on with this trajectory: %s", strerror(errno));
    close(descriptor);
    return VT_OK;
}

/* On rank 0. */
static enum vt_code open_file(struct vt_h5md *h5md, const char *group, bool write,
                              struct vt_error *error)
{
    enum vt_code code = check_access(h5md->path, error);
    if (!code)
        code = vt_hdf5_recover(h5md->path, error);
    if (!code)
        code = vt_hdf5_open(h5md->path, write, &h5md->file, error);
    if (!code)
        open_parts(h5md, group);
    return code;
}

/* Collective: may the file be gone on with? Leaves it closed. */
static enum vt_code look(struct vt_h5md *h5md, const struct vt_h5md_options *options,
                         const struct vt_h5md_atoms *atoms, int64_t last_step,
                         struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (h5md->rank == 0)
        code = open_file(h5md, name_of(options), false, error);
    code = vt_agree(h5md->comm, code, 0, error);
    if (!code)
        code = vt_h5md_take_atoms(h5md, atoms, chunk_atoms(h5md), error);
    if (!code)
        code = check(h5md, options, error);
    if (!code)
        code = count_frames(h5md, last_step, error);
    if (h5md->file >= 0)
        vt_hdf5_abandon(h5md->file);
    h5md->file = H5I_INVALID_HID;
    return code;
}

/* Collective: without the frames that do not stay. */
static enum vt_code go_on(struct vt_h5md *h5md, const char *group, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (h5md->rank == 0) {
        code = open_file(h5md, group, true, error);
        if (!code)
            code = vt_h5md_commit(h5md, vt_h5md_set_frames(h5md, h5md->n_frames, error), error);
    }
    return vt_agree(h5md->comm, code, 0, error);
}

enum vt_code vt_h5md_append(struct vt_h5md **h5md, MPI_Comm comm,
                            const struct vt_h5md_options *options,
                            const struct vt_h5md_atoms *atoms, int64_t last_step,
                            struct vt_error *error)
{
    assert(h5md && comm != MPI_COMM_NULL && options && options->path && atoms && error);
    assert(options->fields && options->fields >> VT_H5MD_FIELDS == 0);
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    struct vt_error ignored;
    enum vt_code code = vt_h5md_new(h5md, comm, options, error);
    if (!code)
        code = look(*h5md, options, atoms, last_step, error);
    if (!code)
        code = go_on(*h5md, name_of(options), error);
    if (code && *h5md) {
        (*h5md)->broken = true;
        vt_h5md_close(*h5md, &ignored);
        *h5md = NULL;
    }
    vt_hdf5_unhush(quiet);
    return code;
}
