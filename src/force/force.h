/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Energy and its derivatives of one configuration: potential and electrostatics together.
 *
 *     force = vt_force_create(model, options)
 *     for each configuration: vt_force_compute(force, system) -> results, borrowed until the next
 * call
 *
 * The one place that knows the order of things: neighbours -> charges -> Coulomb -> forces. Above
 * potential/ and coulomb/, below md/; predict, the ASE calculator, MD and training are its clients.
 * Units: eV, A, e; virials in eV. */
#ifndef VT_FORCE_H
#define VT_FORCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/timers.h"
#include "domain/domain.h"
#include "force/electrostatics.h"
#include "force/measure.h"
#include "potential/kernels/kernel.h"
#include "potential/nep.h"

enum vt_precision {
    VT_DOUBLE, /* plain C in double precision: the reference */
    VT_MIXED   /* vector kernels: float for pairs, double for positions and sums over atoms */
};

struct vt_force_options {
    enum vt_precision precision; /* VT_MIXED gives way to VT_DOUBLE where Born charges, virials of
                                    atoms or descriptors are wanted */
    const struct vt_kernel *kernel;        /* of VT_MIXED; NULL: the fastest */
    enum vt_electrostatics electrostatics; /* VT_PPPM and VT_FASTEST give way to
                                              VT_EWALD_CONVERGED where virials of atoms are wanted
                                            */
    double accuracy;   /* of forces, relative to that between two unit charges at 1 A; not of
                          VT_EWALD_GPUMD */
    bool born_charges; /* results.born is wanted */
    bool atom_virials; /* results.virials is wanted */
    bool descriptors;  /* results.descriptors is wanted */
    bool radial_sums;  /* results.radial_sums is wanted */
};

/* One configuration. All borrowed for the call. All three directions are periodic. */
struct vt_system {
    size_t n_atoms;
    int open;                    /* as in vt_domain: 1, 2, 3 if it is a slab */
    double cell[3][3];           /* rows a, b, c; either handedness */
    const double (*position)[3]; /* may lie outside the cell */
    const int *type;             /* index in the model */
};

/* Owned by the vt_force; valid until its next call. Arrays have n_atoms rows in the order of the
 * system. */
struct vt_results {
    double energy;             /* total, eV */
    double energy_short_range; /* network + ZBL */
    double energy_coulomb;
    double virial[9];       /* -dE/dstrain: xx xy xz yx yy yz zx zy zz; positive = compressed */
    double raw_charge;      /* sum of the charges before neutralisation */
    const double *energies; /* total per atom */
    const double *energies_network;
    const double *energies_zbl;
    const double *energies_coulomb;
    const double (*forces)[3];
    const double (*virials)[9]; /* NULL unless wanted */
    const double *charges;      /* neutralised; NULL without charges */
    const double *potentials;   /* D_i = dE_coulomb/dq_i, mean not removed; NULL without charges */
    const double (*born)[9];    /* NULL unless wanted and charges */
    const double *descriptors;  /* [n_atoms][dimension], scaled; NULL unless wanted */
    const double *radial_sums;  /* [n_atoms][type][k]: what is around each atom, before any
                                   coefficient (potential/descriptor.h); NULL unless wanted */
};

struct vt_force;

/* model is borrowed and must outlive the object. *force: owned, given back by vt_force_destroy. */
enum vt_code vt_force_create(struct vt_force **force, const struct vt_nep *model,
                             const struct vt_force_options *options, struct vt_error *error);
void vt_force_destroy(struct vt_force *force);

/* One configuration on one rank, from scratch. Needs no MPI. */
enum vt_code vt_force_compute(struct vt_force *force, const struct vt_system *system,
                              struct vt_error *error);

/* How charges interact is chosen by the first vt_force_rebuild, for the cell and the charges that
 * it finds, by later ones before which the charges have grown beyond what was planned for, and by
 * each vt_force_compute. A run that goes on plans for what its lists were built with
 * (vt_force_basis; false: there was nothing to plan, or not yet), and goes on with the same bits.
 * Collective over the grid's communicator, which must be that of the domains to come. */
enum vt_code vt_force_plan(struct vt_force *force, const struct vt_electric_basis *basis,
                           const struct vt_grid *grid, struct vt_error *error);
bool vt_force_basis(const struct vt_force *force, struct vt_electric_basis *basis);

/* What was chosen; only for models with charges. */
struct vt_electric_choice vt_force_electrostatics(const struct vt_force *force);

/* Collective. The electrostatics of the last vt_force_evaluate against exact sums, on a sample of
 * the atoms; for charge modes 1 and 2. */
enum vt_code vt_force_measure(const struct vt_force *force, struct vt_measured *measured,
                              struct vt_error *error);

/* For dynamics, on any number of ranks; all of them are collective over the domain's communicator.
 *
 * vt_force_rebuild: move atoms to their bricks, make ghosts, build lists that stay complete until
 * some atom has moved skin/2 (A). vt_force_evaluate: at the present positions and cell; results
 * have a row for each local atom. Between the two only positions (and by a little the cell) may
 * change, and the ghosts must know of it (vt_halo_positions_begin). */
enum vt_code vt_force_rebuild(struct vt_force *force, struct vt_domain *domain, double skin,
                              struct vt_error *error);
enum vt_code vt_force_evaluate(struct vt_force *force, struct vt_domain *domain,
                               struct vt_error *error);

/* What a rank knows of the lists before an evaluation; after it, what any rank knew. */
struct vt_list_age {
    bool stale; /* some atom has moved too far for them: nothing was evaluated */
    bool due;   /* the next evaluation had better build them anew */
};

/* vt_force_evaluate, of the domain that the lists were built for. A rank whose lists are stale does
 * nothing, and then there are no results on any: the ranks tell each other in a sum that they make
 * in any case. VT_OK also where they are stale. */
enum vt_code vt_force_evaluate_fresh(struct vt_force *force, struct vt_list_age *age,
                                     struct vt_error *error);

/* Where the time of an evaluation goes. */
enum vt_force_part {
    VT_PART_LISTS,       /* atoms to their bricks, ghosts, neighbour lists, and whether they last */
    VT_PART_HALO,        /* exchange with other ranks and sums over them, waiting included */
    VT_PART_SHORT_RANGE, /* geometry, descriptors, network, pair forces */
    VT_PART_COULOMB,
    VT_FORCE_PARTS
};

/* Time the parts: they become the first VT_FORCE_PARTS of the timers, which are borrowed as long as
 * the object and have none yet. */
void vt_force_watch(struct vt_force *force, struct vt_timers *timers);

/* What vt_force_watch was given, or NULL. */
struct vt_timers *vt_force_timers(const struct vt_force *force);

/* The kernel at work, NULL for the plain path. */
const struct vt_kernel *vt_force_kernel(const struct vt_force *force);

/* Of the last vt_force_compute or vt_force_evaluate. */
const struct vt_results *vt_force_results(const struct vt_force *force);

#endif
