/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/window.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"
#include "coulomb/prolate.h"

struct shape {
    enum vt_window_kind kind;
    int width;
    struct vt_prolate prolate;
    double edge; /* psi(1) */
};

/* Cardinal B-spline of that order at x, 0 in the middle. */
static double spline(int order, double x)
{
    if (order == 1)
        return x >= -0.5 && x < 0.5;
    const double half = 0.5 * order;
    return ((half + x) * spline(order - 1, x + 0.5) + (half - x) * spline(order - 1, x - 0.5)) /
           (order - 1);
}

static double value(const struct shape *shape, double x)
{
    const double reduced = fmin(fabs(2 * x / shape->width), 1);
    if (shape->kind == VT_WINDOW_SPLINE)
        return fabs(x) < 0.5 * shape->width ? spline(shape->width, x) : 0;
    return vt_legendre_value(&shape->prolate.psi, reduced) - shape->edge;
}

/* The polynomial through `terms` points of value(t + middle): those where Chebyshev's polynomial
 * has its extremes, both ends among them, so that neighbouring pieces meet. Newton's divided
 * differences, multiplied out. */
static void interpolate(const struct shape *shape, double middle, int terms,
                        double power[VT_WINDOW_TERMS])
{
    double node[VT_WINDOW_TERMS], difference[VT_WINDOW_TERMS];
    for (int k = 0; k < terms; k++) {
        node[k] = 0.5 * cos(VT_PI * k / (terms - 1));
        difference[k] = value(shape, node[k] + middle);
        power[k] = 0;
    }
    for (int level = 1; level < terms; level++)
        for (int k = terms - 1; k >= level; k--)
            difference[k] = (difference[k] - difference[k - 1]) / (node[k] - node[k - level]);
    for (int k = terms - 1; k >= 0; k--) {
        for (int p = terms - 1; p > 0; p--)
            power[p] = power[p - 1] - node[k] * power[p];
        power[0] = difference[k] - node[k] * power[0];
    }
}

/* Integral over the window: of t^p from -1/2 to 1/2, odd powers give nothing. */
static double whole(const struct vt_window *window)
{
    double sum = 0;
    for (int p = 0; p < window->terms; p += 2)
        for (int j = 0; j < window->width; j++)
            sum += window->coefficient[p][j] * pow(0.5, p) / (p + 1);
    return sum;
}

struct vt_window vt_window_make(enum vt_window_kind kind, int width, double shape)
{
    assert(width >= VT_WINDOW_LEAST && width <= VT_WINDOW_MOST);
    struct vt_window window = {.kind = kind, .width = width, .shape = shape};
    struct shape of = {.kind = kind, .width = width};
    window.terms = kind == VT_WINDOW_SPLINE ? width : width + 2;
    window.shift = width % 2 ? 0.5 : 0;
    assert(window.terms <= VT_WINDOW_TERMS);
    if (kind == VT_WINDOW_PROLATE) {
        vt_prolate_make(&of.prolate, shape);
        of.edge = vt_legendre_value(&of.prolate.psi, 1);
    }
    for (int j = 0; j < width; j++) {
        double power[VT_WINDOW_TERMS];
        interpolate(&of, 0.5 * (width - 1) - j, window.terms, power);
        for (int p = 0; p < window.terms; p++)
            window.coefficient[p][j] = power[p];
    }
    const double scale = 1 / whole(&window);
    for (int p = 0; p < window.terms; p++)
        for (int j = 0; j < width; j++) {
            window.coefficient[p][j] *= scale;
            window.coefficient_single[p][j] = (float)window.coefficient[p][j];
        }
    return window;
}

/* Gauss and Legendre, eight points in each half of a piece: exact to rounding for |q| <= 4. */
double vt_window_transform(const struct vt_window *window, double q)
{
    static const double node[] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                  0.9602898564975363};
    static const double weight[] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                    0.1012285362903763};
    double sum = 0;
    for (int n = 0; n < 16; n++) {
        const double side = n % 2 ? 0.25 : -0.25, half = n % 4 < 2 ? 0.25 : -0.25;
        const double t = side + half * node[n / 4];
        for (int j = 0; j < window->width; j++) {
            double w = 0;
            for (int p = window->terms - 1; p >= 0; p--)
                w = w * t + window->coefficient[p][j];
            sum +=
                0.25 * weight[n / 4] * w * cos(2 * VT_PI * q * (t + 0.5 * (window->width - 1) - j));
        }
    }
    return sum;
}
