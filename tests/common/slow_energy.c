/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slow_energy.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "slow_bonds.h"
#include "slow_coulomb.h"
#include "slow_descriptor.h"

static double *numbers(size_t n)
{
    double *array = NULL;
    const enum vt_code code = vt_alloc(&array, n, sizeof *array, "slow path", NULL);
    assert(code == VT_OK);
    (void)code;
    return array;
}

/* ---- ZBL */

struct zbl_range {
    double inner, outer;
    const double *terms; /* a1 b1 ... a4 b4 */
};

static struct zbl_range zbl_range(const struct vt_nep *model, int t1, int t2)
{
    static const double universal[8] = {0.18175, 3.1998, 0.50986, 0.94229,
                                        0.28022, 0.4029, 0.02817, 0.20162};
    if (model->zbl == VT_ZBL_FLEXIBLE) {
        const double *row = vt_nep_zbl_row(model, t1, t2);
        return (struct zbl_range){row[0], row[1], row + 2};
    }
    const double radii = slow_covalent_radius(model->atomic_number[t1]) +
                         slow_covalent_radius(model->atomic_number[t2]);
    if (model->zbl == VT_ZBL_TYPEWISE)
        return (struct zbl_range){0, fmin(model->zbl_outer, model->zbl_factor * radii), universal};
    if (model->factor_zbl > 0) {
        const double outer = fmin(model->zbl_outer, model->factor_zbl * radii);
        return (struct zbl_range){outer / 2, outer, universal};
    }
    return (struct zbl_range){model->zbl_inner, model->zbl_outer, universal};
}

void slow_zbl_switch(const struct vt_nep *model, int t1, int t2, double *inner, double *outer)
{
    const struct zbl_range range = zbl_range(model, t1, t2);
    *inner = range.inner;
    *outer = range.outer;
}

static double zbl_pair(const struct vt_nep *model, int t1, int t2, double r)
{
    const struct zbl_range range = zbl_range(model, t1, t2);
    if (r >= range.outer)
        return 0;
    const double pi = 3.14159265358979323846, coulomb_constant = 14.399645;
    const double z1 = model->atomic_number[t1], z2 = model->atomic_number[t2];
    const double x = r * 2.134563 * (pow(z1, 0.23) + pow(z2, 0.23));
    double phi = 0;
    for (int p = 0; p < 4; p++)
        phi += range.terms[2 * p] * exp(-range.terms[2 * p + 1] * x);
    double switched = 1;
    if (r >= range.inner)
        switched = pow(cos(pi / 2 * (r - range.inner) / (range.outer - range.inner)), 2);
    return switched * coulomb_constant * z1 * z2 * phi / r;
}

static double zbl_atom(const struct vt_nep *model, int type, const struct slow_bonds *bonds)
{
    double energy = 0;
    for (size_t b = 0; model->zbl != VT_ZBL_NONE && b < bonds->count; b++)
        energy += zbl_pair(model, type, bonds->bond[b].type, bonds->bond[b].distance) / 2;
    return energy;
}

/* ---- the whole */

static void charges_and_coulomb(struct slow_energy *slow, const struct vt_nep *model,
                                const struct vt_system *system,
                                enum vt_electrostatics electrostatics)
{
    const size_t n = slow->n_atoms;
    for (size_t i = 0; i < n; i++)
        slow->raw_charge += slow->charges[i];
    for (size_t i = 0; i < n; i++)
        slow->charges[i] -= slow->raw_charge / (double)n;
    const struct slow_coulomb how = {model->charge_mode, model->cutoff_radial[0],
                                     electrostatics != VT_EWALD_GPUMD};
    slow_potentials(&how, system, slow->charges, slow->potentials);
    for (size_t i = 0; i < n; i++)
        slow->coulomb[i] = slow->charges[i] * slow->potentials[i] / 2;
}

void slow_energy_compute(struct slow_energy *slow, const struct vt_nep *model,
                         const struct vt_system *system, enum vt_electrostatics electrostatics)
{
    const size_t n = system->n_atoms, dimension = (size_t)model->dimension;
    slow_energy_destroy(slow);
    *slow = (struct slow_energy){.n_atoms = n,
                                 .energies = numbers(n),
                                 .network = numbers(n),
                                 .zbl = numbers(n),
                                 .coulomb = numbers(n),
                                 .charges = numbers(n),
                                 .potentials = numbers(n),
                                 .descriptors = numbers(n * dimension),
                                 .magnitudes = numbers(n * dimension)};
    struct slow_bonds bonds = {0};
    for (size_t i = 0; i < n; i++) {
        slow_bonds_find(&bonds, system, i, slow_range(model));
        double *q = slow->descriptors + i * dimension;
        slow_descriptor(model, system->type[i], &bonds, q, slow->magnitudes + i * dimension);
        slow->network[i] = slow_network(model, system->type[i], q, &slow->charges[i]);
        slow->zbl[i] = zbl_atom(model, system->type[i], &bonds);
    }
    slow_bonds_destroy(&bonds);
    if (model->charge_mode > 0)
        charges_and_coulomb(slow, model, system, electrostatics);
    for (size_t i = 0; i < n; i++) {
        slow->energy_coulomb += slow->coulomb[i];
        slow->energies[i] = slow->network[i] + slow->zbl[i] + slow->coulomb[i];
        slow->energy += slow->energies[i];
    }
}

void slow_energy_destroy(struct slow_energy *slow)
{
    vt_free(slow->energies);
    vt_free(slow->network);
    vt_free(slow->zbl);
    vt_free(slow->coulomb);
    vt_free(slow->charges);
    vt_free(slow->potentials);
    vt_free(slow->descriptors);
    vt_free(slow->magnitudes);
    *slow = (struct slow_energy){0};
}

/* ---- Born charges */

/* Raw charge of an atom of type `type` with bond b longer by `step` in direction d. */
static double charge_moved(const struct vt_nep *model, int type, const struct slow_bonds *bonds,
                           size_t b, int d, double step, double *descriptor)
{
    struct slow_bond *bond = &bonds->bond[b];
    const struct slow_bond saved = *bond;
    bond->vector[d] += step;
    bond->distance = vt_norm(bond->vector);
    double charge;
    slow_descriptor(model, type, bonds, descriptor, NULL);
    slow_network(model, type, descriptor, &charge);
    *bond = saved;
    return charge;
}

static void born_of_centre(const struct vt_nep *model, const struct vt_system *system,
                           size_t centre, const struct slow_bonds *bonds, double (*born)[9])
{
    const double step = 1e-4;
    double *q = numbers((size_t)model->dimension);
    const int type = system->type[centre];
    for (size_t b = 0; b < bonds->count; b++) {
        double h[3], half[3];
        for (int d = 0; d < 3; d++) {
            const double one = charge_moved(model, type, bonds, b, d, step, q) -
                               charge_moved(model, type, bonds, b, d, -step, q);
            const double two = charge_moved(model, type, bonds, b, d, 2 * step, q) -
                               charge_moved(model, type, bonds, b, d, -2 * step, q);
            h[d] = (8 * one - two) / (12 * step);
            half[d] = bonds->bond[b].vector[d] / 2;
        }
        vt_add_outer(born[centre], half, h);
        for (int d = 0; d < 3; d++)
            half[d] = -half[d];
        vt_add_outer(born[bonds->bond[b].atom], half, h);
    }
    vt_free(q);
}

void slow_born_charges(const struct vt_nep *model, const struct vt_system *system,
                       const double *charges, double (*born)[9])
{
    memset(born, 0, system->n_atoms * sizeof *born);
    for (size_t i = 0; i < system->n_atoms; i++)
        for (int d = 0; d < 3; d++)
            born[i][4 * d] = charges[i];
    struct slow_bonds bonds = {0};
    for (size_t i = 0; i < system->n_atoms; i++) {
        slow_bonds_find(&bonds, system, i, slow_range(model));
        born_of_centre(model, system, i, &bonds, born);
    }
    slow_bonds_destroy(&bonds);
    for (size_t i = 0; i < system->n_atoms; i++)
        for (int d = 0; d < 9; d++)
            born[i][d] *= vt_nep_sqrt_epsilon(model);
}
