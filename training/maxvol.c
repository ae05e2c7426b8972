/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C holds the coefficients of all rows in the chosen ones, row = C chosen. Exchanging the chosen j
 * for row i multiplies the determinant by C_ij and is a rank-one change of C; so each exchange
 * makes the volume grow by the tolerance at least, and there is an end. */
#include "training/maxvol.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

/* Where the coefficient is that is farthest from zero. */
static size_t find_largest(const double *c, size_t size)
{
    size_t best = 0;
    for (size_t i = 1; i < size; i++)
        if (fabs(c[i]) > fabs(c[best]))
            best = i;
    return best;
}

/* The coefficients once row `in` stands in place of the chosen one `out`: C -= C_.out (C_in. -
 * e_out) / C_in,out. change[n]: scratch. */
static void exchange(double *c, size_t m, size_t n, size_t in, size_t out, double *change)
{
    const double pivot = c[in * n + out];
    assert(fabs(pivot) > 1);
    for (size_t k = 0; k < n; k++)
        change[k] = (c[in * n + k] - (k == out)) / pivot;
    for (size_t i = 0; i < m; i++) {
        const double factor = c[i * n + out];
        if (factor == 0)
            continue;
        for (size_t k = 0; k < n; k++)
            c[i * n + k] -= factor * change[k];
    }
}

enum vt_code vt_maxvol(const struct vt_tall_matrix *matrix,
                       const struct vt_maxvol_settings *settings, double *chosen, size_t *n_chosen,
                       struct vt_error *error)
{
    const double *row = matrix->row;
    const size_t m = matrix->m, n = matrix->n;
    assert((row || m == 0) && n > 0 && chosen && n_chosen);
    assert(settings->floor > 0 && settings->tolerance > 1);
    double *c = NULL;
    enum vt_code code = vt_alloc(&c, (m + 2) * n, sizeof *c, "coefficients", error);
    if (code)
        return code;
    double *change = c + m * n, *is_row = change + n;
    for (size_t i = 0; i < m * n; i++)
        c[i] = row[i] / settings->floor;
    for (size_t i = 0; i < n * n; i++)
        chosen[i] = i % (n + 1) == 0 ? settings->floor : 0;
    while (m > 0) {
        const size_t largest = find_largest(c, m * n), in = largest / n, out = largest % n;
        if (!(fabs(c[largest]) > settings->tolerance))
            break;
        exchange(c, m, n, in, out, change);
        memcpy(chosen + out * n, row + in * n, n * sizeof *chosen);
        is_row[out] = 1;
    }
    *n_chosen = 0;
    for (size_t k = 0; k < n; k++)
        *n_chosen += is_row[k] > 0;
    vt_free(c);
    return VT_OK;
}
