/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin dynamics, split as B A O A B: B. Leimkuhler, C. Matthews, Appl. Math. Res. Express 2013,
 * 34; docs/theory.md 8.4.
 *
 * Each atom has friction and noise of its own, keyed by its id, so that the rank count does not
 * matter. That cools and heats evenly whatever the modes of motion, but the momentum is not
 * conserved, and diffusion is slowed down. */
#include <math.h>

#include "base/random.h"
#include "base/ranks.h"
#include "base/units.h"
#include "md/ensemble_ops.h"

enum { EXCHANGED }; /* the state */

/* Velocities relax for a whole time step (O); returns what the local atoms gave away, eV. */
static double relax(const struct vt_ensemble *ensemble)
{
    const struct vt_md *md = ensemble->md;
    struct vt_atoms *atoms = &md->domain->atoms;
    const struct vt_random random = {md->seed, VT_STREAM_LANGEVIN};
    const double kept = exp(-md->timestep / ensemble->settings.temperature_time);
    const double fresh = (1 - kept * kept) * VT_BOLTZMANN * ensemble->temperature;
    double given = 0;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        if (vt_md_is_frozen(md, i))
            continue;
        const struct vt_random_point point = {.step = (uint64_t)md->step,
                                              .id = (uint64_t)atoms->id[i]};
        const double mass = md->mass[atoms->type[i]] * VT_AMU;
        const double spread = sqrt(fresh / mass);
        double normal[3];
        vt_random_gaussian(random, point, 3, normal);
        for (int d = 0; d < 3; d++) {
            const double old = atoms->velocity[i][d];
            const double new = kept *old + spread *normal[d];
            given += 0.5 * mass * (old * old - new *new);
            atoms->velocity[i][d] = new;
        }
    }
    return given;
}

static enum vt_code step(struct vt_ensemble *ensemble, struct vt_error *error)
{
    struct vt_md *md = ensemble->md;
    vt_md_kick(md, 0.5 * md->timestep);
    vt_md_drift(md, 0.5 * md->timestep);
    double given = relax(ensemble);
    vt_sum_over_ranks(md->domain->grid.comm, &given, 1);
    ensemble->thermostat_state[EXCHANGED] += given;
    vt_md_drift(md, 0.5 * md->timestep);
    const enum vt_code code = vt_ensemble_evaluate(ensemble, error);
    if (code)
        return code;
    vt_md_kick(md, 0.5 * md->timestep);
    return VT_OK;
}

static double exchanged(const struct vt_ensemble *ensemble)
{
    return ensemble->thermostat_state[EXCHANGED];
}

const struct vt_thermostat_ops vt_langevin_thermostat = {.name = "Langevin",
                                                         .conserves_momentum = false,
                                                         .least_time = 1,
                                                         .step = step,
                                                         .exchanged = exchanged};
