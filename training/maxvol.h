/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a tall matrix that span the largest volume (MaxVol): each is taken in that sticks
 * out most of what the others span, in place of the one that it makes dispensable, until none
 * sticks out. A local maximum of the determinant; every row is a combination of the chosen ones
 * with coefficients of at most `tolerance`. */
#ifndef VT_MAXVOL_H
#define VT_MAXVOL_H

#include <stddef.h>

#include "base/error.h"

struct vt_maxvol_settings {
    double floor;     /* length of the unit vectors that it begins with: what the rows do not span
                         in a direction stays theirs */
    double tolerance; /* above 1 */
};

/* m rows of n numbers; borrowed. */
struct vt_tall_matrix {
    const double *row; /* [m][n] */
    size_t m, n;
};

/* chosen[n][n], and the number of rows in it, the others being unit vectors times the floor. */
enum vt_code vt_maxvol(const struct vt_tall_matrix *matrix,
                       const struct vt_maxvol_settings *settings, double *chosen, size_t *n_chosen,
                       struct vt_error *error);

#endif
