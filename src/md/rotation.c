/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of a linear cluster the inertia about its axis is zero, and nothing turns about it: a tiny
 * multiple of the unit matrix makes the tensor invertible and changes nothing else; what it leaves
 * of the rotation, a second pass takes. */
#include "md/rotation.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/ranks.h"

static const double tiny = 1e-9; /* of inertia, relative to the trace */

static MPI_Comm comm_of(const struct vt_md *md)
{
    return md->domain->grid.comm;
}

static void unwrapped(const struct vt_md *md, int32_t i, double position[3])
{
    assert(i >= 0 && i < md->domain->atoms.n_local);
    const struct vt_atoms *atoms = &md->domain->atoms;
    const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
    vt_cell_cartesian(&md->domain->cell, image, position);
    for (int d = 0; d < 3; d++)
        position[d] += atoms->position[i][d];
}

static void find_centre(const struct vt_md *md, double centre[3])
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    double sums[4] = {0};
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double mass = md->mass[atoms->type[i]];
        double r[3];
        unwrapped(md, i, r);
        for (int d = 0; d < 3; d++)
            sums[d] += mass * r[d];
        sums[3] += mass;
    }
    vt_sum_over_ranks(comm_of(md), sums, 4);
    for (int d = 0; d < 3; d++)
        centre[d] = sums[d] / sums[3];
}

/* About the centre, amu A^2 and amu A^2/fs. */
static void measure(const struct vt_md *md, const double centre[3], double inertia[3][3],
                    double momentum[3])
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    double sums[12] = {0}; /* sum m r r, angular momentum */
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double mass = md->mass[atoms->type[i]];
        double r[3], mr[3], l[3];
        unwrapped(md, i, r);
        for (int d = 0; d < 3; d++) {
            r[d] -= centre[d];
            mr[d] = mass * r[d];
        }
        vt_add_outer(sums, mr, r);
        vt_cross(mr, atoms->velocity[i], l);
        for (int d = 0; d < 3; d++)
            sums[9 + d] += l[d];
    }
    vt_sum_over_ranks(comm_of(md), sums, 12);
    const double trace = sums[0] + sums[4] + sums[8];
    for (int c = 0; c < 9; c++)
        inertia[c / 3][c % 3] = (c % 4 == 0 ? trace : 0) - sums[c];
    memcpy(momentum, sums + 9, 3 * sizeof *momentum);
}

static double trace_of(const double m[3][3])
{
    return m[0][0] + m[1][1] + m[2][2];
}

static void remove_once(struct vt_md *md, const double centre[3])
{
    struct vt_atoms *atoms = &md->domain->atoms;
    double inertia[3][3], inverse[3][3], momentum[3], omega[3];
    measure(md, centre, inertia, momentum);
    const double trace = trace_of((const double(*)[3])inertia);
    for (int d = 0; d < 3; d++)
        inertia[d][d] += tiny * trace;
    vt_mat3_inverse((const double(*)[3])inertia, inverse);
    vt_row_times_mat3(momentum, (const double(*)[3])inverse, omega); /* both are symmetric */
    for (int32_t i = 0; i < atoms->n_local; i++) {
        double r[3], turning[3];
        unwrapped(md, i, r);
        for (int d = 0; d < 3; d++)
            r[d] -= centre[d];
        vt_cross(omega, r, turning);
        for (int d = 0; d < 3; d++)
            atoms->velocity[i][d] -= turning[d];
    }
}

void vt_rotation_remove(struct vt_md *md)
{
    assert(md);
    assert(md->rotations > 0);
    double centre[3];
    find_centre(md, centre);
    remove_once(md, centre);
    remove_once(md, centre);
}

/* Along each cell vector, A: from the first atom to the last, between planes. */
static void find_extent(const struct vt_md *md, double extent[3])
{
    const struct vt_domain *domain = md->domain;
    double most[6]; /* of s and of -s */
    for (int d = 0; d < 6; d++)
        most[d] = -INFINITY;
    for (int32_t i = 0; i < domain->atoms.n_local; i++) {
        double r[3], s[3];
        unwrapped(md, i, r);
        vt_cell_fractional(&domain->cell, r, s);
        for (int d = 0; d < 3; d++) {
            most[d] = fmax(most[d], s[d]);
            most[3 + d] = fmax(most[3 + d], -s[d]);
        }
    }
    if (comm_of(md) != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, most, 6, MPI_DOUBLE, MPI_MAX, comm_of(md));
    for (int d = 0; d < 3; d++)
        extent[d] = (most[d] + most[3 + d]) * domain->cell.thickness[d];
}

enum vt_code vt_rotation_fix(struct vt_md *md, double reach, struct vt_error *error)
{
    assert(md);
    assert(reach > 0);
    const double *thickness = md->domain->cell.thickness;
    double extent[3], centre[3], inertia[3][3], momentum[3];
    find_extent(md, extent);
    for (int d = 0; d < 3; d++)
        if (!(extent[d] + reach < thickness[d])) {
            vt_fail(error, VT_INPUT,
                    "no cluster in vacuum, whose rotation could be removed: it extends over %.4g A "
                    "along %c, and the cell over %.4g A",
                    extent[d], 'a' + d, thickness[d]);
            vt_hint(
                error,
                "a whole cluster, and %.4g A of vacuum or more between its images; or rotation: "
                "keep",
                reach);
            return VT_INPUT;
        }
    find_centre(md, centre);
    measure(md, centre, inertia, momentum);
    const double trace = trace_of((const double(*)[3])inertia);
    const double det = vt_mat3_determinant((const double(*)[3])inertia);
    md->rotations = det > tiny * trace * trace * trace ? 3 : trace > 0 ? 2 : 0;
    return VT_OK;
}
