/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Line by line, as the format is: the meaning of a line is its number, not a keyword. What VASP
 * would silently take for something else (a mode line it does not know, more coordinates than
 * atoms) is an error here. */
#include "io/poscar.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "io/scan.h"

/* Factors of the Cartesian components, from the second line and the volume of the cell. */
struct scale {
    double factor[3];
    double volume; /* > 0: make the cell that large; else 0 */
};

/* ---- reading ---- */

/* The next word; its absence is an error. */
static enum vt_code need_word(struct vt_scan *scan, const char *what, struct vt_word *word,
                              struct vt_error *error)
{
    if (vt_scan_word(scan, word))
        return VT_OK;
    return vt_fail_at(error, vt_scan_place(scan), VT_INPUT, "the line ends before the %s", what);
}

static bool starts_with_number(const struct vt_scan *scan)
{
    struct vt_word word;
    double number;
    return vt_scan_peek(scan, &word) && !vt_word_real(&word, "number", &number, NULL);
}

static size_t count_words(const struct vt_scan *scan)
{
    struct vt_scan ahead = *scan;
    return vt_scan_words(&ahead, NULL, 0);
}

static void cut_comments(struct vt_scan *scan)
{
    vt_scan_cut(scan, '!', NULL);
    vt_scan_cut(scan, '#', NULL);
}

/* The first line without the blanks around it (VASP pads it). */
static enum vt_code read_title(struct vt_scan *scan, struct vt_frame *frame, struct vt_error *error)
{
    enum vt_code code = vt_scan_need_line(scan, "title", error);
    struct vt_word first, word;
    if (code || !vt_scan_word(scan, &first))
        return code;
    word = first;
    while (vt_scan_word(scan, &word))
        ;
    const size_t length = (size_t)(word.text - first.text) + word.length;
    char *title;
    code = vt_alloc(&title, length + 1, 1, "the title of a structure", error);
    if (code)
        return code;
    memcpy(title, first.text, length);
    if (title[0])
        code = vt_frame_set_string(frame, "comment", title, error);
    vt_free(title);
    return code;
}

/* One number: a factor, or minus the volume. Three: a factor for each Cartesian component. A
 * comment may follow. */
static enum vt_code read_scale(struct vt_scan *scan, struct scale *scale, struct vt_error *error)
{
    enum { MOST = 3 };
    struct vt_word words[MOST + 1];
    double factor[MOST + 1];
    size_t n = 0;
    enum vt_code code = vt_scan_need_line(scan, "scaling factor", error);
    if (code)
        return code;
    while (n <= MOST && vt_scan_word(scan, &words[n]) &&
           !vt_word_real(&words[n], "scaling factor", &factor[n], error))
        n++;
    if (n != 1 && n != 3)
        return vt_fail_at(error, (struct vt_place){scan->file, scan->number, 1}, VT_INPUT,
                          "expected 1 or 3 numbers (scaling factors), found %s%zu",
                          n > MOST ? "at least " : "", n);
    for (size_t i = 0; i < n; i++)
        if (factor[i] == 0 || (n == 3 && factor[i] < 0))
            return vt_fail_at(error, words[i].place, VT_INPUT, "the scaling factor is %s",
                              factor[i] == 0 ? "zero" : "negative, one of three");
    scale->volume = factor[0] < 0 ? -factor[0] : 0;
    for (size_t i = 0; i < 3; i++)
        scale->factor[i] = n == 3 ? factor[i] : factor[0];
    return VT_OK;
}

static void apply_scale(const struct scale *scale, double v[3])
{
    for (int i = 0; i < 3; i++)
        v[i] *= scale->factor[i];
}

static enum vt_code read_cell(struct vt_scan *scan, struct vt_frame *frame, struct scale *scale,
                              struct vt_error *error)
{
    static const char *const names[] = {"first cell vector", "second cell vector",
                                        "third cell vector"};
    const double(*cell)[3] = (const double(*)[3])frame->cell;
    for (int i = 0; i < 3; i++) {
        enum vt_code code = vt_scan_need_line(scan, names[i], error);
        if (!code)
            code = vt_scan_triple(scan, names[i], frame->cell[i], error);
        if (code)
            return code;
    }
    if (scale->volume > 0) {
        const double volume = fabs(vt_mat3_determinant(cell));
        scale->factor[0] = volume > 0 ? cbrt(scale->volume / volume) : 1;
        scale->factor[1] = scale->factor[2] = scale->factor[0];
    }
    for (int i = 0; i < 3; i++)
        apply_scale(scale, frame->cell[i]);
    const double volume = fabs(vt_mat3_determinant(cell));
    if (!(volume > 0))
        return vt_fail_at(error, (struct vt_place){scan->file, scan->number, 0}, VT_INPUT,
                          "the three cell vectors span no volume");
    if (!isfinite(volume))
        return vt_fail_at(error, (struct vt_place){scan->file, scan->number, 0}, VT_INPUT,
                          "the cell is too large for a computer's numbers");
    frame->has_cell = true;
    frame->periodic[0] = frame->periodic[1] = frame->periodic[2] = true;
    return VT_OK;
}

/* "Li", "Li_sv", "Fe/0f3a": the letters at the start are the symbol. */
static enum vt_code read_symbol(const struct vt_word *word, uint8_t *element,
                                struct vt_error *error)
{
    const int number = vt_atomic_number(word->text, vt_word_letters(word));
    if (number > 0) {
        *element = (uint8_t)number;
        return VT_OK;
    }
    vt_fail_at(error, word->place, VT_INPUT, "unknown element '%s'", vt_word_shown(word).text);
    vt_hint(error, "this line holds the symbols of the elements, such as 'Li Cl' or 'Li_sv Cl'");
    return VT_INPUT;
}

/* A line of coordinates takes six bytes at least ("0 0 0" and its end, which the last line may
 * lack). */
static size_t most_atoms(const struct vt_scan *scan)
{
    return (vt_scan_bytes_left(scan) + 1) / 6;
}

static enum vt_code add_atoms(struct vt_frame *frame, const struct vt_word *count,
                              const struct vt_word *symbol, size_t most, struct vt_error *error)
{
    int64_t n;
    uint8_t element;
    enum vt_code code = read_symbol(symbol, &element, error);
    if (!code)
        code = vt_word_integer(count, "number of atoms", 0, INT64_MAX, &n, error);
    if (code || n == 0)
        return code;
    if ((uint64_t)n > most - frame->n_atoms)
        return vt_fail_at(error, count->place, VT_INPUT,
                          "the file announces %" PRId64 " atoms of %s, but is too short for them",
                          n, vt_element_symbol(element));
    const size_t first = frame->n_atoms;
    code = vt_frame_resize(frame, first + (size_t)n, error);
    if (!code)
        memset(frame->element + first, element, (size_t)n);
    return code;
}

/* The line of the symbols; in VASP 4 the numbers of atoms stood there. */
static enum vt_code read_symbols(struct vt_scan *scan, struct vt_error *error)
{
    enum vt_code code = vt_scan_need_line(scan, "line of element symbols", error);
    if (code)
        return code;
    cut_comments(scan);
    if (starts_with_number(scan)) {
        vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                   "the line of element symbols is missing (the format of VASP 4)");
        vt_hint(error, "insert a line with the symbols, such as 'Li Cl', before this one");
        return VT_INPUT;
    }
    if (count_words(scan) == 0)
        return vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                          "expected the symbols of the elements, found none");
    return VT_OK;
}

/* The line of the symbols and the line of the counts are walked side by side. */
static enum vt_code read_elements(struct vt_scan *scan, struct vt_frame *frame,
                                  struct vt_error *error)
{
    struct vt_word symbol, count;
    enum vt_code code = read_symbols(scan, error);
    if (code)
        return code;
    struct vt_scan symbols = *scan;
    code = vt_scan_need_line(scan, "numbers of atoms", error);
    if (code)
        return code;
    cut_comments(scan);
    const size_t n = count_words(&symbols), n_counts = count_words(scan);
    if (n_counts != n)
        return vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                          "expected %zu number%s of atoms, one for each symbol, found %zu", n,
                          n == 1 ? "" : "s", n_counts);
    const size_t most = most_atoms(scan);
    while (vt_scan_word(&symbols, &symbol) && vt_scan_word(scan, &count)) {
        code = add_atoms(frame, &count, &symbol, most, error);
        if (code)
            return code;
    }
    if (frame->n_atoms == 0)
        return vt_fail_at(error, (struct vt_place){scan->file, scan->number, 0}, VT_INPUT,
                          "the structure has no atoms");
    return VT_OK;
}

static bool means_cartesian(const struct vt_word *word)
{
    const char c = word->text[0];
    return c == 'C' || c == 'c' || c == 'K' || c == 'k';
}

/* An optional line "Selective dynamics", then "Direct" or "Cartesian" ("K..." is Cartesian too):
 * first letters count. */
static enum vt_code read_mode(struct vt_scan *scan, bool *selective, bool *direct,
                              struct vt_error *error)
{
    static const char what[] = "line 'Direct' or 'Cartesian'";
    struct vt_word word;
    enum vt_code code = vt_scan_need_line(scan, what, error);
    if (!code)
        code = need_word(scan, what, &word, error);
    if (code)
        return code;
    *selective = word.text[0] == 'S' || word.text[0] == 's';
    if (*selective) {
        code = vt_scan_need_line(scan, what, error);
        if (!code)
            code = need_word(scan, what, &word, error);
        if (code)
            return code;
    }
    *direct = word.text[0] == 'D' || word.text[0] == 'd';
    if (*direct || means_cartesian(&word))
        return VT_OK;
    return vt_fail_at(error, word.place, VT_INPUT, "expected 'Direct' or 'Cartesian', found '%s'",
                      vt_word_shown(&word).text);
}

static enum vt_code read_flags(struct vt_scan *scan, bool flags[3], struct vt_error *error)
{
    for (int i = 0; i < 3; i++) {
        struct vt_word word;
        enum vt_code code = need_word(scan, "flags of selective dynamics", &word, error);
        if (code)
            return code;
        /* Fortran reads T, F, .TRUE. and .FALSE. of any case */
        const char c = word.text[word.length > 1 && word.text[0] == '.'];
        flags[i] = c == 'T' || c == 't';
        if (!flags[i] && c != 'F' && c != 'f')
            return vt_fail_at(error, word.place, VT_INPUT,
                              "expected T or F (selective dynamics), found '%s'",
                              vt_word_shown(&word).text);
    }
    return VT_OK;
}

static enum vt_code next_atom_line(struct vt_scan *scan, size_t i, size_t n, const char *what,
                                   struct vt_error *error)
{
    assert(i < n);
    if (vt_scan_line(scan))
        return VT_OK;
    return vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                      "the file ends after the %s of %zu of %zu atoms", what, i, n);
}

static enum vt_code read_positions(struct vt_scan *scan, struct vt_frame *frame,
                                   const struct scale *scale, struct vt_error *error)
{
    bool selective, direct;
    struct vt_column *mask = NULL;
    enum vt_code code = read_mode(scan, &selective, &direct, error);
    if (!code && selective)
        code = vt_frame_add_column(frame, "move_mask", VT_LOGICAL, 3, &mask, error);
    for (size_t i = 0; i < frame->n_atoms && !code; i++) {
        double v[3], *position = frame->position[i];
        code = next_atom_line(scan, i, frame->n_atoms, "positions", error);
        if (!code)
            code = vt_scan_triple(scan, "position", v, error);
        if (code)
            break;
        if (direct) {
            vt_row_times_mat3(v, (const double(*)[3])frame->cell, position);
        } else {
            apply_scale(scale, v);
            memcpy(position, v, sizeof v);
        }
        if (!isfinite(position[0] + position[1] + position[2]))
            code = vt_fail_at(error, (struct vt_place){scan->file, scan->number, 1}, VT_INPUT,
                              "the position is too far away for a computer's numbers");
        else if (mask)
            code = read_flags(scan, mask->logical + 3 * i, error);
    }
    return code;
}

/* A block of its own between positions and velocities in runs with a variable cell: the state of
 * the integrator, which means nothing to another program. */
static enum vt_code skip_lattice_velocities(struct vt_scan *scan, struct vt_error *error)
{
    enum { LINES = 7 };
    for (int i = 0; i < LINES; i++)
        if (!vt_scan_line(scan) || !starts_with_number(scan))
            return vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                              "expected %d lines of numbers after 'Lattice velocities', found %d",
                              LINES, i);
    return VT_OK;
}

/* Skips empty lines; true if the next line after them starts with a number. */
static bool number_follows(struct vt_scan *scan)
{
    struct vt_word word;
    for (struct vt_scan ahead = *scan; vt_scan_line(&ahead); *scan = ahead)
        if (vt_scan_peek(&ahead, &word))
            return starts_with_number(&ahead);
    return false;
}

/* Looks at what follows the positions. *found: velocities do, from the next line on. Text after an
 * empty line is nobody's. */
static enum vt_code find_velocities(struct vt_scan *scan, bool *found, struct vt_error *error)
{
    struct vt_word word;
    *found = false;
    if (!vt_scan_line(scan))
        return VT_OK;
    if (vt_scan_peek(scan, &word) && (word.text[0] == 'L' || word.text[0] == 'l')) {
        enum vt_code code = skip_lattice_velocities(scan, error);
        if (code || !vt_scan_line(scan))
            return code;
    }
    if (starts_with_number(scan)) {
        vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                   "more lines of positions than the numbers of atoms announce");
        vt_hint(error, "velocities come after an empty line or a line 'Cartesian'");
        return VT_INPUT;
    }
    if (!vt_scan_word(scan, &word)) {
        *found = number_follows(scan);
        return VT_OK;
    }
    *found = means_cartesian(&word);
    if (*found)
        return VT_OK;
    if (word.text[0] == 'D' || word.text[0] == 'd') {
        vt_fail_at(
            error, word.place, VT_UNSUPPORTED,
            "velocities in direct coordinates are per time step, which the file does not say");
        vt_hint(error, "give them in A/fs after a line 'Cartesian', or remove them");
        return VT_UNSUPPORTED;
    }
    return vt_fail_at(error, word.place, VT_INPUT,
                      "expected velocities or the end of the file, found '%s'",
                      vt_word_shown(&word).text);
}

static enum vt_code read_velocities(struct vt_scan *scan, struct vt_frame *frame,
                                    struct vt_error *error)
{
    bool found, moving = false;
    struct vt_column *velocity;
    enum vt_code code = find_velocities(scan, &found, error);
    if (code || !found)
        return code;
    code = vt_frame_add_column(frame, "vel", VT_REAL, 3, &velocity, error);
    for (size_t i = 0; i < frame->n_atoms && !code; i++) {
        double *v = velocity->real + 3 * i;
        code = next_atom_line(scan, i, frame->n_atoms, "velocities", error);
        if (!code)
            code = vt_scan_triple(scan, "velocity", v, error);
        moving = moving || v[0] != 0 || v[1] != 0 || v[2] != 0;
    }
    if (!code && !moving)
        vt_frame_remove_column(frame, "vel");
    return code;
}

enum vt_code vt_poscar_parse(struct vt_frame *frame, const char *name, const char *text,
                             size_t size, struct vt_error *error)
{
    assert(frame && name);
    struct vt_scan scan;
    struct scale scale = {{0}, 0};
    vt_scan_start(&scan, name, text, size);
    vt_frame_clear(frame);
    frame->file = name;
    frame->line = 1;
    enum vt_code code = read_title(&scan, frame, error);
    if (!code)
        code = read_scale(&scan, &scale, error);
    if (!code)
        code = read_cell(&scan, frame, &scale, error);
    if (!code)
        code = read_elements(&scan, frame, error);
    if (!code)
        code = read_positions(&scan, frame, &scale, error);
    if (!code)
        code = read_velocities(&scan, frame, error);
    return code;
}

/* ---- writing ---- */

/* Elements in the order of their first atoms. */
struct order {
    size_t n;
    uint8_t element[VT_ELEMENTS];
    size_t count[VT_ELEMENTS + 1]; /* by atomic number */
};

static struct order order_of_elements(const struct vt_frame *frame)
{
    struct order order = {0};
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const uint8_t z = frame->element[i];
        assert(z >= 1 && z <= VT_ELEMENTS);
        if (order.count[z]++ == 0)
            order.element[order.n++] = z;
    }
    return order;
}

static void write_head(FILE *file, const struct vt_frame *frame, const struct order *order,
                       int digits)
{
    assert(digits > 0);
    const struct vt_key *title = vt_frame_key(frame, "comment");
    if (title && title->type == VT_STRING && !title->is_array && !strpbrk(title->string[0], "\r\n"))
        fprintf(file, "%s\n", title->string[0]);
    else
        fprintf(file, "written by vitrion\n");
    fprintf(file, "1.0\n");
    for (int i = 0; i < 3; i++)
        fprintf(file, "%.*g %.*g %.*g\n", digits, frame->cell[i][0], digits, frame->cell[i][1],
                digits, frame->cell[i][2]);
    for (size_t k = 0; k < order->n; k++)
        fprintf(file, "%s%s", k ? " " : "", vt_element_symbol(order->element[k]));
    for (size_t k = 0; k < order->n; k++)
        fprintf(file, "%s%zu", k ? " " : "\n", order->count[order->element[k]]);
    fputc('\n', file);
}

/* One line for each atom: three numbers, and the flags if there are any (one or three an atom). */
static void write_triples(FILE *file, const struct vt_frame *frame, const struct order *order,
                          const double (*triple)[3], const struct vt_column *mask, int digits)
{
    for (size_t k = 0; k < order->n; k++)
        for (size_t i = 0; i < frame->n_atoms; i++) {
            if (frame->element[i] != order->element[k])
                continue;
            fprintf(file, "%.*g %.*g %.*g", digits, triple[i][0], digits, triple[i][1], digits,
                    triple[i][2]);
            for (size_t j = 0; mask && j < 3; j++)
                fputs(mask->logical[i * mask->width + j % mask->width] ? " T" : " F", file);
            fputc('\n', file);
        }
}

enum vt_code vt_poscar_write(FILE *file, const struct vt_frame *frame, int digits,
                             struct vt_error *error)
{
    assert(file && frame && digits >= 1 && digits <= 17);
    if (frame->n_atoms == 0)
        return vt_fail(error, VT_INPUT, "a POSCAR needs at least one atom");
    if (!frame->has_cell || !frame->periodic[0] || !frame->periodic[1] || !frame->periodic[2])
        return vt_fail(error, VT_INPUT,
                       "a POSCAR is periodic in all three directions, but the structure is not");
    const struct order order = order_of_elements(frame);
    const struct vt_column *mask = vt_frame_column(frame, "move_mask");
    if (mask && (mask->type != VT_LOGICAL || (mask->width != 1 && mask->width != 3)))
        mask = NULL;
    write_head(file, frame, &order, digits);
    fputs(mask ? "Selective dynamics\nCartesian\n" : "Cartesian\n", file);
    write_triples(file, frame, &order, (const double(*)[3])frame->position, mask, digits);
    const struct vt_column *velocity = vt_frame_column(frame, "vel");
    if (velocity && velocity->type == VT_REAL && velocity->width == 3) {
        fputs("Cartesian\n", file);
        write_triples(file, frame, &order, (const double(*)[3])velocity->real, NULL, digits);
    }
    if (ferror(file))
        return vt_fail(error, VT_IO, "writing the structure failed");
    return VT_OK;
}
