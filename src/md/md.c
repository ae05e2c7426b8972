/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/md.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/ranks.h"
#include "base/units.h"
#include "md/rotation.h"

enum { STREAM_VELOCITIES = 1 }; /* of the random numbers; ensembles have their own */

void vt_md_create(struct vt_md *md, const struct vt_md_settings *settings)
{
    assert(md && settings->domain && settings->force && settings->mass);
    assert(settings->timestep > 0 && settings->skin >= 0);
    *md = (struct vt_md){.domain = settings->domain,
                         .force = settings->force,
                         .mass = settings->mass,
                         .timestep = settings->timestep,
                         .ahead = settings->timestep,
                         .skin = settings->skin,
                         .seed = settings->seed,
                         .needs_rebuild = true};
    md->degrees_of_freedom = 3 * (double)settings->domain->n_global;
}

void vt_md_destroy(struct vt_md *md)
{
    if (!md)
        return;
    vt_free(md->built_at);
    *md = (struct vt_md){0};
}

static MPI_Comm comm_of(const struct vt_md *md)
{
    return md->domain->grid.comm;
}

void vt_md_freeze(struct vt_md *md, uint32_t groups)
{
    assert(md && md->domain);
    double frozen = 0; /* exact below 2^53 */
    md->frozen = groups;
    for (int32_t i = 0; i < md->domain->atoms.n_local; i++)
        frozen += vt_md_is_frozen(md, i);
    vt_sum_over_ranks(comm_of(md), &frozen, 1);
    md->n_frozen = (int64_t)frozen;
}

static void stop(struct vt_atoms *atoms, int32_t i)
{
    assert(i >= 0 && i < atoms->n_local);
    memset(atoms->velocity[i], 0, sizeof *atoms->velocity);
}

void vt_md_stop_frozen(struct vt_md *md)
{
    assert(md && md->domain);
    struct vt_atoms *atoms = &md->domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++)
        if (vt_md_is_frozen(md, i))
            stop(atoms, i);
}

double vt_md_degrees_of_freedom(const struct vt_md *md, bool conserves_momentum)
{
    assert(md && md->domain);
    assert(md->n_frozen >= 0 && md->n_frozen <= md->domain->n_global);
    const double degrees = 3 * (double)(md->domain->n_global - md->n_frozen);
    return conserves_momentum && md->n_frozen == 0 ? degrees - 3 - md->rotations : degrees;
}

/* Whether the cell has moved some image in the cells around it that far. */
static bool cell_moved(const struct vt_md *md, double limit)
{
    assert(limit >= 0);
    static const int corners[4][3] = {{1, 1, 1}, {-1, 1, 1}, {1, -1, 1}, {1, 1, -1}};
    for (int k = 0; k < 4; k++) {
        double d[3] = {0};
        for (int v = 0; v < 3; v++)
            for (int c = 0; c < 3; c++)
                d[c] += corners[k][v] * (md->domain->cell.vector[v][c] - md->built_cell[v][c]);
        if (!(vt_dot(d, d) <= limit))
            return true;
    }
    return false;
}

/* Square of half the skin: no atom may move farther while the lists are used. */
static double way_allowed(const struct vt_md *md)
{
    return 0.25 * md->skin * md->skin;
}

/* Has one of these rows moved too far? */
static bool rows_moved(const struct vt_md *md, int32_t first, int32_t end)
{
    assert(first >= 0 && end <= md->domain->atoms.n_all);
    const struct vt_atoms *atoms = &md->domain->atoms;
    const double limit = way_allowed(md);
    for (int32_t i = first; i < end; i++) {
        double d[3];
        for (int c = 0; c < 3; c++)
            d[c] = atoms->position[i][c] - md->built_at[i][c];
        if (!(vt_dot(d, d) <= limit))
            return true;
    }
    return false;
}

/* Will some atom have moved too far by the next step? A guess: somewhat too often is better than an
 * evaluation that other ranks make for nothing. */
static bool is_due(const struct vt_md *md)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    const double limit = way_allowed(md), ahead = 1.1 * md->ahead;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        double d[3];
        for (int c = 0; c < 3; c++)
            d[c] = atoms->position[i][c] + ahead * atoms->velocity[i][c] - md->built_at[i][c];
        if (!(vt_dot(d, d) <= limit))
            return true;
    }
    return false;
}

/* New positions for the ghosts, and this rank's view of the lists. Ghosts count too: they move with
 * their atoms and with the cell. Where much is empty there need not be any, and the cell alone
 * brings an atom and an image together. */
static struct vt_list_age find_age(const struct vt_md *md)
{
    struct vt_timers *timers = vt_force_timers(md->force);
    struct vt_atoms *atoms = &md->domain->atoms;
    struct vt_list_age age;
    int outer = vt_timers_enter(timers, VT_PART_HALO);
    vt_halo_positions_begin(md->domain->halo, atoms);
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, VT_PART_LISTS); /* while they travel */
    age.stale = cell_moved(md, way_allowed(md)) || rows_moved(md, 0, atoms->n_local);
    age.due = is_due(md);
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, VT_PART_HALO);
    vt_halo_forward_end(md->domain->halo);
    vt_timers_leave(timers, outer);
    outer = vt_timers_enter(timers, VT_PART_LISTS);
    age.stale = age.stale || rows_moved(md, atoms->n_local, atoms->n_all);
    vt_timers_leave(timers, outer);
    return age;
}

static enum vt_code rebuild(struct vt_md *md, struct vt_error *error)
{
    enum vt_code code = vt_force_rebuild(md->force, md->domain, md->skin, error);
    if (code)
        return code;
    const struct vt_atoms *atoms = &md->domain->atoms;
    code = vt_reserve(&md->built_at, &md->built_at_capacity, (size_t)atoms->n_all,
                      sizeof *md->built_at, "positions", error);
    code = vt_agree(comm_of(md), code, 0, error);
    if (code)
        return code;
    memcpy(md->built_at, atoms->position, (size_t)atoms->n_all * sizeof *md->built_at);
    memcpy(md->built_cell, md->domain->cell.vector, sizeof md->built_cell);
    md->needs_rebuild = false;
    md->n_rebuilds++;
    return VT_OK;
}

/* With the lists as they are; *stale: it cannot be. */
static enum vt_code evaluate(struct vt_md *md, struct vt_list_age age, bool *stale,
                             struct vt_error *error)
{
    const enum vt_code code = vt_force_evaluate_fresh(md->force, &age, error);
    if (!code)
        md->needs_rebuild = age.due;
    *stale = !code && age.stale;
    return code;
}

enum vt_code vt_md_evaluate(struct vt_md *md, struct vt_error *error)
{
    assert(md && md->domain && error);
    bool stale = md->needs_rebuild;
    if (!stale) {
        const enum vt_code code = evaluate(md, find_age(md), &stale, error);
        if (code || !stale)
            return code;
    }
    const int outer = vt_timers_enter(vt_force_timers(md->force), VT_PART_LISTS);
    enum vt_code code = rebuild(md, error);
    const struct vt_list_age age = {.due = !code && is_due(md)};
    vt_timers_leave(vt_force_timers(md->force), outer);
    if (!code)
        code = evaluate(md, age, &stale, error);
    assert(code || !stale);
    return code;
}

/* The work is that of the field in this kick, at the mean of the velocities before and after: then
 * the forces of the potential do what they do without a field, up to the order of the method. */
static void kick_in_field(struct vt_md *md, double dt)
{
    struct vt_atoms *atoms = &md->domain->atoms;
    const struct vt_results *results = vt_force_results(md->force);
    for (int32_t i = 0; i < atoms->n_local; i++) {
        if (vt_md_is_frozen(md, i))
            continue;
        const double scale = dt / (md->mass[atoms->type[i]] * VT_AMU);
        double field[3];
        vt_field_force(&md->field, results, i, field);
        for (int d = 0; d < 3; d++) {
            const double before = atoms->velocity[i][d];
            atoms->velocity[i][d] += scale * (results->forces[i][d] + field[d]);
            md->field_work += 0.5 * dt * field[d] * (before + atoms->velocity[i][d]);
        }
    }
}

void vt_md_kick(struct vt_md *md, double dt)
{
    assert(md);
    assert(isfinite(dt));
    if (md->field.coupling != VT_NO_FIELD) {
        kick_in_field(md, dt);
        return;
    }
    struct vt_atoms *atoms = &md->domain->atoms;
    const double(*force)[3] = vt_force_results(md->force)->forces;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        if (vt_md_is_frozen(md, i))
            continue;
        const double scale = dt / (md->mass[atoms->type[i]] * VT_AMU);
        for (int d = 0; d < 3; d++)
            atoms->velocity[i][d] += scale * force[i][d];
    }
}

void vt_md_drift(struct vt_md *md, double dt)
{
    assert(md);
    assert(isfinite(dt));
    struct vt_atoms *atoms = &md->domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++)
        for (int d = 0; d < 3 && !vt_md_is_frozen(md, i); d++)
            atoms->position[i][d] += dt * atoms->velocity[i][d];
}

static void transform(double x[3], const double m[3][3])
{
    double y[3];
    vt_row_times_mat3(x, m, y);
    memcpy(x, y, sizeof y);
}

enum vt_code vt_md_deform(struct vt_md *md, const double m[3][3], const double v[3][3],
                          struct vt_error *error)
{
    assert(md && m && v);
    struct vt_atoms *atoms = &md->domain->atoms;
    double cell[3][3];
    for (int d = 0; d < 3; d++)
        vt_row_times_mat3(md->domain->cell.vector[d], m, cell[d]);
    const enum vt_code code = vt_cell_init(&md->domain->cell, (const double(*)[3])cell, error);
    if (code)
        return code;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        transform(atoms->position[i], m);
        transform(atoms->velocity[i], v);
    }
    return VT_OK;
}

void vt_md_scale_velocities(struct vt_md *md, double factor)
{
    assert(md);
    struct vt_atoms *atoms = &md->domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++)
        for (int d = 0; d < 3; d++)
            atoms->velocity[i][d] *= factor;
}

void vt_md_kinetic_tensor(const struct vt_md *md, double tensor[9])
{
    assert(md && tensor);
    const struct vt_atoms *atoms = &md->domain->atoms;
    memset(tensor, 0, 9 * sizeof *tensor);
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double mass = md->mass[atoms->type[i]] * VT_AMU;
        const double *v = atoms->velocity[i];
        const double momentum[3] = {mass * v[0], mass * v[1], mass * v[2]};
        vt_add_outer(tensor, momentum, v);
    }
    vt_sum_over_ranks(comm_of(md), tensor, 9);
}

double vt_md_kinetic_energy(const struct vt_md *md)
{
    assert(md);
    double tensor[9];
    vt_md_kinetic_tensor(md, tensor);
    return 0.5 * (tensor[0] + tensor[4] + tensor[8]);
}

double vt_md_temperature(const struct vt_md *md)
{
    assert(md);
    if (md->degrees_of_freedom <= 0)
        return 0;
    return 2 * vt_md_kinetic_energy(md) / (md->degrees_of_freedom * VT_BOLTZMANN);
}

void vt_md_pressure(const struct vt_md *md, double tensor[9])
{
    assert(md && tensor);
    assert(md->domain->cell.volume > 0);
    const double *virial = vt_force_results(md->force)->virial;
    vt_md_kinetic_tensor(md, tensor);
    for (int c = 0; c < 9; c++)
        tensor[c] = (tensor[c] + virial[c]) / md->domain->cell.volume;
}

void vt_md_remove_momentum(struct vt_md *md)
{
    assert(md);
    struct vt_atoms *atoms = &md->domain->atoms;
    double sums[4] = {0}; /* momentum, mass */
    if (md->n_frozen > 0)
        return;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double mass = md->mass[atoms->type[i]];
        for (int d = 0; d < 3; d++)
            sums[d] += mass * atoms->velocity[i][d];
        sums[3] += mass;
    }
    vt_sum_over_ranks(comm_of(md), sums, 4);
    for (int32_t i = 0; i < atoms->n_local; i++)
        for (int d = 0; d < 3; d++)
            atoms->velocity[i][d] -= sums[d] / sums[3];
    if (md->rotations > 0)
        vt_rotation_remove(md);
}

void vt_md_draw_velocities(struct vt_md *md, double temperature)
{
    assert(temperature >= 0);
    struct vt_atoms *atoms = &md->domain->atoms;
    const struct vt_random random = {md->seed, STREAM_VELOCITIES};
    for (int32_t i = 0; i < atoms->n_local; i++) {
        if (vt_md_is_frozen(md, i)) {
            stop(atoms, i);
            continue;
        }
        const struct vt_random_point point = {.step = (uint64_t)md->step,
                                              .id = (uint64_t)atoms->id[i]};
        const double mass = md->mass[atoms->type[i]] * VT_AMU;
        vt_random_gaussian(random, point, 3, atoms->velocity[i]);
        for (int d = 0; d < 3; d++)
            atoms->velocity[i][d] *= sqrt(VT_BOLTZMANN * temperature / mass);
    }
    const double degrees = vt_md_degrees_of_freedom(md, true);
    if (degrees <= 0)
        return;
    vt_md_remove_momentum(md);
    const double drawn = 2 * vt_md_kinetic_energy(md) / (degrees * VT_BOLTZMANN);
    if (drawn > 0)
        vt_md_scale_velocities(md, sqrt(temperature / drawn));
}
