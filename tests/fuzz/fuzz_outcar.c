/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an OUTCAR, read strictly and leniently; what is accepted must be sound. */
#include "fuzz_dft.h"

#include "io/outcar.h"

static void read_frames(const struct vt_dft_text *text, bool lenient)
{
    struct vt_outcar_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    enum vt_code code = vt_outcar_open_memory(&reader, text, lenient, &error);
    while (!code && !end) {
        code = vt_outcar_read(reader, &frame, &end, &error);
        if (!code && !end)
            demand_sound(&frame);
    }
    demand(code == VT_OK || error.message[0] != '\0');
    vt_frame_destroy(&frame);
    vt_outcar_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct vt_dft_text text = {"fuzz", (const char *)data, size};
    read_frames(&text, false);
    read_frames(&text, true);
    return 0;
}
