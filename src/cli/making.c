/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/making.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/mat3.h"
#include "base/units.h"
#include "cli/program.h"
#include "io/structure.h"

enum { ALL_DIGITS = 17 };

static enum vt_code check_frame(const struct vt_frame *frame, bool empty, const char *path,
                                struct vt_error *error)
{
    const struct vt_place place = {path, empty ? 0 : frame->line, 0};
    if (empty || frame->n_atoms == 0)
        return vt_fail_at(error, place, VT_INPUT, "the file has no atoms");
    if (!frame->has_cell)
        return vt_fail_at(error, place, VT_INPUT, "the structure has no cell");
    return VT_OK;
}

enum vt_code vt_making_read(struct vt_frame *frame, const char *path, struct vt_error *error)
{
    assert(frame && path);
    struct vt_structure_reader *reader = NULL;
    bool end = false;
    enum vt_code code = vt_structure_open(&reader, path, error);
    if (!code)
        code = vt_structure_read(reader, frame, &end, error);
    if (!code)
        code = check_frame(frame, end, path, error);
    frame->file = NULL; /* borrowed from the reader */
    vt_structure_close(reader);
    return code;
}

enum vt_code vt_making_create(struct vt_file **file, const char *path, bool replace,
                              struct vt_error *error)
{
    assert(file && path);
    const enum vt_code code = vt_file_create(file, path, replace, error);
    if (code == VT_INPUT && !replace && access(path, F_OK) == 0)
        vt_hint(error, "choose another name, or replace it with --force");
    return code;
}

enum vt_code vt_making_write(struct vt_file **file, const char *path, struct vt_frame *frame,
                             const char *how, struct vt_error *error)
{
    assert(file && path);
    assert(frame && how);
    enum vt_code code = vt_frame_set_string(frame, "vitrion", vt_program_version(), error);
    if (!code)
        code = vt_frame_set_string(frame, "build", how, error);
    if (!code)
        code = vt_structure_write(vt_file_stream(*file), vt_format_of_path(path), frame, ALL_DIGITS,
                                  error);
    if (code)
        return code;
    struct vt_file *finished = *file;
    *file = NULL;
    return vt_file_commit(finished, error);
}

enum vt_code vt_making_check_charge(const struct vt_charges *charges,
                                    const struct vt_formula *formula, bool is_allowed,
                                    struct vt_error *error)
{
    assert(charges && formula);
    const enum vt_code code = vt_charges_check(charges, formula, error);
    if (code && is_allowed)
        return VT_OK;
    if (code)
        vt_hint(error, "mend the composition, state other charges (--charges), or allow it "
                       "(--allow-charge)");
    return code;
}

static double degrees_between(const double a[3], const double b[3])
{
    return acos(fmax(-1, fmin(1, vt_dot(a, b) / (vt_norm(a) * vt_norm(b))))) * 180 / VT_PI;
}

static void report_charge(const struct vt_charges *charges, const struct vt_formula *formula)
{
    char text[VT_CHARGES_SIZE], total[32] = "0";
    vt_charges_text(charges, formula, text);
    if (!vt_charges_neutral(charges, formula))
        snprintf(total, sizeof total, "%+.6g", vt_charges_total(charges, formula));
    if (vt_charges_all_known(charges, formula))
        printf("charge           %s with %s\n", total, text);
    else
        printf("charge           not checked: %s (state it with --charges)\n", text);
}

void vt_making_report(const struct vt_frame *frame, const struct vt_formula *formula,
                      const struct vt_charges *charges)
{
    assert(frame && formula);
    char text[VT_FORMULA_SIZE];
    const double(*cell)[3] = (const double(*)[3])frame->cell;
    printf("atoms            %zu\n", frame->n_atoms);
    printf("composition      %s\n", vt_formula_text(formula, text));
    if (charges)
        report_charge(charges, formula);
    printf("cell             %.6g %.6g %.6g A, %.5g %.5g %.5g degrees\n", vt_norm(cell[0]),
           vt_norm(cell[1]), vt_norm(cell[2]), degrees_between(cell[1], cell[2]),
           degrees_between(cell[0], cell[2]), degrees_between(cell[0], cell[1]));
    printf("density          %.5g g/cm3\n",
           vt_formula_mass(formula) / fabs(vt_mat3_determinant(cell)) * VT_G_PER_CM3_PER_DENSITY);
}
