/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/window.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"
#include "coulomb/prolate.h"

struct shape {
    enum vt_window_kind kind;
    int width;
    struct vt_legendre rise; /* the integral of psi from 0, on [-1, 1] */
};

/* Cardinal B-spline of that order at x, 0 in the middle. */
static double spline(int order, double x)
{
    const double half = 0.5 * order;
    if (order == 2)
        return fmax(1 - fabs(x), 0);
    if (fabs(x) >= half)
        return 0;
    return ((half + x) * spline(order - 1, x + 0.5) + (half - x) * spline(order - 1, x - 0.5)) /
           (order - 1);
}

/* psi on width - 1 points, averaged over the width of one point. */
static double averaged(const struct shape *shape, double x)
{
    const double scale = 2.0 / (shape->width - 1);
    const double high = fmax(fmin(scale * (x + 0.5), 1), -1);
    const double low = fmax(fmin(scale * (x - 0.5), 1), -1);
    return vt_legendre_value(&shape->rise, high) - vt_legendre_value(&shape->rise, low);
}

static double value(const struct shape *shape, double x)
{
    return shape->kind == VT_WINDOW_SPLINE ? spline(shape->width, x) : averaged(shape, x);
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

/* Node n of the transform in t, and its weight: Gauss and Legendre, eight points in each half of a
 * piece, good to 1e-9 for |q| <= 2, and for
 * the square of what is small beyond. */
static double transform_node(int n, double *share)
{
    static const double node[] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                  0.9602898564975363};
    static const double weight[] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                    0.1012285362903763};
    const double side = n % 2 ? 0.25 : -0.25, half = n % 4 < 2 ? 0.25 : -0.25;
    *share = 0.25 * weight[n / 4];
    return side + half * node[n / 4];
}

static void set_samples(struct vt_window *window)
{
    for (int n = 0; n < VT_WINDOW_SAMPLES; n++) {
        double share;
        const double t = transform_node(n, &share);
        for (int j = 0; j < window->width; j++) {
            double w = 0;
            for (int p = window->terms - 1; p >= 0; p--)
                w = w * t + window->coefficient[p][j];
            window->sample[n][j] = share * w;
        }
    }
}

struct vt_window vt_window_make(enum vt_window_kind kind, int width, double shape)
{
    assert(width >= VT_WINDOW_LEAST && width <= VT_WINDOW_MOST);
    assert(kind == VT_WINDOW_SPLINE || (shape > 0 && shape <= VT_PROLATE_MOST));
    struct vt_window window = {.kind = kind, .width = width, .shape = shape};
    struct shape of = {.kind = kind, .width = width};
    window.terms = kind == VT_WINDOW_SPLINE ? width : width + 2;
    window.shift = width % 2 ? 0.5 : 0;
    assert(window.terms <= VT_WINDOW_TERMS);
    if (kind == VT_WINDOW_PROLATE) {
        struct vt_prolate prolate;
        vt_prolate_make(&prolate, shape);
        vt_legendre_integral(&prolate.psi, &of.rise);
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
    set_samples(&window);
    return window;
}

/* cos(2 pi q x) of neighbouring points by the recursion of the cosine. */
double vt_window_transform(const struct vt_window *window, double q)
{
    const double step = 2 * VT_PI * q, cos_step = cos(step), sin_step = sin(step);
    double sum = 0;
    for (int n = 0; n < VT_WINDOW_SAMPLES; n++) {
        double share;
        const double first = step * (transform_node(n, &share) + 0.5 * (window->width - 1));
        double now = cos(first), before = now * cos_step - sin(first) * sin_step;
        for (int j = 0; j < window->width; j++) {
            sum += window->sample[n][j] * now;
            const double next = 2 * cos_step * now - before;
            before = now;
            now = next;
        }
    }
    return sum;
}
