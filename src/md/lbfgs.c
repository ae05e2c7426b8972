/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS (Liu and Nocedal, Math. Program. 45, 503 (1989)): the inverse of the Hessian from the last
 * steps s and the changes y of the force that came with them.
 *
 * The history has rows for the atoms of this rank. When the neighbour lists are rebuilt atoms may
 * go to other ranks, so then it is dropped, on one rank as on many: the way stays the same for any
 * number of ranks, and nothing has to travel. That costs a few steps each time some atom has moved
 * half the skin, which near a minimum none does. What is kept is the mean curvature. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "md/descent.h"

enum { MEMORY = 10 }; /* steps */

static const double first_softness = 0.02; /* A^2/eV: inverse of a typical curvature */
static const double largest_softness = 1;
static const double least_curvature = 1e-8; /* y.s / (|y| |s|) below which a step teaches nothing */

/* One step: row blocks 2k and 2k + 1 of the history are its s and y. */
struct pair {
    double s_cell[9], y_cell[9];
    double inverse; /* 1/(y.s) */
};

struct lbfgs {
    double softness;
    int n_pairs, newest;
    struct pair pair[MEMORY];
    double old_cell[9];
    int64_t n_rebuilds; /* of the lists when the history began */
    size_t n_rows;      /* local atoms since then */
    double (*rows)[3];  /* owned: [2 MEMORY + 1][n_rows]; the last block: the force before a step */
    size_t capacity;
};

static enum vt_code lbfgs_create(void **state, struct vt_error *error)
{
    struct lbfgs *lbfgs;
    const enum vt_code code = vt_alloc(&lbfgs, 1, sizeof *lbfgs, "minimisation", error);
    if (!code)
        *lbfgs = (struct lbfgs){.softness = first_softness, .n_rebuilds = -1};
    *state = lbfgs;
    return code;
}

static void lbfgs_destroy(void *state)
{
    struct lbfgs *lbfgs = state;
    if (!lbfgs)
        return;
    vt_free(lbfgs->rows);
    vt_free(lbfgs);
}

/* Room for the atoms that there are now. */
static enum vt_code take_rows(struct lbfgs *lbfgs, const struct vt_descent *descent,
                              struct vt_error *error)
{
    lbfgs->n_rebuilds = descent->md->n_rebuilds;
    lbfgs->n_rows = (size_t)descent->md->domain->atoms.n_local;
    return vt_reserve(&lbfgs->rows, &lbfgs->capacity, (2 * MEMORY + 1) * lbfgs->n_rows,
                      sizeof *lbfgs->rows, "minimisation", error);
}

/* Numbers of a state, behind those of the descent. The history counts only while its rows do. */
struct memory {
    double softness, n_pairs, newest;
    struct pair pair[MEMORY];
};
static_assert(sizeof(struct memory) <= (VT_MINIMISE_STATE - VT_DESCENT_STATE) * sizeof(double),
              "a state has room");
static_assert(2 * MEMORY <= (int)VT_MINIMISE_BLOCKS_MOST, "and for a block of each s and y");

static void lbfgs_save(const void *state, const struct vt_descent *descent,
                       struct vt_minimise_state *saved)
{
    const struct lbfgs *lbfgs = state;
    const bool counts = lbfgs->n_rebuilds == descent->md->n_rebuilds && lbfgs->n_pairs > 0;
    struct memory memory = {.softness = lbfgs->softness,
                            .n_pairs = counts ? lbfgs->n_pairs : 0,
                            .newest = lbfgs->newest};
    memcpy(memory.pair, lbfgs->pair, sizeof memory.pair);
    memcpy(saved->numbers + VT_DESCENT_STATE, &memory, sizeof memory);
    saved->n_blocks = counts ? 2 * MEMORY : 0;
    saved->rows = lbfgs->rows;
}

static enum vt_code lbfgs_restore(void *state, const struct vt_descent *descent,
                                  const struct vt_minimise_state *saved, struct vt_error *error)
{
    struct lbfgs *lbfgs = state;
    struct memory memory;
    memcpy(&memory, saved->numbers + VT_DESCENT_STATE, sizeof memory);
    lbfgs->softness = memory.softness;
    if (saved->n_blocks == 0)
        return VT_OK;
    if (!(memory.n_pairs >= 0 && memory.n_pairs <= MEMORY && memory.newest >= 0 &&
          memory.newest < MEMORY && saved->n_blocks == 2 * MEMORY))
        return vt_fail(error, VT_INPUT, "the state of the minimisation makes no sense");
    lbfgs->n_pairs = (int)memory.n_pairs;
    lbfgs->newest = (int)memory.newest;
    memcpy(lbfgs->pair, memory.pair, sizeof lbfgs->pair);
    const enum vt_code code = take_rows(lbfgs, descent, error);
    if (!code)
        memcpy(lbfgs->rows, saved->rows, 2 * MEMORY * lbfgs->n_rows * sizeof *lbfgs->rows);
    return code;
}

static double (*block(const struct lbfgs *lbfgs, int index))[3]
{
    return lbfgs->rows + (size_t)index * lbfgs->n_rows;
}

static struct vt_vector s_of(struct lbfgs *lbfgs, int k)
{
    assert(k >= 0);
    return (struct vt_vector){block(lbfgs, 2 * k), lbfgs->pair[k].s_cell};
}

static struct vt_vector y_of(struct lbfgs *lbfgs, int k)
{
    assert(k >= 0);
    return (struct vt_vector){block(lbfgs, 2 * k + 1), lbfgs->pair[k].y_cell};
}

static struct vt_vector old_force(struct lbfgs *lbfgs)
{
    return (struct vt_vector){block(lbfgs, 2 * MEMORY), lbfgs->old_cell};
}

static void copy(const struct lbfgs *lbfgs, struct vt_vector to, struct vt_vector from)
{
    memcpy(to.atom, from.atom, lbfgs->n_rows * sizeof *to.atom);
    memcpy(to.cell, from.cell, 9 * sizeof *to.cell);
}

/* Begin a new history if the rows are others than they were. */
static enum vt_code follow_rows(struct lbfgs *lbfgs, const struct vt_descent *descent,
                                struct vt_error *error)
{
    const struct vt_md *md = descent->md;
    if (lbfgs->n_rebuilds == md->n_rebuilds)
        return VT_OK;
    lbfgs->n_pairs = 0;
    return vt_agree(md->domain->grid.comm, take_rows(lbfgs, descent, error), 0, error);
}

/* Index of the pair that is `age` steps older than the newest. */
static int aged(const struct lbfgs *lbfgs, int age)
{
    assert(age >= 0);
    return (lbfgs->newest - age + MEMORY) % MEMORY;
}

/* direction = (inverse Hessian) x force: the two loops. */
static void set_direction(struct lbfgs *lbfgs, struct vt_descent *descent)
{
    const struct vt_vector direction = vt_descent_direction(descent);
    double weight[MEMORY];
    copy(lbfgs, direction, vt_descent_force(descent));
    for (int age = 0; age < lbfgs->n_pairs; age++) {
        const int k = aged(lbfgs, age);
        weight[k] = lbfgs->pair[k].inverse * vt_descent_dot(descent, s_of(lbfgs, k), direction);
        vt_descent_add(descent, direction, -weight[k], y_of(lbfgs, k));
    }
    vt_descent_scale(descent, direction, lbfgs->softness);
    for (int age = lbfgs->n_pairs - 1; age >= 0; age--) {
        const int k = aged(lbfgs, age);
        const double back =
            lbfgs->pair[k].inverse * vt_descent_dot(descent, y_of(lbfgs, k), direction);
        vt_descent_add(descent, direction, weight[k] - back, s_of(lbfgs, k));
    }
}

/* Take up the step just made, length x direction. Where the energy curves downwards no quadratic
 * model holds: the step is not kept, and the next ones are longer. */
static void learn(struct lbfgs *lbfgs, struct vt_descent *descent, double length)
{
    assert(isfinite(length));
    const int k = (lbfgs->newest + 1) % MEMORY;
    const struct vt_vector s = s_of(lbfgs, k), y = y_of(lbfgs, k);
    if (lbfgs->n_pairs == MEMORY)
        lbfgs->n_pairs--; /* the oldest makes room */
    copy(lbfgs, s, vt_descent_direction(descent));
    vt_descent_scale(descent, s, length);
    copy(lbfgs, y, old_force(lbfgs));
    vt_descent_add(descent, y, -1, vt_descent_force(descent));
    const double ys = vt_descent_dot(descent, y, s), yy = vt_descent_dot(descent, y, y);
    const double ss = vt_descent_dot(descent, s, s);
    if (!(ys > least_curvature * sqrt(yy * ss))) {
        lbfgs->softness = fmin(2 * lbfgs->softness, largest_softness);
        return;
    }
    lbfgs->pair[k].inverse = 1 / ys;
    lbfgs->softness = fmin(ys / yy, largest_softness);
    lbfgs->newest = k;
    lbfgs->n_pairs++;
}

static enum vt_code lbfgs_step(void *state, struct vt_descent *descent, bool *moved,
                               struct vt_error *error)
{
    struct lbfgs *lbfgs = state;
    enum vt_code code = follow_rows(lbfgs, descent, error);
    if (code)
        return code;
    set_direction(lbfgs, descent);
    copy(lbfgs, old_force(lbfgs), vt_descent_force(descent));
    const double length = vt_descent_limit(descent, 1);
    double part, slope;
    code = vt_descent_go(descent, length, &part, &slope, error);
    if (code)
        return code;
    const bool same_rows = lbfgs->n_rebuilds == descent->md->n_rebuilds;
    *moved = part > 0 || lbfgs->n_pairs > 0; /* without a history the way was that of the force */
    if (part <= 0)
        lbfgs->n_pairs = 0;
    else if (same_rows)
        learn(lbfgs, descent, part * length);
    return VT_OK;
}

const struct vt_descent_method vt_lbfgs = {lbfgs_create, lbfgs_destroy, lbfgs_save, lbfgs_restore,
                                           lbfgs_step};
