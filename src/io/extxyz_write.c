/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text is gathered in a buffer that is handed to the stream now and then: a call of the C library
 * for each number would take longer than making the number. */
#include "io/extxyz.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/elements.h"
#include "io/extxyz_number.h"

struct writer {
    FILE *file;
    int digits;
    size_t length;
    int failed; /* errno of the first failure */
    bool not_finite;
    char buffer[1 << 15];
};

static void flush(struct writer *writer)
{
    if (writer->failed)
        return;
    errno = 0;
    if (fwrite(writer->buffer, 1, writer->length, writer->file) != writer->length)
        writer->failed = errno ? errno : EIO;
    writer->length = 0;
}

/* Room for n more bytes; n is small. */
static char *room(struct writer *writer, size_t n)
{
    assert(n <= sizeof writer->buffer);
    if (sizeof writer->buffer - writer->length < n)
        flush(writer);
    if (writer->failed)
        writer->length = 0;
    return writer->buffer + writer->length;
}

static void put_character(struct writer *writer, char c)
{
    *room(writer, 1) = c;
    writer->length++;
}

static void put_text(struct writer *writer, const char *text)
{
    for (; *text; text++)
        put_character(writer, *text);
}

static void put_real(struct writer *writer, double value)
{
    if (!isfinite(value)) {
        writer->not_finite = true;
        return;
    }
    writer->length += vt_write_number(room(writer, VT_NUMBER_SIZE), value, writer->digits);
}

static void put_integer(struct writer *writer, int64_t value)
{
    enum { SIZE = 24 };
    writer->length += (size_t)snprintf(room(writer, SIZE), SIZE, "%" PRId64, value);
}

static void put_logical(struct writer *writer, bool value)
{
    put_character(writer, value ? 'T' : 'F');
}

/* ---- text in the comment line ---- */

/* Characters that mean nothing to any reader of the format. */
static bool is_bare(const char *text)
{
    static const char bare[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.:/";
    return *text && text[strspn(text, bare)] == '\0';
}

/* `special` characters get a backslash, a line feed becomes \n. */
static void put_escaped(struct writer *writer, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\n' || strchr(special, *text))
            put_character(writer, '\\');
        put_character(writer, *text == '\n' ? 'n' : *text);
    }
}

static void put_quoted(struct writer *writer, const char *text, const char *special)
{
    put_character(writer, '"');
    put_escaped(writer, text, special);
    put_character(writer, '"');
}

static void put_string(struct writer *writer, const char *text)
{
    if (is_bare(text))
        put_text(writer, text);
    else
        put_quoted(writer, *text ? text : "_JSON \"\"", "\"\\");
}

/* ---- the comment line ---- */

static void put_cell(struct writer *writer, const struct vt_frame *frame)
{
    put_text(writer, "Lattice=\"");
    for (int i = 0; i < 9; i++) {
        if (i > 0)
            put_character(writer, ' ');
        put_real(writer, frame->cell[i / 3][i % 3]);
    }
    put_text(writer, "\" ");
}

static void put_layout(struct writer *writer, const struct vt_frame *frame)
{
    static const char letter[] = {
        [VT_REAL] = 'R', [VT_INTEGER] = 'I', [VT_LOGICAL] = 'L', [VT_STRING] = 'S'};
    bool bare = true;
    for (size_t i = 0; i < frame->n_columns; i++)
        bare &= is_bare(frame->columns[i].name);
    put_text(writer, bare ? "Properties=" : "Properties=\"");
    put_text(writer, "species:S:1:pos:R:3");
    for (size_t i = 0; i < frame->n_columns; i++) {
        const struct vt_column *column = &frame->columns[i];
        put_character(writer, ':');
        put_escaped(writer, column->name, "\"\\");
        put_character(writer, ':');
        put_character(writer, letter[column->type]);
        put_character(writer, ':');
        put_integer(writer, (int64_t)column->width);
    }
    if (!bare)
        put_character(writer, '"');
}

static void put_value(struct writer *writer, const struct vt_key *key, size_t i)
{
    switch (key->type) {
    case VT_REAL:
        put_real(writer, key->real[i]);
        break;
    case VT_INTEGER:
        put_integer(writer, key->integer[i]);
        break;
    case VT_LOGICAL:
        put_logical(writer, key->logical[i]);
        break;
    case VT_STRING:
        put_quoted(writer, key->string[i], "\"\\]");
        break;
    }
}

/* Texts and single values in brackets, [a, b]; several numbers in quotes, "1 2 3", as every reader
 * knows them. */
static void put_array(struct writer *writer, const struct vt_key *key)
{
    const bool brackets = key->type == VT_STRING || key->count == 1;
    put_character(writer, brackets ? '[' : '"');
    for (size_t i = 0; i < key->count; i++) {
        if (i > 0)
            put_text(writer, brackets ? ", " : " ");
        put_value(writer, key, i);
    }
    put_character(writer, brackets ? ']' : '"');
}

static void put_key(struct writer *writer, const struct vt_key *key)
{
    put_character(writer, ' ');
    if (is_bare(key->name))
        put_text(writer, key->name);
    else
        put_quoted(writer, key->name, "\"\\");
    put_character(writer, '=');
    if (key->count == 0)
        put_text(writer, "\"_JSON []\"");
    else if (key->is_array)
        put_array(writer, key);
    else if (key->type == VT_STRING)
        put_string(writer, key->string[0]);
    else
        put_value(writer, key, 0);
}

static void put_comment(struct writer *writer, const struct vt_frame *frame)
{
    if (frame->has_cell)
        put_cell(writer, frame);
    put_layout(writer, frame);
    put_text(writer, " pbc=\"");
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            put_character(writer, ' ');
        put_logical(writer, frame->periodic[i]);
    }
    put_character(writer, '"');
    for (size_t i = 0; i < frame->n_keys; i++)
        put_key(writer, &frame->keys[i]);
    put_character(writer, '\n');
}

/* ---- the atoms ---- */

static bool is_word(const char *text)
{
    return text && *text && text[strcspn(text, " \t\r\n")] == '\0';
}

static void put_column(struct writer *writer, const struct vt_column *column, size_t atom)
{
    assert(column->width > 0);
    for (size_t i = atom * column->width; i < (atom + 1) * column->width; i++) {
        put_character(writer, ' ');
        switch (column->type) {
        case VT_REAL:
            put_real(writer, column->real[i]);
            break;
        case VT_INTEGER:
            put_integer(writer, column->integer[i]);
            break;
        case VT_LOGICAL:
            put_logical(writer, column->logical[i]);
            break;
        case VT_STRING:
            assert(is_word(column->string[i]));
            put_text(writer, column->string[i]);
            break;
        }
    }
}

static void put_atom(struct writer *writer, const struct vt_frame *frame, size_t atom)
{
    assert(atom < frame->n_atoms);
    put_text(writer, vt_element_symbol(frame->element[atom]));
    for (int k = 0; k < 3; k++) {
        put_character(writer, ' ');
        put_real(writer, frame->position[atom][k]);
    }
    for (size_t i = 0; i < frame->n_columns; i++)
        put_column(writer, &frame->columns[i], atom);
    put_character(writer, '\n');
}

enum vt_code vt_extxyz_write(FILE *file, const struct vt_frame *frame, int digits,
                             struct vt_error *error)
{
    assert(file && frame && digits >= 1 && digits <= 17);
    struct writer writer; /* the buffer stays uninitialised */
    writer.file = file;
    writer.digits = digits;
    writer.length = 0;
    writer.failed = 0;
    writer.not_finite = false;
    put_integer(&writer, (int64_t)frame->n_atoms);
    put_character(&writer, '\n');
    put_comment(&writer, frame);
    for (size_t i = 0; i < frame->n_atoms && !writer.failed && !writer.not_finite; i++)
        put_atom(&writer, frame, i);
    if (writer.not_finite)
        return vt_fail(error, VT_FAILED,
                       "cannot write a frame: it holds a number that is not finite");
    flush(&writer);
    if (!writer.failed && fflush(file) != 0)
        writer.failed = errno ? errno : EIO;
    if (writer.failed)
        return vt_fail(error, VT_IO, "cannot write a frame: %s", strerror(writer.failed));
    return VT_OK;
}
