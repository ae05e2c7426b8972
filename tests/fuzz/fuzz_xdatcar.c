/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an XDATCAR; frames that are accepted must be sound. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "io/xdatcar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void demand_sound(const struct vt_frame *frame)
{
    demand(frame->n_atoms > 0 && frame->has_cell && frame->line > 0);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        demand(frame->element[i] > 0);
        for (int k = 0; k < 3; k++)
            demand(isfinite(frame->position[i][k]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_xdatcar_reader *reader;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    enum vt_code code = vt_xdatcar_open(&reader, "fuzz", (const char *)data, size, &error);
    demand(code == VT_OK);
    while (!code && !end) {
        code = vt_xdatcar_read(reader, &frame, &end, &error);
        if (!code && !end)
            demand_sound(&frame);
    }
    demand(code == VT_OK || error.message[0] != '\0');
    vt_xdatcar_close(reader);
    vt_frame_destroy(&frame);
    return 0;
}
