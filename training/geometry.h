/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a frame does not depend on the parameters (docs/theory.md 10): pairs with their basis
 * functions, harmonics and derivatives, sums of these over the neighbours of an atom, k-space
 * phases, and ZBL as a whole.
 *
 * Atoms are rows in the order of their types, so that the atoms of a type are consecutive. */
#ifndef VT_GEOMETRY_H
#define VT_GEOMETRY_H

#include <stdint.h>

#include "training/frame_set.h"
#include "training/layout.h"
#include "training/waves.h"

/* Ordered pairs by row of the centre, then by type of the neighbour. */
struct vt_pair_list {
    size_t *first;      /* [n_atoms n_types + 1]: pair where a group begins */
    int32_t *neighbour; /* row */
    double (*u)[4];     /* unit vector from the centre, and the distance (A) */
};

struct vt_geometry {
    size_t n_atoms;
    size_t *first; /* [n_types + 1]: row where a type begins */
    int32_t *atom; /* [row]: atom of the frame */
    size_t bytes;  /* of all arrays */

    struct vt_pair_list radial;
    double *radial_slope; /* f_k': of each group [k][pair of the group] */
    double *radial_sums;  /* F = sum_j f_k: [row][t k] */
    double *screened;     /* charges with a real-space sum: [pair][2], phi and phi' (1/A, 1/A^2) */

    struct vt_pair_list angular;
    double *basis;        /* [pair][2][k]: f_k and f_k' */
    double *harmonics;    /* [pair][4][stride]: B_lc, and its derivative in r_ij times 1 A */
    size_t *crowded;      /* [n_atoms n_types + 1]: crowded groups before each */
    double *angular_sums; /* A = sum_j f_k B_lc: [crowded group][k][stride] */

    double zbl_energy;      /* eV */
    double (*zbl_force)[3]; /* [row]; NULL without ZBL */
    double zbl_virial[9];

    struct vt_waves waves; /* empty without a sum in k space */
};

/* Whether a group (neighbours of a type) has so many angular pairs that it pays to go through A.
 * For fewer the g_n B of each pair are summed at about the same cost, and nothing is kept: measured
 * on six elements, up to two pairs are no slower that way, up to five by 6 %. */
static inline bool vt_is_crowded(size_t pairs)
{
    return pairs > 2;
}

struct vt_geometer; /* makes them */

/* plan is borrowed and must outlive the geometer; its coefficients and network are not used. */
enum vt_code vt_geometer_create(struct vt_geometer **geometer, const struct vt_plan *plan,
                                struct vt_error *error);
void vt_geometer_destroy(struct vt_geometer *geometer);

/* *geometry starts as `= {0}` and is given back by vt_geometry_destroy. VT_INPUT: a cell without
 * volume, or two atoms at one place. */
enum vt_code vt_geometry_create(struct vt_geometry *geometry, struct vt_geometer *geometer,
                                const struct vt_labelled_frame *frame, struct vt_error *error);
void vt_geometry_destroy(struct vt_geometry *geometry);

#endif
