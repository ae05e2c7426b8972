/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimiser_problems.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "common/dice.h"

static size_t frame_of(const struct problem *problem, const struct vt_batch *batch, size_t i)
{
    const size_t frame = batch->n > 0 ? batch->frame[i] : i;
    assert(frame < problem->m);
    return frame;
}

static enum vt_code evaluate(void *content, const double *x, const struct vt_batch *batch,
                             struct vt_loss *loss, double *gradient, struct vt_error *error)
{
    struct problem *problem = content;
    const size_t n = batch->n > 0 ? batch->n : problem->m;
    double slope[PROBLEM_PARAMETERS], sum = 0, shift = 0;
    (void)error;
    problem->calls++;
    if (gradient)
        memset(gradient, 0, problem->n * sizeof *gradient);
    for (size_t i = 0; i < n; i++) {
        const double r = problem->residual(problem, x, frame_of(problem, batch, i), slope);
        sum += r * r;
        shift += r;
        for (size_t j = 0; gradient && j < problem->n; j++)
            gradient[j] += 2 * problem->weight * r * slope[j] / (double)n;
    }
    *loss = (struct vt_loss){.total = problem->weight * sum / (double)n};
    loss->mean_square[VT_LOSS_ENERGY] = sum / (double)n;
    loss->rmse[VT_LOSS_ENERGY] = sqrt(sum / (double)n);
    loss->count[VT_LOSS_ENERGY] = (double)n;
    loss->energy_shift = shift / (double)n;
    return VT_OK;
}

static enum vt_code curvature(void *content, const double *x, const struct vt_batch *batch,
                              const double *direction, double *product, struct vt_error *error)
{
    struct problem *problem = content;
    const size_t n = batch->n > 0 ? batch->n : problem->m;
    double slope[PROBLEM_PARAMETERS];
    (void)error;
    memset(product, 0, problem->n * sizeof *product);
    for (size_t i = 0; i < n; i++) {
        double along = 0;
        problem->residual(problem, x, frame_of(problem, batch, i), slope);
        for (size_t j = 0; j < problem->n; j++)
            along += slope[j] * direction[j];
        for (size_t j = 0; j < problem->n; j++)
            product[j] += 2 * problem->weight * slope[j] * along / (double)n;
    }
    return VT_OK;
}

static void weigh(void *content, const double lambda[VT_LOSS_KINDS])
{
    struct problem *problem = content;
    problem->weight = lambda[VT_LOSS_ENERGY];
}

static void finish(struct problem *problem, size_t n, size_t m)
{
    assert(n <= PROBLEM_PARAMETERS && m <= PROBLEM_FRAMES);
    problem->n = n;
    problem->m = m;
    problem->weight = 1;
    problem->objective = (struct vt_objective){problem, n, m, evaluate, curvature, weigh};
}

/* ---- linear ---- */

static double normal(struct dice *dice)
{
    const double u = dice_real(dice, 1e-12, 1), v = dice_real(dice, 0, 6.283185307179586);
    return sqrt(-2 * log(u)) * cos(v);
}

static double linear(const struct problem *problem, const double *x, size_t frame, double *slope)
{
    double sum = -problem->b[frame];
    for (size_t j = 0; j < problem->n; j++) {
        slope[j] = problem->a[frame][j];
        sum += slope[j] * x[j];
    }
    return sum;
}

/* The normal equations, by elimination. */
static void solve(struct problem *problem)
{
    const size_t n = problem->n;
    static double g[PROBLEM_PARAMETERS][PROBLEM_PARAMETERS + 1];
    memset(g, 0, sizeof g);
    for (size_t f = 0; f < problem->m; f++)
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++)
                g[i][j] += problem->a[f][i] * problem->a[f][j];
            g[i][n] += problem->a[f][i] * problem->b[f];
        }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            const double factor = k == i ? 0 : g[k][i] / g[i][i];
            for (size_t j = i; j <= n; j++)
                g[k][j] -= factor * g[i][j];
        }
    for (size_t i = 0; i < n; i++)
        problem->solution[i] = g[i][n] / g[i][i];
}

void problem_linear(struct problem *problem, size_t n, size_t m, double spread, double noise)
{
    struct dice dice = {7};
    double truth[PROBLEM_PARAMETERS];
    memset(problem, 0, sizeof *problem);
    problem->residual = linear;
    finish(problem, n, m);
    for (size_t j = 0; j < n; j++)
        truth[j] = dice_real(&dice, -1, 1);
    for (size_t f = 0; f < m; f++) {
        problem->b[f] = noise * normal(&dice);
        for (size_t j = 0; j < n; j++) {
            problem->a[f][j] = normal(&dice) * pow(spread, (double)j / (double)n);
            problem->b[f] += problem->a[f][j] * truth[j];
        }
    }
    solve(problem);
}

/* ---- Rosenbrock ---- */

static double valley(const struct problem *problem, const double *x, size_t frame, double *slope)
{
    const size_t i = frame / 2;
    memset(slope, 0, problem->n * sizeof *slope);
    if (frame % 2 == 0) {
        slope[i] = -1;
        return 1 - x[i];
    }
    slope[i] = -20 * x[i];
    slope[i + 1] = 10;
    return 10 * (x[i + 1] - x[i] * x[i]);
}

void problem_rosenbrock(struct problem *problem, size_t n)
{
    memset(problem, 0, sizeof *problem);
    problem->residual = valley;
    finish(problem, n, 2 * (n - 1));
    for (size_t i = 0; i < n; i++)
        problem->solution[i] = 1;
}

/* ---- network ---- */

static double network(const struct problem *problem, const double *x, size_t frame, double *slope)
{
    const size_t h = problem->n / 3;
    const double t = problem->b[frame];
    double sum = -sin(3 * t);
    for (size_t k = 0; k < h; k++) {
        const double w = x[3 * k], bias = x[3 * k + 1], out = x[3 * k + 2];
        const double z = tanh(w * t + bias);
        sum += out * z;
        slope[3 * k] = out * (1 - z * z) * t;
        slope[3 * k + 1] = out * (1 - z * z);
        slope[3 * k + 2] = z;
    }
    return sum;
}

void problem_network(struct problem *problem, size_t neurons)
{
    memset(problem, 0, sizeof *problem);
    problem->residual = network;
    finish(problem, 3 * neurons, 40);
    for (size_t f = 0; f < 40; f++)
        problem->b[f] = -1 + 2 * (double)f / 39;
}

void problem_network_start(const struct problem *problem, double *start)
{
    struct dice dice = {3};
    for (size_t i = 0; i < problem->n; i++)
        start[i] = dice_real(&dice, -1, 1);
}

double problem_loss(struct problem *problem, const double *x)
{
    struct vt_loss loss;
    evaluate(problem, x, &(struct vt_batch){0}, &loss, NULL, NULL);
    return loss.total;
}

double problem_slope(struct problem *problem, const double *x)
{
    struct vt_loss loss;
    double gradient[PROBLEM_PARAMETERS], sum = 0;
    evaluate(problem, x, &(struct vt_batch){0}, &loss, gradient, NULL);
    for (size_t i = 0; i < problem->n; i++)
        sum += gradient[i] * gradient[i];
    return sqrt(sum);
}
