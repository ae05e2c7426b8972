/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast extended XYZ is read and written, in MB/s of text: frames of positions with 8 decimals,
 * as most programs write them, and frames of positions and forces with 17 digits. Processor time,
 * median of five. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/extxyz.h"

enum { ATOMS = 100000, FRAMES = 4, REPEATS = 5 };

static void stop_on(enum vt_code code, const struct vt_error *error)
{
    char text[1024];
    if (!code)
        return;
    fprintf(stderr, "%s\n", vt_error_text(error, text, sizeof text));
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Uniform in [0, 1), the same numbers every time. */
static double draw(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 11) * 0x1p-53;
}

static void make_frame(struct vt_frame *frame, bool is_plain)
{
    struct vt_error error = {0};
    struct vt_column *forces = NULL;
    uint64_t state = 1;
    stop_on(vt_frame_resize(frame, ATOMS, &error), &error);
    if (!is_plain)
        stop_on(vt_frame_add_column(frame, "forces", VT_REAL, 3, &forces, &error), &error);
    frame->has_cell = true;
    for (int k = 0; k < 3; k++) {
        frame->cell[k][k] = 100.0;
        frame->periodic[k] = true;
    }
    for (size_t i = 0; i < ATOMS; i++) {
        static const uint8_t elements[4] = {3, 8, 17, 40};
        frame->element[i] = elements[(int)(4 * draw(&state))];
        for (size_t k = 0; k < 3; k++) {
            const double x = 100.0 * draw(&state);
            frame->position[i][k] = is_plain ? round(x * 1e8) / 1e8 : x;
            if (forces)
                forces->real[3 * i + k] = 4.0 * draw(&state) - 2.0;
        }
    }
}

/* FRAMES copies of the frame as text; the time of writing one byte goes to *pace. */
static char *write_text(const struct vt_frame *frame, size_t *size, double *pace)
{
    char *text = NULL;
    struct vt_error error = {0};
    FILE *file = open_memstream(&text, size);
    const double start = seconds();
    for (int i = 0; i < FRAMES; i++)
        stop_on(vt_extxyz_write(file, frame, 17, &error), &error);
    fclose(file);
    *pace = (seconds() - start) / (double)*size;
    return text;
}

static double read_pace(const char *path, size_t size)
{
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    const double start = seconds();
    stop_on(vt_extxyz_open(&reader, path, &error), &error);
    while (!end)
        stop_on(vt_extxyz_read(reader, &frame, &end, &error), &error);
    vt_extxyz_close(reader);
    vt_frame_destroy(&frame);
    return (seconds() - start) / (double)size;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double paces[REPEATS])
{
    qsort(paces, REPEATS, sizeof *paces, compare);
    return paces[REPEATS / 2];
}

static void measure(const char *what, bool is_plain)
{
    static const char path[] = "bench_extxyz.xyz";
    struct vt_frame frame = {0};
    double reading[REPEATS], writing[REPEATS];
    size_t size = 0;
    make_frame(&frame, is_plain);
    for (int i = 0; i < REPEATS; i++) {
        char *text = write_text(&frame, &size, &writing[i]);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(text, 1, size, file) != size || fclose(file) != 0) {
            perror(path);
            exit(1);
        }
        free(text);
        reading[i] = read_pace(path, size);
    }
    printf("extxyz, %s: read %.0f MB/s, write %.0f MB/s (%d frames of %d atoms, %.0f MB)\n", what,
           1e-6 / median(reading), 1e-6 / median(writing), FRAMES, ATOMS, 1e-6 * (double)size);
    remove(path);
    vt_frame_destroy(&frame);
}

int main(void)
{
    measure("positions with 8 decimals", true);
    measure("positions and forces with 17 digits", false);
    return 0;
}
