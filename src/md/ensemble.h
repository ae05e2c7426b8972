/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a stage of a run moves: the integrator with its thermostat and barostat.
 *
 * One object for a stage: created from settings, stepped, asked for what it has exchanged with the
 * system, saved and restored bit by bit. Kinds are rows of a table (ensemble.c); each has a file of
 * its own. */
#ifndef VT_ENSEMBLE_H
#define VT_ENSEMBLE_H

#include <stddef.h>

#include "base/error.h"
#include "md/md.h"

enum vt_thermostat { VT_THERMOSTAT_NONE, VT_BUSSI, VT_NOSE_HOOVER, VT_LANGEVIN };
enum vt_barostat { VT_BAROSTAT_NONE, VT_CELL_RESCALE, VT_MTTK, VT_CELL_RAMP };
enum vt_coupling { VT_ISOTROPIC, VT_ORTHORHOMBIC, VT_ANISOTROPIC };
enum vt_ramp_kind { VT_RAMP_VOLUME, VT_RAMP_DENSITY, VT_RAMP_LENGTHS, VT_RAMP_STRAIN_RATE };

/* Where VT_CELL_RAMP takes the cell by the end of the stage: what `kind` names. */
struct vt_cell_ramp {
    enum vt_ramp_kind kind;
    double volume;            /* as a part of that at the start */
    double density;           /* amu/A^3 */
    double lengths[3];        /* of a, b, c, as parts of those at the start */
    double strain_rate[3][3]; /* 1/fs: after the time t, x is x (1 + t strain_rate) */
};

struct vt_ensemble_settings {
    enum vt_thermostat thermostat;
    double temperature[2];   /* K at the start and the end of the stage; the same: no ramp */
    double temperature_time; /* fs: relaxation time; Langevin: 1/friction */
    int chain;               /* Nose-Hoover: length of the chain */
    enum vt_barostat barostat;
    enum vt_coupling coupling;
    double pressure[2];     /* eV/A^3 at the start and the end */
    double pressure_time;   /* fs */
    double compressibility; /* A^3/eV: cell rescaling only */
    uint32_t frozen;        /* groups whose atoms stay where they are; none while the cell moves */
    struct vt_cell_ramp ramp;
    struct vt_field field;
    int64_t first_step; /* of the stage, as md->step counts */
    int64_t n_steps;    /* length of the stage, for the ramps */
};

struct vt_ensemble;

/* md is borrowed and must outlive the ensemble. *ensemble: owned, given back by
 * vt_ensemble_destroy. Freezes atoms (vt_md_freeze) and sets
 * md->degrees_of_freedom. VT_INPUT: settings that make no sense, with
 * what would. */
enum vt_code vt_ensemble_create(struct vt_ensemble **ensemble,
                                const struct vt_ensemble_settings *settings, struct vt_md *md,
                                struct vt_error *error);
void vt_ensemble_destroy(struct vt_ensemble *ensemble);

/* One step of md->timestep; md->step counts it. Needs forces at the present positions
 * (vt_md_evaluate) and leaves such. Collective. */
enum vt_code vt_ensemble_step(struct vt_ensemble *ensemble, struct vt_error *error);

/* What to add to kinetic + potential energy (eV) to get the quantity that the ensemble conserves
 * (up to the integration error), since the ensemble was created. */
double vt_ensemble_exchanged(const struct vt_ensemble *ensemble);

/* Target at the present step, K and eV/A^3. */
double vt_ensemble_temperature(const struct vt_ensemble *ensemble);
double vt_ensemble_pressure(const struct vt_ensemble *ensemble);

/* The whole inner state as numbers, for checkpoints: the same on every rank. save: state holds
 * VT_ENSEMBLE_STATE numbers. */
enum { VT_ENSEMBLE_STATE = 64 };
void vt_ensemble_save(const struct vt_ensemble *ensemble, double state[VT_ENSEMBLE_STATE]);
void vt_ensemble_restore(struct vt_ensemble *ensemble, const double state[VT_ENSEMBLE_STATE]);

#endif
