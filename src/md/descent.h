/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the methods of minimisation share: where the system stands, the force on all its
 * coordinates, and the way downhill along a direction.
 *
 * Coordinates: with the deformation F since the start (cell = cell at the start x F, symmetric),
 * positions are x = u F; the coordinates are all u, and c F with a length c that makes a strain
 * weigh as much as the displacements of neighbours that go with it. A vector over them has a row
 * for each local atom and nine numbers for the cell, the same on every rank. */
#ifndef VT_DESCENT_H
#define VT_DESCENT_H

#include <stdbool.h>

#include "md/minimise.h"

/* A view: borrowed until the next evaluation. */
struct vt_vector {
    double (*atom)[3]; /* [local atoms] */
    double *cell;      /* [9] */
};

struct vt_descent {
    struct vt_md *md;
    struct vt_minimise_settings settings;
    struct vt_minimise_report report;
    double deformation[3][3]; /* F */
    double start_volume;
    double cell_scale;          /* c, A */
    double first, lowest;       /* enthalpy at the start, and least so far, eV */
    double scale;               /* sum of the parts of the enthalpy, without their signs, eV */
    double (*force_rows)[3];    /* owned */
    double force_cell[9];       /* -dH/d(c F), 0 where the cell may not follow */
    double direction_cell[9];   /* see vt_descent_direction */
    size_t force_rows_capacity; /* atoms */
};

/* Start at the present positions; evaluates. */
enum vt_code vt_descent_create(struct vt_descent *descent,
                               const struct vt_minimise_settings *settings, struct vt_md *md,
                               struct vt_error *error);
void vt_descent_destroy(struct vt_descent *descent);

/* What it must remember, as the first VT_DESCENT_STATE numbers of a state, and going on from there.
 */
enum { VT_DESCENT_STATE = 26 };
void vt_descent_save(const struct vt_descent *descent, double *numbers);
enum vt_code vt_descent_resume(struct vt_descent *descent,
                               const struct vt_minimise_settings *settings, struct vt_md *md,
                               const double *numbers, struct vt_error *error);

/* Force on the coordinates, of the last evaluation; not to be changed. */
struct vt_vector vt_descent_force(struct vt_descent *descent);

/* The direction of the way, filled by the method. Its rows are, during a step, the velocities of
 * the atoms: of all arrays these alone go along when atoms move to other ranks, which any
 * evaluation may bring about (it has when md->n_rebuilds has changed). After a step the atoms are
 * at rest again: a method that needs its direction further has copied it. */
struct vt_vector vt_descent_direction(struct vt_descent *descent);
void vt_descent_rest(struct vt_descent *descent);

/* Sums over the coordinates of all ranks (collective); a = factor x a; a += factor x b. */
double vt_descent_dot(const struct vt_descent *descent, struct vt_vector a, struct vt_vector b);
void vt_descent_scale(const struct vt_descent *descent, struct vt_vector a, double factor);
void vt_descent_add(const struct vt_descent *descent, struct vt_vector a, double factor,
                    struct vt_vector b);

/* The largest length, up to `length`, for which length x direction moves no atom and strains the
 * cell no farther than is safe. Collective. */
double vt_descent_limit(struct vt_descent *descent, double length);

/* Go along the direction, by `length` or, where that does not lead downhill, by a part of it. *part
 * (0 to 1): how much of it; 0: no part leads downhill, all is as it was. *slope: force x direction
 * at the new place. Collective. */
enum vt_code vt_descent_go(struct vt_descent *descent, double length, double *part, double *slope,
                           struct vt_error *error);

/* ---- the methods */

struct vt_descent_method {
    enum vt_code (*create)(void **state, struct vt_error *error);
    void (*destroy)(void *state);
    /* Numbers behind those of the descent, and blocks. restore: local, of a new state. */
    void (*save)(const void *state, const struct vt_descent *descent,
                 struct vt_minimise_state *saved);
    enum vt_code (*restore)(void *state, const struct vt_descent *descent,
                            const struct vt_minimise_state *saved, struct vt_error *error);
    /* *moved: false if there is no way down from here. Collective. */
    enum vt_code (*step)(void *state, struct vt_descent *descent, bool *moved,
                         struct vt_error *error);
};

extern const struct vt_descent_method vt_fire, vt_lbfgs;

#endif
