/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The electrostatics of an evaluation: which sums there are, for which charges, by which method.
 *
 *     vt_electric_plan     choose for a number of atoms and a cell
 *     vt_electric_rebuild  with the lists
 *     vt_electric_add      once the charges are known
 *
 * Above coulomb/, whose parts it owns; force.c knows nothing of them. */
#ifndef VT_ELECTROSTATICS_H
#define VT_ELECTROSTATICS_H

#include <stdbool.h>

#include "coulomb/coulomb.h"
#include "domain/domain.h"
#include "domain/pairs.h"
#include "potential/kernels/kernel.h"

enum vt_electrostatics {
    VT_EWALD_GPUMD,     /* k set and constants of the published codes */
    VT_EWALD_CONVERGED, /* to the accuracy */
    VT_PPPM,            /* pairs and a mesh, to the accuracy */
    VT_FASTEST          /* the cheaper of the last two */
};

struct vt_electric_settings {
    int charge_mode; /* of the model: 1, 2 or 3 */
    double cutoff;   /* A: radial, of the model */
    enum vt_electrostatics method;
    double accuracy; /* of forces, relative to that between two unit charges at 1 A; not of
                        VT_EWALD_GPUMD */
    const struct vt_kernel *kernel; /* for pairs of VT_PPPM; NULL: all in double */
    bool atom_virials; /* are wanted: VT_PPPM and VT_FASTEST give way to VT_EWALD_CONVERGED, since
                          their pairs have no atom that the virial belongs to */
};

struct vt_electric;

/* *electric: owned, given back by vt_electric_destroy. */
enum vt_code vt_electric_create(struct vt_electric **electric,
                                const struct vt_electric_settings *settings,
                                struct vt_error *error);
void vt_electric_destroy(struct vt_electric *electric);

/* Choose method, splitting and mesh for this many atoms in this cell, on the ranks of the grid.
 * Depends on nothing else, so that a restart chooses alike. Where the cell changes much afterwards,
 * the mesh follows it. */
enum vt_code vt_electric_plan(struct vt_electric *electric, int64_t n_atoms,
                              const struct vt_cell *cell, struct vt_error *error);

/* How far ghosts must reach, A; 0: the lists of the potential are enough. */
double vt_electric_reach(const struct vt_electric *electric);

/* Does vt_electric_add want the pairs of the potential's lists? */
bool vt_electric_wants_pairs(const struct vt_electric *electric);

/* Lists that last until some atom has moved skin/2. Local; what goes wrong on one rank is told by
 * it alone. The ghosts reach vt_electric_reach + skin. */
enum vt_code vt_electric_rebuild(struct vt_electric *electric, const struct vt_domain *domain,
                                 double skin, struct vt_error *error);

/* Collective. charges: [n_all], neutral, ghosts included. pairs: may be NULL if they are not
 * wanted. Adds to the sums of the local atoms. */
enum vt_code vt_electric_add(struct vt_electric *electric, const struct vt_domain *domain,
                             const struct vt_pairs *pairs, const double *charges,
                             struct vt_coulomb_sums *sums, struct vt_error *error);

#endif
