/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short-ranged part by vector kernels in mixed precision: float for what a pair contributes,
 * double for positions and for sums over atoms.
 *
 *     vt_mixed_start       positions of this evaluation
 *     vt_mixed_evaluate    models without charges: energies and forces
 *     vt_mixed_describe, vt_mixed_push      models with charges: energies and raw charges; forces
 *     vt_mixed_collect     forces of all rows, and the virial
 */
#ifndef VT_MIXED_H
#define VT_MIXED_H

#include "domain/domain.h"
#include "domain/neighbours.h"
#include "potential/kernels/kernel.h"

struct vt_mixed;

/* plan is borrowed and must outlive the object; kernel: one that runs on this processor. */
enum vt_code vt_mixed_create(struct vt_mixed **mixed, const struct vt_plan *plan,
                             const struct vt_kernel *kernel, struct vt_error *error);
void vt_mixed_destroy(struct vt_mixed *mixed);
const struct vt_kernel *vt_mixed_kernel(const struct vt_mixed *mixed);

/* Take over list and positions, ghosts included. VT_FAILED: an atom is far outside its brick. The
 * lists are borrowed until vt_mixed_collect. */
enum vt_code vt_mixed_start(struct vt_mixed *mixed, const struct vt_domain *domain,
                            const struct vt_neighbours *list, struct vt_error *error);

/* Where the results go. */
struct vt_mixed_output {
    double *network;     /* [n_local], eV */
    double *zbl;         /* [n_local], eV: added to */
    double *charge;      /* [n_local], e: raw; NULL without charges */
    double *radial_sums; /* [n_local][type][k]; NULL: not wanted */
    double (*force)[3];  /* [n_all], eV/A: with ZBL added to, else set. What belongs to ghosts is
                            still with them */
    double *virial;      /* [9], eV: added to */
};

/* VT_INPUT if two atoms are at one place. */
enum vt_code vt_mixed_evaluate(struct vt_mixed *mixed, const struct vt_mixed_output *out,
                               struct vt_error *error);
enum vt_code vt_mixed_describe(struct vt_mixed *mixed, const struct vt_mixed_output *out,
                               struct vt_error *error);

/* potential: dE/dq of the local rows, of which the mean is taken off. */
void vt_mixed_push(struct vt_mixed *mixed, const double *potential, double mean,
                   const struct vt_mixed_output *out);

void vt_mixed_collect(const struct vt_mixed *mixed, const struct vt_mixed_output *out);

#endif
