/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of the comment line of extended XYZ: keys with values, without their meaning.
 *
 *     key             true
 *     key=word        a word ends at a blank
 *     key="a text"    or '...'; a backslash takes the next character as it is, \n is a line feed
 *     key={a b c}     an array of words or quoted texts, separated by blanks or commas
 *     key=[a, b, c]   the same; rows [[a, b], [c, d]] are read one after the other
 *
 * Blanks around '=' are allowed, and the key may be quoted. */
#ifndef VT_EXTXYZ_COMMENT_H
#define VT_EXTXYZ_COMMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/scan.h"

enum vt_form { VT_FORM_BARE_KEY, VT_FORM_TEXT, VT_FORM_BRACES, VT_FORM_BRACKETS };

/* A part of a value: a word of a text, or an element of an array. */
struct vt_item {
    struct vt_word word; /* without quotes and backslashes */
    bool quoted;         /* by itself, within an array */
};

struct vt_comment {
    /* The entry last read, valid until the next one is read. */
    struct vt_word key; /* ends with a NUL */
    enum vt_form form;
    struct vt_word text; /* the whole value if form is VT_FORM_TEXT; ends with a NUL */
    struct vt_item *items;
    size_t n_items;
    /* Of the parser. */
    size_t item_capacity;
    const char *start, *at, *end; /* of the line; borrowed */
    struct vt_place place;        /* of its first character */
    char *decoded;                /* what the words of an entry point into */
    size_t decoded_length, decoded_capacity;
};

/* Start with `= {0}`; the memory serves line after line. The line is borrowed until it is read. */
enum vt_code vt_comment_start(struct vt_comment *comment, const struct vt_word *line,
                              struct vt_error *error);

/* Read the next entry. *end: there is none. */
enum vt_code vt_comment_next(struct vt_comment *comment, bool *end, struct vt_error *error);

void vt_comment_destroy(struct vt_comment *comment);

#endif
