/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "io/structure.h"
#include "potential/covalent_radii_table.h"

/* Virial and stress of a frame may differ by so much, an atom: rounding of a printed stress. */
static const double contradiction = 1e-3; /* eV */

/* ---- keys and columns, in any case of their letters ---- */

static const struct vt_key *find_key(const struct vt_frame *frame, const char *name)
{
    for (size_t i = 0; i < frame->n_keys; i++)
        if (strcasecmp(frame->keys[i].name, name) == 0)
            return &frame->keys[i];
    return NULL;
}

static double key_number(const struct vt_key *key, size_t i)
{
    return key->type == VT_REAL ? key->real[i] : (double)key->integer[i];
}

static bool is_numbers(const struct vt_key *key, size_t n)
{
    return key->count == n && (key->type == VT_REAL || key->type == VT_INTEGER);
}

/* A number between bounds, or the fallback where there is no such key. */
static enum vt_code read_number(const struct vt_frame *frame, const char *name,
                                const double bounds[2], double *value, struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    const struct vt_key *key = find_key(frame, name);
    if (!key)
        return VT_OK;
    if (!is_numbers(key, 1))
        return vt_fail_at(error, place, VT_INPUT, "the frame's '%s' is not a number", name);
    *value = key_number(key, 0);
    if (*value >= bounds[0] && *value <= bounds[1])
        return VT_OK;
    return vt_fail_at(error, place, VT_INPUT, "the frame's '%s' is %g, not from %g to %g", name,
                      *value, bounds[0], bounds[1]);
}

/* A key as a text; words that look like numbers were read as such. */
static enum vt_code copy_label(const struct vt_frame *frame, const char *name, char **label,
                               struct vt_error *error)
{
    char number[32];
    const struct vt_key *key = find_key(frame, name);
    const char *text = number;
    number[0] = '\0';
    if (key && key->count == 1 && key->type == VT_STRING)
        text = key->string[0];
    else if (key && key->count == 1 && key->type == VT_INTEGER)
        snprintf(number, sizeof number, "%lld", (long long)key->integer[0]);
    else if (key && key->count == 1 && key->type == VT_REAL)
        snprintf(number, sizeof number, "%g", key->real[0]);
    else if (key && key->count == 1)
        snprintf(number, sizeof number, "%s", key->logical[0] ? "T" : "F");
    const size_t size = strlen(text) + 1;
    const enum vt_code code = vt_alloc(label, size, 1, "a label", error);
    if (!code)
        memcpy(*label, text, size);
    return code;
}

/* ---- one frame ---- */

static void destroy_frame(struct vt_dataset_frame *frame)
{
    vt_free(frame->type);
    vt_free(frame->position);
    vt_free(frame->force);
    vt_free(frame->born);
    vt_free(frame->config_type);
    vt_free(frame->name);
    vt_free(frame->source);
    *frame = (struct vt_dataset_frame){0};
}

static void list_types(const struct vt_dataset_types *types, char *text, size_t size)
{
    text[0] = '\0';
    for (int t = 0; t < types->n && strlen(text) + 4 < size; t++)
        snprintf(text + strlen(text), size - strlen(text), "%s%s", t ? " " : "",
                 vt_element_symbol(types->atomic_number[t]));
}

static enum vt_code fail_element(const struct vt_dataset_types *types, const struct vt_frame *from,
                                 size_t atom, struct vt_error *error)
{
    char text[200];
    vt_fail_at(error, (struct vt_place){from->file, from->line, 0}, VT_INPUT,
               "atom %zu is %s, which is not among the elements of the model", atom + 1,
               vt_element_symbol(from->element[atom]));
    list_types(types, text, sizeof text);
    vt_hint(error, "they are: %s", text);
    return VT_INPUT;
}

static int find_type(struct vt_dataset_types *types, int atomic_number)
{
    for (int t = 0; t < types->n; t++)
        if (types->atomic_number[t] == atomic_number)
            return t;
    if (!types->is_open || types->n == VT_NEP_MAX_TYPES || atomic_number > VT_COVALENT_RADII)
        return -1;
    types->atomic_number[types->n] = atomic_number;
    return types->n++;
}

static enum vt_code copy_atoms(struct vt_dataset_types *types, struct vt_dataset_frame *frame,
                               const struct vt_frame *from, const double *forces,
                               struct vt_error *error)
{
    const size_t n = from->n_atoms;
    enum vt_code code = vt_alloc(&frame->type, n, sizeof *frame->type, "types", error);
    if (!code)
        code = vt_alloc(&frame->position, n, sizeof *frame->position, "positions", error);
    if (!code)
        code = vt_alloc(&frame->force, n, sizeof *frame->force, "forces", error);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++) {
        frame->type[i] = find_type(types, from->element[i]);
        if (frame->type[i] < 0)
            return fail_element(types, from, i, error);
    }
    memcpy(frame->position, from->position, n * sizeof *frame->position);
    memcpy(frame->force, forces, n * sizeof *frame->force);
    for (size_t i = 0; i < 3 * n; i++)
        if (!isfinite(forces[i]))
            return vt_fail_at(error, (struct vt_place){from->file, from->line, 0}, VT_INPUT,
                              "the force on atom %zu is not a finite number", i / 3 + 1);
    return VT_OK;
}

static enum vt_code copy_born(struct vt_dataset_frame *frame, const struct vt_frame *from,
                              struct vt_error *error)
{
    for (size_t c = 0; c < from->n_columns; c++) {
        const struct vt_column *column = &from->columns[c];
        if (strcasecmp(column->name, "bec") != 0)
            continue;
        if (column->type != VT_REAL || column->width != 9)
            return vt_fail_at(error, (struct vt_place){from->file, from->line, 0}, VT_INPUT,
                              "the column 'bec' (Born charges) needs 9 real numbers an atom");
        const enum vt_code code =
            vt_alloc(&frame->born, 9 * from->n_atoms, sizeof *frame->born, "Born charges", error);
        if (!code)
            memcpy(frame->born, column->real, 9 * from->n_atoms * sizeof *frame->born);
        return code;
    }
    return VT_OK;
}

static enum vt_code copy_cell(struct vt_dataset_frame *frame, const struct vt_frame *from,
                              struct vt_error *error)
{
    const struct vt_place place = {from->file, from->line, 0};
    if (!from->has_cell)
        return vt_fail_at(error, place, VT_INPUT, "the frame has no cell (Lattice)");
    memcpy(frame->cell, from->cell, sizeof frame->cell);
    frame->volume = fabs(vt_mat3_determinant((const double(*)[3])frame->cell));
    if (!(frame->volume > 1e-9) || !isfinite(frame->volume))
        return vt_fail_at(error, place, VT_INPUT, "the cell of the frame has no volume");
    frame->is_periodic = from->periodic[0] && from->periodic[1] && from->periodic[2];
    return VT_OK;
}

static void make_symmetric(struct vt_dataset_frame *frame)
{
    for (int i = 0; i < 3; i++)
        for (int j = i + 1; j < 3; j++) {
            double *a = &frame->virial[3 * i + j], *b = &frame->virial[3 * j + i];
            frame->asymmetry = fmax(frame->asymmetry, fabs(*a - *b));
            *a = *b = 0.5 * (*a + *b);
        }
}

/* vt_frame_virial takes the virial where both are given; here they must agree. */
static enum vt_code check_contradiction(const struct vt_dataset_frame *frame,
                                        const struct vt_frame *from, struct vt_error *error)
{
    const struct vt_key *virial = find_key(from, "virial"), *stress = find_key(from, "stress");
    static const int voigt[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
    if (!virial || !stress || !is_numbers(virial, 9) ||
        !(is_numbers(stress, 9) || is_numbers(stress, 6)))
        return VT_OK;
    double largest = 0, same = 0;
    for (size_t i = 0; i < 9; i++) {
        const double s = key_number(stress, stress->count == 9 ? i : (size_t)voigt[i]);
        const double other = -s * frame->volume;
        largest = fmax(largest, fabs(key_number(virial, i) - other));
        same = fmax(same, fabs(key_number(virial, i) + other));
    }
    const double n = (double)from->n_atoms;
    if (largest <= contradiction * n)
        return VT_OK;
    vt_fail_at(error, (struct vt_place){from->file, from->line, 0}, VT_INPUT,
               "virial and stress of the frame contradict each other by %.3g eV/atom", largest / n);
    if (same <= contradiction * n)
        vt_hint(error, "one of them has the wrong sign: the virial is minus stress times volume");
    else
        vt_hint(error, "virial in eV and stress in eV/A^3: virial = - stress x volume");
    return VT_INPUT;
}

static enum vt_code copy_virial(struct vt_dataset_frame *frame, const struct vt_frame *from,
                                struct vt_error *error)
{
    const struct vt_place place = {from->file, from->line, 0};
    const struct vt_key *virial = find_key(from, "virial"), *stress = find_key(from, "stress");
    frame->has_virial = vt_frame_virial(from, frame->virial);
    if (!frame->has_virial && (virial || stress))
        return vt_fail_at(error, place, VT_INPUT, "the frame's '%s' has %zu values, not %s",
                          virial ? "virial" : "stress", virial ? virial->count : stress->count,
                          virial ? "9 numbers" : "9 or 6 numbers");
    frame->from_stress = frame->has_virial && !virial;
    for (int i = 0; i < 9 && frame->has_virial; i++)
        if (!isfinite(frame->virial[i]))
            return vt_fail_at(error, place, VT_INPUT, "the virial is not a finite number");
    const enum vt_code code = check_contradiction(frame, from, error);
    if (frame->has_virial)
        make_symmetric(frame);
    return code;
}

static enum vt_code copy_numbers(struct vt_dataset_frame *frame, const struct vt_frame *from,
                                 struct vt_error *error)
{
    static const double weights[2] = {1e-300, 100}, charges[2] = {-1e6, 1e6};
    frame->weight = frame->energy_weight = 1;
    enum vt_code code = read_number(from, "weight", weights, &frame->weight, error);
    if (!code)
        code = read_number(from, "energy_weight", weights, &frame->energy_weight, error);
    if (!code)
        code = read_number(from, "charge", charges, &frame->charge, error);
    if (!code)
        code = copy_label(from, "config_type", &frame->config_type, error);
    if (!code)
        code = copy_label(from, "name", &frame->name, error);
    return code ? code : copy_label(from, "source", &frame->source, error);
}

/* Say where the frame was imported from, unless there is a better hint. */
static void hint_source(const struct vt_frame *from, struct vt_error *error)
{
    const struct vt_key *key = find_key(from, "source");
    if (error && !error->hint[0] && key && key->type == VT_STRING && key->count == 1)
        vt_hint(error, "the frame was imported from %s", key->string[0]);
}

static enum vt_code fill_frame(struct vt_dataset_types *types, struct vt_dataset_frame *frame,
                               const struct vt_frame *from, struct vt_error *error)
{
    const struct vt_place place = {from->file, from->line, 0};
    const double *forces = NULL;
    frame->n_atoms = from->n_atoms;
    frame->line = from->line;
    frame->index = from->index;
    if (from->n_atoms == 0)
        return vt_fail_at(error, place, VT_INPUT, "the frame has no atoms");
    if (!vt_frame_energy(from, &frame->energy) || !isfinite(frame->energy)) {
        vt_fail_at(error, place, VT_INPUT, "the frame has no energy");
        vt_hint(error, "add energy=NUMBER (eV) to its comment line");
        return VT_INPUT;
    }
    if (!vt_frame_forces(from, &forces)) {
        vt_fail_at(error, place, VT_INPUT, "the frame has no forces");
        vt_hint(error, "Properties needs a column forces:R:3 (eV/A)");
        return VT_INPUT;
    }
    enum vt_code code = copy_cell(frame, from, error);
    if (!code)
        code = copy_atoms(types, frame, from, forces, error);
    if (!code)
        code = copy_virial(frame, from, error);
    if (!code)
        code = copy_born(frame, from, error);
    return code ? code : copy_numbers(frame, from, error);
}

/* ---- the set ---- */

static const char *own_name(const struct vt_dataset *set, const char *file)
{
    for (size_t i = 0; file && i < set->n_files; i++)
        if (strcmp(set->file[i], file) == 0)
            return set->file[i];
    return NULL;
}

enum vt_code vt_dataset_add(struct vt_dataset *set, const struct vt_frame *frame, bool is_test,
                            struct vt_error *error)
{
    assert(set && frame);
    assert(!frame->file || own_name(set, frame->file));
    enum vt_code code = vt_reserve(&set->frame, &set->capacity, set->n_frames + 1,
                                   sizeof *set->frame, "frames", error);
    if (code)
        return code;
    struct vt_dataset_frame *made = &set->frame[set->n_frames];
    *made = (struct vt_dataset_frame){.is_test = is_test, .file = own_name(set, frame->file)};
    const int n_types = set->types.n;
    code = fill_frame(&set->types, made, frame, error);
    if (code) {
        hint_source(frame, error);
        destroy_frame(made);
        set->types.n = n_types;
        return code;
    }
    set->n_frames++;
    return VT_OK;
}

static enum vt_code add_name(struct vt_dataset *set, const char *path, struct vt_error *error)
{
    if (own_name(set, path))
        return VT_OK;
    const size_t size = strlen(path) + 1;
    enum vt_code code = vt_reserve(&set->file, &set->file_capacity, set->n_files + 1,
                                   sizeof *set->file, "names of files", error);
    if (!code)
        code = vt_alloc(&set->file[set->n_files], size, 1, "the name of a file", error);
    if (!code)
        memcpy(set->file[set->n_files++], path, size);
    return code;
}

/* VT_INPUT of one frame is noted, and the reading goes on. */
static enum vt_code read_frames(struct vt_dataset *set, struct vt_structure_reader *reader,
                                bool is_test, struct vt_error_list *errors)
{
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    enum vt_code code = VT_OK;
    size_t n_read = 0;
    const char *path = set->file[set->n_files - 1];
    for (bool end = false; !code && !end;) {
        code = vt_structure_read(reader, &frame, &end, &error);
        if (code || end)
            break;
        n_read++;
        code = vt_dataset_add(set, &frame, is_test, &error);
        if (code)
            vt_error_list_copy(errors, &error);
        if (code == VT_INPUT)
            code = VT_OK;
        else if (code)
            goto done;
        error = (struct vt_error){0};
    }
    if (code)
        vt_error_list_copy(errors, &error);
    else if (n_read == 0)
        vt_error_list_add(errors, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "the file has no frames");
done:
    vt_frame_destroy(&frame);
    return vt_error_list_code(errors);
}

enum vt_code vt_dataset_add_file(struct vt_dataset *set, const char *path, bool is_test,
                                 struct vt_error_list *errors)
{
    assert(set && path && errors);
    struct vt_structure_reader *reader = NULL;
    struct vt_error error = {0};
    enum vt_code code = VT_OK;
    if (own_name(set, path))
        code =
            vt_fail_at(&error, (struct vt_place){path, 0, 0}, VT_INPUT, "the file is named twice");
    if (!code)
        code = add_name(set, path, &error);
    if (!code)
        code = vt_structure_open(&reader, path, &error);
    if (code)
        vt_error_list_copy(errors, &error);
    else
        code = read_frames(set, reader, is_test, errors);
    vt_structure_close(reader);
    return code;
}

void vt_dataset_destroy(struct vt_dataset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n_frames; i++)
        destroy_frame(&set->frame[i]);
    for (size_t i = 0; i < set->n_files; i++)
        vt_free(set->file[i]);
    vt_free(set->frame);
    vt_free(set->file);
    *set = (struct vt_dataset){0};
}

struct vt_place vt_dataset_place(const struct vt_dataset_frame *frame)
{
    return (struct vt_place){frame->file, frame->line, 0};
}
