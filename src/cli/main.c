/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* SIGXFSZ */

#include <mpi.h>
#include <signal.h>

#include "cli/dispatch.h"

int main(int argc, char **argv)
{
    /* beyond ulimit -f a write fails, as on a full disk, and is told of */
    signal(SIGXFSZ, SIG_IGN);
    MPI_Init(&argc, &argv);
    const int status = vt_dispatch(MPI_COMM_WORLD, argc - 1, argv + 1);
    MPI_Finalize();
    return status;
}
