/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/slab.h"

#include <assert.h>
#include <math.h>

#include "base/ranks.h"
#include "base/units.h"

/* Unit normal of the face that the other two cell vectors span. */
static void find_normal(const struct vt_cell *cell, int axis, double normal[3])
{
    double column[3];
    for (int a = 0; a < 3; a++)
        column[a] = cell->inverse[a][axis];
    const double length = vt_norm(column);
    for (int a = 0; a < 3; a++)
        normal[a] = column[a] / length;
}

void vt_slab_add(const struct vt_cell *cell, int axis, const struct vt_point_charges *charges,
                 struct vt_coulomb_sums *sums)
{
    assert(cell && axis >= 0 && axis < 3 && charges && sums);
    double normal[3], moment = 0, energy = 0;
    find_normal(cell, axis, normal);
    for (size_t i = 0; i < charges->n; i++)
        moment += charges->charge[i] * vt_dot(charges->position[i], normal);
    vt_sum_over_ranks(charges->comm, &moment, 1);
    const double field = -4 * VT_PI * VT_COULOMB * moment / cell->volume; /* along the normal */
    for (size_t i = 0; i < charges->n; i++) {
        const double charge = charges->charge[i];
        const double potential = -field * vt_dot(charges->position[i], normal);
        sums->potentials[i] += potential;
        sums->energies[i] += 0.5 * charge * potential;
        energy += 0.5 * charge * potential;
        for (int a = 0; a < 3; a++)
            sums->forces[i][a] += charge * field * normal[a];
    }
    sums->energy += energy;
    /* M^2/V is the square of what does not change with strain, times thickness over area. */
    for (int c = 0; c < 9; c++)
        sums->virial[c] += energy * ((c % 4 == 0) - 2 * normal[c / 3] * normal[c % 3]);
}

/* Of the lattice that spans the slab, the shortest reciprocal vector's length, 1/A. */
static double shortest_wave(const double u[3], const double v[3])
{
    enum { REACH = 3 };
    const double uu = vt_dot(u, u), vv = vt_dot(v, v), uv = vt_dot(u, v);
    const double area_squared = uu * vv - uv * uv;
    double least = INFINITY;
    for (int i = -REACH; i <= REACH; i++)
        for (int j = -REACH; j <= REACH; j++)
            if (i != 0 || j != 0)
                least = fmin(least, i * i * vv + j * j * uu - 2 * i * j * uv);
    return 2 * VT_PI * sqrt(least / area_squared);
}

double vt_slab_least_gap(const struct vt_cell *cell, int axis, double n_charges, double accuracy)
{
    assert(cell && axis >= 0 && axis < 3 && n_charges > 0 && accuracy > 0);
    const double *u = cell->vector[(axis + 1) % 3], *v = cell->vector[(axis + 2) % 3];
    const double area = cell->volume / cell->thickness[axis];
    /* The wave g of n charges at random at a distance z: 2 pi sqrt(n)/area exp(-g z), on two sides.
     */
    const double at_surface = 4 * VT_PI * sqrt(n_charges) / area;
    return fmax(log(at_surface / accuracy), 0) / shortest_wave(u, v);
}

enum vt_code vt_slab_check(const struct vt_cell *cell, const struct vt_slab *slab, double accuracy,
                           struct vt_error *error)
{
    assert(cell && slab);
    const char name = "abc"[slab->axis];
    const double gap = slab->gap;
    const double least = vt_slab_least_gap(cell, slab->axis, slab->n_charges, accuracy);
    if (gap >= least)
        return VT_OK;
    vt_fail(error, VT_INPUT,
            "the structure is a slab, open along %c, with %.3g A between its images: at an "
            "accuracy of %.2g the charges feel them below %.3g A",
            name, gap, accuracy, least);
    vt_hint(error, "a cell of at least %.4g A between its faces along %c, or a lower accuracy",
            cell->thickness[slab->axis] + least - gap, name);
    return VT_INPUT;
}
