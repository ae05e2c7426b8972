/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a rate (a diffusion coefficient, a conductivity) depends on the temperature.
 *
 * All fits are of the logarithm, by weighted least squares (docs/theory.md, section 11). Values at
 * one temperature that scatter more than their errors say, as glasses of one composition do, get
 * the variance between them added to each (the moment estimate of DerSimonian and Laird, Control.
 * Clin. Trials 7, 177 (1986), over all temperatures that have several). */
#ifndef VT_ARRHENIUS_H
#define VT_ARRHENIUS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/least_squares.h"
#include "base/error.h"

struct vt_rate {
    double temperature;  /* K */
    double value, sigma; /* positive, of one unit */
};

/* ln value = ln_prefactor - energy/(k T) */
struct vt_arrhenius {
    double energy, ln_prefactor; /* eV */
    double covariance[2][2];     /* of (ln_prefactor, energy) */
    double chi2, p;              /* of the line */
    size_t freedom;
    size_t n_temperatures;
    double between;   /* standard deviation of ln value between samples, beyond their errors */
    double inflation; /* by which the errors were multiplied; 1 unless asked for */
    double aicc;      /* corrected information criterion; INFINITY with too few values */
};

/* ln value = ln_prefactor - b/(T - t0) */
struct vt_vft {
    bool is_known;       /* there are enough values */
    double ln_prefactor; /* with t0 at its best */
    double b, t0;        /* K */
    double chi2, aicc;
};

/* Two lines that meet: energies below and above a temperature. */
struct vt_bend {
    bool is_known;
    double temperature;             /* K */
    double energy_low, energy_high; /* eV */
    double p; /* probability of so much better a fit if there is none; for all places tried */
};

/* Refused (VT_INPUT): fewer than two temperatures, values or errors that are not positive. inflate:
 * multiply the errors by sqrt(chi2/freedom) where that is above 1. */
enum vt_code vt_arrhenius_fit(struct vt_arrhenius *fit, const struct vt_rate *rate, size_t n,
                              bool inflate, struct vt_error *error);

/* The line at a temperature: ln value, *sigma its error. */
double vt_arrhenius_at(const struct vt_arrhenius *fit, double temperature, double *sigma);

/* The alternatives, with the errors that the line had. */
enum vt_code vt_vft_fit(struct vt_vft *vft, const struct vt_arrhenius *line,
                        const struct vt_rate *rate, size_t n, struct vt_error *error);
enum vt_code vt_bend_fit(struct vt_bend *bend, const struct vt_arrhenius *line,
                         const struct vt_rate *rate, size_t n, struct vt_error *error);

#endif
