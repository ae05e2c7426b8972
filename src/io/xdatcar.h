/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XDATCAR of VASP 5 and later: the positions of a run, without times.
 *
 * The head (title, factor, three vectors, elements, counts) stands once, or again before each frame
 * where the cell changes; a frame is a line `Direct configuration= N` (or `Cartesian ...`) and a
 * line of coordinates for each atom. Positions and cell of a frame are Cartesian, in A; key
 * `configuration`: N. The text is in memory as a whole. */
#ifndef VT_XDATCAR_H
#define VT_XDATCAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/frame.h"

struct vt_xdatcar_reader;

/* The text of a file: borrowed, like the name, until the reader is closed. *reader: owned. */
enum vt_code vt_xdatcar_open(struct vt_xdatcar_reader **reader, const char *name, const char *text,
                             size_t size, struct vt_error *error);

/* The next frame into *frame (cleared first). *end: there is none. Errors carry file and line; a
 * frame that is cut off is one. */
enum vt_code vt_xdatcar_read(struct vt_xdatcar_reader *reader, struct vt_frame *frame, bool *end,
                             struct vt_error *error);

/* NULL is fine. */
void vt_xdatcar_close(struct vt_xdatcar_reader *reader);

#endif
