/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small system in motion, cheap enough for many steps: two elements on a simple cubic lattice (a
 * little off their sites) with a synthetic model that repels at short distance, or with no forces
 * at all. Failures of the library end the program with its message. */
#ifndef MOVING_H
#define MOVING_H

#include "md/ensemble.h"
#include "potential/nep.h"

struct moving {
    struct vt_nep model;
    struct vt_force *force;
    struct vt_domain domain;
    struct vt_md md;
};

struct moving_options {
    MPI_Comm comm; /* MPI_COMM_NULL: one rank without MPI */
    int sites[3];  /* atoms along a, b, c */
    bool free;     /* no forces */
    bool charged;  /* the atoms have charges and Born charges */
    enum vt_precision precision;
    double timestep;    /* fs */
    double temperature; /* K: of the first velocities */
    uint32_t seed;
};

#define MOVING_SPACING 2.5 /* A between sites */

/* The group of the atoms of the first layer along c. */
enum { MOVING_WALL = 2 };

extern const double moving_mass[2]; /* amu, [type] */

/* Not to be moved in memory while it lives. Forces are evaluated. */
void moving_create(struct moving *moving, const struct moving_options *options);
void moving_destroy(struct moving *moving);

/* For stages in which all is constant: 100 fs and a chain of 3 where they matter. */
struct vt_ensemble_settings moving_settings(enum vt_thermostat thermostat, double temperature,
                                            int64_t n_steps);

struct vt_ensemble *moving_ensemble(struct moving *moving,
                                    const struct vt_ensemble_settings *settings);
void moving_steps(struct vt_ensemble *ensemble, int64_t n);

/* Forces with new lists, as after a restart. */
void moving_rebuild(struct moving *moving);

/* Kinetic + potential + exchanged energy, eV. ensemble NULL: nothing exchanged. */
double moving_conserved(const struct moving *moving, const struct vt_ensemble *ensemble);

/* Positions without wrapping (A) and velocities by id, of all atoms, on every rank: [n_global]. */
void moving_gather(const struct moving *moving, double (*position)[3], double (*velocity)[3]);

#endif
