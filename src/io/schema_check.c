/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables are data, and data has mistakes: what can be checked without running the command is
 * checked here. Fallbacks are tried by reading them. */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/config.h"

static enum vt_code complain(struct vt_error *error, const struct vt_table *table,
                             const struct vt_entry *entry, const char *what)
{
    return vt_fail(error, VT_FAILED, "table '%s', entry '%s': %s", table->name,
                   entry ? entry->name : "", what);
}

static const char *check_words(const struct vt_word *words)
{
    if (!words || !words->name)
        return "has no words";
    for (const struct vt_word *a = words; a->name; a++)
        for (const struct vt_word *b = words; b != a; b++)
            if (strcmp(a->name, b->name) == 0)
                return "has a word twice";
    return NULL;
}

static const char *check_bounds(const struct vt_entry *entry)
{
    const char *const bounds[] = {entry->above, entry->minimum, entry->maximum, entry->below};
    const struct vt_place nowhere = {NULL, 0, 0};
    const bool number = entry->kind == VT_KIND_REAL || entry->kind == VT_KIND_INTEGER;
    if (entry->above && entry->minimum)
        return "has two lower bounds";
    if (entry->maximum && entry->below)
        return "has two upper bounds";
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        double value = 0;
        if (bounds[i] && !number)
            return "has bounds, but is no number";
        if (bounds[i] && vt_parse_quantity(bounds[i], entry->dimension, nowhere, &value, NULL))
            return "has a bound that is not of its dimension";
    }
    return NULL;
}

static const char *check_shape(const struct vt_entry *entry)
{
    if (entry->size == 0)
        return "was not made with the macros";
    if (entry->shape == VT_SHAPE_ONE && (entry->least || entry->most || entry->one_is_a_list))
        return "is a single value, but has the lengths of a list";
    if (entry->shape != VT_SHAPE_ONE && (entry->most == 0 || entry->least > entry->most))
        return "has impossible lengths";
    if (entry->shape == VT_SHAPE_ARRAY && entry->one_is_a_list && entry->least != 1)
        return "takes one value for a list of several";
    if (entry->is_ramp && (entry->shape != VT_SHAPE_LIST || !entry->one_is_a_list ||
                           entry->least != 1 || entry->most != 2))
        return "is a ramp, but no list of one or two";
    if (entry->kind != VT_KIND_REAL && entry->dimension != VT_NUMBER)
        return "has a dimension, but is no real number";
    if (entry->kind == VT_KIND_MAP &&
        (!entry->table || !entry->table->entries || entry->table->size != entry->size))
        return "has no table, or one for a struct of another size";
    if (entry->kind == VT_KIND_UNION && (!entry->alternatives || !entry->alternatives[0].name))
        return "has no alternatives";
    return NULL;
}

static bool has_required(const struct vt_table *table)
{
    for (const struct vt_entry *entry = table->entries; entry->name; entry++)
        if (entry->required)
            return true;
    return false;
}

/* What happens when the keyword is absent. */
static const char *check_absence(const struct vt_entry *entry)
{
    const bool plain_map = entry->kind == VT_KIND_MAP && entry->shape == VT_SHAPE_ONE;
    const bool shows = entry->given || entry->kind == VT_KIND_UNION ||
                       entry->shape == VT_SHAPE_LIST || vt_kind_owns(entry->kind);
    if (entry->required && entry->fallback)
        return "is required, and has a fallback";
    if (entry->required || entry->fallback)
        return NULL;
    if (plain_map && !entry->given)
        return has_required(entry->table) ? "may be absent without `given`, but requires keywords"
                                          : NULL;
    return shows ? NULL : "has neither fallback nor a way to show its absence";
}

static const char *check_alternatives(const struct vt_entry *alternatives)
{
    for (const struct vt_entry *entry = alternatives; entry->name; entry++) {
        if (entry->kind == VT_KIND_UNION)
            return "has a union among its alternatives";
        if (entry->required || entry->fallback || entry->given)
            return "has an alternative that says when it may be absent";
    }
    return NULL;
}

/* Read the fallback as a user's text. */
static enum vt_code try_fallback(const struct vt_table *table, const struct vt_entry *entry,
                                 struct vt_error *error)
{
    struct vt_entry entries[2] = {*entry, {0}};
    entries[0].fallback = NULL;
    const struct vt_table single = {.name = table->name, .size = table->size, .entries = entries};
    const struct vt_setting setting = {entry->name, entry->fallback, "fallback"};
    const struct vt_settings settings = {.setting = &setting, .n = 1};
    struct vt_error_list errors = {0};
    void *config = NULL;
    enum vt_code code = vt_alloc(&config, 1, table->size, "configuration", error);
    if (code)
        return code;
    if (vt_config_from_settings(&single, config, table->name, &settings, &errors))
        code = complain(error, table, entry, errors.error[0].message);
    vt_config_destroy(&single, config);
    vt_free(config);
    return code;
}

static enum vt_code check_entry(const struct vt_table *table, const struct vt_entry *entry,
                                struct vt_error *error)
{
    const char *what = entry->help && entry->help[0] ? NULL : "has no help";
    what = what ? what : check_shape(entry);
    what = what ? what : check_bounds(entry);
    if (!what && entry->kind == VT_KIND_WORD)
        what = check_words(entry->words);
    if (!what && entry->kind == VT_KIND_UNION)
        what = check_alternatives(entry->alternatives);
    if (what)
        return complain(error, table, entry, what);
    enum vt_code code = VT_OK;
    if (entry->kind == VT_KIND_UNION)
        for (const struct vt_entry *other = entry->alternatives; !code && other->name; other++)
            code = check_entry(table, other, error);
    if (!code && entry->kind == VT_KIND_MAP)
        code = vt_table_check(entry->table, error);
    return code;
}

enum vt_code vt_table_check(const struct vt_table *table, struct vt_error *error)
{
    assert(table);
    if (!table->name || !table->help || table->size == 0 || !table->entries)
        return complain(error, table, NULL, "a table needs name, help, size and entries");
    size_t n = 0;
    for (const struct vt_entry *entry = table->entries; entry->name; entry++) {
        if (++n > VT_TABLE_ENTRIES)
            return complain(error, table, entry, "is one entry too many");
        if (vt_table_find(table, entry->name) != entry)
            return complain(error, table, entry, "is there twice");
        if (strpbrk(entry->name, ". \t"))
            return complain(error, table, entry, "has a name with a dot or blank");
        enum vt_code code = check_entry(table, entry, error);
        const char *what = code ? NULL : check_absence(entry);
        if (what)
            code = complain(error, table, entry, what);
        if (!code && entry->fallback)
            code = try_fallback(table, entry, error);
        if (code)
            return code;
    }
    return VT_OK;
}
