/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/h5md_read.h"

#include <assert.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "io/hdf5_file.h"

enum { BLOCK_BYTES = 16 << 20, UNIT_SIZE = 64, FIELDS = 6, POSITION = 0 };

/* Refused beyond: more atoms than any file has. */
static const hsize_t most_atoms = (hsize_t)1 << 40;

/* A unit as files have it, and how much it is of ours. */
struct unit {
    const char *name;
    double factor;
};

#define KJ_PER_MOL (1 / VT_KJ_PER_MOL_OF_EV)

static const struct unit lengths[] = {{"Angstrom", 1}, {"angstrom", 1},   {"A", 1}, {"nm", 10},
                                      {"pm", 0.01},    {"Bohr", VT_BOHR}, {0}};
static const struct unit times[] = {
    {"ps", 1}, {"fs", 1e-3}, {"ns", 1e3}, {"us", 1e6}, {0}}; /* ps */
static const struct unit velocities[] = {{"Angstrom ps-1", 1e-3}, {"Angstrom fs-1", 1},
                                         {"A ps-1", 1e-3},        {"A fs-1", 1},
                                         {"nm ps-1", 1e-2},       {0}};
static const struct unit forces[] = {{"kJ mol-1 Angstrom-1", KJ_PER_MOL},
                                     {"kJ mol-1 nm-1", KJ_PER_MOL / 10},
                                     {"eV Angstrom-1", 1},
                                     {0}};
static const struct unit charges[] = {{"e", 1}, {0}};
static const struct unit energies[] = {{"eV", 1}, {"kJ mol-1", KJ_PER_MOL}, {0}};

/* What a frame may hold of each atom: in the file, and in a frame. */
static const struct field {
    const char *name, *column;
    size_t width;
    const struct unit *units; /* NULL: integers */
} fields[FIELDS] = {
    {"position", NULL, 3, lengths},     {"image", "image", 3, NULL},
    {"velocity", "vel", 3, velocities}, {"force", "forces", 3, forces},
    {"charge", "charges", 1, charges},  {"potential_energy", "energies", 1, energies}};

/* Values that change with time, and those of the frames at hand. */
struct series {
    hid_t value; /* invalid: not in the file */
    double factor;
    void *block; /* [frames of a block][n_atoms][width] double, or int64_t */
};

struct vt_h5md_reader {
    char *path; /* owned */
    hid_t file, particles;
    hsize_t n_frames, n_atoms;
    uint8_t *element;
    bool periodic[3];
    struct series field[FIELDS];
    hid_t edges; /* of each frame; invalid: fixed */
    double fixed_edges[3][3], edges_factor;
    bool edges_are_lengths;
    double *time; /* [n_frames] ps; NULL: not known */
    int64_t *step;
    hsize_t first, n_block, block_frames; /* of the block at hand */
    hsize_t next;
};

static enum vt_code fail(const struct vt_h5md_reader *reader, struct vt_error *error,
                         const char *what, const char *name)
{
    return vt_fail_at(error, (struct vt_place){reader->path, 0, 0}, VT_INPUT, "%s: %s", name, what);
}

/* ---- pieces of HDF5 ---- */

static bool exists(hid_t place, const char *name)
{
    return H5Lexists(place, name, H5P_DEFAULT) > 0 &&
           H5Oexists_by_name(place, name, H5P_DEFAULT) > 0;
}

static hid_t open_group(hid_t place, const char *name)
{
    return exists(place, name) ? H5Gopen2(place, name, H5P_DEFAULT) : H5I_INVALID_HID;
}

static hid_t open_dataset(hid_t place, const char *name)
{
    return exists(place, name) ? H5Dopen2(place, name, H5P_DEFAULT) : H5I_INVALID_HID;
}

/* PLACE/NAME/value, or invalid. */
static hid_t open_value(hid_t place, const char *name)
{
    const hid_t group = open_group(place, name);
    const hid_t value = group >= 0 ? open_dataset(group, "value") : H5I_INVALID_HID;
    if (group >= 0)
        H5Gclose(group);
    return value;
}

/* Rank of a dataset, -1 if it is none; at most three directions are told. */
static int shape_of(hid_t dataset, hsize_t shape[3])
{
    const hid_t space = H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank > 3 || (rank > 0 && H5Sget_simple_extent_dims(space, shape, NULL) < 0))
        rank = -1;
    if (space >= 0)
        H5Sclose(space);
    return rank;
}

static H5T_class_t class_of(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    if (type >= 0)
        H5Tclose(type);
    return class;
}

static bool is_number(hid_t dataset)
{
    const H5T_class_t class = class_of(dataset);
    return class == H5T_FLOAT || class == H5T_INTEGER;
}

/* The text of an attribute, of fixed or variable length, cut to size; false: there is none. */
static bool read_text(hid_t object, const char *name, char text[UNIT_SIZE])
{
    if (H5Aexists(object, name) <= 0)
        return false;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t stored = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool good = false;
    if (stored >= 0 && H5Tget_class(stored) == H5T_STRING &&
        H5Sget_simple_extent_npoints(space) == 1) {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_cset(type, H5Tget_cset(stored));
        if (H5Tis_variable_str(stored) > 0) {
            char *read = NULL;
            H5Tset_size(type, H5T_VARIABLE);
            good = H5Aread(attribute, type, &read) >= 0 && read;
            if (good)
                snprintf(text, UNIT_SIZE, "%s", read);
            if (read)
                H5free_memory(read);
        } else {
            H5Tset_size(type, UNIT_SIZE); /* a longer one is cut, and is no unit that is known */
            good = H5Aread(attribute, type, text) >= 0;
            text[UNIT_SIZE - 1] = '\0';
        }
        H5Tclose(type);
    }
    if (space >= 0)
        H5Sclose(space);
    if (stored >= 0)
        H5Tclose(stored);
    if (attribute >= 0)
        H5Aclose(attribute);
    return good;
}

static enum vt_code find_unit(const struct vt_h5md_reader *reader, hid_t dataset,
                              const struct unit *units, const char *name, double *factor,
                              struct vt_error *error)
{
    char text[UNIT_SIZE];
    if (!read_text(dataset, "unit", text)) {
        fail(reader, error, "the unit is not written", name);
        vt_hint(error, "an attribute `unit` of the dataset says it, as in \"%s\"", units[0].name);
        return VT_INPUT;
    }
    vt_make_printable(text);
    for (const struct unit *unit = units; unit->name; unit++)
        if (strcmp(unit->name, text) == 0) {
            *factor = unit->factor;
            return VT_OK;
        }
    return vt_fail_at(error, (struct vt_place){reader->path, 0, 0}, VT_INPUT,
                      "%s: the unit '%s' is not known here", name, text);
}

/* All of a one-dimensional or smaller dataset, which must have n values; memory: a type of HDF5. */
static bool read_all(hid_t dataset, hid_t memory, hsize_t n, void *values)
{
    const hid_t space = H5Dget_space(dataset);
    const bool fits = space >= 0 && H5Sget_simple_extent_npoints(space) == (hssize_t)n;
    if (space >= 0)
        H5Sclose(space);
    return fits && is_number(dataset) &&
           H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
}

/* ---- opening ---- */

static herr_t count_name(hid_t place, const char *name, const H5L_info_t *info, void *first)
{
    (void)place;
    (void)info;
    char *text = first;
    if (text[0])
        return 1; /* a second one: stop */
    snprintf(text, UNIT_SIZE, "%s", name);
    return 0;
}

static enum vt_code find_particles(struct vt_h5md_reader *reader, struct vt_error *error)
{
    const hid_t all = open_group(reader->file, "particles");
    if (all < 0)
        return fail(reader, error, "there is no such group: this is no H5MD", "/particles");
    char name[UNIT_SIZE] = "";
    reader->particles = open_group(all, "trajectory");
    if (reader->particles < 0 &&
        H5Literate(all, H5_INDEX_NAME, H5_ITER_INC, NULL, count_name, name) == 0 && name[0])
        reader->particles = open_group(all, name);
    H5Gclose(all);
    if (reader->particles < 0)
        return fail(reader, error, "there is neither a group `trajectory` nor just one group",
                    "/particles");
    return VT_OK;
}

/* Atomic numbers, or an enumeration whose names are elements. */
static enum vt_code read_species(struct vt_h5md_reader *reader, struct vt_error *error)
{
    const hid_t species = open_dataset(reader->particles, "species");
    if (species < 0)
        return fail(reader, error, "there is no such dataset, so the elements are not known",
                    "species");
    int *number = NULL;
    enum vt_code code =
        vt_alloc(&number, (size_t)reader->n_atoms, sizeof *number, "elements", error);
    if (!code)
        code = vt_alloc(&reader->element, (size_t)reader->n_atoms, 1, "elements", error);
    const hid_t type = H5Dget_type(species);
    const bool is_enum = type >= 0 && H5Tget_class(type) == H5T_ENUM;
    hsize_t shape[3];
    const bool is_row = shape_of(species, shape) == 1 && shape[0] == reader->n_atoms;
    const hid_t memory = is_enum ? H5Tget_native_type(type, H5T_DIR_ASCEND) : H5T_NATIVE_INT;
    if (!code && (!is_row || (!is_enum && class_of(species) != H5T_INTEGER) ||
                  (is_enum && H5Tget_size(memory) != sizeof *number) ||
                  H5Dread(species, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) < 0))
        code = fail(reader, error, "they are not one atomic number for each atom", "species");
    for (hsize_t i = 0; i < reader->n_atoms && !code; i++) {
        char name[UNIT_SIZE] = "";
        int z = number[i];
        if (is_enum)
            z = H5Tenum_nameof(memory, &number[i], name, sizeof name) >= 0
                    ? vt_atomic_number(name, strlen(name))
                    : 0;
        if (z < 1 || z > VT_ELEMENTS)
            code = fail(reader, error, "an atom has none that is an element", "species");
        else
            reader->element[i] = (uint8_t)z;
    }
    if (is_enum && memory >= 0)
        H5Tclose(memory);
    if (type >= 0)
        H5Tclose(type);
    H5Dclose(species);
    vt_free(number);
    return code;
}

/* One field: is it there, of the right shape, in a known unit? Fewer frames than before count. */
static enum vt_code open_field(struct vt_h5md_reader *reader, int f, struct vt_error *error)
{
    struct series *series = &reader->field[f];
    series->value = open_value(reader->particles, fields[f].name);
    if (series->value < 0)
        return VT_OK;
    hsize_t shape[3] = {0, 0, 0};
    const int rank = shape_of(series->value, shape);
    if (f == POSITION) {
        reader->n_frames = shape[0];
        reader->n_atoms = shape[1];
    }
    const bool fits = rank == (fields[f].width == 1 ? 2 : 3) && shape[1] == reader->n_atoms &&
                      (fields[f].width == 1 || shape[2] == fields[f].width) && shape[1] > 0 &&
                      shape[1] <= most_atoms && is_number(series->value);
    if (!fits)
        return fail(reader, error, "its shape is not frames, atoms, numbers of an atom",
                    fields[f].name);
    if (shape[0] < reader->n_frames)
        reader->n_frames = shape[0];
    if (!fields[f].units)
        return VT_OK;
    return find_unit(reader, series->value, fields[f].units, fields[f].name, &series->factor,
                     error);
}

static enum vt_code open_fields(struct vt_h5md_reader *reader, struct vt_error *error)
{
    enum vt_code code = open_field(reader, POSITION, error);
    if (!code && reader->field[POSITION].value < 0)
        code = fail(reader, error, "there is no such dataset", "position/value");
    for (int f = POSITION + 1; f < FIELDS && !code; f++)
        code = open_field(reader, f, error);
    return code;
}

static void read_boundary(struct vt_h5md_reader *reader, hid_t box)
{
    char text[3][UNIT_SIZE] = {"", "", ""};
    for (int d = 0; d < 3; d++)
        reader->periodic[d] = true;
    if (H5Aexists(box, "boundary") <= 0)
        return;
    const hid_t attribute = H5Aopen(box, "boundary", H5P_DEFAULT);
    const hid_t stored = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (stored >= 0 && H5Tget_class(stored) == H5T_STRING &&
        H5Sget_simple_extent_npoints(space) == 3) {
        const hid_t type = H5Tcopy(H5T_C_S1);
        char *read[3] = {NULL, NULL, NULL};
        const bool varies = H5Tis_variable_str(stored) > 0;
        H5Tset_cset(type, H5Tget_cset(stored));
        H5Tset_size(type, varies ? H5T_VARIABLE : (size_t)UNIT_SIZE);
        const bool good = H5Aread(attribute, type, varies ? (void *)read : (void *)text) >= 0;
        for (int d = 0; d < 3; d++) {
            const char *word = varies ? read[d] : text[d];
            if (good && word)
                reader->periodic[d] = strncmp(word, "none", 4) != 0;
            if (read[d])
                H5free_memory(read[d]);
        }
        H5Tclose(type);
    }
    if (space >= 0)
        H5Sclose(space);
    if (stored >= 0)
        H5Tclose(stored);
    H5Aclose(attribute);
}

static void set_lengths(const double lengths_of[3], double edges[3][3])
{
    memset(edges, 0, 9 * sizeof(double));
    for (int d = 0; d < 3; d++)
        edges[d][d] = lengths_of[d];
}

/* box/edges: a dataset that holds for all frames, or a group with value [T][3][3] or [T][3]. */
static enum vt_code read_edges(struct vt_h5md_reader *reader, hid_t box, struct vt_error *error)
{
    hsize_t shape[3] = {0, 0, 0};
    hid_t edges = open_value(box, "edges");
    const bool is_fixed = edges < 0;
    if (is_fixed)
        edges = open_dataset(box, "edges");
    if (edges < 0)
        return fail(reader, error, "there is no such dataset", "box/edges");
    reader->edges = edges;
    const int rank = shape_of(edges, shape), first = is_fixed ? 0 : 1;
    reader->edges_are_lengths = rank == first + 1;
    if ((rank != first + 1 && rank != first + 2) || shape[first] != 3 ||
        (rank == first + 2 && shape[first + 1] != 3) || !is_number(edges))
        return fail(reader, error, "its shape is not that of three lengths or vectors",
                    "box/edges");
    enum vt_code code =
        find_unit(reader, edges, lengths, "box/edges", &reader->edges_factor, error);
    if (code)
        return code;
    if (!is_fixed) {
        if (shape[0] < reader->n_frames)
            reader->n_frames = shape[0];
        return VT_OK;
    }
    double values[9];
    const bool good = read_all(edges, H5T_NATIVE_DOUBLE, reader->edges_are_lengths ? 3 : 9, values);
    H5Dclose(edges);
    reader->edges = H5I_INVALID_HID;
    if (!good)
        return fail(reader, error, "it cannot be read", "box/edges");
    if (reader->edges_are_lengths)
        set_lengths(values, reader->fixed_edges);
    else
        memcpy(reader->fixed_edges, values, sizeof values);
    return VT_OK;
}

static enum vt_code read_box(struct vt_h5md_reader *reader, struct vt_error *error)
{
    const hid_t box = open_group(reader->particles, "box");
    if (box < 0)
        return fail(reader, error, "there is no such group", "box");
    read_boundary(reader, box);
    const enum vt_code code = read_edges(reader, box, error);
    H5Gclose(box);
    return code;
}

/* Step or time of each frame: as many values, or the first of them (attribute `offset`) and the
 * distance. false: not there, or not understood. */
static bool read_stamps(hid_t dataset, hsize_t n, double *values)
{
    hsize_t shape[3] = {0, 0, 0};
    const int rank = shape_of(dataset, shape);
    if (rank == 1 && shape[0] >= n) {
        const hid_t file = H5Dget_space(dataset), memory = H5Screate_simple(1, &n, NULL);
        const hsize_t start = 0;
        H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, NULL, &n, NULL);
        const bool good = is_number(dataset) && H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, file,
                                                        H5P_DEFAULT, values) >= 0;
        H5Sclose(file);
        H5Sclose(memory);
        return good;
    }
    double step, offset = 0;
    if (rank != 0 || !read_all(dataset, H5T_NATIVE_DOUBLE, 1, &step))
        return false;
    if (H5Aexists(dataset, "offset") > 0) {
        const hid_t attribute = H5Aopen(dataset, "offset", H5P_DEFAULT);
        H5Aread(attribute, H5T_NATIVE_DOUBLE, &offset);
        H5Aclose(attribute);
    }
    for (hsize_t k = 0; k < n; k++)
        values[k] = offset + (double)k * step;
    return true;
}

static enum vt_code read_times(struct vt_h5md_reader *reader, struct vt_error *error)
{
    double *values;
    const size_t n = (size_t)reader->n_frames;
    enum vt_code code = vt_alloc(&values, n, sizeof *values, "the times of the frames", error);
    if (code)
        return code;
    const hid_t group = open_group(reader->particles, "position");
    const hid_t step = open_dataset(group, "step"), time = open_dataset(group, "time");
    if (step >= 0 && read_stamps(step, n, values)) {
        code = vt_alloc(&reader->step, n, sizeof *reader->step, "the steps of the frames", error);
        for (size_t k = 0; k < n && !code; k++)
            reader->step[k] = fabs(values[k]) < 0x1p53 ? (int64_t)values[k] : 0;
    }
    double factor = 1;
    if (!code && time >= 0 && read_stamps(time, n, values))
        code = find_unit(reader, time, times, "position/time", &factor, error);
    else
        factor = 0;
    if (!code && factor > 0) {
        for (size_t k = 0; k < n; k++)
            values[k] *= factor;
        reader->time = values;
        values = NULL;
    }
    if (step >= 0)
        H5Dclose(step);
    if (time >= 0)
        H5Dclose(time);
    H5Gclose(group);
    vt_free(values);
    return code;
}

/* ---- frames ---- */

static enum vt_code allocate_blocks(struct vt_h5md_reader *reader, struct vt_error *error)
{
    const hsize_t frame_bytes = reader->n_atoms * 3 * sizeof(double);
    reader->block_frames = frame_bytes < BLOCK_BYTES ? BLOCK_BYTES / frame_bytes : 1;
    if (reader->block_frames > reader->n_frames)
        reader->block_frames = reader->n_frames > 0 ? reader->n_frames : 1;
    enum vt_code code = VT_OK;
    for (int f = 0; f < FIELDS && !code; f++)
        if (reader->field[f].value >= 0)
            code =
                vt_alloc(&reader->field[f].block, (size_t)(reader->block_frames * reader->n_atoms),
                         fields[f].width * sizeof(double), "frames", error);
    return code;
}

/* Frames first .. first + n of a field. */
static bool read_rows(hid_t dataset, hid_t type, hsize_t first, const hsize_t count[3],
                      void *values)
{
    hsize_t shape[3];
    const int rank = shape_of(dataset, shape);
    const hsize_t start[3] = {first, 0, 0};
    const hid_t file = H5Dget_space(dataset), memory = H5Screate_simple(rank, count, NULL);
    const bool good = H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                      H5Dread(dataset, type, memory, file, H5P_DEFAULT, values) >= 0;
    H5Sclose(memory);
    H5Sclose(file);
    return good;
}

static enum vt_code read_block(struct vt_h5md_reader *reader, struct vt_error *error)
{
    const hsize_t left = reader->n_frames - reader->next;
    reader->first = reader->next;
    reader->n_block = left < reader->block_frames ? left : reader->block_frames;
    for (int f = 0; f < FIELDS; f++) {
        const struct series *series = &reader->field[f];
        if (series->value < 0)
            continue;
        const hsize_t count[3] = {reader->n_block, reader->n_atoms, fields[f].width};
        const hid_t type = fields[f].units ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
        if (!read_rows(series->value, type, reader->first, count, series->block))
            return vt_hdf5_fail(reader->path, VT_INPUT, "frames cannot be read", error);
        double *values = series->block;
        const size_t n = (size_t)(reader->n_block * reader->n_atoms) * fields[f].width;
        for (size_t i = 0; i < n && fields[f].units && series->factor != 1; i++)
            values[i] *= series->factor;
    }
    return VT_OK;
}

static enum vt_code fill_cell(struct vt_h5md_reader *reader, struct vt_frame *frame,
                              struct vt_error *error)
{
    double edges[9];
    frame->has_cell = true;
    memcpy(frame->periodic, reader->periodic, sizeof frame->periodic);
    if (reader->edges < 0) {
        memcpy(frame->cell, reader->fixed_edges, sizeof frame->cell);
    } else {
        const hsize_t count[3] = {1, 3, 3};
        if (!read_rows(reader->edges, H5T_NATIVE_DOUBLE, reader->next, count, edges))
            return vt_hdf5_fail(reader->path, VT_INPUT, "the cell cannot be read", error);
        if (reader->edges_are_lengths)
            set_lengths(edges, frame->cell);
        else
            memcpy(frame->cell, edges, sizeof edges);
    }
    for (int d = 0; d < 3; d++)
        for (int k = 0; k < 3; k++)
            frame->cell[d][k] *= reader->edges_factor;
    return VT_OK;
}

static enum vt_code fill_columns(struct vt_h5md_reader *reader, struct vt_frame *frame,
                                 struct vt_error *error)
{
    const size_t n = (size_t)reader->n_atoms, k = (size_t)(reader->next - reader->first);
    for (int f = 0; f < FIELDS; f++) {
        if (reader->field[f].value < 0)
            continue;
        const size_t width = fields[f].width, bytes = n * width * sizeof(double);
        const char *from = (const char *)reader->field[f].block + k * bytes;
        if (f == POSITION) {
            memcpy(frame->position, from, bytes);
            continue;
        }
        struct vt_column *column;
        const enum vt_code code = vt_frame_add_column(
            frame, fields[f].column, fields[f].units ? VT_REAL : VT_INTEGER, width, &column, error);
        if (code)
            return code;
        memcpy(fields[f].units ? (void *)column->real : (void *)column->integer, from, bytes);
    }
    return VT_OK;
}

static enum vt_code fill_keys(const struct vt_h5md_reader *reader, struct vt_frame *frame,
                              struct vt_error *error)
{
    struct vt_key *key;
    enum vt_code code = VT_OK;
    if (reader->step) {
        code = vt_frame_add_key(frame, "step", VT_INTEGER, 1, &key, error);
        if (!code)
            key->integer[0] = reader->step[reader->next];
    }
    if (!code && reader->time)
        code = vt_frame_set_reals(frame, "time_ps", &reader->time[reader->next], 1, error);
    return code;
}

static enum vt_code fill_frame(struct vt_h5md_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    vt_frame_clear(frame);
    enum vt_code code = vt_frame_resize(frame, (size_t)reader->n_atoms, error);
    if (code)
        return code;
    memcpy(frame->element, reader->element, (size_t)reader->n_atoms);
    frame->file = reader->path;
    frame->index = (size_t)reader->next;
    code = fill_cell(reader, frame, error);
    if (!code)
        code = fill_columns(reader, frame, error);
    if (!code)
        code = fill_keys(reader, frame, error);
    return code;
}

/* ---- the reader ---- */

static enum vt_code open_all(struct vt_h5md_reader *reader, struct vt_error *error)
{
    enum vt_code code = vt_hdf5_open(reader->path, false, &reader->file, error);
    if (!code)
        code = find_particles(reader, error);
    if (!code)
        code = open_fields(reader, error);
    if (!code)
        code = read_box(reader, error);
    if (!code)
        code = read_species(reader, error);
    if (!code)
        code = read_times(reader, error);
    if (!code)
        code = allocate_blocks(reader, error);
    return code;
}

static void close_all(struct vt_h5md_reader *reader)
{
    for (int f = 0; f < FIELDS; f++) {
        if (reader->field[f].value >= 0)
            H5Dclose(reader->field[f].value);
        vt_free(reader->field[f].block);
    }
    if (reader->edges >= 0)
        H5Dclose(reader->edges);
    if (reader->particles >= 0)
        H5Gclose(reader->particles);
    if (reader->file >= 0)
        vt_hdf5_abandon(reader->file);
}

enum vt_code vt_h5md_open_reader(struct vt_h5md_reader **reader, const char *path,
                                 struct vt_error *error)
{
    struct vt_h5md_reader *made = NULL;
    *reader = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "a reader", error);
    if (code)
        return code;
    made->file = made->particles = made->edges = H5I_INVALID_HID;
    for (int f = 0; f < FIELDS; f++)
        made->field[f].value = H5I_INVALID_HID;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    code = vt_copy_text(&made->path, path, "a file name", error);
    if (!code)
        code = open_all(made, error);
    vt_hdf5_unhush(quiet);
    if (code)
        vt_h5md_close_reader(made);
    else
        *reader = made;
    return code;
}

enum vt_code vt_h5md_read(struct vt_h5md_reader *reader, struct vt_frame *frame, bool *end,
                          struct vt_error *error)
{
    assert(reader && frame && end);
    *end = reader->next == reader->n_frames;
    if (*end)
        return VT_OK;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    enum vt_code code = VT_OK;
    if (reader->next == reader->first + reader->n_block)
        code = read_block(reader, error);
    if (!code)
        code = fill_frame(reader, frame, error);
    vt_hdf5_unhush(quiet);
    if (!code)
        reader->next++;
    return code;
}

void vt_h5md_close_reader(struct vt_h5md_reader *reader)
{
    if (!reader)
        return;
    const struct vt_hdf5_quiet quiet = vt_hdf5_hush();
    close_all(reader);
    vt_hdf5_unhush(quiet);
    vt_free(reader->element);
    vt_free(reader->time);
    vt_free(reader->step);
    vt_free(reader->path);
    vt_free(reader);
}
