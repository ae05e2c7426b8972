/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of numbers with a phrase behind them, in any order. */
#include "io/lammps_header.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mat3.h"
#include "base/text.h"

/* What a line of the header says. */
enum header_kind { IGNORED, ATOMS, TYPES, LIMITS, TILT, VECTOR, ORIGIN, N_KINDS };

static const struct header {
    const char *phrase;
    enum header_kind kind;
    size_t numbers;
    size_t axis;
} headers[] = {
    {"atoms", ATOMS, 1, 0},
    {"atom types", TYPES, 1, 0},
    {"xlo xhi", LIMITS, 2, 0},
    {"ylo yhi", LIMITS, 2, 1},
    {"zlo zhi", LIMITS, 2, 2},
    {"xy xz yz", TILT, 3, 0},
    {"avec", VECTOR, 3, 0},
    {"bvec", VECTOR, 3, 1},
    {"cvec", VECTOR, 3, 2},
    {"abc origin", ORIGIN, 3, 0},
    {"bonds", IGNORED, 1, 0},
    {"angles", IGNORED, 1, 0},
    {"dihedrals", IGNORED, 1, 0},
    {"impropers", IGNORED, 1, 0},
    {"bond types", IGNORED, 1, 0},
    {"angle types", IGNORED, 1, 0},
    {"dihedral types", IGNORED, 1, 0},
    {"improper types", IGNORED, 1, 0},
    {"extra bond per atom", IGNORED, 1, 0},
    {"extra angle per atom", IGNORED, 1, 0},
    {"extra dihedral per atom", IGNORED, 1, 0},
    {"extra improper per atom", IGNORED, 1, 0},
    {"extra special per atom", IGNORED, 1, 0},
    {"ellipsoids", IGNORED, 1, 0},
    {"lines", IGNORED, 1, 0},
    {"triangles", IGNORED, 1, 0},
    {"bodies", IGNORED, 1, 0},
};

static const struct section {
    const char *title;
    enum vt_lammps_section section;
} sections[] = {
    {"Atom Type Labels", VT_LAMMPS_LABELS},
    {"Masses", VT_LAMMPS_MASSES},
    {"Atoms", VT_LAMMPS_ATOMS},
    {"Velocities", VT_LAMMPS_VELOCITIES},
    {"Bond Type Labels", VT_LAMMPS_OTHER},
    {"Angle Type Labels", VT_LAMMPS_OTHER},
    {"Dihedral Type Labels", VT_LAMMPS_OTHER},
    {"Improper Type Labels", VT_LAMMPS_OTHER},
    {"Bonds", VT_LAMMPS_OTHER},
    {"Angles", VT_LAMMPS_OTHER},
    {"Dihedrals", VT_LAMMPS_OTHER},
    {"Impropers", VT_LAMMPS_OTHER},
    {"Ellipsoids", VT_LAMMPS_OTHER},
    {"Lines", VT_LAMMPS_OTHER},
    {"Triangles", VT_LAMMPS_OTHER},
    {"Bodies", VT_LAMMPS_OTHER},
    {"Pair Coeffs", VT_LAMMPS_OTHER},
    {"PairIJ Coeffs", VT_LAMMPS_OTHER},
    {"Bond Coeffs", VT_LAMMPS_OTHER},
    {"Angle Coeffs", VT_LAMMPS_OTHER},
    {"Dihedral Coeffs", VT_LAMMPS_OTHER},
    {"Improper Coeffs", VT_LAMMPS_OTHER},
    {"BondBond Coeffs", VT_LAMMPS_OTHER},
    {"BondAngle Coeffs", VT_LAMMPS_OTHER},
    {"MiddleBondTorsion Coeffs", VT_LAMMPS_OTHER},
    {"EndBondTorsion Coeffs", VT_LAMMPS_OTHER},
    {"AngleTorsion Coeffs", VT_LAMMPS_OTHER},
    {"AngleAngleTorsion Coeffs", VT_LAMMPS_OTHER},
    {"BondBond13 Coeffs", VT_LAMMPS_OTHER},
    {"AngleAngle Coeffs", VT_LAMMPS_OTHER},
};

enum {
    N_HEADERS = sizeof headers / sizeof *headers,
    N_SECTIONS = sizeof sections / sizeof *sections,
    MOST_WORDS = 8
};

struct reader {
    struct vt_scan *scan;
    struct vt_lammps_header *header;
    struct vt_error *error;
    bool given[N_KINDS][3]; /* lines that were there, by kind and axis */
    double limits[3][2];    /* xlo xhi, ylo yhi, zlo zhi */
    double tilt[3];         /* xy xz yz */
    double vectors[3][3];   /* avec, bvec, cvec */
};

/* Do n words make up the phrase ("atom types")? */
static bool words_are(const struct vt_word *words, size_t n, const char *phrase)
{
    assert(phrase && n > 0);
    for (size_t i = 0; i < n; i++) {
        const size_t length = strcspn(phrase, " ");
        if (length != words[i].length || memcmp(phrase, words[i].text, length) != 0)
            return false;
        phrase += length;
        if (*phrase == ' ')
            phrase++;
        else if (i + 1 < n)
            return false;
    }
    return *phrase == '\0';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

enum vt_lammps_section vt_lammps_section_at(const struct vt_scan *scan)
{
    assert(scan);
    enum { MOST = 3 };
    struct vt_scan ahead = *scan;
    struct vt_word words[MOST];
    if (!vt_scan_peek(scan, words) || !is_capital(words[0].text[0]))
        return VT_LAMMPS_NO_SECTION; /* as almost all lines of a file */
    const size_t n = vt_scan_words(&ahead, words, MOST);
    for (size_t i = 0; i < N_SECTIONS && n <= MOST; i++)
        if (words_are(words, n, sections[i].title))
            return sections[i].section;
    return VT_LAMMPS_NO_SECTION;
}

enum vt_code vt_lammps_unknown(const struct vt_word *first, const struct vt_word *last,
                               struct vt_error *error)
{
    assert(first && last);
    struct vt_word words = *first;
    words.length = (size_t)(last->text - first->text) + last->length;
    const char *known[N_HEADERS + N_SECTIONS + 1] = {NULL};
    const bool is_title = is_capital(first->text[0]);
    for (size_t i = 0; i < (is_title ? N_SECTIONS : N_HEADERS); i++)
        known[i] = is_title ? sections[i].title : headers[i].phrase;
    vt_fail_at(error, first->place, VT_INPUT, "'%s' is no section and no line of the header",
               vt_word_shown(&words).text);
    const char *nearest = vt_nearest(vt_word_shown(&words).text, known);
    if (nearest)
        vt_hint(error, "did you mean '%s'?", nearest);
    else if (is_title)
        vt_hint(error, "sections of LAMMPS fixes are not read; remove them");
    return VT_INPUT;
}

/* A count that the rest of the file has room for, at so many bytes for each. */
static enum vt_code read_count(struct reader *r, const struct vt_word *word, const char *what,
                               size_t bytes_each, int64_t *count)
{
    assert(bytes_each > 0 && count);
    enum vt_code code = vt_word_integer(word, what, 1, INT64_MAX, count, r->error);
    if (!code && (uint64_t)*count > (vt_scan_bytes_left(r->scan) + 1) / bytes_each)
        code = vt_fail_at(r->error, word->place, VT_INPUT,
                          "%s is %" PRId64 ", but the file is too short for so many", what, *count);
    return code;
}

static enum vt_code store_header(struct reader *r, const struct header *header,
                                 const struct vt_word *words)
{
    /* the shortest rows: "1 1 0 0 0" and "1 1", each with a line end */
    enum { ATOM_BYTES = 10, TYPE_BYTES = 4 };
    double *target = NULL;
    switch (header->kind) {
    case IGNORED:
        return VT_OK;
    case ATOMS:
        return read_count(r, &words[0], "number of atoms", ATOM_BYTES, &r->header->n_atoms);
    case TYPES:
        r->header->types_place = words[0].place;
        return read_count(r, &words[0], "number of atom types", TYPE_BYTES, &r->header->n_types);
    case LIMITS:
        target = r->limits[header->axis];
        break;
    case TILT:
        target = r->tilt;
        break;
    case VECTOR:
        target = r->vectors[header->axis];
        break;
    case ORIGIN:
        target = r->header->origin;
        break;
    case N_KINDS:
        break;
    }
    assert(target);
    for (size_t i = 0; i < header->numbers; i++) {
        enum vt_code code = vt_word_real(&words[i], header->phrase, &target[i], r->error);
        if (code)
            return code;
    }
    if (header->kind == LIMITS && !(target[0] < target[1]))
        return vt_fail_at(r->error, words[0].place, VT_INPUT,
                          "the box has no length: the first of '%s' must be the smaller one",
                          header->phrase);
    return VT_OK;
}

/* A line of the header: numbers, then a phrase that says what they are. */
static enum vt_code read_header_line(struct reader *r)
{
    struct vt_word words[MOST_WORDS];
    double number;
    const size_t all = vt_scan_words(r->scan, words, MOST_WORDS);
    const size_t n = all > MOST_WORDS ? MOST_WORDS : all;
    size_t numbers = 0;
    while (numbers < n && !vt_word_real(&words[numbers], "number", &number, NULL))
        numbers++;
    if (numbers == n)
        return vt_fail_at(r->error, words[0].place, VT_INPUT,
                          "numbers without a word that says what they are");
    for (size_t i = 0; i < N_HEADERS; i++) {
        const struct header *header = &headers[i];
        if (!words_are(words + numbers, n - numbers, header->phrase))
            continue;
        if (numbers != header->numbers)
            return vt_fail_at(r->error, words[0].place, VT_INPUT,
                              "expected %zu number%s before '%s', found %zu", header->numbers,
                              header->numbers == 1 ? "" : "s", header->phrase, numbers);
        if (r->given[header->kind][header->axis] && header->kind != IGNORED)
            return vt_fail_at(r->error, words[0].place, VT_INPUT, "'%s' is given twice",
                              header->phrase);
        r->given[header->kind][header->axis] = true;
        return store_header(r, header, words);
    }
    return vt_lammps_unknown(&words[numbers], &words[n - 1], r->error);
}

/* Lower-left corner and edges of the box: header->cell and r->header->origin. */
static enum vt_code finish_cell(struct reader *r)
{
    struct vt_lammps_header *header = r->header;
    const bool *limits = r->given[LIMITS], *vectors = r->given[VECTOR];
    const struct vt_place place = {r->scan->file, r->scan->number, 0};
    const bool general = vectors[0] || vectors[1] || vectors[2];
    if (general && (limits[0] || limits[1] || limits[2] || r->given[TILT][0]))
        return vt_fail_at(r->error, place, VT_INPUT,
                          "the header gives both cell vectors and limits of a box");
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[2][3] = {{"xlo xhi", "ylo yhi", "zlo zhi"},
                                                {"avec", "bvec", "cvec"}};
        if (!(general ? vectors : limits)[i])
            return vt_fail_at(r->error, place, VT_INPUT, "the header has no line '%s'",
                              names[general][i]);
        memcpy(header->cell[i], r->vectors[i], sizeof header->cell[i]);
        if (!general) {
            header->cell[i][i] = r->limits[i][1] - r->limits[i][0];
            r->header->origin[i] = r->limits[i][0];
        }
    }
    if (!general) {
        header->cell[1][0] = r->tilt[0];
        header->cell[2][0] = r->tilt[1];
        header->cell[2][1] = r->tilt[2];
    }
    const double volume = fabs(vt_mat3_determinant((const double(*)[3])header->cell));
    if (!(volume > 0) || !isfinite(volume))
        return vt_fail_at(r->error, place, VT_INPUT, "the volume of the box is %s",
                          volume > 0 ? "too large for a computer's numbers" : "zero");
    return VT_OK;
}

/* write_data's title says "units = metal" or what else it is. */
static enum vt_code read_title(struct reader *r)
{
    struct vt_word word;
    if (!vt_scan_line(r->scan))
        return vt_fail_at(r->error, vt_scan_place(r->scan), VT_INPUT, "the file is empty");
    while (vt_scan_word(r->scan, &word)) {
        if (!vt_word_is(&word, "units") || !vt_scan_word(r->scan, &word) ||
            !vt_word_is(&word, "=") || !vt_scan_word(r->scan, &word))
            continue;
        if (vt_word_is(&word, "real")) {
            r->header->velocity_unit = 1;
        } else if (!vt_word_is(&word, "metal")) {
            vt_fail_at(r->error, word.place, VT_UNSUPPORTED, "units '%s' are not read",
                       vt_word_shown(&word).text);
            vt_hint(r->error, "metal and real are; remove the words if the numbers are in metal");
            return VT_UNSUPPORTED;
        }
    }
    return VT_OK;
}

/* The lines up to the first title of a section, which is left to be read again. */
static enum vt_code read_lines(struct reader *r)
{
    struct vt_word word;
    enum vt_code code = VT_OK;
    while (!code) {
        const struct vt_scan before = *r->scan;
        if (!vt_scan_line_with_words(r->scan))
            break;
        vt_scan_cut(r->scan, '#', NULL);
        if (vt_lammps_section_at(r->scan) != VT_LAMMPS_NO_SECTION) {
            *r->scan = before;
            break;
        }
        if (vt_scan_peek(r->scan, &word))
            code = read_header_line(r);
    }
    return code;
}

enum vt_code vt_lammps_read_header(struct vt_scan *scan, struct vt_lammps_header *header,
                                   struct vt_error *error)
{
    assert(scan && header);
    struct reader r = {.scan = scan, .header = header, .error = error};
    *header = (struct vt_lammps_header){.velocity_unit = 1e-3};
    enum vt_code code = read_title(&r);
    if (!code)
        code = read_lines(&r);
    if (code)
        return code;
    if (!r.given[ATOMS][0] || !r.given[TYPES][0])
        return vt_fail_at(error, (struct vt_place){scan->file, scan->number, 0}, VT_INPUT,
                          "the header has no line '%s'",
                          r.given[ATOMS][0] ? "atom types" : "atoms");
    return finish_cell(&r);
}
