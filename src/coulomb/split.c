/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With psi(x) and C = its integral from 0 to 1, the prolate split is
 *
 *   r L(r) = Phi(r/cutoff),   Phi(x) = (1/C) integral of psi from 0 to x  (1 from x = 1 on)
 *
 * and the Fourier transform of the charge density -(r L)''/(4 pi r) is
 * (1/C) integral of psi(x) cos(k cutoff x) over [0, 1] = psi(k cutoff/band)/psi(0). */
#include "coulomb/split.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "base/units.h"
#include "coulomb/prolate.h"

struct vt_split vt_split_gauss(double alpha, double cutoff)
{
    assert(alpha > 0 && cutoff > 0);
    return (struct vt_split){
        .kind = VT_SPLIT_GAUSS, .cutoff = cutoff, .alpha = alpha, .k_max = 2 * alpha * 6.3};
}

struct vt_split vt_split_prolate(double band, double cutoff)
{
    assert(band > 0 && cutoff > 0);
    struct vt_split split = {
        .kind = VT_SPLIT_PROLATE, .cutoff = cutoff, .band = band, .k_max = band / cutoff};
    struct vt_prolate prolate;
    struct vt_legendre integral;
    vt_prolate_make(&prolate, band);
    split.spectrum = prolate.psi;
    vt_legendre_derivative(&split.spectrum, &split.spectrum_slope);
    vt_legendre_integral(&prolate.psi, &integral);
    const double whole = vt_legendre_value(&integral, 1);
    for (int n = 0; n < integral.count; n++)
        integral.term[n] /= whole;
    vt_legendre_over_x(&integral, &split.smooth);
    vt_legendre_derivative(&split.smooth, &split.smooth_slope);
    return split;
}

static double inverse_at(double r, double *slope)
{
    if (slope)
        *slope = -1 / (r * r);
    return 1 / r;
}

/* erf(alpha r)/r; near 0, where the derivative loses digits, by the series of erf. */
static double gauss_smooth(double alpha, double r, double *slope)
{
    const double factor = 2 * alpha / sqrt(VT_PI), x = alpha * r;
    if (x > 0.3) {
        const double value = erf(x) / r;
        if (slope)
            *slope = (factor * exp(-x * x) - value) / r;
        return value;
    }
    double value = 0, derivative = 0, power = 1; /* power: (-1)^n x^2n / n! */
    for (int n = 0; n < 12; n++) {
        value += power / (2 * n + 1);
        power *= -x * x / (n + 1);
        derivative -= power * (2 * n + 2) / (2 * n + 3); /* of -x d/dx */
    }
    if (slope)
        *slope = r > 0 ? -factor * derivative / r : 0;
    return factor * value;
}

double vt_split_smooth(const struct vt_split *split, double r, double *slope)
{
    assert(r >= 0);
    if (split->kind == VT_SPLIT_GAUSS)
        return gauss_smooth(split->alpha, r, slope);
    const double x = r / split->cutoff;
    if (x >= 1)
        return inverse_at(r, slope);
    if (slope)
        *slope = vt_legendre_value(&split->smooth_slope, x) / (split->cutoff * split->cutoff);
    return vt_legendre_value(&split->smooth, x) / split->cutoff;
}

double vt_split_spectrum(const struct vt_split *split, double k)
{
    assert(k >= 0);
    if (k >= split->k_max)
        return 0;
    if (split->kind == VT_SPLIT_GAUSS)
        return exp(-k * k / (4 * split->alpha * split->alpha));
    return vt_legendre_value(&split->spectrum, k / split->k_max);
}

double vt_split_spectrum_slope(const struct vt_split *split, double k)
{
    assert(k >= 0);
    if (k >= split->k_max)
        return 0;
    if (split->kind == VT_SPLIT_GAUSS) {
        const double a = 1 / (4 * split->alpha * split->alpha);
        return -2 * a * k * exp(-k * k * a);
    }
    return vt_legendre_value(&split->spectrum_slope, k / split->k_max) / split->k_max;
}

double vt_split_self(const struct vt_split *split)
{
    return vt_split_smooth(split, 0, NULL);
}

/* By how much the force of unit charges jumps at the cutoff. */
static double jump(enum vt_split_kind kind, double cutoff, double shape)
{
    double slope;
    if (kind == VT_SPLIT_GAUSS) {
        const double x = shape * cutoff;
        return (erfc(x) + 2 * x / sqrt(VT_PI) * exp(-x * x)) / (cutoff * cutoff);
    }
    const struct vt_split split = vt_split_prolate(shape, cutoff);
    vt_split_smooth(&split, cutoff * (1 - 1e-15), &slope);
    return fabs(slope + 1 / (cutoff * cutoff));
}

struct vt_split vt_split_for(enum vt_split_kind kind, double cutoff, double accuracy)
{
    assert(cutoff > 0 && accuracy >= 1e-13 && accuracy < 1);
    double low = kind == VT_SPLIT_GAUSS ? 0.1 / cutoff : 0.5;
    double high = kind == VT_SPLIT_GAUSS ? 7 / cutoff : 42;
    for (int round = 0; round < 40; round++) {
        const double middle = 0.5 * (low + high);
        if (jump(kind, cutoff, middle) > accuracy)
            low = middle;
        else
            high = middle;
    }
    return kind == VT_SPLIT_GAUSS ? vt_split_gauss(high, cutoff) : vt_split_prolate(high, cutoff);
}
