/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diffusion coefficient and its error from a mean square displacement.
 *
 * The points of an MSD are strongly correlated: each is an average over the same ways. Their
 * covariance is known if the increments of the ways are Gaussian and stationary, whatever the MSD
 * is; with it, generalised least squares gives the best straight line and its true error
 * (docs/theory.md, section 11). */
#ifndef VT_DIFFUSION_H
#define VT_DIFFUSION_H

#include "analysis/msd.h"

struct vt_diffusion_options {
    double fit_from, fit_to; /* fs; 0: found, as far as the chosen lags go */
};

struct vt_diffusion {
    double d, sigma;         /* A^2/fs: coefficient and its standard error */
    double sigma_ions;       /* from the spread of the atoms' own coefficients: independent */
    double d_axis[3];        /* along x, y, z, with the same weights */
    double intercept;        /* A^2, of the line */
    double fit_from, fit_to; /* fs */
    size_t n_lags;           /* of the line */
    double p;                /* of the line's chi2 */
    double broadening;       /* of the errors against Gaussian increments; 1: none seen */
    bool is_linear;          /* the MSD is a line from fit_from on, within its errors */
    bool is_diffusive;       /* and it climbs: d is above zero by more than two errors */
    double upper_bound;      /* A^2/fs: d is below with 95 % */
};

/* msd: with of_ion (rank 0). Not collective. Refused (VT_INPUT): bounds that leave fewer than four
 * lags. */
enum vt_code vt_diffusion_compute(struct vt_diffusion *diffusion, const struct vt_msd *msd,
                                  const struct vt_diffusion_options *options,
                                  struct vt_error *error);

/* Covariance of the MSDs at two lags (frames) of one way of n_frames positions in three dimensions
 * with Gaussian, stationary increments, alike in all directions. */
struct vt_msd_model {
    const double *mean; /* A^2: MSD at the lags 0 .. linear_from */
    size_t linear_from;
    double slope; /* A^2 a lag, from there on */
};
double vt_msd_covariance(const struct vt_msd_model *model, size_t n_frames, size_t lag_a,
                         size_t lag_b);

#endif
