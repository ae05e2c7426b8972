/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/atoms.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"

static const double far_away = 1e9;

/* Room for n rows and the dummy. */
static enum vt_code reserve(struct vt_atoms *atoms, size_t n, struct vt_error *error)
{
    if (n >= INT32_MAX)
        return vt_fail(error, VT_INPUT, "%zu atoms and images are more than one process can hold",
                       n);
    enum vt_code code = vt_reserve(&atoms->position, &atoms->capacity[0], n + 1,
                                   sizeof *atoms->position, "positions", error);
    if (!code)
        code = vt_reserve(&atoms->type, &atoms->capacity[1], n + 1, sizeof *atoms->type, "types",
                          error);
    if (!code)
        code = vt_reserve(&atoms->owner, &atoms->capacity[2], n + 1, sizeof *atoms->owner,
                          "ghost owners", error);
    return code;
}

/* Range of lattice shifts that keep a fractional coordinate s within `margin` of the cell. */
static void shift_range(double s, double margin, int range[2])
{
    range[0] = (int)ceil(-margin - s);
    range[1] = (int)floor(1 + margin - s);
}

static void set_row(struct vt_atoms *atoms, size_t row, const double position[3], int32_t owner)
{
    memcpy(atoms->position[row], position, sizeof atoms->position[row]);
    atoms->type[row] = atoms->type[owner];
    atoms->owner[row] = owner;
}

static enum vt_code add_ghosts(struct vt_atoms *atoms, const struct vt_cell *cell, int32_t owner,
                               const double s[3], struct vt_error *error)
{
    int range[3][2];
    size_t images = 1;
    for (int d = 0; d < 3; d++) {
        shift_range(s[d], atoms->margin[d], range[d]);
        images *= (size_t)(range[d][1] - range[d][0] + 1);
    }
    size_t row = (size_t)atoms->n_all;
    const enum vt_code code = reserve(atoms, row + images, error);
    if (code)
        return code;
    for (int a = range[0][0]; a <= range[0][1]; a++)
        for (int b = range[1][0]; b <= range[1][1]; b++)
            for (int c = range[2][0]; c <= range[2][1]; c++) {
                if (a == 0 && b == 0 && c == 0)
                    continue;
                const double shift[3] = {a, b, c};
                double x[3];
                vt_row_times_mat3(shift, cell->vector, x);
                for (int d = 0; d < 3; d++)
                    x[d] += atoms->position[owner][d];
                set_row(atoms, row++, x, owner);
            }
    atoms->n_all = (int32_t)row;
    return VT_OK;
}

/* Local rows: wrapped by whole cell vectors, so that an atom inside keeps its bits. */
static enum vt_code add_local(struct vt_atoms *atoms, const struct vt_cell *cell,
                              const struct vt_atoms_input *input, struct vt_error *error)
{
    for (size_t i = 0; i < input->n; i++) {
        double s[3], shift[3], move[3];
        vt_cell_fractional(cell, input->position[i], s);
        for (int d = 0; d < 3; d++) {
            if (!(fabs(s[d]) < 1e9))
                return vt_fail(error, VT_INPUT,
                               "atom %zu lies at %g %g %g, not in or near the cell", i + 1,
                               input->position[i][0], input->position[i][1], input->position[i][2]);
            shift[d] = -floor(s[d]);
        }
        vt_row_times_mat3(shift, cell->vector, move);
        for (int d = 0; d < 3; d++)
            atoms->position[i][d] = input->position[i][d] + move[d];
        atoms->type[i] = input->type[i];
        atoms->owner[i] = (int32_t)i;
    }
    return VT_OK;
}

enum vt_code vt_atoms_set(struct vt_atoms *atoms, const struct vt_cell *cell,
                          const struct vt_atoms_input *input, double reach, struct vt_error *error)
{
    assert(atoms && cell && input && reach > 0);
    enum vt_code code = reserve(atoms, input->n, error);
    if (!code)
        code = add_local(atoms, cell, input, error);
    if (code)
        return code;
    atoms->n_local = atoms->n_all = (int32_t)input->n;
    atoms->reach = reach;
    for (int d = 0; d < 3; d++) /* a little more, so that rounding loses no pair at the edge */
        atoms->margin[d] = reach / cell->thickness[d] * (1 + 1e-9) + 1e-9;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        double s[3];
        vt_cell_fractional(cell, atoms->position[i], s);
        code = add_ghosts(atoms, cell, i, s, error);
        if (code)
            return code;
    }
    for (int d = 0; d < 3; d++)
        atoms->position[atoms->n_all][d] = far_away;
    atoms->type[atoms->n_all] = 0;
    atoms->owner[atoms->n_all] = -1;
    return VT_OK;
}

void vt_atoms_destroy(struct vt_atoms *atoms)
{
    if (!atoms)
        return;
    vt_free(atoms->position);
    vt_free(atoms->type);
    vt_free(atoms->owner);
    *atoms = (struct vt_atoms){0};
}

void vt_atoms_spread(const struct vt_atoms *atoms, double *values, size_t width)
{
    for (int32_t g = atoms->n_local; g < atoms->n_all; g++)
        memcpy(values + (size_t)g * width, values + (size_t)atoms->owner[g] * width,
               width * sizeof *values);
}

void vt_atoms_fold(const struct vt_atoms *atoms, double *values, size_t width)
{
    for (int32_t g = atoms->n_local; g < atoms->n_all; g++) {
        const double *ghost = values + (size_t)g * width;
        double *owner = values + (size_t)atoms->owner[g] * width;
        for (size_t w = 0; w < width; w++)
            owner[w] += ghost[w];
    }
}
