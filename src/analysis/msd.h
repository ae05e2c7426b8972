/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean square displacements from all origins. */
#ifndef VT_MSD_H
#define VT_MSD_H

#include <mpi.h>

#include "analysis/tracks.h"

enum { VT_TENSOR = 6 }; /* xx yy zz xy xz yz */

/* What was found for the atoms of one element; the same on every rank, but for `of_ion`. */
struct vt_msd {
    int element;
    size_t n_ions, n_frames;
    double spacing;            /* fs between lags: 0 .. n_frames - 1 */
    double *tensor[VT_TENSOR]; /* [n_frames] A^2: <dx_a dx_b> over atoms and origins */
    double *mean;              /* [n_frames] A^2: xx + yy + zz */
    double *spread;            /* [n_frames] A^4: variance of the atoms' own MSDs */
    size_t n_lags, *lag;       /* chosen lags, 1 to about a third of the frames, growing */
    double *alpha2;            /* [n_lags] non-Gaussian parameter, from some of the origins */
    double *of_ion;            /* [n_ions][n_lags] A^2: the atoms' own; rank 0 */
};

/* Collective. At least four frames, else VT_INPUT. Start with `= {0}`. */
enum vt_code vt_msd_compute(struct vt_msd *msd, const struct vt_tracks *tracks, size_t species,
                            MPI_Comm comm, struct vt_error *error);
void vt_msd_destroy(struct vt_msd *msd);

#endif
