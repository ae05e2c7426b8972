/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every vector kernel that runs on this processor against the plain path in double precision:
 * random models of every flavour and of random shapes, in structures of every kind and size, so
 * that slices and rows end anywhere. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "common/dice.h"
#include "common/sample.h"
#include "common/synthetic.h"

/* Of the largest number of its kind in the structure, and of 1 eV, eV/A or e. */
static const double tolerance = 5e-6;

struct worst {
    double force, energy, charge, virial;
};

static struct vt_force *evaluator(const struct vt_nep *model, enum vt_precision precision,
                                  const struct vt_kernel *kernel)
{
    const struct vt_force_options options = {.precision = precision,
                                             .kernel = kernel,
                                             .electrostatics = VT_EWALD_CONVERGED,
                                             .accuracy = 1e-12};
    struct vt_error error = {0};
    struct vt_force *force = NULL;
    if (vt_force_create(&force, model, &options, &error) != VT_OK)
        fail_msg("%s", error.message);
    return force;
}

static const struct vt_results *evaluate(struct vt_force *force, const struct sample *sample)
{
    struct vt_error error = {0};
    const struct vt_system system = sample_system(sample);
    if (vt_force_compute(force, &system, &error) != VT_OK)
        fail_msg("%s", error.message);
    return vt_force_results(force);
}

/* Largest difference, relative to the largest of the expected numbers or 1. */
static double apart(const double *computed, const double *expected, size_t n)
{
    double size = 1, most = 0;
    for (size_t i = 0; i < n; i++) {
        size = fmax(size, fabs(expected[i]));
        const double off = fabs(computed[i] - expected[i]);
        most = off <= most ? most : off; /* NaN counts */
    }
    return most / size;
}

static void note(double off, double bound, double *worst, const char *what, const char *where)
{
    if (!(off <= bound))
        fail_msg("%s, %s: %.2e apart", where, what, off);
    *worst = fmax(*worst, off);
}

static void compare(const struct vt_results *computed, const struct vt_results *expected, size_t n,
                    const char *where, struct worst *worst)
{
    note(apart(&computed->forces[0][0], &expected->forces[0][0], 3 * n), tolerance, &worst->force,
         "forces", where);
    note(apart(computed->energies, expected->energies, n), tolerance, &worst->energy, "energies",
         where);
    if (expected->charges)
        note(apart(computed->charges, expected->charges, n), tolerance, &worst->charge, "charges",
             where);
    double size = 1; /* the virial is a sum over atoms that cancels */
    for (size_t i = 0; i < 3 * n; i++)
        size += fabs((&expected->forces[0][0])[i]);
    note(apart(computed->virial, expected->virial, 9) / size, tolerance, &worst->virial, "virial",
         where);
}

static void run(const struct synthetic *options, const struct sample *sample,
                const struct vt_kernel *kernel, struct worst *worst, const char *where)
{
    struct vt_nep model = {0};
    synthetic_model(&model, options);
    struct vt_force *plain = evaluator(&model, VT_DOUBLE, NULL);
    struct vt_force *mixed = evaluator(&model, VT_MIXED, kernel);
    compare(evaluate(mixed, sample), evaluate(plain, sample), sample->n_atoms, where, worst);
    vt_force_destroy(plain);
    vt_force_destroy(mixed);
    vt_nep_destroy(&model);
}

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
            snprintf(where, sizeof where, "%s, %s, %zu atoms", name, sample_kind_name(kind),
                     sample.n_atoms);
            run(&options, &sample, kernel, &worst, where);
            sample_destroy(&sample);
        }
    printf("    forces %.1e, energies %.1e, charges %.1e, virials %.1e apart at most\n",
           worst.force, worst.energy, worst.charge, worst.virial);
}

static void test_shapes(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {8};
    struct worst worst = {0};
    for (int i = 0; i < 60; i++) {
        struct synthetic options = synthetic_defaults();
        char where[200];
        options.seed = (uint64_t)i;
        options.charge_mode = dice_int(&dice, 0, 1);
        options.n_radial = dice_int(&dice, 0, 14);
        options.n_angular = dice_int(&dice, 0, 11);
        options.k_radial = dice_int(&dice, 0, 16);
        options.k_angular = dice_int(&dice, 0, 13);
        options.l_max = dice_int(&dice, 1, VT_NEP_MAX_L);
        options.term[VT_Q222] = options.l_max >= 2 && dice_int(&dice, 0, 1);
        options.neurons = dice_int(&dice, 1, 64);
        struct sample sample = {0};
        sample_draw(&sample, dice_int(&dice, 0, 1) ? SAMPLE_GLASS : SAMPLE_CRYSTAL,
                    (size_t)dice_int(&dice, 8, 120), options.n_types, &dice);
        snprintf(where, sizeof where, "n %d %d, k %d %d, l %d, %d neurons, %zu atoms",
                 options.n_radial, options.n_angular, options.k_radial, options.k_angular,
                 options.l_max, options.neurons, sample.n_atoms);
        run(&options, &sample, kernel, &worst, where);
        sample_destroy(&sample);
    }
    printf("    forces %.1e, energies %.1e, charges %.1e, virials %.1e apart at most\n",
           worst.force, worst.energy, worst.charge, worst.virial);
}

int main(void)
{
    int failures = 0;
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++) {
        if (!vt_kernel_runs(*kernel)) {
            printf("SKIPPED: the kernel %s: this processor cannot run it\n", (*kernel)->name);
            continue;
        }
        printf("kernel %s\n", (*kernel)->name);
        void *state = (void *)(uintptr_t)*kernel;
        const struct CMUnitTest tests[] = {
            {"flavours", test_flavours, NULL, NULL, state},
            {"shapes", test_shapes, NULL, NULL, state},
        };
        failures += VT_RUN_TESTS(tests);
    }
    return failures;
}
