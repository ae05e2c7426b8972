/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far an environment is from all that a model was trained with.
 *
 * An environment is b = (1, F), F_tk the sums of the model's radial basis over the neighbours of
 * each element (potential/descriptor.h). Of each element the n environments of the training set
 * that span the largest volume are the rows of a matrix A, its active set (training/maxvol.h). Any
 * other is a combination of them, b = sum c_j A_j, and its grade is the largest |c_j|: at most 1
 * for the training set itself, some units at its border, and large far out. Directions in which
 * the set does not extend have a row of some small length instead, so that a step in them counts
 * many times.
 *
 * The sums before any coefficient, not the model's descriptors: training takes descriptors away
 * that its set has no use for, and with them the eye for what the set does not show. Drawback:
 * angles are not looked at. */
#ifndef VT_ACTIVE_SET_H
#define VT_ACTIVE_SET_H

#include <stdio.h>

#include "potential/nep.h"

struct vt_active_set {
    int n_types, k_radial, n; /* n = 1 + n_types k_radial */
    double *rows;             /* owned, [type][n][n]: A */
    double *inverse; /* owned, [type][n][n]: of A, transposed: c_j = sum_d inverse[j][d] b_d */
};

/* Room for the rows of a model, all zero. Start with `= {0}`; given back by destroy, also after an
 * error. */
enum vt_code vt_active_set_create(struct vt_active_set *set, const struct vt_nep *model,
                                  struct vt_error *error);
void vt_active_set_destroy(struct vt_active_set *set);

double *vt_active_set_rows(const struct vt_active_set *set, int type); /* [n][n] */

/* Once the rows are there. VT_INPUT: those of an element do not span all directions. */
enum vt_code vt_active_set_invert(struct vt_active_set *set, struct vt_error *error);

/* radial_sums[n - 1]. */
double vt_active_set_grade(const struct vt_active_set *set, int type, const double *radial_sums);

/* As text; the stream stays open. */
void vt_active_set_print(const struct vt_active_set *set, const struct vt_nep *model, FILE *stream);

/* Read and check: elements, radial cutoffs and basis must be those of the model. Start with `=
 * {0}`; given back by destroy, also after an error. */
enum vt_code vt_active_set_read(struct vt_active_set *set, const char *path,
                                const struct vt_nep *model, struct vt_error *error);
enum vt_code vt_active_set_parse(struct vt_active_set *set, const char *name, const char *text,
                                 size_t size, const struct vt_nep *model, struct vt_error *error);

#endif
