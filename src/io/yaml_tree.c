/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of libyaml build the tree, with a stack of the open lists and mappings; nothing
 * recurses. */
#include "io/yaml_tree.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "base/memory.h"
#include "io/yaml_problem.h"

struct builder {
    struct vt_yaml_tree *tree;
    const struct vt_yaml_text *text;
    struct vt_error *error;
    size_t open[VT_YAML_DEPTH];
    size_t depth;
    size_t root;
    size_t n_added;
    bool had_document;
    bool ended;
};

const struct vt_yaml_node *vt_yaml_node(const struct vt_yaml_tree *tree, size_t node)
{
    assert(node > 0 && node < tree->n_nodes);
    return &tree->nodes[node];
}

const char *vt_yaml_word(const struct vt_yaml_tree *tree, size_t node)
{
    assert(vt_yaml_node(tree, node)->kind == VT_YAML_WORD);
    return tree->characters + tree->nodes[node].text;
}

bool vt_yaml_is_nothing(const struct vt_yaml_tree *tree, size_t node)
{
    assert(tree);
    static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};
    const struct vt_yaml_node *value = vt_yaml_node(tree, node);
    if (value->kind != VT_YAML_WORD || !value->plain)
        return false;
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcmp(vt_yaml_word(tree, node), nothing[i]) == 0)
            return true;
    return false;
}

const char *vt_yaml_kind_text(enum vt_yaml_kind kind)
{
    return kind == VT_YAML_LIST ? "a list" : kind == VT_YAML_MAP ? "a mapping" : "a single value";
}

void vt_yaml_destroy(struct vt_yaml_tree *tree)
{
    if (!tree)
        return;
    vt_free(tree->nodes);
    vt_free(tree->characters);
    *tree = (struct vt_yaml_tree){0};
}

static enum vt_code add_characters(struct vt_yaml_tree *tree, const char *text, size_t length,
                                   struct vt_error *error)
{
    assert(text || length == 0);
    enum vt_code code = vt_reserve(&tree->characters, &tree->character_capacity,
                                   tree->n_characters + length + 1, 1, "configuration", error);
    if (code)
        return code;
    memcpy(tree->characters + tree->n_characters, text, length);
    tree->characters[tree->n_characters + length] = '\0';
    tree->n_characters += length + 1;
    return VT_OK;
}

enum vt_code vt_yaml_add(struct vt_yaml_tree *tree, enum vt_yaml_kind kind, const char *text,
                         struct vt_place place, size_t *node, struct vt_error *error)
{
    assert((text != NULL) == (kind == VT_YAML_WORD));
    if (tree->n_nodes == 0)
        tree->n_nodes = 1; /* number 0 is no node */
    enum vt_code code = vt_reserve(&tree->nodes, &tree->node_capacity, tree->n_nodes + 1,
                                   sizeof *tree->nodes, "configuration", error);
    const size_t start = tree->n_characters;
    if (!code && text)
        code = add_characters(tree, text, strlen(text), error);
    if (code)
        return code;
    *node = tree->n_nodes++;
    tree->nodes[*node] = (struct vt_yaml_node){.kind = kind, .place = place, .text = start};
    return VT_OK;
}

void vt_yaml_append(struct vt_yaml_tree *tree, size_t parent, size_t child)
{
    struct vt_yaml_node *nodes = tree->nodes;
    assert(parent > 0 && parent < tree->n_nodes && nodes[parent].kind != VT_YAML_WORD);
    assert(child > 0 && child < tree->n_nodes && nodes[child].next == 0);
    if (nodes[parent].last)
        nodes[nodes[parent].last].next = child;
    else
        nodes[parent].first = child;
    nodes[parent].last = child;
    nodes[parent].n_children++;
}

void vt_yaml_replace(struct vt_yaml_tree *tree, size_t node, size_t with)
{
    assert(node != with && vt_yaml_node(tree, with)->next == 0);
    const size_t next = vt_yaml_node(tree, node)->next;
    tree->nodes[node] = tree->nodes[with];
    tree->nodes[node].next = next;
}

/* Anchors and tags, which any node may carry. */
static enum vt_code refuse_extras(struct builder *builder, const yaml_char_t *anchor,
                                  const yaml_char_t *tag, struct vt_place place)
{
    if (anchor) {
        vt_fail_at(builder->error, place, VT_INPUT, "anchors ('&%.40s') are not supported",
                   (const char *)anchor);
        vt_hint(builder->error, "write the value out wherever it is needed, or put it in quotes");
        return VT_INPUT;
    }
    if (tag) {
        vt_fail_at(builder->error, place, VT_INPUT,
                   "tags (words that start with '!') are not "
                   "supported");
        vt_hint(builder->error, "put text that starts with '!' in quotes");
        return VT_INPUT;
    }
    return VT_OK;
}

/* Add a node as the next child of the innermost open one. */
static enum vt_code add_node(struct builder *builder, enum vt_yaml_kind kind, const char *text,
                             struct vt_place place, size_t *node)
{
    struct vt_yaml_tree *tree = builder->tree;
    const size_t parent = builder->depth > 0 ? builder->open[builder->depth - 1] : 0;
    if (++builder->n_added > VT_YAML_NODES)
        return vt_fail_at(builder->error, place, VT_INPUT, "more than %d values in one text",
                          (int)VT_YAML_NODES);
    if (parent && kind != VT_YAML_WORD && tree->nodes[parent].kind == VT_YAML_MAP &&
        tree->nodes[parent].n_children % 2 == 0)
        return vt_fail_at(builder->error, place, VT_INPUT,
                          "a keyword is wanted here, not a list or mapping");
    const enum vt_code code = vt_yaml_add(tree, kind, text, place, node, builder->error);
    if (code)
        return code;
    if (parent)
        vt_yaml_append(tree, parent, *node);
    else
        builder->root = *node;
    return VT_OK;
}

static enum vt_code add_word(struct builder *builder, const yaml_event_t *event)
{
    const struct vt_place place = vt_yaml_place(builder->text, event->start_mark);
    const char *word = (const char *)event->data.scalar.value;
    enum vt_code code =
        refuse_extras(builder, event->data.scalar.anchor, event->data.scalar.tag, place);
    if (code)
        return code;
    if (strlen(word) != event->data.scalar.length)
        return vt_fail_at(builder->error, place, VT_INPUT, "a value cannot hold the character \\0");
    size_t node = 0;
    code = add_node(builder, VT_YAML_WORD, word, place, &node);
    if (!code)
        builder->tree->nodes[node].plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return code;
}

static enum vt_code open_node(struct builder *builder, enum vt_yaml_kind kind,
                              const yaml_event_t *event)
{
    const struct vt_place place = vt_yaml_place(builder->text, event->start_mark);
    const bool list = kind == VT_YAML_LIST;
    enum vt_code code = refuse_extras(
        builder, list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor,
        list ? event->data.sequence_start.tag : event->data.mapping_start.tag, place);
    if (code)
        return code;
    if (builder->depth == VT_YAML_DEPTH)
        return vt_fail_at(builder->error, place, VT_INPUT,
                          "lists and mappings are nested more than %d deep", (int)VT_YAML_DEPTH);
    size_t node = 0;
    code = add_node(builder, kind, NULL, place, &node);
    if (!code)
        builder->open[builder->depth++] = node;
    return code;
}

static enum vt_code start_document(struct builder *builder, const yaml_event_t *event)
{
    if (builder->had_document) {
        vt_fail_at(builder->error, vt_yaml_place(builder->text, event->start_mark), VT_INPUT,
                   "a second document starts here");
        vt_hint(builder->error, "a file holds one configuration: remove the '---'");
        return VT_INPUT;
    }
    builder->had_document = true;
    return VT_OK;
}

static enum vt_code fail_alias(struct builder *builder, const yaml_event_t *event)
{
    vt_fail_at(builder->error, vt_yaml_place(builder->text, event->start_mark), VT_INPUT,
               "aliases ('*%.40s') are not supported", (const char *)event->data.alias.anchor);
    vt_hint(builder->error, "write the value out, or put it in quotes");
    return VT_INPUT;
}

static enum vt_code take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return start_document(builder, event);
    case YAML_SCALAR_EVENT:
        return add_word(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(builder, VT_YAML_LIST, event);
    case YAML_MAPPING_START_EVENT:
        return open_node(builder, VT_YAML_MAP, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        assert(builder->depth > 0);
        builder->depth--;
        return VT_OK;
    case YAML_ALIAS_EVENT:
        return fail_alias(builder, event);
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        builder->ended = true;
        return VT_OK;
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return VT_OK;
}

static enum vt_code take_events(struct builder *builder, yaml_parser_t *parser)
{
    enum vt_code code = VT_OK;
    while (!code && !builder->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return vt_yaml_problem(parser, builder->text, builder->error);
        code = take_event(builder, &event);
        yaml_event_delete(&event);
    }
    return code;
}

/* A byte order mark says nothing in UTF-8; without it the columns are those of an editor. */
static struct vt_yaml_text without_mark(const struct vt_yaml_text *text)
{
    struct vt_yaml_text rest = *text;
    if (rest.size >= 3 && memcmp(rest.text, "\xef\xbb\xbf", 3) == 0) {
        rest.text += 3;
        rest.size -= 3;
    }
    return rest;
}

enum vt_code vt_yaml_parse(struct vt_yaml_tree *tree, const struct vt_yaml_text *text, size_t *root,
                           struct vt_error *error)
{
    assert(tree && text && text->name && (text->text || text->size == 0) && root);
    if (text->size > VT_YAML_BYTES)
        return vt_fail_at(error, (struct vt_place){text->name, 0, 0}, VT_INPUT,
                          "a configuration of more than %d bytes", (int)VT_YAML_BYTES);
    const struct vt_yaml_text rest = without_mark(text);
    struct builder builder = {.tree = tree, .text = &rest, .error = error};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return vt_fail_at(error, (struct vt_place){text->name, 0, 0}, VT_MEMORY,
                          "no memory to read the configuration");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)rest.text, rest.size);
    const enum vt_code code = take_events(&builder, &parser);
    yaml_parser_delete(&parser);
    *root = code ? 0 : builder.root;
    return code;
}

enum vt_code vt_yaml_parse_value(struct vt_yaml_tree *tree, const char *text, const char *source,
                                 size_t *root, struct vt_error *error)
{
    assert(tree && text && source && root);
    if (text[0] != '[' && text[0] != '{')
        return vt_yaml_add(tree, VT_YAML_WORD, text, (struct vt_place){source, 0, 0}, root, error);
    const struct vt_yaml_text value = {.name = source, .text = text, .size = strlen(text)};
    return vt_yaml_parse(tree, &value, root, error);
}
