/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of parameters. Sums run from the first to the last: the same bits on every rank. */
#ifndef VT_VECTOR_H
#define VT_VECTOR_H

#include <math.h>
#include <stddef.h>
#include <string.h>

static inline double vt_vector_dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static inline double vt_vector_norm(size_t n, const double *a)
{
    return sqrt(vt_vector_dot(n, a, a));
}

/* y += factor x */
static inline void vt_vector_add(size_t n, double factor, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

static inline void vt_vector_scale(size_t n, double factor, double *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= factor;
}

static inline void vt_vector_copy(size_t n, double *to, const double *from)
{
    memcpy(to, from, n * sizeof *to);
}

/* to = from + factor x */
static inline void vt_vector_move(size_t n, double *to, const double *from, double factor,
                                  const double *x)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] + factor * x[i];
}

#endif
