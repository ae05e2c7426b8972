/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Velocity Verlet: second order, time-reversible, symplectic. Forces sum to zero, so the total
 * momentum stays, unless atoms are frozen. */
#include "md/ensemble_ops.h"

#include <assert.h>

enum vt_code vt_verlet_step(struct vt_ensemble *ensemble, struct vt_error *error)
{
    assert(ensemble && ensemble->md);
    assert(ensemble->md->timestep > 0);
    struct vt_md *md = ensemble->md;
    vt_md_kick(md, 0.5 * md->timestep);
    vt_md_drift(md, md->timestep);
    const enum vt_code code = vt_ensemble_evaluate(ensemble, error);
    if (code)
        return code;
    vt_md_kick(md, 0.5 * md->timestep);
    return VT_OK;
}

static double nothing(const struct vt_ensemble *ensemble)
{
    (void)ensemble;
    return 0;
}

const struct vt_thermostat_ops vt_no_thermostat = {.name = "no thermostat",
                                                   .conserves_momentum = true,
                                                   .step = vt_verlet_step,
                                                   .exchanged = nothing};
