/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one exchange between a rank's atoms and their ghosts, here or on other ranks.
 *
 *     vt_halo_build        who needs which of my atoms; makes the ghosts
 *     vt_halo_forward_...  atoms -> ghosts: positions, charges
 *     vt_halo_reverse_...  ghosts -> atoms: forces, virials are added up
 *
 * Each rank looks at each of its atoms and tells in which bricks, extended by the reach, copies of
 * it are needed: with one rank these are the periodic images, with many mostly the neighbouring
 * bricks, and in cells or bricks thinner than the reach any number of both. So there is one message
 * to each rank that is near, whatever the geometry, and begin and end can have work between them.
 * Ghosts lie sorted by the rank they come from; only packing copies. */
#ifndef VT_HALO_H
#define VT_HALO_H

#include <stdbool.h>

#include "domain/atoms.h"
#include "domain/cell.h"
#include "domain/grid.h"

struct vt_halo;

/* grid and cell are borrowed while the halo lives; the cell may change shape between calls. */
enum vt_code vt_halo_create(struct vt_halo **halo, const struct vt_grid *grid,
                            const struct vt_cell *cell, struct vt_error *error);
void vt_halo_destroy(struct vt_halo *halo);

/* Collective. Make all ghosts within `reach` (A) of the brick, for local atoms that lie in it. */
enum vt_code vt_halo_build(struct vt_halo *halo, struct vt_atoms *atoms, double reach,
                           struct vt_error *error);

/* For asserts: do peers, copies and ghosts fit each other and the atoms, since vt_halo_build? Looks
 * at every copy. */
bool vt_halo_is_valid(const struct vt_halo *halo, const struct vt_atoms *atoms);

/* The brick in fractional coordinates and how far beyond it ghosts reach. */
struct vt_halo_region {
    double low[3], high[3], margin[3];
    double reach;
};
const struct vt_halo_region *vt_halo_region(const struct vt_halo *halo);

/* Of a pair of a local atom and a ghost (0: the first) there is a twin: the ghost's atom, local on
 * its rank, and the ghost of the local atom there. For one of the two, and one alone, the ghost is
 * ahead: who counts pairs once takes that one. */
bool vt_halo_is_ahead(const struct vt_halo *halo, size_t ghost);

/* New positions of the ghosts; values of atoms, [n_all][width] with width <= VT_HALO_WIDTH, to
 * their ghosts. Until vt_halo_forward_end local rows may be read, ghost rows must be left alone,
 * and no other exchange may begin. */
enum { VT_HALO_WIDTH = 9 };
void vt_halo_positions_begin(struct vt_halo *halo, struct vt_atoms *atoms);
void vt_halo_forward_begin(struct vt_halo *halo, double *values, int width);
void vt_halo_forward_end(struct vt_halo *halo);

/* Add the ghosts' rows to those of their atoms. Ghost rows keep their values. */
void vt_halo_reverse(struct vt_halo *halo, double *values, int width);

#endif
