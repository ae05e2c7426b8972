/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads extended XYZ and writes it again: copy_extxyz FROM TO. */
#include <stdio.h>

#include "io/extxyz.h"

static enum vt_code copy(const char *from, FILE *to, struct vt_error *error)
{
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    enum vt_code code = vt_extxyz_open(&reader, from, error);
    while (!code && !end) {
        code = vt_extxyz_read(reader, &frame, &end, error);
        if (!code && !end)
            code = vt_extxyz_write(to, &frame, 17, error);
    }
    vt_frame_destroy(&frame);
    vt_extxyz_close(reader);
    return code;
}

int main(int argc, char **argv)
{
    FILE *to = argc == 3 ? fopen(argv[2], "wb") : NULL;
    struct vt_error error = {0};
    char text[1024];
    if (!to) {
        fprintf(stderr, "usage: copy_extxyz FROM TO\n");
        return 2;
    }
    const enum vt_code code = copy(argv[1], to, &error);
    if (code)
        fprintf(stderr, "%s\n", vt_error_text(&error, text, sizeof text));
    fclose(to);
    return vt_exit_status(code);
}
