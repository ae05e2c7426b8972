/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairs of near.h in vector code: float arithmetic, one lane an atom of a cluster.
 *
 * One body (near_tmpl.c) is compiled for each instruction set. Positions come as whole numbers of a
 * unit, so that differences are exact wherever the atoms are; sums over many pairs are double. */
#ifndef VT_NEAR_KERNEL_H
#define VT_NEAR_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "coulomb/near_list.h"
#include "potential/kernels/kernel.h"

/* Polynomials are of one of these degrees, all even numbers between. */
enum { VT_NEAR_LEAST_DEGREE = 4, VT_NEAR_MOST_DEGREE = 16 };

struct vt_near_atom {
    int32_t x[3];
    float charge;
};

/* One evaluation. All borrowed. Lengths in units of the positions.
 *
 *   phi(r) = 1/r (if point) + sum of value[n] t^n,  t = scale r^2 - 1
 *   -phi'(r)/r = 1/r^3 (if point) + sum of slope[n] t^n */
struct vt_near_job {
    const struct vt_near_list *list;
    const struct vt_near_atom *atom; /* [place]; where there is none: charge 0, anywhere */
    double (*sums)[4];               /* [place]: added to. x, y, z of the sum of q_j (-phi'/r) r_ji,
                                        r_ji from j to i, and that of q_j phi */
    bool point;
    int degree; /* of value; that of slope is one less */
    float value[VT_NEAR_MOST_DEGREE + 1], slope[VT_NEAR_MOST_DEGREE];
    float cutoff_squared, scale;
};

struct vt_near_kernel {
    const char *name;
    void (*add)(const struct vt_near_job *job);
};

/* That of the instruction set of a kernel of the short-ranged part, or the next best. */
const struct vt_near_kernel *vt_near_kernel(const struct vt_kernel *kernel);

#endif
