/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/config_settings.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

enum { MAX_PART = 64 };

struct walk {
    const struct vt_setting *setting;
    struct vt_yaml_tree *tree;
    struct vt_error *error;
    size_t value;        /* the node to be put at the end */
    char part[MAX_PART]; /* of the key: where the walk is */
};

static struct vt_place place_of(const struct walk *walk)
{
    return (struct vt_place){walk->setting->source, 0, 0};
}

/* Parts that are neither empty nor too long for a keyword, joined by dots. */
static enum vt_code check_key(const struct walk *walk)
{
    const char *key = walk->setting->key;
    bool right = true;
    for (bool more = true; more;) {
        const size_t length = strcspn(key, ".");
        right = right && length > 0 && length < MAX_PART;
        more = key[length] == '.';
        key += length + more;
    }
    if (right)
        return VT_OK;
    vt_fail_at(walk->error, place_of(walk), VT_INPUT, "'%.80s' is not the name of a value",
               walk->setting->key);
    vt_hint(walk->error,
            "join keywords by dots, and count the items of lists from 0: stages.0.duration");
    return VT_INPUT;
}

/* Take the next part of the key; what follows its dot, NULL after the last. */
static const char *next_part(struct walk *walk, const char *key)
{
    const size_t length = strcspn(key, ".");
    assert(length > 0 && length < MAX_PART);
    memcpy(walk->part, key, length);
    walk->part[length] = '\0';
    return key[length] == '.' ? key + length + 1 : NULL;
}

/* The value of the keyword walk->part in a mapping, 0 if it is not there. */
static size_t find_in_map(const struct walk *walk, size_t map)
{
    size_t key = vt_yaml_node(walk->tree, map)->first;
    while (key) {
        const size_t value = vt_yaml_node(walk->tree, key)->next;
        if (strcmp(vt_yaml_word(walk->tree, key), walk->part) == 0)
            return value;
        key = vt_yaml_node(walk->tree, value)->next;
    }
    return 0;
}

static enum vt_code add_to_map(struct walk *walk, size_t map, size_t value)
{
    size_t key = 0;
    const enum vt_code code =
        vt_yaml_add(walk->tree, VT_YAML_WORD, walk->part, place_of(walk), &key, walk->error);
    if (code)
        return code;
    vt_yaml_append(walk->tree, map, key);
    vt_yaml_append(walk->tree, map, value);
    return VT_OK;
}

static enum vt_code find_in_list(const struct walk *walk, size_t list, size_t *item)
{
    const size_t n = vt_yaml_node(walk->tree, list)->n_children;
    int64_t index = 0;
    if (!vt_parse_int64(walk->part, strlen(walk->part), &index) || index < 0 ||
        (uint64_t)index >= n) {
        vt_fail_at(walk->error, place_of(walk), VT_INPUT, "the list has no item '%s'", walk->part);
        vt_hint(walk->error, "its items are 0 to %zu", n > 0 ? n - 1 : 0);
        return VT_INPUT;
    }
    *item = vt_yaml_node(walk->tree, list)->first;
    while (index-- > 0)
        *item = vt_yaml_node(walk->tree, *item)->next;
    return VT_OK;
}

/* One part of the key: *node becomes its child, made if it is not there. `last`: the child is the
 * value. */
static enum vt_code step(struct walk *walk, size_t *node, bool last)
{
    size_t child = 0;
    enum vt_code code = VT_OK;
    switch (vt_yaml_node(walk->tree, *node)->kind) {
    case VT_YAML_WORD:
        vt_fail_at(walk->error, place_of(walk), VT_INPUT,
                   "'%s' is not there: the configuration has the single value '%.80s'", walk->part,
                   vt_yaml_word(walk->tree, *node));
        return VT_INPUT;
    case VT_YAML_LIST:
        code = find_in_list(walk, *node, &child);
        break;
    case VT_YAML_MAP:
        child = find_in_map(walk, *node);
        if (child)
            break;
        child = walk->value;
        if (!last)
            code = vt_yaml_add(walk->tree, VT_YAML_MAP, NULL, place_of(walk), &child, walk->error);
        if (!code)
            code = add_to_map(walk, *node, child);
        break;
    }
    *node = child;
    return code;
}

static enum vt_code apply_one(struct walk *walk, size_t root)
{
    size_t node = root;
    enum vt_code code = check_key(walk);
    if (!code)
        code = vt_yaml_parse_value(walk->tree, walk->setting->text, walk->setting->source,
                                   &walk->value, walk->error);
    for (const char *rest = walk->setting->key; !code && rest;) {
        rest = next_part(walk, rest);
        code = step(walk, &node, !rest);
    }
    if (!code && node != walk->value)
        vt_yaml_replace(walk->tree, node, walk->value);
    return code;
}

static bool is_repeated(const struct vt_settings *settings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(settings->setting[i].key, settings->setting[n].key) == 0)
            return true;
    return false;
}

void vt_settings_apply(const struct vt_settings *settings, struct vt_yaml_tree *tree, size_t root,
                       struct vt_error_list *errors)
{
    assert(vt_yaml_node(tree, root)->kind == VT_YAML_MAP);
    for (size_t i = 0; i < settings->n; i++) {
        struct vt_error error = {0};
        struct walk walk = {.setting = &settings->setting[i], .tree = tree, .error = &error};
        enum vt_code code = VT_OK;
        if (is_repeated(settings, i))
            code = vt_fail_at(&error, place_of(&walk), VT_INPUT, "given twice");
        else
            code = apply_one(&walk, root);
        if (code)
            vt_error_list_copy(errors, &error);
    }
}
