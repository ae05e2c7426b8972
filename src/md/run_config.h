/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `vitrion run` may be told: the table of its configuration, and the struct it fills.
 *
 * Units inside: eV, A, fs, K, eV/A^3; wall time in seconds. Strings and lists are owned by the
 * struct (vt_config_destroy). */
#ifndef VT_RUN_CONFIG_H
#define VT_RUN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "force/force.h"
#include "io/config.h"
#include "md/ensemble.h"
#include "md/groups.h"
#include "md/minimise.h"

enum vt_run_ensemble { VT_RUN_NVE, VT_RUN_NVT, VT_RUN_NPT };
enum vt_run_rotation { VT_RUN_KEEP, VT_RUN_REMOVE };
enum vt_dump_format { VT_DUMP_EXTXYZ, VT_DUMP_H5MD, VT_DUMP_AMBER };
enum vt_dump_precision { VT_DUMP_SINGLE, VT_DUMP_DOUBLE };

/* What a frame holds beside elements and cell. */
enum vt_dump_field {
    VT_DUMP_POSITION,  /* inside the cell */
    VT_DUMP_UNWRAPPED, /* positions as the atoms went */
    VT_DUMP_IMAGE,
    VT_DUMP_VELOCITY,
    VT_DUMP_FORCE,
    VT_DUMP_CHARGE,
    VT_DUMP_ENERGY,
    VT_DUMP_BORN,
    VT_DUMP_GRADE,
    VT_DUMP_FIELDS
};

struct vt_run_dump {
    char *name; /* of the file, without its ending */
    int64_t every;
    enum vt_dump_format format;
    int *fields; /* enum vt_dump_field */
    size_t n_fields;
    enum vt_dump_precision precision;
    char *group; /* whose atoms it has */
    double above_grade;
    bool has_above_grade;
};

/* Either dynamics, with an ensemble, or a minimisation. */
struct vt_run_stage {
    char *name;
    enum vt_run_ensemble ensemble;
    struct vt_run_minimise {
        enum vt_minimise_method method;
        enum vt_minimise_cell cell;
        double force, pressure, pressure_accuracy;
        int64_t steps;
    } minimise;
    bool has_ensemble, has_minimise; /* exactly one */
    double *temperature, *pressure;  /* one value, or start and end */
    size_t n_temperature, n_pressure;
    struct vt_run_thermostat {
        enum vt_thermostat kind;
        double time;
        int64_t chain;
    } thermostat;
    struct vt_run_barostat {
        enum vt_barostat kind;
        enum vt_coupling coupling;
        double time;
        double bulk_modulus;
    } barostat;
    struct vt_run_deform {
        double volume, density, lengths[3];
        struct vt_run_strain_rate {
            double xx, yy, zz, yz, xz, xy;
        } strain_rate;
        bool has_volume, has_density, has_lengths, has_strain_rate; /* exactly one */
    } deform;
    struct vt_run_field {
        double field[3];
        enum vt_field_coupling coupling;
    } electric_field;
    bool has_deform, has_electric_field;
    double duration;
    int64_t steps;
    bool has_duration, has_steps; /* exactly one; none of a minimisation */
    char **freeze;                /* names of groups */
    size_t n_freeze;
};

struct vt_run_config {
    char *model, *structure;
    int64_t replicate[3];
    struct vt_group *groups;
    size_t n_groups;
    double velocities;
    bool has_velocities;
    enum vt_run_rotation rotation;
    int64_t seed;
    double timestep;
    enum vt_precision precision;
    int isa; /* vt_isa_kernel */
    struct vt_run_charges {
        enum vt_electrostatics method;
        double accuracy;
    } electrostatics;
    struct vt_run_neighbour {
        double skin;
    } neighbour;
    int64_t grid[3]; /* 0: chosen */
    struct vt_run_output {
        char *directory;
        struct vt_run_every {
            int64_t every;
        } thermo, checkpoint;
        struct vt_run_dump *trajectory;
        size_t n_trajectory;
    } output;
    double walltime;
    bool has_walltime;
    struct vt_run_extrapolation {
        char *active_set;
        int64_t every;
    } extrapolation;
    bool has_extrapolation;
    struct vt_run_guards {
        double temperature;  /* K, of the whole system */
        double displacement; /* A, of an atom in one step */
        double volume[2];    /* least and largest, as fractions of the volume at the start */
        double grade;        /* of an atom */
        bool has_grade;
    } guards;
    struct vt_run_stage *stages;
    size_t n_stages;
};

extern const struct vt_table vt_run_table;

/* Does a frame of the trajectory have it? */
bool vt_run_dump_holds(const struct vt_run_dump *dump, enum vt_dump_field field);

/* What the name of a trajectory's file ends in, behind the dot. */
const char *vt_run_dump_ending(enum vt_dump_format format);

struct vt_groups vt_run_groups(const struct vt_run_config *config);

/* Groups whose atoms a stage freezes, as bits. */
uint32_t vt_run_stage_frozen(const struct vt_run_config *config, size_t stage);

/* Steps of a stage: its duration is rounded to whole steps, at least one. Of a minimisation: at
 * most. */
int64_t vt_run_stage_steps(const struct vt_run_config *config, size_t stage);

/* Whether the cell changes: by a barostat, driven, or in a minimisation. */
bool vt_run_stage_moves_cell(const struct vt_run_stage *stage);

/* Whether a stage begins with velocities drawn anew, and at which temperature: dynamics after a
 * minimisation, which leaves the atoms at rest. */
bool vt_run_stage_draws(const struct vt_run_config *config, size_t stage, double *temperature);

/* What makes the trajectory: everything but files, output, guards and the way of computing (grid,
 * skin, isa); and a stage alone. As lines of a configuration, for checkpoints; errors of the stream
 * are left to its owner. */
void vt_run_echo_physics(const struct vt_run_config *config, FILE *file);
void vt_run_echo_stage(const struct vt_run_config *config, size_t stage, FILE *file);

/* Settings of a stage's ensemble that begins at first_step; of a minimisation. */
struct vt_ensemble_settings vt_run_stage_ensemble(const struct vt_run_config *config, size_t stage,
                                                  int64_t first_step);
struct vt_minimise_settings vt_run_stage_minimise(const struct vt_run_config *config, size_t stage);

/* The word for a value: fire, lbfgs. */
const char *vt_run_method_name(enum vt_minimise_method method);

#endif
