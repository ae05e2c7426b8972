/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/config.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/config_reader.h"
#include "io/config_settings.h"
#include "io/file.h"

/* The tree stands; change it by the settings and read it into the struct. */
static enum vt_code read_tree(struct vt_config_reader *reader, const struct vt_table *table,
                              size_t root, const struct vt_settings *settings, void *config)
{
    const struct vt_place place = vt_yaml_node(&reader->tree, root)->place;
    memset(config, 0, table->size);
    if (settings)
        vt_settings_apply(settings, &reader->tree, root, reader->errors);
    vt_config_read_map(reader, table, root, place, config);
    const enum vt_code code = vt_error_list_code(reader->errors);
    if (code)
        vt_config_destroy(table, config);
    return code;
}

static enum vt_code parse_root(struct vt_config_reader *reader, const struct vt_config_text *text,
                               size_t *root, struct vt_error *error)
{
    const struct vt_yaml_text yaml = {
        .name = text->name, .text = text->text, .size = text->size, .has_lines = true};
    const enum vt_code code = vt_yaml_parse(&reader->tree, &yaml, root, error);
    if (code)
        return code;
    const struct vt_place start = {text->name, 1, 1};
    if (*root == 0 || vt_yaml_is_nothing(&reader->tree, *root))
        return vt_fail_at(error, start, VT_INPUT, "the configuration is empty");
    const struct vt_yaml_node *node = vt_yaml_node(&reader->tree, *root);
    if (node->kind != VT_YAML_MAP) {
        vt_fail_at(error, node->place, VT_INPUT, "a configuration is a mapping, not %s",
                   vt_yaml_kind_text(node->kind));
        vt_hint(error, "write lines of 'keyword: value'");
        return VT_INPUT;
    }
    return VT_OK;
}

enum vt_code vt_config_parse(const struct vt_table *table, void *config,
                             const struct vt_config_text *text, const struct vt_settings *settings,
                             struct vt_error_list *errors)
{
    assert(table && config && text && text->name && errors && errors->n_kept == 0);
    struct vt_config_reader reader = {
        .directory = text->directory, .noun = "keyword", .errors = errors};
    struct vt_error error;
    size_t root = 0;
    enum vt_code code = parse_root(&reader, text, &root, &error);
    memset(config, 0, table->size);
    if (code)
        vt_error_list_copy(errors, &error);
    else
        code = read_tree(&reader, table, root, settings, config);
    vt_yaml_destroy(&reader.tree);
    return code;
}

enum vt_code vt_config_from_settings(const struct vt_table *table, void *config,
                                     const char *command, const struct vt_settings *settings,
                                     struct vt_error_list *errors)
{
    assert(table && config && command && settings && errors && errors->n_kept == 0);
    struct vt_config_reader reader = {
        .noun = "option", .operands = settings->operands, .errors = errors};
    struct vt_error error;
    size_t root = 0;
    memset(config, 0, table->size);
    enum vt_code code = vt_yaml_add(&reader.tree, VT_YAML_MAP, NULL,
                                    (struct vt_place){command, 0, 0}, &root, &error);
    if (code)
        vt_error_list_copy(errors, &error);
    else
        code = read_tree(&reader, table, root, settings, config);
    vt_yaml_destroy(&reader.tree);
    return code;
}

/* The folder of the file, absolute. Links and dots stay as they are, so that messages name what the
 * user knows. */
static enum vt_code find_directory(const char *path, char directory[PATH_MAX],
                                   struct vt_error *error)
{
    const struct vt_place place = {path, 0, 0};
    const char *slash = strrchr(path, '/');
    const int length = slash ? (int)(slash - path) : 0;
    char here[PATH_MAX] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        return vt_fail_at(error, place, VT_IO, "cannot find the current folder");
    const int needed = snprintf(directory, PATH_MAX, "%s%s%.*s", here,
                                here[0] && length > 0 ? "/" : "", length, path);
    if (needed >= PATH_MAX)
        return vt_fail_at(error, place, VT_INPUT, "the path of the file is too long");
    return VT_OK;
}

enum vt_code vt_config_read(const struct vt_table *table, void *config, const char *path,
                            const struct vt_settings *settings, struct vt_error_list *errors)
{
    assert(table && config && path && errors);
    char directory[PATH_MAX];
    char *data = NULL;
    size_t size = 0;
    struct vt_error error;
    memset(config, 0, table->size);
    enum vt_code code = vt_file_read(path, VT_YAML_BYTES, &data, &size, &error);
    if (!code)
        code = find_directory(path, directory, &error);
    if (code) {
        vt_error_list_copy(errors, &error);
    } else {
        const struct vt_config_text text = {
            .name = path, .text = data, .size = size, .directory = directory};
        code = vt_config_parse(table, config, &text, settings, errors);
    }
    vt_free(data);
    return code;
}

static void destroy_values(const struct vt_entry *entry, char *values, size_t n)
{
    assert(values || n == 0);
    for (size_t i = 0; i < n; i++) {
        char *value = values + i * entry->size;
        if (entry->kind == VT_KIND_MAP) {
            vt_config_destroy(entry->table, value);
        } else if (vt_kind_owns(entry->kind)) {
            void *string = NULL;
            memcpy(&string, value, sizeof string);
            vt_free(string);
            memset(value, 0, sizeof string);
        }
    }
}

void vt_entry_destroy(const struct vt_entry *entry, void *config)
{
    assert(entry && config);
    char *field = (char *)config + entry->offset;
    char *count = (char *)config + entry->count_offset;
    if (entry->kind == VT_KIND_UNION) {
        for (size_t i = 0; entry->alternatives[i].name; i++)
            vt_entry_destroy(&entry->alternatives[i], config);
    } else if (entry->shape == VT_SHAPE_LIST) {
        char *items = NULL;
        size_t n = 0;
        memcpy(&items, field, sizeof items);
        memcpy(&n, count, sizeof n);
        destroy_values(entry, items, n);
        vt_free(items);
        items = NULL;
        memcpy(field, &items, sizeof items);
        memset(count, 0, sizeof n);
    } else {
        destroy_values(entry, field, entry->shape == VT_SHAPE_ARRAY ? entry->least : 1);
    }
}

void vt_config_destroy(const struct vt_table *table, void *config)
{
    assert(table && config);
    if (!config)
        return;
    for (const struct vt_entry *entry = table->entries; entry->name; entry++)
        vt_entry_destroy(entry, config);
    memset(config, 0, table->size);
}
