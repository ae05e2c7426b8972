/* SPDX-License-Identifier: GPL-3.0-or-later */
/* G. J. Martyna, D. J. Tobias, M. L. Klein, J. Chem. Phys. 101, 4177 (1994), split so that the
 * measure of the ensemble is kept: M. E. Tuckerman et al., J. Phys. A 39, 5629 (2006);
 * docs/theory.md 8.7.
 *
 * The cell has a velocity (rate of its strain) and a mass, driven by the pressure that is too much;
 * atoms and cell have a Nose-Hoover chain each. Kept is, as with chains, the velocity times the
 * root of the mass: then the mass may follow the target temperature. Isotropic, orthorhombic and
 * anisotropic motion differ in nothing but the strains they allow; a rotation that brings the cell
 * back takes the rate with it. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "md/barostat.h"
#include "md/chain.h"
#include "md/strain.h"

/* The state: rate times root of mass (nine numbers, sqrt(eV)), work against the target pressure
 * (eV), chain of the cell. */
enum { MOMENTUM = 0, WORK = 9, CHAIN = 10, USED = CHAIN + VT_CHAIN_STATE };
static_assert((int)USED <= VT_BAROSTAT_STATE, "the state of the barostat has no room");

static double degrees(const struct vt_ensemble *ensemble)
{
    return ensemble->md->degrees_of_freedom;
}

/* Of each number of the strain, eV fs^2. */
static double root_mass(const struct vt_ensemble *ensemble)
{
    return ensemble->settings.pressure_time *
           sqrt((degrees(ensemble) + 3) * VT_BOLTZMANN * ensemble->temperature / 3);
}

/* Of the cell, eV. */
static double kinetic_energy(const struct vt_ensemble *ensemble)
{
    const double *y = ensemble->barostat_state + MOMENTUM;
    double sum = 0;
    for (int c = 0; c < 9; c++)
        sum += y[c] * y[c];
    return 0.5 * sum;
}

/* Both chains for half a step: they do not touch each other. */
static void act_chains(struct vt_ensemble *ensemble)
{
    struct vt_md *md = ensemble->md;
    const struct vt_ensemble_settings *settings = &ensemble->settings;
    const struct vt_chain atoms = {.length = settings->chain,
                                   .degrees = degrees(ensemble),
                                   .temperature = ensemble->temperature,
                                   .time = settings->temperature_time};
    struct vt_chain cell = atoms;
    cell.degrees = vt_strain_count(settings->coupling);
    cell.time = settings->pressure_time;
    const double dt = 0.5 * md->timestep;
    const double factor =
        vt_chain_act(&cell, kinetic_energy(ensemble), dt, ensemble->barostat_state + CHAIN);
    for (int c = 0; c < 9; c++)
        ensemble->barostat_state[MOMENTUM + c] *= factor;
    vt_md_scale_velocities(
        md, vt_chain_act(&atoms, vt_md_kinetic_energy(md), dt, ensemble->thermostat_state));
}

/* The cell's velocity for half a step. */
static void push_cell(struct vt_ensemble *ensemble)
{
    const struct vt_md *md = ensemble->md;
    const double *virial = vt_force_results(md->force)->virial;
    double tensor[9], part[3][3];
    vt_md_kinetic_tensor(md, tensor);
    const double twice_kinetic = tensor[0] + tensor[4] + tensor[8];
    for (int c = 0; c < 9; c++)
        tensor[c] += virial[c];
    vt_strain_part(ensemble->settings.coupling, &md->domain->cell, tensor, part);
    const double outside = ensemble->pressure * md->domain->cell.volume;
    for (int d = 0; d < 3; d++)
        part[d][d] += twice_kinetic / degrees(ensemble) - outside;
    const double scale = 0.5 * md->timestep / root_mass(ensemble);
    for (int c = 0; c < 9; c++)
        ensemble->barostat_state[MOMENTUM + c] += scale * part[c / 3][c % 3];
}

/* Strain in the time dt at the cell's present velocity, and `part` of its trace in all directions.
 */
static void strain_of(const struct vt_ensemble *ensemble, double dt, double part,
                      double strain[3][3])
{
    assert(isfinite(dt));
    const double scale = dt / root_mass(ensemble);
    double trace = 0;
    for (int c = 0; c < 9; c++)
        strain[c / 3][c % 3] = scale * ensemble->barostat_state[MOMENTUM + c];
    for (int d = 0; d < 3; d++)
        trace += strain[d][d];
    for (int d = 0; d < 3; d++)
        strain[d][d] += part * trace;
}

static void transform_velocities(struct vt_md *md, const double m[3][3])
{
    struct vt_atoms *atoms = &md->domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double v[3] = {atoms->velocity[i][0], atoms->velocity[i][1], atoms->velocity[i][2]};
        vt_row_times_mat3(v, m, atoms->velocity[i]);
    }
}

/* The atoms' velocities for half a step, slowed by the growing cell in the quarters around the
 * forces. */
static void push_atoms(struct vt_ensemble *ensemble)
{
    struct vt_md *md = ensemble->md;
    const enum vt_coupling coupling = ensemble->settings.coupling;
    double strain[3][3], slow[3][3];
    strain_of(ensemble, 0.25 * md->timestep, 1 / degrees(ensemble), strain);
    vt_strain_velocities(coupling, &md->domain->cell, (const double(*)[3])strain, slow);
    transform_velocities(md, (const double(*)[3])slow);
    vt_md_kick(md, 0.5 * md->timestep);
    transform_velocities(md, (const double(*)[3])slow);
}

/* Positions and cell for a step, the cell in the middle of the drift. */
static enum vt_code move(struct vt_ensemble *ensemble, struct vt_error *error)
{
    struct vt_md *md = ensemble->md;
    double strain[3][3], tensor[9], rate[3][3], turned[3][3];
    strain_of(ensemble, md->timestep, 0, strain);
    vt_md_pressure(md, tensor);
    enum vt_code code = vt_barostat_guard(ensemble, (const double(*)[3])strain, tensor, error);
    if (code)
        return code;
    struct vt_strain_map map;
    vt_strain_map(ensemble->settings.coupling, &md->domain->cell, (const double(*)[3])strain, &map);
    const double(*turn)[3] = (const double(*)[3])map.turn;
    const double volume = md->domain->cell.volume;
    vt_md_drift(md, 0.5 * md->timestep);
    code = vt_md_deform(md, (const double(*)[3])map.positions, turn, error);
    if (code)
        return code;
    vt_md_drift(md, 0.5 * md->timestep);
    ensemble->barostat_state[WORK] += ensemble->pressure * (md->domain->cell.volume - volume);
    memcpy(rate, ensemble->barostat_state + MOMENTUM, sizeof rate);
    vt_strain_carry(turn, (const double(*)[3])rate, turned);
    memcpy(ensemble->barostat_state + MOMENTUM, turned, sizeof turned);
    return VT_OK;
}

static enum vt_code step(struct vt_ensemble *ensemble, struct vt_error *error)
{
    act_chains(ensemble);
    push_cell(ensemble);
    push_atoms(ensemble);
    enum vt_code code = move(ensemble, error);
    if (!code)
        code = vt_md_evaluate(ensemble->md, error);
    if (code)
        return code;
    push_atoms(ensemble);
    push_cell(ensemble);
    act_chains(ensemble);
    return VT_OK;
}

static enum vt_code check(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    if (ensemble->settings.thermostat != VT_NOSE_HOOVER) {
        vt_fail(error, VT_INPUT, "the MTTK barostat needs the Nose-Hoover thermostat");
        vt_hint(error, "that is part of its equations; cell rescaling goes with any thermostat");
        return VT_INPUT;
    }
    return vt_barostat_check(ensemble, error);
}

static double exchanged(const struct vt_ensemble *ensemble)
{
    const double *state = ensemble->barostat_state;
    return kinetic_energy(ensemble) + state[WORK] + vt_chain_energy(state + CHAIN);
}

const struct vt_barostat_ops vt_mttk_barostat = {
    .name = "MTTK", .check = check, .step = step, .exchanged = exchanged};
