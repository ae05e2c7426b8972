/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys and columns of the output are those that ASE understands: energy, forces and energies
 * become a calculator's results, stress too (with ASE's sign), all else lands in info and arrays.
 */
#include "cli/predictor.h"

#include <assert.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "cli/program.h"
#include "domain/cell.h"
#include "force/arithmetic.h"

enum vt_code vt_predictor_open(struct vt_predictor *predictor, const char *model_path,
                               const struct vt_force_options *options, struct vt_error *error)
{
    assert(predictor && model_path && options);
    predictor->options = *options;
    enum vt_code code = vt_nep_read(&predictor->model, model_path, error);
    if (code)
        return code;
    const bool charged = predictor->model.charge_mode != 0;
    if (options->born_charges && !charged) {
        code = vt_fail_at(error, (struct vt_place){model_path, 0, 0}, VT_INPUT,
                          "the model has no charges, so that there are no Born effective charges");
        vt_hint(error, "leave out --bec");
        return code;
    }
    snprintf(predictor->program, sizeof predictor->program, "%s", vt_program_version());
    if (charged)
        vt_electrostatics_text(options->electrostatics, options->accuracy,
                               predictor->electrostatics);
    return vt_force_create(&predictor->force, &predictor->model, options, error);
}

void vt_predictor_close(struct vt_predictor *predictor)
{
    vt_force_destroy(predictor->force);
    vt_nep_destroy(&predictor->model);
    vt_free(predictor->type);
    *predictor = (struct vt_predictor){0};
}

static struct vt_place place_of(const struct vt_frame *frame)
{
    return (struct vt_place){frame->file, frame->line, 0};
}

/* Errors from below know nothing of files. */
static enum vt_code fail_in_frame(const struct vt_frame *frame, enum vt_code code,
                                  struct vt_error *error)
{
    if (error->file[0])
        return code;
    const struct vt_error cause = *error;
    vt_fail_at(error, place_of(frame), code, "frame %zu: %s", frame->index, cause.message);
    if (cause.hint[0])
        vt_hint(error, "%s", cause.hint);
    return code;
}

/* "Li Zr Cl", cut to size. */
static void list_elements(const struct vt_nep *model, char *text, size_t size)
{
    assert(size > 0);
    size_t length = 0;
    for (int t = 0; t < model->n_types && length < size; t++) {
        const int n = snprintf(text + length, size - length, "%s%s", t ? " " : "",
                               vt_element_symbol(model->atomic_number[t]));
        length += (size_t)n;
    }
}

static enum vt_code find_types(struct vt_predictor *predictor, const struct vt_frame *frame,
                               struct vt_error *error)
{
    const enum vt_code code =
        vt_reserve(&predictor->type, &predictor->type_capacity, frame->n_atoms,
                   sizeof *predictor->type, "types of the atoms", error);
    if (code)
        return code;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        predictor->type[i] = vt_nep_type(&predictor->model, frame->element[i]);
        if (predictor->type[i] >= 0)
            continue;
        char elements[200];
        list_elements(&predictor->model, elements, sizeof elements);
        vt_fail_at(error, place_of(frame), VT_INPUT,
                   "frame %zu: atom %zu is %s, which the model does not know", frame->index, i + 1,
                   vt_element_symbol(frame->element[i]));
        vt_hint(error, "the model's elements are %s", elements);
        return VT_INPUT;
    }
    return VT_OK;
}

static enum vt_code check_frame(const struct vt_frame *frame, struct vt_cell *cell,
                                struct vt_error *error)
{
    if (frame->n_atoms == 0)
        return vt_fail_at(error, place_of(frame), VT_INPUT, "frame %zu has no atoms", frame->index);
    if (!frame->has_cell) {
        vt_fail_at(error, place_of(frame), VT_INPUT, "frame %zu has no cell", frame->index);
        vt_hint(error, "give it one (Lattice=\"ax ay az bx by bz cx cy cz\", angstrom); a molecule "
                       "needs one wider than itself and the cutoff together");
        return VT_INPUT;
    }
    const enum vt_code code = vt_cell_init(cell, frame->cell, error);
    return code ? fail_in_frame(frame, code, error) : VT_OK;
}

static enum vt_code copy_column(struct vt_frame *frame, const char *name, size_t width,
                                const double *values, struct vt_error *error)
{
    assert(width > 0 && values);
    struct vt_column *column;
    const enum vt_code code = vt_frame_add_column(frame, name, VT_REAL, width, &column, error);
    if (code)
        return code;
    memcpy(column->real, values, frame->n_atoms * width * sizeof *values);
    return VT_OK;
}

static enum vt_code set_charge_columns(struct vt_frame *frame, const struct vt_results *results,
                                       struct vt_error *error)
{
    struct vt_column *column;
    enum vt_code code = vt_frame_add_column(frame, "energies_nn", VT_REAL, 1, &column, error);
    if (code)
        return code;
    for (size_t i = 0; i < frame->n_atoms; i++)
        column->real[i] = results->energies_network[i] + results->energies_zbl[i];
    code = copy_column(frame, "energies_coulomb", 1, results->energies_coulomb, error);
    if (!code)
        code = copy_column(frame, "charges", 1, results->charges, error);
    if (!code && results->born)
        code = copy_column(frame, "bec", 9, &results->born[0][0], error);
    return code;
}

static enum vt_code set_keys(const struct vt_predictor *predictor, struct vt_frame *frame,
                             double volume, struct vt_error *error)
{
    assert(volume > 0);
    const struct vt_results *results = vt_force_results(predictor->force);
    double stress[9];
    for (int c = 0; c < 9; c++)
        stress[c] = -results->virial[c] / volume;
    /* The hash alone may look like a number (12e45678...) to a reader; with the word before it
     * never does. */
    char hash[32];
    snprintf(hash, sizeof hash, "hash:%s", predictor->model.hash);
    enum vt_code code = vt_frame_set_reals(frame, "energy", &results->energy, 1, error);
    if (!code)
        code = vt_frame_set_reals(frame, "virial", results->virial, 9, error);
    if (!code)
        code = vt_frame_set_reals(frame, "stress", stress, 9, error);
    if (!code)
        code = vt_frame_set_string(frame, "vitrion", predictor->program, error);
    if (!code)
        code = vt_frame_set_string(frame, "model", hash, error);
    if (!code && vt_force_kernel(predictor->force))
        code = vt_frame_set_string(frame, "precision", "mixed", error);
    if (!code && predictor->electrostatics[0])
        code = vt_frame_set_string(frame, "electrostatics", predictor->electrostatics, error);
    return code;
}

/* What is written goes, so that it comes in the same order every time, and what would contradict
 * it. */
void vt_predictor_remove(struct vt_frame *frame, bool charges, bool born)
{
    assert(frame);
    static const char *const keys[] = {"energy",    "free_energy",    "virial",
                                       "stress",    "vitrion",        "model",
                                       "precision", "electrostatics", "energy_spread"};
    static const char *const columns[] = {"force", "forces", "energies", "force_spread", "grade"};
    static const char *const charge_columns[] = {"energies_nn", "energies_coulomb", "charges"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        vt_frame_remove_key(frame, keys[k]);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        vt_frame_remove_column(frame, columns[c]);
    for (size_t c = 0; charges && c < sizeof charge_columns / sizeof *charge_columns; c++)
        vt_frame_remove_column(frame, charge_columns[c]);
    if (born)
        vt_frame_remove_column(frame, "bec");
}

static enum vt_code replace_reference(const struct vt_predictor *predictor, struct vt_frame *frame,
                                      double volume, struct vt_error *error)
{
    const struct vt_results *results = vt_force_results(predictor->force);
    vt_predictor_remove(frame, results->charges != NULL, results->born != NULL);
    enum vt_code code = set_keys(predictor, frame, volume, error);
    if (!code)
        code = copy_column(frame, "forces", 3, &results->forces[0][0], error);
    if (!code)
        code = copy_column(frame, "energies", 1, results->energies, error);
    if (!code && results->charges)
        code = set_charge_columns(frame, results, error);
    return code;
}

enum vt_code vt_predictor_apply(struct vt_predictor *predictor, struct vt_frame *frame,
                                struct vt_frame_score *score, struct vt_error *error)
{
    assert(predictor && frame && score);
    assert(frame->n_atoms > 0);
    struct vt_cell cell;
    enum vt_code code = check_frame(frame, &cell, error);
    if (!code)
        code = find_types(predictor, frame, error);
    if (code)
        return code;
    struct vt_system system = {.n_atoms = frame->n_atoms,
                               .open = vt_frame_slab(frame->periodic),
                               .position = (const double(*)[3])frame->position,
                               .type = predictor->type};
    memcpy(system.cell, frame->cell, sizeof system.cell);
    code = vt_force_compute(predictor->force, &system, error);
    if (code)
        return fail_in_frame(frame, code, error);
    *score = vt_score_frame(frame, vt_force_results(predictor->force), cell.volume);
    code = replace_reference(predictor, frame, cell.volume, error);
    return code ? fail_in_frame(frame, code, error) : VT_OK;
}

void vt_predictor_write_descriptor_header(const struct vt_predictor *predictor, FILE *file)
{
    assert(predictor && file);
    fprintf(file, "# vitrion %s, model hash:%s\n", predictor->program, predictor->model.hash);
    fprintf(file,
            "# frame atom (both from 0), then the %d descriptors, each times its q_scaler: the "
            "network's input\n",
            predictor->model.dimension);
}

void vt_predictor_write_descriptors(const struct vt_predictor *predictor,
                                    const struct vt_frame *frame, FILE *file)
{
    const double *row = vt_force_results(predictor->force)->descriptors;
    assert(row);
    const size_t dimension = (size_t)predictor->model.dimension;
    for (size_t i = 0; i < frame->n_atoms; i++, row += dimension) {
        fprintf(file, "%zu %zu", frame->index, i);
        for (size_t d = 0; d < dimension; d++)
            fprintf(file, " %.17g", row[d]);
        fputc('\n', file);
    }
}
