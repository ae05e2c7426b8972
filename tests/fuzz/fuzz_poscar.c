/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a POSCAR; what is accepted must be sound, and be read back the same once written. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/poscar.h"

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

static void demand_same_again(const struct vt_frame *frame)
{
    struct vt_frame copy = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    demand(file && vt_poscar_write(file, frame, 17, NULL) == VT_OK && fclose(file) == 0);
    demand(vt_poscar_parse(&copy, "written", text, size, NULL) == VT_OK);
    demand(copy.n_atoms == frame->n_atoms && copy.n_columns == frame->n_columns);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            demand(copy.cell[i][k] == frame->cell[i][k]);
    vt_frame_destroy(&copy);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_frame frame = {0};
    struct vt_error error;
    if (vt_poscar_parse(&frame, "fuzz", (const char *)data, size, &error) == VT_OK) {
        demand_sound(&frame);
        demand_same_again(&frame);
    } else {
        demand(error.message[0] != '\0');
    }
    vt_frame_destroy(&frame);
    return 0;
}
