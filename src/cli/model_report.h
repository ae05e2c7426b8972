/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model is, in words and numbers, for people. */
#ifndef VT_MODEL_REPORT_H
#define VT_MODEL_REPORT_H

#include <stdio.h>

#include "cli/cost.h"
#include "potential/nep.h"

/* Architecture, cutoffs and parameter counts. */
void vt_model_report(FILE *file, const struct vt_nep *model, const char *path);

/* Estimated operations per atom. where: a phrase that says what the surroundings are taken from. */
void vt_model_report_cost(FILE *file, const struct vt_nep *model,
                          const struct vt_surroundings *around, const char *where);

/* Things that are allowed but odd, a line each; returns how many there are. */
int vt_model_report_warnings(FILE *file, const struct vt_nep *model, const char *path);

#endif
