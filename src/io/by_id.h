/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Per-atom rows, from wherever the atoms live to the rank that holds their ids, and back.
 *
 * The ids 0 ... n_ids - 1 are dealt out in contiguous blocks, rank after rank. A row is any bytes
 * of a fixed size. Each way is one exchange in which a rank sends and receives O(n_ids / ranks)
 * rows.
 *
 *     vt_by_id_init(&blocks, comm, n_ids, 1, error)
 *     vt_by_id_forward(&blocks, n, id, rows, row_size, error)     blocks.rows: in the order of ids
 *     vt_by_id_back(&blocks, block_rows, size, rows, error)       of the same atoms */
#ifndef VT_BY_ID_H
#define VT_BY_ID_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vt_by_id {
    MPI_Comm comm;       /* borrowed */
    int64_t n_ids;       /* of all ranks */
    int64_t block;       /* ids of each rank but the last ones */
    int64_t first;       /* id of this rank's block */
    size_t n;            /* ids in it */
    uint8_t *present;    /* [n]: 1 if a row came for the id, else 0 */
    unsigned char *rows; /* [n x row size]: those that came; others keep what they had */

    struct vt_by_id_exchange *exchange; /* owned: who sent what, for the way back */
    size_t present_capacity, row_capacity;
};

/* Deal out the ids; a block is a multiple of `granule` ids (>= 1) wherever ids follow it. Start
 * with `= {0}`. Not collective, but every rank gives the same comm, n_ids and granule. */
enum vt_code vt_by_id_init(struct vt_by_id *blocks, MPI_Comm comm, int64_t n_ids, int64_t granule,
                           struct vt_error *error);
void vt_by_id_destroy(struct vt_by_id *blocks);

/* Collective: send the rows of this rank's n atoms to the blocks of their ids. VT_FAILED, on every
 * rank, if an id is out of range or comes twice; that it does not come at all shows in `present`.
 * n < 2^31. */
enum vt_code vt_by_id_forward(struct vt_by_id *blocks, size_t n, const int64_t *id,
                              const void *rows, size_t row_size, struct vt_error *error);

/* Collective: give every atom of the last forward the row of its id, in the order of that call.
 * block_rows: [blocks->n x row_size], which need not be the size of then. */
enum vt_code vt_by_id_back(struct vt_by_id *blocks, const void *block_rows, size_t row_size,
                           void *rows, struct vt_error *error);

#endif
