/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow path, part three: electrostatics of given charges. */
#ifndef SLOW_COULOMB_H
#define SLOW_COULOMB_H

#include <stdbool.h>

#include "force/force.h"

struct slow_coulomb {
    int mode;      /* charge mode of the model, 1, 2 or 3 */
    double cutoff; /* the radial cutoff, A: sets the width of the charges and ends the real-space
                      sum */
    bool exact; /* all sums to rounding (mode 1: point charges); false: the published sets of pairs
                   and k vectors */
};

/* D_i = dE/dq_i in eV/e for each atom of the system. The energy is a quadratic form, so that atom i
 * has q_i D_i / 2. */
void slow_potentials(const struct slow_coulomb *how, const struct vt_system *system,
                     const double *charges, double *potentials);

/* Relative distance of the nearest k^2 to the sphere that ends the published k set: strains well
 * below half of it leave the set as it is. */
double slow_k_gap(double cutoff, const double cell[3][3]);

#endif
