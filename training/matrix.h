/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of dense matrices, row by row in memory, through CBLAS. */
#ifndef VT_MATRIX_H
#define VT_MATRIX_H

#include <stddef.h>

/* A view of numbers of someone else's; element (i, j) is value[i stride + j]. */
struct vt_matrix {
    size_t rows, columns, stride;
    double *value;
};

static inline struct vt_matrix vt_matrix(size_t rows, size_t columns, const double *value)
{
    return (struct vt_matrix){rows, columns, columns, (double *)value};
}

/* The first `columns` of a row of `stride`. */
static inline struct vt_matrix vt_matrix_part(size_t rows, size_t columns, size_t stride,
                                              const double *value)
{
    return (struct vt_matrix){rows, columns, stride, (double *)value};
}

enum vt_product { VT_A_B, VT_A_BT, VT_AT_B };

/* c = factor a b + keep c, a or b transposed as the product says. keep = 0 takes no notice of what
 * c holds. c is neither a nor b. */
void vt_multiply(enum vt_product product, double factor, struct vt_matrix a, struct vt_matrix b,
                 double keep, struct vt_matrix c);

/* The ranks are the parallel unit: keep BLAS from starting threads of its own, where it can be
 * told. The setting is the process's. */
void vt_one_blas_thread(void);

#endif
