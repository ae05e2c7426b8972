/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "base/elements.h"
#include "io/extxyz.h"
#include "io/lammps_data.h"
#include "io/poscar.h"
#include "io/structure.h"

/* Types in the order in which the elements come first. */
static size_t list_elements(const struct vt_frame *frame, int types[VT_ELEMENTS])
{
    bool seen[VT_ELEMENTS + 1] = {false};
    size_t n = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        const int element = frame->element[i];
        if (!seen[element])
            types[n++] = element;
        seen[element] = true;
    }
    return n;
}

static bool has_charges(const struct vt_frame *frame)
{
    const struct vt_column *column = vt_frame_column(frame, "charge");
    column = column ? column : vt_frame_column(frame, "charges");
    return column && column->type == VT_REAL && column->width == 1;
}

enum vt_code vt_structure_write(FILE *file, enum vt_format format, const struct vt_frame *frame,
                                int digits, struct vt_error *error)
{
    assert(file && frame);
    if (format == VT_FORMAT_EXTXYZ)
        return vt_extxyz_write(file, frame, digits, error);
    if (format == VT_FORMAT_POSCAR)
        return vt_poscar_write(file, frame, digits, error);
    if (format != VT_FORMAT_LAMMPS)
        return vt_fail(error, VT_UNSUPPORTED,
                       "outputs of DFT programs are read, but not written: choose another name");
    int types[VT_ELEMENTS];
    const struct vt_lammps_options options = {.style = has_charges(frame) ? VT_LAMMPS_CHARGE
                                                                          : VT_LAMMPS_ATOMIC,
                                              .digits = digits,
                                              .types = types,
                                              .n_types = list_elements(frame, types)};
    return vt_lammps_write(file, frame, &options, error);
}
