/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cp2k_input.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"

enum section { OTHER, SUBSYS, CELL, COORD };

enum { DEPTH = 32 };

struct parser {
    struct vt_cp2k_input *input;
    struct vt_dft_lines *in;
    enum section section[DEPTH];
    int depth;
    bool cell_unclear, coord_unclear, is_scaled, has_lengths;
    unsigned vectors; /* bits: of A, B, C that are there */
    int n_cells, n_coords;
    double length[3], angle[3];
};

void vt_cp2k_cell(const double length[3], const double angle[3], double cell[3][3])
{
    double c[3];
    for (int k = 0; k < 3; k++) /* exactly 0 for a right angle */
        c[k] = angle[k] == 90 ? 0 : cos(angle[k] * VT_PI / 180);
    const double sine = angle[2] == 90 ? 1 : sin(angle[2] * VT_PI / 180);
    const double y = (c[0] - c[1] * c[2]) / sine;
    memset(cell, 0, 9 * sizeof(double));
    cell[0][0] = length[0];
    cell[1][0] = length[1] * c[2];
    cell[1][1] = length[1] * sine;
    cell[2][0] = length[2] * c[1];
    cell[2][1] = length[2] * y;
    cell[2][2] = length[2] * sqrt(fmax(0, 1 - c[1] * c[1] - y * y));
}

static bool is_word(const struct vt_word *word, const char *text)
{
    return word->length == strlen(text) && strncasecmp(word->text, text, word->length) == 0;
}

static enum section inner(const struct parser *parser)
{
    return parser->depth > 0 && parser->depth <= DEPTH ? parser->section[parser->depth - 1] : OTHER;
}

static void open_section(struct parser *parser, const struct vt_word *word)
{
    enum section section = OTHER;
    if (is_word(word, "&SUBSYS"))
        section = SUBSYS;
    else if (inner(parser) == SUBSYS && is_word(word, "&CELL"))
        section = CELL;
    else if (inner(parser) == SUBSYS && is_word(word, "&COORD"))
        section = COORD;
    parser->n_cells += section == CELL;
    parser->n_coords += section == COORD;
    if (parser->depth < DEPTH)
        parser->section[parser->depth] = section;
    parser->depth++;
}

/* The rest of the line as exactly three numbers. */
static bool three_numbers(struct vt_scan *scan, double v[3])
{
    struct vt_word words[3];
    if (vt_scan_words(scan, words, 3) != 3)
        return false;
    for (int k = 0; k < 3; k++)
        if (vt_word_real(&words[k], "number", &v[k], NULL))
            return false;
    return true;
}

static void read_cell_line(struct parser *parser, const struct vt_word *word)
{
    static const char *const names[] = {"A", "B", "C"};
    struct vt_scan *scan = &parser->in->scan;
    for (unsigned k = 0; k < 3; k++)
        if (is_word(word, names[k])) {
            parser->cell_unclear |= !three_numbers(scan, parser->input->cell[k]);
            parser->vectors |= 1u << k;
            return;
        }
    if (is_word(word, "ABC")) {
        parser->cell_unclear |= !three_numbers(scan, parser->length);
        parser->has_lengths = true;
    } else if (is_word(word, "ALPHA_BETA_GAMMA")) {
        parser->cell_unclear |= !three_numbers(scan, parser->angle);
    } else if (!is_word(word, "PERIODIC") && !is_word(word, "SYMMETRY")) {
        parser->cell_unclear = true; /* MULTIPLE_UNIT_CELL, CELL_FILE_NAME, ... */
    }
}

static enum vt_code read_coord_line(struct parser *parser, const struct vt_word *word,
                                    struct vt_error *error)
{
    struct vt_cp2k_input *input = parser->input;
    struct vt_scan *scan = &parser->in->scan;
    if (is_word(word, "SCALED")) {
        struct vt_word value;
        const bool off =
            vt_scan_word(scan, &value) &&
            (is_word(&value, "F") || is_word(&value, "FALSE") || is_word(&value, ".FALSE."));
        parser->is_scaled = !off;
        return VT_OK;
    }
    const size_t n = input->n_atoms;
    enum vt_code code = vt_reserve(&input->position, &input->capacity[0], n + 1,
                                   sizeof *input->position, "positions", error);
    if (!code)
        code = vt_reserve(&input->element, &input->capacity[1], n + 1, 1, "elements", error);
    if (code)
        return code;
    struct vt_word words[3];
    struct vt_scan ahead = *scan;
    vt_scan_words(&ahead, words, 3); /* a molecule's name may follow */
    bool right = true;
    for (int k = 0; k < 3 && right; k++)
        right = vt_scan_word(scan, &words[k]) &&
                !vt_word_real(&words[k], "number", &input->position[n][k], NULL);
    parser->coord_unclear |= !right; /* UNIT, @INCLUDE, ... */
    input->element[n] = (uint8_t)vt_atomic_number(word->text, vt_word_letters(word));
    input->n_atoms++;
    return VT_OK;
}

static enum vt_code read_line(struct parser *parser, struct vt_error *error)
{
    struct vt_word word;
    struct vt_scan *scan = &parser->in->scan;
    vt_scan_cut(scan, '!', NULL);
    vt_scan_cut(scan, '#', NULL);
    if (!vt_scan_word(scan, &word))
        return VT_OK;
    if (word.length >= 4 && strncasecmp(word.text, "&END", 4) == 0)
        parser->depth -= parser->depth > 0;
    else if (word.text[0] == '&')
        open_section(parser, &word);
    else if (inner(parser) == CELL)
        read_cell_line(parser, &word);
    else if (inner(parser) == COORD)
        return read_coord_line(parser, &word, error);
    return VT_OK;
}

static void settle_cell(struct parser *parser)
{
    struct vt_cp2k_input *input = parser->input;
    if (parser->n_cells != 1 || parser->cell_unclear)
        return;
    if (parser->has_lengths && parser->vectors == 0)
        vt_cp2k_cell(parser->length, parser->angle, input->cell);
    else if (parser->has_lengths || parser->vectors != 7)
        return;
    const double volume = fabs(vt_mat3_determinant((const double(*)[3])input->cell));
    input->has_cell = volume > 1e-9 && isfinite(volume);
}

static void settle_positions(struct parser *parser)
{
    struct vt_cp2k_input *input = parser->input;
    input->has_positions = parser->n_coords == 1 && !parser->coord_unclear && input->n_atoms > 0 &&
                           (!parser->is_scaled || input->has_cell);
    for (size_t i = 0; input->has_positions && i < input->n_atoms; i++) {
        double *r = input->position[i], s[3] = {r[0], r[1], r[2]};
        if (parser->is_scaled)
            vt_row_times_mat3(s, (const double(*)[3])input->cell, r);
        input->has_positions = isfinite(r[0] + r[1] + r[2]);
    }
}

enum vt_code vt_cp2k_input_read(struct vt_cp2k_input *input, struct vt_dft_lines *in,
                                struct vt_error *error)
{
    assert(input && in);
    struct parser parser = {.input = input, .in = in, .angle = {90, 90, 90}};
    bool end = false;
    enum vt_code code = VT_OK;
    while (!code && !end) {
        code = vt_dft_next(in, &end, error);
        if (!code && !end)
            code = read_line(&parser, error);
    }
    if (code)
        return code;
    settle_cell(&parser);
    settle_positions(&parser);
    return VT_OK;
}

void vt_cp2k_input_destroy(struct vt_cp2k_input *input)
{
    vt_free(input->position);
    vt_free(input->element);
    *input = (struct vt_cp2k_input){0};
}
