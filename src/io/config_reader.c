/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of the text is walked along the table. Every function reports what is wrong to the list
 * and goes on, so that one pass finds all mistakes; whether there were any is asked at the end.
 * Fallbacks are texts that pass through the same code as the user's. */
#include "io/config_reader.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "io/config_value.h"

enum { LABEL_SIZE = 128 };

struct vt_config_check {
    struct vt_config_reader *reader;
    const struct vt_table *table;
    const size_t *values; /* the node of each entry, 0 if it is absent */
    struct vt_place place;
};

static size_t count_errors(const struct vt_config_reader *reader)
{
    return reader->errors->n_kept + reader->errors->n_dropped;
}

static void *field_at(void *config, size_t offset)
{
    return (char *)config + offset;
}

/* "'timestep'", or "item 2 of 'temperatures'" (items from 1; 0: the whole). */
static char *label_of(const struct vt_entry *entry, size_t item, char label[LABEL_SIZE])
{
    assert(entry && entry->name);
    if (item > 0)
        snprintf(label, LABEL_SIZE, "item %zu of '%s'", item, entry->name);
    else
        snprintf(label, LABEL_SIZE, "'%s'", entry->name);
    return label;
}

static void read_scalar(struct vt_config_reader *reader, const struct vt_entry *entry, size_t item,
                        size_t node, void *field)
{
    assert(field);
    const struct vt_yaml_node *value = vt_yaml_node(&reader->tree, node);
    char label[LABEL_SIZE];
    label_of(entry, item, label);
    if (vt_yaml_is_nothing(&reader->tree, node)) {
        vt_error_list_add(reader->errors, value->place, VT_INPUT, "%s has no value", label);
        return;
    }
    if (value->kind != VT_YAML_WORD) {
        vt_error_list_add(reader->errors, value->place, VT_INPUT, "%s takes a single value, not %s",
                          label, vt_yaml_kind_text(value->kind));
        return;
    }
    const struct vt_value_context context = {
        .label = label, .place = value->place, .directory = reader->directory};
    struct vt_error error;
    if (vt_value_read(entry, vt_yaml_word(&reader->tree, node), &context, field, &error))
        vt_error_list_copy(reader->errors, &error);
}

/* The names of the entries, "model, structure, ...", as far as they fit. */
static void list_names(const struct vt_entry *entries, char *text, size_t size)
{
    assert(entries && size > 0);
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; entries[i].name && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? ", " : "",
                                   entries[i].name);
}

static void read_one(struct vt_config_reader *reader, const struct vt_entry *entry, size_t item,
                     size_t node, void *field)
{
    if (entry->kind != VT_KIND_MAP) {
        read_scalar(reader, entry, item, node, field);
        return;
    }
    const struct vt_yaml_node *value = vt_yaml_node(&reader->tree, node);
    if (value->kind == VT_YAML_MAP) {
        vt_config_read_map(reader, entry->table, node, value->place, field);
        return;
    }
    char label[LABEL_SIZE], names[200];
    struct vt_error *error = vt_error_list_add(
        reader->errors, value->place, VT_INPUT, "%s takes a mapping of keywords, not %s",
        label_of(entry, item, label), vt_yaml_kind_text(value->kind));
    list_names(entry->table->entries, names, sizeof names);
    vt_hint(error, "its keywords: %s", names);
}

static bool count_is_right(struct vt_config_reader *reader, const struct vt_entry *entry,
                           size_t node, size_t n)
{
    const struct vt_place place = vt_yaml_node(&reader->tree, node)->place;
    if (n >= entry->least && n <= entry->most)
        return true;
    if (entry->least == entry->most)
        vt_error_list_add(reader->errors, place, VT_INPUT, "'%s' takes %zu item%s, not %zu",
                          entry->name, entry->least, entry->least == 1 ? "" : "s", n);
    else if (n < entry->least)
        vt_error_list_add(reader->errors, place, VT_INPUT,
                          "'%s' takes at least %zu item%s, not %zu", entry->name, entry->least,
                          entry->least == 1 ? "" : "s", n);
    else
        vt_error_list_add(reader->errors, place, VT_INPUT, "'%s' takes at most %zu item%s, not %zu",
                          entry->name, entry->most, entry->most == 1 ? "" : "s", n);
    return false;
}

/* The memory of a list, known to the struct at once, so that vt_config_destroy finds it. */
static char *make_list(struct vt_config_reader *reader, const struct vt_entry *entry, size_t n,
                       void *config)
{
    assert(entry->shape == VT_SHAPE_LIST);
    struct vt_error error;
    char *items = NULL;
    if (vt_alloc(&items, n, entry->size, entry->name, &error)) {
        vt_error_list_copy(reader->errors, &error);
        return NULL;
    }
    memcpy(field_at(config, entry->offset), &items, sizeof items);
    memcpy(field_at(config, entry->count_offset), &n, sizeof n);
    return items;
}

static void read_items(struct vt_config_reader *reader, const struct vt_entry *entry, size_t node,
                       void *config)
{
    const struct vt_yaml_node *value = vt_yaml_node(&reader->tree, node);
    const bool brackets = value->kind == VT_YAML_LIST;
    if (!brackets && !entry->one_is_a_list) {
        struct vt_error *error =
            vt_error_list_add(reader->errors, value->place, VT_INPUT, "'%s' takes a list, not %s",
                              entry->name, vt_yaml_kind_text(value->kind));
        if (value->kind == VT_YAML_WORD)
            vt_hint(error, "write [%.80s]", vt_yaml_word(&reader->tree, node));
        return;
    }
    const size_t n = brackets ? value->n_children : 1;
    if (!count_is_right(reader, entry, node, n))
        return;
    if (brackets && n == 1 && entry->is_ramp) {
        vt_hint(vt_error_list_add(reader->errors, value->place, VT_INPUT,
                                  "'%s' is a ramp without an end", entry->name),
                "a list is start and end; a value that stays has no brackets");
        return;
    }
    char *items = entry->shape == VT_SHAPE_LIST ? make_list(reader, entry, n, config)
                                                : field_at(config, entry->offset);
    size_t child = brackets ? value->first : node;
    for (size_t i = 0; items && i < n; i++) {
        read_one(reader, entry, brackets ? i + 1 : 0, child, items + i * entry->size);
        child = vt_yaml_node(&reader->tree, child)->next;
    }
}

/* Could a value of this kind be meant for the entry? */
static bool fits(const struct vt_entry *entry, enum vt_yaml_kind kind)
{
    if (entry->shape != VT_SHAPE_ONE && (kind == VT_YAML_LIST || !entry->one_is_a_list))
        return kind == VT_YAML_LIST;
    return kind == (entry->kind == VT_KIND_MAP ? VT_YAML_MAP : VT_YAML_WORD);
}

static void read_shape(struct vt_config_reader *reader, const struct vt_entry *entry, size_t node,
                       void *config)
{
    if (entry->shape == VT_SHAPE_ONE)
        read_one(reader, entry, 0, node, field_at(config, entry->offset));
    else
        read_items(reader, entry, node, config);
}

/* Read as this alternative, reporting to a list of its own. */
static enum vt_code try_alternative(struct vt_config_reader *reader,
                                    const struct vt_entry *alternative, size_t node, void *config)
{
    assert(alternative);
    struct vt_error_list trial = {0}, *errors = reader->errors;
    reader->errors = &trial;
    read_shape(reader, alternative, node, config);
    reader->errors = errors;
    const enum vt_code code = vt_error_list_code(&trial);
    if (code)
        vt_entry_destroy(alternative, config);
    if (code && code != VT_INPUT)
        vt_error_list_copy(errors, &trial.error[0]);
    return code;
}

static void fail_union(struct vt_config_reader *reader, const struct vt_entry *entry, size_t node)
{
    const struct vt_yaml_node *value = vt_yaml_node(&reader->tree, node);
    const bool word = value->kind == VT_YAML_WORD;
    char names[200];
    struct vt_error *error = vt_error_list_add(
        reader->errors, value->place, VT_INPUT, "'%s' cannot be %s%.80s%s", entry->name,
        word ? "'" : "", word ? vt_yaml_word(&reader->tree, node) : vt_yaml_kind_text(value->kind),
        word ? "'" : "");
    list_names(entry->alternatives, names, sizeof names);
    vt_hint(error, "it takes one of: %s", names);
}

/* The first alternative that takes the value. If only one fits its kind, the messages are those of
 * that one. */
static void read_union(struct vt_config_reader *reader, const struct vt_entry *entry, size_t node,
                       void *config)
{
    const enum vt_yaml_kind kind = vt_yaml_node(&reader->tree, node)->kind;
    int n_fitting = 0, tag = 0;
    for (int i = 0; entry->alternatives[i].name; i++) {
        n_fitting += fits(&entry->alternatives[i], kind);
        if (n_fitting == 1 && tag == 0 && fits(&entry->alternatives[i], kind))
            tag = i + 1;
    }
    if (n_fitting == 1) {
        struct vt_entry only = entry->alternatives[tag - 1];
        only.name = entry->name;
        read_shape(reader, &only, node, config);
    } else {
        enum vt_code code = VT_INPUT;
        for (tag = 0; code == VT_INPUT && entry->alternatives[tag].name; tag++)
            if (fits(&entry->alternatives[tag], kind))
                code = try_alternative(reader, &entry->alternatives[tag], node, config);
        if (code == VT_INPUT)
            fail_union(reader, entry, node);
    }
    memcpy(field_at(config, entry->offset), &tag, sizeof tag);
}

static void read_entry(struct vt_config_reader *reader, const struct vt_entry *entry, size_t node,
                       void *config)
{
    if (vt_yaml_is_nothing(&reader->tree, node)) {
        struct vt_error *error =
            vt_error_list_add(reader->errors, vt_yaml_node(&reader->tree, node)->place, VT_INPUT,
                              "'%s' has no value", entry->name);
        if (entry->fallback)
            vt_hint(error, "leave the %s out to get the default, %s", reader->noun,
                    entry->fallback);
    } else if (entry->kind == VT_KIND_UNION) {
        read_union(reader, entry, node, config);
    } else {
        read_shape(reader, entry, node, config);
    }
}

/* What the user calls this entry. */
static const char *noun_of(const struct vt_config_reader *reader, const struct vt_entry *entry)
{
    for (const char *const *name = reader->operands; name && *name; name++)
        if (strcmp(*name, entry->name) == 0)
            return "operand";
    return reader->noun;
}

/* An entry that the user did not write. place: of the mapping it belongs to. */
static void take_fallback(struct vt_config_reader *reader, const struct vt_entry *entry,
                          struct vt_place place, void *config)
{
    const struct vt_yaml_tree before = reader->tree;
    struct vt_error error;
    size_t node = 0;
    if (entry->required) {
        struct vt_error *missing =
            vt_error_list_add(reader->errors, place, VT_INPUT, "the %s '%s' is missing",
                              noun_of(reader, entry), entry->name);
        vt_hint(missing, "%s: %s", entry->name, entry->help);
    } else if (entry->fallback) {
        if (vt_yaml_parse_value(&reader->tree, entry->fallback, "fallback", &node, &error))
            vt_error_list_copy(reader->errors, &error);
        else
            read_entry(reader, entry, node, config);
        reader->tree.n_nodes = before.n_nodes;
        reader->tree.n_characters = before.n_characters;
    } else if (entry->kind == VT_KIND_MAP && entry->shape == VT_SHAPE_ONE && !entry->given) {
        vt_config_read_map(reader, entry->table, 0, place, field_at(config, entry->offset));
    }
}

static void fail_unknown(struct vt_config_reader *reader, const struct vt_table *table, size_t key)
{
    const char *name = vt_yaml_word(&reader->tree, key);
    struct vt_error *error =
        vt_error_list_add(reader->errors, vt_yaml_node(&reader->tree, key)->place, VT_INPUT,
                          "'%.80s' is not a%s %s here", name,
                          strchr("aeiou", reader->noun[0]) ? "n" : "", reader->noun);
    if (!error)
        return;
    const char *nearest = vt_table_nearest(table, name);
    char names[200];
    list_names(table->entries, names, sizeof names);
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else
        vt_hint(error, "%ss here: %s", reader->noun, names);
}

/* Find the value of each entry in the mapping; report the keywords that are none, or are there
 * twice. */
static void match_keywords(struct vt_config_reader *reader, const struct vt_table *table,
                           size_t map, size_t values[VT_TABLE_ENTRIES])
{
    size_t keys[VT_TABLE_ENTRIES] = {0};
    size_t key = vt_yaml_node(&reader->tree, map)->first;
    while (key) {
        const size_t value = vt_yaml_node(&reader->tree, key)->next;
        const struct vt_yaml_node *node = vt_yaml_node(&reader->tree, key);
        const struct vt_entry *entry = vt_table_find(table, vt_yaml_word(&reader->tree, key));
        const size_t i = entry ? (size_t)(entry - table->entries) : 0;
        if (!entry) {
            fail_unknown(reader, table, key);
        } else if (keys[i]) {
            struct vt_error *error = vt_error_list_add(reader->errors, node->place, VT_INPUT,
                                                       "'%s' is given twice", entry->name);
            const long line = vt_yaml_node(&reader->tree, keys[i])->place.line;
            if (line > 0)
                vt_hint(error, "first in line %ld", line);
        } else {
            keys[i] = key;
            values[i] = value;
        }
        key = vt_yaml_node(&reader->tree, value)->next;
    }
}

/* node: of the mapping, 0 if it is absent and all its entries take their fallbacks. */
void vt_config_read_map(struct vt_config_reader *reader, const struct vt_table *table, size_t node,
                        struct vt_place place, void *config)
{
    size_t values[VT_TABLE_ENTRIES] = {0};
    const size_t n_before = count_errors(reader);
    if (node)
        match_keywords(reader, table, node, values);
    for (size_t i = 0; table->entries[i].name; i++) {
        const struct vt_entry *entry = &table->entries[i];
        assert(i < VT_TABLE_ENTRIES);
        if (values[i])
            read_entry(reader, entry, values[i], config);
        else
            take_fallback(reader, entry, place, config);
        if (values[i] && entry->given)
            memcpy(field_at(config, entry->given - 1), &(bool){true}, sizeof(bool));
    }
    struct vt_config_check check = {reader, table, values, place};
    if (table->check && count_errors(reader) == n_before)
        table->check(config, &check);
}

static size_t index_of(const struct vt_config_check *check, const char *name)
{
    const struct vt_entry *entry = vt_table_find(check->table, name);
    assert(entry);
    return (size_t)(entry - check->table->entries);
}

bool vt_check_given(const struct vt_config_check *check, const char *name)
{
    assert(check && name);
    return check->values[index_of(check, name)] != 0;
}

struct vt_error *vt_check_fail(struct vt_config_check *check, const char *name, const char *format,
                               ...)
{
    assert(check && name && format);
    const size_t value = check->values[index_of(check, name)];
    char message[sizeof((struct vt_error *)NULL)->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return vt_error_list_add(check->reader->errors,
                             value ? vt_yaml_node(&check->reader->tree, value)->place
                                   : check->place,
                             VT_INPUT, "%s", message);
}
