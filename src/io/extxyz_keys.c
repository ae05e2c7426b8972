/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The type of a value is found the way ASE does it: all words integers, else all numbers, else all
 * T or F, else text. Quotes around the whole value play no part in it: "1 2 3" is an array of
 * integers. */
#include "io/extxyz_keys.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

/* Looking for a name among the keys is linear; this keeps a line made to hurt from taking hours. */
enum { MAX_KEYS = 10000 };

/* What one pass over the line has found. */
struct seen {
    bool lattice, layout, periodic;
};

bool vt_extxyz_logical(const struct vt_word *word, bool *value)
{
    assert(word && value);
    static const char *const yes[] = {"T", "true", "True", "TRUE"};
    static const char *const no[] = {"F", "false", "False", "FALSE"};
    for (size_t i = 0; i < 4; i++) {
        *value = vt_word_is(word, yes[i]);
        if (*value || vt_word_is(word, no[i]))
            return true;
    }
    return false;
}

static bool is_of_type(const struct vt_item *item, enum vt_value_type type)
{
    double real;
    int64_t integer;
    bool logical;
    const struct vt_word *word = &item->word;
    switch (type) {
    case VT_REAL:
        return !item->quoted && vt_parse_double(word->text, word->length, &real);
    case VT_INTEGER:
        return !item->quoted && vt_parse_int64(word->text, word->length, &integer);
    case VT_LOGICAL:
        return !item->quoted && word->length == 1 && vt_extxyz_logical(word, &logical);
    case VT_STRING:
        break;
    }
    return true;
}

static enum vt_value_type type_of(const struct vt_comment *comment)
{
    static const enum vt_value_type order[] = {VT_INTEGER, VT_REAL, VT_LOGICAL};
    if (comment->n_items == 0)
        return comment->form == VT_FORM_TEXT ? VT_STRING : VT_REAL;
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        size_t i = 0;
        while (i < comment->n_items && is_of_type(&comment->items[i], order[k]))
            i++;
        if (i == comment->n_items)
            return order[k];
    }
    return VT_STRING;
}

static enum vt_code fail_at_key(const struct vt_comment *comment, struct vt_error *error,
                                const char *what)
{
    return vt_fail_at(error, comment->key.place, VT_INPUT, "%s %s",
                      vt_word_shown(&comment->key).text, what);
}

/* ---- the keys that have a field of the frame ---- */

/* All items as finite numbers; there must be few enough of them. */
static enum vt_code read_numbers(const struct vt_comment *comment, size_t most, double *numbers,
                                 struct vt_error *error)
{
    assert(numbers && most > 0);
    for (size_t i = 0; i < comment->n_items && i < most; i++) {
        const enum vt_code code = vt_word_real(
            &comment->items[i].word, vt_word_shown(&comment->key).text, &numbers[i], error);
        if (code)
            return code;
    }
    return VT_OK;
}

static enum vt_code read_lattice(const struct vt_comment *comment, struct vt_frame *frame,
                                 struct vt_error *error)
{
    double numbers[9];
    const enum vt_code code = read_numbers(comment, 9, numbers, error);
    if (code)
        return code;
    if (comment->n_items != 9 && comment->n_items != 3) {
        vt_fail_at(error, comment->key.place, VT_INPUT, "expected 9 numbers for %s, found %zu",
                   comment->key.text, comment->n_items);
        vt_hint(error, "the vectors a, b and c, or 3 numbers for the edges of a rectangular box");
        return VT_INPUT;
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            frame->cell[i][j] =
                comment->n_items == 9 ? numbers[3 * i + j] : (i == j ? numbers[i] : 0.0);
    frame->has_cell = true;
    return VT_OK;
}

static enum vt_code read_periodic(const struct vt_comment *comment, struct vt_frame *frame,
                                  struct vt_error *error)
{
    if (comment->n_items != 3 && comment->n_items != 1) {
        vt_fail_at(error, comment->key.place, VT_INPUT, "expected 3 values for %s, found %zu",
                   comment->key.text, comment->n_items);
        vt_hint(error, "for example pbc=\"T T F\"");
        return VT_INPUT;
    }
    for (size_t i = 0; i < 3; i++) {
        const struct vt_word *word = &comment->items[comment->n_items == 3 ? i : 0].word;
        bool *periodic = &frame->periodic[i];
        if (vt_word_is(word, "1") || vt_word_is(word, "0"))
            *periodic = word->text[0] == '1';
        else if (!vt_extxyz_logical(word, periodic))
            return vt_fail_at(error, word->place, VT_INPUT, "expected T or F (%s), found '%s'",
                              comment->key.text, vt_word_shown(word).text);
    }
    return VT_OK;
}

/* ---- all other keys ---- */

static enum vt_code copy_word(char **copy, const struct vt_word *word, struct vt_error *error)
{
    const enum vt_code code = vt_alloc(copy, word->length + 1, 1, "text of a key", error);
    if (!code && word->length > 0)
        memcpy(*copy, word->text, word->length);
    return code;
}

static enum vt_code fill_key(const struct vt_comment *comment, struct vt_key *key,
                             struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < key->count && !code; i++) {
        const struct vt_word *word = &comment->items[i].word;
        switch (key->type) {
        case VT_REAL:
            vt_parse_double(word->text, word->length, &key->real[i]);
            break;
        case VT_INTEGER:
            vt_parse_int64(word->text, word->length, &key->integer[i]);
            break;
        case VT_LOGICAL:
            vt_extxyz_logical(word, &key->logical[i]);
            break;
        case VT_STRING:
            code = copy_word(&key->string[i], word, error);
            break;
        }
    }
    return code;
}

/* Nothing at all needs a spelling of its own: after an empty pair of quotes ASE takes the next word
 * for the value. */
static bool is_empty_text(const struct vt_word *text)
{
    return text->length == 0 || vt_word_is(text, "_JSON \"\"");
}

static enum vt_code set_key(const struct vt_comment *comment, struct vt_frame *frame,
                            struct vt_error *error)
{
    const char *name = comment->key.text;
    struct vt_key *key = NULL;
    enum vt_code code = VT_OK;
    if (comment->form == VT_FORM_BARE_KEY) {
        code = vt_frame_add_key(frame, name, VT_LOGICAL, 1, &key, error);
        if (!code)
            key->logical[0] = true;
        return code;
    }
    if (comment->form == VT_FORM_TEXT && vt_word_is(&comment->text, "_JSON []"))
        return vt_frame_set_reals(frame, name, NULL, 0, error);
    const enum vt_value_type type = type_of(comment);
    if (comment->form == VT_FORM_TEXT && type == VT_STRING)
        return vt_frame_set_string(frame, name,
                                   is_empty_text(&comment->text) ? "" : comment->text.text, error);
    code = vt_frame_add_key(frame, name, type, comment->n_items, &key, error);
    if (!code) {
        key->is_array = comment->n_items != 1 || comment->form == VT_FORM_BRACKETS;
        code = fill_key(comment, key, error);
    }
    return code;
}

/* A quantity that the program works with must be what its name says. */
static enum vt_code check_known_key(const struct vt_comment *comment, struct vt_error *error)
{
    static const struct {
        const char *name;
        size_t count, other_count;
    } known[] = {{"energy", 1, 1}, {"virial", 9, 9}, {"stress", 9, 6}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        if (strcasecmp(comment->key.text, known[k].name) != 0)
            continue;
        double numbers[9];
        if (comment->n_items != known[k].count && comment->n_items != known[k].other_count)
            return vt_fail_at(error, comment->key.place, VT_INPUT,
                              "expected %zu number%s for %s, found %zu", known[k].count,
                              known[k].count == 1 ? "" : "s", comment->key.text, comment->n_items);
        return read_numbers(comment, 9, numbers, error);
    }
    return VT_OK;
}

static enum vt_code read_other_key(const struct vt_comment *comment, struct vt_frame *frame,
                                   struct vt_error *error)
{
    if (frame->n_keys == MAX_KEYS)
        return vt_fail_at(error, comment->key.place, VT_INPUT,
                          "the comment line has more than %d keys", MAX_KEYS);
    if (vt_frame_key(frame, comment->key.text))
        return fail_at_key(comment, error, "is there twice");
    const enum vt_code code = check_known_key(comment, error);
    return code ? code : set_key(comment, frame, error);
}

/* ---- the line ---- */

static enum vt_code read_key(const struct vt_comment *comment, struct vt_frame *frame,
                             struct vt_layout *layout, struct seen *seen, struct vt_error *error)
{
    const char *name = comment->key.text;
    bool *special = strcasecmp(name, "Lattice") == 0      ? &seen->lattice
                    : strcasecmp(name, "Properties") == 0 ? &seen->layout
                    : strcasecmp(name, "pbc") == 0        ? &seen->periodic
                                                          : NULL;
    if (!special)
        return read_other_key(comment, frame, error);
    if (*special)
        return fail_at_key(comment, error, "is there twice");
    *special = true;
    if (special == &seen->lattice)
        return read_lattice(comment, frame, error);
    if (special == &seen->periodic)
        return read_periodic(comment, frame, error);
    if (comment->form != VT_FORM_TEXT)
        return fail_at_key(comment, error, "has no value");
    return vt_layout_read(layout, &comment->text, frame, error);
}

static enum vt_code read_all(struct vt_comment *comment, struct vt_frame *frame,
                             struct vt_layout *layout, struct vt_error *error)
{
    struct seen seen = {false, false, false};
    bool end = false;
    enum vt_code code = VT_OK;
    while (!code) {
        code = vt_comment_next(comment, &end, error);
        if (code || end)
            break;
        code = read_key(comment, frame, layout, &seen, error);
    }
    if (!code && seen.lattice && !seen.periodic)
        for (int i = 0; i < 3; i++)
            frame->periodic[i] = true;
    return code;
}

/* Is there NAME= somewhere? */
static bool assigns(const struct vt_word *line, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i + length < line->length; i++) {
        if (strncasecmp(line->text + i, name, length) != 0)
            continue;
        size_t k = i + length;
        while (k < line->length && (line->text[k] == ' ' || line->text[k] == '\t'))
            k++;
        if (k < line->length && line->text[k] == '=')
            return true;
    }
    return false;
}

static enum vt_code keep_title(const struct vt_word *line, struct vt_frame *frame,
                               struct vt_error *error)
{
    struct vt_key *key = NULL;
    const enum vt_code code = vt_frame_add_key(frame, "comment", VT_STRING, 1, &key, error);
    return code ? code : copy_word(&key->string[0], line, error);
}

enum vt_code vt_extxyz_read_keys(struct vt_comment *comment, const struct vt_word *line,
                                 struct vt_frame *frame, struct vt_layout *layout,
                                 struct vt_error *error)
{
    assert(frame->n_atoms == 0 && frame->n_keys == 0 && frame->n_columns == 0);
    enum vt_code code = vt_layout_assume(layout, error);
    if (!code)
        code = vt_comment_start(comment, line, error);
    if (code)
        return code;
    const bool is_extended = assigns(line, "Lattice") || assigns(line, "Properties");
    if (is_extended || memchr(line->text, '=', line->length)) {
        code = read_all(comment, frame, layout, error);
        if (code != VT_INPUT || is_extended)
            return code;
        vt_frame_clear(frame);
    }
    return line->length > 0 ? keep_title(line, frame, error) : VT_OK;
}
