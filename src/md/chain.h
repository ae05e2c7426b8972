/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Nose-Hoover chain on any kinetic energy: that of the atoms, or that of the cell; only for
 * src/md.
 *
 * docs/theory.md 8.3. What it remembers: the chain's velocities, each times the root of its mass,
 * so that the target temperature (and with it the masses) may change on the way; and the heat. */
#ifndef VT_CHAIN_H
#define VT_CHAIN_H

#include "md/ensemble_ops.h"

enum { VT_CHAIN_STATE = 1 + VT_CHAIN_MOST };

struct vt_chain {
    int length;         /* 1 .. VT_CHAIN_MOST */
    double degrees;     /* of freedom of the kinetic energy, > 0 */
    double temperature; /* K: target */
    double time;        /* fs: relaxation time */
};

/* Act for dt (fs) on something that has the kinetic energy `kinetic` (eV). Returns the factor for
 * its velocities. state: VT_CHAIN_STATE numbers, zeros at first. */
double vt_chain_act(const struct vt_chain *chain, double kinetic, double dt,
                    double state[VT_CHAIN_STATE]);

/* Energy of the chain, eV: what the kinetic energy has lost to it. */
double vt_chain_energy(const double state[VT_CHAIN_STATE]);

/* A length that there can be. */
enum vt_code vt_chain_check(const struct vt_ensemble_settings *settings, struct vt_error *error);

#endif
