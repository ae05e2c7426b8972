/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/guards.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

#include "base/agree.h"
#include "base/ranks.h"
#include "base/units.h"

enum { BAD, STOP, KINETIC, ATOMS, SUMS };

/* The first local atom that is out of bounds, -1 if there is none. Comparisons are such that NaN is
 * out of bounds. */
static int32_t find_bad(const struct vt_guards *guards, const struct vt_md *md)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    const double fastest = guards->max_displacement / md->timestep;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double *v = atoms->velocity[i], *x = atoms->position[i];
        if (!(vt_dot(v, v) <= fastest * fastest) || !isfinite(x[0] + x[1] + x[2]))
            return i;
    }
    return -1;
}

static enum vt_code blame(const struct vt_guards *guards, const struct vt_md *md, int32_t bad,
                          struct vt_error *error)
{
    assert(bad >= 0 && bad < md->domain->atoms.n_local);
    const struct vt_atoms *atoms = &md->domain->atoms;
    const double *v = atoms->velocity[bad], *x = atoms->position[bad];
    const double way = md->timestep * sqrt(vt_dot(v, v));
    const int rank = md->domain->grid.rank;
    const long long step = (long long)md->step, atom = (long long)atoms->id[bad] + 1;
    if (!isfinite(way + x[0] + x[1] + x[2]))
        vt_fail(error, VT_FAILED,
                "step %lld, rank %d: position or velocity of atom %lld is no number", step, rank,
                atom);
    else
        vt_fail(error, VT_FAILED,
                "step %lld, rank %d: atom %lld moves %.3g A in a step, the bound is %g A", step,
                rank, atom, way, guards->max_displacement);
    vt_hint(error, "a shorter timestep, a relaxed start, or a configuration that the model knows; "
                   "the bound is guards.displacement");
    return VT_FAILED;
}

/* The verdict of all ranks on their atoms: the one with the lowest number is named. */
static enum vt_code agree_on_atoms(const struct vt_guards *guards, const struct vt_md *md,
                                   int32_t bad, struct vt_error *error)
{
    const enum vt_code code = bad < 0 ? VT_OK : blame(guards, md, bad, error);
    const int64_t id = bad < 0 ? 0 : md->domain->atoms.id[bad];
    return vt_agree(md->domain->grid.comm, code, id < LONG_MAX ? (long)id : LONG_MAX - 1, error);
}

static enum vt_code check_system(const struct vt_guards *guards, const struct vt_md *md,
                                 int64_t n_atoms, struct vt_error *error)
{
    assert(n_atoms >= 0);
    const long long step = (long long)md->step;
    const double volume = md->domain->cell.volume;
    const double temperature =
        md->degrees_of_freedom > 0
            ? 2 * guards->kinetic_energy / (md->degrees_of_freedom * VT_BOLTZMANN)
            : 0;
    if (n_atoms != guards->n_atoms)
        return vt_fail(error, VT_FAILED, "step %lld: %lld of %lld atoms are left", step,
                       (long long)n_atoms, (long long)guards->n_atoms);
    if (!(temperature <= guards->max_temperature)) {
        vt_fail(error, VT_FAILED, "step %lld: the temperature is %.4g K, the bound is %g K", step,
                temperature, guards->max_temperature);
        vt_hint(error, "a shorter timestep or a relaxed start; the bound is guards.temperature");
        return VT_FAILED;
    }
    if (!(volume >= guards->volume[0] && volume <= guards->volume[1])) {
        vt_fail(error, VT_FAILED, "step %lld: the volume is %.4g A^3, the bounds are %.4g and %.4g",
                step, volume, guards->volume[0], guards->volume[1]);
        vt_hint(error, "is it a liquid or a gas at this pressure? The bounds are guards.volume");
        return VT_FAILED;
    }
    return VT_OK;
}

enum vt_code vt_guards_check(struct vt_guards *guards, const struct vt_md *md, bool stop_wanted,
                             struct vt_error *error)
{
    assert(guards && md);
    assert(guards->max_displacement > 0 && guards->volume[0] <= guards->volume[1]);
    const struct vt_atoms *atoms = &md->domain->atoms;
    const int32_t bad = find_bad(guards, md);
    double sums[SUMS] = {[BAD] = bad >= 0, [STOP] = stop_wanted, [ATOMS] = atoms->n_local};
    for (int32_t i = 0; i < atoms->n_local; i++)
        sums[KINETIC] += 0.5 * md->mass[atoms->type[i]] * VT_AMU *
                         vt_dot(atoms->velocity[i], atoms->velocity[i]);
    vt_sum_over_ranks(md->domain->grid.comm, sums, SUMS);
    guards->stop = sums[STOP] > 0;
    guards->kinetic_energy = sums[KINETIC];
    if (sums[BAD] > 0)
        return agree_on_atoms(guards, md, bad, error);
    return check_system(guards, md, (int64_t)sums[ATOMS], error);
}

enum vt_code vt_guards_explain(const struct vt_guards *guards, const struct vt_md *md,
                               enum vt_code code, struct vt_error *error)
{
    assert(guards && md && error);
    assert(code != VT_OK);
    struct vt_error better = {0};
    const enum vt_code blamed = agree_on_atoms(guards, md, find_bad(guards, md), &better);
    if (blamed) {
        *error = better;
        return blamed;
    }
    const struct vt_error cause = *error;
    const enum vt_code failed = code == VT_MEMORY || code == VT_IO ? code : VT_FAILED;
    vt_fail(error, failed, "step %lld: %.400s", (long long)md->step, cause.message);
    if (cause.hint[0])
        vt_hint(error, "%s", cause.hint);
    return failed;
}
