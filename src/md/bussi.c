/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic velocity rescaling: G. Bussi, D. Donadio, M. Parrinello, J. Chem. Phys. 126, 014101
 * (2007); docs/theory.md 8.2.
 *
 * After a step of velocity Verlet the kinetic energy takes a new value, drawn exactly from what the
 * stochastic dynamics of relaxation time tau makes of the old one in a time step, however long that
 * is. All ranks draw the same numbers and have the same kinetic energy, so that nothing is sent. A
 * system at rest has no velocities to scale: it is left to its forces. */
#include <assert.h>
#include <math.h>

#include "base/random.h"
#include "base/units.h"
#include "md/ensemble_ops.h"

enum { EXCHANGED };     /* the state */
enum { NORMAL, GAMMA }; /* ids of the random numbers */

/* A number of the gamma distribution of this shape (>= 1) and scale 1, by rejection: G. Marsaglia,
 * W. W. Tsang, ACM Trans. Math. Softw. 26, 363 (2000). At most one try in twenty fails. */
static double draw_gamma(double shape, struct vt_random random, struct vt_random_point point)
{
    if (shape == 0) /* of one degree of freedom: there are no others */
        return 0;
    assert(shape >= 1);
    const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;; point.draw = (uint16_t)(point.draw + 2)) {
        double normal, uniform;
        struct vt_random_point next = point;
        next.draw++;
        vt_random_gaussian(random, point, 1, &normal);
        vt_random_uniform(random, next, 1, &uniform);
        const double root = 1 + c * normal, v = root * root * root;
        if (root > 0 && log(uniform) < 0.5 * normal * normal + d * (1 - v + log(v)))
            return d * v;
    }
}

/* The factor that takes the velocities from `kinetic` to the new kinetic energy. It is as if all of
 * the old were in one degree of freedom, which keeps a part of its momentum and gets a normal
 * number beside; the others get a kinetic energy from nothing. The factor has the sign of that
 * momentum. */
static double draw_factor(const struct vt_ensemble *ensemble, double kinetic)
{
    assert(kinetic > 0);
    const struct vt_md *md = ensemble->md;
    const struct vt_random random = {md->seed, VT_STREAM_BUSSI};
    const uint64_t step = (uint64_t)md->step;
    const double kept = exp(-md->timestep / ensemble->settings.temperature_time);
    const double fresh = (1 - kept) * VT_BOLTZMANN * ensemble->temperature;
    double normal;
    vt_random_gaussian(random, (struct vt_random_point){.step = step, .id = NORMAL}, 1, &normal);
    const double one = sqrt(kept * kinetic) + sqrt(0.5 * fresh) * normal;
    const double others = fresh * draw_gamma(0.5 * (md->degrees_of_freedom - 1), random,
                                             (struct vt_random_point){.step = step, .id = GAMMA});
    return copysign(sqrt((one * one + others) / kinetic), one);
}

static enum vt_code step(struct vt_ensemble *ensemble, struct vt_error *error)
{
    const enum vt_code code = vt_verlet_step(ensemble, error);
    if (code)
        return code;
    const double kinetic = vt_md_kinetic_energy(ensemble->md);
    if (!(kinetic > 0))
        return VT_OK;
    const double factor = draw_factor(ensemble, kinetic);
    vt_md_scale_velocities(ensemble->md, factor);
    ensemble->thermostat_state[EXCHANGED] += kinetic * (1 - factor * factor);
    return VT_OK;
}

static double exchanged(const struct vt_ensemble *ensemble)
{
    return ensemble->thermostat_state[EXCHANGED];
}

const struct vt_thermostat_ops vt_bussi_thermostat = {.name = "Bussi",
                                                      .conserves_momentum = true,
                                                      .least_time = 1,
                                                      .step = step,
                                                      .exchanged = exchanged};
