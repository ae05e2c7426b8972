/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The points are whitened (L^-1 y with the Cholesky factor L of the covariance) and the normal
 * equations of what is left are solved: with at most four parameters of well-scaled columns they
 * are as good as an orthogonal factorisation. */
#include "analysis/least_squares.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

int vt_cholesky(size_t n, double *a)
{
    for (size_t j = 0; j < n; j++) {
        double d = a[j * n + j];
        for (size_t k = 0; k < j; k++)
            d -= a[j * n + k] * a[j * n + k];
        if (!(d > 0))
            return 0;
        a[j * n + j] = sqrt(d);
        for (size_t i = j + 1; i < n; i++) {
            double s = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                s -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = s / a[j * n + j];
        }
    }
    return 1;
}

void vt_forward_solve(size_t n, const double *lower, double *b)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= lower[i * n + k] * b[k];
        b[i] /= lower[i * n + i];
    }
}

static void backward_solve(size_t n, const double *lower, double *b)
{
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= lower[k * n + i] * b[k];
        b[i] /= lower[i * n + i];
    }
}

/* exp(-x) x^a / gamma(a), the factor of both series below. */
static double factor(double a, double x)
{
    return exp(a * log(x) - x - lgamma(a));
}

/* Regularised incomplete gamma functions: P by its power series, Q by its continued fraction (DLMF
 * 8.11.4 and 8.9.2, the latter by Lentz's recursion). */
static double lower_gamma(double a, double x)
{
    double term = 1 / a, sum = term;
    for (double k = 1; term > 1e-17 * sum; k++) {
        term *= x / (a + k);
        sum += term;
    }
    return sum * factor(a, x);
}

static double upper_gamma(double a, double x)
{
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (double k = 1; k < 1e5; k++) {
        const double numerator = -k * (k - a);
        b += 2;
        d = 1 / (numerator * d + b);
        c = b + numerator / c;
        h *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return h * factor(a, x);
}

double vt_chi2_tail(double chi2, size_t freedom)
{
    assert(freedom > 0);
    const double a = (double)freedom / 2, x = chi2 / 2;
    if (!(x > 0))
        return 1;
    return x < a + 1 ? 1 - lower_gamma(a, x) : upper_gamma(a, x);
}

/* Columns of the design, then y: whitened, one after the other. */
static void whiten(const struct vt_points *points, const double *lower, double *columns)
{
    const size_t n = points->n, p = points->n_parameters;
    for (size_t j = 0; j <= p; j++) {
        double *column = columns + j * n;
        for (size_t i = 0; i < n; i++)
            column[i] = j < p ? points->design[i * p + j] : points->y[i];
        vt_forward_solve(n, lower, column);
    }
}

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The inverse of the normal matrix, columns scaled to unit length first. */
static int invert_normal(size_t n, size_t p, const double *columns, struct vt_fit *fit)
{
    double scale[VT_FIT_MOST], normal[VT_FIT_MOST * VT_FIT_MOST];
    for (size_t j = 0; j < p; j++) {
        scale[j] = sqrt(dot(n, columns + j * n, columns + j * n));
        if (!(scale[j] > 0))
            return 0;
    }
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < p; k++)
            normal[j * p + k] = dot(n, columns + j * n, columns + k * n) / (scale[j] * scale[k]);
    if (!vt_cholesky(p, normal))
        return 0;
    for (size_t j = 0; j < p; j++) {
        double unit[VT_FIT_MOST] = {0};
        unit[j] = 1;
        vt_forward_solve(p, normal, unit);
        backward_solve(p, normal, unit);
        for (size_t k = 0; k < p; k++)
            fit->covariance[k][j] = unit[k] / (scale[j] * scale[k]);
    }
    return 1;
}

static void solve(size_t n, size_t p, const double *columns, struct vt_fit *fit)
{
    const double *y = columns + p * n;
    double projection[VT_FIT_MOST];
    for (size_t k = 0; k < p; k++)
        projection[k] = dot(n, columns + k * n, y);
    for (size_t j = 0; j < p; j++)
        fit->value[j] = dot(p, fit->covariance[j], projection);
    for (size_t i = 0; i < n; i++) {
        double residual = y[i];
        for (size_t j = 0; j < p; j++)
            residual -= fit->value[j] * columns[j * n + i];
        fit->chi2 += residual * residual;
    }
    fit->freedom = n - p;
    fit->p = fit->freedom ? vt_chi2_tail(fit->chi2, fit->freedom) : 1;
}

/* weights = normal^-1 (L^-1 design)^T L^-1 */
static void weigh(size_t n, size_t p, const double *columns, const double *lower,
                  const struct vt_fit *fit, double *weights)
{
    for (size_t j = 0; j < p; j++) {
        double *row = weights + j * n;
        for (size_t i = 0; i < n; i++) {
            row[i] = 0;
            for (size_t k = 0; k < p; k++)
                row[i] += fit->covariance[j][k] * columns[k * n + i];
        }
        backward_solve(n, lower, row);
    }
}

enum vt_code vt_least_squares(const struct vt_points *points, struct vt_fit *fit, double *weights,
                              struct vt_error *error)
{
    const size_t n = points->n, p = points->n_parameters;
    assert(p >= 1 && p <= VT_FIT_MOST && n >= p);
    *fit = (struct vt_fit){0};
    double *work;
    enum vt_code code = vt_alloc(&work, n * n + (p + 1) * n, sizeof *work, "a fit", error);
    if (code)
        return code;
    double *lower = work, *columns = work + n * n;
    memcpy(lower, points->covariance, n * n * sizeof *lower);
    if (!vt_cholesky(n, lower)) {
        code = vt_fail(error, VT_FAILED, "the covariance of the points is not positive definite");
        goto done;
    }
    whiten(points, lower, columns);
    if (!invert_normal(n, p, columns, fit)) {
        code = vt_fail(error, VT_FAILED, "the points do not determine all parameters of the fit");
        goto done;
    }
    solve(n, p, columns, fit);
    if (weights)
        weigh(n, p, columns, lower, fit, weights);
done:
    vt_free(work);
    return code;
}
