/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample_read.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/extxyz.h"

static void stop(const struct vt_error *error)
{
    char text[1200];
    fprintf(stderr, "%s\n", vt_error_text(error, text, sizeof text));
    exit(EXIT_FAILURE);
}

void sample_read(struct sample *sample, const char *path, const struct vt_nep *model)
{
    struct vt_error error = {0};
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    if (vt_extxyz_open(&reader, path, &error) != VT_OK ||
        vt_extxyz_read(reader, &frame, &end, &error) != VT_OK)
        stop(&error);
    assert(!end && frame.has_cell);
    sample_resize(sample, frame.n_atoms);
    memcpy(sample->cell, frame.cell, sizeof sample->cell);
    memcpy(sample->position, frame.position, frame.n_atoms * sizeof *frame.position);
    for (size_t i = 0; i < frame.n_atoms; i++) {
        sample->type[i] = vt_nep_type(model, frame.element[i]);
        assert(sample->type[i] >= 0);
    }
    vt_frame_destroy(&frame);
    vt_extxyz_close(reader);
}
