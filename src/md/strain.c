/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strains of the anisotropic coupling are symmetric: no direction is preferred, and no rotation
 * is in any one of them. In many of them there is (the product of two symmetric matrices is not
 * symmetric), so each is followed by the rotation of everything that turns the cell back. No energy
 * depends on it. Strains that keep a triangular cell triangular would need no rotation, but treat
 * the three directions differently, and their measure is not the one of the ensemble. */
#include "md/strain.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double unit[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

int vt_strain_count(enum vt_coupling coupling)
{
    return coupling == VT_ISOTROPIC ? 1 : coupling == VT_ORTHORHOMBIC ? 3 : 6;
}

/* h t h^-1 with the cell vectors as the rows of h: from Cartesian terms to those of the lattice. */
static void to_lattice(const struct vt_cell *cell, const double t[3][3], double out[3][3])
{
    assert(cell->volume > 0);
    double product[3][3];
    vt_mat3_multiply(cell->vector, t, product);
    vt_mat3_multiply((const double(*)[3])product, cell->inverse, out);
}

static void from_lattice(const struct vt_cell *cell, const double t[3][3], double out[3][3])
{
    double product[3][3];
    vt_mat3_multiply(cell->inverse, t, product);
    vt_mat3_multiply((const double(*)[3])product, cell->vector, out);
}

void vt_strain_part(enum vt_coupling coupling, const struct vt_cell *cell, const double tensor[9],
                    double part[3][3])
{
    assert(cell && tensor && part);
    assert(cell->volume > 0);
    double symmetric[3][3], lattice[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            symmetric[i][j] = 0.5 * (tensor[3 * i + j] + tensor[3 * j + i]);
    if (coupling == VT_ANISOTROPIC) {
        memcpy(part, symmetric, sizeof symmetric);
        return;
    }
    memset(part, 0, sizeof symmetric);
    if (coupling == VT_ORTHORHOMBIC)
        to_lattice(cell, (const double(*)[3])symmetric, lattice);
    for (int i = 0; i < 3; i++)
        part[i][i] =
            coupling == VT_ORTHORHOMBIC ? lattice[i][i] : (tensor[0] + tensor[4] + tensor[8]) / 3;
}

/* Taylor's series: strains are below 1, and the terms are gone long before the last one. */
static void exponential_of(const double s[3][3], double e[3][3])
{
    enum { TERMS = 24 };
    double term[3][3], next[3][3];
    memcpy(term, unit, sizeof term);
    memcpy(e, unit, sizeof unit);
    for (int n = 1; n <= TERMS; n++) {
        vt_mat3_multiply((const double(*)[3])term, s, next);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                term[i][j] = next[i][j] / n;
                e[i][j] += term[i][j];
            }
    }
}

/* In Cartesian terms. */
static void exponential(enum vt_coupling coupling, const struct vt_cell *cell,
                        const double strain[3][3], double out[3][3])
{
    double lattice[3][3];
    exponential_of(strain, out);
    if (coupling != VT_ORTHORHOMBIC)
        return;
    memcpy(lattice, out, sizeof lattice);
    from_lattice(cell, (const double(*)[3])lattice, out);
}

void vt_strain_velocities(enum vt_coupling coupling, const struct vt_cell *cell,
                          const double strain[3][3], double out[3][3])
{
    assert(cell && strain && out);
    double back[3][3], inverse[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            back[i][j] = -strain[i][j];
    exponential(coupling, cell, (const double(*)[3])back, inverse);
    vt_mat3_transpose((const double(*)[3])inverse, out);
}

/* Right-handed axes: the first along a, the second in the plane of a and b. */
static void axes_of(const double vector[3][3], double axes[3][3])
{
    vt_cross(vector[0], vector[1], axes[2]);
    vt_cross(axes[2], vector[0], axes[1]);
    memcpy(axes[0], vector[0], sizeof axes[0]);
    for (int i = 0; i < 3; i++) {
        const double length = vt_norm(axes[i]);
        for (int d = 0; d < 3; d++)
            axes[i][d] /= length;
    }
}

/* The rotation that follows x -> x e. */
static void turn_back(const struct vt_cell *cell, const double e[3][3], double turn[3][3])
{
    double strained[3][3], old[3][3], new[3][3], back[3][3];
    vt_mat3_multiply(cell->vector, e, strained);
    axes_of(cell->vector, old);
    axes_of((const double(*)[3])strained, new);
    vt_mat3_transpose((const double(*)[3]) new, back);
    vt_mat3_multiply((const double(*)[3])back, (const double(*)[3])old, turn);
}

void vt_strain_map(enum vt_coupling coupling, const struct vt_cell *cell, const double strain[3][3],
                   struct vt_strain_map *map)
{
    assert(cell && strain && map);
    double ahead[3][3], velocities[3][3];
    exponential(coupling, cell, strain, ahead);
    vt_strain_velocities(coupling, cell, strain, velocities);
    memcpy(map->turn, unit, sizeof unit);
    if (coupling == VT_ANISOTROPIC)
        turn_back(cell, (const double(*)[3])ahead, map->turn);
    const double(*turn)[3] = (const double(*)[3])map->turn;
    vt_mat3_multiply((const double(*)[3])ahead, turn, map->positions);
    vt_mat3_multiply((const double(*)[3])velocities, turn, map->velocities);
}

void vt_strain_carry(const double m[3][3], const double s[3][3], double out[3][3])
{
    assert(m && s && out);
    double transposed[3][3], product[3][3];
    vt_mat3_transpose(m, transposed);
    vt_mat3_multiply((const double(*)[3])transposed, s, product);
    vt_mat3_multiply((const double(*)[3])product, m, out);
}

/* The largest row sum bounds every eigenvalue. */
double vt_strain_size(const double strain[3][3])
{
    assert(strain);
    double size = 0;
    for (int i = 0; i < 3; i++) {
        const double row = fabs(strain[i][0]) + fabs(strain[i][1]) + fabs(strain[i][2]);
        if (isnan(row) || row > size)
            size = row;
        if (isnan(size))
            return size;
    }
    return size;
}
