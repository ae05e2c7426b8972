/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chebyshev polynomials are cosines, cutoff functions squared cosines. Three-body descriptors are
 * sums over pairs of neighbours of Legendre polynomials of the angle between them (the addition
 * theorem), so that no spherical harmonic enters. The higher terms are written as their meaning, a
 * 3j symbol times three sums of complex spherical harmonics, so that none of the tables of
 * coefficients enters. */
#include "slow_descriptor.h"

#include <assert.h>
#include <complex.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"

static const double pi = 3.14159265358979323846;

enum { L_COUPLED = 4 }; /* the largest l in a higher term */

/* Sums over neighbours g(r) Y_lm, l = 1 ... 4, of one n. */
struct harmonics {
    double complex plus[L_COUPLED + 1][L_COUPLED + 1]; /* m >= 0 */
};

/* ---- radial functions */

double slow_covalent_radius(int atomic_number)
{
    /* Pyykkoe's single-bond radii in pm; the file format uses 4/3 of them with six digits. */
    static const int pm[VT_NEP_MAX_TYPES] = {
        32,  46,  120, 94,  77,  75,  71,  63,  64,  67,  140, 125, 113, 104, 110, 102,
        99,  96,  176, 154, 133, 122, 121, 110, 107, 104, 100, 99,  101, 109, 112, 109,
        115, 110, 114, 117, 189, 167, 147, 139, 132, 124, 115, 113, 113, 108, 115, 123,
        128, 126, 126, 123, 132, 131, 209, 176, 162, 147, 158, 157, 156, 155, 151, 152,
        151, 150, 149, 149, 148, 153, 146, 137, 131, 123, 118, 116, 111, 112, 113, 132,
        130, 130, 136, 131, 138, 142, 201, 181, 167, 158, 152, 153, 154, 155};
    assert(atomic_number >= 1 && atomic_number <= VT_NEP_MAX_TYPES);
    const double radius = pm[atomic_number - 1] / 75.0;
    const double unit = radius < 1 ? 1e-6 : 1e-5;
    return round(radius / unit) * unit;
}

static double pair_cutoff(const struct vt_nep *model, const double *cutoff, double factor, int t1,
                          int t2)
{
    const double mean = (cutoff[t1] + cutoff[t2]) / 2;
    if (factor <= 0)
        return mean;
    return fmin(mean, factor * (slow_covalent_radius(model->atomic_number[t1]) +
                                slow_covalent_radius(model->atomic_number[t2])));
}

double slow_cutoff_radial(const struct vt_nep *model, int t1, int t2)
{
    return pair_cutoff(model, model->cutoff_radial, model->factor_radial, t1, t2);
}

double slow_cutoff_angular(const struct vt_nep *model, int t1, int t2)
{
    return pair_cutoff(model, model->cutoff_angular, model->factor_angular, t1, t2);
}

double slow_range(const struct vt_nep *model)
{
    double range = 0;
    for (int t = 0; t < model->n_types; t++)
        range = fmax(range, fmax(model->cutoff_radial[t], model->cutoff_angular[t]));
    return range;
}

/* g_n(r) = sum_k c_nk f_k(r) with the coefficients of centre type t1 and neighbour type t2. */
static double radial_function(const double *coefficient, int k_max, double x, size_t stride)
{
    const double cutoff_function = pow(cos(pi * x / 2), 2);
    const double angle = 2 * acos(1 - x); /* acos(2 (1 - x)^2 - 1) */
    double sum = 0;
    for (int k = 0; k <= k_max; k++)
        sum += coefficient[(size_t)k * stride] * (cos(k * angle) + 1) / 2 * cutoff_function;
    return sum;
}

static double g_radial(const struct vt_nep *model, int n, int type, const struct slow_bond *bond)
{
    const size_t types = (size_t)model->n_types, square = types * types;
    const double cutoff = slow_cutoff_radial(model, type, bond->type);
    if (bond->distance >= cutoff)
        return 0;
    const size_t row = (size_t)n * (size_t)(model->k_radial + 1) * square;
    const double *first = vt_nep_radial(model) + row + (size_t)type * types + (size_t)bond->type;
    return radial_function(first, model->k_radial, bond->distance / cutoff, square);
}

static double g_angular(const struct vt_nep *model, int n, int type, const struct slow_bond *bond)
{
    const size_t types = (size_t)model->n_types, square = types * types;
    const double cutoff = slow_cutoff_angular(model, type, bond->type);
    if (bond->distance >= cutoff)
        return 0;
    const size_t row = (size_t)n * (size_t)(model->k_angular + 1) * square;
    const double *first = vt_nep_angular(model) + row + (size_t)type * types + (size_t)bond->type;
    return radial_function(first, model->k_angular, bond->distance / cutoff, square);
}

/* ---- three-body terms */

/* sum_l [l] += g_j g_k P_l(cos theta_jk), l = 1 ... l_max, by Bonnet's rule. */
static void add_legendre(double weight, double cosine, int l_max, double *sum)
{
    double before = 1, now = cosine;
    for (int l = 1; l <= l_max; l++) {
        sum[l] += weight * now;
        const double next = ((2 * l + 1) * cosine * now - l * before) / (l + 1);
        before = now;
        now = next;
    }
}

static void three_body(const struct slow_bonds *bonds, const double *g, int l_max, double *q)
{
    for (int l = 1; l <= l_max; l++)
        q[l] = 0;
    for (size_t j = 0; j < bonds->count; j++)
        for (size_t k = 0; k < bonds->count; k++) {
            if (g[j] == 0 || g[k] == 0)
                continue;
            const struct slow_bond *a = &bonds->bond[j], *b = &bonds->bond[k];
            add_legendre(g[j] * g[k], vt_dot(a->vector, b->vector) / (a->distance * b->distance),
                         l_max, q);
        }
    for (int l = 1; l <= l_max; l++)
        q[l] *= (2 * l + 1) / (4 * pi);
}

/* ---- higher terms */

static double factorial(int n)
{
    double product = 1;
    for (int i = 2; i <= n; i++)
        product *= i;
    return product;
}

/* d^m P_l / dz^m from the explicit sum over powers of z. */
static double legendre_derivative(int l, int m, double z)
{
    double sum = 0;
    for (int k = 0; l - 2 * k - m >= 0; k++)
        sum += (k % 2 == 0 ? 1 : -1) * factorial(2 * l - 2 * k) /
               (factorial(k) * factorial(l - k) * factorial(l - 2 * k - m)) * pow(z, l - 2 * k - m);
    return sum / pow(2, l);
}

static double complex spherical_harmonic(int l, int m, const struct slow_bond *bond)
{
    const double z = bond->vector[2] / bond->distance;
    const double sine = hypot(bond->vector[0], bond->vector[1]) / bond->distance;
    const double phi = atan2(bond->vector[1], bond->vector[0]);
    const double norm = sqrt((2 * l + 1) / (4 * pi) * factorial(l - m) / factorial(l + m));
    const double sign = m % 2 == 0 ? 1 : -1;
    return sign * norm * pow(sine, m) * legendre_derivative(l, m, z) * cexp(I * (m * phi));
}

static void sum_harmonics(const struct slow_bonds *bonds, const double *g, int l_max,
                          struct harmonics *sums)
{
    memset(sums, 0, sizeof *sums);
    for (size_t j = 0; j < bonds->count; j++)
        for (int l = 1; g[j] != 0 && l <= l_max && l <= L_COUPLED; l++)
            for (int m = 0; m <= l; m++)
                sums->plus[l][m] += g[j] * spherical_harmonic(l, m, &bonds->bond[j]);
}

static double complex component(const struct harmonics *sums, int l, int m)
{
    if (m >= 0)
        return sums->plus[l][m];
    return (m % 2 == 0 ? 1 : -1) * conj(sums->plus[l][-m]);
}

/* Racah's formula for the 3j symbol of l1 l2 l3 and m1 m2 -(m1 + m2). */
static double three_j(const int l[3], int m1, int m2)
{
    const int m3 = -m1 - m2;
    const double triangle = factorial(l[0] + l[1] - l[2]) * factorial(l[0] - l[1] + l[2]) *
                            factorial(-l[0] + l[1] + l[2]) / factorial(l[0] + l[1] + l[2] + 1);
    const double orders = factorial(l[0] + m1) * factorial(l[0] - m1) * factorial(l[1] + m2) *
                          factorial(l[1] - m2) * factorial(l[2] + m3) * factorial(l[2] - m3);
    double sum = 0;
    for (int t = 0; t <= l[0] + l[1] - l[2]; t++) {
        const int a = l[2] - l[1] + t + m1, b = l[2] - l[0] + t - m2;
        const int c = l[0] + l[1] - l[2] - t, d = l[0] - t - m1, e = l[1] - t + m2;
        if (a < 0 || b < 0 || d < 0 || e < 0)
            continue;
        sum += (t % 2 == 0 ? 1 : -1) / (factorial(t) * factorial(a) * factorial(b) * factorial(c) *
                                        factorial(d) * factorial(e));
    }
    const int phase = l[0] - l[1] - m3;
    return (phase % 2 == 0 ? 1 : -1) * sqrt(triangle * orders) * sum;
}

static double coupled(const struct harmonics *sums, const int l[3])
{
    double complex sum = 0;
    for (int m1 = -l[0]; m1 <= l[0]; m1++)
        for (int m2 = -l[1]; m2 <= l[1]; m2++) {
            const int m3 = -m1 - m2;
            if (m3 < -l[2] || m3 > l[2])
                continue;
            sum += three_j(l, m1, m2) * component(sums, l[0], m1) * component(sums, l[1], m2) *
                   component(sums, l[2], m3);
        }
    return creal(sum);
}

static double higher_term(enum vt_nep_term term, const struct harmonics *sums, double q1)
{
    static const int l[VT_NEP_TERMS][3] = {
        [VT_Q222] = {2, 2, 2}, [VT_Q1111] = {0, 0, 0}, [VT_Q112] = {1, 1, 2},
        [VT_Q123] = {1, 2, 3}, [VT_Q233] = {2, 3, 3},  [VT_Q134] = {1, 3, 4}};
    if (term == VT_Q1111)
        return 7.0 / 15 * q1 * q1;
    return coupled(sums, l[term]);
}

/* ---- all of it */

/* Everything that one n of the angular functions contributes; step: from one block of the
 * descriptor to the next. */
static void angular_blocks(const struct vt_nep *model, const struct slow_bonds *bonds,
                           const double *g, double *q, double *magnitude)
{
    const size_t step = (size_t)(model->n_angular + 1);
    double total = 0;
    for (size_t j = 0; j < bonds->count; j++)
        total += fabs(g[j]);
    double by_l[VT_NEP_MAX_L + 1];
    three_body(bonds, g, model->l_max, by_l);
    size_t block = 0;
    for (int l = 1; l <= model->l_max; l++, block++) {
        q[block * step] = by_l[l];
        magnitude[block * step] = total * total;
    }
    struct harmonics sums;
    sum_harmonics(bonds, g, model->l_max, &sums);
    for (int term = 0; term < VT_NEP_TERMS; term++)
        if (model->term[term]) {
            q[block * step] = higher_term((enum vt_nep_term)term, &sums, by_l[1]);
            magnitude[block * step] = pow(total, term == VT_Q1111 ? 4 : 3);
            block++;
        }
    assert((int)block == model->n_blocks);
}

static void unscaled(const struct vt_nep *model, int type, const struct slow_bonds *bonds,
                     double *q, double *magnitude)
{
    for (int n = 0; n <= model->n_radial; n++) {
        q[n] = magnitude[n] = 0;
        for (size_t j = 0; j < bonds->count; j++) {
            const double g = g_radial(model, n, type, &bonds->bond[j]);
            q[n] += g;
            magnitude[n] += fabs(g);
        }
    }
    double *g = NULL;
    const enum vt_code code = vt_alloc(&g, bonds->count, sizeof *g, "radial functions", NULL);
    assert(code == VT_OK);
    (void)code;
    const int first = model->n_radial + 1;
    for (int n = 0; n <= model->n_angular; n++) {
        for (size_t j = 0; j < bonds->count; j++)
            g[j] = g_angular(model, n, type, &bonds->bond[j]);
        angular_blocks(model, bonds, g, q + first + n, magnitude + first + n);
    }
    vt_free(g);
}

void slow_descriptor(const struct vt_nep *model, int type, const struct slow_bonds *bonds,
                     double *descriptor, double *magnitude)
{
    double *own = NULL;
    const enum vt_code code =
        vt_alloc(&own, (size_t)model->dimension, sizeof *own, "magnitudes", NULL);
    assert(code == VT_OK);
    (void)code;
    double *size = magnitude != NULL ? magnitude : own;
    unscaled(model, type, bonds, descriptor, size);
    const double *scaler = vt_nep_scaler(model);
    for (int d = 0; d < model->dimension; d++) {
        descriptor[d] *= scaler[d];
        size[d] *= fabs(scaler[d]);
    }
    vt_free(own);
}

double slow_network(const struct vt_nep *model, int type, const double *descriptor, double *charge)
{
    const struct vt_nep_network network = vt_nep_network(model, type);
    double energy = -vt_nep_common_bias(model) - network.bias;
    *charge = 0;
    for (int i = 0; i < model->neurons; i++) {
        double x = -network.b0[i];
        for (int d = 0; d < model->dimension; d++)
            x += network.w0[i * model->dimension + d] * descriptor[d];
        const double h = 1 - 2 / (exp(2 * x) + 1); /* tanh */
        energy += network.w1[i] * h;
        if (network.wq != NULL)
            *charge += network.wq[i] * h;
    }
    return energy;
}
