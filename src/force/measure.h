/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How good electrostatics is: what an evaluation gave, against exact sums, on a sample of the
 * atoms. */
#ifndef VT_MEASURE_H
#define VT_MEASURE_H

#include "domain/domain.h"

/* What was given, of the local atoms (charges: neutral). All borrowed. */
struct vt_measure_input {
    const struct vt_domain *domain;
    double target_alpha;       /* 1/A: of Gaussian charges; 0: point charges */
    const double *charges;     /* e */
    const double *potentials;  /* dE/dq, V */
    const double (*forces)[3]; /* at fixed charges, eV/A */
};

struct vt_measured {
    int n_sample;     /* atoms */
    double force;     /* rms over the atoms of the length of the error, in K_C e^2/A^2: relative to
                         the force between two unit charges 1 A apart */
    double potential; /* rms error, K_C e/A */
};

/* Collective over the domain's ranks. An Ewald sum converged to 1e-10, waves for all atoms and
 * pairs for the sample: some ten seconds for a million of atoms. */
enum vt_code vt_measure_electrostatics(const struct vt_measure_input *input,
                                       struct vt_measured *measured, struct vt_error *error);

#endif
