/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cell and its atoms, spread over the ranks of a communicator. */
#ifndef VT_DOMAIN_H
#define VT_DOMAIN_H

#include "domain/atoms.h"
#include "domain/cell.h"
#include "domain/grid.h"
#include "domain/halo.h"

struct vt_domain {
    struct vt_grid grid;
    struct vt_cell cell;
    struct vt_atoms atoms;
    struct vt_halo *halo;
    int64_t n_global;
    int open; /* 0: periodic in all directions; 1, 2, 3: a slab, with vacuum along a, b, c. All is
                 periodic for everything but the electrostatics */
    struct vt_mover *mover; /* owned: buffers of vt_domain_migrate */
};

/* Collective. No atoms yet. wanted: as for vt_grid_create. Not to be moved in memory while it lives
 * (the halo refers to it). */
enum vt_code vt_domain_create(struct vt_domain *domain, MPI_Comm comm, const double cell[3][3],
                              const int wanted[3], struct vt_error *error);
void vt_domain_destroy(struct vt_domain *domain);

/* Another cell, and no atoms; the grid stays. */
enum vt_code vt_domain_reset(struct vt_domain *domain, const double cell[3][3],
                             struct vt_error *error);

/* Atoms of a configuration, or a part of it. Borrowed. */
struct vt_domain_input {
    size_t n;
    const double (*position)[3]; /* A; may lie outside the cell */
    const int *type;
    const double (*velocity)[3]; /* A/fs; NULL: at rest */
    const uint32_t *groups;      /* NULL: VT_ALL_ATOMS alone */
    const int64_t *id;           /* NULL: they count up from first_id */
    int64_t first_id;
    const int32_t (*image)[3]; /* NULL: 0 */
};

/* Local. Take atoms, wherever they lie, without regard to bricks. */
enum vt_code vt_domain_add(struct vt_domain *domain, const struct vt_domain_input *input,
                           struct vt_error *error);

/* Positions of the local atoms as they would be had they never been wrapped, A; [n_local]. */
void vt_domain_unwrap(const struct vt_domain *domain, double (*position)[3]);

/* Collective. Wrap all atoms into the cell (images count it) and send each to the rank whose brick
 * it lies in; local atoms end up in rising order of their ids. Ghosts are gone. VT_INPUT if an atom
 * is nowhere near the cell. */
enum vt_code vt_domain_migrate(struct vt_domain *domain, struct vt_error *error);

#endif
