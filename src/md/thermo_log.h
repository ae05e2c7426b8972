/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thermo.csv: the state of the system as a whole, a row every so many steps.
 *
 * Columns carry their units. conserved_eV is what the stage's ensemble conserves, or a minimisation
 * lowers; drift_eV_per_atom its change since the stage began. Pressure and stress (xx yy zz yz xz
 * xy, positive = compressed, as pressure) in GPa. The last column is the name of the stage, quoted:
 * where one begins the row of that step is the one before's, if it has one. */
#ifndef VT_THERMO_LOG_H
#define VT_THERMO_LOG_H

#include "md/md.h"
#include "md/output_file.h"

/* The numbers of one row; the same on every rank. */
struct vt_thermo {
    double temperature;        /* K */
    double potential, coulomb; /* eV */
    double kinetic, conserved; /* eV */
    double pressure[9];        /* eV/A^3, row by row */
    double density;            /* amu/A^3 */
};

/* Collective: of the last evaluation and the present velocities. exchanged: what makes kinetic and
 * potential energy a conserved one, eV; total_mass: amu. */
void vt_thermo_measure(struct vt_thermo *thermo, const struct vt_md *md, double exchanged,
                       double total_mass);

/* What a row belongs to. */
struct vt_thermo_stage {
    const char *name;
    double conserved_start; /* eV, at the start of the stage */
};

/* Rank 0: the header, and a row. */
void vt_thermo_write_header(FILE *file, const char *about);
void vt_thermo_write_row(FILE *file, const struct vt_thermo *thermo, const struct vt_md *md,
                         const struct vt_thermo_stage *stage);

#endif
