/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)): motion of atoms of unit mass whose
 * velocity is turned towards the force, faster and faster, stopped where it would go uphill.
 *
 * Of FIRE 2.0 (Guenole et al., Comput. Mater. Sci. 175, 109584 (2020)) it has the order of
 * operations (force to velocity, mixing, velocity to position) and the step back when the motion
 * has passed the lowest point. Instead of always half a step it goes back by what the slopes tell,
 * and only if the energy has risen: see vt_descent_go. Then dt is too long as well. */
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "md/descent.h"

/* Of the published values; with unit masses dt is in A/sqrt(eV). */
static const double first_dt = 0.1, longest_dt = 1, shortest_dt = 1e-3;
static const double faster = 1.1, slower = 0.5;
static const double first_mixing = 0.1, less_mixing = 0.99;
enum { DELAY = 5 };

struct fire {
    double dt, mixing;
    int n_downhill;     /* steps since the last stop */
    int64_t n_rebuilds; /* of the lists when the velocity was kept */
    size_t n_rows;
    double (*rows)[3]; /* owned: [n_rows] the velocity between steps */
    size_t capacity;
};

static enum vt_code fire_create(void **state, struct vt_error *error)
{
    struct fire *fire;
    const enum vt_code code = vt_alloc(&fire, 1, sizeof *fire, "minimisation", error);
    if (!code)
        *fire = (struct fire){.dt = first_dt, .mixing = first_mixing, .n_rebuilds = -1};
    *state = fire;
    return code;
}

static void fire_destroy(void *state)
{
    struct fire *fire = state;
    if (!fire)
        return;
    vt_free(fire->rows);
    vt_free(fire);
}

/* Room for the atoms that there are now. */
static enum vt_code take_rows(struct fire *fire, const struct vt_descent *descent,
                              struct vt_error *error)
{
    fire->n_rebuilds = descent->md->n_rebuilds;
    fire->n_rows = (size_t)descent->md->domain->atoms.n_local;
    return vt_reserve(&fire->rows, &fire->capacity, fire->n_rows, sizeof *fire->rows,
                      "minimisation", error);
}

static void fire_save(const void *state, const struct vt_descent *descent,
                      struct vt_minimise_state *saved)
{
    const struct fire *fire = state;
    double *numbers = saved->numbers + VT_DESCENT_STATE;
    numbers[0] = fire->dt;
    numbers[1] = fire->mixing;
    numbers[2] = fire->n_downhill;
    saved->n_blocks = fire->n_rebuilds == descent->md->n_rebuilds ? 1 : 0;
    saved->rows = fire->rows;
}

static enum vt_code fire_restore(void *state, const struct vt_descent *descent,
                                 const struct vt_minimise_state *saved, struct vt_error *error)
{
    struct fire *fire = state;
    const double *numbers = saved->numbers + VT_DESCENT_STATE;
    fire->dt = numbers[0];
    if (saved->n_blocks == 0)
        return VT_OK;
    fire->mixing = numbers[1];
    fire->n_downhill = (int)numbers[2];
    const enum vt_code code = take_rows(fire, descent, error);
    if (!code)
        memcpy(fire->rows, saved->rows, fire->n_rows * sizeof *fire->rows);
    return code;
}

/* The velocity of the last step; none, if its rows are not those of the atoms. */
static void recall(const struct fire *fire, struct vt_descent *descent)
{
    const struct vt_vector velocity = vt_descent_direction(descent);
    if (fire->n_rebuilds == descent->md->n_rebuilds)
        memcpy(velocity.atom, fire->rows, fire->n_rows * sizeof *fire->rows);
    else
        vt_descent_scale(descent, velocity, 0);
}

static enum vt_code keep(struct fire *fire, struct vt_descent *descent, struct vt_error *error)
{
    const struct vt_md *md = descent->md;
    if (fire->n_rebuilds != md->n_rebuilds) {
        const enum vt_code code =
            vt_agree(md->domain->grid.comm, take_rows(fire, descent, error), 0, error);
        if (code)
            return code;
    }
    memcpy(fire->rows, vt_descent_direction(descent).atom, fire->n_rows * sizeof *fire->rows);
    return VT_OK;
}

static void stop(struct fire *fire, struct vt_descent *descent)
{
    vt_descent_scale(descent, vt_descent_direction(descent), 0);
    fire->dt = fmax(fire->dt * slower, shortest_dt);
    fire->mixing = first_mixing;
    fire->n_downhill = 0;
}

/* v += dt g, then v = (1 - mixing) v + mixing |v| g/|g|. */
static void push(const struct fire *fire, struct vt_descent *descent)
{
    const struct vt_vector force = vt_descent_force(descent);
    const struct vt_vector velocity = vt_descent_direction(descent);
    vt_descent_add(descent, velocity, fire->dt, force);
    const double v = sqrt(vt_descent_dot(descent, velocity, velocity));
    const double g = sqrt(vt_descent_dot(descent, force, force));
    vt_descent_scale(descent, velocity, 1 - fire->mixing);
    if (g > 0)
        vt_descent_add(descent, velocity, fire->mixing * v / g, force);
}

static enum vt_code fire_step(void *state, struct vt_descent *descent, bool *moved,
                              struct vt_error *error)
{
    struct fire *fire = state;
    const bool from_rest = fire->n_downhill == 0;
    recall(fire, descent);
    push(fire, descent);
    double part, slope;
    enum vt_code code =
        vt_descent_go(descent, vt_descent_limit(descent, fire->dt), &part, &slope, error);
    if (code)
        return code;
    *moved = part > 0 || !from_rest; /* from rest the way was that of the force */
    if (part < 1 || slope <= 0) {
        stop(fire, descent);
    } else if (++fire->n_downhill > DELAY) {
        fire->dt = fmin(fire->dt * faster, longest_dt);
        fire->mixing *= less_mixing;
    }
    return keep(fire, descent, error);
}

const struct vt_descent_method vt_fire = {fire_create, fire_destroy, fire_save, fire_restore,
                                          fire_step};
