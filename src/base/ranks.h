/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few collective operations of the library. A communicator may be MPI_COMM_NULL: one rank, and
 * MPI need not even be initialised (tests, language bindings). */
#ifndef VT_RANKS_H
#define VT_RANKS_H

#include <mpi.h>

/* values: summed over the ranks, the same bits on each. */
static inline void vt_sum_over_ranks(MPI_Comm comm, double *values, int n)
{
    if (comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, values, n, MPI_DOUBLE, MPI_SUM, comm);
}

static inline int vt_rank(MPI_Comm comm)
{
    int rank = 0;
    if (comm != MPI_COMM_NULL)
        MPI_Comm_rank(comm, &rank);
    return rank;
}

static inline int vt_rank_count(MPI_Comm comm)
{
    int size = 1;
    if (comm != MPI_COMM_NULL)
        MPI_Comm_size(comm, &size);
    return size;
}

#endif
