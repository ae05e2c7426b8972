/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a LAMMPS data file; what is accepted must be sound, and be read back the same once
 * written. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "io/lammps_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void demand_sound(const struct vt_frame *frame)
{
    demand(frame->n_atoms > 0 && frame->has_cell);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        demand(frame->element[i] > 0);
        for (int k = 0; k < 3; k++)
            demand(isfinite(frame->position[i][k]));
    }
}

/* With all elements as types, and without velocities, since their unit changes. */
static void demand_same_again(struct vt_frame *frame)
{
    vt_frame_remove_column(frame, "vel");
    int types[VT_ELEMENTS];
    for (int i = 0; i < VT_ELEMENTS; i++)
        types[i] = i + 1;
    const bool charged = vt_frame_column(frame, "charge") != NULL;
    const struct vt_lammps_options options = {.style =
                                                  charged ? VT_LAMMPS_CHARGE : VT_LAMMPS_ATOMIC,
                                              .digits = 17,
                                              .types = types,
                                              .n_types = VT_ELEMENTS};
    struct vt_frame copy = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    demand(file && vt_lammps_write(file, frame, &options, NULL) == VT_OK && fclose(file) == 0);
    demand(vt_lammps_parse(&copy, "written", text, size, NULL) == VT_OK);
    demand(copy.n_atoms == frame->n_atoms);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        demand(copy.element[i] == frame->element[i]);
        for (int k = 0; k < 3; k++)
            demand(copy.position[i][k] == frame->position[i][k]);
    }
    vt_frame_destroy(&copy);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_frame frame = {0};
    struct vt_error error;
    if (vt_lammps_parse(&frame, "fuzz", (const char *)data, size, &error) == VT_OK) {
        demand_sound(&frame);
        if (vt_mat3_determinant((const double(*)[3])frame.cell) > 0)
            demand_same_again(&frame);
    } else {
        demand(error.message[0] != '\0');
    }
    vt_frame_destroy(&frame);
    return 0;
}
