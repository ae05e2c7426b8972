/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the header come sections, each a title and rows. Rows of Atoms are collected with their
 * line numbers, sorted by id once all are there, and only then copied to the frame, so that
 * messages about ids can name both lines. */
#include "io/lammps_data.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "io/lammps_header.h"
#include "io/scan.h"

struct type {
    struct vt_word label;   /* length 0: none */
    struct vt_word comment; /* after the mass */
    struct vt_place place;  /* of the mass */
    double mass;            /* 0: none */
    uint8_t element;
};

struct atom {
    int64_t id;
    long line;
    size_t type; /* from 0 */
    double position[3];
    double charge;
    int64_t molecule;
    int64_t image[3];
};

struct reader {
    struct vt_scan scan;
    struct vt_frame *frame;
    struct vt_error *error;
    struct vt_lammps_header header;
    struct type *types;   /* owned */
    struct atom *atoms;   /* owned; NULL before the section Atoms */
    struct vt_word style; /* first word of the comment of the title Atoms */
};

/* The letters at the start of a label or a comment, if they are a symbol: "Li", "Li1", "Li cation".
 * Else 0. */
static int element_named(const struct vt_word *name)
{
    return vt_atomic_number(name->text, vt_word_letters(name));
}

/* The next row of a section; false at the end of the section, whose follower is left to be read
 * again. */
static bool next_row(struct reader *r, struct vt_word *comment)
{
    struct vt_scan ahead = r->scan;
    struct vt_word word;
    while (vt_scan_line_with_words(&ahead)) {
        vt_scan_cut(&ahead, '#', comment);
        if (vt_lammps_section_at(&ahead) != VT_LAMMPS_NO_SECTION)
            return false;
        r->scan = ahead;
        if (vt_scan_peek(&ahead, &word))
            return true;
    }
    r->scan = ahead;
    return false;
}

/* The type that a word names, by number or by label, from 0. Labels never start with a digit. */
static enum vt_code read_type(struct reader *r, const struct vt_word *word, size_t *type)
{
    int64_t number;
    enum vt_code code = vt_word_integer(word, "atom type", 1, r->header.n_types, &number, r->error);
    if (!code)
        *type = (size_t)number - 1;
    for (size_t i = 0; code && i < (size_t)r->header.n_types; i++) {
        const struct vt_word *label = &r->types[i].label;
        if (label->length == word->length && memcmp(label->text, word->text, word->length) == 0) {
            *type = i;
            code = VT_OK;
        }
    }
    return code;
}

static enum vt_code read_labels(struct reader *r)
{
    struct vt_word words[2];
    while (next_row(r, NULL)) {
        int64_t number;
        enum vt_code code = vt_scan_expect(&r->scan, words, 2, "atom type and label", r->error);
        if (!code)
            code = vt_word_integer(&words[0], "atom type", 1, r->header.n_types, &number, r->error);
        if (code)
            return code;
        struct type *type = &r->types[number - 1];
        if (type->label.length > 0)
            return vt_fail_at(r->error, words[0].place, VT_INPUT,
                              "atom type %" PRId64 " has two labels", number);
        type->label = words[1];
    }
    return VT_OK;
}

static enum vt_code read_masses(struct reader *r)
{
    struct vt_word words[2], comment;
    while (next_row(r, &comment)) {
        size_t type;
        double mass = 0;
        enum vt_code code = vt_scan_expect(&r->scan, words, 2, "atom type and mass", r->error);
        if (!code)
            code = read_type(r, &words[0], &type);
        if (!code)
            code = vt_word_real(&words[1], "mass", &mass, r->error);
        if (code)
            return code;
        if (mass <= 0)
            return vt_fail_at(r->error, words[1].place, VT_INPUT, "the mass is not positive");
        if (r->types[type].mass > 0)
            return vt_fail_at(r->error, words[0].place, VT_INPUT,
                              "atom type %zu has two masses, the first on line %ld", type + 1,
                              r->types[type].place.line);
        r->types[type].mass = mass;
        r->types[type].place = words[1].place;
        r->types[type].comment = comment;
    }
    return VT_OK;
}

/* Where the words of a row of Atoms stand; -1: the style has none. */
struct style {
    const char *name;
    size_t n;
    int molecule, type, charge, x;
};

static const struct style styles[] = {
    {"atomic", 5, -1, 1, -1, 2}, {"charge", 6, -1, 1, 2, 3},    {"bond", 6, 1, 2, -1, 3},
    {"angle", 6, 1, 2, -1, 3},   {"molecular", 6, 1, 2, -1, 3}, {"full", 7, 1, 2, 3, 4},
};

enum { N_STYLES = sizeof styles / sizeof *styles, IMAGES = 3, MOST_WORDS = 7 + IMAGES };

/* The style by its name after "Atoms #". Without one, by the number of words of the first row: 6
 * and 9 words may mean a charge or a molecule, so there the file must say it. */
static enum vt_code choose_style(struct reader *r, size_t n, const struct style **style)
{
    const struct vt_place place = {r->scan.file, r->scan.number, 1};
    for (size_t i = 0; i < N_STYLES; i++)
        if (vt_word_is(&r->style, styles[i].name)) {
            *style = &styles[i];
            return VT_OK;
        }
    if (r->style.length > 0) {
        vt_fail_at(r->error, r->style.place, VT_UNSUPPORTED, "atom style '%s' is not read",
                   vt_word_shown(&r->style).text);
        vt_hint(r->error, "atomic, charge, bond, angle, molecular and full are");
        return VT_UNSUPPORTED;
    }
    if (n == 6 || n == 6 + IMAGES) {
        vt_fail_at(r->error, place, VT_INPUT,
                   "%zu words a row fit both the atom styles charge and molecular", n);
        vt_hint(r->error, "write 'Atoms # charge' or 'Atoms # molecular' in the section's title");
        return VT_INPUT;
    }
    for (size_t i = 0; i < N_STYLES; i++)
        if (n == styles[i].n || n == styles[i].n + IMAGES) {
            *style = &styles[i];
            return VT_OK;
        }
    vt_fail_at(r->error, place, VT_INPUT, "no atom style that is read has %zu words a row", n);
    vt_hint(r->error, "atomic has 5 words, charge and molecular 6, full 7, each with or without 3 "
                      "image flags");
    return VT_INPUT;
}

static enum vt_code read_position(struct reader *r, const struct vt_word *words, double position[3])
{
    for (size_t i = 0; i < 3; i++) {
        enum vt_code code = vt_word_real(&words[i], "position", &position[i], r->error);
        if (code)
            return code;
        position[i] -= r->header.origin[i];
        if (!isfinite(position[i]))
            return vt_fail_at(r->error, words[i].place, VT_INPUT,
                              "the position is too far away for a computer's numbers");
    }
    return VT_OK;
}

static enum vt_code read_atom(struct reader *r, const struct style *style,
                              const struct vt_word *words, bool images, struct atom *atom)
{
    atom->line = r->scan.number;
    enum vt_code code = vt_word_integer(&words[0], "atom id", 1, INT64_MAX, &atom->id, r->error);
    if (!code)
        code = read_type(r, &words[style->type], &atom->type);
    if (!code && style->molecule >= 0)
        code = vt_word_integer(&words[style->molecule], "molecule id", 0, INT64_MAX,
                               &atom->molecule, r->error);
    if (!code && style->charge >= 0)
        code = vt_word_real(&words[style->charge], "charge", &atom->charge, r->error);
    if (!code)
        code = read_position(r, &words[style->x], atom->position);
    for (size_t i = 0; images && i < IMAGES && !code; i++)
        code = vt_word_integer(&words[style->n + i], "image flag", INT32_MIN, INT32_MAX,
                               &atom->image[i], r->error);
    return code;
}

static int compare_ids(const void *left, const void *right)
{
    const struct atom *a = left, *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static enum vt_code sort_atoms(struct reader *r)
{
    const size_t n = (size_t)r->header.n_atoms;
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = r->atoms[i - 1].id < r->atoms[i].id;
    if (sorted)
        return VT_OK;
    qsort(r->atoms, n, sizeof *r->atoms, compare_ids);
    for (size_t i = 1; i < n; i++)
        if (r->atoms[i].id == r->atoms[i - 1].id)
            return vt_fail_at(r->error, (struct vt_place){r->scan.file, r->atoms[i].line, 1},
                              VT_INPUT, "atom id %" PRId64 " is given twice, first on line %ld",
                              r->atoms[i].id, r->atoms[i - 1].line);
    return VT_OK;
}

/* Add a column and hand out its values through the pointer that its type has. */
static enum vt_code add_reals(struct reader *r, const char *name, size_t width, double **values)
{
    assert(width > 0);
    struct vt_column *column;
    enum vt_code code = vt_frame_add_column(r->frame, name, VT_REAL, width, &column, r->error);
    *values = code ? NULL : column->real;
    return code;
}

static enum vt_code add_integers(struct reader *r, const char *name, size_t width, int64_t **values)
{
    assert(width > 0);
    struct vt_column *column;
    enum vt_code code = vt_frame_add_column(r->frame, name, VT_INTEGER, width, &column, r->error);
    *values = code ? NULL : column->integer;
    return code;
}

static enum vt_code fill_frame(struct reader *r, const struct style *style, bool images)
{
    const size_t n = (size_t)r->header.n_atoms;
    double *charge = NULL;
    int64_t *molecule = NULL, *image = NULL;
    enum vt_code code = vt_frame_resize(r->frame, n, r->error);
    if (!code && style->molecule >= 0)
        code = add_integers(r, "molecule", 1, &molecule);
    if (!code && style->charge >= 0)
        code = add_reals(r, "charge", 1, &charge);
    if (!code && images)
        code = add_integers(r, "image", IMAGES, &image);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++) {
        const struct atom *atom = &r->atoms[i];
        memcpy(r->frame->position[i], atom->position, sizeof atom->position);
        if (molecule)
            molecule[i] = atom->molecule;
        if (charge)
            charge[i] = atom->charge;
        if (image)
            memcpy(image + IMAGES * i, atom->image, sizeof atom->image);
    }
    return VT_OK;
}

/* Rows of Atoms and Velocities start with an id; a word is the title of a section that we do not
 * know. */
static enum vt_code refuse_title(struct reader *r)
{
    struct vt_word first, last;
    if (!vt_scan_peek(&r->scan, &first) || vt_word_letters(&first) == 0)
        return VT_OK;
    while (vt_scan_word(&r->scan, &last))
        ;
    return vt_lammps_unknown(&first, &last, r->error);
}

/* More or fewer rows than the header announces. */
static enum vt_code wrong_count(struct reader *r, const char *section, size_t rows)
{
    const struct vt_place place = {r->scan.file, r->scan.number, 0};
    if (rows < (size_t)r->header.n_atoms)
        return vt_fail_at(r->error, place, VT_INPUT,
                          "%s ends after %zu of the %" PRId64 " atoms that the header announces",
                          section, rows, r->header.n_atoms);
    return vt_fail_at(r->error, place, VT_INPUT,
                      "%s has more rows than the %" PRId64 " atoms that the header announces",
                      section, r->header.n_atoms);
}

static enum vt_code given_twice(struct reader *r, const char *section)
{
    return vt_fail_at(r->error, (struct vt_place){r->scan.file, r->scan.number, 1}, VT_INPUT,
                      "the section %s is given twice", section);
}

static enum vt_code read_atoms(struct reader *r)
{
    const struct style *style = NULL;
    const size_t n = (size_t)r->header.n_atoms;
    size_t n_words = 0, i = 0;
    bool images = false;
    if (r->atoms)
        return given_twice(r, "Atoms");
    enum vt_code code = vt_alloc(&r->atoms, n, sizeof *r->atoms, "atoms of a file", r->error);
    for (; !code && next_row(r, NULL); i++) {
        struct vt_word words[MOST_WORDS];
        code = refuse_title(r);
        if (code || i == n)
            return code ? code : wrong_count(r, "Atoms", i + 1);
        if (i == 0) {
            struct vt_scan ahead = r->scan;
            n_words = vt_scan_words(&ahead, NULL, 0);
            code = choose_style(r, n_words, &style);
            if (code)
                return code;
            images = n_words == style->n + IMAGES;
            n_words = images ? n_words : style->n;
        }
        code = vt_scan_expect(&r->scan, words, n_words, style->name, r->error);
        if (!code)
            code = read_atom(r, style, words, images, &r->atoms[i]);
    }
    if (!code && i < n)
        code = wrong_count(r, "Atoms", i);
    if (!code)
        code = sort_atoms(r);
    return code ? code : fill_frame(r, style, images);
}

static const struct atom *find_atom(const struct reader *r, int64_t id)
{
    size_t low = 0, high = (size_t)r->header.n_atoms;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (r->atoms[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < (size_t)r->header.n_atoms && r->atoms[low].id == id ? &r->atoms[low] : NULL;
}

static enum vt_code read_velocity(struct reader *r, double *velocities, bool *done)
{
    struct vt_word words[4];
    int64_t id;
    enum vt_code code = vt_scan_expect(&r->scan, words, 4, "atom id and velocity", r->error);
    if (!code)
        code = vt_word_integer(&words[0], "atom id", 1, INT64_MAX, &id, r->error);
    if (code)
        return code;
    const struct atom *atom = find_atom(r, id);
    if (!atom)
        return vt_fail_at(r->error, words[0].place, VT_INPUT,
                          "there is no atom with the id %" PRId64, id);
    const size_t row = (size_t)(atom - r->atoms);
    if (done[row])
        return vt_fail_at(r->error, words[0].place, VT_INPUT,
                          "atom id %" PRId64 " has two velocities", id);
    done[row] = true;
    for (size_t i = 0; i < 3 && !code; i++) {
        code = vt_word_real(&words[i + 1], "velocity", &velocities[3 * row + i], r->error);
        velocities[3 * row + i] *= r->header.velocity_unit;
    }
    return code;
}

static enum vt_code read_velocities(struct reader *r)
{
    const size_t n = (size_t)r->header.n_atoms;
    double *velocities;
    bool *done = NULL;
    size_t i = 0;
    if (!r->atoms)
        return vt_fail_at(r->error, (struct vt_place){r->scan.file, r->scan.number, 1}, VT_INPUT,
                          "Velocities come before Atoms");
    if (vt_frame_column(r->frame, "vel"))
        return given_twice(r, "Velocities");
    enum vt_code code = add_reals(r, "vel", 3, &velocities);
    if (!code)
        code = vt_alloc(&done, n, sizeof *done, "velocities of a file", r->error);
    for (; !code && next_row(r, NULL); i++) {
        code = refuse_title(r);
        if (!code)
            code = i < n ? read_velocity(r, velocities, done) : wrong_count(r, "Velocities", i + 1);
    }
    if (!code && i < n)
        code = wrong_count(r, "Velocities", i);
    vt_free(done);
    for (i = 0; !code && i < 3 * n; i++)
        if (velocities[i] != 0)
            return VT_OK;
    vt_frame_remove_column(r->frame, "vel");
    return code;
}

static struct vt_word first_word(const struct vt_word *words)
{
    struct vt_word first = *words;
    for (first.length = 0; first.length < words->length; first.length++)
        if (words->text[first.length] == ' ' || words->text[first.length] == '\t')
            break;
    return first;
}

static enum vt_code read_section(struct reader *r)
{
    struct vt_word comment;
    vt_scan_cut(&r->scan, '#', &comment);
    switch (vt_lammps_section_at(&r->scan)) {
    case VT_LAMMPS_LABELS:
        return read_labels(r);
    case VT_LAMMPS_MASSES:
        return read_masses(r);
    case VT_LAMMPS_ATOMS:
        r->style = first_word(&comment);
        return read_atoms(r);
    case VT_LAMMPS_VELOCITIES:
        return read_velocities(r);
    case VT_LAMMPS_NO_SECTION: /* a line with a comment alone */
    case VT_LAMMPS_OTHER:
        break;
    }
    while (next_row(r, NULL))
        ;
    return VT_OK;
}

/* By name first: masses may be those of isotopes. But a name and a mass that point at two elements
 * are a mistake ("Cs" for a carbon in sp hybridisation, one type too many). */
static enum vt_code find_element(struct reader *r, size_t index)
{
    static const double tolerance = 0.5; /* amu, as vt_element_by_mass */
    struct type *type = &r->types[index];
    const struct vt_word *name = element_named(&type->label) ? &type->label : &type->comment;
    const int named = element_named(name);
    const int weighed = type->mass > 0 ? vt_element_by_mass(type->mass) : 0;
    type->element = (uint8_t)(named ? named : weighed);
    if (named && weighed && weighed != named &&
        fabs(type->mass - vt_element_mass(named)) > tolerance)
        return vt_fail_at(r->error, type->place, VT_INPUT,
                          "atom type %zu is named %s, but %g is the mass of %s", index + 1,
                          vt_element_symbol(named), type->mass, vt_element_symbol(weighed));
    if (type->element)
        return VT_OK;
    if (type->mass > 0) {
        vt_fail_at(r->error, type->place, VT_INPUT, "no element has the mass %g of atom type %zu",
                   type->mass, index + 1);
        vt_hint(r->error, "name the element in a comment after the mass, such as '# Li'");
    } else {
        vt_fail_at(r->error, r->header.types_place, VT_INPUT, "atom type %zu has no mass",
                   index + 1);
        vt_hint(r->error, "the section Masses needs a row for each type, such as '%zu 6.94 # Li'",
                index + 1);
    }
    return VT_INPUT;
}

static enum vt_code set_elements(struct reader *r)
{
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < (size_t)r->header.n_types && !code; i++)
        code = find_element(r, i);
    for (size_t i = 0; i < (size_t)r->header.n_atoms && !code; i++)
        r->frame->element[i] = r->types[r->atoms[i].type].element;
    return code;
}

static void set_cell(struct vt_frame *frame, const struct vt_lammps_header *header)
{
    memcpy(frame->cell, header->cell, sizeof frame->cell);
    frame->has_cell = true;
    frame->periodic[0] = frame->periodic[1] = frame->periodic[2] = true;
}

enum vt_code vt_lammps_parse(struct vt_frame *frame, const char *name, const char *text,
                             size_t size, struct vt_error *error)
{
    assert(frame && name);
    struct reader r = {.frame = frame, .error = error};
    vt_scan_start(&r.scan, name, text, size);
    vt_frame_clear(frame);
    frame->file = name;
    frame->line = 1;
    enum vt_code code = vt_lammps_read_header(&r.scan, &r.header, error);
    if (!code)
        code = vt_alloc(&r.types, (size_t)r.header.n_types, sizeof *r.types, "atom types", error);
    if (!code)
        set_cell(frame, &r.header);
    while (!code && vt_scan_line_with_words(&r.scan))
        code = read_section(&r);
    if (!code && !r.atoms)
        code = vt_fail_at(error, (struct vt_place){name, r.scan.number, 0}, VT_INPUT,
                          "the file has no section Atoms");
    if (!code)
        code = set_elements(&r);
    vt_free(r.types);
    vt_free(r.atoms);
    return code;
}
