/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every part of the electrostatics gives: energies, dE/dq, forces at fixed charges, and
 * virials. */
#ifndef VT_COULOMB_H
#define VT_COULOMB_H

#include <mpi.h>
#include <stddef.h>

/* The charges of this rank; those of all ranks of comm (may be MPI_COMM_NULL: one rank) make the
 * whole. Borrowed. Positions may lie anywhere; charges in e. */
struct vt_point_charges {
    MPI_Comm comm;
    size_t n;
    const double (*position)[3];
    const double *charge;
    const double *mass; /* by which a mesh shares out its mean force, in any unit; NULL: alike */
};

/* All are added to, so that parts (k space, real space, self energy) sum up. Arrays have a row for
 * each local atom; the caller owns and zeroes them. energy and virial are shares that sum up over
 * the ranks. Units: eV, e, A. */
struct vt_coulomb_sums {
    double energy;
    double virial[9];     /* -dE/dstrain, row by row */
    double *energies;     /* per atom */
    double *potentials;   /* dE/dq_i, eV/e */
    double (*forces)[3];  /* -dE/dr_i, charges held fixed */
    double (*virials)[9]; /* per atom; NULL: not wanted */
};

#endif
