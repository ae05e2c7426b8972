/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a file of any size, one at a time, without copying them.
 *
 * The file is read in large blocks into a window that grows only when a single line does not fit,
 * so the memory is that of a block or of the longest line. */
#ifndef VT_EXTXYZ_LINES_H
#define VT_EXTXYZ_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct vt_lines {
    const char *line; /* the current line without its end (LF or CR LF); not terminated */
    size_t length;
    long number;        /* of the current line, from 1; 0 before the first */
    const char *file;   /* for messages, borrowed */
    int descriptor;     /* -1: all is in the window */
    bool at_end;        /* nothing is left to be read into the window */
    const char *window; /* the buffer, or the memory that is read */
    size_t begin, end;  /* bytes of the window not given out yet */
    char *buffer;       /* owned */
    size_t capacity;
};

/* Read what the descriptor yields; it stays the caller's. file is borrowed. */
void vt_lines_of_descriptor(struct vt_lines *lines, const char *file, int descriptor);

/* Read a text in memory; file and data are borrowed. */
void vt_lines_of_memory(struct vt_lines *lines, const char *file, const char *data, size_t size);

/* Go to the next line; the old one is gone. *end: there is none; then the current line is empty. */
enum vt_code vt_lines_next(struct vt_lines *lines, bool *end, struct vt_error *error);

void vt_lines_destroy(struct vt_lines *lines);

#endif
