/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outputs of CP2K (Quickstep; single points, molecular dynamics, optimisations): each evaluation of
 * energy and forces a frame (io/dft.h).
 *
 * The output alone seldom has the structure: positions stand in it once, or, at print level LOW,
 * not at all, and the cell is rounded to 0.001 A. So three files beside it are used if they are
 * there: the input (name as the output says), PROJECT-pos-1.xyz, whose steps are recognised by
 * their energies, and PROJECT-1.cell. Evaluations that no step belongs to (line searches) are left
 * out and counted. A cell that is known from the output only is made from lengths and angles, which
 * have six decimals. The stress may be printed in any of CP2K's forms and units; its sign is
 * positive = compressed. */
#ifndef VT_CP2K_H
#define VT_CP2K_H

#include "io/dft.h"

struct vt_cp2k_reader;

/* The files of a calculation in memory. All but the output may be absent (text NULL). */
struct vt_cp2k_texts {
    struct vt_dft_text output, input, positions, cells;
};

/* *reader: owned, closed by vt_cp2k_close. lenient: leave out and count what cannot be a label,
 * instead of an error. The texts are borrowed until close. */
enum vt_code vt_cp2k_open(struct vt_cp2k_reader **reader, const char *path, bool lenient,
                          struct vt_error *error);
enum vt_code vt_cp2k_open_memory(struct vt_cp2k_reader **reader, const struct vt_cp2k_texts *texts,
                                 bool lenient, struct vt_error *error);

/* The next frame (cleared first; frame->file is borrowed from the reader). *end: none is left.
 * After an error nothing more may be read. */
enum vt_code vt_cp2k_read(struct vt_cp2k_reader *reader, struct vt_frame *frame, bool *end,
                          struct vt_error *error);

const struct vt_dft_counts *vt_cp2k_counts(const struct vt_cp2k_reader *reader);
void vt_cp2k_close(struct vt_cp2k_reader *reader);

#endif
