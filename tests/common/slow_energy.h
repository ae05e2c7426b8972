/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow path as a whole: what force/force.h gives, apart from derivatives. */
#ifndef SLOW_ENERGY_H
#define SLOW_ENERGY_H

#include "force/force.h"

/* All arrays owned: [n_atoms], descriptors and magnitudes [n_atoms][dimension], born [n_atoms][9].
 * Units as in vt_results. */
struct slow_energy {
    size_t n_atoms;
    double energy, energy_coulomb, raw_charge;
    double *energies;                /* of each atom, in total */
    double *network, *zbl, *coulomb; /* ... and its parts */
    double *charges, *potentials;    /* zero without charges */
    double *descriptors;
    double *magnitudes; /* see slow_descriptor */
};

/* Start with `= {0}`; give back with slow_energy_destroy. Electrostatics: VT_EWALD_GPUMD takes the
 * published sets, anything else sums to rounding. */
void slow_energy_compute(struct slow_energy *slow, const struct vt_nep *model,
                         const struct vt_system *system, enum vt_electrostatics electrostatics);
void slow_energy_destroy(struct slow_energy *slow);

/* Distances between which the ZBL energy of a pair of types goes to zero, A. */
void slow_zbl_switch(const struct vt_nep *model, int t1, int t2, double *inner, double *outer);

/* Born charges from their definition. The derivatives of raw charges with respect to each bond
 * vector are five-point differences, good to 1e-9 e or so unless a bond is within 2e-4 A of a
 * cutoff. charges: neutralised. */
void slow_born_charges(const struct vt_nep *model, const struct vt_system *system,
                       const double *charges, double (*born)[9]);

#endif
