/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Model, atoms and forces of a run, from its configuration.
 *
 * Rank 0 reads the structure and deals the atoms out in pieces; no other rank ever holds more than
 * its share and a piece. All functions are collective. */
#ifndef VT_RUN_SYSTEM_H
#define VT_RUN_SYSTEM_H

#include "md/extrapolation.h"
#include "md/md.h"
#include "md/run_config.h"
#include "potential/nep.h"

/* Not to be moved in memory while it is open. */
struct vt_run_system {
    MPI_Comm comm; /* borrowed */
    struct vt_nep model;
    struct vt_extrapolation extrapolation; /* if the configuration has one */
    struct vt_force *force;
    struct vt_domain domain;
    struct vt_md md;
    double mass[VT_NEP_MAX_TYPES];      /* amu */
    double total_mass;                  /* amu */
    int64_t group_size[VT_GROUPS_MOST]; /* atoms */

    /* of the structure, replicated */
    int64_t n_atoms;
    int64_t elements; /* a hash of the elements in order */
    double cell[3][3];
    bool has_velocities;
    double gap; /* A, the least between images in directions that it says are not periodic; < 0: all
                   are */
    int open;   /* as in vt_domain: 1, 2, 3 if it is a slab of charges */
    struct vt_frame *frame; /* owned: rank 0, until the atoms are dealt out */
};

/* Read model and structure. Start with `= {0}`, or with a frame on rank 0 that takes the place of
 * the file: of elements that the model knows, in a cell. */
enum vt_code vt_run_system_open(struct vt_run_system *system, MPI_Comm comm,
                                const struct vt_run_config *config, struct vt_error *error);

/* The cell over the ranks, without atoms, and md; then the atoms of the structure. bricks: the grid
 * to take, NULL: the one of the configuration. */
enum vt_code vt_run_system_spread(struct vt_run_system *system, const struct vt_run_config *config,
                                  const int *bricks, const double cell[3][3],
                                  struct vt_error *error);
enum vt_code vt_run_system_deal(struct vt_run_system *system, const struct vt_run_config *config,
                                struct vt_error *error);

/* Once the atoms are there: sets total_mass and group_size. */
void vt_run_system_count(struct vt_run_system *system);
void vt_run_system_close(struct vt_run_system *system);

/* Arithmetic and electrostatics that the configuration asks for. */
struct vt_force_options vt_run_force_options(const struct vt_run_config *config);

#endif
