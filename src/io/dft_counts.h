/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of the evaluations of an output of a DFT program (io/dft.h). */
#ifndef VT_DFT_COUNTS_H
#define VT_DFT_COUNTS_H

#include <stddef.h>

struct vt_dft_counts {
    size_t n_frames;
    size_t n_unconverged; /* left out: their electrons were not converged */
    size_t n_incomplete;  /* left out: the file ends before they are whole */
    size_t n_other;       /* left out: no labels (steps of a force field, line searches) */
};

#endif
