/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cell and coordinates of an input of CP2K, which has them with more digits than the output, or, at
 * a low print level, alone.
 *
 * Taken from SUBSYS: &CELL with A, B, C or ABC and ALPHA_BETA_GAMMA, &COORD with lines of label and
 * three numbers, SCALED allowed. What uses variables, other units or other files counts as not
 * given, and so does what is there twice: the output must have it then. */
#ifndef VT_CP2K_INPUT_H
#define VT_CP2K_INPUT_H

#include "io/dft.h"

struct vt_cp2k_input {
    bool has_cell;
    double cell[3][3]; /* A */
    bool has_positions;
    size_t n_atoms;
    double (*position)[3]; /* A; owned */
    uint8_t *element;      /* by the labels, 0: the label is no element; owned */
    size_t capacity[2];
};

/* Start with `= {0}`; given back by vt_cp2k_input_destroy, also after an error. */
enum vt_code vt_cp2k_input_read(struct vt_cp2k_input *input, struct vt_dft_lines *in,
                                struct vt_error *error);
void vt_cp2k_input_destroy(struct vt_cp2k_input *input);

/* The cell with a along x and b in the plane of x and y. Degrees. */
void vt_cp2k_cell(const double length[3], const double angle[3], double cell[3][3]);

#endif
