/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ranks as a grid of equal bricks in fractional coordinates. */
#ifndef VT_GRID_H
#define VT_GRID_H

#include <mpi.h>

#include "base/error.h"
#include "domain/cell.h"

struct vt_grid {
    MPI_Comm comm; /* a duplicate of its own, or MPI_COMM_NULL: one rank without MPI */
    int rank, size;
    int count[3]; /* bricks along a, b, c; their product is size */
    int brick[3]; /* of this rank: [brick/count, (brick + 1)/count) in fractional coordinates */
};

/* Collective. wanted: bricks along a, b, c, or zeros for those that may be chosen: then the surface
 * of the bricks is as small as can be. VT_INPUT if the wanted numbers do not make up the size of
 * comm. */
enum vt_code vt_grid_create(struct vt_grid *grid, MPI_Comm comm, const struct vt_cell *cell,
                            const int wanted[3], struct vt_error *error);
void vt_grid_destroy(struct vt_grid *grid);

/* Rank of a brick whose indices may lie outside 0 .. count - 1: the grid goes on periodically. */
int vt_grid_rank(const struct vt_grid *grid, const int brick[3]);

#endif
