/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS (Liu and Nocedal, Math. Program. 45, 503 (1989)) on the whole set.
 *
 * When the objective is weighed anew the pairs stay: they tell of a slightly different function,
 * which costs less than starting over; loss and gradient are taken anew. */
#include <assert.h>

#include "base/memory.h"
#include "training/line_search.h"
#include "training/optimiser_method.h"
#include "training/vector.h"

static const double least_curvature =
    1e-10; /* y.s / (|y| |s|) below which a step teaches nothing */

/* Scalars of the state, saved as they are. */
struct counters {
    double n_pairs, newest, is_evaluated;
    struct vt_loss loss; /* numbers only, too */
};
static_assert(sizeof(struct counters) % sizeof(double) == 0, "they are saved as doubles");

struct lbfgs {
    struct counters counters;
    int memory;
    double *s, *y; /* [memory][n], owned */
    double *direction, *trial,
        *slopes; /* [n], owned: the way, its next point, the gradient there */
};

static void lbfgs_destroy(void *state)
{
    struct lbfgs *lbfgs = state;
    vt_free(lbfgs->slopes);
    vt_free(lbfgs->trial);
    vt_free(lbfgs->direction);
    vt_free(lbfgs->y);
    vt_free(lbfgs->s);
    vt_free(lbfgs);
}

static enum vt_code lbfgs_create(struct vt_optimiser *optimiser, struct vt_error *error)
{
    const int memory = optimiser->settings.lbfgs.memory;
    const size_t n = optimiser->n, history = n * (size_t)memory;
    assert(memory >= 1 && memory <= VT_LBFGS_MEMORY);
    struct lbfgs *lbfgs;
    enum vt_code code = vt_alloc(&lbfgs, 1, sizeof *lbfgs, "an optimiser", error);
    if (code)
        return code;
    optimiser->state = lbfgs;
    lbfgs->memory = memory;
    const struct {
        double **pointer;
        size_t n;
    } arrays[] = {{&lbfgs->s, history},
                  {&lbfgs->y, history},
                  {&lbfgs->direction, n},
                  {&lbfgs->trial, n},
                  {&lbfgs->slopes, n}};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays && !code; i++)
        code = vt_alloc(arrays[i].pointer, arrays[i].n, sizeof(double), "the history of L-BFGS",
                        error);
    return code;
}

/* Index of the pair that is `age` steps older than the newest. */
static size_t aged(const struct lbfgs *lbfgs, int age)
{
    return (size_t)(((int)lbfgs->counters.newest - age + lbfgs->memory) % lbfgs->memory);
}

/* direction = -(inverse Hessian) gradient: the two loops. */
static void set_direction(struct vt_optimiser *optimiser)
{
    struct lbfgs *lbfgs = optimiser->state;
    const size_t n = optimiser->n;
    const int n_pairs = (int)lbfgs->counters.n_pairs;
    double weight[VT_LBFGS_MEMORY], *d = lbfgs->direction;
    assert(n_pairs >= 0 && n_pairs <= lbfgs->memory);
    vt_vector_copy(n, d, optimiser->gradient);
    vt_vector_scale(n, -1, d);
    for (int age = 0; age < n_pairs; age++) {
        const double *s = lbfgs->s + aged(lbfgs, age) * n, *y = lbfgs->y + aged(lbfgs, age) * n;
        weight[age] = vt_vector_dot(n, s, d) / vt_vector_dot(n, s, y);
        vt_vector_add(n, -weight[age], y, d);
    }
    if (n_pairs > 0) {
        const double *s = lbfgs->s + aged(lbfgs, 0) * n, *y = lbfgs->y + aged(lbfgs, 0) * n;
        vt_vector_scale(n, vt_vector_dot(n, s, y) / vt_vector_dot(n, y, y), d);
    }
    for (int age = n_pairs - 1; age >= 0; age--) {
        const double *s = lbfgs->s + aged(lbfgs, age) * n, *y = lbfgs->y + aged(lbfgs, age) * n;
        vt_vector_add(n, weight[age] - vt_vector_dot(n, y, d) / vt_vector_dot(n, s, y), s, d);
    }
}

/* Take up the step from the position to the trial point. */
static void learn(struct vt_optimiser *optimiser)
{
    struct lbfgs *lbfgs = optimiser->state;
    const size_t n = optimiser->n;
    const int next = ((int)lbfgs->counters.newest + 1) % lbfgs->memory;
    double *s = lbfgs->s + (size_t)next * n, *y = lbfgs->y + (size_t)next * n;
    assert(next >= 0 && next < lbfgs->memory);
    if ((int)lbfgs->counters.n_pairs == lbfgs->memory)
        lbfgs->counters.n_pairs--; /* the oldest makes room */
    vt_vector_move(n, s, lbfgs->trial, -1, optimiser->position);
    vt_vector_move(n, y, lbfgs->slopes, -1, optimiser->gradient);
    if (vt_vector_dot(n, s, y) > least_curvature * vt_vector_norm(n, s) * vt_vector_norm(n, y)) {
        lbfgs->counters.newest = next;
        lbfgs->counters.n_pairs++;
    }
}

/* Walk along the direction; *found: the trial point is lower, and fulfils the conditions or is the
 * best that the evaluations allowed. */
static enum vt_code search(struct vt_optimiser *optimiser, double slope, struct vt_loss *loss,
                           bool *found, struct vt_error *error)
{
    struct lbfgs *lbfgs = optimiser->state;
    const size_t n = optimiser->n;
    const double first =
        lbfgs->counters.n_pairs > 0 ? 1 : fmin(1, 1 / vt_vector_norm(n, lbfgs->direction));
    struct vt_line_search line;
    assert(slope < 0 && isfinite(loss->total));
    vt_line_search_start(&line, loss->total, slope, first);
    for (int64_t i = 0; i < optimiser->settings.lbfgs.evaluations; i++) {
        vt_vector_move(n, lbfgs->trial, optimiser->position, line.length, lbfgs->direction);
        const enum vt_code code = vt_optimiser_evaluate(
            optimiser, lbfgs->trial, &(struct vt_batch){0}, loss, lbfgs->slopes, error);
        if (code)
            return code;
        *found = vt_line_search_take(&line, loss->total,
                                     vt_vector_dot(n, lbfgs->slopes, lbfgs->direction));
        if (*found)
            return VT_OK;
    }
    if (line.low.length <= 0)
        return VT_OK;
    *found = true;
    vt_vector_move(n, lbfgs->trial, optimiser->position, line.low.length, lbfgs->direction);
    return vt_optimiser_evaluate(optimiser, lbfgs->trial, &(struct vt_batch){0}, loss,
                                 lbfgs->slopes, error);
}

static enum vt_code evaluate_here(struct vt_optimiser *optimiser, struct vt_error *error)
{
    struct lbfgs *lbfgs = optimiser->state;
    struct vt_loss loss;
    if (lbfgs->counters.is_evaluated > 0 && optimiser->counts.is_reweighed <= 0)
        return VT_OK;
    const enum vt_code code = vt_optimiser_evaluate(
        optimiser, optimiser->position, &(struct vt_batch){0}, &loss, optimiser->gradient, error);
    if (code)
        return code;
    if (!isfinite(loss.total) || !isfinite(vt_vector_norm(optimiser->n, optimiser->gradient)))
        return vt_optimiser_diverged(optimiser, error);
    lbfgs->counters.loss = loss;
    lbfgs->counters.is_evaluated = 1;
    return VT_OK;
}

/* A way that does not go down is given up for the gradient's, once. */
static enum vt_code lbfgs_step(struct vt_optimiser *optimiser, struct vt_loss *loss,
                               struct vt_error *error)
{
    struct lbfgs *lbfgs = optimiser->state;
    const size_t n = optimiser->n;
    enum vt_code code = evaluate_here(optimiser, error);
    bool found = false;
    for (int try = 0; try < 2 && !code && !found; try++) {
        *loss = lbfgs->counters.loss;
        set_direction(optimiser);
        const double slope = vt_vector_dot(n, lbfgs->direction, optimiser->gradient);
        if (slope < 0)
            code = search(optimiser, slope, loss, &found, error);
        if (!found && (int)lbfgs->counters.n_pairs == 0)
            break;
        if (!found)
            lbfgs->counters.n_pairs = 0;
    }
    if (code)
        return code;
    optimiser->counts.is_stuck = !found;
    if (!found) {
        *loss = lbfgs->counters.loss;
        return VT_OK;
    }
    learn(optimiser);
    vt_vector_copy(n, optimiser->position, lbfgs->trial);
    vt_vector_copy(n, optimiser->gradient, lbfgs->slopes);
    lbfgs->counters.loss = *loss;
    return VT_OK;
}

static size_t lbfgs_blocks(struct vt_optimiser *optimiser, struct vt_optimiser_block *block)
{
    struct lbfgs *lbfgs = optimiser->state;
    const size_t history = optimiser->n * (size_t)lbfgs->memory;
    block[0] = (struct vt_optimiser_block){"counters", (double *)&lbfgs->counters,
                                           sizeof lbfgs->counters / sizeof(double)};
    block[1] = (struct vt_optimiser_block){"s", lbfgs->s, history};
    block[2] = (struct vt_optimiser_block){"y", lbfgs->y, history};
    block[3] = (struct vt_optimiser_block){"gradient", optimiser->gradient, optimiser->n};
    return 4;
}

const struct vt_optimiser_method vt_method_lbfgs = {"lbfgs",    lbfgs_create, lbfgs_destroy,
                                                    lbfgs_step, NULL,         lbfgs_blocks};
