/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optimisers on problems with known answers, and the promise that a saved state goes on bit for
 * bit. */
#include "training/optimiser.h"

#include <string.h>

#include "balance.h"
#include "base/random.h"
#include "common/dice.h"
#include "common/near.h"
#include "optimiser_problems.h"
#include "training/batches.h"
#include "training/gpumd_loss.h"
#include "training/line_search.h"
#include "training/rotations.h"
#include "training/streams.h"

static struct problem problem;

static struct vt_optimiser *create(const struct vt_optimiser_settings *settings,
                                   const double *start)
{
    struct vt_optimiser *optimiser = NULL;
    struct vt_error error;
    assert_int_equal(vt_optimiser_create(&optimiser, &problem.objective, settings, start, &error),
                     VT_OK);
    return optimiser;
}

/* Steps until it is stuck or the loss is below `goal`; returns how many. */
static int descend(struct vt_optimiser *optimiser, int most, double goal)
{
    struct vt_loss loss;
    struct vt_error error;
    double last = INFINITY;
    for (int i = 1; i <= most; i++) {
        assert_int_equal(vt_optimiser_step(optimiser, &loss, &error), VT_OK);
        assert_true(loss.total <= last);
        assert_near(loss.total, problem_loss(&problem, vt_optimiser_position(optimiser)), 0);
        last = loss.total;
        if (loss.total < goal || vt_optimiser_is_stuck(optimiser))
            return i;
    }
    return most + 1;
}

/* ---- batches ---- */

static void test_batches(void **state)
{
    (void)state;
    struct vt_batches batches = {0}, other = {0};
    size_t seen[3][17] = {{0}}, first[17];
    assert_int_equal(vt_batches_create(&batches, 17, 5, 1, NULL), VT_OK);
    assert_int_equal(vt_batches_create(&other, 17, 5, 2, NULL), VT_OK);
    assert_int_equal(batches.per_epoch, 4);
    for (int64_t step = 0; step < 12; step++) {
        const struct vt_batch batch = vt_batches_take(&batches, step);
        assert_true(batch.n == 4 || batch.n == 5);
        for (size_t i = 0; i < batch.n; i++)
            seen[step / 4][batch.frame[i]]++;
    }
    for (int epoch = 0; epoch < 3; epoch++)
        for (size_t i = 0; i < 17; i++)
            assert_int_equal(seen[epoch][i], 1);
    vt_batches_take(&batches, 9);
    memcpy(first, batches.order, sizeof first);
    vt_batches_take(&batches, 3);
    assert_memory_not_equal(first, batches.order, sizeof first); /* another epoch, another order */
    vt_batches_take(&batches, 8);
    assert_memory_equal(first, batches.order, sizeof first); /* whatever was asked for before */
    vt_batches_take(&other, 8);
    assert_memory_not_equal(first, other.order, sizeof first);
    vt_batches_destroy(&batches);
    vt_batches_destroy(&other);
}

/* ---- line search ---- */

/* The first of the functions of More and Thuente (ACM TOMS 20, 286 (1994)), and a wall. */
static double bowl(double t, double *slope)
{
    *slope = -1 / (t * t + 2) + 2 * t * t / ((t * t + 2) * (t * t + 2));
    return -t / (t * t + 2);
}

static double wall(double t, double *slope)
{
    *slope = t < 2 ? -1 + 1 / (2 - t) : (double)NAN;
    return t < 2 ? -t - log(2 - t) : (double)NAN;
}

static void test_line_search(void **state)
{
    (void)state;
    double (*const functions[])(double, double *) = {bowl, wall};
    for (int f = 0; f < 2; f++)
        for (double first = 1e-3; first < 2e3; first *= 10) {
            struct vt_line_search search;
            double slope0, slope, value;
            const double value0 = functions[f](0, &slope0);
            int tries = 0;
            vt_line_search_start(&search, value0, slope0, first);
            do {
                assert_true(++tries <= 20);
                value = functions[f](search.length, &slope);
            } while (!vt_line_search_take(&search, value, slope));
            value = functions[f](search.length, &slope);
            assert_true(value <= value0 + 1e-4 * search.length * slope0);
            assert_true(fabs(slope) <= 0.9 * fabs(slope0));
        }
}

/* ---- adam ---- */

/* Before the decay, the first step moves each parameter by the rate, against its gradient. */
static void test_adam_first_step(void **state)
{
    (void)state;
    problem_linear(&problem, 8, 40, 10, 0.1);
    struct vt_optimiser_settings settings = vt_optimiser_defaults(VT_OPTIMISER_ADAM, 40);
    settings.adam.batch = 40;
    settings.adam.warm_up = 0;
    const double start[8] = {0};
    double slope[PROBLEM_PARAMETERS];
    struct vt_loss loss;
    problem.objective.evaluate(&problem, start, &(struct vt_batch){0}, &loss, slope, NULL);
    struct vt_optimiser *optimiser = create(&settings, start);
    assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
    for (int i = 0; i < 8; i++)
        assert_near(vt_optimiser_position(optimiser)[i], -copysign(settings.adam.rate, slope[i]),
                    1e-6 * settings.adam.rate);
    vt_optimiser_destroy(optimiser);
}

static double distance(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

static double adam_distance(double average, double last_rate, double clip, const double *goal)
{
    struct vt_optimiser_settings settings = vt_optimiser_defaults(VT_OPTIMISER_ADAM, problem.m);
    const double start[PROBLEM_PARAMETERS] = {0};
    struct vt_loss loss;
    settings.adam.rate = 0.02;
    settings.adam.last_rate = last_rate;
    settings.adam.n_steps = 4000;
    settings.adam.average_decay = average;
    settings.adam.clip = clip;
    struct vt_optimiser *optimiser = create(&settings, start);
    for (int i = 0; i < 4000; i++)
        assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
    assert_near(vt_optimiser_passes(optimiser), 4000.0 / (double)problem.m, 1e-9);
    const double far = distance(vt_optimiser_model(optimiser), goal, problem.n);
    vt_optimiser_destroy(optimiser);
    return far;
}

/* Noisy mini-batches of one frame: at a constant rate the position trembles about the solution, the
 * averaged model far less; the decay of the rate brings it there. */
static void test_adam_noise(void **state)
{
    (void)state;
    problem_linear(&problem, 6, 60, 2, 0.5);
    const double trembling = adam_distance(0, 0.02, 0, problem.solution);
    const double averaged = adam_distance(0.995, 0.02, 0, problem.solution);
    const double decayed = adam_distance(0.995, 1e-5, 0, problem.solution);
    assert_true(trembling > 0.02);
    assert_true(averaged < 0.5 * trembling);
    assert_true(decayed < 0.02);
}

/* One frame with a residual far out: where gradients are clipped it pulls less. */
static void test_adam_clip(void **state)
{
    (void)state;
    problem_linear(&problem, 6, 60, 2, 0.01);
    double clean[PROBLEM_PARAMETERS];
    memcpy(clean, problem.solution, sizeof clean);
    problem.b[13] += 100;
    assert_true(adam_distance(0.995, 1e-5, 2, clean) < 0.7 * adam_distance(0.995, 1e-5, 0, clean));
}

/* ---- lbfgs and newton ---- */

static void test_quadratic(void **state)
{
    (void)state;
    const enum vt_optimiser_kind kinds[] = {VT_OPTIMISER_LBFGS, VT_OPTIMISER_NEWTON};
    const int most[] = {60, 25};
    for (int k = 0; k < 2; k++) {
        problem_linear(&problem, 20, 60, 10, 0.1);
        struct vt_optimiser_settings settings = vt_optimiser_defaults(kinds[k], 60);
        const double start[20] = {0};
        settings.newton.tolerance = 1e-10;
        settings.newton.damping = 1e-3;
        struct vt_optimiser *optimiser = create(&settings, start);
        descend(optimiser, most[k], 0);
        assert_all_near(vt_optimiser_model(optimiser), problem.solution, 20, 1e-6);
        vt_optimiser_destroy(optimiser);
    }
}

static void test_rosenbrock(void **state)
{
    (void)state;
    const enum vt_optimiser_kind kinds[] = {VT_OPTIMISER_LBFGS, VT_OPTIMISER_NEWTON};
    const int most[] = {90, 45};
    for (int k = 0; k < 2; k++) {
        problem_rosenbrock(&problem, 10);
        struct vt_optimiser_settings settings = vt_optimiser_defaults(kinds[k], problem.m);
        double start[10];
        for (int i = 0; i < 10; i++)
            start[i] = i % 2 ? 1 : -1.2;
        settings.newton.damping = 1e-2;
        struct vt_optimiser *optimiser = create(&settings, start);
        assert_true(descend(optimiser, most[k], 1e-20) <= most[k]);
        assert_all_near(vt_optimiser_model(optimiser), problem.solution, 10, 1e-8);
        vt_optimiser_destroy(optimiser);
    }
}

/* A minimum is recognised, and the position stays. */
static void test_stuck(void **state)
{
    (void)state;
    const enum vt_optimiser_kind kinds[] = {VT_OPTIMISER_LBFGS, VT_OPTIMISER_NEWTON};
    for (int k = 0; k < 2; k++) {
        problem_linear(&problem, 5, 20, 2, 0.1);
        struct vt_optimiser_settings settings = vt_optimiser_defaults(kinds[k], 20);
        struct vt_optimiser *optimiser = create(&settings, problem.solution);
        const int steps = descend(optimiser, 60, 0);
        assert_true(vt_optimiser_is_stuck(optimiser) && steps <= 60);
        assert_all_near(vt_optimiser_model(optimiser), problem.solution, 5, 1e-9);
        vt_optimiser_destroy(optimiser);
    }
}

/* ---- soap ---- */

enum { WIDE = 8 }; /* columns and rows of a matrix in all parameters */

static struct vt_parameter_matrix square_matrix(size_t rows, size_t columns)
{
    return (struct vt_parameter_matrix){
        .rows = rows, .columns = columns, .row_step = columns, .inner = columns, .inner_step = 1};
}

/* Residuals u.X.v - b with u and v whose components along slanted axes differ in size by `spread`:
 * the axes of the matrix are those of the curvature, none of which is one of the file. */
static void make_slanted(double spread)
{
    struct dice dice = {4};
    problem_linear(&problem, WIDE * WIDE, PROBLEM_FRAMES, 1, 0);
    double axes[WIDE][WIDE];
    for (int i = 0; i < WIDE; i++) /* a reflection: orthogonal */
        for (int j = 0; j < WIDE; j++)
            axes[i][j] = (i == j) - 2.0 / WIDE;
    for (size_t f = 0; f < problem.m; f++) {
        double u[WIDE] = {0}, v[WIDE] = {0};
        for (int k = 0; k < WIDE; k++) {
            const double size = pow(spread, -(double)k / (WIDE - 1));
            const double a = size * dice_real(&dice, -1, 1), b = size * dice_real(&dice, -1, 1);
            for (int i = 0; i < WIDE; i++) {
                u[i] += a * axes[i][k];
                v[i] += b * axes[i][k];
            }
        }
        problem.b[f] = 0;
        for (int i = 0; i < WIDE * WIDE; i++) {
            problem.a[f][i] = u[i / WIDE] * v[i % WIDE];
            problem.b[f] += problem.a[f][i] * problem.solution[i];
        }
    }
}

static double slanted_loss(enum vt_optimiser_kind kind, int steps)
{
    const struct vt_parameter_matrix matrix = square_matrix(WIDE, WIDE);
    const double start[WIDE * WIDE] = {0};
    make_slanted(5);
    struct vt_optimiser_settings settings = vt_optimiser_defaults(kind, problem.m);
    settings.adam.batch = 8;
    settings.adam.rate = 0.1;
    settings.adam.n_steps = steps;
    settings.adam.matrix = &matrix;
    settings.adam.n_matrices = kind == VT_OPTIMISER_SOAP;
    struct vt_optimiser *optimiser = create(&settings, start);
    struct vt_loss loss;
    for (int i = 0; i < steps; i++)
        assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
    const double reached = problem_loss(&problem, vt_optimiser_model(optimiser));
    vt_optimiser_destroy(optimiser);
    return reached;
}

/* Where the curvature is slanted, the axes are what it takes. */
static void test_soap_axes(void **state)
{
    (void)state;
    const double adam = slanted_loss(VT_OPTIMISER_ADAM, 4000);
    const double soap = slanted_loss(VT_OPTIMISER_SOAP, 4000);
    print_message("slanted: adam %.2e soap %.2e\n", adam, soap);
    assert_true(soap < 0.2 * adam);
}

/* Without matrices it is adam, bit by bit; and so it is with a matrix of one row and one column,
 * but for the rounding of a product with one. */
static void test_soap_without_matrices(void **state)
{
    (void)state;
    const struct vt_parameter_matrix one = square_matrix(1, 1);
    double reached[3][10];
    problem_linear(&problem, 10, 40, 5, 0.3);
    for (int k = 0; k < 3; k++) {
        const double start[10] = {0};
        struct vt_optimiser_settings settings =
            vt_optimiser_defaults(k ? VT_OPTIMISER_SOAP : VT_OPTIMISER_ADAM, 40);
        settings.adam.matrix = &one;
        settings.adam.n_matrices = k == 2;
        struct vt_optimiser *optimiser = create(&settings, start);
        struct vt_loss loss;
        for (int i = 0; i < 200; i++)
            assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
        memcpy(reached[k], vt_optimiser_model(optimiser), sizeof reached[k]);
        vt_optimiser_destroy(optimiser);
    }
    assert_memory_equal(reached[0], reached[1], sizeof reached[0]);
    assert_all_near(reached[0], reached[2], 10, 1e-12);
}

static double off_unit(const double *axes, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double dot = 0;
            for (size_t r = 0; r < n; r++)
                dot += axes[r * n + i] * axes[r * n + j];
            most = fmax(most, fabs(dot - (i == j)));
        }
    return most;
}

/* Axes stay orthonormal, also where there is no gradient, and come to diagonalise the means; what
 * is turned and turned back is as it was. Columns in two strides, as coefficients have them. */
static void test_rotations(void **state)
{
    (void)state;
    enum { ROWS = 3, COLUMNS = 4, N = 40 };
    const struct vt_parameter_matrix matrix = {.rows = ROWS,
                                               .columns = COLUMNS,
                                               .first = 1,
                                               .row_step = 13,
                                               .inner = 2,
                                               .outer_step = 5,
                                               .inner_step = 1};
    struct vt_rotations rotations = {0};
    struct dice dice = {8};
    double g[N], turned[N], back[N];
    assert_int_equal(vt_rotations_create(&rotations, &matrix, 1, N, NULL), VT_OK);
    for (int i = 0; i < N; i++)
        assert_int_equal(rotations.is_turned[i],
                         (i % 13 == 1 || i % 13 == 2 || i % 13 == 6 || i % 13 == 7) && i < 36);
    for (int step = 0; step < 3000; step++) {
        for (int i = 0; i < N; i++)
            g[i] = dice_real(&dice, -1, 1) * (1 + i % 13);
        for (size_t row = 0; row < ROWS; row++) /* the last column is twice the one before */
            g[vt_matrix_place(&matrix, row, 3)] = 2 * g[vt_matrix_place(&matrix, row, 2)];
        vt_rotations_learn(&rotations, g, 0.999);
        if (step % 10 == 0)
            vt_rotations_follow(&rotations);
    }
    const double *columns = rotations.state + ROWS * ROWS;
    const double *row_axes = columns + COLUMNS * COLUMNS, *column_axes = row_axes + ROWS * ROWS;
    assert_true(off_unit(row_axes, ROWS) < 1e-13 && off_unit(column_axes, COLUMNS) < 1e-13);
    double off = 0, trace = 0;
    for (int i = 0; i < COLUMNS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            double sum = 0;
            for (int a = 0; a < COLUMNS; a++)
                for (int b = 0; b < COLUMNS; b++)
                    sum += column_axes[a * COLUMNS + i] * columns[a * COLUMNS + b] *
                           column_axes[b * COLUMNS + j];
            if (i == j)
                trace += sum;
            else
                off = fmax(off, fabs(sum));
        }
    assert_true(off < 0.02 * trace);
    for (int i = 0; i < N; i++)
        turned[i] = back[i] = 1000 + i;
    vt_rotations_turn(&rotations, 0, g, turned);
    vt_rotations_turn_back(&rotations, 0, turned, back);
    for (int i = 0; i < N; i++) {
        assert_near(back[i], rotations.is_turned[i] ? g[i] : 1000 + i, 1e-12);
        assert_true(rotations.is_turned[i] || turned[i] == 1000 + i);
    }
    vt_rotations_destroy(&rotations);
}

/* A network: second order gets far lower than gradients alone in as many passes over the set. */
static double network_loss(enum vt_optimiser_kind kind, double passes)
{
    problem_network(&problem, 8);
    double start[PROBLEM_PARAMETERS];
    problem_network_start(&problem, start);
    struct vt_optimiser_settings settings = vt_optimiser_defaults(kind, problem.m);
    settings.adam.batch = 4;
    settings.adam.rate = 0.02;
    settings.adam.n_steps = (int64_t)passes * 10;
    settings.adam.warm_up = 10;
    settings.adam.average_decay = 0.99;
    struct vt_optimiser *optimiser = create(&settings, start);
    struct vt_loss loss;
    while (vt_optimiser_passes(optimiser) < passes && !vt_optimiser_is_stuck(optimiser))
        assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
    const double reached = problem_loss(&problem, vt_optimiser_model(optimiser));
    vt_optimiser_destroy(optimiser);
    return reached;
}

static void test_network(void **state)
{
    (void)state;
    const double adam = network_loss(VT_OPTIMISER_ADAM, 1000),
                 lbfgs = network_loss(VT_OPTIMISER_LBFGS, 1000);
    const double newton = network_loss(VT_OPTIMISER_NEWTON, 1000);
    print_message("network: adam %.2e lbfgs %.2e newton %.2e\n", adam, lbfgs, newton);
    assert_true(adam < 1e-4);
    assert_true(lbfgs < 1e-6);
    assert_true(newton < 1e-6);
}

/* Other weights are another function: its loss is taken anew, and the minimum stays the same. */
static void test_reweighed(void **state)
{
    (void)state;
    const enum vt_optimiser_kind kinds[] = {VT_OPTIMISER_LBFGS, VT_OPTIMISER_NEWTON};
    const double lambda[VT_LOSS_KINDS] = {50};
    for (int k = 0; k < 2; k++) {
        problem_linear(&problem, 10, 40, 5, 0.3);
        struct vt_optimiser_settings settings = vt_optimiser_defaults(kinds[k], 40);
        const double start[10] = {0};
        struct vt_loss loss;
        struct vt_optimiser *optimiser = create(&settings, start);
        for (int i = 0; i < 40; i++) {
            if (i == 2) {
                problem.objective.weigh(&problem, lambda);
                vt_optimiser_reweighed(optimiser);
            }
            assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
            assert_near(loss.total, problem_loss(&problem, vt_optimiser_position(optimiser)), 0);
        }
        assert_all_near(vt_optimiser_model(optimiser), problem.solution, 10, 1e-5);
        vt_optimiser_destroy(optimiser);
    }
}

/* ---- snes ---- */

enum { SNES_N = 5, SNES_M = 6, SNES_TYPES = 2 };

static const int snes_owner[SNES_N] = {0, 0, 1, 1, -1};
static const size_t half_a[] = {0, 2, 4, 6}, half_b[] = {1, 3, 5, 7};
static const bool only_first[SNES_TYPES] = {true, false}, both[SNES_TYPES] = {true, true};
static const struct vt_snes_part snes_parts[] = {{0, {4, half_a}, only_first},
                                                 {0, {4, half_b}, both}};

static struct vt_optimiser_settings snes_settings(void)
{
    struct vt_optimiser_settings settings = vt_optimiser_defaults(VT_OPTIMISER_SNES, 8);
    settings.seed = 11;
    settings.snes = (struct vt_snes_settings){.population = SNES_M,
                                              .sigma = 0.3,
                                              .n_types = SNES_TYPES,
                                              .owner = snes_owner,
                                              .bias = SIZE_MAX,
                                              .lambda = {2},
                                              .lambda_1 = 0.1,
                                              .lambda_2 = 0.2,
                                              .n_parts = 2,
                                              .n_batches = 1,
                                              .parts = snes_parts};
    return settings;
}

/* Loss of a type (SNES_TYPES: of all), straight from the formulas. */
static double snes_loss(const double *z, int type, bool with_data)
{
    double first = 0, second = 0, n = SNES_N, sum = 0;
    for (int i = 0; i < SNES_N; i++)
        if (snes_owner[i] >= 0 && (type == SNES_TYPES || snes_owner[i] == type)) {
            first += fabs(z[i]);
            second += z[i] * z[i];
        }
    if (type < SNES_TYPES)
        n /= SNES_TYPES;
    size_t count = 0;
    for (size_t f = 0; f < 8; f++)
        if (type == SNES_TYPES || type == 0 || f % 2 == 1) {
            double slope[PROBLEM_PARAMETERS];
            const double r = problem.residual(&problem, z, f, slope);
            sum += r * r;
            count++;
        }
    return 0.1 * first / n + 0.2 * sqrt(second / n) +
           (with_data ? 2 * sqrt(sum / (double)count) : 0);
}

/* A generation as the spec has it, written without haste: no sorting, ranks by counting. */
static void snes_generation(int generation, double *mu, double *sigma)
{
    double s[SNES_M][SNES_N], z[SNES_M][SNES_N], u[SNES_M], sum = 0;
    for (int p = 0; p < SNES_M; p++) {
        vt_random_gaussian((struct vt_random){11, VT_STREAM_SNES},
                           (struct vt_random_point){(uint64_t)generation, (uint64_t)p << 32, 0},
                           SNES_N, s[p]);
        for (int i = 0; i < SNES_N; i++)
            z[p][i] = mu[i] + sigma[i] * s[p][i];
        u[p] = fmax(0, log(SNES_M / 2.0 + 1) - log(p + 1));
        sum += u[p];
    }
    const double rate = (3 + log(2)) / (5 * sqrt(2)) / 2; /* 5 div 2 = 2 */
    for (int i = 0; i < SNES_N; i++) {
        const int type = snes_owner[i] < 0 ? SNES_TYPES : snes_owner[i];
        double g = 0, h = 0;
        for (int p = 0; p < SNES_M; p++) {
            int rank = 0;
            for (int q = 0; q < SNES_M; q++)
                rank +=
                    snes_loss(z[q], type, generation > 0) < snes_loss(z[p], type, generation > 0);
            const double weight = u[rank] / sum - 1.0 / SNES_M;
            g += weight * s[p][i];
            h += weight * (s[p][i] * s[p][i] - 1);
        }
        mu[i] += sigma[i] * g;
        sigma[i] = fmin(1, sigma[i] * exp(rate * h));
    }
}

static const double *block_named(struct vt_optimiser *optimiser, const char *name)
{
    struct vt_optimiser_block block[VT_OPTIMISER_BLOCKS];
    const size_t n = vt_optimiser_blocks(optimiser, block);
    for (size_t i = 0; i < n; i++)
        if (strcmp(block[i].name, name) == 0)
            return block[i].values;
    fail_msg("no block %s", name);
    return NULL;
}

static void test_snes_generations(void **state)
{
    (void)state;
    problem_linear(&problem, SNES_N, 8, 3, 0.2);
    const struct vt_optimiser_settings settings = snes_settings();
    double mu[SNES_N] = {0.5, -0.5, 0.2, 0.9, -0.1}, sigma[SNES_N];
    for (int i = 0; i < SNES_N; i++)
        sigma[i] = 0.3;
    struct vt_optimiser *optimiser = create(&settings, mu);
    for (int generation = 0; generation < 6; generation++) {
        struct vt_loss loss;
        assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
        snes_generation(generation, mu, sigma);
        assert_all_near(vt_optimiser_position(optimiser), mu, SNES_N, 1e-13);
        assert_all_near(block_named(optimiser, "sigma"), sigma, SNES_N, 1e-13);
        assert_near(loss.total,
                    snes_loss(vt_optimiser_model(optimiser), SNES_TYPES, generation > 0), 1e-12);
    }
    vt_optimiser_destroy(optimiser);
}

/* It finds the solution without gradients; the shift of energy goes into the bias at the end. */
static void test_snes_converges(void **state)
{
    (void)state;
    problem_linear(&problem, SNES_N, 8, 2, 0);
    for (size_t f = 0; f < 8; f++) { /* the last parameter is the common bias: energy - bias */
        problem.b[f] += (-1 - problem.a[f][4]) * problem.solution[4];
        problem.a[f][4] = -1;
    }
    struct vt_optimiser_settings settings = snes_settings();
    settings.snes.population = 50;
    settings.snes.bias = 4;
    settings.snes.lambda_1 = settings.snes.lambda_2 = 0;
    const double start[SNES_N] = {0};
    struct vt_optimiser *optimiser = create(&settings, start);
    struct vt_loss loss;
    for (int i = 0; i < 300; i++)
        assert_int_equal(vt_optimiser_step(optimiser, &loss, NULL), VT_OK);
    assert_true(loss.total < 1e-4);
    assert_all_near(vt_optimiser_model(optimiser), problem.solution, SNES_N, 1e-3);
    vt_optimiser_destroy(optimiser);
}

/* ---- all ---- */

static const struct vt_parameter_matrix small_matrix = {
    .rows = 2, .columns = 2, .first = 1, .row_step = 2, .inner = 2, .inner_step = 1};

static struct vt_optimiser_settings settings_of(enum vt_optimiser_kind kind)
{
    struct vt_optimiser_settings settings =
        kind == VT_OPTIMISER_SNES ? snes_settings() : vt_optimiser_defaults(kind, problem.m);
    settings.adam.batch = 3;
    settings.newton.curvature_batch = 5;
    settings.newton.products = 3;
    settings.adam.matrix = &small_matrix;
    settings.adam.n_matrices = kind == VT_OPTIMISER_SOAP;
    settings.adam.axes_every = 3;
    return settings;
}

/* Saved after any number of steps and filled into another one, it goes on bit for bit. */
static void test_restart(void **state)
{
    (void)state;
    for (int kind = 0; kind < VT_OPTIMISERS; kind++) {
        problem_linear(&problem, SNES_N, 8, 20, 0.3);
        const struct vt_optimiser_settings settings = settings_of((enum vt_optimiser_kind)kind);
        const double start[SNES_N] = {0.1, 0.2, 0.3, 0.4, 0.5}, elsewhere[SNES_N] = {9};
        struct vt_optimiser *whole = create(&settings, start), *part = create(&settings, elsewhere);
        struct vt_optimiser_block from[VT_OPTIMISER_BLOCKS], to[VT_OPTIMISER_BLOCKS];
        struct vt_loss a, b;
        for (int i = 0; i < 7; i++)
            assert_int_equal(vt_optimiser_step(whole, &a, NULL), VT_OK);
        const size_t n = vt_optimiser_blocks(whole, from);
        assert_int_equal(vt_optimiser_blocks(part, to), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(from[i].n, to[i].n);
            memcpy(to[i].values, from[i].values, from[i].n * sizeof(double));
        }
        for (int i = 0; i < 8; i++) {
            assert_int_equal(vt_optimiser_step(whole, &a, NULL), VT_OK);
            assert_int_equal(vt_optimiser_step(part, &b, NULL), VT_OK);
            assert_memory_equal(&a, &b, sizeof a);
        }
        assert_memory_equal(vt_optimiser_model(whole), vt_optimiser_model(part), sizeof start);
        vt_optimiser_destroy(whole);
        vt_optimiser_destroy(part);
    }
}

static double no_number(const struct problem *p, const double *x, size_t frame, double *slope)
{
    (void)frame;
    memset(slope, 0, p->n * sizeof *slope);
    return x[0] * NAN;
}

/* A loss that is no number ends the work of those that follow gradients. */
static void test_diverged(void **state)
{
    (void)state;
    for (int kind = 0; kind < VT_OPTIMISER_SNES; kind++) {
        problem_linear(&problem, SNES_N, 8, 20, 0.3);
        problem.residual = no_number;
        const struct vt_optimiser_settings settings = settings_of((enum vt_optimiser_kind)kind);
        const double start[SNES_N] = {1};
        struct vt_optimiser *optimiser = create(&settings, start);
        struct vt_loss loss;
        struct vt_error error;
        assert_int_equal(vt_optimiser_step(optimiser, &loss, &error), VT_FAILED);
        assert_non_null(strstr(error.message, "no finite number after 0 steps"));
        vt_optimiser_destroy(optimiser);
    }
}

static void test_gpumd_loss(void **state)
{
    (void)state;
    const int owner[4] = {0, 1, -1, 0};
    const double z[4] = {1, -2, 100, 3}, rmse[VT_LOSS_KINDS] = {0.1, 0.2, 0.3, 0.4, 0.5};
    const struct vt_gpumd_weights weights = {{1, 2, 3, 4, 5}, 0.5, 0.25, 4, owner};
    struct vt_gpumd_loss loss = vt_gpumd_loss(&weights, z, rmse);
    assert_near(loss.l1, 0.5 * 6 / 4, 1e-15);
    assert_near(loss.l2, 0.25 * sqrt(14.0 / 4), 1e-15);
    assert_near(loss.total, loss.l1 + loss.l2 + 0.1 + 0.4 + 0.9 + 1.6 + 2.5, 1e-14);
    loss = vt_gpumd_loss(&weights, z, NULL);
    assert_near(loss.total, loss.l1 + loss.l2, 1e-15);
    assert_near(vt_gpumd_default_lambda(3094, 2), 0.0393319, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches),          cmocka_unit_test(test_line_search),
        cmocka_unit_test(test_adam_first_step),  cmocka_unit_test(test_adam_noise),
        cmocka_unit_test(test_adam_clip),        cmocka_unit_test(test_quadratic),
        cmocka_unit_test(test_rosenbrock),       cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_network),          cmocka_unit_test(test_reweighed),
        cmocka_unit_test(test_snes_generations), cmocka_unit_test(test_snes_converges),
        cmocka_unit_test(test_restart),          cmocka_unit_test(test_diverged),
        cmocka_unit_test(test_gpumd_loss),       cmocka_unit_test(test_soap_axes),
        cmocka_unit_test(test_rotations),        cmocka_unit_test(test_soap_without_matrices),
    };
    return VT_RUN_TESTS(tests);
}
