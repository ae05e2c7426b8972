/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How near atoms of two elements may be when a structure is made. */
#ifndef VT_DISTANCES_H
#define VT_DISTANCES_H

#include "base/error.h"
#include "structure/charges.h"
#include "structure/formula.h"

struct vt_distance_rules {
    const struct vt_charges *charges; /* their signs decide who is a cation: borrowed */
    double contact;                   /* share of the distance of touching ions */
    const char *list;                 /* "Li-Cl=1.9,O-O=2.4 A": exceptions; NULL: none */
};

/* Fill minimum[n x n] (A, symmetric) for the n elements of the formula. Ions touch at the sum of
 * their radii; two cations at the distance that they have across a shared edge of two octahedra of
 * the smallest anion of the formula. VT_INPUT if the list is wrong, or silent about an element of
 * unknown radius. */
enum vt_code vt_distances_set(double *minimum, const struct vt_formula *formula,
                              const struct vt_distance_rules *rules, struct vt_error *error);

#endif
