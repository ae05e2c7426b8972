/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An evaluation begins with its line of energy; forces and stress follow, while cell and
 * convergence came before. So it ends where the next one begins, whose energy is kept until then.
 */
#include "io/cp2k.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/units.h"
#include "io/cp2k_blocks.h"
#include "io/cp2k_files.h"
#include "io/cp2k_input.h"

enum { NAME = 256, PATH = 4096 };

struct evaluation {
    long line;        /* of the energy */
    long unconverged; /* line of the warning, or 0 */
    double energy;    /* eV */
    struct vt_cp2k_printed_cell cell;
    bool has_stress;
    double stress[9];
};

struct vt_cp2k_reader {
    struct vt_dft_lines in;
    bool lenient;
    struct vt_dft_counts counts;
    size_t n_evaluations;
    bool is_cp2k; /* something of CP2K has been seen */
    bool has_current, has_next;
    struct evaluation current, next;
    struct vt_cp2k_printed_cell cell; /* last printed */
    long unconverged;                 /* line of the last warning without a remedy since */
    double charge;
    char input_name[NAME], project[NAME], ensemble[NAME];
    /* the atoms printed at the start */
    double (*printed)[3];
    uint8_t *printed_element;
    size_t n_printed, printed_capacity[2];
    /* files beside the output, opened once the output has named them */
    const struct vt_cp2k_texts *texts; /* NULL: files */
    bool has_opened, has_trajectory, has_cells;
    struct vt_cp2k_input input;
    struct vt_dft_lines trajectory, cells;
    double *step_energy; /* of all steps of the trajectory, hartree */
    size_t n_steps, step_capacity;
    struct vt_cp2k_step step; /* the one read last */
    size_t n_steps_read, n_steps_used;
};

static enum vt_code create(struct vt_cp2k_reader **reader, bool lenient, struct vt_error *error)
{
    const enum vt_code code =
        vt_alloc(reader, 1, sizeof **reader, "a reader of outputs of CP2K", error);
    if (code)
        return code;
    (*reader)->in.descriptor = (*reader)->trajectory.descriptor = (*reader)->cells.descriptor = -1;
    (*reader)->lenient = lenient;
    return VT_OK;
}

static enum vt_code keep_or_close(struct vt_cp2k_reader **reader, enum vt_code code)
{
    if (code) {
        vt_cp2k_close(*reader);
        *reader = NULL;
    }
    return code;
}

enum vt_code vt_cp2k_open(struct vt_cp2k_reader **reader, const char *path, bool lenient,
                          struct vt_error *error)
{
    assert(reader && path);
    const enum vt_code code = create(reader, lenient, error);
    return code ? code : keep_or_close(reader, vt_dft_open(&(*reader)->in, path, error));
}

enum vt_code vt_cp2k_open_memory(struct vt_cp2k_reader **reader, const struct vt_cp2k_texts *texts,
                                 bool lenient, struct vt_error *error)
{
    assert(reader && texts);
    const enum vt_code code = create(reader, lenient, error);
    if (code)
        return code;
    (*reader)->texts = texts;
    return keep_or_close(reader, vt_dft_open_memory(&(*reader)->in, &texts->output, error));
}

const struct vt_dft_counts *vt_cp2k_counts(const struct vt_cp2k_reader *reader)
{
    return &reader->counts;
}

void vt_cp2k_close(struct vt_cp2k_reader *reader)
{
    if (!reader)
        return;
    vt_dft_close(&reader->in);
    vt_dft_close(&reader->trajectory);
    vt_dft_close(&reader->cells);
    vt_cp2k_input_destroy(&reader->input);
    vt_cp2k_step_destroy(&reader->step);
    vt_free(reader->step_energy);
    vt_free(reader->printed);
    vt_free(reader->printed_element);
    vt_free(reader);
}

/* ---- the files beside the output ---- */

/* Open a file of the folder of the output, or a text. *found = false: there is none. */
static enum vt_code open_beside(struct vt_cp2k_reader *reader, const char *name,
                                const struct vt_dft_text *text, struct vt_dft_lines *lines,
                                bool *found, struct vt_error *error)
{
    *found = false;
    if (reader->texts) {
        *found = text->text != NULL;
        return *found ? vt_dft_open_memory(lines, text, error) : VT_OK;
    }
    char path[PATH];
    const char *slash = strrchr(reader->in.path, '/');
    const int folder = slash ? (int)(slash - reader->in.path) + 1 : 0;
    const int length = snprintf(path, sizeof path, "%.*s%s", folder, reader->in.path, name);
    if (name[0] == '\0' || length >= PATH || access(path, R_OK) != 0)
        return VT_OK;
    *found = true;
    return vt_dft_open(lines, path, error);
}

static enum vt_code read_input(struct vt_cp2k_reader *reader, const struct vt_dft_text *text,
                               struct vt_error *error)
{
    struct vt_dft_lines lines = {.descriptor = -1};
    bool found = false;
    enum vt_code code = open_beside(reader, reader->input_name, text, &lines, &found, error);
    if (!code && found)
        code = vt_cp2k_input_read(&reader->input, &lines, error);
    vt_dft_close(&lines);
    return code;
}

/* The energies of all steps: a trajectory may hold those of other runs, which were written to the
 * same file. */
static enum vt_code index_steps(struct vt_cp2k_reader *reader, const char *name,
                                const struct vt_dft_text *text, struct vt_error *error)
{
    struct vt_dft_lines lines = {.descriptor = -1};
    struct vt_cp2k_step step = {0};
    bool found = false, end = false;
    enum vt_code code = open_beside(reader, name, text, &lines, &found, error);
    while (!code && found && !end) {
        code = vt_cp2k_next_step(&lines, &step, &end, error);
        code = vt_dft_settle(&lines, code, &(struct vt_dft_counts){0}, &end, error);
        if (!code && !end)
            code = vt_reserve(&reader->step_energy, &reader->step_capacity, reader->n_steps + 1,
                              sizeof *reader->step_energy, "energies of steps", error);
        if (!code && !end)
            reader->step_energy[reader->n_steps++] = step.energy;
    }
    vt_cp2k_step_destroy(&step);
    vt_dft_close(&lines);
    return code;
}

static enum vt_code open_files(struct vt_cp2k_reader *reader, struct vt_error *error)
{
    static const struct vt_cp2k_texts none = {{0}, {0}, {0}, {0}};
    const struct vt_cp2k_texts *texts = reader->texts ? reader->texts : &none;
    char name[NAME + 16] = "";
    const bool named = reader->project[0] != '\0';
    if (reader->has_opened)
        return VT_OK;
    reader->has_opened = true;
    enum vt_code code = read_input(reader, &texts->input, error);
    if (named)
        snprintf(name, sizeof name, "%s-pos-1.xyz", reader->project);
    if (!code)
        code = open_beside(reader, name, &texts->positions, &reader->trajectory,
                           &reader->has_trajectory, error);
    if (!code)
        code = index_steps(reader, name, &texts->positions, error);
    if (named)
        snprintf(name, sizeof name, "%s-1.cell", reader->project);
    if (!code)
        code = open_beside(reader, name, &texts->cells, &reader->cells, &reader->has_cells, error);
    return code;
}

/* ---- the structure of an evaluation ---- */

static enum vt_code take_positions(struct vt_frame *frame, const double (*position)[3],
                                   const uint8_t *element, size_t n, struct vt_error *error)
{
    const struct vt_place place = {frame->file, frame->line, 0};
    if (n != frame->n_atoms)
        return vt_fail_at(error, place, VT_INPUT, "there are %zu forces, but %zu positions",
                          frame->n_atoms, n);
    memcpy(frame->position, position, n * sizeof *position);
    for (size_t i = 0; i < n; i++) {
        if (frame->element[i] == 0)
            frame->element[i] = element[i];
        if (frame->element[i] == 0)
            return vt_fail_at(error, place, VT_INPUT, "the element of atom %zu is not known",
                              i + 1);
    }
    return VT_OK;
}

/* The step of the trajectory with the energy of the evaluation: its positions are printed with the
 * same energy, to ten decimals. It is read into reader->step. */
static enum vt_code match_step(struct vt_cp2k_reader *reader, bool *matches, struct vt_error *error)
{
    const double energy = reader->current.energy / VT_HARTREE;
    size_t i = reader->n_steps_read;
    while (i < reader->n_steps &&
           !(fabs(reader->step_energy[i] - energy) < 1e-9 + 1e-13 * fabs(energy)))
        i++;
    *matches = i < reader->n_steps;
    while (*matches && reader->n_steps_read <= i) {
        bool end = false;
        const enum vt_code code =
            vt_cp2k_next_step(&reader->trajectory, &reader->step, &end, error);
        if (code)
            return code;
        if (end)
            return vt_fail_at(error, vt_dft_place(&reader->trajectory), VT_INPUT,
                              "the file has become shorter");
        reader->n_steps_read++;
    }
    reader->n_steps_used += *matches;
    return VT_OK;
}

static enum vt_code first_positions(struct vt_cp2k_reader *reader, struct vt_frame *frame,
                                    struct vt_error *error)
{
    const struct vt_cp2k_input *input = &reader->input;
    if (input->has_positions)
        return take_positions(frame, (const double(*)[3])input->position, input->element,
                              input->n_atoms, error);
    if (reader->n_printed > 0)
        return take_positions(frame, (const double(*)[3])reader->printed, reader->printed_element,
                              reader->n_printed, error);
    vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
               "the positions are neither in the output nor in '%s' beside it",
               reader->input_name[0] ? reader->input_name : "the input");
    vt_hint(error, "keep the input beside the output, or print at level MEDIUM");
    return VT_INPUT;
}

static enum vt_code fail_without_cell(const struct vt_cp2k_reader *reader,
                                      const struct vt_frame *frame, struct vt_error *error)
{
    vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
               "the cell is neither in the output nor in '%s' beside it",
               reader->input_name[0] ? reader->input_name : "the input");
    vt_hint(error, "keep the input beside the output, or print at level MEDIUM");
    return VT_INPUT;
}

/* Molecular dynamics with a variable cell prints no cell vectors. */
static bool is_cell_lost(const struct vt_cp2k_reader *reader, size_t evaluation)
{
    return evaluation > 0 && strncmp(reader->ensemble, "NP", 2) == 0;
}

static enum vt_code find_cell(struct vt_cp2k_reader *reader, size_t evaluation, const int64_t *step,
                              const struct vt_frame *frame, double cell[3][3],
                              struct vt_error *error)
{
    const struct vt_cp2k_printed_cell *printed = &reader->current.cell;
    if (reader->has_cells && step) {
        bool found = false;
        const enum vt_code code = vt_cp2k_cell_of_step(&reader->cells, *step, cell, &found, error);
        if (code || found)
            return code;
    }
    if (is_cell_lost(reader, evaluation)) {
        vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                   "the cell changes (%s), but '%s-1.cell' beside the output does not have it",
                   reader->ensemble, reader->project);
        return VT_INPUT;
    }
    const bool is_printed = (printed->seen & 7) == 7;
    const struct vt_cp2k_input *input = &reader->input;
    if (input->has_cell &&
        (!is_printed || vt_cp2k_is_printed((const double(*)[3])input->cell, printed)))
        memcpy(cell, input->cell, sizeof input->cell);
    else if (is_printed)
        vt_cp2k_refine_cell(printed, cell);
    else
        return fail_without_cell(reader, frame, error);
    return VT_OK;
}

static enum vt_code fill_labels(const struct vt_cp2k_reader *reader, struct vt_frame *frame,
                                struct vt_error *error)
{
    const struct evaluation *current = &reader->current;
    for (int k = 0; k < 3; k++)
        frame->periodic[k] = !current->cell.open[k];
    enum vt_code code = vt_frame_set_reals(frame, "energy", &current->energy, 1, error);
    if (!code && current->has_stress)
        code = vt_dft_set_stress(frame, current->stress, error);
    if (!code && reader->charge != 0)
        code = vt_frame_set_reals(frame, "charge", &reader->charge, 1, error);
    return code;
}

static enum vt_code fill_frame(struct vt_cp2k_reader *reader, size_t evaluation,
                               struct vt_frame *frame, bool *found, struct vt_error *error)
{
    bool matches = false;
    double cell[3][3];
    enum vt_code code = match_step(reader, &matches, error);
    if (code)
        return code;
    if (!matches && evaluation > 0 && !reader->has_trajectory) {
        vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                   "the positions of evaluation %zu are not known: there is no '%s-pos-1.xyz' "
                   "beside the output",
                   evaluation + 1, reader->project);
        return VT_INPUT;
    }
    if (!matches && evaluation > 0) {
        reader->counts.n_other++;
        return VT_OK;
    }
    code = find_cell(reader, evaluation, matches ? &reader->step.number : NULL, frame, cell, error);
    if (!code)
        code = vt_dft_set_cell(frame, (const double(*)[3])cell,
                               (struct vt_place){frame->file, frame->line, 0}, error);
    if (!code && matches)
        code = take_positions(frame, (const double(*)[3])reader->step.position,
                              reader->step.element, reader->step.n_atoms, error);
    else if (!code)
        code = first_positions(reader, frame, error);
    if (!code)
        code = fill_labels(reader, frame, error);
    *found = !code;
    return code;
}

/* ---- evaluations ---- */

static enum vt_code refuse_unconverged(const struct vt_cp2k_reader *reader, size_t evaluation,
                                       struct vt_error *error)
{
    vt_fail_at(error, (struct vt_place){reader->in.path, reader->current.unconverged, 0}, VT_INPUT,
               "the electrons of evaluation %zu did not converge", evaluation + 1);
    vt_hint(error, "compute it again with a larger MAX_SCF, or leave it out (--skip-bad)");
    return VT_INPUT;
}

static enum vt_code refuse_without_forces(const struct vt_cp2k_reader *reader, size_t evaluation,
                                          struct vt_error *error)
{
    vt_fail_at(error, (struct vt_place){reader->in.path, reader->current.line, 0}, VT_INPUT,
               "evaluation %zu has no forces%s", evaluation + 1,
               reader->has_next ? "" : " before the file ends");
    vt_hint(error, "print them (FORCE_EVAL / PRINT / FORCES ON), or leave it out (--skip-bad)");
    return VT_INPUT;
}

/* The step of a left-out evaluation is used up, too. */
static enum vt_code leave_out(struct vt_cp2k_reader *reader, struct vt_error *error)
{
    bool matches = false;
    return match_step(reader, &matches, error);
}

static enum vt_code finish_evaluation(struct vt_cp2k_reader *reader, struct vt_frame *frame,
                                      bool *found, struct vt_error *error)
{
    const size_t evaluation = reader->n_evaluations++;
    const bool unconverged = reader->current.unconverged > 0, empty = frame->n_atoms == 0;
    reader->has_current = false;
    if (unconverged && !reader->lenient)
        return refuse_unconverged(reader, evaluation, error);
    if (!unconverged && empty && !reader->lenient)
        return refuse_without_forces(reader, evaluation, error);
    enum vt_code code = open_files(reader, error);
    if (code)
        return code;
    if (!unconverged && !empty)
        return fill_frame(reader, evaluation, frame, found, error);
    reader->counts.n_unconverged += unconverged;
    reader->counts.n_incomplete += !unconverged && !reader->has_next;
    reader->counts.n_other += !unconverged && reader->has_next;
    return leave_out(reader, error);
}

static enum vt_code see_energy(struct vt_cp2k_reader *reader, struct vt_error *error)
{
    reader->next = (struct evaluation){
        .line = reader->in.lines.number, .unconverged = reader->unconverged, .cell = reader->cell};
    reader->unconverged = 0;
    reader->has_next = true;
    return vt_cp2k_read_energy(&reader->in, &reader->next.energy, error);
}

static void see_convergence(struct vt_cp2k_reader *reader)
{
    struct vt_dft_lines *in = &reader->in;
    if (vt_dft_find(in, "SCF run NOT converged") ||
        vt_dft_find(in, "outer SCF loop FAILED to converge"))
        reader->unconverged = in->lines.number;
    else if (vt_dft_find(in, "outer SCF loop converged") || vt_dft_find(in, "SCF run converged"))
        reader->unconverged = 0;
}

/* ---- the head ---- */

/* Keep the last word of the line, without the folders before a name. */
static void note_word(struct vt_dft_lines *in, char name[NAME])
{
    struct vt_word word = {0}, next;
    while (vt_scan_word(&in->scan, &next))
        word = next;
    const char *slash = NULL;
    for (size_t i = 0; i < word.length; i++)
        if (word.text[i] == '/')
            slash = word.text + i;
    const char *from = slash ? slash + 1 : word.text;
    const size_t length = word.length - (slash ? (size_t)(from - word.text) : 0);
    if (length >= NAME || length == 0)
        return;
    memcpy(name, from, length);
    name[length] = '\0';
}

/* "1    1 H     1      0.100000      0.000000      0.000000   1.0000   1.0079" */
static enum vt_code read_printed_row(struct vt_cp2k_reader *reader, bool *is_row,
                                     struct vt_error *error)
{
    struct vt_dft_lines *in = &reader->in;
    struct vt_word words[4] = {{0}};
    int64_t atom = 0;
    const size_t n = reader->n_printed;
    for (int k = 0; k < 4; k++)
        if (!vt_scan_word(&in->scan, &words[k]))
            words[k].length = 0;
    *is_row = words[3].length > 0 && !vt_word_integer(&words[0], "atom", 1, INT64_MAX, &atom, NULL);
    if (!*is_row)
        return VT_OK;
    enum vt_code code = vt_reserve(&reader->printed, &reader->printed_capacity[0], n + 1,
                                   sizeof *reader->printed, "positions", error);
    if (!code)
        code = vt_reserve(&reader->printed_element, &reader->printed_capacity[1], n + 1, 1,
                          "elements", error);
    if (!code)
        code = vt_dft_element(&words[2], &reader->printed_element[n], error);
    if (!code)
        code = vt_dft_reals(in, "position", 3, reader->printed[n], error);
    reader->n_printed += !code;
    return code;
}

static enum vt_code read_printed(struct vt_cp2k_reader *reader, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    reader->n_printed = 0;
    while (!code) {
        bool is_row = false;
        code = vt_dft_need_line(&reader->in, "end of the coordinates", error);
        if (!code)
            code = read_printed_row(reader, &is_row, error);
        if (!is_row && reader->n_printed > 0)
            break;
    }
    return code;
}

static enum vt_code see_head(struct vt_cp2k_reader *reader, struct vt_error *error)
{
    struct vt_dft_lines *in = &reader->in;
    if (vt_dft_find(in, " CP2K| ") || vt_dft_find(in, "GLOBAL| "))
        reader->is_cp2k = true;
    if (vt_dft_find(in, "CP2K| Input file name"))
        note_word(in, reader->input_name);
    else if (vt_dft_find(in, "GLOBAL| Project name"))
        note_word(in, reader->project);
    else if (vt_dft_find(in, "Ensemble type") || vt_dft_find(in, "Ensemble Type"))
        note_word(in, reader->ensemble);
    else if (vt_dft_find(in, "DFT| Charge "))
        return vt_dft_reals(in, "charge", 1, &reader->charge, error);
    else if (reader->n_evaluations == 0 && !reader->has_current &&
             (vt_dft_find(in, "ATOMIC COORDINATES IN ANGSTROM") ||
              vt_dft_find(in, "ATOMIC COORDINATES IN angstrom")))
        return read_printed(reader, error);
    return vt_cp2k_see_cell(in, &reader->cell, error);
}

static enum vt_code read_line(struct vt_cp2k_reader *reader, struct vt_frame *frame,
                              struct vt_error *error)
{
    struct vt_dft_lines *in = &reader->in;
    see_convergence(reader);
    if (vt_dft_find(in, "ENERGY| Total FORCE_EVAL"))
        return see_energy(reader, error);
    if (reader->has_current && frame->n_atoms == 0 && vt_cp2k_begins_forces(in))
        return vt_cp2k_read_forces(in, frame, error);
    if (reader->has_current && vt_cp2k_begins_stress(in)) {
        reader->current.has_stress = true;
        return vt_cp2k_read_stress(in, reader->current.stress, error);
    }
    return see_head(reader, error);
}

static enum vt_code finish_file(struct vt_cp2k_reader *reader, struct vt_error *error)
{
    const struct vt_place place = {reader->in.path, 0, 0};
    if (!reader->is_cp2k)
        return vt_fail_at(error, place, VT_INPUT, "this is no output of CP2K");
    const bool empty = reader->n_evaluations == 0;
    reader->counts.n_incomplete += empty && reader->lenient; /* the job has just begun */
    if (empty && !reader->lenient)
        return vt_fail_at(error, place, VT_INPUT,
                          "the output has no energy ('ENERGY| Total FORCE_EVAL')");
    if (reader->n_evaluations > 1 && reader->has_trajectory && reader->n_steps_used == 0) {
        vt_fail_at(error, place, VT_INPUT, "no step of '%s' has an energy of this output",
                   reader->trajectory.path);
        vt_hint(error, "are they of the same run?");
        return VT_INPUT;
    }
    return VT_OK;
}

static void start_evaluation(struct vt_cp2k_reader *reader, struct vt_frame *frame)
{
    reader->current = reader->next;
    reader->has_current = true;
    reader->has_next = false;
    vt_frame_clear(frame);
    frame->file = reader->in.path;
}

enum vt_code vt_cp2k_read(struct vt_cp2k_reader *reader, struct vt_frame *frame, bool *end,
                          struct vt_error *error)
{
    assert(reader && frame && end);
    vt_frame_clear(frame);
    *end = false;
    for (bool found = false; !found;) {
        if (reader->has_next && !reader->has_current)
            start_evaluation(reader, frame);
        bool last = false;
        enum vt_code code = vt_dft_next(&reader->in, &last, error);
        if (!code && !last)
            code = read_line(reader, frame, error);
        if (code)
            return vt_dft_settle(&reader->in, code, reader->lenient ? &reader->counts : NULL, end,
                                 error);
        if (reader->has_current && (last || reader->has_next))
            code = finish_evaluation(reader, frame, &found, error);
        if (code)
            return code;
        if (last && !found) {
            *end = true;
            return finish_file(reader, error);
        }
    }
    frame->index = reader->counts.n_frames++;
    return VT_OK;
}
