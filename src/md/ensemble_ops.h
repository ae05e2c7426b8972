/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of ensembles are made of; only for src/md.
 *
 * A thermostat is a step at constant cell, with its way to act on the velocities. A barostat either
 * goes along with any thermostat, by moving the cell where each step has new positions and no
 * forces yet (`evaluate`), or makes the whole step itself (`step`). Either keeps all that it must
 * remember as plain numbers in its own part of the state: that is what is saved. */
#ifndef VT_ENSEMBLE_OPS_H
#define VT_ENSEMBLE_OPS_H

#include <stdbool.h>

#include "md/ensemble.h"

enum {
    VT_THERMOSTAT_STATE = 24,
    VT_BAROSTAT_STATE = VT_ENSEMBLE_STATE - VT_THERMOSTAT_STATE - 1, /* one is the field's */
    VT_CHAIN_MOST = 10
};

/* Streams of random numbers; md.c has the first. The step of their points is md->step at the start
 * of the step under way. */
enum vt_ensemble_stream { VT_STREAM_BUSSI = 2, VT_STREAM_LANGEVIN = 3, VT_STREAM_CELL_RESCALE = 4 };

struct vt_ensemble {
    const struct vt_thermostat_ops *thermostat;
    const struct vt_barostat_ops *barostat; /* NULL: the cell stays */
    struct vt_ensemble_settings settings;
    struct vt_md *md;                             /* borrowed */
    double temperature;                           /* K: target at the end of the step under way */
    double pressure;                              /* eV/A^3: likewise */
    double thermostat_state[VT_THERMOSTAT_STATE]; /* zeros at first; the same on every rank */
    double barostat_state[VT_BAROSTAT_STATE];     /* likewise */
    double field_work;                            /* eV, on all atoms */
};

/* step: md->step is counted by the caller. exchanged: as vt_ensemble_exchanged, of this part alone.
 * All collective but exchanged. */
struct vt_thermostat_ops {
    const char *name;        /* for messages */
    bool conserves_momentum; /* vt_md_degrees_of_freedom */
    int least_time;          /* shortest temperature_time, in steps */
    enum vt_code (*check)(const struct vt_ensemble_settings *settings,
                          struct vt_error *error); /* NULL: nothing more to check */
    enum vt_code (*step)(struct vt_ensemble *ensemble, struct vt_error *error);
    double (*exchanged)(const struct vt_ensemble *ensemble);
};

/* check: of the settings for the barostat, and that the thermostat goes with it. start: once, after
 * all checks; NULL: zeros will do. Exactly one of evaluate and step is there; evaluate moves the
 * cell and then does what vt_md_evaluate does. */
struct vt_barostat_ops {
    const char *name;
    enum vt_code (*check)(const struct vt_ensemble *ensemble, struct vt_error *error);
    void (*start)(struct vt_ensemble *ensemble);
    enum vt_code (*evaluate)(struct vt_ensemble *ensemble, struct vt_error *error);
    enum vt_code (*step)(struct vt_ensemble *ensemble, struct vt_error *error);
    double (*exchanged)(const struct vt_ensemble *ensemble);
};

extern const struct vt_thermostat_ops vt_no_thermostat;
extern const struct vt_thermostat_ops vt_bussi_thermostat;
extern const struct vt_thermostat_ops vt_nose_hoover_thermostat;
extern const struct vt_thermostat_ops vt_langevin_thermostat;
extern const struct vt_barostat_ops vt_cell_rescale_barostat;
extern const struct vt_barostat_ops vt_mttk_barostat;
extern const struct vt_barostat_ops vt_cell_ramp_barostat;

/* For steps of thermostats, after half a step for the velocities and a whole one for the positions:
 * find the forces, moving the cell before if there is a barostat that does. */
enum vt_code vt_ensemble_evaluate(struct vt_ensemble *ensemble, struct vt_error *error);

/* A step of velocity Verlet, with vt_ensemble_evaluate for the forces. */
enum vt_code vt_verlet_step(struct vt_ensemble *ensemble, struct vt_error *error);

#endif
