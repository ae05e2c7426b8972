/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program after MPI has started: finds the subcommand, reads its options, runs it. */
#ifndef VT_DISPATCH_H
#define VT_DISPATCH_H

#include <mpi.h>

/* Collective over comm, which is borrowed. Returns the exit status, the same on every rank: 0, 1 (a
 * failed run) or 2 (a wrong input). Messages come from rank 0. */
int vt_dispatch(MPI_Comm comm, int n_words, char *const *words);

#endif
