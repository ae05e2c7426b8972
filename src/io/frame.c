/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream of frames of one layout must not allocate again and again: vt_frame_clear only sets the
 * counts to zero, and the columns beyond n_columns keep their arrays for whoever is added next at
 * that place. (The column of the next frame at the same place almost always has the same name and
 * type.) Strings and keys are small and are given back. */
#include "io/frame.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/mat3.h"
#include "base/memory.h"

static void free_strings(char **string, size_t first, size_t end)
{
    assert(first <= end);
    for (size_t i = first; i < end; i++) {
        vt_free(string[i]);
        string[i] = NULL;
    }
}

/* ---- columns ---- */

static enum vt_code reserve_values(struct vt_column *column, size_t n, struct vt_error *error)
{
    size_t *capacity = &column->capacity;
    const char *what = column->name;
    switch (column->type) {
    case VT_REAL:
        return vt_reserve(&column->real, capacity, n, sizeof *column->real, what, error);
    case VT_INTEGER:
        return vt_reserve(&column->integer, capacity, n, sizeof *column->integer, what, error);
    case VT_LOGICAL:
        return vt_reserve(&column->logical, capacity, n, sizeof *column->logical, what, error);
    case VT_STRING:
        break;
    }
    return vt_reserve(&column->string, capacity, n, sizeof *column->string, what, error);
}

/* Zero the values [first, end); a string becomes NULL. */
static void zero_values(struct vt_column *column, size_t first, size_t end)
{
    assert(first <= end);
    assert(first <= end && end <= column->capacity);
    const size_t n = end - first;
    if (n == 0)
        return;
    switch (column->type) {
    case VT_REAL:
        memset(column->real + first, 0, n * sizeof *column->real);
        break;
    case VT_INTEGER:
        memset(column->integer + first, 0, n * sizeof *column->integer);
        break;
    case VT_LOGICAL:
        memset(column->logical + first, 0, n * sizeof *column->logical);
        break;
    case VT_STRING:
        free_strings(column->string, first, end);
        break;
    }
}

/* Give the strings back, keep the arrays. */
static void empty_column(struct vt_column *column)
{
    if (column->type == VT_STRING)
        free_strings(column->string, 0, column->capacity);
}

static void destroy_column(struct vt_column *column)
{
    empty_column(column);
    vt_free(column->name);
    vt_free(column->real);
    vt_free(column->integer);
    vt_free(column->logical);
    vt_free(column->string);
    *column = (struct vt_column){0};
}

static enum vt_code resize_column(struct vt_column *column, size_t old_atoms, size_t n_atoms,
                                  struct vt_error *error)
{
    if (n_atoms > SIZE_MAX / column->width)
        return vt_fail(error, VT_MEMORY, "no memory for %s: %zu atoms with %zu values each",
                       column->name, n_atoms, column->width);
    const enum vt_code code = reserve_values(column, n_atoms * column->width, error);
    if (code)
        return code;
    const size_t first = old_atoms < n_atoms ? old_atoms : n_atoms;
    const size_t end = old_atoms < n_atoms ? n_atoms : old_atoms;
    zero_values(column, first * column->width, end * column->width);
    return VT_OK;
}

/* Make the slot an empty column of that name and type; arrays it has of another type are given
 * back. */
static enum vt_code start_column(struct vt_column *column, const char *name,
                                 enum vt_value_type type, size_t width, struct vt_error *error)
{
    assert(name && width > 0);
    empty_column(column);
    if (column->type != type)
        destroy_column(column);
    if (!column->name || strcmp(column->name, name) != 0) {
        char *copy = NULL;
        const enum vt_code code = vt_copy_text(&copy, name, "column name", error);
        if (code)
            return code;
        vt_free(column->name);
        column->name = copy;
    }
    column->type = type;
    column->width = width;
    return VT_OK;
}

struct vt_column *vt_frame_column(const struct vt_frame *frame, const char *name)
{
    assert(frame && name);
    for (size_t i = 0; i < frame->n_columns; i++)
        if (strcmp(frame->columns[i].name, name) == 0)
            return &frame->columns[i];
    return NULL;
}

static void remove_column(struct vt_frame *frame, struct vt_column *column)
{
    destroy_column(column);
    const size_t after = (size_t)(frame->columns + frame->n_columns - (column + 1));
    memmove(column, column + 1, after * sizeof *column);
    frame->n_columns--;
    frame->columns[frame->n_columns] = (struct vt_column){0};
}

enum vt_code vt_frame_add_column(struct vt_frame *frame, const char *name, enum vt_value_type type,
                                 size_t width, struct vt_column **column, struct vt_error *error)
{
    assert(name && *name && width > 0 && column);
    enum vt_code code = VT_OK;
    struct vt_column *slot = vt_frame_column(frame, name);
    if (!slot) {
        code = vt_reserve(&frame->columns, &frame->column_capacity, frame->n_columns + 1,
                          sizeof *frame->columns, "columns of a frame", error);
        if (code)
            return code;
        slot = &frame->columns[frame->n_columns++];
    }
    code = start_column(slot, name, type, width, error);
    if (!code)
        code = resize_column(slot, 0, frame->n_atoms, error);
    if (code) {
        remove_column(frame, slot);
        return code;
    }
    *column = slot;
    return VT_OK;
}

void vt_frame_remove_column(struct vt_frame *frame, const char *name)
{
    assert(frame && name);
    struct vt_column *column = vt_frame_column(frame, name);
    if (column)
        remove_column(frame, column);
}

/* ---- keys ---- */

static void destroy_key(struct vt_key *key)
{
    if (key->string)
        free_strings(key->string, 0, key->count);
    vt_free(key->name);
    vt_free(key->real);
    vt_free(key->integer);
    vt_free(key->logical);
    vt_free(key->string);
    *key = (struct vt_key){0};
}

struct vt_key *vt_frame_key(const struct vt_frame *frame, const char *name)
{
    assert(frame && name);
    for (size_t i = 0; i < frame->n_keys; i++)
        if (strcmp(frame->keys[i].name, name) == 0)
            return &frame->keys[i];
    return NULL;
}

static void remove_key(struct vt_frame *frame, struct vt_key *key)
{
    destroy_key(key);
    const size_t after = (size_t)(frame->keys + frame->n_keys - (key + 1));
    memmove(key, key + 1, after * sizeof *key);
    frame->n_keys--;
    frame->keys[frame->n_keys] = (struct vt_key){0};
}

void vt_frame_remove_key(struct vt_frame *frame, const char *name)
{
    assert(frame && name);
    struct vt_key *key = vt_frame_key(frame, name);
    if (key)
        remove_key(frame, key);
}

static enum vt_code allocate_values(struct vt_key *key, struct vt_error *error)
{
    const char *what = key->name;
    switch (key->type) {
    case VT_REAL:
        return vt_alloc(&key->real, key->count, sizeof *key->real, what, error);
    case VT_INTEGER:
        return vt_alloc(&key->integer, key->count, sizeof *key->integer, what, error);
    case VT_LOGICAL:
        return vt_alloc(&key->logical, key->count, sizeof *key->logical, what, error);
    case VT_STRING:
        break;
    }
    return vt_alloc(&key->string, key->count, sizeof *key->string, what, error);
}

enum vt_code vt_frame_add_key(struct vt_frame *frame, const char *name, enum vt_value_type type,
                              size_t count, struct vt_key **key, struct vt_error *error)
{
    assert(name && *name && key);
    enum vt_code code = VT_OK;
    struct vt_key *slot = vt_frame_key(frame, name);
    if (!slot) {
        code = vt_reserve(&frame->keys, &frame->key_capacity, frame->n_keys + 1,
                          sizeof *frame->keys, "keys of a frame", error);
        if (code)
            return code;
        slot = &frame->keys[frame->n_keys++];
    }
    destroy_key(slot);
    code = vt_copy_text(&slot->name, name, "key name", error);
    if (code)
        goto fail;
    slot->type = type;
    slot->is_array = count != 1;
    slot->count = count;
    code = allocate_values(slot, error);
    if (code)
        goto fail;
    *key = slot;
    return VT_OK;

fail:
    remove_key(frame, slot);
    return code;
}

enum vt_code vt_frame_set_reals(struct vt_frame *frame, const char *name, const double *values,
                                size_t count, struct vt_error *error)
{
    assert(values || count == 0);
    struct vt_key *key = NULL;
    const enum vt_code code = vt_frame_add_key(frame, name, VT_REAL, count, &key, error);
    if (!code && count > 0)
        memcpy(key->real, values, count * sizeof *values);
    return code;
}

enum vt_code vt_frame_set_string(struct vt_frame *frame, const char *name, const char *value,
                                 struct vt_error *error)
{
    assert(frame && name && value);
    struct vt_key *key = NULL;
    enum vt_code code = vt_frame_add_key(frame, name, VT_STRING, 1, &key, error);
    if (code)
        return code;
    code = vt_copy_text(&key->string[0], value, name, error);
    if (code)
        remove_key(frame, key);
    return code;
}

/* ---- the frame ---- */

int vt_frame_slab(const bool periodic[3])
{
    if (periodic[0] + periodic[1] + periodic[2] != 2)
        return 0;
    return !periodic[0] ? 1 : !periodic[1] ? 2 : 3;
}

void vt_frame_destroy(struct vt_frame *frame)
{
    if (!frame)
        return;
    vt_frame_clear(frame);
    for (size_t i = 0; i < frame->column_capacity; i++)
        destroy_column(&frame->columns[i]);
    vt_free(frame->columns);
    vt_free(frame->keys);
    vt_free(frame->element);
    vt_free(frame->position);
    *frame = (struct vt_frame){0};
}

void vt_frame_clear(struct vt_frame *frame)
{
    assert(frame);
    for (size_t i = 0; i < frame->n_columns; i++)
        empty_column(&frame->columns[i]);
    for (size_t i = 0; i < frame->n_keys; i++)
        destroy_key(&frame->keys[i]);
    frame->n_columns = 0;
    frame->n_keys = 0;
    frame->n_atoms = 0;
    frame->has_cell = false;
    memset(frame->cell, 0, sizeof frame->cell);
    memset(frame->periodic, 0, sizeof frame->periodic);
    frame->file = NULL;
    frame->line = 0;
    frame->index = 0;
}

enum vt_code vt_frame_resize(struct vt_frame *frame, size_t n_atoms, struct vt_error *error)
{
    assert(frame);
    const size_t old = frame->n_atoms;
    for (size_t i = 0; i < frame->n_columns; i++) {
        const enum vt_code code = resize_column(&frame->columns[i], old, n_atoms, error);
        if (code)
            return code;
    }
    size_t capacity = frame->atom_capacity;
    enum vt_code code =
        vt_reserve(&frame->element, &capacity, n_atoms, sizeof *frame->element, "elements", error);
    if (code)
        return code;
    capacity = frame->atom_capacity;
    code = vt_reserve(&frame->position, &capacity, n_atoms, sizeof *frame->position, "positions",
                      error);
    if (code)
        return code;
    frame->atom_capacity = capacity;
    if (n_atoms > old) {
        memset(frame->element + old, 0, (n_atoms - old) * sizeof *frame->element);
        memset(frame->position + old, 0, (n_atoms - old) * sizeof *frame->position);
    }
    frame->n_atoms = n_atoms;
    return VT_OK;
}

/* ---- what the frame states about itself ---- */

/* The key in any case of its letters; the exact spelling is preferred. */
static const struct vt_key *find_key(const struct vt_frame *frame, const char *name)
{
    const struct vt_key *key = vt_frame_key(frame, name);
    for (size_t i = 0; i < frame->n_keys && !key; i++)
        if (strcasecmp(frame->keys[i].name, name) == 0)
            key = &frame->keys[i];
    return key;
}

/* The numbers of a key, if there are exactly `count`. */
static bool key_numbers(const struct vt_key *key, size_t count, double *numbers)
{
    assert(numbers && count > 0);
    if (!key || key->count != count || (key->type != VT_REAL && key->type != VT_INTEGER))
        return false;
    for (size_t i = 0; i < count; i++)
        numbers[i] = key->type == VT_REAL ? key->real[i] : (double)key->integer[i];
    return true;
}

bool vt_frame_energy(const struct vt_frame *frame, double *energy)
{
    assert(frame && energy);
    return key_numbers(find_key(frame, "energy"), 1, energy);
}

bool vt_frame_forces(const struct vt_frame *frame, const double **forces)
{
    assert(frame && forces);
    static const char *const names[] = {"forces", "force"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (size_t i = 0; i < frame->n_columns; i++) {
            const struct vt_column *column = &frame->columns[i];
            if (strcasecmp(column->name, names[k]) == 0 && column->type == VT_REAL &&
                column->width == 3) {
                *forces = column->real;
                return true;
            }
        }
    return false;
}

/* Nine numbers row by row from the stress in either form; Voigt order is xx yy zz yz xz xy. */
static bool frame_stress(const struct vt_frame *frame, double stress[9])
{
    static const int voigt[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
    const struct vt_key *key = find_key(frame, "stress");
    double six[6];
    if (key_numbers(key, 9, stress))
        return true;
    if (!key_numbers(key, 6, six))
        return false;
    for (int i = 0; i < 9; i++)
        stress[i] = six[voigt[i]];
    return true;
}

bool vt_frame_virial(const struct vt_frame *frame, double virial[9])
{
    assert(frame && virial);
    if (key_numbers(find_key(frame, "virial"), 9, virial))
        return true;
    double stress[9];
    if (!frame->has_cell || !frame_stress(frame, stress))
        return false;
    const double volume = fabs(vt_mat3_determinant(frame->cell));
    for (int i = 0; i < 9; i++)
        virial[i] = -volume * stress[i];
    return true;
}
