/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every vector kernel that runs on this processor against the plain path in double precision:
 * random models of every flavour and of random shapes, in structures of every kind and size, so
 * that slices and rows end anywhere.
 *
 *     test_kernels [KERNEL [TEST]]    compares: all of them, or one; TEST: a pattern of names
 *     test_kernels --bench            times kernels and plain path in one run
 *
 * Errors of forces are measured by the largest sum over pairs of |pair force| at an atom, not by
 * the largest force. A kernel adds up float pair forces f_k (1 + e_k), |e_k| about 1e-7 times a
 * modest factor; so the error of their sum is bounded by e sum |f_k|, however much of the sum
 * cancels. Cancel they do: in a cell 2 A thin the images of an atom pull it to both sides, and the
 * force is a hundredth of what it is the difference of. Relative to the force, the error then says
 * more about the structure than about the kernel.
 *
 * Scaled descriptors are of order 1 where a model was trained. The random models here meet some of
 * several hundred, mostly q_1111. These are rounded to 1e-7 of their size, and so is the argument
 * of a neuron, which is the error of its slope, relative to it: beyond 100, the scale grows with
 * the largest descriptor. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "bench.h"
#include "common/thinned.h"
#include "guards.h"
#include "physics/evaluate.h"
#include "random_case.h"
#include "short_range.h"

/* Of the largest number of its kind in the structure (forces: see above), and of 1 eV, eV/A or e.
 */
static const double tolerance = 5e-6;

struct worst {
    double force, energy, charge, virial, sum;
};

/* Largest difference, relative to size. */
static double apart(const double *computed, const double *expected, size_t n, double size)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        const double off = fabs(computed[i] - expected[i]);
        most = off <= most ? most : off < INFINITY ? off : INFINITY; /* NaN counts */
    }
    return most / size;
}

/* The largest of the numbers, or 1. */
static double largest(const double *values, size_t n)
{
    double size = 1;
    for (size_t i = 0; i < n; i++)
        size = fmax(size, fabs(values[i]));
    return size;
}

static void note(double off, double *worst, const char *what, const char *where)
{
    if (!(off <= tolerance))
        fail_msg("%s, %s: %.2e apart", where, what, off);
    *worst = fmax(*worst, off);
}

/* scale: eV/A, of the pair forces. The virial is a sum over atoms of forces times distances of some
 * angstroms. */
static void compare(const struct vt_results *computed, const struct vt_results *expected,
                    const struct sample *sample, double scale, const char *where,
                    struct worst *worst)
{
    const size_t n = sample->n_atoms;
    const double size = fmax(scale, 1);
    note(apart(&computed->forces[0][0], &expected->forces[0][0], 3 * n, size), &worst->force,
         "forces", where);
    note(apart(computed->energies, expected->energies, n, largest(expected->energies, n)),
         &worst->energy, "energies", where);
    if (expected->charges)
        note(apart(computed->charges, expected->charges, n, largest(expected->charges, n)),
             &worst->charge, "charges", where);
    note(apart(computed->virial, expected->virial, 9, size * (double)n), &worst->virial, "virial",
         where);
}

/* D - mean D, to be given back; NULL without charges. */
static double *weights_of(const struct vt_results *results, size_t n)
{
    double *weight = NULL, mean = 0;
    if (!results->potentials)
        return NULL;
    assert_int_equal(vt_alloc(&weight, n, sizeof *weight, "potentials", NULL), VT_OK);
    for (size_t i = 0; i < n; i++)
        mean += results->potentials[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        weight[i] = results->potentials[i] - mean;
    return weight;
}

static void run(const struct synthetic *options, const struct sample *sample,
                const struct vt_kernel *kernel, struct worst *worst, const char *where)
{
    struct short_range range;
    short_range_create(&range, options, sample);
    struct vt_force *plain = least_evaluator(&range.model, VT_EWALD_CONVERGED, 1e-10);
    struct vt_force *mixed = mixed_evaluator(&range.model, kernel);
    const struct vt_results *expected = evaluate(plain, sample);
    double *weight = weights_of(expected, sample->n_atoms);
    const double scale = short_range_scale(&range, weight);
    compare(evaluate(mixed, sample), expected, sample, scale, where, worst);
    const size_t n_sums = sample->n_atoms * (size_t)(range.plan.n_types * range.plan.k_radial);
    const double *sums = expected->radial_sums;
    note(apart(vt_force_results(mixed)->radial_sums, sums, n_sums, largest(sums, n_sums)),
         &worst->sum, "radial sums", where);
    vt_free(weight);
    vt_force_destroy(plain);
    vt_force_destroy(mixed);
    short_range_destroy(&range);
}

static void print_worst(const struct worst *worst)
{
    printf("    forces %.1e, energies %.1e, charges %.1e, virials %.1e, radial sums %.1e apart at "
           "most\n",
           worst->force, worst->energy, worst->charge, worst->virial, worst->sum);
}

enum { EVERY = 4 }; /* of the cases, in builds that are slow */

static void test_flavours(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {7};
    struct worst worst = {0};
    for (int i = 0; i < synthetic_flavours(); i++)
        for (enum sample_kind kind = 0; kind < SAMPLE_KINDS; kind++) {
            const char *name;
            char where[200];
            struct sample sample = {0};
            const struct synthetic options = synthetic_flavour(i, &name);
            sample_draw(&sample, kind, (size_t)dice_int(&dice, 2, 60), options.n_types, &dice);
            if (thinned(i + (int)kind, EVERY)) {
                sample_destroy(&sample);
                continue;
            }
            snprintf(where, sizeof where, "%s, %s, %zu atoms", name, sample_kind_name(kind),
                     sample.n_atoms);
            run(&options, &sample, kernel, &worst, where);
            sample_destroy(&sample);
        }
    print_worst(&worst);
}

static void test_shapes(void **state)
{
    enum { TIMES = 4 };
    const struct vt_kernel *kernel = *state;
    struct dice dice = {8};
    struct worst worst = {0};
    for (int i = 0; i < TIMES * FLAVOUR_FAMILIES; i++) {
        struct random_case random;
        random_case_draw(&random, i, &dice);
        if (!thinned(i + i / FLAVOUR_FAMILIES, EVERY))
            run(&random.options, &random.sample, kernel, &worst, random.name);
        sample_destroy(&random.sample);
    }
    print_worst(&worst);
}

/* Up to three atoms out of reach of each other and of their images: slices without a single row. */
static void test_alone(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {9};
    struct worst worst = {0};
    for (int family = 0; family < FLAVOUR_FAMILIES; family++) {
        const struct synthetic options = flavour_draw(family, &dice);
        struct sample sample = {0};
        sample_resize(&sample, (size_t)(1 + family % 3));
        for (size_t i = 0; i < sample.n_atoms; i++) {
            sample.position[i][0] = 10 * (double)i + 3;
            sample.type[i] = dice_int(&dice, 0, options.n_types - 1);
        }
        for (int d = 0; d < 3; d++)
            sample.cell[d][d] = d ? 13 : 33;
        run(&options, &sample, kernel, &worst, flavour_text(&options));
        sample_destroy(&sample);
    }
    print_worst(&worst);
}

static int run_all(const struct vt_kernel *kernel)
{
    void *state = (void *)(uintptr_t)kernel;
    const struct CMUnitTest tests[] = {
        {"flavours", test_flavours, NULL, NULL, state},
        {"shapes", test_shapes, NULL, NULL, state},
        {"alone", test_alone, NULL, NULL, state},
        {"guards", test_guards, NULL, NULL, state},
        {"halves", test_halves, NULL, NULL, state},
        {"scratch", test_scratch, NULL, NULL, state},
    };
    return VT_RUN_TESTS(tests);
}

int main(int argc, char **argv)
{
    int failures = 0;
    thinned_say("models and structures", EVERY);
    if (argc > 1 && strcmp(argv[1], "--bench") == 0)
        return bench_kernels();
    if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++) {
        if (argc > 1 && strcmp(argv[1], (*kernel)->name) != 0)
            continue;
        if (!vt_kernel_runs(*kernel)) {
            printf("SKIPPED: the kernel %s: this processor cannot run it\n", (*kernel)->name);
            continue;
        }
        printf("kernel %s\n", (*kernel)->name);
        failures += run_all(*kernel);
    }
    return failures;
}
