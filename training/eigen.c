/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/eigen.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { SWEEPS = 60 };

/* Make a[p][q] zero; rows and columns p and q change. */
static void rotate(int n, double *a, double *vectors, const int pq[2])
{
    const int p = pq[0], q = pq[1];
    const double apq = a[p * n + q];
    const double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
    const double t = copysign(1 / (fabs(theta) + hypot(theta, 1)), theta);
    const double c = 1 / hypot(t, 1), s = t * c;
    for (int k = 0; k < n; k++) {
        const double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        const double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
        const double u = vectors[k * n + p], v = vectors[k * n + q];
        vectors[k * n + p] = c * u - s * v;
        vectors[k * n + q] = s * u + c * v;
    }
}

static double off_diagonal(int n, const double *a)
{
    double sum = 0;
    for (int p = 0; p < n; p++)
        for (int q = p + 1; q < n; q++)
            sum += a[p * n + q] * a[p * n + q];
    return sqrt(sum);
}

void vt_eigen_symmetric(int n, double *a, double *vectors)
{
    assert(n > 0 && a && vectors);
    double scale = 0;
    memset(vectors, 0, (size_t)n * (size_t)n * sizeof *vectors);
    for (int p = 0; p < n; p++) {
        vectors[p * n + p] = 1;
        scale = fmax(scale, fabs(a[p * n + p]));
    }
    for (int sweep = 0; sweep < SWEEPS && off_diagonal(n, a) > 1e-18 * scale; sweep++)
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++)
                if (a[p * n + q] != 0)
                    rotate(n, a, vectors, (const int[2]){p, q});
}
