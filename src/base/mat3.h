/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 3-vectors and 3x3 matrices (rows first), small enough to be inline. */
#ifndef VT_MAT3_H
#define VT_MAT3_H

#include <math.h>

static inline double vt_dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline void vt_cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

static inline double vt_norm(const double a[3])
{
    return sqrt(vt_dot(a, a));
}

static inline double vt_mat3_determinant(const double m[3][3])
{
    double c[3];
    vt_cross(m[1], m[2], c);
    return vt_dot(m[0], c);
}

/* Inverse by cofactors; the caller has made sure that the determinant is not zero. */
static inline void vt_mat3_inverse(const double m[3][3], double inverse[3][3])
{
    double column[3][3];
    vt_cross(m[1], m[2], column[0]);
    vt_cross(m[2], m[0], column[1]);
    vt_cross(m[0], m[1], column[2]);
    const double det = vt_dot(m[0], column[0]);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            inverse[i][j] = column[j][i] / det;
}

/* v M: a row vector times a matrix (fractional to Cartesian if its rows are the cell vectors). */
static inline void vt_row_times_mat3(const double v[3], const double m[3][3], double out[3])
{
    for (int j = 0; j < 3; j++)
        out[j] = v[0] * m[0][j] + v[1] * m[1][j] + v[2] * m[2][j];
}

/* a b; out is neither of them. */
static inline void vt_mat3_multiply(const double a[3][3], const double b[3][3], double out[3][3])
{
    for (int i = 0; i < 3; i++)
        vt_row_times_mat3(a[i], b, out[i]);
}

static inline void vt_mat3_transpose(const double m[3][3], double out[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = m[j][i];
}

/* t += a (x) b, nine numbers row by row. */
static inline void vt_add_outer(double t[9], const double a[3], const double b[3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            t[3 * i + j] += a[i] * b[j];
}

#endif
