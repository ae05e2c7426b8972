/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields are written by memcpy, since their type is known to the table alone. */
#include "io/config_value.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

struct bound {
    const char *text;
    const char *words;
    bool (*holds)(double value, double bound);
};

static bool is_above(double value, double bound)
{
    return value > bound;
}

static bool is_at_least(double value, double bound)
{
    return value >= bound;
}

static bool is_at_most(double value, double bound)
{
    return value <= bound;
}

static bool is_below(double value, double bound)
{
    return value < bound;
}

/* Integers are compared as double: their bounds are small, and 2^53 + 1 is still above 2^53. */
static enum vt_code check_bounds(const struct vt_entry *entry, const char *text, double value,
                                 const struct vt_value_context *context, struct vt_error *error)
{
    assert(entry && text);
    const struct bound bounds[] = {{entry->above, "above", is_above},
                                   {entry->minimum, "at least", is_at_least},
                                   {entry->maximum, "at most", is_at_most},
                                   {entry->below, "below", is_below}};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        double bound = 0;
        if (!bounds[i].text)
            continue;
        const enum vt_code code = vt_parse_quantity(bounds[i].text, entry->dimension,
                                                    (struct vt_place){NULL, 0, 0}, &bound, error);
        assert(code == VT_OK);
        if (code)
            return code;
        if (!bounds[i].holds(value, bound))
            return vt_fail_at(error, context->place, VT_INPUT, "%s must be %s %s, not '%.80s'",
                              context->label, bounds[i].words, bounds[i].text, text);
    }
    return VT_OK;
}

static enum vt_code read_bool(const char *text, const struct vt_value_context *context, bool *value,
                              struct vt_error *error)
{
    static const char *const likely[][2] = {{"yes", "no"}, {"on", "off"}, {"true", "false"},
                                            {"y", "n"},    {"t", "f"},    {"1", "0"}};
    *value = strcmp(text, "true") == 0;
    if (*value || strcmp(text, "false") == 0)
        return VT_OK;
    vt_fail_at(error, context->place, VT_INPUT, "%s must be true or false, not '%.80s'",
               context->label, text);
    for (size_t i = 0; i < sizeof likely / sizeof *likely; i++)
        for (int is_false = 0; is_false < 2; is_false++)
            if (strcasecmp(text, likely[i][is_false]) == 0)
                vt_hint(error, "write %s", is_false ? "false" : "true");
    return VT_INPUT;
}

static enum vt_code read_integer(const char *text, const struct vt_value_context *context,
                                 int64_t *value, struct vt_error *error)
{
    const double exact = 9007199254740992.0; /* 2^53: up to here a double holds every integer */
    double real = 0;
    if (vt_parse_int64(text, strlen(text), value))
        return VT_OK;
    vt_fail_at(error, context->place, VT_INPUT, "%s must be an integer, not '%.80s'",
               context->label, text);
    if (vt_parse_double(text, strlen(text), &real) && fabs(real) <= exact && floor(real) == real)
        vt_hint(error, "write %.0f", real);
    return VT_INPUT;
}

static enum vt_code read_real(const struct vt_entry *entry, const char *text,
                              const struct vt_value_context *context, double *value,
                              struct vt_error *error)
{
    struct vt_error cause;
    const enum vt_code code =
        vt_parse_quantity(text, entry->dimension, context->place, value, &cause);
    if (!code)
        return VT_OK;
    vt_fail_at(error, context->place, code, "%s: %s", context->label, cause.message);
    vt_hint(error, "%s", cause.hint);
    return code;
}

/* The word nearest to the text, and all of them. */
static void hint_words(const struct vt_word *words, const char *text, struct vt_error *error)
{
    enum { MOST = 32 };
    const char *names[MOST + 1] = {NULL};
    char list[sizeof error->hint] = "";
    size_t length = 0;
    if (!error)
        return;
    for (size_t i = 0; words[i].name; i++) {
        if (i < MOST)
            names[i] = words[i].name;
        if (length < sizeof list)
            length += (size_t)snprintf(list + length, sizeof list - length, "%s%s",
                                       i > 0 ? ", " : "", words[i].name);
    }
    const char *nearest = vt_nearest(text, names);
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else
        vt_hint(error, "it takes one of: %.200s", list);
}

static enum vt_code read_word(const struct vt_entry *entry, const char *text,
                              const struct vt_value_context *context, int *value,
                              struct vt_error *error)
{
    for (const struct vt_word *word = entry->words; word->name; word++)
        if (strcmp(word->name, text) == 0) {
            *value = word->value;
            return VT_OK;
        }
    vt_fail_at(error, context->place, VT_INPUT, "%s cannot be '%.80s'", context->label, text);
    hint_words(entry->words, text, error);
    return VT_INPUT;
}

static enum vt_code copy_string(const char *head, const char *text, char **value,
                                struct vt_error *error)
{
    const char *separator = head[0] ? "/" : "";
    const size_t size = strlen(head) + strlen(separator) + strlen(text) + 1;
    char *copy = NULL;
    const enum vt_code code = vt_alloc(&copy, size, 1, "a text of the configuration", error);
    if (code)
        return code;
    snprintf(copy, size, "%s%s%s", head, separator, text);
    *value = copy;
    return VT_OK;
}

static enum vt_code read_path(const char *text, const struct vt_value_context *context,
                              char **value, struct vt_error *error)
{
    if (text[0] == '\0')
        return vt_fail_at(error, context->place, VT_INPUT, "%s must name a file", context->label);
    const bool as_it_is = text[0] == '/' || !context->directory;
    return copy_string(as_it_is ? "" : context->directory, text, value, error);
}

enum vt_code vt_value_read(const struct vt_entry *entry, const char *text,
                           const struct vt_value_context *context, void *field,
                           struct vt_error *error)
{
    assert(entry && vt_kind_is_scalar(entry->kind) && text && context && field);
    union {
        bool truth;
        int64_t integer;
        double real;
        int word;
        char *string;
    } value = {0};
    enum vt_code code = VT_OK;
    switch (entry->kind) {
    case VT_KIND_BOOL:
        code = read_bool(text, context, &value.truth, error);
        break;
    case VT_KIND_INTEGER:
        code = read_integer(text, context, &value.integer, error);
        if (!code)
            code = check_bounds(entry, text, (double)value.integer, context, error);
        break;
    case VT_KIND_REAL:
        code = read_real(entry, text, context, &value.real, error);
        if (!code)
            code = check_bounds(entry, text, value.real, context, error);
        break;
    case VT_KIND_WORD:
        code = read_word(entry, text, context, &value.word, error);
        break;
    case VT_KIND_STRING:
        code = copy_string("", text, &value.string, error);
        break;
    case VT_KIND_PATH:
        code = read_path(text, context, &value.string, error);
        break;
    case VT_KIND_MAP:
    case VT_KIND_UNION:
        assert(false);
    }
    if (!code)
        memcpy(field, &value, entry->size);
    return code;
}
