/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read is never longer than its source, so that room for the decoded text is made once per
 * line and words can point into it. */
#include "io/extxyz_comment.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_separator(char c)
{
    return is_blank(c) || c == ',';
}

static struct vt_place place_of(const struct vt_comment *comment, const char *p)
{
    struct vt_place place = comment->place;
    place.column += (long)(p - comment->start);
    return place;
}

static void skip_blanks(struct vt_comment *comment)
{
    while (comment->at < comment->end && is_blank(*comment->at))
        comment->at++;
}

/* ---- decoded text ---- */

static void put(struct vt_comment *comment, char c)
{
    assert(comment->decoded_length < comment->decoded_capacity);
    comment->decoded[comment->decoded_length++] = c;
}

/* Begin a word that is read from comment->at on. */
static struct vt_word begin_word(const struct vt_comment *comment)
{
    return (struct vt_word){.text = comment->decoded + comment->decoded_length,
                            .place = place_of(comment, comment->at)};
}

static void end_word(const struct vt_comment *comment, struct vt_word *word)
{
    word->length = (size_t)(comment->decoded + comment->decoded_length - word->text);
}

static struct vt_word read_bare(struct vt_comment *comment, const char *stops)
{
    struct vt_word word = begin_word(comment);
    while (comment->at < comment->end && !is_blank(*comment->at) && !strchr(stops, *comment->at))
        put(comment, *comment->at++);
    end_word(comment, &word);
    return word;
}

/* The text between the quote at comment->at and the next of its kind. */
static enum vt_code read_quoted(struct vt_comment *comment, struct vt_word *word,
                                struct vt_error *error)
{
    const char *open = comment->at++;
    *word = begin_word(comment);
    for (; comment->at < comment->end && *comment->at != *open; comment->at++) {
        if (*comment->at == '\\' && comment->at + 1 < comment->end) {
            comment->at++;
            put(comment, *comment->at == 'n' ? '\n' : *comment->at);
        } else {
            put(comment, *comment->at);
        }
    }
    if (comment->at == comment->end)
        return vt_fail_at(error, place_of(comment, open), VT_INPUT,
                          "the quote that opens here is not closed");
    comment->at++;
    end_word(comment, word);
    return VT_OK;
}

static bool at_quote(const struct vt_comment *comment)
{
    return comment->at < comment->end && (*comment->at == '"' || *comment->at == '\'');
}

/* ---- values ---- */

static enum vt_code add_item(struct vt_comment *comment, struct vt_word word, bool quoted,
                             struct vt_error *error)
{
    const enum vt_code code =
        vt_reserve(&comment->items, &comment->item_capacity, comment->n_items + 1,
                   sizeof *comment->items, "values of a key", error);
    if (!code)
        comment->items[comment->n_items++] = (struct vt_item){word, quoted};
    return code;
}

/* Cut the text into words at blanks and commas. */
static enum vt_code split_text(struct vt_comment *comment, struct vt_error *error)
{
    const struct vt_word *text = &comment->text;
    for (size_t i = 0; i < text->length;) {
        struct vt_word word = {.text = text->text + i, .place = text->place};
        word.place.column += (long)i;
        while (i < text->length && !is_separator(text->text[i])) {
            word.length++;
            i++;
        }
        if (word.length == 0) {
            i++;
            continue;
        }
        const enum vt_code code = add_item(comment, word, false, error);
        if (code)
            return code;
    }
    return VT_OK;
}

static enum vt_code read_text(struct vt_comment *comment, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    comment->form = VT_FORM_TEXT;
    if (at_quote(comment))
        code = read_quoted(comment, &comment->text, error);
    else
        comment->text = read_bare(comment, "");
    if (code)
        return code;
    put(comment, '\0');
    return split_text(comment, error);
}

static enum vt_code read_element(struct vt_comment *comment, struct vt_error *error)
{
    const bool quoted = at_quote(comment);
    struct vt_word word = {0};
    if (quoted) {
        const enum vt_code code = read_quoted(comment, &word, error);
        if (code)
            return code;
    } else {
        word = read_bare(comment, ",[]{}\"'");
    }
    return add_item(comment, word, quoted, error);
}

/* The rows of a nested array, all of one length. */
struct rows {
    struct vt_place place; /* of the array */
    bool inside;           /* a row is being read */
    size_t start;          /* first item of the row being read */
    size_t length;         /* of the first row */
    size_t count;
};

/* Between rows: there must be nothing but rows, or none. */
static enum vt_code check_rows(const struct vt_comment *comment, const struct rows *rows,
                               struct vt_error *error)
{
    if (comment->n_items == rows->count * rows->length)
        return VT_OK;
    return vt_fail_at(error, rows->place, VT_INPUT, "this array mixes rows and single values");
}

static enum vt_code begin_row(const struct vt_comment *comment, struct rows *rows,
                              struct vt_error *error)
{
    rows->inside = true;
    rows->start = comment->n_items;
    return check_rows(comment, rows, error);
}

static enum vt_code end_row(const struct vt_comment *comment, struct rows *rows,
                            struct vt_error *error)
{
    const size_t length = comment->n_items - rows->start;
    if (rows->count == 0)
        rows->length = length;
    rows->inside = false;
    rows->count++;
    if (length == rows->length)
        return VT_OK;
    return vt_fail_at(error, place_of(comment, comment->at), VT_INPUT,
                      "the rows of this array differ in length");
}

/* What begins at comment->at within an array. *done: it was the end of the array. */
static enum vt_code read_part(struct vt_comment *comment, struct rows *rows, const char brackets[2],
                              bool *done, struct vt_error *error)
{
    const char c = *comment->at;
    *done = c == brackets[1] && !rows->inside;
    if (!strchr("[]{}", c))
        return read_element(comment, error);
    enum vt_code code = VT_OK;
    if (*done)
        code = rows->count > 0 ? check_rows(comment, rows, error) : VT_OK;
    else if (c == brackets[1])
        code = end_row(comment, rows, error);
    else if (c == brackets[0] && !rows->inside)
        code = begin_row(comment, rows, error);
    else
        code = vt_fail_at(error, place_of(comment, comment->at), VT_INPUT,
                          "unexpected '%c' in an array", c);
    comment->at++;
    return code;
}

static enum vt_code read_array(struct vt_comment *comment, struct vt_error *error)
{
    struct rows rows = {.place = place_of(comment, comment->at)};
    bool done = false;
    enum vt_code code = VT_OK;
    comment->form = *comment->at == '[' ? VT_FORM_BRACKETS : VT_FORM_BRACES;
    const char *brackets = *comment->at == '[' ? "[]" : "{}";
    comment->at++;
    while (!code && !done) {
        while (comment->at < comment->end && is_separator(*comment->at))
            comment->at++;
        if (comment->at == comment->end)
            return vt_fail_at(error, rows.place, VT_INPUT,
                              "the bracket that opens here is not closed");
        code = read_part(comment, &rows, brackets, &done, error);
    }
    return code;
}

static enum vt_code read_key(struct vt_comment *comment, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    const struct vt_place place = place_of(comment, comment->at);
    if (at_quote(comment))
        code = read_quoted(comment, &comment->key, error);
    else
        comment->key = read_bare(comment, "=");
    if (code)
        return code;
    put(comment, '\0');
    if (comment->key.length == 0)
        return vt_fail_at(error, place, VT_INPUT, "the name of a key is missing");
    return VT_OK;
}

/* ---- the line ---- */

enum vt_code vt_comment_start(struct vt_comment *comment, const struct vt_word *line,
                              struct vt_error *error)
{
    assert(comment && line);
    comment->start = comment->at = line->text;
    comment->end = line->text + line->length;
    comment->place = line->place;
    for (const char *p = comment->start; p < comment->end; p++)
        if ((unsigned char)*p < 0x20 && *p != '\t')
            return vt_fail_at(error, place_of(comment, p), VT_INPUT,
                              "the comment line has a control character (0x%02x)",
                              (unsigned)(unsigned char)*p);
    /* Two terminators, of the key and the text. */
    return vt_reserve(&comment->decoded, &comment->decoded_capacity, line->length + 2, 1,
                      "a comment line", error);
}

enum vt_code vt_comment_next(struct vt_comment *comment, bool *end, struct vt_error *error)
{
    assert(comment && end);
    comment->decoded_length = 0;
    comment->n_items = 0;
    comment->form = VT_FORM_BARE_KEY;
    skip_blanks(comment);
    *end = comment->at == comment->end;
    if (*end)
        return VT_OK;
    enum vt_code code = read_key(comment, error);
    if (code)
        return code;
    const char *after_key = comment->at;
    skip_blanks(comment);
    if (comment->at == comment->end || *comment->at != '=') {
        comment->at = after_key;
    } else {
        comment->at++;
        skip_blanks(comment);
        const bool is_array =
            comment->at < comment->end && (*comment->at == '[' || *comment->at == '{');
        code = is_array ? read_array(comment, error) : read_text(comment, error);
    }
    if (!code && comment->at < comment->end && !is_blank(*comment->at))
        return vt_fail_at(error, place_of(comment, comment->at), VT_INPUT,
                          "expected a blank before '%c'", *comment->at);
    return code;
}

void vt_comment_destroy(struct vt_comment *comment)
{
    if (!comment)
        return;
    vt_free(comment->items);
    vt_free(comment->decoded);
    *comment = (struct vt_comment){0};
}
