/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops over atoms of the mesh in vector code against those in plain C: every window and width,
 * meshes of doubles and floats, any number of atoms, points up to the edges of the mesh. Both do
 * the same sums in another order, with fused operations: they differ by a few roundings of the
 * largest number, and sin and cos by 1e-12. What is written stays within its arrays. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "common/dice.h"
#include "common/near.h"
#include "coulomb/kernels/stencil.h"

enum { MOST = 40, GUARD = 16, POINTS = 24 * 24 * 26 };

struct bench {
    struct vt_window window;
    struct vt_stencil_job job;
    int size[3];
    double position[MOST][3], charge[MOST];
    double place[MOST + 2 * GUARD][3], value[MOST + 2 * GUARD][4];
    union {
        double number[POINTS + 2 * GUARD];
        float single[POINTS + 2 * GUARD];
    } mesh;
};

/* Of which two are compared. */
static struct bench plain, other;

static const double guard = -7.25;

static void set_guards(struct bench *bench)
{
    for (int k = 0; k < MOST + 2 * GUARD; k++) {
        for (int c = 0; c < 3; c++)
            bench->place[k][c] = guard;
        for (int c = 0; c < 4; c++)
            bench->value[k][c] = guard;
    }
}

static size_t numbers_of(const struct bench *bench)
{
    return (size_t)(bench->size[0] * bench->size[1] * bench->size[2]);
}

static void fill(struct bench *bench, bool single, struct dice *dice)
{
    const size_t n = numbers_of(bench) + VT_STENCIL_SLACK;
    for (size_t k = 0; k < n + GUARD; k++) {
        const double x = k < n ? dice_real(dice, -1, 1) : guard;
        if (single)
            bench->mesh.single[k] = (float)x;
        else
            bench->mesh.number[k] = x;
    }
}

/* Atoms whose windows lie within the mesh, up to its last point: a skewed lattice of positions,
 * moved by periods. */
static void draw(struct bench *bench, int width, bool single, struct dice *dice)
{
    struct vt_stencil_job *job = &bench->job;
    const int before = (width - 1) / 2;
    set_guards(bench);
    *job = (struct vt_stencil_job){.window = &bench->window,
                                   .n = (size_t)dice_int(dice, 0, MOST),
                                   .position = (const double(*)[3])bench->position,
                                   .charge = bench->charge,
                                   .place = bench->place + GUARD,
                                   .value = bench->value + GUARD,
                                   .mesh = &bench->mesh,
                                   .self_mean = 0.3};
    for (int d = 0; d < 3; d++) {
        bench->size[d] = dice_int(dice, width + 3, 24);
        job->period[d] = bench->size[d] - width - 2;
        job->from[d] = dice_real(dice, -3, 3);
        job->origin[d] = floor(job->from[d]) - before - (width % 2);
        job->to_mesh[d][d] = dice_real(dice, 0.5, 2);
        job->to_mesh[d][(d + 1) % 3] = dice_real(dice, -0.3, 0.3);
        for (int h = 0; h < VT_SELF_WAVES; h++)
            job->self[d][h] = dice_real(dice, -0.1, 0.1);
    }
    for (size_t i = 0; i < MOST; i++) {
        bench->charge[i] = dice_real(dice, -2, 2);
        for (int d = 0; d < 3; d++)
            bench->position[i][d] = dice_real(dice, -40, 40);
    }
    job->stride[1] = (size_t)bench->size[2];
    job->stride[0] = job->stride[1] * (size_t)bench->size[1];
    fill(bench, single, dice);
}

static void copy_bench(struct bench *to, const struct bench *from)
{
    *to = *from;
    to->job.window = &to->window;
    to->job.position = (const double(*)[3])to->position;
    to->job.charge = to->charge;
    to->job.place = to->place + GUARD;
    to->job.value = to->value + GUARD;
    to->job.mesh = &to->mesh;
}

static void check_guards(const struct bench *bench, bool single)
{
    const size_t n = numbers_of(bench) + VT_STENCIL_SLACK, atoms = bench->job.n;
    for (size_t k = 0; k < GUARD; k++) {
        const size_t ends[2] = {k, GUARD + atoms + k};
        for (int e = 0; e < 2; e++) {
            for (int c = 0; c < 3; c++)
                assert_true(bench->place[ends[e]][c] == guard);
            for (int c = 0; c < 4; c++)
                assert_true(bench->value[ends[e]][c] == guard);
        }
        assert_true((single ? (double)bench->mesh.single[n + k] : bench->mesh.number[n + k]) ==
                    guard);
    }
}

static void compare_mesh(bool single)
{
    const size_t n = numbers_of(&plain) + VT_STENCIL_SLACK;
    for (size_t k = 0; k < n; k++)
        if (single)
            assert_near((double)other.mesh.single[k], (double)plain.mesh.single[k], 4e-6);
        else
            assert_near(other.mesh.number[k], plain.mesh.number[k], 1e-14);
}

static void check_case(const struct vt_stencil *stencil, enum vt_window_kind kind, int width,
                       bool single, struct dice *dice)
{
    plain.window = vt_window_make(kind, width, dice_real(dice, 0.8, 1.8) * 1.5 * (width - 1));
    draw(&plain, width, single, dice);
    copy_bench(&other, &plain);
    vt_stencil_plain.locate(&plain.job);
    stencil->locate(&other.job);
    const size_t n = plain.job.n;
    assert_all_near(&other.job.place[0][0], &plain.job.place[0][0], 3 * n, 1e-12);
    for (int d = 0; d < 3 && n > 0; d++) {
        assert_near(other.job.least[d], plain.job.least[d], 1e-12);
        assert_near(other.job.most[d], plain.job.most[d], 1e-12);
        assert_true(plain.job.least[d] >= (width - 1) / 2);
    }
    memcpy(other.place, plain.place, sizeof plain.place); /* an atom may lie right between points */
    vt_stencil_plain.spread[single](&plain.job);
    stencil->spread[single](&other.job);
    compare_mesh(single);
    check_guards(&other, single);
    memcpy(&other.mesh, &plain.mesh, sizeof plain.mesh);
    vt_stencil_plain.gather[single](&plain.job);
    stencil->gather[single](&other.job);
    assert_all_near(&other.job.turns[0][0], &plain.job.turns[0][0], 3 * VT_SELF_WAVES, 1e-11);
    assert_all_near(&other.job.value[0][0], &plain.job.value[0][0], 4 * n, single ? 1e-5 : 1e-11);
    assert_memory_equal(&other.mesh, &plain.mesh, sizeof plain.mesh);
    check_guards(&other, single);
}

static void test_against_plain(void **state)
{
    (void)state;
    for (const struct vt_stencil *const *stencil = vt_stencils; *stencil; stencil++) {
        struct dice dice = {5};
        if (!vt_stencil_runs(*stencil)) {
            print_message("    %s: not on this processor\n", (*stencil)->name);
            continue;
        }
        print_message("    %s\n", (*stencil)->name);
        for (int round = 0; round < 20; round++)
            for (int width = VT_WINDOW_LEAST; width <= VT_WINDOW_MOST; width++)
                for (int k = 0; k < 4; k++)
                    check_case(*stencil, (enum vt_window_kind)(k / 2), width, k % 2, &dice);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_ptr_equal(vt_stencil_named("plain"), &vt_stencil_plain);
    assert_null(vt_stencil_named("avx3"));
    assert_true(vt_stencil_runs(vt_stencil_best()));
    assert_string_equal(vt_stencil_named("generic")->name, "generic");
}

/* ---- windows */

static double spline(int order, double x)
{
    if (order == 1)
        return x > -0.5 && x <= 0.5;
    return ((0.5 * order + x) * spline(order - 1, x + 0.5) +
            (0.5 * order - x) * spline(order - 1, x - 0.5)) /
           (order - 1);
}

static void weights_at(const struct vt_window *window, double t, double weight[VT_WINDOW_MOST])
{
    for (int j = 0; j < window->width; j++) {
        weight[j] = 0;
        for (int p = window->terms - 1; p >= 0; p--)
            weight[j] = weight[j] * t + window->coefficient[p][j];
    }
}

/* Weights sum to one wherever the charge is, are even and continuous; splines are the splines; the
 * transform is the sum over the window. */
static void test_windows(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++)
        for (int width = VT_WINDOW_LEAST; width <= VT_WINDOW_MOST; width++) {
            const struct vt_window window =
                vt_window_make((enum vt_window_kind)kind, width, 1.7 * (width - 1));
            double transform = 0, here[VT_WINDOW_MOST], there[VT_WINDOW_MOST];
            enum { STEPS = 64 };
            for (int s = 0; s <= STEPS; s++) {
                const double t = (double)s / STEPS - 0.5;
                double sum = 0;
                weights_at(&window, t, here);
                weights_at(&window, -t, there);
                for (int j = 0; j < width; j++) {
                    const double x = t + 0.5 * (width - 1) - j;
                    sum += here[j];
                    assert_near(here[j], there[width - 1 - j], 1e-13);
                    if (kind == VT_WINDOW_SPLINE)
                        assert_near(here[j], spline(width, x), 1e-13);
                    transform += here[j] * cos(2 * 3.14159265358979323846 * 0.3 * x) *
                                 (s == 0 || s == STEPS ? 0.5 : 1) / STEPS;
                }
                assert_near(sum, 1, 1e-13);
            }
            assert_near(vt_window_transform(&window, 0.3), transform, 2e-3);
            assert_near(vt_window_transform(&window, 0), 1, 1e-14);
            assert_near(vt_window_transform(&window, 2), 0, 1e-9); /* sums to one */
            weights_at(&window, -0.5, here);
            weights_at(&window, 0.5, there);
            assert_near(here[width - 1], 0, kind == VT_WINDOW_SPLINE ? 1e-13 : 0.1);
            for (int j = 0; j + 1 < width; j++)
                assert_near(here[j], there[j + 1], 1e-13);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_against_plain),
        cmocka_unit_test(test_names),
    };
    return VT_RUN_TESTS(tests);
}
