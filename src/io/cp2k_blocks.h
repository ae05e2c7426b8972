/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of numbers in an output of CP2K, in the forms of its versions. The scan stands on the
 * first line of the block. */
#ifndef VT_CP2K_BLOCKS_H
#define VT_CP2K_BLOCKS_H

#include "io/dft.h"

/* A cell as it is printed: vectors with few digits, lengths and angles with more. */
struct vt_cp2k_printed_cell {
    unsigned seen; /* bits 0 to 2: vectors, 3 to 5: angles */
    double vector[3][3], length[3], angle[3];
    bool open[3]; /* not periodic */
};

/* If the line tells something of the cell, note it. */
enum vt_code vt_cp2k_see_cell(struct vt_dft_lines *in, struct vt_cp2k_printed_cell *cell,
                              struct vt_error *error);

/* The cell with the digits of lengths and angles. The vectors are there. */
void vt_cp2k_refine_cell(const struct vt_cp2k_printed_cell *printed, double cell[3][3]);

/* True if that cell is printed so. */
bool vt_cp2k_is_printed(const double cell[3][3], const struct vt_cp2k_printed_cell *printed);

/* "ENERGY| Total FORCE_EVAL ( QS ) energy [a.u.]:  -1.16": eV. */
enum vt_code vt_cp2k_read_energy(struct vt_dft_lines *in, double *energy, struct vt_error *error);

/* True if the line begins a block of forces or the stress. */
bool vt_cp2k_begins_forces(struct vt_dft_lines *in);
bool vt_cp2k_begins_stress(struct vt_dft_lines *in);

/* Atoms with their forces (eV/A) are added to the frame, which has none, and with elements where
 * they are printed (else 0). */
enum vt_code vt_cp2k_read_forces(struct vt_dft_lines *in, struct vt_frame *frame,
                                 struct vt_error *error);

/* eV/A^3, positive = compressed. */
enum vt_code vt_cp2k_read_stress(struct vt_dft_lines *in, double stress[9], struct vt_error *error);

#endif
