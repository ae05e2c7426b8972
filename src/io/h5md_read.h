/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading of H5MD 1.1, from this program and others: a stream of frames in one process.
 *
 * Of /particles the group `trajectory`, or the only one. Frames get the columns `image` (integers),
 * `vel` (A/fs), `forces` (eV/A), `charges` (e) and `energies` (eV), those that are there, and the
 * keys `step` and `time_ps`. The frames are those that were there when the file was opened: a run
 * may still be writing it. Units must be written, and known. Frames are read some at a time, as
 * many as make about 16 MiB of positions. */
#ifndef VT_H5MD_READ_H
#define VT_H5MD_READ_H

#include <stdbool.h>

#include "base/error.h"
#include "io/frame.h"

struct vt_h5md_reader;

/* *reader: owned, given back by vt_h5md_close_reader. Refused (VT_INPUT): what is no HDF5, or lacks
 * a part of H5MD, named in the message. */
enum vt_code vt_h5md_open_reader(struct vt_h5md_reader **reader, const char *path,
                                 struct vt_error *error);

/* The next frame into *frame (cleared first; it keeps its memory). *end = true: none is left. */
enum vt_code vt_h5md_read(struct vt_h5md_reader *reader, struct vt_frame *frame, bool *end,
                          struct vt_error *error);

/* NULL is fine. */
void vt_h5md_close_reader(struct vt_h5md_reader *reader);

#endif
