/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a frame of a LAMMPS dump; one that is accepted must be sound. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "io/lammps_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    struct vt_lammps_dump_units units = vt_lammps_dump_metal();
    const struct vt_lammps_dump_text text = {"fuzz", 1, (const char *)data, size};
    const enum vt_code code = vt_lammps_dump_parse(&frame, &text, &units, &error);
    demand(units.time > 0 && units.force > 0);
    demand(code == VT_OK || error.message[0] != '\0');
    demand(code != VT_OK || (frame.n_atoms > 0 && frame.has_cell));
    for (size_t i = 0; i < frame.n_atoms && !code; i++) {
        demand(frame.element[i] > 0);
        for (int k = 0; k < 3; k++)
            demand(isfinite(frame.position[i][k]));
    }
    vt_frame_destroy(&frame);
    return 0;
}
