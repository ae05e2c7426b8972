/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run needs, without running it. */
#ifndef VT_RUN_PLAN_H
#define VT_RUN_PLAN_H

#include <stdio.h>

#include "md/run_system.h"

/* Collective. Check all that can be checked without a force call, and write the configuration with
 * every value, then, as comments, atoms, bricks, wave vectors and the memory of a rank. file: of
 * rank 0, NULL on others. */
enum vt_code vt_run_plan(MPI_Comm comm, const struct vt_run_config *config, FILE *file,
                         struct vt_error *error);

#endif
