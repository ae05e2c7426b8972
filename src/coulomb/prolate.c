/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In normalised Legendre functions the differential operator is a tridiagonal matrix for the even
 * degrees (Xiao, Rokhlin, Yarvin 2001); psi is the eigenvector of its lowest eigenvalue. */
#include "coulomb/prolate.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"

enum { SIZE = 72 }; /* even degrees: those beyond some 0.6 c + 20 vanish */

struct matrix {
    double diagonal[SIZE], beside[SIZE]; /* beside[i]: between i and i + 1 */
};

static void make_matrix(struct matrix *matrix, double c)
{
    for (int i = 0; i < SIZE; i++) {
        const double k = 2 * i;
        matrix->diagonal[i] =
            k * (k + 1) + (2 * k * (k + 1) - 1) / ((2 * k + 3) * (2 * k - 1)) * c * c;
        matrix->beside[i] =
            (k + 2) * (k + 1) / ((2 * k + 3) * sqrt((2 * k + 1) * (2 * k + 5))) * c * c;
    }
}

/* Pivots of matrix - shift; all positive if and only if shift is below the lowest eigenvalue. */
static int factorise(const struct matrix *matrix, double shift, double pivot[SIZE])
{
    for (int i = 0; i < SIZE; i++) {
        pivot[i] = matrix->diagonal[i] - shift;
        if (i > 0)
            pivot[i] -= matrix->beside[i - 1] * matrix->beside[i - 1] / pivot[i - 1];
        if (!(pivot[i] > 0))
            return 0;
    }
    return 1;
}

/* Largest number found below the lowest eigenvalue: it lies between 0 and c^2 as the quotients of
 * the operator do, and below the first diagonal element. */
static double below_lowest(const struct matrix *matrix)
{
    double pivot[SIZE], low = 0, high = matrix->diagonal[0];
    for (;;) {
        const double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            return low;
        if (factorise(matrix, middle, pivot))
            low = middle;
        else
            high = middle;
    }
}

/* Inverse iteration, shifted to just below the eigenvalue. */
static void lowest_vector(const struct matrix *matrix, double below, double v[SIZE])
{
    double pivot[SIZE];
    const double shift = below - 1e-9 * (below + 1);
    const int positive = factorise(matrix, shift, pivot);
    assert(positive);
    (void)positive;
    for (int i = 0; i < SIZE; i++)
        v[i] = i == 0;
    for (int round = 0; round < 4; round++) {
        for (int i = 1; i < SIZE; i++)
            v[i] -= matrix->beside[i - 1] / pivot[i - 1] * v[i - 1];
        v[SIZE - 1] /= pivot[SIZE - 1];
        double norm = v[SIZE - 1] * v[SIZE - 1];
        for (int i = SIZE - 2; i >= 0; i--) {
            v[i] = (v[i] - matrix->beside[i] * v[i + 1]) / pivot[i];
            norm += v[i] * v[i];
        }
        for (int i = 0; i < SIZE; i++)
            v[i] /= sqrt(norm);
    }
}

void vt_prolate_make(struct vt_prolate *prolate, double c)
{
    assert(c > 0 && c <= VT_PROLATE_MOST);
    struct matrix matrix;
    double v[SIZE];
    make_matrix(&matrix, c);
    const double eigenvalue = below_lowest(&matrix);
    lowest_vector(&matrix, eigenvalue, v);
    prolate->c = c;
    prolate->eigenvalue = eigenvalue;
    struct vt_legendre *psi = &prolate->psi;
    psi->count = 0;
    for (int i = 0; i < SIZE; i++) {
        psi->term[2 * i] = v[i] * sqrt(2 * i + 0.5);
        psi->term[2 * i + 1] = 0;
        if (fabs(v[i]) > 1e-19)
            psi->count = 2 * i + 1;
    }
    assert(psi->count < 2 * SIZE - 1); /* the series has ended */
    const double middle = vt_legendre_value(psi, 0);
    for (int n = 0; n < psi->count; n++)
        psi->term[n] /= middle;
}

double vt_prolate_leak(double c)
{
    return 4 * sqrt(VT_PI * c) * exp(-2 * c) * (1 - 7 / (16 * c));
}
