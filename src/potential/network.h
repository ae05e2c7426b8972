/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The neural network of one atom (docs/theory.md 5): energy and raw charge, and their gradients in
 * the descriptors. */
#ifndef VT_NETWORK_H
#define VT_NETWORK_H

#include "potential/plan.h"

struct vt_network_output {
    double energy;           /* U, eV */
    double charge;           /* raw charge, e; 0 without charges */
    double *energy_gradient; /* [dimension]: dU/dq of the unscaled descriptors */
    double *charge_gradient; /* [dimension]; not touched without charges, may be NULL then */
};

/* q: unscaled descriptors of an atom of that type. The arrays of *out are the caller's. */
void vt_network(const struct vt_plan *plan, int type, const double *q,
                struct vt_network_output *out);

#endif
