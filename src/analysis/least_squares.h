/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised least squares: the straight line, or any other linear model of few parameters,
 * through points whose errors are correlated, and how well it fits. */
#ifndef VT_LEAST_SQUARES_H
#define VT_LEAST_SQUARES_H

#include <stddef.h>

#include "base/error.h"

enum { VT_FIT_MOST = 4 }; /* parameters */

/* y = design theta + errors of the given covariance. */
struct vt_points {
    size_t n, n_parameters;   /* at least as many points as parameters, 1 to VT_FIT_MOST */
    const double *design;     /* [n][n_parameters] */
    const double *y;          /* [n] */
    const double *covariance; /* [n][n]: symmetric */
};

struct vt_fit {
    double value[VT_FIT_MOST];
    double covariance[VT_FIT_MOST][VT_FIT_MOST];
    double chi2;    /* of the residuals */
    size_t freedom; /* points - parameters */
    double p;       /* probability of a larger chi2 if the model holds; 1 without freedom */
};

/* The best linear unbiased estimate. weights: NULL, or receives [n_parameters][n] with value =
 * weights y. VT_FAILED: the covariance is not positive definite, or the design does not tell the
 * parameters apart. */
enum vt_code vt_least_squares(const struct vt_points *points, struct vt_fit *fit, double *weights,
                              struct vt_error *error);

/* Lower Cholesky factor of the symmetric a [n][n], in place (the upper part is left alone); 0 if it
 * is not positive definite, else 1. */
int vt_cholesky(size_t n, double *a);

/* Solve L x = b in place. */
void vt_forward_solve(size_t n, const double *lower, double *b);

/* Probability that chi2 of that many degrees of freedom (at least 1) is larger. */
double vt_chi2_tail(double chi2, size_t freedom);

#endif
