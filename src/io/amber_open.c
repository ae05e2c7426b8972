/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variables of a file (T frames, N atoms); the first three are words that the convention asks
 * for, atom_types are atomic numbers, as ASE and OVITO want them, ids
 * count from 1:
 *
 *     spatial [3], cell_spatial [3], cell_angular [3][5]
 *     atom_types [N], id [N]
 *     time [T], cell_lengths [T][3], cell_angles [T][3]
 *     coordinates [T][N][3], and the other fields likewise
 *
 * A file that is to be gone on with must have the head that this run would write, but for the
 * version of the program. It is read and compared first, open for reading only, so that one which
 * does not fit stays as it is to the last byte. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/agree.h"
#include "base/memory.h"
#include "io/amber_file.h"

static const char unwrapped[] = "unwrapped";
static const char words[] = "xyz\0abc\0alphabeta gamma"; /* as they stand in the file */

/* ---- atoms ---- */

/* Collective: deal out the ids, and find the members. Their elements are the rows of the blocks. */
static enum vt_code take_atoms(struct vt_amber *amber, const struct vt_h5md_atoms *atoms,
                               struct vt_error *error)
{
    struct vt_by_id *blocks = &amber->blocks;
    enum vt_code code = vt_by_id_init(blocks, amber->comm, atoms->n_ids, 1, error);
    code = vt_agree(amber->comm, code, 0, error);
    if (!code)
        code = vt_by_id_forward(blocks, atoms->n, atoms->id, atoms->element, sizeof(int), error);
    if (code)
        return code;
    code = vt_alloc(&amber->is_member, blocks->n, 1, "a trajectory", error);
    for (size_t i = 0; !code && i < blocks->n; i++) {
        amber->is_member[i] = blocks->present[i];
        amber->n_members += blocks->present[i];
    }
    const int64_t n = (int64_t)amber->n_members;
    MPI_Exscan(&n, &amber->first_row, 1, MPI_INT64_T, MPI_SUM, amber->comm);
    if (amber->rank == 0)
        amber->first_row = 0;
    MPI_Allreduce(&n, &amber->n_rows, 1, MPI_INT64_T, MPI_SUM, amber->comm);
    return vt_agree(amber->comm, code, 0, error);
}

static enum vt_code check_size(const struct vt_amber *amber, struct vt_error *error)
{
    const struct vt_place place = {amber->path, 0, 0};
    const int64_t bytes = amber->single_precision ? 12 : 24, most = VT_NETCDF_LARGEST / bytes;
    if (amber->n_rows == 0)
        return vt_fail_at(error, place, VT_INPUT, "there are no atoms to write");
    if (amber->blocks.n_ids > INT32_MAX) {
        vt_fail_at(error, place, VT_INPUT, "the format amber holds no atoms with numbers above %d",
                   INT32_MAX);
        vt_hint(error, "format: h5md has no such bound");
        return VT_INPUT;
    }
    if (amber->n_rows <= most)
        return VT_OK;
    vt_fail_at(error, place, VT_INPUT,
               "the format amber holds no more than %lld atoms in this precision", (long long)most);
    vt_hint(error, "format: h5md has no such bound");
    return VT_INPUT;
}

enum { ATOM_TYPES = 3, ID }; /* numbers of the variables that each atom has one of */

/* This rank's part of one of them, as the file has it; owned by the caller. */
static enum vt_code fill_column(const struct vt_amber *amber, int variable, unsigned char **column,
                                struct vt_error *error)
{
    assert(variable == ATOM_TYPES || variable == ID);
    const struct vt_by_id *blocks = &amber->blocks;
    const enum vt_code code = vt_alloc(column, amber->n_members, 4, "a trajectory", error);
    unsigned char *to = *column;
    for (size_t i = 0; !code && i < blocks->n; i++) {
        int value = (int)(blocks->first + (int64_t)i + 1);
        if (!amber->is_member[i])
            continue;
        if (variable == ATOM_TYPES)
            memcpy(&value, blocks->rows + i * sizeof value, sizeof value);
        vt_netcdf_put_integer(to, value);
        to += 4;
    }
    return code;
}

/* Where it begins in the file. */
static uint64_t column_begin(const struct vt_amber *amber, int variable)
{
    assert(amber->first_row >= 0 && amber->head.variable[variable].begin > 0);
    return amber->head.variable[variable].begin + 4 * (uint64_t)amber->first_row;
}

/* ---- head ---- */

enum { FRAME, SPATIAL, ATOM, CELL_SPATIAL, CELL_ANGULAR, LABEL };

static void add_fields(const struct vt_amber *amber, const struct vt_amber_options *options,
                       struct vt_netcdf *head)
{
    const enum vt_netcdf_type real = amber->single_precision ? VT_NETCDF_FLOAT : VT_NETCDF_DOUBLE;
    for (int f = 0; f < VT_AMBER_FIELDS; f++) {
        const struct vt_amber_field *field = &vt_amber_fields[f];
        if (!(amber->fields & field->bit))
            continue;
        struct vt_netcdf_variable variable = {.name = field->name,
                                              .type = field->is_integer ? VT_NETCDF_INT : real,
                                              .n_dimensions = field->width == 3 ? 3 : 2,
                                              .dimension = {FRAME, ATOM, SPATIAL},
                                              .units = field->units};
        if (field->bit == VT_H5MD_POSITION)
            variable.comment = options->unwrapped ? unwrapped : "inside the cell";
        assert(head->n_variables < VT_NETCDF_VARIABLES);
        head->variable[head->n_variables++] = variable;
    }
}

static void fill_head(struct vt_amber *amber, const struct vt_amber_options *options)
{
    struct vt_netcdf *head = &amber->head;
    snprintf(amber->version, sizeof amber->version, "%s", options->version);
    *head = (struct vt_netcdf){
        .n_dimensions = 6,
        .dimension = {[FRAME] = {"frame", 0},
                      [SPATIAL] = {"spatial", 3},
                      [ATOM] = {"atom", amber->n_rows},
                      [CELL_SPATIAL] = {"cell_spatial", 3},
                      [CELL_ANGULAR] = {"cell_angular", 3},
                      [LABEL] = {"label", 5}},
        .n_attributes = 5,
        .attribute = {{"title", options->title, 0},
                      {"Conventions", "AMBER", 0},
                      {"ConventionVersion", "1.0", 0},
                      {"program", "vitrion", 0},
                      {"programVersion", amber->version, VT_AMBER_VERSION_SIZE}},
        .n_variables = 8,
        .variable = {{.name = "spatial", VT_NETCDF_CHAR, 1, {SPATIAL}},
                     {.name = "cell_spatial", VT_NETCDF_CHAR, 1, {CELL_SPATIAL}},
                     {.name = "cell_angular", VT_NETCDF_CHAR, 2, {CELL_ANGULAR, LABEL}},
                     [ATOM_TYPES] = {.name = "atom_types", VT_NETCDF_INT, 1, {ATOM}},
                     [ID] = {.name = "id", VT_NETCDF_INT, 1, {ATOM}},
                     {.name = "time", VT_NETCDF_DOUBLE, 1, {FRAME}, .units = "picosecond"},
                     {.name = "cell_lengths",
                      VT_NETCDF_DOUBLE,
                      2,
                      {FRAME, CELL_SPATIAL},
                      .units = "angstrom"},
                     {.name = "cell_angles",
                      VT_NETCDF_DOUBLE,
                      2,
                      {FRAME, CELL_ANGULAR},
                      .units = "degree"}}};
    add_fields(amber, options, head);
    vt_netcdf_lay_out(head);
}

/* ---- a new file ---- */

static enum vt_code open_file(struct vt_amber *amber, int flags, struct vt_error *error)
{
    assert(amber->file < 0);
    amber->file = open(amber->path, flags | O_CLOEXEC, 0666);
    if (amber->file >= 0)
        return VT_OK;
    if (errno == EEXIST || errno == ENOENT)
        return vt_fail_at(error, (struct vt_place){amber->path, 0, 0}, VT_INPUT, "%s",
                          errno == EEXIST ? "the file exists, and is not of this run"
                                          : "the file that the run wrote to is not there");
    return vt_amber_fail(
        amber, VT_IO,
        flags == O_RDONLY || flags == O_RDWR ? "cannot go on with it" : "cannot write it", error);
}

/* Of rank 0. */
static enum vt_code write_head(struct vt_amber *amber, struct vt_error *error)
{
    unsigned char head[VT_NETCDF_HEAD_SIZE];
    const size_t size = vt_netcdf_head(&amber->head, head);
    enum vt_code code = open_file(amber, O_RDWR | O_CREAT | O_EXCL, error);
    if (!code)
        code = vt_amber_put(amber, head, size, 0, error);
    return code ? code : vt_amber_put(amber, words, sizeof words, size, error);
}

static enum vt_code write_column(const struct vt_amber *amber, int variable, struct vt_error *error)
{
    unsigned char *column = NULL;
    enum vt_code code = fill_column(amber, variable, &column, error);
    if (!code)
        code =
            vt_amber_put(amber, column, 4 * amber->n_members, column_begin(amber, variable), error);
    vt_free(column);
    return code;
}

static enum vt_code start(struct vt_amber *amber, const struct vt_amber_options *options,
                          const struct vt_h5md_atoms *atoms, struct vt_error *error)
{
    enum vt_code code = take_atoms(amber, atoms, error);
    if (!code)
        code = check_size(amber, error);
    if (code)
        return code;
    fill_head(amber, options);
    if (amber->rank == 0)
        code = write_head(amber, error);
    code = vt_agree(amber->comm, code, 0, error);
    if (code)
        return code;
    if (amber->rank != 0)
        code = open_file(amber, O_RDWR, error);
    if (!code)
        code = write_column(amber, ATOM_TYPES, error);
    if (!code)
        code = write_column(amber, ID, error);
    return vt_agree(amber->comm, code, 0, error);
}

enum vt_code vt_amber_create(struct vt_amber **amber, MPI_Comm comm,
                             const struct vt_amber_options *options,
                             const struct vt_h5md_atoms *atoms, struct vt_error *error)
{
    assert(amber && comm != MPI_COMM_NULL && options && options->path && atoms && error);
    assert(options->fields & VT_H5MD_POSITION && options->title && options->version);
    struct vt_error ignored;
    enum vt_code code = vt_amber_new(amber, comm, options, error);
    if (!code)
        code = start(*amber, options, atoms, error);
    if (code) {
        if (*amber && (*amber)->rank == 0 && (*amber)->file >= 0)
            unlink(options->path);
        vt_amber_close(*amber, &ignored);
        *amber = NULL;
    }
    return code;
}

/* ---- a file to go on with ---- */

/* name: of the part of the file that is wrong. */
static enum vt_code refuse(const struct vt_amber *amber, const char *name, const char *what,
                           struct vt_error *error)
{
    vt_fail_at(error, (struct vt_place){amber->path, 0, 0}, VT_INPUT,
               "cannot go on with this trajectory: its '%s' %s", name, what);
    vt_hint(error, "go on with the settings it was begun with, or choose another name");
    return VT_INPUT;
}

/* Does a head have that name or text? It stands there behind its length. */
static bool has(const unsigned char *head, size_t size, const char *name)
{
    unsigned char wanted[4 + 32];
    const size_t length = strlen(name);
    assert(length <= 32);
    vt_netcdf_put_integer(wanted, (int32_t)length);
    memcpy(wanted + 4, name, length);
    for (size_t i = 0; i + 4 + length <= size; i++)
        if (memcmp(head + i, wanted, 4 + length) == 0)
            return true;
    return false;
}

/* n bytes, fewer where the file ends before. */
static enum vt_code read_at(const struct vt_amber *amber, void *bytes, size_t n, uint64_t at,
                            size_t *read, struct vt_error *error)
{
    assert(amber->file >= 0);
    char *to = bytes;
    *read = 0;
    while (*read < n) {
        const ssize_t got = pread(amber->file, to + *read, n - *read, (off_t)(at + *read));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vt_amber_fail(amber, VT_IO, "cannot read it", error);
        if (got == 0)
            break;
        *read += (size_t)got;
    }
    return VT_OK;
}

/* Of rank 0. *count: frames that the head tells of. */
static enum vt_code compare_heads(const struct vt_amber *amber, int64_t *count,
                                  struct vt_error *error)
{
    unsigned char wanted[VT_NETCDF_HEAD_SIZE], found[VT_NETCDF_HEAD_SIZE] = {0};
    const size_t size = vt_netcdf_head(&amber->head, wanted);
    size_t read = 0;
    const enum vt_code code = read_at(amber, found, sizeof found, 0, &read, error);
    if (code)
        return code;
    for (int f = 0; f < VT_AMBER_FIELDS; f++) {
        const struct vt_amber_field *field = &vt_amber_fields[f];
        const bool is = has(found, sizeof found, field->name);
        if (is != !!(amber->fields & field->bit))
            return refuse(amber, field->name, is ? "is not wanted now" : "is not there", error);
    }
    if (has(found, sizeof found, unwrapped) != has(wanted, size, unwrapped))
        return refuse(amber, "coordinates",
                      has(wanted, size, unwrapped) ? "is inside the cell" : "is unwrapped", error);
    for (size_t at = 0; at < size; at++) {
        const bool is_count = at >= VT_NETCDF_COUNT_AT && at < VT_NETCDF_COUNT_AT + 4;
        if (wanted[at] == found[at] || is_count)
            continue;
        const char *item = vt_netcdf_item(&amber->head, at);
        if (strcmp(item, "programVersion") != 0)
            return refuse(amber, item, "is another one", error);
    }
    *count = 0;
    for (int k = 0; k < 4; k++)
        *count = 256 * *count + found[VT_NETCDF_COUNT_AT + k];
    return VT_OK;
}

/* Of rank 0: sets the number of frames that stand. */
static enum vt_code check_frames(struct vt_amber *amber, int64_t keep, struct vt_error *error)
{
    assert(amber->head.frame_size > 0);
    const int64_t begin = (int64_t)amber->head.frames_begin;
    const int64_t frame = (int64_t)amber->head.frame_size;
    int64_t count = 0;
    enum vt_code code = compare_heads(amber, &count, error);
    if (code)
        return code;
    const int64_t size = lseek(amber->file, 0, SEEK_END);
    amber->n_frames = (keep - begin) / frame;
    if (keep >= begin && (keep - begin) % frame == 0 && size >= keep && count >= amber->n_frames)
        return VT_OK;
    vt_fail_at(error, (struct vt_place){amber->path, 0, 0}, VT_INPUT,
               "the file has %lld bytes and %lld frames, and had %lld and %lld when the checkpoint "
               "was written",
               (long long)size, (long long)count, (long long)keep, (long long)amber->n_frames);
    vt_hint(error, "restart in the folder of the run, with its files as they were");
    return VT_INPUT;
}

static enum vt_code compare_column(const struct vt_amber *amber, int variable,
                                   struct vt_error *error)
{
    const size_t size = 4 * amber->n_members;
    unsigned char *wanted = NULL, *found = NULL;
    size_t read = 0;
    enum vt_code code = fill_column(amber, variable, &wanted, error);
    if (!code)
        code = vt_alloc(&found, size, 1, "a trajectory", error);
    if (!code)
        code = read_at(amber, found, size, column_begin(amber, variable), &read, error);
    if (!code && (read < size || memcmp(wanted, found, size) != 0))
        code = refuse(amber, amber->head.variable[variable].name, "is that of other atoms", error);
    vt_free(found);
    vt_free(wanted);
    return code;
}

/* Collective: may the file be gone on with? Leaves it closed. */
static enum vt_code look(struct vt_amber *amber, int64_t keep, struct vt_error *error)
{
    enum vt_code code = vt_agree(amber->comm, open_file(amber, O_RDONLY, error), 0, error);
    if (!code && amber->rank == 0)
        code = check_frames(amber, keep, error);
    code = vt_agree(amber->comm, code, 0, error);
    for (int variable = ATOM_TYPES; !code && variable <= ID; variable++)
        code = vt_agree(amber->comm, compare_column(amber, variable, error), 0, error);
    if (amber->file >= 0)
        close(amber->file);
    amber->file = -1;
    MPI_Bcast(&amber->n_frames, 1, MPI_INT64_T, 0, amber->comm);
    return code;
}

/* The frames that do not stand are no longer counted before they go. */
static enum vt_code go_on(struct vt_amber *amber, const struct vt_amber_options *options,
                          const struct vt_h5md_atoms *atoms, int64_t keep, struct vt_error *error)
{
    enum vt_code code = take_atoms(amber, atoms, error);
    if (!code)
        code = check_size(amber, error);
    if (code)
        return code;
    fill_head(amber, options);
    code = look(amber, keep, error);
    if (code)
        return code;
    code = open_file(amber, O_RDWR, error);
    if (!code && amber->rank == 0)
        code = vt_amber_count(amber, error);
    if (!code && amber->rank == 0 && ftruncate(amber->file, (off_t)keep) != 0)
        code = vt_amber_fail(amber, VT_IO, "cannot cut it back to the checkpoint", error);
    return vt_agree(amber->comm, code, 0, error);
}

enum vt_code vt_amber_append(struct vt_amber **amber, MPI_Comm comm,
                             const struct vt_amber_options *options,
                             const struct vt_h5md_atoms *atoms, int64_t keep,
                             struct vt_error *error)
{
    assert(amber && comm != MPI_COMM_NULL && options && options->path && atoms && error);
    assert(options->fields & VT_H5MD_POSITION && options->title && options->version && keep >= 0);
    struct vt_error ignored;
    enum vt_code code = vt_amber_new(amber, comm, options, error);
    if (!code)
        code = go_on(*amber, options, atoms, keep, error);
    if (code) {
        vt_amber_close(*amber, &ignored);
        *amber = NULL;
    }
    return code;
}
