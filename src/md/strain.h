/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small changes of the cell, as far as a coupling allows them; only for src/md.
 *
 * A strain is a 3x3 matrix in terms of its coupling:
 *
 *     isotropic      a multiple of 1
 *     orthorhombic   diagonal: the logarithms of the changes of the lengths a, b, c; the angles,
 *                    whatever they are, stay
 *     anisotropic    symmetric, Cartesian
 *
 * It changes positions (row vectors) and cell by x -> x E, E = exp(strain) in Cartesian terms; and
 * an anisotropic one is followed by the rotation that turns the cell back. */
#ifndef VT_STRAIN_H
#define VT_STRAIN_H

#include "domain/cell.h"
#include "md/ensemble.h"

/* How many numbers make up a strain: 1, 3 or 6. */
int vt_strain_count(enum vt_coupling coupling);

/* The part of a Cartesian tensor (nine numbers row by row; pressure, virial) that works on strains:
 * its power is the sum over part_ij rate_ij. */
void vt_strain_part(enum vt_coupling coupling, const struct vt_cell *cell, const double tensor[9],
                    double part[3][3]);

/* What a strain does to a system. Without `turn` positions and velocities would change by E and its
 * inverse, transposed: momenta go against positions. */
struct vt_strain_map {
    double positions[3][3];  /* x -> x positions; the cell likewise */
    double velocities[3][3]; /* v -> v velocities */
    double turn[3][3]; /* the rotation in both of them: 1 unless anisotropic. Afterwards a points
                        * along the old a, and b lies in the old plane of a and b */
};

void vt_strain_map(enum vt_coupling coupling, const struct vt_cell *cell, const double strain[3][3],
                   struct vt_strain_map *map);

/* v -> v out is what exp(strain) does to velocities, without any rotation. */
void vt_strain_velocities(enum vt_coupling coupling, const struct vt_cell *cell,
                          const double strain[3][3], double out[3][3]);

/* out = m^T s m: a tensor after x -> x m. out is neither of them. */
void vt_strain_carry(const double m[3][3], const double s[3][3], double out[3][3]);

/* An upper bound on the change of any length, relative; NaN if some number is. */
double vt_strain_size(const double strain[3][3]);

#endif
