/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objectives whose answers are known: each frame has one residual, the loss is their mean square.
 */
#ifndef OPTIMISER_PROBLEMS_H
#define OPTIMISER_PROBLEMS_H

#include "training/objective.h"

enum { PROBLEM_PARAMETERS = 64, PROBLEM_FRAMES = 64 };

struct problem {
    struct vt_objective objective;
    size_t n, m; /* parameters, frames */
    /* Residual of a frame and its derivatives. */
    double (*residual)(const struct problem *problem, const double *x, size_t frame, double *slope);
    double a[PROBLEM_FRAMES][PROBLEM_PARAMETERS], b[PROBLEM_FRAMES];
    double solution[PROBLEM_PARAMETERS];
    double weight; /* lambda of the energy, as weigh sets it */
    int calls;
};

/* Residuals a.x - b with random a, whose columns have lengths from 1 to `spread`, and b made of a
 * random solution and normal noise of that width. */
void problem_linear(struct problem *problem, size_t n, size_t m, double spread, double noise);

/* The chain of Rosenbrock's valleys, n parameters; minimum 0 at (1, ..., 1). */
void problem_rosenbrock(struct problem *problem, size_t n);

/* One layer of `neurons` tanh through 40 points of sin(3 x). */
void problem_network(struct problem *problem, size_t neurons);
void problem_network_start(const struct problem *problem, double *start);

/* Loss at x, on all frames; length of its gradient. */
double problem_loss(struct problem *problem, const double *x);
double problem_slope(struct problem *problem, const double *x);

#endif
