/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One verdict for all ranks: what went wrong on one of them ends the work of all, without a hang.
 */
#ifndef VT_AGREE_H
#define VT_AGREE_H

#include <mpi.h>

#include "base/error.h"

/* Collective. Each rank brings its own code and, unless that is VT_OK, its error. If all are VT_OK,
 * so is the verdict. Otherwise every rank returns the code of the failure with the lowest `order`
 * (then the lowest rank), with its *error filled alike. order: where in the work it happened (index
 * of a frame), so that the verdict is that of a serial run. */
enum vt_code vt_agree(MPI_Comm comm, enum vt_code code, long order, struct vt_error *error);

#endif
