/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the importers of DFT outputs have in common: the lines of a file that may be huge, and the
 * frame that the printed numbers make.
 *
 * A reader goes through a file once and holds one line and one frame. Only evaluations that can
 * serve as labels become frames: converged, with energy and forces. What is not so is an error, or
 * with `lenient` is left out and counted. In a frame: key "energy" (eV), column "forces" (eV/A),
 * key "virial" (eV, -dE/dstrain, positive = compressed) if a stress is printed, key "charge" (e) if
 * it is not 0; frame->line is where the program printed the forces. */
#ifndef VT_DFT_H
#define VT_DFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/dft_counts.h"
#include "io/extxyz_lines.h"
#include "io/frame.h"
#include "io/scan.h"

/* A file in memory (tests, fuzzing). text NULL: there is none. */
struct vt_dft_text {
    const char *name;
    const char *text;
    size_t size;
};

/* The lines of a file or of a text in memory. */
struct vt_dft_lines {
    struct vt_lines lines;
    struct vt_scan scan; /* words of the current line */
    char *path;          /* owned: name for messages, and of the frames */
    int descriptor;      /* owned; -1: none */
    bool at_end;         /* scan is at the last line, and there was none after it */
};

/* Start with `= {0}`; closed by vt_dft_close, also after an error. The text is borrowed until then.
 */
enum vt_code vt_dft_open(struct vt_dft_lines *in, const char *path, struct vt_error *error);
enum vt_code vt_dft_open_memory(struct vt_dft_lines *in, const struct vt_dft_text *text,
                                struct vt_error *error);
void vt_dft_close(struct vt_dft_lines *in);

/* Go to the next line. *end: there is none. */
enum vt_code vt_dft_next(struct vt_dft_lines *in, bool *end, struct vt_error *error);

/* The same, where the end of the file is an error: "the file ends before the WHAT". */
enum vt_code vt_dft_need_line(struct vt_dft_lines *in, const char *what, struct vt_error *error);

/* True if the text stands in the line; then words are read from behind it. */
bool vt_dft_find(struct vt_dft_lines *in, const char *text);

/* The next n words as finite numbers. */
enum vt_code vt_dft_reals(struct vt_dft_lines *in, const char *what, size_t n, double *values,
                          struct vt_error *error);

/* What to do about a mistake (code) that is there because the file is cut short: its last line has
 * no end, or there was none where one was needed. With counts the rest is left out, *end = true and
 * VT_OK; with NULL the error gets a hint. Other mistakes stay. */
enum vt_code vt_dft_settle(const struct vt_dft_lines *in, enum vt_code code,
                           struct vt_dft_counts *counts, bool *end, struct vt_error *error);

/* Where the line is. */
struct vt_place vt_dft_place(const struct vt_dft_lines *in);

/* The symbol at the start of a word, such as "Li" of "Li_sv" or "Zr2". */
enum vt_code vt_dft_element(const struct vt_word *word, uint8_t *element, struct vt_error *error);

/* One more atom with its force; the column exists. */
enum vt_code vt_dft_add_force(struct vt_frame *frame, const double force[3],
                              struct vt_error *error);

/* The cell must span a volume; stress in eV/A^3, positive = compressed, becomes the virial. */
enum vt_code vt_dft_set_cell(struct vt_frame *frame, const double cell[3][3], struct vt_place place,
                             struct vt_error *error);
enum vt_code vt_dft_set_stress(struct vt_frame *frame, const double stress[9],
                               struct vt_error *error);

#endif
