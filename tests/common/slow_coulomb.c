/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three nested loops over the whole reciprocal lattice (not a half of it), complex exponentials,
 * and images found one by one. The exact sums use a splitting of their own: for point charges it
 * has no influence on the result. */
#include "slow_coulomb.h"

#include <assert.h>
#include <complex.h>
#include <math.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "slow_bonds.h"

static const double pi = 3.14159265358979323846;
static const double coulomb_constant = 14.399645;

/* A sum over Gaussian charges: k vectors up to k_max, charges of width 1 / (sqrt(2) alpha). */
struct k_sum {
    double alpha, k_max;
    double two_pi; /* the published codes cut it to eight digits */
};

static void reciprocal_cell(const double cell[3][3], double two_pi, double reciprocal[3][3])
{
    for (int d = 0; d < 3; d++) {
        vt_cross(cell[(d + 1) % 3], cell[(d + 2) % 3], reciprocal[d]);
        for (int e = 0; e < 3; e++)
            reciprocal[d][e] *= two_pi / vt_mat3_determinant(cell);
    }
}

/* D_i += 2 K (2 pi / V) exp(-k^2 / 4 alpha^2) / k^2 Re [S exp(i k.r_i)] for one k of the whole
 * lattice. */
static void add_wave(const struct k_sum *sum, const struct vt_system *system, const double k[3],
                     const double *charges, double *potentials)
{
    const double k2 = vt_dot(k, k), volume = fabs(vt_mat3_determinant(system->cell));
    const double weight =
        2 * coulomb_constant * sum->two_pi / volume * exp(-k2 / (4 * sum->alpha * sum->alpha)) / k2;
    double complex structure = 0;
    for (size_t i = 0; i < system->n_atoms; i++)
        structure += charges[i] * cexp(-I * vt_dot(k, system->position[i]));
    for (size_t i = 0; i < system->n_atoms; i++)
        potentials[i] += weight * creal(structure * cexp(I * vt_dot(k, system->position[i])));
}

static void add_reciprocal(const struct k_sum *sum, const struct vt_system *system,
                           const double *charges, double *potentials)
{
    double reciprocal[3][3];
    reciprocal_cell(system->cell, sum->two_pi, reciprocal);
    int limit[3];
    for (int d = 0; d < 3; d++)
        limit[d] = (int)(sum->k_max * vt_norm(system->cell[d]) / sum->two_pi) + 1;
    for (int a = -limit[0]; a <= limit[0]; a++)
        for (int b = -limit[1]; b <= limit[1]; b++)
            for (int c = -limit[2]; c <= limit[2]; c++) {
                const double n[3] = {a, b, c};
                double k[3];
                vt_row_times_mat3(n, (const double(*)[3])reciprocal, k);
                const bool zero = a == 0 && b == 0 && c == 0;
                if (!zero && vt_dot(k, k) < sum->k_max * sum->k_max)
                    add_wave(sum, system, k, charges, potentials);
            }
}

typedef double pair_function(double r, double alpha, double cutoff);

static double screened(double r, double alpha, double cutoff)
{
    (void)cutoff;
    return erfc(alpha * r) / r;
}

/* Mode 3: shifted so that value and slope are zero at the cutoff. */
static double shifted(double r, double alpha, double cutoff)
{
    const double kappa = 2 * alpha / sqrt(pi), edge = alpha * cutoff;
    const double slope = erfc(edge) / (cutoff * cutoff) + kappa * exp(-edge * edge) / cutoff;
    return screened(r, alpha, cutoff) - erfc(edge) / cutoff + slope * (r - cutoff);
}

static void add_real(pair_function *function, double alpha, double cutoff,
                     const struct vt_system *system, const double *charges, double *potentials)
{
    struct slow_bonds bonds = {0};
    for (size_t i = 0; i < system->n_atoms; i++) {
        slow_bonds_find(&bonds, system, i, cutoff);
        for (size_t b = 0; b < bonds.count; b++)
            potentials[i] += coulomb_constant * charges[bonds.bond[b].atom] *
                             function(bonds.bond[b].distance, alpha, cutoff);
    }
    slow_bonds_destroy(&bonds);
}

static void add_self(double alpha, size_t n, const double *charges, double *potentials)
{
    for (size_t i = 0; i < n; i++)
        potentials[i] -= coulomb_constant * 2 * alpha / sqrt(pi) * charges[i];
}

static void exact_points(const struct vt_system *system, const double *charges, double *potentials)
{
    const double volume = fabs(vt_mat3_determinant(system->cell));
    const double alpha = 2.2 / cbrt(volume), digits = 6.2; /* exp(-6.2^2) = 2e-17 */
    const struct k_sum sum = {alpha, 2 * digits * alpha, 2 * pi};
    add_reciprocal(&sum, system, charges, potentials);
    add_self(alpha, system->n_atoms, charges, potentials);
    add_real(screened, alpha, digits / alpha, system, charges, potentials);
}

void slow_potentials(const struct slow_coulomb *how, const struct vt_system *system,
                     const double *charges, double *potentials)
{
    assert(how->mode >= 1 && how->mode <= 3);
    const double alpha = pi / how->cutoff;
    const struct k_sum published = {alpha, 6.2831853 * alpha, 6.2831853};
    const struct k_sum all = {alpha, 12.4 * alpha, 2 * pi};
    for (size_t i = 0; i < system->n_atoms; i++)
        potentials[i] = 0;
    if (how->mode == 3) {
        add_real(shifted, alpha, how->cutoff, system, charges, potentials);
    } else if (how->mode == 2) {
        add_reciprocal(how->exact ? &all : &published, system, charges, potentials);
    } else if (how->exact) {
        exact_points(system, charges, potentials);
    } else {
        add_reciprocal(&published, system, charges, potentials);
        add_self(alpha, system->n_atoms, charges, potentials);
        add_real(screened, alpha, how->cutoff, system, charges, potentials);
    }
}

double slow_k_gap(double cutoff, const double cell[3][3])
{
    const double alpha = pi / cutoff, k_max = 2 * pi * alpha;
    double reciprocal[3][3], gap = 1;
    reciprocal_cell(cell, 2 * pi, reciprocal);
    int limit[3];
    for (int d = 0; d < 3; d++)
        limit[d] = (int)(alpha * vt_norm(cell[d])) + 2;
    for (int a = -limit[0]; a <= limit[0]; a++)
        for (int b = -limit[1]; b <= limit[1]; b++)
            for (int c = -limit[2]; c <= limit[2]; c++) {
                const double n[3] = {a, b, c};
                double k[3];
                vt_row_times_mat3(n, (const double(*)[3])reciprocal, k);
                gap = fmin(gap, fabs(vt_dot(k, k) / (k_max * k_max) - 1));
            }
    return gap;
}
