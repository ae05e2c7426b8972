/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An image with cell numbers n of a neighbour at fractional distance s lies |s_d + n_d| thicknesses
 * away across direction d, at least: that bounds the loop over n. One image more on each side costs
 * little and forgives rounding. */
#include "slow_bonds.h"

#include <assert.h>
#include <math.h>

#include "base/mat3.h"
#include "base/memory.h"

double slow_thickness(const double cell[3][3], int d)
{
    double normal[3];
    vt_cross(cell[(d + 1) % 3], cell[(d + 2) % 3], normal);
    return fabs(vt_mat3_determinant(cell)) / vt_norm(normal);
}

static void add_bond(struct slow_bonds *bonds, const double vector[3], size_t atom, int type)
{
    const enum vt_code code = vt_reserve(&bonds->bond, &bonds->capacity, bonds->count + 1,
                                         sizeof *bonds->bond, "bonds", NULL);
    assert(code == VT_OK);
    (void)code;
    struct slow_bond *bond = &bonds->bond[bonds->count++];
    *bond = (struct slow_bond){.distance = vt_norm(vector), .atom = atom, .type = type};
    for (int d = 0; d < 3; d++)
        bond->vector[d] = vector[d];
}

static void image_range(const double cell[3][3], const double apart[3], double range, int low[3],
                        int high[3])
{
    for (int d = 0; d < 3; d++) {
        double normal[3];
        vt_cross(cell[(d + 1) % 3], cell[(d + 2) % 3], normal);
        const double s = vt_dot(apart, normal) / vt_mat3_determinant(cell);
        const double reach = range / slow_thickness(cell, d);
        low[d] = (int)floor(-reach - s) - 1;
        high[d] = (int)ceil(reach - s) + 1;
    }
}

static void find_images(struct slow_bonds *bonds, const struct vt_system *system, size_t centre,
                        size_t atom, double range)
{
    double apart[3];
    for (int d = 0; d < 3; d++)
        apart[d] = system->position[atom][d] - system->position[centre][d];
    int low[3], high[3];
    image_range(system->cell, apart, range, low, high);
    for (int a = low[0]; a <= high[0]; a++)
        for (int b = low[1]; b <= high[1]; b++)
            for (int c = low[2]; c <= high[2]; c++) {
                if (atom == centre && a == 0 && b == 0 && c == 0)
                    continue;
                const double n[3] = {a, b, c};
                double vector[3];
                vt_row_times_mat3(n, system->cell, vector);
                for (int d = 0; d < 3; d++)
                    vector[d] += apart[d];
                if (vt_norm(vector) < range)
                    add_bond(bonds, vector, atom, system->type[atom]);
            }
}

void slow_bonds_find(struct slow_bonds *bonds, const struct vt_system *system, size_t centre,
                     double range)
{
    bonds->count = 0;
    for (size_t atom = 0; atom < system->n_atoms; atom++)
        find_images(bonds, system, centre, atom, range);
}

void slow_bonds_destroy(struct slow_bonds *bonds)
{
    vt_free(bonds->bond);
    *bonds = (struct slow_bonds){0};
}
