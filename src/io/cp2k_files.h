/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that CP2K writes beside its output while atoms move: positions (PROJECT-pos-1.xyz) and
 * cells (PROJECT-1.cell). */
#ifndef VT_CP2K_FILES_H
#define VT_CP2K_FILES_H

#include "io/dft.h"

/* One frame of the trajectory. */
struct vt_cp2k_step {
    int64_t number; /* i = ... */
    double energy;  /* E = ..., hartree */
    size_t n_atoms;
    double (*position)[3]; /* A; owned */
    uint8_t *element;      /* by the labels, 0: the label is no element; owned */
    size_t capacity[2];
};

/* The next step of the trajectory; *end: there is none. */
enum vt_code vt_cp2k_next_step(struct vt_dft_lines *in, struct vt_cp2k_step *step, bool *end,
                               struct vt_error *error);
void vt_cp2k_step_destroy(struct vt_cp2k_step *step);

/* Go on to the line of that step of a file of cells; *found = false: it has none. */
enum vt_code vt_cp2k_cell_of_step(struct vt_dft_lines *in, int64_t number, double cell[3][3],
                                  bool *found, struct vt_error *error);

#endif
