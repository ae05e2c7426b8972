/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charges to mesh points and back: the loops over atoms of the mesh method.
 *
 * `locate` turns positions into places on the mesh of a rank; `spread` adds the charges to the
 * mesh; `gather` reads the potential and its gradient at the atoms, all in one pass. One body
 * (stencil_tmpl.c) is compiled for each instruction set, and there is a plain one in C, the oracle
 * of the tests. Rows of points (along the last axis) are taken as vectors of 4 or 8 numbers, of
 * which those beyond the window have no weight. */
#ifndef VT_STENCIL_H
#define VT_STENCIL_H

#include <stdbool.h>
#include <stddef.h>

#include "coulomb/window.h"

/* Numbers beyond the last point of a mesh array that are read, and written with what they were. */
enum { VT_STENCIL_SLACK = 8 };

enum { VT_SELF_WAVES = 2 }; /* of the potential of a charge in itself */

struct vt_stencil_job {
    const struct vt_window *window;
    size_t n;
    const double (*position)[3]; /* A */
    const double *charge;        /* e */
    double (*place)[3];          /* by locate: mesh spacings, from point (0, 0, 0) of the mesh */
    /* locate: u_d = position . to_mesh[][d], moved by whole periods into [from_d, from_d +
     * period_d), then counted from origin_d. least, most: results, over the atoms. */
    double to_mesh[3][3];
    double from[3], period[3], origin[3];
    double least[3], most[3];
    /* The points a window touches lie in the mesh (the caller has made sure). */
    void *mesh;       /* of floats or doubles */
    size_t stride[2]; /* numbers from one plane, and from one row, to the next */
    /* gather: potential, and its derivative along each axis per mesh spacing, less the
     * charge times self_mean + sum over axes d and h of self[d][h - 1] cos(2 pi h u_d), and half of
     * the derivative of that (since the charge enters its own energy twice). turns: results, sums
     * over the atoms of charge^2 cos(2 pi h u_d). */
    double self_mean, self[3][VT_SELF_WAVES];
    double (*value)[4];
    double turns[3][VT_SELF_WAVES];
};

/* spread, gather: [0] double, [1] float meshes. */
struct vt_stencil {
    const char *name;
    void (*locate)(struct vt_stencil_job *job);
    void (*spread[2])(const struct vt_stencil_job *job);
    void (*gather[2])(struct vt_stencil_job *job);
};

extern const struct vt_stencil vt_stencil_plain;

/* Those that this program was built with, the fastest first, the plain one before the NULL. */
extern const struct vt_stencil *const vt_stencils[];

bool vt_stencil_runs(const struct vt_stencil *stencil);
const struct vt_stencil *vt_stencil_best(void);

/* By name ("avx512", "avx2", "generic", "plain"); NULL if there is none of that name. */
const struct vt_stencil *vt_stencil_named(const char *name);

#endif
