/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real Fourier transforms of a mesh that lies on several ranks, in float or double.
 *
 * Before: pencils along the last axis (real rows). After: pencils along the first axis (complex
 * numbers, half of the last axis: 0 .. size[2]/2), with pencils along the second axis in between.
 * The ranks that take part form a grid of parts[0] x parts[1], and each step exchanges within a row
 * or a column of it; with parts[1] = 1 the pencils are slabs and there is one exchange. One rank
 * exchanges nothing. The others have no points.
 *
 * FFTW plans by its own estimate (FFTW_ESTIMATE), not by timing: the same plan, and so the same
 * bits, in each run; a measured plan would make a restart depend on a file of wisdom. */
#ifndef VT_FFT_H
#define VT_FFT_H

#include "coulomb/remap.h"

struct vt_fft;

struct vt_fft_layout {
    MPI_Comm comm; /* borrowed; MPI_COMM_NULL: one rank */
    int size[3];
    int parts[2]; /* zeros: chosen, as many ranks as pay */
    bool single;
};

/* Collective. */
enum vt_code vt_fft_create(struct vt_fft **fft, const struct vt_fft_layout *layout,
                           struct vt_error *error);
void vt_fft_destroy(struct vt_fft *fft);

/* Real points of this rank, and the array that holds them: the caller fills it before `forward` and
 * reads it after `backward`. */
const struct vt_box *vt_fft_real_box(const struct vt_fft *fft);
void *vt_fft_real(const struct vt_fft *fft);

/* Complex points of this rank (pitch counts complex numbers), and their array. */
const struct vt_box *vt_fft_wave_box(const struct vt_fft *fft);
void *vt_fft_waves(const struct vt_fft *fft);

/* Collective. Sum over points of f exp(-i k.n), and sum over the waves of F exp(+i k.n), neither
 * normalised. Both destroy what they start from. */
void vt_fft_forward(struct vt_fft *fft);
void vt_fft_backward(struct vt_fft *fft);

#endif
