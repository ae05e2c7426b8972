/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A YAML text as a tree of words, lists and mappings, each with its place.
 *
 * The subset that configurations need: one document, keywords that are words, no anchors, aliases
 * or tags. So the tree is never larger than the text, and both are bounded. What a word means is
 * left to the reader of the tree. */
#ifndef VT_YAML_TREE_H
#define VT_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    VT_YAML_BYTES = 4 * 1024 * 1024, /* largest text */
    VT_YAML_NODES = 20000,           /* most words, lists and mappings of one text */
    VT_YAML_DEPTH = 32               /* deepest nesting */
};

enum vt_yaml_kind { VT_YAML_WORD, VT_YAML_LIST, VT_YAML_MAP };

/* Nodes are named by their number, 0 = none. The children of a mapping are keyword, value, keyword,
 * value, ... */
struct vt_yaml_node {
    enum vt_yaml_kind kind;
    bool plain;            /* a word without quotes */
    struct vt_place place; /* the file name is borrowed from the text parsed */
    size_t text;           /* of a word: where it starts in the tree's characters */
    size_t first, last, next;
    size_t n_children;
};

/* Start empty with `= {0}`. */
struct vt_yaml_tree {
    struct vt_yaml_node *nodes;
    size_t n_nodes, node_capacity;
    char *characters;
    size_t n_characters, character_capacity;
};

struct vt_yaml_text {
    const char *name; /* for messages; borrowed by the tree */
    const char *text;
    size_t size;
    bool has_lines; /* a file, not one value from elsewhere: say line and column */
};

/* Add the tree of a text. *root: its node, 0 if the text is empty. */
enum vt_code vt_yaml_parse(struct vt_yaml_tree *tree, const struct vt_yaml_text *text, size_t *root,
                           struct vt_error *error);

/* Add a single value: the text is a word as it stands, unless it starts with [ or {. source: for
 * messages; borrowed by the tree. */
enum vt_code vt_yaml_parse_value(struct vt_yaml_tree *tree, const char *text, const char *source,
                                 size_t *root, struct vt_error *error);

/* Add one node without children. text: of a word, else NULL. */
enum vt_code vt_yaml_add(struct vt_yaml_tree *tree, enum vt_yaml_kind kind, const char *text,
                         struct vt_place place, size_t *node, struct vt_error *error);

/* Make child the last one of parent. */
void vt_yaml_append(struct vt_yaml_tree *tree, size_t parent, size_t child);

/* Put the content of one node, which is nobody's child, in place of another's. */
void vt_yaml_replace(struct vt_yaml_tree *tree, size_t node, size_t with);

/* Borrowed until something is added to the tree. */
const struct vt_yaml_node *vt_yaml_node(const struct vt_yaml_tree *tree, size_t node);
const char *vt_yaml_word(const struct vt_yaml_tree *tree, size_t node);

/* True for a value that is left empty, or says `null`. */
bool vt_yaml_is_nothing(const struct vt_yaml_tree *tree, size_t node);

/* "a list", "a mapping", "a single value". */
const char *vt_yaml_kind_text(enum vt_yaml_kind kind);

void vt_yaml_destroy(struct vt_yaml_tree *tree);

#endif
