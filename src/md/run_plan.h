/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run needs, without running it. */
#ifndef VT_RUN_PLAN_H
#define VT_RUN_PLAN_H

#include <stdio.h>

#include "md/run_system.h"

/* Collective. Check all that can be checked, and write the configuration with every value, then, as
 * comments, atoms, bricks and the memory of a rank; for models with charges also which sums there
 * are, and their error as expected and as measured on the structure, which takes an evaluation.
 * file: of rank 0, NULL on others. */
enum vt_code vt_run_plan(MPI_Comm comm, const struct vt_run_config *config, FILE *file,
                         struct vt_error *error);

#endif
