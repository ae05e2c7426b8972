/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "io/lammps_data.h"

struct writer {
    FILE *file;
    const struct vt_frame *frame;
    int digits;
    size_t type[VT_ELEMENTS + 1]; /* by atomic number; 0: none */
    const double *charge, *velocity;
    const int64_t *image;
};

static const double *reals(const struct vt_frame *frame, const char *name, size_t width)
{
    const struct vt_column *column = vt_frame_column(frame, name);
    return column && column->type == VT_REAL && column->width == width ? column->real : NULL;
}

static enum vt_code choose_types(struct writer *w, const struct vt_lammps_options *options,
                                 struct vt_error *error)
{
    for (size_t i = options->n_types; i-- > 0;) {
        assert(options->types[i] >= 1 && options->types[i] <= VT_ELEMENTS);
        w->type[options->types[i]] = i + 1;
    }
    for (size_t i = 0; i < w->frame->n_atoms; i++)
        if (w->type[w->frame->element[i]] == 0)
            return vt_fail(error, VT_INPUT, "atom %zu is %s, which is not among the atom types",
                           i + 1, vt_element_symbol(w->frame->element[i]));
    return VT_OK;
}

static void write_numbers(const struct writer *w, const double *values, size_t n, double factor,
                          const char *end)
{
    assert(n > 0 && end);
    for (size_t i = 0; i < n; i++)
        fprintf(w->file, "%s%.*g", i ? " " : "", w->digits, factor * values[i]);
    fputs(end, w->file);
}

/* a along x, b in the xy plane, c upwards: what LAMMPS works with inside. */
static bool is_restricted(const double cell[3][3])
{
    return cell[0][1] == 0 && cell[0][2] == 0 && cell[1][2] == 0 && cell[0][0] > 0 &&
           cell[1][1] > 0 && cell[2][2] > 0;
}

static enum vt_code write_box(const struct writer *w, struct vt_error *error)
{
    static const char *const limits[] = {" xlo xhi\n", " ylo yhi\n", " zlo zhi\n"};
    static const char *const vectors[] = {" avec\n", " bvec\n", " cvec\n"};
    const double(*cell)[3] = (const double(*)[3])w->frame->cell;
    const bool restricted = is_restricted(cell);
    if (!restricted && !(vt_mat3_determinant(cell) > 0)) {
        vt_fail(error, VT_INPUT, "LAMMPS takes no left-handed cell");
        vt_hint(error, "swap two of its vectors");
        return VT_INPUT;
    }
    for (size_t i = 0; i < 3; i++) {
        const double edge[2] = {0, cell[i][i]};
        if (restricted)
            write_numbers(w, edge, 2, 1, limits[i]);
        else
            write_numbers(w, cell[i], 3, 1, vectors[i]);
    }
    const double tilt[3] = {cell[1][0], cell[2][0], cell[2][1]};
    if (!restricted)
        fputs("0 0 0 abc origin\n", w->file);
    else if (tilt[0] != 0 || tilt[1] != 0 || tilt[2] != 0)
        write_numbers(w, tilt, 3, 1, " xy xz yz\n");
    return VT_OK;
}

static void write_atoms(const struct writer *w)
{
    const struct vt_frame *frame = w->frame;
    fprintf(w->file, "\nAtoms # %s\n\n", w->charge ? "charge" : "atomic");
    for (size_t i = 0; i < frame->n_atoms; i++) {
        fprintf(w->file, "%zu %zu ", i + 1, w->type[frame->element[i]]);
        if (w->charge)
            write_numbers(w, &w->charge[i], 1, 1, " ");
        write_numbers(w, frame->position[i], 3, 1, "");
        for (size_t k = 0; w->image && k < 3; k++)
            fprintf(w->file, " %" PRId64, w->image[3 * i + k]);
        fputc('\n', w->file);
    }
    if (!w->velocity)
        return;
    static const double per_ps = 1000; /* from A/fs */
    fputs("\nVelocities\n\n", w->file);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        fprintf(w->file, "%zu ", i + 1);
        write_numbers(w, w->velocity + 3 * i, 3, per_ps, "\n");
    }
}

enum vt_code vt_lammps_write(FILE *file, const struct vt_frame *frame,
                             const struct vt_lammps_options *options, struct vt_error *error)
{
    assert(file && frame && options && options->types);
    assert(options->digits >= 1 && options->digits <= 17);
    struct writer w = {.file = file, .frame = frame, .digits = options->digits};
    if (frame->n_atoms == 0 || !frame->has_cell)
        return vt_fail(error, VT_INPUT, "a LAMMPS data file needs %s",
                       frame->n_atoms == 0 ? "at least one atom" : "a cell");
    enum vt_code code = choose_types(&w, options, error);
    if (code)
        return code;
    if (options->style == VT_LAMMPS_CHARGE) {
        w.charge = reals(frame, "charge", 1);
        w.charge = w.charge ? w.charge : reals(frame, "charges", 1);
        if (!w.charge)
            return vt_fail(error, VT_INPUT,
                           "the atom style charge needs charges, but the structure has none");
    }
    w.velocity = reals(frame, "vel", 3);
    const struct vt_column *image = vt_frame_column(frame, "image");
    w.image = image && image->type == VT_INTEGER && image->width == 3 ? image->integer : NULL;

    fprintf(file,
            "LAMMPS data file written by vitrion, units = metal\n\n%zu atoms\n%zu atom types\n\n",
            frame->n_atoms, options->n_types);
    code = write_box(&w, error);
    if (code)
        return code;
    fputs("\nMasses\n\n", file);
    for (size_t i = 0; i < options->n_types; i++)
        fprintf(file, "%zu %.10g # %s\n", i + 1, vt_element_mass(options->types[i]),
                vt_element_symbol(options->types[i]));
    write_atoms(&w);
    return ferror(file) ? vt_fail(error, VT_IO, "writing the structure failed") : VT_OK;
}
