/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/matrix.h"

#include <assert.h>

#include <cblas.h>

void vt_multiply(enum vt_product product, double factor, struct vt_matrix a, struct vt_matrix b,
                 double keep, struct vt_matrix c)
{
    const size_t inner = product == VT_AT_B ? a.rows : a.columns;
    assert(c.rows == (product == VT_AT_B ? a.columns : a.rows));
    assert(c.columns == (product == VT_A_BT ? b.rows : b.columns));
    assert(inner == (product == VT_A_BT ? b.columns : b.rows));
    if (c.rows == 0 || c.columns == 0)
        return;
    cblas_dgemm(CblasRowMajor, product == VT_AT_B ? CblasTrans : CblasNoTrans,
                product == VT_A_BT ? CblasTrans : CblasNoTrans, (int)c.rows, (int)c.columns,
                (int)inner, factor, a.value, (int)a.stride, b.value, (int)b.stride, keep, c.value,
                (int)c.stride);
}

void vt_one_blas_thread(void)
{
#ifdef VT_HAS_OPENBLAS
    openblas_set_num_threads(1);
#endif
}
