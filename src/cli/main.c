/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* SIGXFSZ, setenv */

#include <mpi.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cli/dispatch.h"

static bool was_launched(void)
{
    return getenv("PMIX_RANK") || getenv("PMI_RANK") || getenv("OMPI_COMM_WORLD_RANK");
}

/* A program that runs alone needs nothing of its launcher. Left to itself, Open MPI 4 would start a
 * daemon (half a second), or else make scratch folders of one name for all programs of a user,
 * which fails when another ends at that moment. The user's own settings count. */
static void ask_little_of_open_mpi(void)
{
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
}

int main(int argc, char **argv)
{
    /* beyond ulimit -f a write fails, as on a full disk, and is told of */
    signal(SIGXFSZ, SIG_IGN);
    if (!was_launched())
        ask_little_of_open_mpi();
    MPI_Init(&argc, &argv);
    const int status = vt_dispatch(MPI_COMM_WORLD, argc - 1, argv + 1);
    MPI_Finalize();
    return status;
}
