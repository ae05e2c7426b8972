/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cell that is driven: its vectors go linearly in time from what they are where the stage begins
 * to what they are to be at its end, whatever the pressure says; docs/theory.md 8.8.
 *
 * Positions go with the cell; velocities are those relative to its flow, and go against it. With
 * vectors that are linear in time, this is nothing but Newton's equations in a periodic system
 * whose walls move. Each cell comes from the two ends, not from the one before, so that no rounding
 * adds up. The cell moves in the middle of the drift; what the walls do is booked as kinetic energy
 * exactly, and as potential energy by the mean of the virials before and after: second order, like
 * velocity Verlet. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/ranks.h"
#include "base/units.h"
#include "md/ensemble_ops.h"
#include "md/strain.h"

/* The state: cells at both ends (A), energy that the atoms gave to the walls (eV). */
enum { START = 0, END = 9, EXCHANGED = 18, USED };
static_assert((int)USED <= VT_BAROSTAT_STATE, "the state of the ramp has no room");

/* Of a length, in a step: far more than any solid bears. */
static const double largest_change = 0.02;

static double density(const struct vt_md *md)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    double mass = 0;
    for (int32_t i = 0; i < atoms->n_local; i++)
        mass += md->mass[atoms->type[i]];
    vt_sum_over_ranks(md->domain->grid.comm, &mass, 1);
    return mass / md->domain->cell.volume;
}

/* The cell at the end of the stage if it begins with the present one. Collective. */
static void find_end(const struct vt_ensemble *ensemble, double end[3][3])
{
    const struct vt_md *md = ensemble->md;
    const struct vt_cell_ramp *ramp = &ensemble->settings.ramp;
    const double time = (double)ensemble->settings.n_steps * md->timestep;
    double factor[3] = {1, 1, 1}, grown[3][3];
    if (ramp->kind == VT_RAMP_LENGTHS)
        memcpy(factor, ramp->lengths, sizeof factor);
    if (ramp->kind == VT_RAMP_VOLUME)
        factor[0] = factor[1] = factor[2] = cbrt(ramp->volume);
    if (ramp->kind == VT_RAMP_DENSITY)
        factor[0] = factor[1] = factor[2] = cbrt(density(md) / ramp->density);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            grown[i][j] =
                (i == j) + (ramp->kind == VT_RAMP_STRAIN_RATE ? time * ramp->strain_rate[i][j] : 0);
    vt_mat3_multiply((const double(*)[3])md->domain->cell.vector, (const double(*)[3])grown, end);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            end[i][j] *= factor[i];
}

static void start(struct vt_ensemble *ensemble)
{
    double end[3][3];
    find_end(ensemble, end);
    memcpy(ensemble->barostat_state + START, ensemble->md->domain->cell.vector, sizeof end);
    memcpy(ensemble->barostat_state + END, end, sizeof end);
}

/* After a number of steps of the run; beyond the stage it stays. */
static void cell_at(const struct vt_ensemble *ensemble, int64_t step, double vector[3][3])
{
    assert(step >= ensemble->settings.first_step);
    const struct vt_ensemble_settings *settings = &ensemble->settings;
    const double *state = ensemble->barostat_state;
    const double done = fmin((double)(step - settings->first_step) / (double)settings->n_steps, 1);
    for (int c = 0; c < 9; c++)
        vector[c / 3][c % 3] = (1 - done) * state[START + c] + done * state[END + c];
}

/* Half of what the virial does in the step, at its rate at one end; sum over W_ij (m - 1)_ij. */
static double half_work(const struct vt_md *md, const double m[3][3])
{
    const double *virial = vt_force_results(md->force)->virial;
    double sum = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            sum += virial[3 * i + j] * (m[i][j] - (i == j));
    return 0.5 * sum;
}

/* In the middle of the drift. */
static enum vt_code move(struct vt_ensemble *ensemble, const double ahead[3][3],
                         const double back[3][3], struct vt_error *error)
{
    struct vt_md *md = ensemble->md;
    double *exchanged = &ensemble->barostat_state[EXCHANGED];
    *exchanged += half_work(md, ahead) + vt_md_kinetic_energy(md);
    vt_md_drift(md, -0.5 * md->timestep);
    const enum vt_code code = vt_md_deform(md, ahead, back, error);
    if (code)
        return code;
    vt_md_drift(md, 0.5 * md->timestep);
    *exchanged -= vt_md_kinetic_energy(md);
    return VT_OK;
}

static enum vt_code evaluate(struct vt_ensemble *ensemble, struct vt_error *error)
{
    struct vt_md *md = ensemble->md;
    const struct vt_cell *from = &md->domain->cell;
    struct vt_cell to;
    double vector[3][3], ahead[3][3], back[3][3];
    cell_at(ensemble, md->step + 1, vector);
    enum vt_code code = vt_cell_init(&to, (const double(*)[3])vector, error);
    if (code)
        return code;
    vt_mat3_multiply(from->inverse, (const double(*)[3])to.vector, ahead);
    vt_mat3_multiply((const double(*)[3])to.inverse, from->vector, back);
    code = move(ensemble, (const double(*)[3])ahead, (const double(*)[3])back, error);
    if (!code)
        code = vt_md_evaluate(md, error);
    if (code)
        return code;
    ensemble->barostat_state[EXCHANGED] -= half_work(md, (const double(*)[3])back);
    return VT_OK;
}

/* A finite number above 0. */
static bool is_positive(double value)
{
    return value > 0 && isfinite(value);
}

/* No length goes through zero. */
static enum vt_code check_rates(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    const double(*rate)[3] = ensemble->settings.ramp.strain_rate;
    const double time = (double)ensemble->settings.n_steps * ensemble->md->timestep;
    for (int c = 0; c < 9; c++)
        if (!isfinite(rate[c / 3][c % 3]))
            return vt_fail(error, VT_INPUT, "a strain rate of %g/ps is none", rate[c / 3][c % 3]);
    for (int d = 0; d < 3; d++)
        if (!is_positive(1 + time * rate[d][d])) {
            vt_fail(error, VT_INPUT, "a strain rate of %g/ps leaves nothing of a length in %g ps",
                    1e3 * rate[d][d], 1e-3 * time);
            vt_hint(error, "the rate refers to the length at the start of the stage");
            return VT_INPUT;
        }
    return VT_OK;
}

static enum vt_code check_target(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    const struct vt_cell_ramp *ramp = &ensemble->settings.ramp;
    if (ramp->kind == VT_RAMP_VOLUME && !is_positive(ramp->volume))
        return vt_fail(error, VT_INPUT, "a ramp cannot end at %g of the volume", ramp->volume);
    if (ramp->kind == VT_RAMP_DENSITY && !is_positive(ramp->density))
        return vt_fail(error, VT_INPUT, "a ramp cannot end at a density of %g g/cm3",
                       ramp->density * VT_G_PER_CM3_PER_DENSITY);
    for (int d = 0; d < 3; d++)
        if (ramp->kind == VT_RAMP_LENGTHS && !is_positive(ramp->lengths[d]))
            return vt_fail(error, VT_INPUT, "a ramp cannot end at %g of a length",
                           ramp->lengths[d]);
    return ramp->kind == VT_RAMP_STRAIN_RATE ? check_rates(ensemble, error) : VT_OK;
}

/* The strains of the first and the last step, about: both ends are sound. */
static double largest_step(const struct vt_ensemble *ensemble, const struct vt_cell *end)
{
    const struct vt_cell *cell = &ensemble->md->domain->cell;
    double way[3][3], first[3][3], last[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            way[i][j] =
                (end->vector[i][j] - cell->vector[i][j]) / (double)ensemble->settings.n_steps;
    vt_mat3_multiply(cell->inverse, (const double(*)[3])way, first);
    vt_mat3_multiply(end->inverse, (const double(*)[3])way, last);
    return fmax(vt_strain_size((const double(*)[3])first),
                vt_strain_size((const double(*)[3])last));
}

/* How far it is to a density is known only where the stage begins. */
static bool is_ahead(const struct vt_ensemble *ensemble)
{
    return ensemble->settings.ramp.kind == VT_RAMP_DENSITY &&
           ensemble->settings.first_step != ensemble->md->step;
}

static enum vt_code check(const struct vt_ensemble *ensemble, struct vt_error *error)
{
    assert(ensemble->settings.n_steps > 0);
    struct vt_cell end;
    double vector[3][3];
    enum vt_code code = check_target(ensemble, error);
    if (code)
        return code;
    find_end(ensemble, vector);
    code = vt_cell_init(&end, (const double(*)[3])vector, error);
    if (code)
        return code;
    const double most = largest_step(ensemble, &end);
    if (most <= largest_change || is_ahead(ensemble))
        return VT_OK;
    vt_fail(error, VT_INPUT, "the ramp changes the cell by %.2g %% in a step, the bound is %g %%",
            100 * most, 100 * largest_change);
    vt_hint(error, "a longer stage; %.0f steps at least",
            ceil((double)ensemble->settings.n_steps * most / largest_change));
    return VT_INPUT;
}

static double exchanged_of(const struct vt_ensemble *ensemble)
{
    return ensemble->barostat_state[EXCHANGED];
}

const struct vt_barostat_ops vt_cell_ramp_barostat = {.name = "cell ramp",
                                                      .check = check,
                                                      .start = start,
                                                      .evaluate = evaluate,
                                                      .exchanged = exchanged_of};
