/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended XYZ in ASE's dialect: a stream of frames. No limit on line lengths or counts. */
#ifndef VT_EXTXYZ_H
#define VT_EXTXYZ_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "io/frame.h"

struct vt_extxyz_reader;

/* Open PATH for reading ("-" = standard input). *reader: owned, closed by vt_extxyz_close. */
enum vt_code vt_extxyz_open(struct vt_extxyz_reader **reader, const char *path,
                            struct vt_error *error);

/* Read the bytes of a buffer instead of a file (fuzzing, tests); data is borrowed until close. */
enum vt_code vt_extxyz_open_memory(struct vt_extxyz_reader **reader, const char *name,
                                   const void *data, size_t size, struct vt_error *error);

/* The next frame into *frame (cleared first; it keeps its memory). *end = true: no frame is left.
 * Errors carry file, line and column. After an error the reader only ever repeats an error. */
enum vt_code vt_extxyz_read(struct vt_extxyz_reader *reader, struct vt_frame *frame, bool *end,
                            struct vt_error *error);

void vt_extxyz_close(struct vt_extxyz_reader *reader);

/* Write one frame. digits: significant digits of real numbers (17 reads back bit by bit; with 17
 * the shortest text that reads back the same is allowed). The stream is flushed, so that a full
 * disk is noticed here (VT_IO). A number that is not finite is refused (VT_FAILED). Texts in
 * columns are words: not empty, and without blanks. */
enum vt_code vt_extxyz_write(FILE *file, const struct vt_frame *frame, int digits,
                             struct vt_error *error);

#endif
