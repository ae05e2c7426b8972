/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>

#include "cli/dispatch.h"

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    const int status = vt_dispatch(MPI_COMM_WORLD, argc - 1, argv + 1);
    MPI_Finalize();
    return status;
}
