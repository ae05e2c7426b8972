/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One reduction when all is well. Only after a failure two more steps find whose error it is and
 * pass it on. */
#include "base/agree.h"

#include <assert.h>
#include <limits.h>

enum vt_code vt_agree(MPI_Comm comm, enum vt_code code, long order, struct vt_error *error)
{
    if (comm == MPI_COMM_NULL)
        return code;
    assert(error && order >= 0 && order < LONG_MAX);
    const long mine = code == VT_OK ? LONG_MAX : order;
    long first = LONG_MAX;
    MPI_Allreduce(&mine, &first, 1, MPI_LONG, MPI_MIN, comm);
    if (first == LONG_MAX)
        return VT_OK;

    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    const int candidate = mine == first ? rank : size;
    int culprit = size;
    MPI_Allreduce(&candidate, &culprit, 1, MPI_INT, MPI_MIN, comm);
    assert(culprit < size);
    MPI_Bcast(error, (int)sizeof *error, MPI_BYTE, culprit, comm);
    assert(error->code != VT_OK);
    return error->code;
}
