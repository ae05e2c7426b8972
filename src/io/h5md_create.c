/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of a new file (T frames, N atoms):
 *
 *     /h5md                     version, author, creator, the units module
 *     /particles/GROUP/id       [N] numbers of the atoms, from 1; species [N] atomic numbers
 *     /particles/GROUP/box      dimension, boundary; edges/{value [T][3][3], step [T], time [T]}
 *     /particles/GROUP/FIELD    {value [T][N] or [T][N][3], step, time}: the box's step and time
 *     /parameters/vitrion/NOTE  a string
 *
 * Chunks. Analysis reads a trajectory in two ways, frame by frame and the course of a few atoms. A
 * chunk of 64 KiB holds up to 16 frames of a part of the atoms: the course of an atom then costs
 * one read of 64 KiB for up to 16 frames, and a frame one for each of its parts. Readers keep
 * chunks of 1 MiB at a time, by default of HDF5, so more frames than make 1 MiB would be read again
 * and again by those that go frame by frame: large systems have fewer frames in a chunk.
 *
 * Compression makes a chunk that grows frame by frame move within the file, which costs time and
 * holes, and endangers it in a crash. So a compressed chunk holds one frame of its atoms and is
 * written once.
 *
 * Measured with h5py 3.7 on 200 frames of 10,000 atoms (positions, made up: 0.5 A of noise
 * about sites; two cores of a busy virtual machine, from memory, each once):
 *
 *                       MB    ms a frame    ms the course of an atom
 *     double           49.1      0.29            6.5
 *     single           24.6      0.16            0.8
 *     double, deflate  41.6      1.29           33.7
 *     single, deflate  20.2      0.89           80.0
 *
 * Deflate saves 15 to 20 % of what is noise, and 80 % of images that stay. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/h5md_file.h"
#include "io/hdf5_data.h"
#include "io/hdf5_file.h"
#include "io/journal.h"

enum { CHUNK_BYTES = 64 << 10, READER_BYTES = 1 << 20, MOST_FRAMES = 16, DEFLATE_LEVEL = 1 };

struct chunk {
    hsize_t frames, atoms;
    bool compress;
};

/* One shape for all fields, made for those of three values, so that a rank's block of ids is made
 * of whole chunks of each. */
static struct chunk choose_chunk(const struct vt_h5md_options *options, int64_t n_atoms)
{
    const int64_t row = options->single_precision ? 12 : 24;
    struct chunk chunk = {1, 1, options->compress};
    while (!options->compress && chunk.frames < MOST_FRAMES &&
           2 * (int64_t)chunk.frames * row * n_atoms <= READER_BYTES)
        chunk.frames *= 2;
    const int64_t most = CHUNK_BYTES / ((int64_t)chunk.frames * row);
    chunk.atoms = (hsize_t)(n_atoms < most ? n_atoms : most);
    if (chunk.atoms < 1)
        chunk.atoms = 1;
    return chunk;
}

/* ---- what all files say ---- */

/* A subgroup with or without more; the caller closes it. */
static hid_t add_group(hid_t place, const char *name)
{
    return H5Gcreate2(place, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static herr_t add_about(hid_t file, const struct vt_h5md_options *options)
{
    static const int h5md_version[2] = {1, 1}, units_version[2] = {1, 0};
    const hid_t about = add_group(file, "h5md");
    const hid_t author = add_group(about, "author");
    const hid_t creator = add_group(about, "creator");
    const hid_t modules = add_group(about, "modules");
    const hid_t units = add_group(modules, "units");
    const bool failed =
        vt_hdf5_set_integers(about, "version", 2, h5md_version) < 0 ||
        vt_hdf5_set_text(author, "name", options->author ? options->author : "unknown") < 0 ||
        vt_hdf5_set_text(creator, "name", "vitrion") < 0 ||
        vt_hdf5_set_text(creator, "version", options->version) < 0 ||
        vt_hdf5_set_integers(units, "version", 2, units_version) < 0;
    H5Gclose(units);
    H5Gclose(modules);
    H5Gclose(creator);
    H5Gclose(author);
    H5Gclose(about);
    return failed ? -1 : 0;
}

static herr_t add_note(hid_t place, const struct vt_h5md_note *note)
{
    const size_t length = strlen(note->text);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length > 0 ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hid_t dataset = vt_hdf5_add_dataset(place, note->name, type, 0, NULL);
    const herr_t status = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, note->text);
    H5Dclose(dataset);
    H5Tclose(type);
    return status;
}

static herr_t add_notes(hid_t file, const struct vt_h5md_options *options)
{
    const hid_t parameters = add_group(file, "parameters");
    const hid_t own = add_group(parameters, "vitrion");
    herr_t status = own < 0 ? -1 : 0;
    for (size_t i = 0; i < options->n_notes; i++)
        if (add_note(own, &options->notes[i]) < 0)
            status = -1;
    H5Gclose(own);
    H5Gclose(parameters);
    return status;
}

/* ---- the atoms ---- */

/* On all ranks. */
static herr_t add_column(const struct vt_h5md *h5md, const char *name, hid_t stored, hid_t type,
                         const void *values)
{
    const hsize_t n = (hsize_t)h5md->n_rows;
    const struct vt_hdf5_block own = {1, {(hsize_t)h5md->first_row}, {h5md->n_members}};
    hid_t dataset = H5I_INVALID_HID;
    if (h5md->rank == 0)
        dataset = vt_hdf5_add_dataset(h5md->particles, name, stored, 1, &n);
    const herr_t status = vt_hdf5_write(&h5md->team, dataset, type, &own, values);
    if (h5md->rank == 0)
        H5Dclose(dataset);
    return status;
}

static herr_t add_atoms(const struct vt_h5md *h5md)
{
    const herr_t status = add_column(h5md, "id", H5T_STD_I64LE, H5T_NATIVE_INT64, h5md->number);
    if (add_column(h5md, "species", H5T_STD_I32LE, H5T_NATIVE_INT32, h5md->element) < 0)
        return -1;
    return status;
}

/* ---- what grows ---- */

struct growing {
    int rank;
    hsize_t shape[3]; /* of a frame, behind the first */
    hsize_t chunk[3];
    bool compress;
};

/* A dataset without frames yet. */
static hid_t add_growing(hid_t place, const char *name, hid_t type, const struct growing *growing)
{
    const hsize_t start[3] = {0, growing->shape[1], growing->shape[2]};
    const hsize_t most[3] = {H5S_UNLIMITED, growing->shape[1], growing->shape[2]};
    const hid_t space = H5Screate_simple(growing->rank, start, most);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(creation, false);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    H5Pset_chunk(creation, growing->rank, growing->chunk);
    if (growing->compress) {
        H5Pset_shuffle(creation);
        H5Pset_deflate(creation, DEFLATE_LEVEL);
    }
    const hid_t dataset = H5Dcreate2(place, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Pclose(creation);
    H5Sclose(space);
    return dataset;
}

static herr_t add_box(struct vt_h5md *h5md, const struct vt_h5md_options *options)
{
    static const int three = 3;
    static const struct growing cells = {3, {0, 3, 3}, {128, 3, 3}, false};
    static const struct growing numbers = {1, {0}, {1024}, false};
    const char *const boundary[3] = {options->periodic[0] ? "periodic" : "none",
                                     options->periodic[1] ? "periodic" : "none",
                                     options->periodic[2] ? "periodic" : "none"};
    const hid_t box = add_group(h5md->particles, "box");
    const hid_t edges = add_group(box, "edges");
    h5md->edges = add_growing(edges, "value", H5T_IEEE_F64LE, &cells);
    h5md->step = add_growing(edges, "step", H5T_STD_I64LE, &numbers);
    h5md->time = add_growing(edges, "time", H5T_IEEE_F64LE, &numbers);
    const bool failed = vt_hdf5_set_integers(box, "dimension", 1, &three) < 0 ||
                        vt_hdf5_set_texts(box, "boundary", 3, boundary) < 0 ||
                        vt_hdf5_set_text(h5md->edges, "unit", VT_H5MD_LENGTH_UNIT) < 0 ||
                        vt_hdf5_set_text(h5md->time, "unit", VT_H5MD_TIME_UNIT) < 0 ||
                        h5md->step < 0;
    H5Gclose(edges);
    H5Gclose(box);
    return failed ? -1 : 0;
}

static herr_t add_field(struct vt_h5md *h5md, int f, const struct chunk *chunk)
{
    const struct vt_h5md_field *field = &vt_h5md_fields[f];
    struct growing growing = {.chunk = {chunk->frames, chunk->atoms, field->width},
                              .compress = chunk->compress};
    growing.rank = vt_h5md_shape(h5md, field, 0, growing.shape);
    const hid_t group = add_group(h5md->particles, field->name);
    h5md->value[f] = add_growing(group, "value", vt_h5md_type(h5md, field), &growing);
    bool failed = H5Lcreate_hard(h5md->step, ".", group, "step", H5P_DEFAULT, H5P_DEFAULT) < 0 ||
                  H5Lcreate_hard(h5md->time, ".", group, "time", H5P_DEFAULT, H5P_DEFAULT) < 0 ||
                  (field->unit && vt_hdf5_set_text(h5md->value[f], "unit", field->unit) < 0);
    if (field->bit == VT_H5MD_CHARGE && vt_hdf5_set_text(group, "type", "effective") < 0)
        failed = true;
    H5Gclose(group);
    return failed || h5md->value[f] < 0 ? -1 : 0;
}

/* ---- the whole ---- */

/* On rank 0: all but the atoms. */
static bool fill_file(struct vt_h5md *h5md, const struct vt_h5md_options *options,
                      const struct chunk *chunk)
{
    const hid_t particles = add_group(h5md->file, "particles");
    h5md->particles = add_group(particles, options->group ? options->group : VT_H5MD_GROUP);
    bool good = add_about(h5md->file, options) >= 0;
    good = add_notes(h5md->file, options) >= 0 && good;
    good = add_box(h5md, options) >= 0 && good;
    for (int f = 0; f < VT_H5MD_FIELDS; f++)
        if (h5md->fields & vt_h5md_fields[f].bit)
            good = add_field(h5md, f, chunk) >= 0 && good;
    H5Gclose(particles);
    return good;
}

/* On rank 0: may the file be made? An empty one is there then. */
static enum vt_code claim(const char *path, bool replace, struct vt_error *error)
{
    struct stat status;
    enum vt_code code = vt_hdf5_room(path, CHUNK_BYTES, error);
    if (code)
        return code;
    if (!replace && (lstat(path, &status) == 0 || errno != ENOENT)) {
        vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT, "the file exists already");
        vt_hint(error, "choose another name, or allow it to be replaced");
        return VT_INPUT;
    }
    code = vt_hdf5_claim(path, error);
    return code ? code : vt_journal_remove(path, error);
}

static enum vt_code fail_writing(const struct vt_h5md *h5md, struct vt_error *error)
{
    return vt_hdf5_fail_writing(h5md->path, h5md->file, "writing failed", error);
}

static enum vt_code create_file(struct vt_h5md *h5md, const struct vt_h5md_options *options,
                                const struct chunk *chunk, bool replace, struct vt_error *error)
{
    static const struct vt_hdf5_style style = {.is_safe = true};
    enum vt_code code = VT_OK;
    if (h5md->rank == 0) {
        code = claim(h5md->path, replace, error);
        if (!code)
            code = vt_hdf5_create(h5md->path, &style, &h5md->file, error);
        if (!code && !fill_file(h5md, options, chunk))
            code = fail_writing(h5md, error);
    }
    code = vt_agree(h5md->comm, code, 0, error);
    if (code)
        return code;
    if (add_atoms(h5md) < 0)
        code = fail_writing(h5md, error);
    if (h5md->rank == 0)
        code = vt_h5md_commit(h5md, code, error);
    return vt_agree(h5md->comm, code, 0, error);
}

enum vt_code vt_h5md_create(struct vt_h5md **h5md, MPI_Comm comm,
                            const struct vt_h5md_options *options,
                            const struct vt_h5md_atoms *atoms, bool replace, struct vt_error *error)
{
    assert(h5md && comm != MPI_COMM_NULL && options && options->path && options->version);
    assert(options->fields && options->fields >> VT_H5MD_FIELDS == 0 && atoms && error);
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    int64_t n_rows = (int64_t)atoms->n;
    MPI_Allreduce(MPI_IN_PLACE, &n_rows, 1, MPI_INT64_T, MPI_SUM, comm);
    const struct chunk chunk = choose_chunk(options, n_rows);
    struct vt_error ignored;
    enum vt_code code = vt_h5md_new(h5md, comm, options, error);
    if (!code)
        code = vt_h5md_take_atoms(*h5md, atoms, (int64_t)chunk.atoms, error);
    if (!code)
        code = create_file(*h5md, options, &chunk, replace, error);
    if (code && *h5md) {
        (*h5md)->broken = true;
        vt_h5md_close(*h5md, &ignored);
        *h5md = NULL;
    }
    vt_hdf5_unhush(quiet);
    return code;
}
