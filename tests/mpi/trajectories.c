/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For kill_trajectory.py. `trajectories write N`: trajectory.h5 in this folder, new or gone on with
 * from some frames before its end, until it has N frames; prints the step of each that is written.
 * `trajectories look`: opens it to go on with it, and closes it.
 *
 * The file is compressed, since then each frame is a chunk of its own, and HDF5's tables change
 * with each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/h5md.h"

enum { ATOMS = 20, DROPPED = 5 };

static const struct vt_h5md_options options = {.path = "trajectory.h5",
                                               .fields = VT_H5MD_POSITION | VT_H5MD_CHARGE,
                                               .compress = true,
                                               .version = "0.1"};

static int64_t id[ATOMS];
static int element[ATOMS];

static enum vt_code write_frame(struct vt_h5md *h5md, int64_t step, struct vt_error *error)
{
    double position[ATOMS][3], charge[ATOMS];
    for (int i = 0; i < ATOMS; i++) {
        charge[i] = (double)step / (i + 1);
        for (int k = 0; k < 3; k++)
            position[i][k] = (double)step + 0.1 * i + 0.01 * k;
    }
    const struct vt_h5md_frame frame = {.step = step,
                                        .cell = {{9, 0, 0}, {0, 9, 0}, {0, 0, 9}},
                                        .n = ATOMS,
                                        .id = id,
                                        .position = (const double(*)[3])position,
                                        .charge = charge};
    return vt_h5md_write(h5md, &frame, error);
}

/* last_step: of the frames that stay; < 0: a new file. */
static enum vt_code open_file(struct vt_h5md **h5md, int64_t last_step, struct vt_error *error)
{
    const struct vt_h5md_atoms atoms = {ATOMS, id, element, ATOMS};
    if (last_step < 0)
        return vt_h5md_create(h5md, MPI_COMM_WORLD, &options, &atoms, true, error);
    return vt_h5md_append(h5md, MPI_COMM_WORLD, &options, &atoms, last_step, error);
}

/* The step of the last frame. */
static enum vt_code look(int64_t *last, struct vt_error *error)
{
    struct vt_h5md *h5md;
    *last = -1;
    enum vt_code code = open_file(&h5md, INT64_MAX, error);
    if (code)
        return code;
    *last = vt_h5md_last_step(h5md);
    return vt_h5md_close(h5md, error);
}

static enum vt_code write_frames(int64_t n, struct vt_error *error)
{
    struct vt_h5md *h5md;
    int64_t last = -1;
    enum vt_code code = VT_OK;
    if (access(options.path, F_OK) == 0)
        code = look(&last, error);
    if (!code)
        code = open_file(&h5md, last - DROPPED, error);
    if (code)
        return code;
    for (int64_t step = vt_h5md_last_step(h5md) + 1; !code && step < n; step++) {
        code = write_frame(h5md, step, error);
        if (!code)
            printf("%" PRId64 "\n", step);
        fflush(stdout);
    }
    struct vt_error second;
    const enum vt_code closed = vt_h5md_close(h5md, code ? &second : error);
    return code ? code : closed;
}

int main(int argc, char **argv)
{
    struct vt_error error;
    char text[1100];
    int64_t last;
    for (int i = 0; i < ATOMS; i++) {
        id[i] = i;
        element[i] = 1 + i % 3;
    }
    MPI_Init(&argc, &argv);
    const enum vt_code code = argc > 2 && strcmp(argv[1], "write") == 0
                                  ? write_frames(atol(argv[2]), &error)
                                  : look(&last, &error);
    if (code)
        puts(vt_error_text(&error, text, sizeof text));
    MPI_Finalize();
    return code != VT_OK;
}
