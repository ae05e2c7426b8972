/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames with labels, as the loss sees them: plain arrays, borrowed. Units: eV, A, e. */
#ifndef VT_FRAME_SET_H
#define VT_FRAME_SET_H

#include <stddef.h>

struct vt_labelled_frame {
    size_t n_atoms;
    double cell[3][3];           /* rows a, b, c */
    const double (*position)[3]; /* may lie outside the cell */
    const int *type;             /* index in the model */
    double weight;               /* of all its residuals, squared in the loss; usually 1 */
    double energy_weight;        /* factor on the squared residual of the energy; usually 1 */
    double charge;               /* of all atoms together; usually 0 */
    double energy;
    const double (*force)[3];
    const double *virial;    /* [9], -dE/dstrain, positive = compressed; NULL: not known */
    const double (*born)[9]; /* first index: polarisation; NULL: not known */
};

/* The frames of one rank. number: their places among the frames of all ranks, n_all of them,
 * rising; NULL: there is one rank, and they count up from 0. */
struct vt_frame_set {
    size_t n;
    const struct vt_labelled_frame *frame;
    size_t n_all;
    const size_t *number;
};

#endif
