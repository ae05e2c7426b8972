/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest minimum of the energy, or with the cell of the enthalpy E + p V, on any number of
 * ranks.
 *
 *     code = vt_minimiser_create(&minimiser, &settings, md, error)
 *     while (!code && vt_minimiser_report(minimiser)->verdict == VT_MINIMISE_GOES_ON)
 *         code = vt_minimiser_step(minimiser, error);      stop in between whenever you like
 *     vt_minimiser_destroy(minimiser)
 *
 * Wherever it is stopped, the enthalpy is not above that of the start, but for rounding. The cell
 * x -> x F changes by a symmetric F, referred to the start: it never turns. The lists of neighbours
 * are rebuilt, and atoms change ranks, as in dynamics. Atoms that are frozen (vt_md_freeze) stay
 * where they are, and their forces do not count; the cell must be fixed then. Units: eV, A;
 * pressure eV/A^3, positive = compressed.
 */
#ifndef VT_MINIMISE_H
#define VT_MINIMISE_H

#include <stdint.h>

#include "base/error.h"
#include "md/md.h"

enum vt_minimise_method {
    VT_FIRE, /* damped dynamics: forgiving, also far from a minimum */
    VT_LBFGS /* quasi-Newton: fewer force calls near one */
};

/* What may change beside the positions. */
enum vt_minimise_cell {
    VT_MINIMISE_FIXED,        /* nothing */
    VT_MINIMISE_ISOTROPIC,    /* the volume */
    VT_MINIMISE_ORTHORHOMBIC, /* the lengths along x, y, z */
    VT_MINIMISE_ANISOTROPIC   /* all six strains */
};

struct vt_minimise_settings {
    enum vt_minimise_method method;
    enum vt_minimise_cell cell;
    double force;    /* eV/A: small enough when no atom feels a larger one (its length); > 0 */
    double pressure; /* eV/A^3: of the surroundings; not used if the cell is fixed */
    double pressure_accuracy; /* eV/A^3: of each stress that the cell can follow; > 0 likewise */
    int64_t n_steps;          /* at most; >= 0 */
};

enum vt_minimise_verdict {
    VT_MINIMISE_GOES_ON,
    VT_MINIMISE_CONVERGED, /* forces, and the pressure if the cell is free, are small enough */
    VT_MINIMISE_OUT_OF_STEPS,
    VT_MINIMISE_STUCK,  /* no lower point within reach: the energy is not smooth here, or has no
                           lower bound */
    VT_MINIMISE_RUNAWAY /* the volume left the range of 1/8 to 8 times that of the start */
};

/* Where it stands; the same on every rank. */
struct vt_minimise_report {
    enum vt_minimise_verdict verdict;
    int64_t n_steps;       /* done */
    int64_t n_force_calls; /* all evaluations, those of rejected trials included */
    double energy;         /* eV */
    double enthalpy;       /* E + p V; E if the cell is fixed */
    double largest_force;  /* eV/A */
    double pressure[9];    /* virial/V, without kinetic part, eV/A^3 */
};

/* VT_INPUT: settings that make no sense, with what would. */
enum vt_code vt_minimiser_check(const struct vt_minimise_settings *settings, const struct vt_md *md,
                                struct vt_error *error);

struct vt_minimiser;

/* md is borrowed and must outlive the minimiser, which evaluates the forces once. The atoms come to
 * rest, and are at rest after each step. *minimiser: owned, given back by vt_minimiser_destroy.
 * VT_INPUT: as vt_minimiser_check says; VT_FAILED: energy or forces are not finite. Collective. */
enum vt_code vt_minimiser_create(struct vt_minimiser **minimiser,
                                 const struct vt_minimise_settings *settings, struct vt_md *md,
                                 struct vt_error *error);
void vt_minimiser_destroy(struct vt_minimiser *minimiser);

/* One step downhill, of one force call or a few; md->step counts it. Afterwards the results of
 * md->force are those of the present positions. To be called while the verdict is
 * VT_MINIMISE_GOES_ON. An error is one of the evaluation itself: no memory, for instance.
 * Collective. */
enum vt_code vt_minimiser_step(struct vt_minimiser *minimiser, struct vt_error *error);

/* The whole inner state, for checkpoints, beside atoms and cell: numbers, the same on every rank,
 * and rows of the local atoms, block after block: [n_blocks][local atoms][3]. */
enum { VT_MINIMISE_STATE = 256, VT_MINIMISE_BLOCKS_MOST = 20 };
struct vt_minimise_state {
    double numbers[VT_MINIMISE_STATE];
    int64_t n_blocks;
    double (*rows)[3];
};

/* state->rows: borrowed until the next step. */
void vt_minimiser_save(const struct vt_minimiser *minimiser, struct vt_minimise_state *state);

/* In place of vt_minimiser_create, where atoms, cell and md->n_rebuilds are as they were when the
 * state was saved: goes on with the same bits. Where the local atoms of a rank are others, the
 * state must come without its blocks (n_blocks = 0): then the method gains speed anew. Collective.
 */
enum vt_code vt_minimiser_resume(struct vt_minimiser **minimiser,
                                 const struct vt_minimise_settings *settings, struct vt_md *md,
                                 const struct vt_minimise_state *state, struct vt_error *error);

/* Borrowed; kept up to date by the step. */
const struct vt_minimise_report *vt_minimiser_report(const struct vt_minimiser *minimiser);

/* "converged", "not converged: no steps left", ...: a line for the log, without the numbers. */
const char *vt_minimise_verdict_text(enum vt_minimise_verdict verdict);

#endif
