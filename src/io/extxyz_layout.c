/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/extxyz_layout.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

/* Looking for a name among the columns is linear; a column may be of any width. */
enum { MAX_FIELDS = 10000 };

static const char example[] = "for example Properties=species:S:1:pos:R:3:forces:R:3";

static bool is_named(const struct vt_field *field, const char *name)
{
    return strlen(name) == field->name.length &&
           strncasecmp(field->name.text, name, field->name.length) == 0;
}

static enum vt_code add_field(struct vt_layout *layout, struct vt_field field,
                              struct vt_error *error)
{
    const enum vt_code code = vt_reserve(&layout->fields, &layout->capacity, layout->n_fields + 1,
                                         sizeof *layout->fields, "columns of a file", error);
    if (code)
        return code;
    layout->fields[layout->n_fields++] = field;
    layout->n_words += field.width;
    return VT_OK;
}

static void start(struct vt_layout *layout, bool is_stated)
{
    layout->n_fields = 0;
    layout->n_words = 0;
    layout->is_stated = is_stated;
}

enum vt_code vt_layout_assume(struct vt_layout *layout, struct vt_error *error)
{
    assert(layout);
    const struct vt_field element = {.role = VT_ROLE_SYMBOL, .type = VT_STRING, .width = 1};
    const struct vt_field position = {.role = VT_ROLE_POSITION, .type = VT_REAL, .width = 3};
    start(layout, false);
    const enum vt_code code = add_field(layout, element, error);
    return code ? code : add_field(layout, position, error);
}

/* Cut the next part, up to a colon, from the rest. False: there is none. */
static bool next_part(struct vt_word *rest, struct vt_word *part)
{
    if (!rest->text)
        return false;
    const char *colon = memchr(rest->text, ':', rest->length);
    *part = *rest;
    if (!colon) {
        rest->text = NULL;
        return true;
    }
    part->length = (size_t)(colon - rest->text);
    rest->text += part->length + 1;
    rest->length -= part->length + 1;
    rest->place.column += (long)part->length + 1;
    return true;
}

static enum vt_code read_type(const struct vt_word *word, enum vt_value_type *type,
                              struct vt_error *error)
{
    static const struct {
        char letter;
        enum vt_value_type type;
    } types[] = {{'R', VT_REAL}, {'I', VT_INTEGER}, {'L', VT_LOGICAL}, {'S', VT_STRING}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (word->length == 1 && (word->text[0] & ~0x20) == types[i].letter) {
            *type = types[i].type;
            return VT_OK;
        }
    vt_fail_at(error, word->place, VT_INPUT, "expected the type of a column, found '%s'",
               vt_word_shown(word).text);
    vt_hint(error, "R (real), I (integer), L (logical) or S (text)");
    return VT_INPUT;
}

static enum vt_code read_field(struct vt_word *rest, struct vt_field *field, struct vt_error *error)
{
    struct vt_word type, width;
    int64_t columns = 0;
    if (!next_part(rest, &field->name) || field->name.length == 0) {
        vt_fail_at(error, field->name.place, VT_INPUT, "the name of a column is missing");
        vt_hint(error, "%s", example);
        return VT_INPUT;
    }
    if (!next_part(rest, &type) || !next_part(rest, &width)) {
        vt_fail_at(error, field->name.place, VT_INPUT,
                   "column '%s' lacks its type or its number of columns",
                   vt_word_shown(&field->name).text);
        vt_hint(error, "%s", example);
        return VT_INPUT;
    }
    enum vt_code code = read_type(&type, &field->type, error);
    if (!code)
        code = vt_word_integer(&width, "number of columns", 1, INT_MAX, &columns, error);
    field->width = (size_t)columns;
    field->role = VT_ROLE_COLUMN;
    return code;
}

static struct vt_field *find_field(const struct vt_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->n_fields; i++)
        if (is_named(&layout->fields[i], name))
            return &layout->fields[i];
    return NULL;
}

static enum vt_code assign_role(struct vt_field *field, enum vt_role role, struct vt_error *error)
{
    static const struct {
        enum vt_value_type type;
        size_t width;
        const char *right;
    } needs[] = {[VT_ROLE_SYMBOL] = {VT_STRING, 1, "S:1"},
                 [VT_ROLE_NUMBER] = {VT_INTEGER, 1, "I:1"},
                 [VT_ROLE_POSITION] = {VT_REAL, 3, "R:3"}};
    assert(role != VT_ROLE_COLUMN);
    if (field->type != needs[role].type || field->width != needs[role].width) {
        const struct vt_shown name = vt_word_shown(&field->name);
        return vt_fail_at(error, field->name.place, VT_INPUT, "column '%s' must be %s:%s",
                          name.text, name.text, needs[role].right);
    }
    field->role = role;
    return VT_OK;
}

/* Find the element, by symbol rather than by number, and the position. */
static enum vt_code assign_roles(struct vt_layout *layout, struct vt_place place,
                                 struct vt_error *error)
{
    static const struct {
        const char *name;
        enum vt_role role;
    } elements[] = {{"species", VT_ROLE_SYMBOL},
                    {"element", VT_ROLE_SYMBOL},
                    {"Z", VT_ROLE_NUMBER},
                    {"numbers", VT_ROLE_NUMBER}};
    struct vt_field *position = find_field(layout, "pos"), *element = NULL;
    size_t i = 0;
    while (i < sizeof elements / sizeof *elements &&
           !(element = find_field(layout, elements[i].name)))
        i++;
    if (!element || !position) {
        vt_fail_at(error, place, VT_INPUT, "Properties has no column '%s'",
                   element ? "pos" : "species");
        vt_hint(error, "%s", example);
        return VT_INPUT;
    }
    const enum vt_code code = assign_role(element, elements[i].role, error);
    return code ? code : assign_role(position, VT_ROLE_POSITION, error);
}

static enum vt_code add_column(struct vt_frame *frame, struct vt_field *field,
                               struct vt_error *error)
{
    char *name = NULL;
    struct vt_column *column = NULL;
    enum vt_code code = vt_alloc(&name, field->name.length + 1, 1, "column name", error);
    if (code)
        return code;
    memcpy(name, field->name.text, field->name.length);
    if (is_named(field, "species") || is_named(field, "pos") || vt_frame_column(frame, name))
        code = vt_fail_at(error, field->name.place, VT_INPUT, "column '%s' is there twice",
                          vt_word_shown(&field->name).text);
    else
        code = vt_frame_add_column(frame, name, field->type, field->width, &column, error);
    field->column = frame->n_columns - 1;
    vt_free(name);
    return code;
}

enum vt_code vt_layout_read(struct vt_layout *layout, const struct vt_word *value,
                            struct vt_frame *frame, struct vt_error *error)
{
    assert(frame->n_atoms == 0);
    struct vt_word rest = *value;
    start(layout, true);
    while (rest.text) {
        struct vt_field field = {.name = {.place = rest.place}};
        if (layout->n_fields == MAX_FIELDS)
            return vt_fail_at(error, rest.place, VT_INPUT, "Properties names more than %d columns",
                              MAX_FIELDS);
        enum vt_code code = read_field(&rest, &field, error);
        if (!code)
            code = add_field(layout, field, error);
        if (code)
            return code;
    }
    enum vt_code code = assign_roles(layout, value->place, error);
    for (size_t i = 0; i < layout->n_fields && !code; i++) {
        struct vt_field *field = &layout->fields[i];
        if (field->role == VT_ROLE_COLUMN)
            code = add_column(frame, field, error);
    }
    return code;
}

void vt_layout_destroy(struct vt_layout *layout)
{
    if (!layout)
        return;
    vt_free(layout->fields);
    *layout = (struct vt_layout){0};
}
