/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wave vectors of the published Ewald sum (docs/theory.md 6.3) for one frame, with the phases
 * of its atoms.
 *
 * coulomb/ewald.h gives energies, potentials and forces of given charges; training also wants their
 * derivatives along a motion of the atoms, from tables that last as long as the set. Vectors k = n1
 * b1 + n2 b2 + n3 b3 with the same (n1, n2) form a column, of consecutive n3. */
#ifndef VT_WAVES_H
#define VT_WAVES_H

#include <stddef.h>

#include "base/error.h"
#include "domain/cell.h"

struct vt_wave_column {
    int n1, n2, n3; /* n3: of the first vector */
    int count;
    size_t first; /* vector of n3 */
};

struct vt_waves {
    size_t n_rows;           /* atoms, padded with such as have no charge */
    double alpha;            /* 1/A */
    double reciprocal[3][3]; /* rows b1, b2, b3 */
    int n_max[3];
    size_t n_columns, n_vectors;
    struct vt_wave_column *column;
    double (*k)[3];   /* [vector], 1/A */
    double *g;        /* [vector]: G(k), 1/A */
    double *phase[3]; /* exp(i n b_d.r): [n + n_max][2][row], real and imaginary part */
    size_t bytes;
};

/* The set for a radial cutoff (A). Positions as in the file: the truncated 2 pi of the set is not
 * quite periodic. */
enum vt_code vt_waves_create(struct vt_waves *waves, const struct vt_cell *cell, double cutoff,
                             size_t n, const double (*position)[3], struct vt_error *error);
void vt_waves_destroy(struct vt_waves *waves);

/* d(ln G)/d(strain) : strain, for all vectors. */
void vt_waves_strain(const struct vt_waves *waves, const double strain[9], double *rate);

#endif
