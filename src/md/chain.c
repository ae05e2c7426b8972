/* SPDX-License-Identifier: GPL-3.0-or-later */
/* G. J. Martyna, M. E. Tuckerman, D. J. Tobias, M. L. Klein, Mol. Phys. 87, 1117 (1996), in other
 * variables: y_k = sqrt(Q_k) v_k. With them the energy of the chain is sum y_k^2/2 + heat, where
 * heat = int kT (degrees v_1 + v_2 + ...) dt takes the place of the chain's positions, which
 * nothing else needs; and a change of the target changes no energy that is there already. */
#include "md/chain.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"

enum { PARTS = 5 };

/* Suzuki's fourth-order weights, four of the first and one of the second, which goes back. */
static const double outer = 0.41449077179437573714;   /* 1/(4 - 4^(1/3)) */
static const double middle = -0.65796308717750294857; /* 1 - 4 outer */

struct links {
    int length;
    double kt;
    double degrees;                  /* that the first link holds */
    double root_mass[VT_CHAIN_MOST]; /* sqrt(Q) */
};

static struct links links_of(const struct vt_chain *chain)
{
    struct links links = {.length = chain->length,
                          .kt = VT_BOLTZMANN * chain->temperature,
                          .degrees = chain->degrees};
    for (int k = 0; k < chain->length; k++)
        links.root_mass[k] = chain->time * sqrt(links.kt * (k == 0 ? chain->degrees : 1));
    return links;
}

static double velocity(const struct links *links, const double y[], int k)
{
    return k < links->length ? y[k] / links->root_mass[k] : 0;
}

/* Link k for dt: driven by what it holds, slowed by the next link. */
static void push(const struct links *links, double y[], int k, double kinetic, double dt)
{
    const double excess =
        k == 0 ? 2 * kinetic - links->degrees * links->kt : y[k - 1] * y[k - 1] - links->kt;
    const double slow = exp(-0.5 * dt * velocity(links, y, k + 1));
    y[k] = (y[k] * slow + dt * excess / links->root_mass[k]) * slow;
}

/* One symmetric step of dt; returns the factor of the velocities. */
static double part(const struct links *links, double kinetic, double dt, double *heat, double y[])
{
    for (int k = links->length - 1; k >= 0; k--)
        push(links, y, k, kinetic, 0.5 * dt);
    double flow = links->degrees * velocity(links, y, 0);
    for (int k = 1; k < links->length; k++)
        flow += velocity(links, y, k);
    *heat += dt * links->kt * flow;
    const double factor = exp(-dt * velocity(links, y, 0));
    for (int k = 0; k < links->length; k++)
        push(links, y, k, kinetic * factor * factor, 0.5 * dt);
    return factor;
}

double vt_chain_act(const struct vt_chain *chain, double kinetic, double dt,
                    double state[VT_CHAIN_STATE])
{
    assert(chain->length >= 1 && chain->length <= VT_CHAIN_MOST);
    assert(chain->degrees > 0 && chain->temperature > 0 && chain->time > 0);
    const struct links links = links_of(chain);
    double factor = 1;
    for (int p = 0; p < PARTS; p++)
        factor *= part(&links, kinetic * factor * factor, (p == 2 ? middle : outer) * dt, &state[0],
                       &state[1]);
    return factor;
}

double vt_chain_energy(const double state[VT_CHAIN_STATE])
{
    assert(state);
    double energy = state[0];
    for (int k = 1; k < VT_CHAIN_STATE; k++)
        energy += 0.5 * state[k] * state[k];
    return energy;
}

enum vt_code vt_chain_check(const struct vt_ensemble_settings *settings, struct vt_error *error)
{
    assert(settings);
    if (settings->chain >= 1 && settings->chain <= VT_CHAIN_MOST)
        return VT_OK;
    vt_fail(error, VT_INPUT, "a Nose-Hoover chain cannot have %d links", settings->chain);
    vt_hint(error, "1 to %d; 3 is usual", VT_CHAIN_MOST);
    return VT_INPUT;
}
