/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON is read as YAML, of which it is a part. */
#include "cli/summaries.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/yaml_tree.h"

enum { DEEPEST = 16 };

static const struct {
    const char *command, *value, *sigma;
} kinds[VT_QUANTITIES] = {
    {"analyze msd", "D_cm2_per_s", "D_sigma_cm2_per_s"},
    {"analyze conductivity", "sigma_NE_S_per_cm", "sigma_NE_sigma_S_per_cm"},
    {"analyze conductivity", "sigma_collective_S_per_cm", "sigma_collective_sigma_S_per_cm"}};

/* The value of a key; 0: there is none. */
static size_t child(const struct vt_yaml_tree *tree, size_t map, const char *key)
{
    const struct vt_yaml_node *node = vt_yaml_node(tree, map);
    if (node->kind != VT_YAML_MAP)
        return 0;
    for (size_t name = node->first; name != 0;) {
        const size_t value = vt_yaml_node(tree, name)->next;
        if (strcmp(vt_yaml_word(tree, name), key) == 0)
            return value;
        name = vt_yaml_node(tree, value)->next;
    }
    return 0;
}

static const char *word(const struct vt_yaml_tree *tree, size_t map, const char *key)
{
    const size_t node = child(tree, map, key);
    return node && vt_yaml_node(tree, node)->kind == VT_YAML_WORD ? vt_yaml_word(tree, node) : "";
}

static bool is_summary(const struct vt_summaries *summaries, const struct vt_yaml_tree *tree,
                       size_t root)
{
    return root && strcmp(word(tree, root, "command"), kinds[summaries->quantity].command) == 0;
}

static enum vt_code read_number(const struct vt_yaml_tree *tree, size_t map, const char *key,
                                double *number, struct vt_error *error)
{
    const char *text = word(tree, map, key);
    if (vt_parse_double(text, strlen(text), number))
        return VT_OK;
    vt_fail_at(error, vt_yaml_node(tree, map)->place, VT_INPUT, "there is no number %s", key);
    if (strcmp(key, "temperature_K") == 0)
        vt_hint(error, "the analysis did not know the temperature: tell it with --temperature");
    return VT_INPUT;
}

static enum vt_code take(struct vt_summaries *summaries, const struct vt_yaml_tree *tree,
                         size_t map, struct vt_error *error)
{
    struct vt_rate rate;
    enum vt_code code = read_number(tree, map, "temperature_K", &rate.temperature, error);
    if (!code)
        code = read_number(tree, map, kinds[summaries->quantity].value, &rate.value, error);
    if (!code)
        code = read_number(tree, map, kinds[summaries->quantity].sigma, &rate.sigma, error);
    if (!code)
        code = vt_reserve(&summaries->rate, &summaries->capacity, summaries->n_rates + 1,
                          sizeof rate, "values", error);
    if (!code)
        summaries->rate[summaries->n_rates++] = rate;
    return code;
}

/* One of `results`: of another species, or without diffusion, it is passed over. */
static enum vt_code take_result(struct vt_summaries *summaries, const struct vt_yaml_tree *tree,
                                size_t map, struct vt_error *error)
{
    const char *species = word(tree, map, "species");
    if (summaries->species && strcmp(species, summaries->species) != 0)
        return VT_OK;
    if (summaries->found[0] && strcmp(species, summaries->found) != 0) {
        vt_fail_at(error, vt_yaml_node(tree, map)->place, VT_INPUT,
                   "this is of %s, others are of %s", species, summaries->found);
        vt_hint(error, "say which with --species");
        return VT_INPUT;
    }
    snprintf(summaries->found, sizeof summaries->found, "%.2s", species);
    if (strcmp(word(tree, map, "diffusive"), "false") == 0) {
        summaries->n_passed_over++;
        return VT_OK;
    }
    return take(summaries, tree, map, error);
}

static enum vt_code take_summary(struct vt_summaries *summaries, const struct vt_yaml_tree *tree,
                                 size_t root, struct vt_error *error)
{
    summaries->n_files++;
    if (summaries->quantity != VT_QUANTITY_D)
        return take(summaries, tree, root, error);
    enum vt_code code = VT_OK;
    const size_t results = child(tree, root, "results");
    if (!results || vt_yaml_node(tree, results)->kind != VT_YAML_LIST)
        return vt_fail_at(error, vt_yaml_node(tree, root)->place, VT_INPUT,
                          "the summary has no list of results");
    for (size_t i = vt_yaml_node(tree, results)->first; i != 0 && !code;
         i = vt_yaml_node(tree, i)->next)
        code = take_result(summaries, tree, i, error);
    return code;
}

/* is_named: the user named the file, so it must be a summary. */
static enum vt_code add_file(struct vt_summaries *summaries, const char *path, bool is_named,
                             struct vt_error *error)
{
    struct vt_yaml_tree tree = {0};
    struct vt_error inner = {0};
    char *data = NULL;
    size_t size, root = 0;
    enum vt_code code = vt_file_read(path, VT_YAML_BYTES, &data, &size, &inner);
    if (!code)
        code = vt_yaml_parse(&tree, &(struct vt_yaml_text){path, data, size, true}, &root, &inner);
    if (code && (is_named || code != VT_INPUT)) {
        *error = inner;
    } else if (!code && is_summary(summaries, &tree, root)) {
        code = take_summary(summaries, &tree, root, error);
    } else if (is_named) {
        code = vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "this is no summary of `vitrion %s`", kinds[summaries->quantity].command);
    } else {
        code = VT_OK;
    }
    vt_yaml_destroy(&tree);
    vt_free(data);
    return code;
}

static int is_of_interest(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool ends_in_json(const char *path)
{
    const size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

static enum vt_code add(struct vt_summaries *summaries, const char *path, int depth,
                        struct vt_error *error);

static enum vt_code add_entry(struct vt_summaries *summaries, const char *folder, const char *name,
                              int depth, struct vt_error *error)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path;
    enum vt_code code = vt_alloc(&path, size, 1, "a file name", error);
    if (code)
        return code;
    snprintf(path, size, "%s/%s", folder, name);
    code = add(summaries, path, depth, error);
    vt_free(path);
    return code;
}

/* In the order of the names, so that the result does not depend on the disk. */
static enum vt_code add_folder(struct vt_summaries *summaries, const char *path, int depth,
                               struct vt_error *error)
{
    struct dirent **entry;
    const int n = scandir(path, &entry, is_of_interest, alphasort);
    if (n < 0)
        return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT,
                          "the folder cannot be read");
    enum vt_code code = VT_OK;
    for (int i = 0; i < n; i++) {
        if (!code)
            code = add_entry(summaries, path, entry[i]->d_name, depth + 1, error);
        free(entry[i]);
    }
    free(entry);
    return code;
}

static enum vt_code add(struct vt_summaries *summaries, const char *path, int depth,
                        struct vt_error *error)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return depth < DEEPEST ? add_folder(summaries, path, depth, error) : VT_OK;
    if (depth > 0 && !ends_in_json(path))
        return VT_OK;
    return add_file(summaries, path, depth == 0, error);
}

enum vt_code vt_summaries_add(struct vt_summaries *summaries, const char *path,
                              struct vt_error *error)
{
    return add(summaries, path, 0, error);
}

void vt_summaries_destroy(struct vt_summaries *summaries)
{
    vt_free(summaries->rate);
}
