/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The electrostatics of an evaluation: which sums there are, for which charges, by which method.
 *
 *     vt_electric_plan     choose for a number of atoms and a cell
 *     vt_electric_rebuild  with the lists
 *     vt_electric_add_...  once the charges are known
 *
 * Above coulomb/, whose parts it owns; force.c knows nothing of them. */
#ifndef VT_ELECTROSTATICS_H
#define VT_ELECTROSTATICS_H

#include <stdbool.h>

#include "coulomb/coulomb.h"
#include "coulomb/mesh.h"
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
    const int *atomic_number;       /* [type], for the masses; borrowed */
    bool atom_virials; /* are wanted: VT_PPPM and VT_FASTEST give way to VT_EWALD_CONVERGED, since
                          their pairs have no atom that the virial belongs to */
};

struct vt_electric;

/* *electric: owned, given back by vt_electric_destroy. */
enum vt_code vt_electric_create(struct vt_electric **electric,
                                const struct vt_electric_settings *settings,
                                struct vt_error *error);
void vt_electric_destroy(struct vt_electric *electric);

/* What a plan is made for. */
struct vt_electric_basis {
    double n_atoms;
    double squares; /* sum of q^2 over the atoms, e^2 */
    double cell[3][3];
    double is_for_once; /* not 0: one evaluation is all there is to come */
};

/* Of some charges, and of their squares. */
void vt_electric_sum_charges(size_t n, const double *charges, double sums[2]);

/* Of so many atoms, whose charges and their squares have these sums, in such a cell. */
struct vt_electric_basis vt_electric_basis_of(double n_atoms, const double sums[2],
                                              const struct vt_cell *cell);

/* Is there anything to plan? Not for fixed methods. */
bool vt_electric_is_planned(const struct vt_electric *electric);

/* Collective over the grid's ranks, which are those of the domains to come. Choose method,
 * splitting and mesh. Depends on the basis alone, so that a restart that is given it chooses alike.
 */
enum vt_code vt_electric_plan(struct vt_electric *electric, const struct vt_electric_basis *basis,
                              const struct vt_grid *grid, struct vt_error *error);

/* What the plan is for; false: there is none, or no more. */
bool vt_electric_basis(const struct vt_electric *electric, struct vt_electric_basis *basis);
void vt_electric_forget_plan(struct vt_electric *electric);

/* Likewise, where there is no plan, or where charges have grown so much since then that its error
 * may be beyond the accuracy. */
enum vt_code vt_electric_follow_charges(struct vt_electric *electric,
                                        const struct vt_electric_basis *now,
                                        const struct vt_grid *grid, struct vt_error *error);

/* How far ghosts must reach, A; 0: the lists of the potential are enough. */
double vt_electric_reach(const struct vt_electric *electric);

/* What is at work once there is a plan. */
struct vt_electric_choice {
    enum vt_electrostatics method; /* not VT_FASTEST */
    struct vt_mesh_settings mesh;  /* of VT_PPPM, its split (and the cutoff of pairs) among it */
    bool pairs;                    /* false: mode 2 with all of it on the mesh */
    bool vectors;                  /* pairs in float */
    int degree;                    /* of the polynomials of pairs */
    double error;                  /* expected of forces, in K_C e^2/A^2, rms over atoms; 0: not
                                      known */
};
struct vt_electric_choice vt_electric_choice(const struct vt_electric *electric);

/* Does vt_electric_add want the pairs of the potential's lists? */
bool vt_electric_wants_pairs(const struct vt_electric *electric);

/* Collective. Lists that last until some atom has moved skin/2; the ghosts reach vt_electric_reach
 * + skin. Where the cell has become much longer or shorter than it was for the plan, the mesh
 * follows: by steps, which depend on plan and cell alone. */
enum vt_code vt_electric_rebuild(struct vt_electric *electric, const struct vt_domain *domain,
                                 double skin, struct vt_error *error);

/* Both add to the sums of the local atoms; the charges are neutral. What lies in k space
 * (collective) needs those of the local atoms alone, so that the ghosts' may travel meanwhile; the
 * pairs (collective where there is a mesh) want all of them, [n_all]. pairs: of the potential's
 * lists; may be NULL if they are not wanted. */
enum vt_code vt_electric_add_waves(struct vt_electric *electric, const struct vt_domain *domain,
                                   const double *charges, struct vt_coulomb_sums *sums,
                                   struct vt_error *error);
void vt_electric_add_pairs(struct vt_electric *electric, const struct vt_domain *domain,
                           const struct vt_pairs *pairs, const double *charges,
                           struct vt_coulomb_sums *sums);

#endif
