/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What barostats have in common: which settings make sense, and where a run must end; only for
 * src/md. */
#ifndef VT_BAROSTAT_H
#define VT_BAROSTAT_H

#include "md/ensemble_ops.h"

/* Pressures and relaxation time. */
enum vt_code vt_barostat_check(const struct vt_ensemble *ensemble, struct vt_error *error);

/* VT_FAILED if the strain (md/strain.h) of a single step is too large to be meant, or no number.
 * tensor: sum of kinetic tensor and virial (eV) that led to it. */
enum vt_code vt_barostat_guard(const struct vt_ensemble *ensemble, const double strain[3][3],
                               const double tensor[9], struct vt_error *error);

#endif
