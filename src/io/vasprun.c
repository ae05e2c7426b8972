/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers stand in rows <v>...</v> of named arrays; which array a row belongs to follows from the
 * elements that are open. */
#include "io/vasprun.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "io/xml.h"

/* Rows of three numbers. */
struct rows {
    double (*row)[3];
    size_t n, capacity;
};

struct vt_vasprun_reader {
    struct vt_dft_lines in;
    struct vt_xml xml;
    bool lenient;
    struct vt_dft_counts counts;
    uint8_t *element; /* of the atoms */
    size_t n_atoms, atom_capacity;
    int column;   /* of the row of the table of atoms */
    int64_t nelm; /* 0: not said */
    double n_electrons, valence_of_all, n_of_type;
    bool is_modelling; /* <modeling> has been seen */
    /* of the calculation that is being read */
    bool in_calculation, has_energy;
    long start, n_electronic;
    long line; /* of the forces */
    double energy;
    struct rows basis, positions, forces, stress;
};

static enum vt_code create(struct vt_vasprun_reader **reader, bool lenient, struct vt_error *error)
{
    const enum vt_code code =
        vt_alloc(reader, 1, sizeof **reader, "a reader of vasprun.xml", error);
    if (code)
        return code;
    (*reader)->in.descriptor = -1;
    (*reader)->lenient = lenient;
    (*reader)->n_electrons = NAN;
    vt_xml_start(&(*reader)->xml, &(*reader)->in);
    return VT_OK;
}

static enum vt_code keep_or_close(struct vt_vasprun_reader **reader, enum vt_code code)
{
    if (code) {
        vt_vasprun_close(*reader);
        *reader = NULL;
    }
    return code;
}

enum vt_code vt_vasprun_open(struct vt_vasprun_reader **reader, const char *path, bool lenient,
                             struct vt_error *error)
{
    assert(reader && path);
    const enum vt_code code = create(reader, lenient, error);
    return code ? code : keep_or_close(reader, vt_dft_open(&(*reader)->in, path, error));
}

enum vt_code vt_vasprun_open_memory(struct vt_vasprun_reader **reader,
                                    const struct vt_dft_text *text, bool lenient,
                                    struct vt_error *error)
{
    assert(reader && text);
    const enum vt_code code = create(reader, lenient, error);
    return code ? code : keep_or_close(reader, vt_dft_open_memory(&(*reader)->in, text, error));
}

const struct vt_dft_counts *vt_vasprun_counts(const struct vt_vasprun_reader *reader)
{
    return &reader->counts;
}

void vt_vasprun_close(struct vt_vasprun_reader *reader)
{
    if (!reader)
        return;
    vt_dft_close(&reader->in);
    vt_free(reader->element);
    vt_free(reader->basis.row);
    vt_free(reader->positions.row);
    vt_free(reader->forces.row);
    vt_free(reader->stress.row);
    vt_free(reader);
}

/* ---- what stands before the calculations ---- */

/* Some versions of VASP cut symbols: "r" is Zr, "X" is Xe. */
static enum vt_code read_symbol(const struct vt_word *word, uint8_t *element,
                                struct vt_error *error)
{
    static const char zr[] = "Zr", xe[] = "Xe";
    struct vt_word whole = *word;
    if (vt_word_is(word, "r") || vt_word_is(word, "X")) {
        whole.text = vt_word_is(word, "r") ? zr : xe;
        whole.length = 2;
    }
    return vt_dft_element(&whole, element, error);
}

/* The first column of a row of the table "atoms". */
static enum vt_code read_atom(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    struct vt_word word;
    if (reader->column != 1 || !vt_scan_word(&reader->in.scan, &word))
        return VT_OK;
    uint8_t element = 0;
    enum vt_code code = read_symbol(&word, &element, error);
    if (!code)
        code = vt_reserve(&reader->element, &reader->atom_capacity, reader->n_atoms + 1, 1,
                          "elements", error);
    if (!code)
        reader->element[reader->n_atoms++] = element;
    return code;
}

/* The row of a type: number of atoms, element, mass, valence, title. */
static enum vt_code read_type(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    enum { NUMBER = 1, VALENCE = 4 };
    double value = 0;
    if (reader->column != NUMBER && reader->column != VALENCE)
        return VT_OK;
    const enum vt_code code =
        vt_dft_reals(&reader->in, "number of atoms or valence of a type", 1, &value, error);
    if (code)
        return code;
    double *total = &reader->valence_of_all;
    if (reader->column == NUMBER)
        reader->n_of_type = value;
    else
        *total += value * reader->n_of_type;
    return VT_OK;
}

/* With an outer pressure, VASP mixes it into what it writes. */
static enum vt_code refuse_pressure(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    double pressure = 0;
    const enum vt_code code = vt_dft_reals(&reader->in, "PSTRESS", 1, &pressure, error);
    if (code || pressure == 0)
        return code;
    vt_fail_at(error, vt_dft_place(&reader->in), VT_UNSUPPORTED,
               "PSTRESS is %g kB: energies and stresses may hold this pressure", pressure);
    vt_hint(error, "compute the labels without PSTRESS");
    return VT_UNSUPPORTED;
}

static enum vt_code read_setting(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    const struct vt_xml *xml = &reader->xml;
    struct vt_word word;
    if (vt_xml_is(xml, 0, "i", "NELM") && vt_scan_word(&reader->in.scan, &word))
        return vt_word_integer(&word, "NELM", 0, INT32_MAX, &reader->nelm, error);
    if (vt_xml_is(xml, 0, "i", "PSTRESS"))
        return refuse_pressure(reader, error);
    if (vt_xml_is(xml, 0, "i", "NELECT"))
        return vt_dft_reals(&reader->in, "NELECT", 1, &reader->n_electrons, error);
    return VT_OK;
}

static enum vt_code read_head_text(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    const struct vt_xml *xml = &reader->xml;
    if (!vt_xml_is(xml, 0, "c", NULL))
        return read_setting(reader, error);
    if (vt_xml_is(xml, 3, "array", "atoms"))
        return read_atom(reader, error);
    if (vt_xml_is(xml, 3, "array", "atomtypes"))
        return read_type(reader, error);
    return VT_OK;
}

/* ---- a calculation ---- */

static void start_calculation(struct vt_vasprun_reader *reader)
{
    reader->in_calculation = true;
    reader->has_energy = false;
    reader->n_electronic = 0;
    reader->line = 0;
    reader->start = reader->in.lines.number;
    reader->basis.n = reader->positions.n = reader->forces.n = reader->stress.n = 0;
}

/* The array that the innermost row belongs to, NULL: none of ours. */
static struct rows *rows_of_path(struct vt_vasprun_reader *reader)
{
    const struct vt_xml *xml = &reader->xml;
    if (!vt_xml_is(xml, 0, "v", NULL))
        return NULL;
    if (vt_xml_is(xml, 1, "varray", "basis") && vt_xml_is(xml, 2, "crystal", NULL))
        return &reader->basis;
    if (vt_xml_is(xml, 1, "varray", "positions") && vt_xml_is(xml, 2, "structure", NULL))
        return &reader->positions;
    if (!vt_xml_is(xml, 2, "calculation", NULL))
        return NULL;
    if (vt_xml_is(xml, 1, "varray", "forces"))
        return &reader->forces;
    return vt_xml_is(xml, 1, "varray", "stress") ? &reader->stress : NULL;
}

static enum vt_code read_row(struct vt_vasprun_reader *reader, struct rows *rows,
                             struct vt_error *error)
{
    enum vt_code code = vt_reserve(&rows->row, &rows->capacity, rows->n + 1, sizeof *rows->row,
                                   "rows of numbers", error);
    if (!code)
        code = vt_dft_reals(&reader->in, "a row", 3, rows->row[rows->n], error);
    if (code)
        return code;
    rows->n++;
    if (rows == &reader->forces && rows->n == 1)
        reader->line = reader->in.lines.number;
    return VT_OK;
}

static enum vt_code read_calculation_text(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    const struct vt_xml *xml = &reader->xml;
    struct rows *rows = rows_of_path(reader);
    if (rows)
        return read_row(reader, rows, error);
    if (vt_xml_is(xml, 0, "i", "e_fr_energy") && vt_xml_is(xml, 1, "energy", NULL) &&
        vt_xml_is(xml, 2, "calculation", NULL)) {
        reader->has_energy = true;
        return vt_dft_reals(&reader->in, "free energy", 1, &reader->energy, error);
    }
    return VT_OK;
}

static enum vt_code check_counts(const struct vt_vasprun_reader *reader, struct vt_error *error)
{
    const struct vt_place place = {reader->in.path, reader->start, 0};
    const size_t n = reader->n_atoms;
    if (reader->basis.n != 3 || reader->positions.n != n || reader->forces.n != n || n == 0)
        return vt_fail_at(error, place, VT_INPUT,
                          "the calculation has %zu cell vectors, %zu positions and %zu forces for "
                          "%zu atoms",
                          reader->basis.n, reader->positions.n, reader->forces.n, n);
    if (reader->stress.n != 0 && reader->stress.n != 3)
        return vt_fail_at(error, place, VT_INPUT, "the stress has %zu rows instead of 3",
                          reader->stress.n);
    if (!reader->has_energy)
        return vt_fail_at(error, place, VT_INPUT, "the calculation has no energy (e_fr_energy)");
    return VT_OK;
}

static enum vt_code fill_atoms(const struct vt_vasprun_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    struct vt_column *forces = NULL;
    enum vt_code code = vt_frame_resize(frame, reader->n_atoms, error);
    if (!code)
        code = vt_frame_add_column(frame, "forces", VT_REAL, 3, &forces, error);
    if (code)
        return code;
    memcpy(frame->element, reader->element, reader->n_atoms);
    memcpy(forces->real, reader->forces.row, reader->n_atoms * sizeof *reader->forces.row);
    for (size_t i = 0; i < reader->n_atoms; i++) {
        double *r = frame->position[i];
        vt_row_times_mat3(reader->positions.row[i], (const double(*)[3])frame->cell, r);
        if (!isfinite(r[0] + r[1] + r[2]))
            return vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                              "a position is too far away for a computer's numbers");
    }
    return VT_OK;
}

static enum vt_code set_charge(const struct vt_vasprun_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    const double charge = reader->valence_of_all - reader->n_electrons;
    if (!isfinite(charge) || fabs(charge) < 1e-6)
        return VT_OK;
    return vt_frame_set_reals(frame, "charge", &charge, 1, error);
}

static enum vt_code fill_frame(const struct vt_vasprun_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    frame->file = reader->in.path;
    frame->line = reader->line;
    enum vt_code code = vt_dft_set_cell(frame, (const double(*)[3])reader->basis.row,
                                        (struct vt_place){frame->file, frame->line, 0}, error);
    if (!code)
        code = fill_atoms(reader, frame, error);
    if (!code)
        code = vt_frame_set_reals(frame, "energy", &reader->energy, 1, error);
    if (!code && reader->stress.n == 3) {
        double stress[9];
        for (int i = 0; i < 9; i++)
            stress[i] = 0.1 * reader->stress.row[i / 3][i % 3] / VT_GPA_PER_PRESSURE;
        code = vt_dft_set_stress(frame, stress, error);
    }
    return code ? code : set_charge(reader, frame, error);
}

static enum vt_code finish_calculation(struct vt_vasprun_reader *reader, struct vt_frame *frame,
                                       bool *found, struct vt_error *error)
{
    reader->in_calculation = false;
    if (reader->n_electronic == 0 && reader->forces.n == 0) {
        reader->counts.n_other++; /* a step of a machine-learned force field without labels */
        return VT_OK;
    }
    if (reader->nelm > 0 && reader->n_electronic >= reader->nelm) {
        reader->counts.n_unconverged += reader->lenient;
        if (reader->lenient)
            return VT_OK;
        vt_fail_at(error, (struct vt_place){reader->in.path, reader->start, 0}, VT_INPUT,
                   "the calculation took all %ld electronic steps that NELM allows: not converged",
                   reader->n_electronic);
        vt_hint(error, "compute it again with a larger NELM, or leave it out (--skip-bad)");
        return VT_INPUT;
    }
    enum vt_code code = check_counts(reader, error);
    if (!code)
        code = fill_frame(reader, frame, error);
    *found = !code;
    return code;
}

static enum vt_code finish_file(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    const struct vt_dft_counts *counts = &reader->counts;
    const struct vt_place nowhere = {reader->in.path, 0, 0};
    if (!reader->is_modelling) {
        vt_fail_at(error, nowhere, VT_INPUT, "no <modeling>: this is no vasprun.xml");
        return VT_INPUT;
    }
    if (reader->xml.depth > 0 && !reader->lenient) {
        vt_fail_at(error, vt_dft_place(&reader->in), VT_INPUT,
                   "the file ends within <%s>, after %zu whole calculations: the job is running or "
                   "was killed",
                   reader->in_calculation ? "calculation"
                                          : reader->xml.path[reader->xml.depth - 1].tag,
                   counts->n_frames);
        vt_hint(error, "wait for its end, or take the whole ones (--skip-bad)");
        return VT_INPUT;
    }
    reader->counts.n_incomplete += reader->in_calculation;
    reader->in_calculation = false;
    const bool empty =
        counts->n_frames + counts->n_unconverged + counts->n_incomplete + counts->n_other == 0;
    reader->counts.n_incomplete += empty && reader->lenient; /* the job has just begun */
    if (empty && !reader->lenient)
        return vt_fail_at(error, nowhere, VT_INPUT, "the file has no calculation");
    return VT_OK;
}

static enum vt_code see_open(struct vt_vasprun_reader *reader, struct vt_error *error)
{
    const struct vt_xml *xml = &reader->xml;
    if (vt_xml_is(xml, 0, "rc", NULL))
        reader->column = 0;
    else if (vt_xml_is(xml, 0, "c", NULL))
        reader->column++;
    else if (vt_xml_is(xml, 0, "modeling", NULL))
        reader->is_modelling = true;
    else if (vt_xml_is(xml, 0, "calculation", NULL))
        start_calculation(reader);
    else if (reader->in_calculation && vt_xml_is(xml, 0, "scstep", NULL))
        reader->n_electronic++;
    if (xml->depth == 1 && !reader->is_modelling)
        return vt_fail_at(error, vt_dft_place(&reader->in), VT_INPUT,
                          "<%s> instead of <modeling>: this is no vasprun.xml", xml->path[0].tag);
    return VT_OK;
}

enum vt_code vt_vasprun_read(struct vt_vasprun_reader *reader, struct vt_frame *frame, bool *end,
                             struct vt_error *error)
{
    assert(reader && frame && end);
    vt_frame_clear(frame);
    *end = false;
    bool found = false;
    while (!found) {
        enum vt_xml_event event = VT_XML_END;
        enum vt_code code = vt_xml_next(&reader->xml, &event, error);
        *end = !code && event == VT_XML_END;
        if (*end)
            return finish_file(reader, error);
        if (!code && event == VT_XML_OPEN)
            code = see_open(reader, error);
        else if (!code && event == VT_XML_TEXT)
            code = reader->in_calculation ? read_calculation_text(reader, error)
                                          : read_head_text(reader, error);
        else if (!code && reader->in_calculation &&
                 strcmp(reader->xml.path[reader->xml.depth].tag, "calculation") == 0)
            code = finish_calculation(reader, frame, &found, error);
        if (code)
            return vt_dft_settle(&reader->in, code, reader->lenient ? &reader->counts : NULL, end,
                                 error);
    }
    frame->index = reader->counts.n_frames++;
    return VT_OK;
}
