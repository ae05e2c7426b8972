/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/xdatcar.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "io/scan.h"

enum { MOST_KINDS = 100, BYTES_OF_AN_ATOM = 6 /* "0 0 0" and a line feed */ };

struct vt_xdatcar_reader {
    struct vt_scan scan;
    bool has_head;
    double factor, cell[3][3];
    size_t n_kinds, n_atoms;
    uint8_t element[MOST_KINDS];
    size_t count[MOST_KINDS];
};

enum vt_code vt_xdatcar_open(struct vt_xdatcar_reader **reader, const char *name, const char *text,
                             size_t size, struct vt_error *error)
{
    assert(reader && name && text);
    const enum vt_code code = vt_alloc(reader, 1, sizeof **reader, "a reader", error);
    if (!code)
        vt_scan_start(&(*reader)->scan, name, text, size);
    return code;
}

void vt_xdatcar_close(struct vt_xdatcar_reader *reader)
{
    vt_free(reader);
}

static enum vt_code read_cell(struct vt_xdatcar_reader *reader, struct vt_error *error)
{
    struct vt_scan *scan = &reader->scan;
    struct vt_word word;
    enum vt_code code = vt_scan_need_line(scan, "factor of the cell", error);
    if (!code)
        code = vt_scan_expect(scan, &word, 1, "factor of the cell", error);
    if (!code)
        code = vt_word_real(&word, "factor of the cell", &reader->factor, error);
    if (!code && !(reader->factor > 0))
        code = vt_fail_at(error, word.place, VT_INPUT, "the factor of the cell is not positive");
    for (int d = 0; d < 3 && !code; d++) {
        code = vt_scan_need_line(scan, "cell", error);
        if (!code)
            code = vt_scan_triple(scan, "cell vector", reader->cell[d], error);
        for (int k = 0; k < 3; k++)
            reader->cell[d][k] *= reader->factor;
    }
    return code;
}

static enum vt_code read_elements(struct vt_xdatcar_reader *reader, struct vt_error *error)
{
    struct vt_scan *scan = &reader->scan;
    struct vt_word word;
    const enum vt_code code = vt_scan_need_line(scan, "elements", error);
    if (code)
        return code;
    for (reader->n_kinds = 0; vt_scan_word(scan, &word); reader->n_kinds++) {
        const int z = vt_atomic_number(word.text, vt_word_letters(&word));
        if (z == 0) {
            vt_fail_at(error, word.place, VT_INPUT, "'%s' is no element",
                       vt_word_shown(&word).text);
            vt_hint(error, "files of VASP 4 have no line of elements: add one after the cell");
            return VT_INPUT;
        }
        if (reader->n_kinds == MOST_KINDS)
            return vt_fail_at(error, word.place, VT_INPUT, "there are more than %d elements",
                              MOST_KINDS);
        reader->element[reader->n_kinds] = (uint8_t)z;
    }
    if (reader->n_kinds == 0)
        return vt_fail_at(error, vt_scan_place(scan), VT_INPUT, "the line of elements is empty");
    return VT_OK;
}

static enum vt_code read_counts(struct vt_xdatcar_reader *reader, struct vt_error *error)
{
    struct vt_scan *scan = &reader->scan;
    struct vt_word word[MOST_KINDS];
    enum vt_code code = vt_scan_need_line(scan, "numbers of atoms", error);
    if (!code)
        code =
            vt_scan_expect(scan, word, reader->n_kinds, "number of atoms of each element", error);
    const int64_t most = (int64_t)(vt_scan_bytes_left(scan) / BYTES_OF_AN_ATOM) + 1;
    reader->n_atoms = 0;
    for (size_t k = 0; k < reader->n_kinds && !code; k++) {
        int64_t count = 0;
        code = vt_word_integer(&word[k], "number of atoms", 1, most, &count, error);
        reader->count[k] = (size_t)count;
        reader->n_atoms += (size_t)count;
    }
    return code;
}

/* The current line is the title. */
static enum vt_code read_head(struct vt_xdatcar_reader *reader, struct vt_error *error)
{
    enum vt_code code = read_cell(reader, error);
    if (!code)
        code = read_elements(reader, error);
    if (!code)
        code = read_counts(reader, error);
    reader->has_head = !code;
    return code;
}

/* Is the current line the start of a frame? A title may begin with the same letter. */
static bool is_start(const struct vt_scan *scan)
{
    struct vt_scan ahead = *scan;
    struct vt_word first, second;
    if (!vt_scan_word(&ahead, &first) || !vt_scan_word(&ahead, &second))
        return false;
    static const char word[] = "configuration";
    return second.length >= sizeof word - 1 && memcmp(second.text, word, sizeof word - 1) == 0;
}

/* The number at the end of the line, and whether coordinates are fractions of the cell. */
static enum vt_code read_start(struct vt_scan *scan, bool *is_direct, int64_t *number,
                               struct vt_error *error)
{
    struct vt_word word, last;
    vt_scan_word(scan, &word);
    *is_direct = word.text[0] == 'D' || word.text[0] == 'd';
    *number = 0;
    const char first = word.text[0];
    if (!*is_direct && first != 'C' && first != 'c' && first != 'K' && first != 'k')
        return vt_fail_at(error, word.place, VT_INPUT, "'%s' is neither Direct nor Cartesian",
                          vt_word_shown(&word).text);
    last = word;
    while (vt_scan_word(scan, &word))
        last = word;
    while (last.length > 0 && (last.text[0] < '0' || last.text[0] > '9')) { /* configuration=12 */
        last.text++;
        last.length--;
    }
    if (last.length > 0)
        return vt_word_integer(&last, "number of the configuration", 0, INT64_MAX, number, error);
    return VT_OK;
}

static enum vt_code read_positions(struct vt_xdatcar_reader *reader, struct vt_frame *frame,
                                   bool is_direct, struct vt_error *error)
{
    size_t i = 0;
    for (size_t k = 0; k < reader->n_kinds; k++)
        for (size_t of_kind = 0; of_kind < reader->count[k]; of_kind++, i++) {
            double at[3];
            enum vt_code code = vt_scan_need_line(&reader->scan, "last atom of the frame", error);
            if (!code)
                code = vt_scan_triple(&reader->scan, "position", at, error);
            if (code)
                return code;
            frame->element[i] = reader->element[k];
            if (is_direct)
                vt_row_times_mat3(at, (const double(*)[3])reader->cell, frame->position[i]);
            for (int d = 0; d < 3 && !is_direct; d++)
                frame->position[i][d] = at[d] * reader->factor;
            for (int d = 0; d < 3; d++)
                if (!isfinite(frame->position[i][d]))
                    return vt_fail_at(error, vt_scan_place(&reader->scan), VT_INPUT,
                                      "the position is beyond all numbers");
        }
    return VT_OK;
}

static enum vt_code fill_frame(struct vt_xdatcar_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    bool is_direct;
    int64_t number;
    struct vt_key *key;
    frame->file = reader->scan.file;
    frame->line = reader->scan.number;
    enum vt_code code = read_start(&reader->scan, &is_direct, &number, error);
    if (!code)
        code = vt_frame_resize(frame, reader->n_atoms, error);
    if (!code)
        code = read_positions(reader, frame, is_direct, error);
    if (!code)
        code = vt_frame_add_key(frame, "configuration", VT_INTEGER, 1, &key, error);
    if (code)
        return code;
    key->integer[0] = number;
    frame->has_cell = true;
    memcpy(frame->cell, reader->cell, sizeof frame->cell);
    for (int d = 0; d < 3; d++)
        frame->periodic[d] = true;
    return VT_OK;
}

enum vt_code vt_xdatcar_read(struct vt_xdatcar_reader *reader, struct vt_frame *frame, bool *end,
                             struct vt_error *error)
{
    assert(reader && frame && end);
    struct vt_scan *scan = &reader->scan;
    vt_frame_clear(frame);
    *end = !(reader->has_head ? vt_scan_line_with_words(scan) : vt_scan_line(scan));
    if (*end)
        return VT_OK;
    enum vt_code code = VT_OK;
    if (!reader->has_head || !is_start(scan)) {
        code = read_head(reader, error);
        if (!code)
            code = vt_scan_need_line(scan, "first frame", error);
        if (!code && !is_start(scan))
            code = vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                              "a frame begins with 'Direct configuration='");
    }
    return code ? code : fill_frame(reader, frame, error);
}
