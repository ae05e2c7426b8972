/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow path, part one: neighbours by a direct loop over all images of all atoms.
 *
 * The slow path (slow_*.c) works out energies, charges and descriptors a second time, by
 * mathematics that shares as little as possible with src/: what the two agree on is right or wrong
 * twice. It has no lists, no ghosts, no recursions and no derivatives, and costs what that costs.
 * Units as in force/force.h. */
#ifndef SLOW_BONDS_H
#define SLOW_BONDS_H

#include <stddef.h>

#include "force/force.h"

struct slow_bond {
    double vector[3]; /* from the centre to this image of the neighbour, A */
    double distance;
    size_t atom; /* whose image it is */
    int type;
};

/* Start with `= {0}`; give back with slow_bonds_destroy. */
struct slow_bonds {
    struct slow_bond *bond; /* owned */
    size_t count, capacity;
};

/* Every image of every atom (also of the centre itself, but not the centre) nearer than `range`,
 * into *bonds. */
void slow_bonds_find(struct slow_bonds *bonds, const struct vt_system *system, size_t centre,
                     double range);
void slow_bonds_destroy(struct slow_bonds *bonds);

/* Distance of the two faces of the cell across direction d. */
double slow_thickness(const double cell[3][3], int d);

#endif
