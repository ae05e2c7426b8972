/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine can do, measured: the yardsticks of `vitrion bench`. */
#ifndef VT_MACHINE_H
#define VT_MACHINE_H

#include <mpi.h>

#include "base/error.h"
#include "potential/kernels/kernel.h"

struct vt_machine {
    char processor[128];            /* as the system names it */
    double peak_float, peak_double; /* Gflop/s of a core, mean over the ranks: multiply-add in the
                                       vectors of the kernel */
    double bandwidth;               /* GB/s of all ranks: a = b + s c, 24 bytes each */
};

/* All ranks at once, a fraction of a second. Collective. */
enum vt_code vt_machine_measure(struct vt_machine *machine, MPI_Comm comm,
                                const struct vt_kernel *kernel, struct vt_error *error);

#endif
