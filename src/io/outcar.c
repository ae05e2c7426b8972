/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ionic step is printed in the order: electronic iterations, stress, cell, positions with forces,
 * free energy. The last of these makes the frame. */
#include "io/outcar.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"

/* The largest number of atoms of a type that is believed; memory is taken as lines come. */
static const int64_t most_ions = (int64_t)1 << 31;

struct potential {
    uint8_t element;
    double valence; /* electrons; NAN: not said */
    int64_t n_ions;
};

struct vt_outcar_reader {
    struct vt_dft_lines in;
    bool lenient;
    struct vt_dft_counts counts;
    struct potential *potential;
    size_t n_potentials, capacity, n_titles, n_valences, n_counts;
    double n_electrons; /* NAN: not said */
    double cell[3][3];
    bool has_cell;
    /* of the step that is being read */
    long n_iterations;
    long start; /* line of its first iteration */
    bool converged, has_forces, is_learned, has_stress;
    double stress[9]; /* eV/A^3 */
};

static enum vt_code create(struct vt_outcar_reader **reader, bool lenient, struct vt_error *error)
{
    const enum vt_code code = vt_alloc(reader, 1, sizeof **reader, "a reader of OUTCAR", error);
    if (code)
        return code;
    (*reader)->in.descriptor = -1;
    (*reader)->lenient = lenient;
    (*reader)->n_electrons = NAN;
    return VT_OK;
}

static enum vt_code keep_or_close(struct vt_outcar_reader **reader, enum vt_code code)
{
    if (code) {
        vt_outcar_close(*reader);
        *reader = NULL;
    }
    return code;
}

enum vt_code vt_outcar_open(struct vt_outcar_reader **reader, const char *path, bool lenient,
                            struct vt_error *error)
{
    assert(reader && path);
    const enum vt_code code = create(reader, lenient, error);
    return code ? code : keep_or_close(reader, vt_dft_open(&(*reader)->in, path, error));
}

enum vt_code vt_outcar_open_memory(struct vt_outcar_reader **reader, const struct vt_dft_text *text,
                                   bool lenient, struct vt_error *error)
{
    assert(reader && text);
    const enum vt_code code = create(reader, lenient, error);
    return code ? code : keep_or_close(reader, vt_dft_open_memory(&(*reader)->in, text, error));
}

const struct vt_dft_counts *vt_outcar_counts(const struct vt_outcar_reader *reader)
{
    return &reader->counts;
}

void vt_outcar_close(struct vt_outcar_reader *reader)
{
    if (!reader)
        return;
    vt_dft_close(&reader->in);
    vt_free(reader->potential);
    vt_free(reader);
}

/* ---- the head ---- */

static enum vt_code need_potential(struct vt_outcar_reader *reader, size_t index,
                                   struct vt_error *error)
{
    if (index < reader->n_potentials)
        return VT_OK;
    const enum vt_code code = vt_reserve(&reader->potential, &reader->capacity, index + 1,
                                         sizeof *reader->potential, "potentials", error);
    if (code)
        return code;
    while (reader->n_potentials <= index)
        reader->potential[reader->n_potentials++] = (struct potential){.valence = NAN};
    return VT_OK;
}

/* "TITEL  = PAW_PBE Li_sv 10Sep2004"; very old ones are "US Li". */
static enum vt_code read_title(struct vt_outcar_reader *reader, struct vt_error *error)
{
    struct vt_word words[3];
    const size_t n = vt_scan_words(&reader->in.scan, words, 3);
    if (n < 3)
        return vt_fail_at(error, vt_dft_place(&reader->in), VT_INPUT,
                          "expected '= PAW_PBE ELEMENT' after TITEL");
    uint8_t element = 0;
    enum vt_code code = vt_dft_element(&words[2], &element, error);
    if (!code)
        code = need_potential(reader, reader->n_titles, error);
    if (!code)
        reader->potential[reader->n_titles++].element = element;
    return code;
}

/* "POMASS =    6.941; ZVAL   =    3.000    mass and valenz" */
static enum vt_code read_valence(struct vt_outcar_reader *reader, struct vt_error *error)
{
    struct vt_word equals;
    if (!vt_scan_word(&reader->in.scan, &equals) || !vt_word_is(&equals, "="))
        return VT_OK;
    double valence = 0;
    enum vt_code code = vt_dft_reals(&reader->in, "valence", 1, &valence, error);
    if (!code)
        code = need_potential(reader, reader->n_valences, error);
    if (!code)
        reader->potential[reader->n_valences++].valence = valence;
    return code;
}

static enum vt_code read_counts(struct vt_outcar_reader *reader, struct vt_error *error)
{
    struct vt_word word;
    reader->n_counts = 0;
    while (vt_scan_word(&reader->in.scan, &word)) {
        if (vt_word_is(&word, "="))
            continue;
        int64_t n = 0;
        enum vt_code code = vt_word_integer(&word, "ions per type", 1, most_ions, &n, error);
        if (!code)
            code = need_potential(reader, reader->n_counts, error);
        if (code)
            return code;
        reader->potential[reader->n_counts++].n_ions = n;
    }
    return VT_OK;
}

static enum vt_code read_cell(struct vt_outcar_reader *reader, struct vt_error *error)
{
    for (int i = 0; i < 3; i++) {
        enum vt_code code = vt_dft_need_line(&reader->in, "three cell vectors", error);
        if (!code)
            code = vt_dft_reals(&reader->in, "cell vector", 3, reader->cell[i], error);
        if (code)
            return code;
    }
    reader->has_cell = true;
    return VT_OK;
}

static enum vt_code read_electrons(struct vt_outcar_reader *reader, struct vt_error *error)
{
    struct vt_word equals;
    if (!vt_scan_word(&reader->in.scan, &equals) || !vt_word_is(&equals, "="))
        return VT_OK;
    return vt_dft_reals(&reader->in, "number of electrons", 1, &reader->n_electrons, error);
}

/* With an outer pressure, VASP mixes it into what it prints, not everywhere alike. */
static enum vt_code refuse_pressure(struct vt_outcar_reader *reader, struct vt_error *error)
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

/* ---- a step ---- */

static void start_step(struct vt_outcar_reader *reader)
{
    reader->n_iterations = 0;
    reader->start = 0;
    reader->converged = false;
    reader->has_forces = false;
    reader->is_learned = false;
    reader->has_stress = false;
}

/* XX YY ZZ XY YZ ZX in kbar, positive = compressed */
static enum vt_code read_stress(struct vt_outcar_reader *reader, struct vt_error *error)
{
    static const int six[9] = {0, 3, 5, 3, 1, 4, 5, 4, 2};
    double kbar[6];
    const enum vt_code code = vt_dft_reals(&reader->in, "stress", 6, kbar, error);
    for (int i = 0; i < 9 && !code; i++)
        reader->stress[i] = 0.1 * kbar[six[i]] / VT_GPA_PER_PRESSURE;
    reader->has_stress = !code;
    return code;
}

/* Rows of position and force between two lines of dashes. */
static enum vt_code read_rows(struct vt_outcar_reader *reader, struct vt_frame *frame,
                              struct vt_error *error)
{
    static const char what[] = "positions and forces";
    struct vt_column *forces = NULL;
    enum vt_code code = vt_dft_need_line(&reader->in, what, error);
    if (!code)
        code = vt_frame_add_column(frame, "forces", VT_REAL, 3, &forces, error);
    while (!code) {
        double row[6];
        code = vt_dft_need_line(&reader->in, "end of the positions and forces", error);
        if (!code && vt_dft_find(&reader->in, "-----"))
            break;
        if (!code)
            code = vt_dft_reals(&reader->in, what, 6, row, error);
        if (!code)
            code = vt_dft_add_force(frame, row + 3, error);
        if (!code)
            memcpy(frame->position[frame->n_atoms - 1], row, 3 * sizeof *row);
    }
    return code;
}

static enum vt_code read_forces(struct vt_outcar_reader *reader, struct vt_frame *frame,
                                struct vt_error *error)
{
    vt_frame_clear(frame);
    frame->file = reader->in.path;
    frame->line = reader->in.lines.number;
    reader->is_learned = vt_dft_find(&reader->in, "(ML)");
    reader->has_forces = true;
    return read_rows(reader, frame, error);
}

static enum vt_code set_elements(const struct vt_outcar_reader *reader, struct vt_frame *frame,
                                 struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    if (reader->n_counts == 0 || reader->n_titles < reader->n_counts)
        return vt_fail_at(error, place, VT_INPUT,
                          "the elements are not known: %zu titles of POTCARs and %zu numbers of "
                          "ions came before",
                          reader->n_titles, reader->n_counts);
    size_t n = 0;
    for (size_t t = 0; t < reader->n_counts; t++) {
        const struct potential *potential = &reader->potential[t];
        if ((uint64_t)potential->n_ions > frame->n_atoms - n)
            break;
        memset(frame->element + n, potential->element, (size_t)potential->n_ions);
        n += (size_t)potential->n_ions;
        if (t + 1 == reader->n_counts && n == frame->n_atoms)
            return VT_OK;
    }
    return vt_fail_at(error, place, VT_INPUT,
                      "%zu rows of positions and forces do not match 'ions per type'",
                      frame->n_atoms);
}

static enum vt_code set_charge(const struct vt_outcar_reader *reader, struct vt_frame *frame,
                               struct vt_error *error)
{
    double charge = -reader->n_electrons;
    for (size_t t = 0; t < reader->n_counts; t++)
        charge += reader->potential[t].valence * (double)reader->potential[t].n_ions;
    if (!isfinite(charge) || fabs(charge) < 1e-6)
        return VT_OK;
    return vt_frame_set_reals(frame, "charge", &charge, 1, error);
}

static enum vt_code fill_frame(struct vt_outcar_reader *reader, struct vt_frame *frame,
                               double energy, struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    enum vt_code code = set_elements(reader, frame, error);
    if (!code && !reader->has_cell)
        code = vt_fail_at(error, place, VT_INPUT, "no cell was printed before these forces");
    if (!code)
        code = vt_dft_set_cell(frame, (const double(*)[3])reader->cell, place, error);
    if (!code)
        code = vt_frame_set_reals(frame, "energy", &energy, 1, error);
    if (!code && reader->has_stress)
        code = vt_dft_set_stress(frame, reader->stress, error);
    return code ? code : set_charge(reader, frame, error);
}

/* The free energy ends a step. *found: it is a frame. */
static enum vt_code finish_step(struct vt_outcar_reader *reader, struct vt_frame *frame,
                                bool *found, struct vt_error *error)
{
    struct vt_word equals;
    double energy = 0;
    vt_scan_word(&reader->in.scan, &equals);
    enum vt_code code = vt_dft_reals(&reader->in, "free energy", 1, &energy, error);
    const bool bad = reader->n_iterations > 0 && !reader->converged;
    if (!code && reader->is_learned) {
        reader->counts.n_other++;
    } else if (!code && bad && reader->lenient) {
        reader->counts.n_unconverged++;
    } else if (!code && bad) {
        code =
            vt_fail_at(error, (struct vt_place){frame->file, reader->start, 0}, VT_INPUT,
                       "the electrons of ionic step %zu did not converge in %ld iterations",
                       reader->counts.n_frames + reader->counts.n_other + 1, reader->n_iterations);
        vt_hint(error, "compute it again with a larger NELM, or leave it out (--skip-bad)");
    } else if (!code) {
        code = fill_frame(reader, frame, energy, error);
        *found = !code;
    }
    start_step(reader);
    return code;
}

static enum vt_code finish_file(struct vt_outcar_reader *reader, struct vt_error *error)
{
    const struct vt_dft_counts *counts = &reader->counts;
    const bool cut = reader->n_iterations > 0 || reader->has_forces;
    if (cut && !reader->lenient) {
        vt_fail_at(error, vt_dft_place(&reader->in), VT_INPUT,
                   "the file ends within ionic step %zu: the job is running or was killed",
                   counts->n_frames + counts->n_other + 1);
        vt_hint(error, "wait for its end, or leave this step out (--skip-bad)");
        return VT_INPUT;
    }
    reader->counts.n_incomplete += cut;
    const bool empty =
        counts->n_frames + counts->n_unconverged + counts->n_incomplete + counts->n_other == 0;
    const bool has_begun = reader->n_titles > 0;
    reader->counts.n_incomplete += empty && has_begun && reader->lenient;
    if (empty && !(has_begun && reader->lenient)) {
        vt_fail_at(error, (struct vt_place){reader->in.path, 0, 0}, VT_INPUT,
                   "the file has no ionic step with forces");
        vt_hint(error, "is it the OUTCAR of a finished calculation?");
        return VT_INPUT;
    }
    start_step(reader);
    return VT_OK;
}

/* A line of the head, or of no interest. */
static enum vt_code read_head_line(struct vt_outcar_reader *reader, struct vt_error *error)
{
    struct vt_dft_lines *in = &reader->in;
    if (vt_dft_find(in, " TITEL "))
        return read_title(reader, error);
    if (vt_dft_find(in, "; ZVAL"))
        return read_valence(reader, error);
    if (vt_dft_find(in, "ions per type"))
        return read_counts(reader, error);
    if (vt_dft_find(in, "PSTRESS="))
        return refuse_pressure(reader, error);
    if (vt_dft_find(in, "NELECT "))
        return read_electrons(reader, error);
    if (vt_dft_find(in, "direct lattice vectors"))
        return read_cell(reader, error);
    return VT_OK;
}

static enum vt_code read_line(struct vt_outcar_reader *reader, struct vt_frame *frame, bool *found,
                              struct vt_error *error)
{
    struct vt_dft_lines *in = &reader->in;
    if (vt_dft_find(in, "Iteration ") && vt_dft_find(in, "----")) {
        if (reader->n_iterations++ == 0)
            reader->start = in->lines.number;
        return VT_OK;
    }
    if (vt_dft_find(in, "aborting loop because EDIFF is reached")) {
        reader->converged = true;
        return VT_OK;
    }
    if (vt_dft_find(in, " in kB "))
        return read_stress(reader, error);
    if (vt_dft_find(in, "POSITION") && vt_dft_find(in, "TOTAL-FORCE (eV/Angst)"))
        return read_forces(reader, frame, error);
    if (reader->has_forces &&
        (vt_dft_find(in, "free  energy   TOTEN") || vt_dft_find(in, "free  energy ML TOTEN")))
        return finish_step(reader, frame, found, error);
    return read_head_line(reader, error);
}

enum vt_code vt_outcar_read(struct vt_outcar_reader *reader, struct vt_frame *frame, bool *end,
                            struct vt_error *error)
{
    assert(reader && frame && end);
    vt_frame_clear(frame);
    *end = false;
    for (;;) {
        bool found = false;
        enum vt_code code = vt_dft_next(&reader->in, end, error);
        if (!code && *end)
            return finish_file(reader, error);
        if (!code)
            code = read_line(reader, frame, &found, error);
        if (code)
            return vt_dft_settle(&reader->in, code, reader->lenient ? &reader->counts : NULL, end,
                                 error);
        if (!found)
            continue;
        frame->index = reader->counts.n_frames++;
        return VT_OK;
    }
}
