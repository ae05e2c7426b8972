/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For kill_checkpoint.py. `checkpoints write`: one checkpoint.h5 after another in this folder,
 * until killed; says "go" when there are two. `checkpoints read`: status 0 if both are whole. */
#include <stdio.h>
#include <string.h>

#include "io/checkpoint.h"

enum { ROWS = 20000 };

static double value[ROWS];

static enum vt_code save(int64_t version, struct vt_error *error)
{
    struct vt_checkpoint_writer *writer;
    for (int i = 0; i < ROWS; i++)
        value[i] = (double)(7 * version + i);
    enum vt_code code = vt_checkpoint_create(&writer, MPI_COMM_WORLD, "checkpoint.h5", ROWS, error);
    if (code)
        return code;
    code = vt_checkpoint_put_rows(writer, "value", VT_CHECKPOINT_DOUBLE, 1, value, error);
    if (!code)
        code = vt_checkpoint_put(writer, "version", VT_CHECKPOINT_INT64, 1, &version, error);
    if (!code)
        return vt_checkpoint_commit(writer, error);
    vt_checkpoint_discard(writer);
    return code;
}

static enum vt_code check(const char *path, struct vt_error *error)
{
    struct vt_checkpoint *checkpoint;
    int64_t version = -1;
    enum vt_code code = vt_checkpoint_open(&checkpoint, MPI_COMM_WORLD, path, error);
    if (code)
        return code;
    code = vt_checkpoint_get(checkpoint, "version", VT_CHECKPOINT_INT64, 1, &version, error);
    if (!code)
        code = vt_checkpoint_get_rows(checkpoint, "value", VT_CHECKPOINT_DOUBLE, 1, value, error);
    for (int i = 0; i < ROWS && !code; i++)
        if (value[i] != (double)(7 * version + i))
            code = vt_fail(error, VT_FAILED, "%s is a mixture", path);
    vt_checkpoint_close(checkpoint);
    return code;
}

int main(int argc, char **argv)
{
    struct vt_error error;
    enum vt_code code = VT_OK;
    char text[1100];
    MPI_Init(&argc, &argv);
    if (argc > 1 && strcmp(argv[1], "write") == 0) {
        for (int64_t version = 0; !code; version++) {
            code = save(version, &error);
            if (version == 1) {
                puts("go");
                fflush(stdout);
            }
        }
    } else {
        code = check("checkpoint.h5", &error);
        if (!code)
            code = check("checkpoint.prev.h5", &error);
    }
    if (code)
        puts(vt_error_text(&error, text, sizeof text));
    MPI_Finalize();
    return code != VT_OK;
}
