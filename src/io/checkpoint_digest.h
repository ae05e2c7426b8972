/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first block of a checkpoint file: what the file is, how long, and a checksum of all that
 * follows the block. */
#ifndef VT_CHECKPOINT_DIGEST_H
#define VT_CHECKPOINT_DIGEST_H

#include <mpi.h>

#include "base/error.h"

enum { VT_CHECKPOINT_BLOCK = 512 }; /* bytes */

/* Collective. Work out the block of a finished file and write it, and bring all of the file to the
 * disk. */
enum vt_code vt_checkpoint_seal(MPI_Comm comm, const char *path, struct vt_error *error);

/* Collective. VT_INPUT unless every byte of the file is as it was sealed. */
enum vt_code vt_checkpoint_verify(MPI_Comm comm, const char *path, struct vt_error *error);

#endif
