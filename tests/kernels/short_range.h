/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short-ranged part of a model for one structure on one rank, without the evaluator around it:
 * the plain path, and what a kernel is called with. */
#ifndef SHORT_RANGE_H
#define SHORT_RANGE_H

#include "common/sample.h"
#include "common/synthetic.h"
#include "domain/pairs.h"
#include "potential/kernels/kernel.h"

/* Not to be moved in memory while it lives. */
struct short_range {
    struct vt_nep model;
    struct vt_plan plan;
    struct vt_kernel_tables tables;
    struct vt_domain domain;
    struct vt_neighbours list;
    struct vt_pairs pairs;
    double (*pair_force)[3]; /* of one centre */
    double *sums, *weight;   /* of one centre */
    double largest;          /* scaled descriptor that short_range_plain met */
};

/* Failures end the running test with a message. */
void short_range_create(struct short_range *range, const struct synthetic *options,
                        const struct sample *sample);
void short_range_destroy(struct short_range *range);

/* What the plain path makes of it, without ZBL. Arrays of rows, set. */
struct plain_sums {
    double (*force)[3]; /* [n_all] eV/A: what belongs to ghosts is with them */
    double *size;       /* [n_all] eV/A: sum of the lengths of the pair forces that act on it */
    double *energy, *charge; /* [n_local] of the network: eV, e; charge NULL without charges */
};

/* potential: D - mean D by row, V; NULL: zero. */
void short_range_plain(struct short_range *range, const double *potential,
                       const struct plain_sums *out);

/* Largest sum over pairs of |pair force| at an atom, eV/A; times what the largest descriptor is
 * above 100 by, if it is (see test_kernels.c). potential: D - mean D, in the order of the sample.
 */
double short_range_scale(struct short_range *range, const double *potential);

#endif
