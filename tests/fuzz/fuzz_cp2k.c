/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an output of CP2K with the files beside it, which follow after lines of "=====":
 * input, positions, cells. What is accepted must be sound. */
#include "fuzz_dft.h"

#include "io/cp2k.h"

/* The text up to the next line of separation; *text and *size move on behind it. */
static struct vt_dft_text next_part(const char *name, const char **text, size_t *size)
{
    static const char mark[] = "\n=====\n";
    const size_t length = sizeof mark - 1;
    struct vt_dft_text part = {name, *text, *size};
    for (size_t i = 0; *text && i + length <= *size; i++)
        if (memcmp(*text + i, mark, length) == 0) {
            part.size = i + 1;
            *text += i + length;
            *size -= i + length;
            return part;
        }
    *text = NULL;
    *size = 0;
    return part;
}

static void read_frames(const struct vt_cp2k_texts *texts, bool lenient)
{
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    enum vt_code code = vt_cp2k_open_memory(&reader, texts, lenient, &error);
    while (!code && !end) {
        code = vt_cp2k_read(reader, &frame, &end, &error);
        if (!code && !end)
            demand_sound(&frame);
    }
    demand(code == VT_OK || error.message[0] != '\0');
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (size == 0)
        text = "";
    struct vt_cp2k_texts texts;
    texts.output = next_part("output", &text, &size);
    texts.input = next_part("input", &text, &size);
    texts.positions = next_part("x-pos-1.xyz", &text, &size);
    texts.cells = next_part("x-1.cell", &text, &size);
    read_frames(&texts, false);
    read_frames(&texts, true);
    return 0;
}
