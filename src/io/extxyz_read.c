/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Almost all of the time goes into the atom lines, so these are read by one plain loop over the
 * words of a line that only tells good from bad; what exactly is wrong is found out afterwards,
 * from the line.
 *
 * The number of atoms in the head of a frame is a claim: the arrays grow with the lines that are
 * there. */
#include "io/extxyz.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/extxyz_comment.h"
#include "io/extxyz_keys.h"
#include "io/extxyz_layout.h"
#include "io/extxyz_lines.h"
#include "io/scan.h"

struct vt_extxyz_reader {
    char *name; /* for messages */
    int descriptor;
    struct vt_lines lines;
    struct vt_comment comment;
    struct vt_layout layout;
    size_t index;        /* of the next frame */
    long head;           /* line of the last head of a frame */
    size_t announced;    /* atoms in it */
    enum vt_code failed; /* once set, reading is over */
    struct vt_error error;
};

/* ---- opening and closing ---- */

static enum vt_code make_reader(struct vt_extxyz_reader **reader, const char *name,
                                struct vt_error *error)
{
    struct vt_extxyz_reader *made = NULL;
    *reader = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "reader of extended XYZ", error);
    if (code)
        return code;
    made->descriptor = -1;
    code = vt_copy_text(&made->name, name, "file name", error);
    if (code) {
        vt_extxyz_close(made);
        return code;
    }
    *reader = made;
    return VT_OK;
}

enum vt_code vt_extxyz_open(struct vt_extxyz_reader **reader, const char *path,
                            struct vt_error *error)
{
    assert(reader && path);
    const bool is_standard = strcmp(path, "-") == 0;
    enum vt_code code = make_reader(reader, is_standard ? "<stdin>" : path, error);
    if (code)
        return code;
    int descriptor = STDIN_FILENO;
    if (!is_standard) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC);
        (*reader)->descriptor = descriptor;
    }
    if (descriptor < 0) {
        const bool is_machine = errno == EMFILE || errno == ENFILE || errno == EIO;
        code = vt_fail_at(error, (struct vt_place){path, 0, 0}, is_machine ? VT_IO : VT_INPUT,
                          "cannot open: %s", strerror(errno));
        vt_extxyz_close(*reader);
        *reader = NULL;
        return code;
    }
    vt_lines_of_descriptor(&(*reader)->lines, (*reader)->name, descriptor);
    return VT_OK;
}

enum vt_code vt_extxyz_open_memory(struct vt_extxyz_reader **reader, const char *name,
                                   const void *data, size_t size, struct vt_error *error)
{
    assert(reader && name);
    const enum vt_code code = make_reader(reader, name, error);
    if (!code)
        vt_lines_of_memory(&(*reader)->lines, (*reader)->name, data, size);
    return code;
}

void vt_extxyz_close(struct vt_extxyz_reader *reader)
{
    if (!reader)
        return;
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    vt_lines_destroy(&reader->lines);
    vt_comment_destroy(&reader->comment);
    vt_layout_destroy(&reader->layout);
    vt_free(reader->name);
    vt_free(reader);
}

/* ---- words of the current line ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word from *p on, which moves behind it. Length 0: there is none, or a control character
 * is in its place. */
static inline struct vt_word next_word(const char **p, const char *end)
{
    struct vt_word word = {0};
    const char *at = *p;
    while (at < end && is_blank(*at))
        at++;
    word.text = at;
    while (at < end && (unsigned char)*at > ' ')
        at++;
    word.length = (size_t)(at - word.text);
    *p = at;
    return word;
}

static struct vt_place place_of(const struct vt_lines *lines, const char *p)
{
    return (struct vt_place){lines->file, lines->number, (long)(p - lines->line) + 1};
}

static struct vt_word whole_line(const struct vt_lines *lines)
{
    return (struct vt_word){lines->line, lines->length, place_of(lines, lines->line)};
}

static bool is_empty(const struct vt_lines *lines)
{
    for (size_t i = 0; i < lines->length; i++)
        if (!is_blank(lines->line[i]))
            return false;
    return true;
}

/* A control character where text should be. */
static enum vt_code check_is_text(const struct vt_lines *lines, struct vt_error *error)
{
    for (size_t i = 0; i < lines->length; i++) {
        const unsigned char c = (unsigned char)lines->line[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return vt_fail_at(error, place_of(lines, lines->line + i), VT_INPUT,
                              "this is not text: control character 0x%02x", (unsigned)c);
    }
    return VT_OK;
}

/* ---- what is wrong with an atom line ---- */

static const char *field_name(const struct vt_frame *frame, const struct vt_field *field)
{
    switch (field->role) {
    case VT_ROLE_SYMBOL:
    case VT_ROLE_NUMBER:
        return "element";
    case VT_ROLE_POSITION:
        return "position";
    case VT_ROLE_COLUMN:
        break;
    }
    return frame->columns[field->column].name;
}

static enum vt_code fail_symbol(const struct vt_word *word, struct vt_error *error)
{
    const char *symbols[VT_ELEMENTS + 1] = {NULL};
    for (int i = 0; i < VT_ELEMENTS; i++)
        symbols[i] = vt_element_symbol(i + 1);
    const struct vt_shown shown = vt_word_shown(word);
    vt_fail_at(error, word->place, VT_INPUT, "unknown element '%s'", shown.text);
    const char *nearest = vt_nearest(shown.text, symbols);
    int64_t number = 0;
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else if (vt_parse_int64(word->text, word->length, &number))
        vt_hint(error, "a column of atomic numbers is named Z:I:1");
    return VT_INPUT;
}

static enum vt_code fail_word(const struct vt_frame *frame, const struct vt_field *field,
                              const struct vt_word *word, struct vt_error *error)
{
    if (field->role == VT_ROLE_SYMBOL)
        return fail_symbol(word, error);
    const char *expected = field->role == VT_ROLE_NUMBER ? "an atomic number"
                           : field->type == VT_REAL      ? "a finite number"
                           : field->type == VT_INTEGER   ? "an integer"
                                                         : "T or F";
    return vt_fail_at(error, word->place, VT_INPUT, "expected %s (%s), found '%s'", expected,
                      field_name(frame, field), vt_word_shown(word).text);
}

/* The line has `found` words; `surplus` is the first one too many, or the end of the line. */
static enum vt_code fail_count(const struct vt_extxyz_reader *reader, size_t found,
                               const char *surplus, size_t atom, struct vt_error *error)
{
    const struct vt_lines *lines = &reader->lines;
    const char *p = lines->line;
    const struct vt_word first = next_word(&p, lines->line + lines->length);
    int64_t number = 0;
    if (found == 0 || (found == 1 && vt_parse_int64(first.text, first.length, &number))) {
        vt_fail_at(error, place_of(lines, first.text), VT_INPUT,
                   "the frame of line %ld announces %zu atoms but has %zu", reader->head,
                   reader->announced, atom);
        if (found == 1)
            vt_hint(error, "this line looks like the head of the next frame");
        return VT_INPUT;
    }
    vt_fail_at(error, place_of(lines, surplus), VT_INPUT,
               "expected %zu words for an atom, found %zu", reader->layout.n_words, found);
    if (!reader->layout.is_stated)
        vt_hint(error, "name the columns in the comment line: Properties=species:S:1:pos:R:3:...");
    return VT_INPUT;
}

/* Find out what is wrong with the current line. word: the one that does not fit its field; NULL:
 * their number is wrong. */
static enum vt_code fail_line(const struct vt_extxyz_reader *reader, const struct vt_frame *frame,
                              const struct vt_field *field, struct vt_word *word, size_t atom,
                              struct vt_error *error)
{
    const struct vt_lines *lines = &reader->lines;
    const char *const end = lines->line + lines->length;
    const enum vt_code code = check_is_text(lines, error);
    if (code)
        return code;
    const char *p = lines->line;
    const char *surplus = end;
    size_t found = 0;
    for (;; found++) {
        const struct vt_word next = next_word(&p, end);
        if (next.length == 0)
            break;
        if (found == reader->layout.n_words)
            surplus = next.text;
    }
    if (found != reader->layout.n_words)
        return fail_count(reader, found, surplus, atom, error);
    assert(word);
    word->place = place_of(lines, word->text);
    return fail_word(frame, field, word, error);
}

/* ---- atom lines ---- */

static enum vt_code read_string(const struct vt_word *word, char **string, struct vt_error *error)
{
    const enum vt_code code = vt_alloc(string, word->length + 1, 1, "text of an atom", error);
    if (!code)
        memcpy(*string, word->text, word->length);
    return code;
}

static enum vt_code good_if(bool good)
{
    return good ? VT_OK : VT_INPUT;
}

/* Like read_word. */
static enum vt_code read_value(const struct vt_word *word, struct vt_column *column, size_t i,
                               struct vt_error *error)
{
    switch (column->type) {
    case VT_REAL:
        return good_if(vt_parse_double(word->text, word->length, &column->real[i]));
    case VT_INTEGER:
        return good_if(vt_parse_int64(word->text, word->length, &column->integer[i]));
    case VT_LOGICAL:
        return good_if(vt_extxyz_logical(word, &column->logical[i]));
    case VT_STRING:
        break;
    }
    return read_string(word, &column->string[i], error);
}

/* Value k of the field of the atom. VT_INPUT: the word does not fit, which is left to be explained;
 * *error is filled for other failures only. */
static enum vt_code read_word(const struct vt_word *word, const struct vt_field *field,
                              struct vt_frame *frame, size_t atom, size_t k, struct vt_error *error)
{
    int64_t number = 0;
    switch (field->role) {
    case VT_ROLE_SYMBOL:
        frame->element[atom] = (uint8_t)vt_atomic_number(word->text, word->length);
        return good_if(frame->element[atom] != 0);
    case VT_ROLE_NUMBER:
        if (!vt_parse_int64(word->text, word->length, &number) || number < 1 ||
            number > VT_ELEMENTS)
            return VT_INPUT;
        frame->element[atom] = (uint8_t)number;
        return VT_OK;
    case VT_ROLE_POSITION:
        return good_if(vt_parse_double(word->text, word->length, &frame->position[atom][k]));
    case VT_ROLE_COLUMN:
        break;
    }
    return read_value(word, &frame->columns[field->column], atom * field->width + k, error);
}

static enum vt_code read_atom(const struct vt_extxyz_reader *reader, struct vt_frame *frame,
                              size_t atom, struct vt_error *error)
{
    assert(atom < frame->n_atoms);
    const struct vt_lines *lines = &reader->lines;
    const char *p = lines->line;
    const char *const end = p + lines->length;
    for (size_t f = 0; f < reader->layout.n_fields; f++) {
        const struct vt_field *field = &reader->layout.fields[f];
        for (size_t k = 0; k < field->width; k++) {
            struct vt_word word = next_word(&p, end);
            if (word.length == 0)
                return fail_line(reader, frame, NULL, NULL, atom, error);
            const enum vt_code code = read_word(&word, field, frame, atom, k, error);
            if (code == VT_INPUT)
                return fail_line(reader, frame, field, &word, atom, error);
            if (code)
                return code;
        }
    }
    while (p < end && is_blank(*p))
        p++;
    return p == end ? VT_OK : fail_line(reader, frame, NULL, NULL, atom, error);
}

/* Make room for the atom of the current line and more, in proportion to what has been read. */
static enum vt_code grow(const struct vt_extxyz_reader *reader, struct vt_frame *frame,
                         struct vt_error *error)
{
    enum { FIRST_WORDS = 1 << 16 };
    const size_t atom = frame->n_atoms;
    const size_t n_words = reader->layout.n_words;
    const struct vt_lines *lines = &reader->lines;
    if (lines->length + 1 < 2 * n_words) /* the words and the blanks between them */
        return fail_line(reader, frame, NULL, NULL, atom, error);
    const size_t room = atom == 0 ? FIRST_WORDS / n_words + 1 : 2 * atom;
    return vt_frame_resize(frame, room < reader->announced ? room : reader->announced, error);
}

static enum vt_code read_atoms(struct vt_extxyz_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    struct vt_lines *lines = &reader->lines;
    bool end = false;
    for (size_t atom = 0; atom < reader->announced; atom++) {
        enum vt_code code = vt_lines_next(lines, &end, error);
        if (!code && end)
            code = vt_fail_at(error, (struct vt_place){lines->file, lines->number, 0}, VT_INPUT,
                              "the file ends after %zu of the %zu atoms that line %ld announces",
                              atom, reader->announced, reader->head);
        if (!code && atom == frame->n_atoms)
            code = grow(reader, frame, error);
        if (!code)
            code = read_atom(reader, frame, atom, error);
        if (code)
            return code;
    }
    return VT_OK;
}

/* ---- frames ---- */

/* An empty line ends the file, but only if nothing comes after it. */
static enum vt_code expect_nothing_more(struct vt_extxyz_reader *reader, struct vt_error *error)
{
    const long blank = reader->lines.number;
    bool end = false;
    enum vt_code code = VT_OK;
    while (!code && !end && is_empty(&reader->lines))
        code = vt_lines_next(&reader->lines, &end, error);
    if (code || end)
        return code;
    vt_fail_at(error, place_of(&reader->lines, reader->lines.line), VT_INPUT,
               "there is more after the empty line %ld, where other programs stop reading", blank);
    vt_hint(error, "remove the empty line, or what follows it");
    return VT_INPUT;
}

static void skip_byte_order_mark(struct vt_lines *lines)
{
    if (lines->number == 1 && lines->length >= 3 && memcmp(lines->line, "\xef\xbb\xbf", 3) == 0) {
        lines->line += 3;
        lines->length -= 3;
    }
}

/* The line with the number of atoms. *end: there is none. */
static enum vt_code read_head(struct vt_extxyz_reader *reader, bool *end, struct vt_error *error)
{
    struct vt_lines *lines = &reader->lines;
    enum vt_code code = vt_lines_next(lines, end, error);
    if (code || *end)
        return code;
    skip_byte_order_mark(lines);
    code = check_is_text(lines, error);
    if (code)
        return code;
    if (is_empty(lines)) {
        *end = true;
        return expect_nothing_more(reader, error);
    }
    const char *p = lines->line;
    const char *const stop = p + lines->length;
    struct vt_word word = next_word(&p, stop);
    word.place = place_of(lines, word.text);
    int64_t number = 0;
    if (!vt_parse_int64(word.text, word.length, &number)) {
        vt_fail_at(error, word.place, VT_INPUT, "expected the number of atoms, found '%s'",
                   vt_word_shown(&word).text);
        if (reader->index > 0)
            vt_hint(error, "the frame before, of line %ld, announces %zu atoms: has it more?",
                    reader->head, reader->announced);
        return VT_INPUT;
    }
    const struct vt_word next = next_word(&p, stop);
    if (next.length > 0)
        return vt_fail_at(error, place_of(lines, next.text), VT_INPUT,
                          "expected only the number of atoms in this line, found '%s'",
                          vt_word_shown(&next).text);
    if (number < 1)
        return vt_fail_at(error, word.place, VT_INPUT, "a frame must have at least one atom");
    reader->head = lines->number;
    reader->announced = (size_t)number;
    return VT_OK;
}

static enum vt_code read_frame(struct vt_extxyz_reader *reader, struct vt_frame *frame, bool *end,
                               struct vt_error *error)
{
    struct vt_lines *lines = &reader->lines;
    enum vt_code code = read_head(reader, end, error);
    if (code || *end)
        return code;
    bool cut = false;
    code = vt_lines_next(lines, &cut, error);
    if (!code && cut)
        code = vt_fail_at(error, (struct vt_place){lines->file, lines->number, 0}, VT_INPUT,
                          "the file ends after the number of atoms");
    const struct vt_word comment = whole_line(lines);
    if (!code)
        code = vt_extxyz_read_keys(&reader->comment, &comment, frame, &reader->layout, error);
    if (!code)
        code = read_atoms(reader, frame, error);
    if (code)
        return code;
    frame->file = reader->name;
    frame->line = reader->head;
    frame->index = reader->index++;
    return VT_OK;
}

enum vt_code vt_extxyz_read(struct vt_extxyz_reader *reader, struct vt_frame *frame, bool *end,
                            struct vt_error *error)
{
    assert(reader && frame && end);
    vt_frame_clear(frame);
    *end = false;
    if (!reader->failed)
        reader->failed = read_frame(reader, frame, end, &reader->error);
    if (!reader->failed)
        return VT_OK;
    vt_frame_clear(frame);
    if (error)
        *error = reader->error;
    return reader->failed;
}
