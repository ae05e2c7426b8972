/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every frame that an importer of DFT outputs accepts must be. */
#ifndef VT_TESTS_FUZZ_DFT_H
#define VT_TESTS_FUZZ_DFT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void demand_sound(const struct vt_frame *frame)
{
    const double *forces = NULL;
    double energy = 0, virial[9];
    demand(frame->n_atoms > 0 && frame->has_cell && frame->line > 0);
    demand(vt_frame_energy(frame, &energy) && isfinite(energy));
    demand(vt_frame_forces(frame, &forces));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        demand(frame->element[i] > 0);
        for (size_t k = 0; k < 3; k++)
            demand(isfinite(frame->position[i][k]) && isfinite(forces[3 * i + k]));
    }
    if (vt_frame_virial(frame, virial))
        for (int i = 0; i < 9; i++)
            demand(isfinite(virial[i]));
}

#endif
