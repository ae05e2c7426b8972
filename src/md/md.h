/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A system in motion: atoms over the ranks, their forces, and the elementary steps that integrators
 * are made of.
 *
 * All functions that return a code, and all that return a sum over atoms, are collective over the
 * domain's communicator and give the same on every rank. Units: eV, A, fs, amu, K; pressure eV/A^3.
 */
#ifndef VT_MD_H
#define VT_MD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/domain.h"
#include "force/force.h"
#include "md/field.h"

struct vt_md {
    struct vt_domain *domain; /* borrowed */
    struct vt_force *force;   /* borrowed */
    const double *mass;       /* [type] of the model, amu; borrowed */
    double timestep;          /* fs */
    double skin;              /* A */
    uint32_t seed;
    int64_t step;              /* completed steps */
    struct vt_field field;     /* that acts in vt_md_kick */
    double field_work;         /* eV: done by it on the local atoms, until somebody takes it */
    double degrees_of_freedom; /* vt_md_degrees_of_freedom */
    uint32_t frozen;           /* groups whose atoms stay where they are: vt_md_freeze */
    int64_t n_frozen;          /* atoms of them, of all ranks */
    int rotations; /* of a cluster in vacuum that is kept from turning: 3, or 2 if it is linear;
                      else 0 */
    const double *grade;   /* [n_local], borrowed: of the present step, for dumps that want it */
    int64_t n_rebuilds;    /* of the neighbour lists */
    bool needs_rebuild;    /* at the next evaluation. Set it, on all ranks, after changing atoms or
                              cell by hand; vt_md_evaluate does when an atom will soon be too far */
    double ahead;          /* fs that vt_md_evaluate looks ahead along the velocities: the
                              timestep; 0 in minimisations, where they are none */
    double (*built_at)[3]; /* owned: positions of all rows when the lists were built */
    double built_cell[3][3]; /* and the cell: who builds them there again gets the same lists */
    size_t built_at_capacity;
};

struct vt_md_settings {
    struct vt_domain *domain;
    struct vt_force *force;
    const double *mass;
    double timestep;
    double skin;
    uint32_t seed;
};

/* Start with velocities as the domain has them; no force is evaluated yet. */
void vt_md_create(struct vt_md *md, const struct vt_md_settings *settings);
void vt_md_destroy(struct vt_md *md);

/* From now on the atoms of these groups (bits of vt_atoms.groups) neither move nor take up or give
 * away heat; 0: all are free. Their velocities are to be zero: vt_md_stop_frozen makes them so. */
void vt_md_freeze(struct vt_md *md, uint32_t groups);
void vt_md_stop_frozen(struct vt_md *md);

static inline bool vt_md_is_frozen(const struct vt_md *md, int32_t i)
{
    return md->domain->atoms.groups[i] & md->frozen;
}

/* 3 for each atom that is free, less 3, and less `rotations`, where the total momentum is kept at
 * zero: by the motion, and no atom is frozen. */
double vt_md_degrees_of_freedom(const struct vt_md *md, bool conserves_momentum);

/* Energy, forces and virial at the present positions; rebuilds the lists first if some atom, of any
 * rank, or some image moved more than half the skin since they were built, or is about to. Results:
 * vt_force_results(md->force).
 *
 * That the ranks agree on this takes no reduction of its own. Each evaluates at once, unless its
 * own atoms or ghosts have moved too far; whether those of another have comes with the sums of the
 * evaluation, which then is done again with new lists. That is rare: with each step the ranks also
 * learn whether it will be so in the next. */
enum vt_code vt_md_evaluate(struct vt_md *md, struct vt_error *error);

/* v += F/m dt, with the field in F, and x += v dt of the local atoms that are free (dt in fs). */
void vt_md_kick(struct vt_md *md, double dt);
void vt_md_drift(struct vt_md *md, double dt);

/* Cell and positions by x -> x M (row vectors; M near the identity), velocities by v -> v V. */
enum vt_code vt_md_deform(struct vt_md *md, const double m[3][3], const double v[3][3],
                          struct vt_error *error);
void vt_md_scale_velocities(struct vt_md *md, double factor);

/* sum m v_a v_b, eV, nine numbers row by row: twice the kinetic energy is its trace. */
void vt_md_kinetic_tensor(const struct vt_md *md, double tensor[9]);
double vt_md_kinetic_energy(const struct vt_md *md);
double vt_md_temperature(const struct vt_md *md);

/* (kinetic tensor + virial)/V, eV/A^3, positive = compressed; of the last evaluation and the
 * present velocities. */
void vt_md_pressure(const struct vt_md *md, double tensor[9]);

/* Take out the motion of the centre of mass, and the rotation if there are `rotations`; draw
 * velocities at a temperature (K), at rest as a whole and at exactly that temperature, whatever the
 * number of ranks. Where atoms are frozen the others push off from them: there is no motion of the
 * whole to take out. */
void vt_md_remove_momentum(struct vt_md *md);
void vt_md_draw_velocities(struct vt_md *md, double temperature);

#endif
