/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file is streamed: the lines of one frame are collected, then parsed as a text. */
#define _POSIX_C_SOURCE 200809L /* getline */
#include "io/lammps_dump.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "io/file.h"
#include "io/scan.h"

static const char item[] = "ITEM:";

/* ---- one frame ---- */

/* What a column is; the vectors in three steps. */
enum column {
    NOTHING,
    ID,
    ELEMENT,
    MASS,
    CHARGE,
    PLAIN,
    SCALED = PLAIN + 3,
    UNWRAPPED = SCALED + 3,
    SCALED_UNWRAPPED = UNWRAPPED + 3,
    IMAGE = SCALED_UNWRAPPED + 3,
    VELOCITY = IMAGE + 3,
    FORCE = VELOCITY + 3,
    COLUMNS = FORCE + 3
};

static const char *const column_name[COLUMNS] = {
    [ID] = "id",
    [ELEMENT] = "element",
    [MASS] = "mass",
    [CHARGE] = "q",
    [PLAIN] = "x",
    [PLAIN + 1] = "y",
    [PLAIN + 2] = "z",
    [SCALED] = "xs",
    [SCALED + 1] = "ys",
    [SCALED + 2] = "zs",
    [UNWRAPPED] = "xu",
    [UNWRAPPED + 1] = "yu",
    [UNWRAPPED + 2] = "zu",
    [SCALED_UNWRAPPED] = "xsu",
    [SCALED_UNWRAPPED + 1] = "ysu",
    [SCALED_UNWRAPPED + 2] = "zsu",
    [IMAGE] = "ix",
    [IMAGE + 1] = "iy",
    [IMAGE + 2] = "iz",
    [VELOCITY] = "vx",
    [VELOCITY + 1] = "vy",
    [VELOCITY + 2] = "vz",
    [FORCE] = "fx",
    [FORCE + 1] = "fy",
    [FORCE + 2] = "fz",
};

enum { MOST_WORDS = 200 };

struct parser {
    struct vt_scan scan;
    struct vt_frame *frame;
    struct vt_lammps_dump_units *units;
    struct vt_error *error;
    int64_t n_atoms; /* 0: not told yet */
    bool has_box;
    double origin[3];
    size_t n_words;
    enum column column[MOST_WORDS]; /* of each word of an atom's line */
    bool has[COLUMNS];
    enum column position; /* the kind that is used */
    struct row *row;      /* owned: [n_atoms], as they come */
};

struct row {
    int64_t id;
    long line;
    uint8_t element;
    int64_t image[3];
    double value[COLUMNS]; /* of real columns */
};

/* The line of one number that follows the line of an item. */
static enum vt_code read_number(struct parser *p, const char *what, struct vt_word *word)
{
    enum vt_code code = vt_scan_need_line(&p->scan, what, p->error);
    return code ? code : vt_scan_expect(&p->scan, word, 1, what, p->error);
}

static enum vt_code read_units(struct parser *p)
{
    struct vt_word word;
    const enum vt_code code = read_number(p, "units", &word);
    if (code)
        return code;
    if (vt_word_is(&word, "metal")) {
        *p->units = vt_lammps_dump_metal();
    } else if (vt_word_is(&word, "real")) {
        p->units->time = 1e-3;
        p->units->force = 4.184 / VT_KJ_PER_MOL_OF_EV;
    } else {
        return vt_fail_at(p->error, word.place, VT_INPUT,
                          "units '%s' are not known here: metal and real are",
                          vt_word_shown(&word).text);
    }
    return VT_OK;
}

static enum vt_code read_time(struct parser *p)
{
    struct vt_word word;
    double time;
    enum vt_code code = read_number(p, "time", &word);
    if (!code)
        code = vt_word_real(&word, "time", &time, p->error);
    if (code)
        return code;
    time *= p->units->time;
    return vt_frame_set_reals(p->frame, "time_ps", &time, 1, p->error);
}

static enum vt_code read_step(struct parser *p)
{
    struct vt_word word;
    struct vt_key *key;
    int64_t step;
    enum vt_code code = read_number(p, "time step", &word);
    if (!code)
        code = vt_word_integer(&word, "time step", INT64_MIN, INT64_MAX, &step, p->error);
    if (!code)
        code = vt_frame_add_key(p->frame, "step", VT_INTEGER, 1, &key, p->error);
    if (!code)
        key->integer[0] = step;
    return code;
}

static enum vt_code read_count(struct parser *p)
{
    struct vt_word word;
    const enum vt_code code = read_number(p, "number of atoms", &word);
    const int64_t most = (int64_t)(vt_scan_bytes_left(&p->scan) / 2) + 1; /* lines of "1" */
    return code ? code : vt_word_integer(&word, "number of atoms", 1, most, &p->n_atoms, p->error);
}

/* Three lines of n numbers. */
static enum vt_code read_bounds(struct parser *p, size_t n, double bound[3][4])
{
    for (int d = 0; d < 3; d++) {
        struct vt_word word[4];
        enum vt_code code = vt_scan_need_line(&p->scan, "box", p->error);
        if (!code)
            code = vt_scan_expect(&p->scan, word, n, "bounds of the box", p->error);
        for (size_t k = 0; k < n && !code; k++)
            code = vt_word_real(&word[k], "bound of the box", &bound[d][k], p->error);
        if (code)
            return code;
    }
    return VT_OK;
}

/* The box that bounds a tilted cell says where its corner is. tilts: xy, xz, yz. */
static void set_restricted(struct parser *p, double bound[3][4], const double tilt[3])
{
    bound[0][0] -= fmin(fmin(0, tilt[0]), fmin(tilt[1], tilt[0] + tilt[1]));
    bound[0][1] -= fmax(fmax(0, tilt[0]), fmax(tilt[1], tilt[0] + tilt[1]));
    bound[1][0] -= fmin(0, tilt[2]);
    bound[1][1] -= fmax(0, tilt[2]);
    const double cell[3][3] = {{bound[0][1] - bound[0][0], 0, 0},
                               {tilt[0], bound[1][1] - bound[1][0], 0},
                               {tilt[1], tilt[2], bound[2][1] - bound[2][0]}};
    memcpy(p->frame->cell, cell, sizeof cell);
    for (int d = 0; d < 3; d++)
        p->origin[d] = bound[d][0];
}

/* "pp pp ff" at the end of the line of the item, if they are there. */
static void set_periodic(struct parser *p, const struct vt_word *word, size_t n)
{
    for (size_t d = 0; d < 3; d++)
        p->frame->periodic[d] =
            n < 3 || (word[n - 3 + d].length > 0 && word[n - 3 + d].text[0] == 'p');
}

static enum vt_code read_box(struct parser *p)
{
    struct vt_word word[8];
    double bound[3][4];
    const size_t n = vt_scan_words(&p->scan, word, 8);
    const bool is_general = n > 0 && vt_word_is(&word[0], "abc");
    const bool is_tilted = n > 0 && vt_word_is(&word[0], "xy");
    set_periodic(p, word, n <= 8 ? n : 0);
    const enum vt_code code = read_bounds(p, is_general ? 4 : is_tilted ? 3 : 2, bound);
    if (code)
        return code;
    if (is_general) {
        for (int d = 0; d < 3; d++) {
            memcpy(p->frame->cell[d], bound[d], sizeof p->frame->cell[d]);
            p->origin[d] = bound[d][3];
        }
    } else {
        const double none[3] = {0}, tilt[3] = {bound[0][2], bound[1][2], bound[2][2]};
        set_restricted(p, bound, is_tilted ? tilt : none);
    }
    p->has_box = p->frame->has_cell = true;
    return VT_OK;
}

static bool has_vector(const struct parser *p, enum column first)
{
    return p->has[first] && p->has[first + 1] && p->has[first + 2];
}

static enum vt_code check_columns(struct parser *p, struct vt_place place)
{
    static const enum column kinds[] = {UNWRAPPED, SCALED_UNWRAPPED, PLAIN, SCALED};
    p->position = NOTHING;
    for (int k = 3; k >= 0; k--)
        if (has_vector(p, kinds[k]))
            p->position = kinds[k];
    const char *missing = NULL, *hint = NULL;
    if (!p->has[ID]) {
        missing = "ids";
        hint = "write them: dump ... custom N FILE id element x y z ix iy iz";
    } else if (!p->has[ELEMENT] && !p->has[MASS]) {
        missing = "elements";
        hint = "write the column element (and name them: dump_modify ID element Li Zr Cl), or mass";
    } else if (p->position == NOTHING) {
        missing = "positions";
        hint = "write x y z, xs ys zs, xu yu zu or xsu ysu zsu";
    }
    if (!missing)
        return VT_OK;
    vt_fail_at(p->error, place, VT_INPUT, "the atoms have no %s", missing);
    vt_hint(p->error, "%s", hint);
    return VT_INPUT;
}

static enum vt_code read_columns(struct parser *p)
{
    const struct vt_place place = vt_scan_place(&p->scan);
    struct vt_word word;
    for (p->n_words = 0; vt_scan_word(&p->scan, &word); p->n_words++) {
        if (p->n_words == MOST_WORDS)
            return vt_fail_at(p->error, word.place, VT_INPUT, "there are more than %d columns",
                              MOST_WORDS);
        p->column[p->n_words] = NOTHING;
        for (int c = NOTHING + 1; c < COLUMNS; c++)
            if (vt_word_is(&word, column_name[c])) {
                p->column[p->n_words] = (enum column)c;
                p->has[c] = true;
            }
    }
    return check_columns(p, place);
}

static enum vt_code read_element(struct parser *p, const struct vt_word *word, struct row *row)
{
    const int z = vt_atomic_number(word->text, vt_word_letters(word));
    if (z == 0)
        return vt_fail_at(p->error, word->place, VT_INPUT, "'%s' is no element",
                          vt_word_shown(word).text);
    row->element = (uint8_t)z;
    return VT_OK;
}

static enum vt_code read_mass(struct parser *p, const struct vt_word *word, struct row *row)
{
    double mass;
    const enum vt_code code = vt_word_real(word, "mass", &mass, p->error);
    if (code || p->has[ELEMENT])
        return code;
    const int z = vt_element_by_mass(mass);
    if (z == 0)
        return vt_fail_at(p->error, word->place, VT_INPUT, "no element has a mass of %g amu", mass);
    row->element = (uint8_t)z;
    return VT_OK;
}

static enum vt_code read_word(struct parser *p, enum column column, const struct vt_word *word,
                              struct row *row)
{
    if (column == NOTHING)
        return VT_OK;
    if (column == ID)
        return vt_word_integer(word, "id of the atom", 1, INT64_MAX, &row->id, p->error);
    if (column == ELEMENT)
        return read_element(p, word, row);
    if (column == MASS)
        return read_mass(p, word, row);
    if (column >= IMAGE && column < IMAGE + 3)
        return vt_word_integer(word, "image of the atom", INT32_MIN, INT32_MAX,
                               &row->image[column - IMAGE], p->error);
    return vt_word_real(word, column_name[column], &row->value[column], p->error);
}

static int by_id(const void *a, const void *b)
{
    const struct row *one = a, *other = b;
    return (one->id > other->id) - (one->id < other->id);
}

static enum vt_code read_rows(struct parser *p)
{
    enum vt_code code =
        vt_alloc(&p->row, (size_t)p->n_atoms, sizeof *p->row, "atoms of a frame", p->error);
    for (int64_t i = 0; i < p->n_atoms && !code; i++) {
        struct vt_word word[MOST_WORDS];
        p->row[i] = (struct row){.id = 0};
        code = vt_scan_need_line(&p->scan, "last atom of the frame", p->error);
        p->row[i].line = p->scan.number;
        if (!code)
            code = vt_scan_expect(&p->scan, word, p->n_words, "columns of an atom", p->error);
        for (size_t k = 0; k < p->n_words && !code; k++)
            code = read_word(p, p->column[k], &word[k], &p->row[i]);
    }
    if (code)
        return code;
    qsort(p->row, (size_t)p->n_atoms, sizeof *p->row, by_id);
    for (int64_t i = 1; i < p->n_atoms; i++)
        if (p->row[i].id == p->row[i - 1].id) {
            const long first = p->row[i].line, second = p->row[i - 1].line;
            const long later = first > second ? first : second;
            return vt_fail_at(p->error, (struct vt_place){p->scan.file, later, 0}, VT_INPUT,
                              "id %lld is given to two atoms", (long long)p->row[i].id);
        }
    return VT_OK;
}

static void place_atom(const struct parser *p, const struct row *row, double position[3])
{
    const double *x = &row->value[p->position];
    if (p->position == SCALED || p->position == SCALED_UNWRAPPED)
        vt_row_times_mat3(x, (const double(*)[3])p->frame->cell, position);
    else
        for (int d = 0; d < 3; d++)
            position[d] = x[d] - p->origin[d];
}

/* Columns of real numbers that the file has, in our units. */
static enum vt_code add_column(struct parser *p, enum column first, const char *name, size_t width,
                               double unit)
{
    struct vt_column *column;
    for (size_t d = 0; d < width; d++)
        if (!p->has[first + d])
            return VT_OK;
    const enum vt_code code =
        vt_frame_add_column(p->frame, name, VT_REAL, width, &column, p->error);
    for (int64_t i = 0; i < p->n_atoms && !code; i++)
        for (size_t d = 0; d < width; d++)
            column->real[(size_t)i * width + d] = unit * p->row[i].value[first + d];
    return code;
}

static enum vt_code add_images(struct parser *p)
{
    struct vt_column *column;
    if (!has_vector(p, IMAGE) || p->position == UNWRAPPED || p->position == SCALED_UNWRAPPED)
        return VT_OK; /* they are in the positions */
    const enum vt_code code =
        vt_frame_add_column(p->frame, "image", VT_INTEGER, 3, &column, p->error);
    for (int64_t i = 0; i < p->n_atoms && !code; i++)
        memcpy(column->integer + 3 * i, p->row[i].image, sizeof p->row[i].image);
    return code;
}

static enum vt_code fill_frame(struct parser *p)
{
    struct vt_frame *frame = p->frame;
    enum vt_code code = vt_frame_resize(frame, (size_t)p->n_atoms, p->error);
    for (int64_t i = 0; i < p->n_atoms && !code; i++) {
        frame->element[i] = p->row[i].element;
        place_atom(p, &p->row[i], frame->position[i]);
        for (int d = 0; d < 3; d++)
            if (!isfinite(frame->position[i][d]))
                code = vt_fail_at(p->error, (struct vt_place){p->scan.file, p->row[i].line, 0},
                                  VT_INPUT, "the position is beyond all numbers");
    }
    if (!code)
        code = add_images(p);
    if (!code)
        code = add_column(p, VELOCITY, "vel", 3, 1e-3 / p->units->time);
    if (!code)
        code = add_column(p, FORCE, "forces", 3, p->units->force);
    return code ? code : add_column(p, CHARGE, "charge", 1, 1);
}

static enum vt_code read_atoms(struct parser *p, struct vt_place place)
{
    if (p->n_atoms == 0 || !p->has_box)
        return vt_fail_at(p->error, place, VT_INPUT, "ITEM: %s has to come before the atoms",
                          p->n_atoms == 0 ? "NUMBER OF ATOMS" : "BOX BOUNDS");
    enum vt_code code = read_columns(p);
    if (!code)
        code = read_rows(p);
    return code ? code : fill_frame(p);
}

/* The words after ITEM: are read as far as they name the item. *done: it was that of the atoms. */
static enum vt_code read_item(struct parser *p, bool *done)
{
    struct vt_word word, more;
    const struct vt_place place = vt_scan_place(&p->scan);
    *done = false;
    if (!vt_scan_word(&p->scan, &word) || !vt_word_is(&word, item) ||
        !vt_scan_word(&p->scan, &word))
        return vt_fail_at(p->error, place, VT_INPUT, "a line that begins with ITEM: is to come");
    if (vt_word_is(&word, "UNITS"))
        return read_units(p);
    if (vt_word_is(&word, "TIME"))
        return read_time(p);
    if (vt_word_is(&word, "TIMESTEP"))
        return read_step(p);
    if (vt_word_is(&word, "NUMBER"))
        return read_count(p);
    if (vt_word_is(&word, "BOX") && vt_scan_word(&p->scan, &more) && vt_word_is(&more, "BOUNDS"))
        return read_box(p);
    if (vt_word_is(&word, "ATOMS")) {
        *done = true;
        return read_atoms(p, place);
    }
    return vt_fail_at(p->error, word.place, VT_INPUT, "ITEM: %s is not known here",
                      vt_word_shown(&word).text);
}

struct vt_lammps_dump_units vt_lammps_dump_metal(void)
{
    return (struct vt_lammps_dump_units){.time = 1, .force = 1};
}

enum vt_code vt_lammps_dump_parse(struct vt_frame *frame, const struct vt_lammps_dump_text *text,
                                  struct vt_lammps_dump_units *units, struct vt_error *error)
{
    assert(frame && text && text->name && text->text && text->line > 0 && units);
    struct parser parser = {.frame = frame, .units = units, .error = error};
    bool done = false;
    vt_frame_clear(frame);
    vt_scan_start(&parser.scan, text->name, text->text, text->size);
    parser.scan.number = text->line - 1;
    frame->file = text->name;
    frame->line = text->line;
    enum vt_code code = VT_OK;
    while (!code && !done) {
        code = vt_scan_need_line(&parser.scan, "atoms of the frame", error);
        if (!code)
            code = read_item(&parser, &done);
    }
    if (!code && vt_scan_line_with_words(&parser.scan))
        code = vt_fail_at(error, vt_scan_place(&parser.scan), VT_INPUT,
                          "there are more atoms than ITEM: NUMBER OF ATOMS says");
    vt_free(parser.row);
    return code;
}

/* ---- the file ---- */

struct vt_lammps_dump_reader {
    const char *name; /* borrowed */
    FILE *file;
    struct vt_lammps_dump_units units;
    char *line; /* of getline: the first one of the next frame, if `length` is above 0 */
    size_t line_capacity;
    ssize_t length;
    char *text; /* of the frame */
    size_t text_capacity;
    long number; /* of `line` */
    size_t index;
};

enum vt_code vt_lammps_dump_open(struct vt_lammps_dump_reader **reader, const char *name,
                                 struct vt_error *error)
{
    assert(reader && name);
    enum vt_code code = vt_alloc(reader, 1, sizeof **reader, "a reader", error);
    if (code)
        return code;
    struct vt_lammps_dump_reader *r = *reader;
    r->name = name;
    r->units = vt_lammps_dump_metal();
    r->file = fopen(name, "rb");
    if (r->file)
        return VT_OK;
    code = vt_fail_at(error, (struct vt_place){name, 0, 0}, VT_INPUT, "cannot open: %s",
                      strerror(errno));
    vt_lammps_dump_close(r);
    *reader = NULL;
    return code;
}

void vt_lammps_dump_close(struct vt_lammps_dump_reader *reader)
{
    if (!reader)
        return;
    if (reader->file)
        fclose(reader->file);
    free(reader->line); /* getline's own */
    vt_free(reader->text);
    vt_free(reader);
}

static void next_line(struct vt_lammps_dump_reader *r)
{
    r->length = getline(&r->line, &r->line_capacity, r->file);
    r->number += r->length > 0;
}

static bool is_item(const struct vt_lammps_dump_reader *r, const char *name)
{
    const size_t n = sizeof item - 1;
    if (r->length < (ssize_t)n || memcmp(r->line, item, n) != 0)
        return false;
    const char *rest = r->line + n + strspn(r->line + n, " \t");
    return strncmp(rest, name, strlen(name)) == 0;
}

static enum vt_code keep_line(struct vt_lammps_dump_reader *r, size_t *size, struct vt_error *error)
{
    const size_t length = (size_t)r->length;
    const enum vt_code code =
        vt_reserve(&r->text, &r->text_capacity, *size + length, 1, "text of a frame", error);
    if (!code)
        memcpy(r->text + *size, r->line, length);
    *size += length;
    return code;
}

/* The lines up to the next item that follows the atoms. */
static enum vt_code collect(struct vt_lammps_dump_reader *r, size_t *size, struct vt_error *error)
{
    bool in_atoms = false;
    enum vt_code code = VT_OK;
    for (*size = 0; r->length > 0 && !code; next_line(r)) {
        if (in_atoms && is_item(r, ""))
            break;
        in_atoms = in_atoms || is_item(r, "ATOMS");
        code = keep_line(r, size, error);
    }
    if (!code && ferror(r->file))
        code = vt_fail_at(error, (struct vt_place){r->name, r->number, 0}, VT_INPUT,
                          "cannot read: %s", strerror(errno));
    return code;
}

static bool is_blank(const char *line, ssize_t length)
{
    for (ssize_t i = 0; i < length; i++)
        if (!strchr(" \t\r\n", line[i]))
            return false;
    return true;
}

enum vt_code vt_lammps_dump_read(struct vt_lammps_dump_reader *reader, struct vt_frame *frame,
                                 bool *end, struct vt_error *error)
{
    assert(reader && frame && end);
    vt_frame_clear(frame);
    if (reader->number == 0)
        next_line(reader);
    while (reader->length > 0 && is_blank(reader->line, reader->length))
        next_line(reader);
    *end = reader->length <= 0;
    if (*end)
        return VT_OK;
    struct vt_lammps_dump_text text = {.name = reader->name, .line = reader->number};
    enum vt_code code = collect(reader, &text.size, error);
    text.text = reader->text;
    if (!code)
        code = vt_lammps_dump_parse(frame, &text, &reader->units, error);
    frame->index = reader->index++;
    return code;
}
