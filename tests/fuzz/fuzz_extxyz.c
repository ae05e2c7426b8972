/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as extended XYZ. What is accepted must be sound, and be read again once written. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/elements.h"
#include "io/extxyz.h"

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
    demand(frame->n_atoms > 0 && frame->line > 0 && strcmp(frame->file, "fuzz") == 0);
    for (size_t i = 0; i < frame->n_atoms; i++) {
        demand(frame->element[i] >= 1 && frame->element[i] <= VT_ELEMENTS);
        for (int k = 0; k < 3; k++)
            demand(isfinite(frame->position[i][k]));
    }
    if (vt_frame_energy(frame, &energy))
        demand(isfinite(energy));
    if (vt_frame_forces(frame, &forces))
        for (size_t i = 0; i < 3 * frame->n_atoms; i++)
            demand(isfinite(forces[i]));
    vt_frame_virial(frame, virial);
}

static char *written(const struct vt_frame *frame, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    demand(file && vt_extxyz_write(file, frame, 17, NULL) == VT_OK && fclose(file) == 0);
    return text;
}

/* The text of the frame that is read from a text. */
static char *again(const char *text, size_t *size)
{
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    demand(vt_extxyz_open_memory(&reader, "fuzz", text, *size, NULL) == VT_OK);
    demand(vt_extxyz_read(reader, &frame, &end, NULL) == VT_OK && !end);
    demand_sound(&frame);
    char *next = written(&frame, size);
    demand(vt_extxyz_read(reader, &frame, &end, NULL) == VT_OK && end);
    vt_frame_destroy(&frame);
    vt_extxyz_close(reader);
    return next;
}

/* A text that looks like a number is one the second time; from then on nothing may change. */
static void demand_same_again(const struct vt_frame *frame)
{
    size_t size = 0;
    char *first = written(frame, &size);
    char *second = again(first, &size);
    const size_t second_size = size;
    char *third = again(second, &size);
    demand(size == second_size && memcmp(second, third, size) == 0);
    free(first);
    free(second);
    free(third);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    enum vt_code code = vt_extxyz_open_memory(&reader, "fuzz", data, size, &error);
    bool end = false;
    while (!code && !end) {
        code = vt_extxyz_read(reader, &frame, &end, &error);
        if (!code && !end) {
            demand_sound(&frame);
            demand_same_again(&frame);
        }
    }
    demand(code == VT_OK || error.message[0] != '\0');
    vt_frame_destroy(&frame);
    vt_extxyz_close(reader);
    return 0;
}
