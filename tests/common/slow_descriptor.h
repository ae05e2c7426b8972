/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow path, part two: the descriptor of one atom and the network on it. */
#ifndef SLOW_DESCRIPTOR_H
#define SLOW_DESCRIPTOR_H

#include "potential/nep.h"
#include "slow_bonds.h"

/* Scaled descriptor [model->dimension] of an atom of type `type` with these bonds. magnitude (NULL
 * allowed, same size): what each number would be at most if nothing cancelled in its sums; rounding
 * is measured against it. */
void slow_descriptor(const struct vt_nep *model, int type, const struct slow_bonds *bonds,
                     double *descriptor, double *magnitude);

/* Energy (eV) and raw charge (e; 0 without charges) of an atom with this descriptor. */
double slow_network(const struct vt_nep *model, int type, const double *descriptor, double *charge);

/* Cutoffs of a pair of types, A, worked out from the header's fields. */
double slow_cutoff_radial(const struct vt_nep *model, int t1, int t2);
double slow_cutoff_angular(const struct vt_nep *model, int t1, int t2);

/* The largest cutoff of the model, A. */
double slow_range(const struct vt_nep *model);

/* Covalent radius of an element, A, as nep.txt's typewise cutoffs take it. */
double slow_covalent_radius(int atomic_number);

#endif
