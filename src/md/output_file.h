/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text file that a run adds to, and that a restarted run cuts back to where its checkpoint was.
 *
 * Of rank 0 alone: nothing here is collective. */
#ifndef VT_OUTPUT_FILE_H
#define VT_OUTPUT_FILE_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Start with `= {0}`. */
struct vt_output_file {
    FILE *file; /* write here; NULL: closed */
    char *path; /* owned */
};

/* Start a new file (keep < 0), or go on with one of which the first `keep` bytes stand. VT_INPUT if
 * the new one exists, or the old one does not or is shorter. */
enum vt_code vt_output_file_open(struct vt_output_file *output, const char *path, int64_t keep,
                                 struct vt_error *error);

/* Hand all to the system, so that others can read it: VT_IO if that fails. */
enum vt_code vt_output_file_flush(struct vt_output_file *output, struct vt_error *error);

/* Bring all to the disk. *size: bytes, what `keep` was to become. */
enum vt_code vt_output_file_sync(struct vt_output_file *output, int64_t *size,
                                 struct vt_error *error);
void vt_output_file_close(struct vt_output_file *output);

#endif
