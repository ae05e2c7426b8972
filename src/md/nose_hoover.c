/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nose-Hoover chain: half of it, velocity Verlet, the other half. Deterministic and
 * time-reversible; canonical if the motion is ergodic, which small or stiff systems need not be. */
#include "md/chain.h"

static void act(struct vt_ensemble *ensemble)
{
    struct vt_md *md = ensemble->md;
    const struct vt_chain chain = {.length = ensemble->settings.chain,
                                   .degrees = md->degrees_of_freedom,
                                   .temperature = ensemble->temperature,
                                   .time = ensemble->settings.temperature_time};
    const double kinetic = vt_md_kinetic_energy(md);
    vt_md_scale_velocities(
        md, vt_chain_act(&chain, kinetic, 0.5 * md->timestep, ensemble->thermostat_state));
}

static enum vt_code step(struct vt_ensemble *ensemble, struct vt_error *error)
{
    act(ensemble);
    const enum vt_code code = vt_verlet_step(ensemble, error);
    if (code)
        return code;
    act(ensemble);
    return VT_OK;
}

static double exchanged(const struct vt_ensemble *ensemble)
{
    return vt_chain_energy(ensemble->thermostat_state);
}

/* Below ten steps to a relaxation time the chain turns faster than its splitting follows. */
const struct vt_thermostat_ops vt_nose_hoover_thermostat = {.name = "Nose-Hoover",
                                                            .conserves_momentum = true,
                                                            .least_time = 10,
                                                            .check = vt_chain_check,
                                                            .step = step,
                                                            .exchanged = exchanged};
