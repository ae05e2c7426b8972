/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Damped Gauss-Newton steps: (G + mu) p = -gradient, solved by conjugate gradients that ask only
 * for products G v (Martens, ICML 2010), with the damping mu after Nielsen (IMM-REP-1999-05).
 *
 * The last solution, shortened, is where the next inner solution starts. The preconditioner is the
 * diagonal of G, estimated from one random product a step (Hutchinson): sqrt of the mean of
 * (z_i (G z)_i)^2, which overestimates weak parameters, so it is taken to a power below one.
 *
 * Each residual is made orthogonal to all before it. Rounding makes conjugate gradients forget
 * that they are, and then takes detours that differ from one order of sums to another: with it
 * fewer products are wasted, and any number of ranks goes the same way.
 *
 * The drawback: a step costs as much as `products` gradients; it pays where the landscape is a
 * narrow valley, which full sets of few frames are. */
#include <assert.h>

#include "base/memory.h"
#include "base/random.h"
#include "training/batches.h"
#include "training/optimiser_method.h"
#include "training/streams.h"
#include "training/vector.h"

static const double diagonal_decay = 0.9;
static const double power = 0.75;       /* of the preconditioner */
static const double momentum = 0.9;     /* of the last solution */
static const double least_ratio = 1e-3; /* of the decrease promised: less is refused */
static const double largest_damping = 1e12;
enum { REFUSED_MOST = 10, HALVINGS = 4 };

struct counters {
    double damping;   /* mu, in the units of the curvature; 0: not yet known */
    double growth;    /* of the damping at the next refusal */
    double n_refused; /* one after the other */
    double n_probes, is_evaluated;
    struct vt_loss loss; /* numbers only, too */
};
static_assert(sizeof(struct counters) % sizeof(double) == 0, "they are saved as doubles");

struct newton {
    struct counters counters;
    struct vt_batches batches;   /* of the curvature, where not all frames are taken */
    double *solution, *diagonal; /* [n], owned; saved */
    double *residual, *direction, *product, *scaled, *trial, *slopes; /* [n], owned */
    double *inverse; /* [n], owned: of the preconditioner */
    double *basis;   /* [products + 1][n], owned: residuals of the inner iterations */
    double *lengths; /* [products + 1], owned: their squares, preconditioned */
    double *history; /* [products + 1], owned: the inner problem's value */
};

static void newton_destroy(void *state)
{
    struct newton *newton = state;
    vt_batches_destroy(&newton->batches);
    double *const arrays[] = {newton->solution,  newton->diagonal, newton->residual,
                              newton->direction, newton->product,  newton->scaled,
                              newton->trial,     newton->slopes,   newton->inverse,
                              newton->basis,     newton->lengths,  newton->history};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        vt_free(arrays[i]);
    vt_free(newton);
}

static enum vt_code newton_create(struct vt_optimiser *optimiser, struct vt_error *error)
{
    const struct vt_newton_settings *settings = &optimiser->settings.newton;
    const size_t n = optimiser->n;
    assert(settings->damping > 0 && settings->products >= 1 && settings->tolerance > 0);
    struct newton *newton;
    enum vt_code code = vt_alloc(&newton, 1, sizeof *newton, "an optimiser", error);
    if (code)
        return code;
    optimiser->state = newton;
    newton->counters.growth = 2;
    const size_t rows = (size_t)settings->products + 1;
    const struct {
        double **pointer;
        size_t n;
    } arrays[] = {{&newton->solution, n},     {&newton->diagonal, n},   {&newton->residual, n},
                  {&newton->direction, n},    {&newton->product, n},    {&newton->scaled, n},
                  {&newton->trial, n},        {&newton->slopes, n},     {&newton->inverse, n},
                  {&newton->basis, rows * n}, {&newton->lengths, rows}, {&newton->history, rows}};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays && !code; i++)
        code =
            vt_alloc(arrays[i].pointer, arrays[i].n, sizeof(double), "the inner solution", error);
    if (!code && settings->curvature_batch > 0)
        code = vt_batches_create(&newton->batches, optimiser->objective->n_frames,
                                 settings->curvature_batch, optimiser->settings.seed, error);
    return code;
}

static struct vt_batch curvature_batch(struct vt_optimiser *optimiser)
{
    struct newton *newton = optimiser->state;
    return optimiser->settings.newton.curvature_batch > 0
               ? vt_batches_take(&newton->batches, (int64_t)optimiser->counts.steps)
               : (struct vt_batch){0};
}

static enum vt_code evaluate_here(struct vt_optimiser *optimiser, struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    struct vt_loss loss;
    if (newton->counters.is_evaluated > 0 && optimiser->counts.is_reweighed <= 0)
        return VT_OK;
    const enum vt_code code = vt_optimiser_evaluate(
        optimiser, optimiser->position, &(struct vt_batch){0}, &loss, optimiser->gradient, error);
    if (code)
        return code;
    if (!isfinite(loss.total) || !isfinite(vt_vector_norm(optimiser->n, optimiser->gradient)))
        return vt_optimiser_diverged(optimiser, error);
    newton->counters.loss = loss;
    newton->counters.is_evaluated = 1;
    return VT_OK;
}

/* One probe of the diagonal; it sets the scale of the damping when it is the first. */
static enum vt_code probe(struct vt_optimiser *optimiser, const struct vt_batch *batch,
                          struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    const size_t n = optimiser->n;
    const struct vt_random random = {optimiser->settings.seed, VT_STREAM_PROBES};
    double *z = newton->direction, trace = 0;
    for (size_t i = 0; i < n; i++) {
        double u;
        vt_random_uniform(random, (struct vt_random_point){(uint64_t)optimiser->counts.steps, i, 0},
                          1, &u);
        z[i] = u < 0.5 ? -1 : 1;
    }
    const enum vt_code code = vt_optimiser_curvature(optimiser, batch, z, newton->product, error);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++) {
        const double sample = z[i] * newton->product[i];
        newton->diagonal[i] =
            diagonal_decay * newton->diagonal[i] + (1 - diagonal_decay) * sample * sample;
        trace += sample;
    }
    newton->counters.n_probes++;
    if (newton->counters.damping <= 0)
        newton->counters.damping =
            optimiser->settings.newton.damping * fmax(trace / (double)n, 1e-12);
    return VT_OK;
}

/* The inverse of the preconditioner, for the damping at hand. */
static void set_preconditioner(const struct vt_optimiser *optimiser)
{
    struct newton *newton = optimiser->state;
    const double unbiased = 1 - pow(diagonal_decay, newton->counters.n_probes);
    for (size_t i = 0; i < optimiser->n; i++) {
        const double diagonal = sqrt(newton->diagonal[i] / unbiased) + newton->counters.damping;
        newton->inverse[i] = pow(diagonal, -power);
    }
}

/* scaled = (inverse preconditioner) residual; its product with the residual. */
static double precondition(const struct vt_optimiser *optimiser)
{
    struct newton *newton = optimiser->state;
    for (size_t i = 0; i < optimiser->n; i++)
        newton->scaled[i] = newton->inverse[i] * newton->residual[i];
    return vt_vector_dot(optimiser->n, newton->residual, newton->scaled);
}

/* The residual of iteration i, orthogonal to those before it, and scaled; its squared length. */
static double keep_residual(const struct vt_optimiser *optimiser, size_t i)
{
    struct newton *newton = optimiser->state;
    const size_t n = optimiser->n;
    assert((int64_t)i <= optimiser->settings.newton.products);
    for (int pass = 0; pass < 2; pass++) /* once is not enough where much is taken off */
        for (size_t j = 0; j < i; j++) {
            const double *before = newton->basis + j * n;
            double along = 0;
            for (size_t k = 0; k < n; k++)
                along += before[k] * newton->inverse[k] * newton->residual[k];
            vt_vector_add(n, -along / newton->lengths[j], before, newton->residual);
        }
    vt_vector_copy(n, newton->basis + i * n, newton->residual);
    newton->lengths[i] = precondition(optimiser);
    return newton->lengths[i];
}

/* product = (G + mu) v */
static enum vt_code multiply(struct vt_optimiser *optimiser, const struct vt_batch *batch,
                             const double *v, struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    const enum vt_code code = vt_optimiser_curvature(optimiser, batch, v, newton->product, error);
    if (!code)
        vt_vector_add(optimiser->n, newton->counters.damping, v, newton->product);
    return code;
}

/* The inner problem, phi(p) = p.(G + mu) p / 2 + gradient.p, makes no progress any more. */
static bool is_solved(const struct newton *newton, int64_t i, double tolerance)
{
    const int64_t span = i / 10 > 10 ? i / 10 : 10;
    const double *phi = newton->history;
    return i > span && phi[i] < 0 && phi[i - span] - phi[i] < -phi[i] * tolerance * (double)span;
}

/* Start from the last solution. */
static enum vt_code begin_solution(struct vt_optimiser *optimiser, const struct vt_batch *batch,
                                   struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    const size_t n = optimiser->n;
    vt_vector_scale(n, momentum, newton->solution);
    const enum vt_code code = multiply(optimiser, batch, newton->solution, error);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++)
        newton->residual[i] = -optimiser->gradient[i] - newton->product[i];
    set_preconditioner(optimiser);
    keep_residual(optimiser, 0);
    vt_vector_copy(n, newton->direction, newton->scaled);
    return VT_OK;
}

static double inner_value(const struct vt_optimiser *optimiser)
{
    const struct newton *newton = optimiser->state;
    const size_t n = optimiser->n;
    return -0.5 * (vt_vector_dot(n, newton->solution, newton->residual) -
                   vt_vector_dot(n, newton->solution, optimiser->gradient));
}

/* solution = p; *phi: what the inner problem is worth there. */
static enum vt_code solve(struct vt_optimiser *optimiser, const struct vt_batch *batch, double *phi,
                          struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    const struct vt_newton_settings *settings = &optimiser->settings.newton;
    const size_t n = optimiser->n;
    enum vt_code code = begin_solution(optimiser, batch, error);
    double rz = newton->lengths[0];
    *phi = newton->history[0] = inner_value(optimiser);
    for (int64_t i = 1; i <= settings->products && !code && rz > 0; i++) {
        code = multiply(optimiser, batch, newton->direction, error);
        const double curvature = vt_vector_dot(n, newton->direction, newton->product);
        if (code || !(curvature > 0))
            break;
        vt_vector_add(n, rz / curvature, newton->direction, newton->solution);
        vt_vector_add(n, -rz / curvature, newton->product, newton->residual);
        *phi = newton->history[i] = inner_value(optimiser);
        if (is_solved(newton, i, settings->tolerance))
            break;
        const double next = keep_residual(optimiser, (size_t)i);
        vt_vector_move(n, newton->direction, newton->scaled, next / rz, newton->direction);
        rz = next;
    }
    return code;
}

static void accept(struct vt_optimiser *optimiser, const struct vt_loss *loss)
{
    struct newton *newton = optimiser->state;
    vt_vector_copy(optimiser->n, optimiser->position, newton->trial);
    vt_vector_copy(optimiser->n, optimiser->gradient, newton->slopes);
    newton->counters.loss = *loss;
    newton->counters.n_refused = 0;
}

static void refuse(struct vt_optimiser *optimiser)
{
    struct newton *newton = optimiser->state;
    memset(newton->solution, 0, optimiser->n * sizeof *newton->solution);
    newton->counters.n_refused++;
    optimiser->counts.is_stuck =
        newton->counters.n_refused >= REFUSED_MOST || newton->counters.damping > largest_damping;
}

/* Go along the solution, half as far each time, until the loss is smaller. *ratio: of its decrease
 * at full length to what was promised. */
static enum vt_code go(struct vt_optimiser *optimiser, double promised, double *ratio, bool *moved,
                       struct vt_loss *loss, struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    const double start = newton->counters.loss.total;
    double length = 1;
    assert(promised > 0 && isfinite(start));
    *moved = false;
    for (int i = 0; i <= HALVINGS && !*moved; i++, length *= 0.5) {
        vt_vector_move(optimiser->n, newton->trial, optimiser->position, length, newton->solution);
        const enum vt_code code = vt_optimiser_evaluate(
            optimiser, newton->trial, &(struct vt_batch){0}, loss, newton->slopes, error);
        if (code)
            return code;
        const double decrease = isfinite(loss->total) ? start - loss->total : -INFINITY;
        if (i == 0)
            *ratio = decrease / promised;
        *moved = decrease > least_ratio * length * promised;
    }
    return VT_OK;
}

static void set_damping(struct counters *counters, double ratio)
{
    assert(counters->damping > 0 && counters->growth >= 2);
    if (ratio > least_ratio) {
        const double x = 2 * ratio - 1;
        counters->damping *= fmax(1.0 / 3, 1 - x * x * x);
        counters->growth = 2;
    } else {
        counters->damping *= counters->growth;
        counters->growth *= 2;
    }
}

static enum vt_code newton_step(struct vt_optimiser *optimiser, struct vt_loss *loss,
                                struct vt_error *error)
{
    struct newton *newton = optimiser->state;
    const struct vt_batch batch = curvature_batch(optimiser);
    double phi = 0, ratio = 0;
    bool moved = false;
    enum vt_code code = evaluate_here(optimiser, error);
    if (!code)
        code = probe(optimiser, &batch, error);
    if (!code)
        code = solve(optimiser, &batch, &phi, error);
    if (code)
        return code;
    const double promised =
        -phi + 0.5 * newton->counters.damping *
                   vt_vector_dot(optimiser->n, newton->solution, newton->solution);
    if (promised > 0)
        code = go(optimiser, promised, &ratio, &moved, loss, error);
    if (code)
        return code;
    set_damping(&newton->counters, ratio);
    if (moved)
        accept(optimiser, loss);
    else
        refuse(optimiser);
    *loss = newton->counters.loss;
    return VT_OK;
}

static size_t newton_blocks(struct vt_optimiser *optimiser, struct vt_optimiser_block *block)
{
    struct newton *newton = optimiser->state;
    block[0] = (struct vt_optimiser_block){"counters", (double *)&newton->counters,
                                           sizeof newton->counters / sizeof(double)};
    block[1] = (struct vt_optimiser_block){"solution", newton->solution, optimiser->n};
    block[2] = (struct vt_optimiser_block){"diagonal", newton->diagonal, optimiser->n};
    block[3] = (struct vt_optimiser_block){"gradient", optimiser->gradient, optimiser->n};
    return 4;
}

const struct vt_optimiser_method vt_method_newton = {"newton",    newton_create, newton_destroy,
                                                     newton_step, NULL,          newton_blocks};
