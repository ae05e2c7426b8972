/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/grid.h"

#include <assert.h>
#include <math.h>

#include "base/ranks.h"

static int wrap(int index, int count)
{
    assert(count > 0);
    const int rest = index % count;
    return rest < 0 ? rest + count : rest;
}

int vt_grid_rank(const struct vt_grid *grid, const int brick[3])
{
    assert(grid && brick);
    assert(grid->count[0] > 0 && grid->count[1] > 0 && grid->count[2] > 0);
    int rank = 0;
    for (int d = 0; d < 3; d++)
        rank = rank * grid->count[d] + wrap(brick[d], grid->count[d]);
    return rank;
}

/* Surface of a brick over its volume: what the halo costs. */
static double surface(const struct vt_cell *cell, const int count[3])
{
    assert(count[0] > 0 && count[1] > 0 && count[2] > 0);
    double sum = 0;
    for (int d = 0; d < 3; d++)
        sum += count[d] / cell->thickness[d];
    return sum;
}

static bool fits(const int wanted[3], const int count[3])
{
    for (int d = 0; d < 3; d++)
        if (wanted[d] && wanted[d] != count[d])
            return false;
    return true;
}

/* The best of all ways to write size as a product of three. False: none fits what is wanted. */
static bool choose(int size, const struct vt_cell *cell, const int wanted[3], int best[3])
{
    assert(size > 0);
    double least = INFINITY;
    for (int a = 1; a <= size; a++)
        for (int b = 1; size % a == 0 && b <= size / a; b++) {
            if (size / a % b)
                continue;
            const int count[3] = {a, b, size / a / b};
            const double cost = surface(cell, count);
            if (!fits(wanted, count) || cost >= least * (1 - 1e-12))
                continue;
            least = cost;
            for (int d = 0; d < 3; d++)
                best[d] = count[d];
        }
    return least < INFINITY;
}

enum vt_code vt_grid_create(struct vt_grid *grid, MPI_Comm comm, const struct vt_cell *cell,
                            const int wanted[3], struct vt_error *error)
{
    assert(grid && cell && wanted);
    *grid = (struct vt_grid){.comm = MPI_COMM_NULL};
    const int size = vt_rank_count(comm);
    if (!choose(size, cell, wanted, grid->count)) {
        vt_fail(error, VT_INPUT, "a grid of %d x %d x %d does not suit %d ranks", wanted[0],
                wanted[1], wanted[2], size);
        vt_hint(error, "the product must be the number of ranks; 0 lets the program choose");
        return VT_INPUT;
    }
    if (comm != MPI_COMM_NULL)
        MPI_Comm_dup(comm, &grid->comm);
    grid->size = size;
    grid->rank = vt_rank(comm);
    grid->brick[2] = grid->rank % grid->count[2];
    grid->brick[1] = grid->rank / grid->count[2] % grid->count[1];
    grid->brick[0] = grid->rank / grid->count[2] / grid->count[1];
    return VT_OK;
}

void vt_grid_destroy(struct vt_grid *grid)
{
    if (grid && grid->size > 0 && grid->comm != MPI_COMM_NULL) /* size 0: never created */
        MPI_Comm_free(&grid->comm);
}
