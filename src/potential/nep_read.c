/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A header of fixed order, one row of header_lines[] each, then one number per line.
 *
 * Reading a line only fills the fields of the model; whether they make sense is for the rules of
 * nep_check.c, which name the word that breaks one, so that the message gets its place. */
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/scan.h"
#include "potential/nep.h"
#include "potential/nep_check.h"
#include "potential/nep_token.h"

enum { MOST_WORDS = 2 * VT_NEP_MAX_TYPES + 3 }; /* a cutoff line with two cutoffs per type */

/* Larger than any file of as many numbers as the header may ask for. */
static const size_t most_bytes = (size_t)1 << 31;

struct reader {
    struct vt_nep *model;
    struct vt_error *error;
    struct vt_scan scan;
    const struct vt_nep_kind *kind;
    size_t n_words; /* of the header line, counting the keyword; the first MOST_WORDS are kept */
    struct vt_word words[MOST_WORDS];
};

static enum vt_code add_place(struct vt_error *error, struct vt_place place, enum vt_code code)
{
    if (error && code) {
        snprintf(error->file, sizeof error->file, "%s", place.file);
        error->line = place.line;
        error->column = place.column;
    }
    return code;
}

static enum vt_code real_at(struct reader *reader, size_t i, const char *what, double *value)
{
    assert(what && value);
    return vt_word_real(&reader->words[i], what, value, reader->error);
}

static enum vt_code integer_at(struct reader *reader, size_t i, const char *what, int *value)
{
    assert(what && value);
    int64_t wide = 0;
    const enum vt_code code =
        vt_word_integer(&reader->words[i], what, -INT_MAX, INT_MAX, &wide, reader->error);
    *value = (int)wide;
    return code;
}

static enum vt_code two_integers(struct reader *reader, const char *what, int *radial, int *angular)
{
    const enum vt_code code = integer_at(reader, 1, what, radial);
    return code ? code : integer_at(reader, 2, what, angular);
}

static enum vt_code read_element(struct reader *reader, const struct vt_word *word, int *z)
{
    *z = vt_atomic_number(word->text, word->length);
    if (*z >= 1 && *z <= VT_NEP_MAX_TYPES)
        return VT_OK;
    const char *symbols[VT_NEP_MAX_TYPES + 1] = {NULL};
    for (int i = 0; i < VT_NEP_MAX_TYPES; i++)
        symbols[i] = vt_element_symbol(i + 1);
    const struct vt_shown shown = vt_word_shown(word);
    const char *nearest = vt_nearest(shown.text, symbols);
    vt_fail_at(reader->error, word->place, VT_INPUT, "'%s' is not an element from H to Pu",
               shown.text);
    if (nearest)
        vt_hint(reader->error, "did you mean '%s'?", nearest);
    return VT_INPUT;
}

static enum vt_code read_elements(struct reader *reader)
{
    struct vt_nep *model = reader->model;
    enum vt_code code = vt_nep_kind_of(&reader->words[0], &reader->kind, reader->error);
    if (code)
        return code;
    model->version = reader->kind->version;
    model->charge_mode = reader->kind->charge_mode;
    model->zbl = reader->kind->zbl ? VT_ZBL_UNIVERSAL : VT_ZBL_NONE;
    if (reader->n_words < 2)
        return vt_fail_at(reader->error, vt_scan_place(&reader->scan), VT_INPUT,
                          "expected the number of elements after '%s'", reader->kind->token);
    int64_t types = 0;
    code = vt_word_integer(&reader->words[1], "number of elements", 1, VT_NEP_MAX_TYPES, &types,
                           reader->error);
    if (code)
        return code;
    if (reader->n_words != (size_t)types + 2)
        return vt_fail_at(reader->error, reader->words[1].place, VT_INPUT,
                          "the number of elements is %" PRId64 ", but the line lists %zu", types,
                          reader->n_words - 2);
    model->n_types = (int)types;
    for (int t = 0; t < model->n_types && !code; t++)
        code = read_element(reader, &reader->words[2 + t], &model->atomic_number[t]);
    return code;
}

/* zbl INNER OUTER [FACTOR]. With both cutoffs 0 the parameters follow at the end of the file, and
 * published programs ignore the factor. */
static enum vt_code read_zbl(struct reader *reader)
{
    struct vt_nep *model = reader->model;
    enum vt_code code = real_at(reader, 1, "inner ZBL cutoff", &model->zbl_inner);
    if (!code)
        code = real_at(reader, 2, "outer ZBL cutoff", &model->zbl_outer);
    double factor = 0.0;
    if (!code && reader->n_words == 4)
        code = real_at(reader, 3, "ZBL factor", &factor);
    if (code)
        return code;
    if (model->zbl_inner == 0.0 && model->zbl_outer == 0.0) {
        model->zbl = VT_ZBL_FLEXIBLE;
    } else if (reader->n_words == 4) {
        model->zbl = VT_ZBL_TYPEWISE;
        model->zbl_factor = factor;
    }
    return VT_OK;
}

static enum vt_code read_max_neighbours(struct reader *reader, size_t first)
{
    struct vt_nep *model = reader->model;
    int *counts[2] = {&model->max_neighbours_radial, &model->max_neighbours_angular};
    model->has_max_neighbours = true;
    for (size_t i = 0; i < 2; i++) {
        const enum vt_code code =
            integer_at(reader, first + i, "largest number of neighbours", counts[i]);
        if (code)
            return code;
        if (*counts[i] < 0)
            return vt_fail_at(reader->error, reader->words[first + i].place, VT_INPUT,
                              "largest number of neighbours is negative: %d", *counts[i]);
    }
    return VT_OK;
}

static enum vt_code read_cutoffs_per_type(struct reader *reader)
{
    struct vt_nep *model = reader->model;
    if (model->charge_mode)
        return vt_fail_at(reader->error, reader->words[0].place, VT_UNSUPPORTED,
                          "a charge model has the same cutoffs for all elements, "
                          "but this line has them for each");
    enum vt_code code = VT_OK;
    for (size_t t = 0; t < (size_t)model->n_types && !code; t++) {
        code = real_at(reader, 1 + 2 * t, "radial cutoff", &model->cutoff_radial[t]);
        if (!code)
            code = real_at(reader, 2 + 2 * t, "angular cutoff", &model->cutoff_angular[t]);
    }
    return code ? code : read_max_neighbours(reader, reader->n_words - 2);
}

/* Files of 2024 and 2025: a factor that is not positive switches its cutoffs off. */
static enum vt_code read_factors(struct reader *reader)
{
    struct vt_nep *model = reader->model;
    double *const factors[3] = {&model->factor_radial, &model->factor_angular, &model->factor_zbl};
    for (size_t i = 0; i < 3; i++) {
        const enum vt_code code = real_at(reader, 5 + i, "cutoff factor", factors[i]);
        if (code)
            return code;
        if (*factors[i] < 0.0)
            *factors[i] = 0.0;
    }
    return VT_OK;
}

static enum vt_code read_cutoffs_of_all(struct reader *reader)
{
    struct vt_nep *model = reader->model;
    enum vt_code code = real_at(reader, 1, "radial cutoff", &model->cutoff_radial[0]);
    if (!code)
        code = real_at(reader, 2, "angular cutoff", &model->cutoff_angular[0]);
    if (!code && reader->n_words >= 5)
        code = read_max_neighbours(reader, 3);
    if (!code && reader->n_words == 8)
        code = read_factors(reader);
    for (int t = 1; t < model->n_types; t++) {
        model->cutoff_radial[t] = model->cutoff_radial[0];
        model->cutoff_angular[t] = model->cutoff_angular[0];
    }
    return code;
}

/* The number of words tells the form; 2 T + 3 is odd, and 5 only where both forms mean the same. */
static enum vt_code read_cutoffs(struct reader *reader)
{
    const int types = reader->model->n_types;
    const size_t per_type = 2 * (size_t)types + 3;
    switch (reader->n_words) {
    case 3:
    case 5:
    case 8:
        return read_cutoffs_of_all(reader);
    default:
        break;
    }
    if (reader->n_words == per_type)
        return read_cutoffs_per_type(reader);
    vt_fail_at(reader->error, reader->words[0].place, VT_INPUT,
               "the cutoff line of %d element%s cannot have %zu number%s", types,
               types == 1 ? "" : "s", reader->n_words - 1, reader->n_words == 2 ? "" : "s");
    vt_hint(reader->error,
            "2: RADIAL ANGULAR; 4: and the largest numbers of neighbours; 7: and three factors; "
            "%zu: RADIAL ANGULAR of each element, and the largest numbers of neighbours",
            per_type - 1);
    return VT_INPUT;
}

static enum vt_code read_n_max(struct reader *reader)
{
    return two_integers(reader, "n_max", &reader->model->n_radial, &reader->model->n_angular);
}

static enum vt_code read_basis_size(struct reader *reader)
{
    return two_integers(reader, "basis_size", &reader->model->k_radial, &reader->model->k_angular);
}

/* l_max L [q222 [q1111 [q112 [q123 [q233 [q134]]]]]]; GPUMD switches q222 on with a 2. */
static enum vt_code read_l_max(struct reader *reader)
{
    enum vt_code code = integer_at(reader, 1, "l_max", &reader->model->l_max);
    for (size_t i = 0; i + 2 < reader->n_words && !code; i++) {
        int value = 0;
        code = integer_at(reader, 2 + i, "switch of a many-body term", &value);
        reader->model->term[i] = value != 0;
    }
    return code;
}

static enum vt_code read_neurons(struct reader *reader)
{
    int second_layer = 0;
    enum vt_code code = integer_at(reader, 1, "number of neurons", &reader->model->neurons);
    if (!code)
        code = integer_at(reader, 2, "neurons of the second layer", &second_layer);
    if (!code && second_layer != 0)
        return vt_fail_at(reader->error, reader->words[2].place, VT_UNSUPPORTED,
                          "networks with a second hidden layer (%d neurons) are not supported",
                          second_layer);
    return code;
}

/* The header in its order. least and most: numbers after the keyword; most 0: read() counts. */
static const struct header_line {
    const char *keyword; /* NULL: the first line, whose word is the kind of model */
    const char *form;
    size_t least, most;
    enum vt_code (*read)(struct reader *reader);
    enum vt_code (*check)(const struct vt_nep *model, int *word, struct vt_error *error);
} header_lines[] = {
    {NULL, "nep4 2 Te Pb", 0, 0, read_elements, vt_nep_check_elements},
    {"zbl", "zbl INNER OUTER [FACTOR]", 2, 3, read_zbl, vt_nep_check_zbl},
    {"cutoff", "cutoff RADIAL ANGULAR ...", 0, 0, read_cutoffs, vt_nep_check_cutoffs},
    {"n_max", "n_max RADIAL ANGULAR", 2, 2, read_n_max, vt_nep_check_n_max},
    {"basis_size", "basis_size RADIAL ANGULAR", 2, 2, read_basis_size, vt_nep_check_basis_size},
    {"l_max", "l_max L [q222 [q1111 [q112 [q123 [q233 [q134]]]]]]", 1, 1 + VT_NEP_TERMS, read_l_max,
     vt_nep_check_l_max},
    {"ANN", "ANN NEURONS 0", 2, 2, read_neurons, vt_nep_check_neurons},
};

enum { HEADER_LINES = sizeof header_lines / sizeof header_lines[0] };

static enum vt_code refuse_keyword(struct reader *reader, const struct header_line *line)
{
    struct vt_error *error = reader->error;
    const struct vt_word *word = &reader->words[0];
    vt_fail_at(error, word->place, VT_INPUT, "expected the line '%s', found '%s'", line->form,
               vt_word_shown(word).text);
    if (vt_word_is(word, "zbl"))
        vt_hint(error, "a model with a zbl line begins with nep3_zbl, nep4_zbl or nep5_zbl");
    else if (!strcmp(line->keyword, "zbl"))
        vt_hint(error, "the first line says '%s', a model with ZBL", reader->kind->token);
    else
        vt_hint(error, "the header is: kind and elements, zbl (if the kind has it), cutoff, n_max, "
                       "basis_size, l_max, ANN");
    return VT_INPUT;
}

/* Go to the next line, which must be this one. */
static enum vt_code next_header_line(struct reader *reader, const struct header_line *line)
{
    struct vt_error *error = reader->error;
    struct vt_scan *scan = &reader->scan;
    if (!vt_scan_line(scan))
        return vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                          "the file ends where the line '%s' is expected", line->form);
    reader->n_words = vt_scan_words(scan, reader->words, MOST_WORDS);
    if (reader->n_words == 0)
        return vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                          "empty line where the line '%s' is expected", line->form);
    if (!line->keyword)
        return VT_OK;
    if (!vt_word_is(&reader->words[0], line->keyword))
        return refuse_keyword(reader, line);
    const size_t found = reader->n_words - 1;
    if (line->most > 0 && (found < line->least || found > line->most))
        return vt_fail_at(error, reader->words[0].place, VT_INPUT,
                          "expected the line '%s', found %zu number%s after %s", line->form, found,
                          found == 1 ? "" : "s", line->keyword);
    return VT_OK;
}

static enum vt_code read_header(struct reader *reader)
{
    for (size_t i = 0; i < HEADER_LINES; i++) {
        const struct header_line *line = &header_lines[i];
        const bool is_zbl = line->keyword && !strcmp(line->keyword, "zbl");
        if (is_zbl && !reader->kind->zbl)
            continue;
        enum vt_code code = next_header_line(reader, line);
        if (!code)
            code = line->read(reader);
        if (code)
            return code;
        int word = 0;
        code = line->check(reader->model, &word, reader->error);
        assert(!code || (size_t)word < reader->n_words);
        if (code)
            return add_place(reader->error, reader->words[word].place, code);
    }
    return VT_OK;
}

static enum vt_code refuse_end(struct reader *reader, size_t index)
{
    char where[96];
    struct vt_error *error = reader->error;
    vt_fail_at(error, vt_scan_place(&reader->scan), VT_INPUT,
               "the file ends after %zu of the %zu numbers that its header asks for; "
               "the next is %s",
               index, reader->model->n_numbers,
               vt_nep_describe(reader->model, index, where, sizeof where));
    vt_hint(error, "the file is cut short, or its header belongs to another model");
    return VT_INPUT;
}

static enum vt_code read_number(struct reader *reader, size_t index)
{
    struct vt_error *error = reader->error;
    struct vt_scan *scan = &reader->scan;
    struct vt_word word, next;
    char where[96];
    if (!vt_scan_line(scan))
        return refuse_end(reader, index);
    if (!vt_scan_word(scan, &word)) {
        const struct vt_place place = vt_scan_place(scan);
        if (!vt_scan_line_with_words(scan))
            return refuse_end(reader, index);
        return vt_fail_at(error, place, VT_INPUT, "empty line where a number is expected (%s)",
                          vt_nep_describe(reader->model, index, where, sizeof where));
    }
    double *value = &reader->model->numbers[index];
    if (!vt_parse_double(word.text, word.length, value))
        return vt_word_real(&word, vt_nep_describe(reader->model, index, where, sizeof where),
                            value, error);
    if (vt_scan_word(scan, &next))
        return vt_fail_at(error, next.place, VT_INPUT,
                          "expected one number in this line, found '%s' behind it",
                          vt_word_shown(&next).text);
    return VT_OK;
}

static enum vt_code refuse_more(struct reader *reader)
{
    if (!vt_scan_line_with_words(&reader->scan))
        return VT_OK;
    const struct vt_place place = vt_scan_place(&reader->scan);
    size_t extra = 1;
    while (vt_scan_line_with_words(&reader->scan))
        extra++;
    vt_fail_at(reader->error, place, VT_INPUT,
               "the header asks for %zu numbers, but %zu more line%s", reader->model->n_numbers,
               extra, extra == 1 ? " follows" : "s follow");
    vt_hint(reader->error, "the header belongs to another model");
    return VT_INPUT;
}

/* What the numbers mean is checked once their count is right: one number too many or too few puts
 * all behind it in the wrong place. start: the scan before the first of them. */
static enum vt_code check_numbers(struct reader *reader, struct vt_scan start)
{
    for (size_t i = 0; i < reader->model->n_numbers; i++) {
        const enum vt_code code = vt_nep_check_number(reader->model, i, reader->error);
        if (!code)
            continue;
        struct vt_word word = {0};
        for (size_t line = 0; line <= i; line++)
            vt_scan_line(&start);
        vt_scan_word(&start, &word);
        return add_place(reader->error, word.place, code);
    }
    return VT_OK;
}

/* A number takes two bytes with the end of its line. So a short file whose header asks for a lot
 * gets no more memory than the file is worth, and ends before that memory does. */
static enum vt_code read_numbers(struct reader *reader)
{
    struct vt_nep *model = reader->model;
    const size_t fit = vt_scan_bytes_left(&reader->scan) / 2 + 1;
    const size_t room = fit < model->n_numbers ? fit : model->n_numbers;
    const struct vt_scan start = reader->scan;
    enum vt_code code = vt_alloc(&model->numbers, room, sizeof *model->numbers,
                                 "the numbers of the model", reader->error);
    for (size_t i = 0; i < model->n_numbers && !code; i++)
        code = read_number(reader, i);
    if (!code)
        code = refuse_more(reader);
    return code ? code : check_numbers(reader, start);
}

/* 64-bit FNV-1a: tells models apart, no protection against forgery. */
static void hash_bytes(const char *text, size_t size, char hash[17])
{
    uint64_t h = 0xcbf29ce484222325U;
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3U;
    snprintf(hash, 17, "%016" PRIx64, h);
}

enum vt_code vt_nep_parse(struct vt_nep *model, const char *name, const char *text, size_t size,
                          struct vt_error *error)
{
    assert(model && !model->numbers && name && (text || size == 0));
    *model = (struct vt_nep){0};
    struct reader reader = {.model = model, .error = error};
    vt_scan_start(&reader.scan, name, text, size);
    enum vt_code code = read_header(&reader);
    if (!code) {
        vt_nep_set_sizes(model);
        code = read_numbers(&reader);
    }
    if (code)
        vt_nep_destroy(model);
    else
        hash_bytes(text, size, model->hash);
    return code;
}

enum vt_code vt_nep_read(struct vt_nep *model, const char *path, struct vt_error *error)
{
    assert(model && path);
    char *text = NULL;
    size_t size = 0;
    enum vt_code code = vt_file_read(path, most_bytes, &text, &size, error);
    if (!code)
        code = vt_nep_parse(model, path, text, size, error);
    vt_free(text);
    return code;
}
