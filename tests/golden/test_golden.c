/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structures with results that other programs worked out (README.md beside this file says how).
 *
 *     test_golden synthetic FOLDER    the cases with models of our own
 *     test_golden shared FOLDER       the cases with published models: exit status 77 (skipped)
 * without the folder
 *
 * A folder per case: nep.txt, frame.xyz, expected.json. Whatever a case expects of what we have is
 * compared. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "common/sample_read.h"
#include "common/slow_energy.h"
#include "common/thinned.h"
#include "force/force.h"
#include "json_numbers.h"

struct golden_case {
    const char *name;
    const char *model; /* file in the folder */
};

static const char *folder;

enum {
    PATH_ROOM = 4096,
    MOST_SLOW = THINNED ? 16 : 63, /* atoms: the slow path takes seconds for more */
    MOST_KERNELS = THINNED ? 63 : 1000000
};

struct expected {
    char *text;
    double *values; /* room for the longest array */
    size_t room;
};

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct stat status;
    assert_int_equal(fstat(fileno(file), &status), 0);
    const size_t size = (size_t)status.st_size;
    char *text = NULL;
    assert_int_equal(vt_alloc(&text, size + 1, 1, "expected results", NULL), VT_OK);
    assert_int_equal(fread(text, 1, size, file), size);
    fclose(file);
    return text;
}

static bool has_key(const struct expected *expected, const char *key)
{
    return json_numbers(expected->text, key, NULL, 0) != JSON_NO_KEY;
}

/* The n numbers computed for `key` are those expected, to the tolerance. */
static void compare(const struct expected *expected, const char *key, const double *computed,
                    size_t n, double tolerance)
{
    const long count = json_numbers(expected->text, key, expected->values, expected->room);
    if (count != (long)n)
        fail_msg("%s: %ld numbers expected, %zu computed", key, count, n);
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        const double off = fabs(computed[i] - expected->values[i]);
        if (!(off <= tolerance))
            fail_msg("%s[%zu]: %.15g expected, %.15g computed, %.1e apart", key, i,
                     expected->values[i], computed[i], off);
        worst = fmax(worst, off);
    }
    printf("    %-22s %7zu numbers, %.1e apart at most\n", key, n, worst);
}

static void compare_charges(const struct expected *expected, const struct vt_results *results,
                            size_t n)
{
    compare(expected, "charges", results->charges, n, 1e-9);
    compare(expected, "raw_charge_sum", &results->raw_charge, 1, 1e-9);
    compare(expected, "bec", &results->born[0][0], 9 * n, 1e-8);
    compare(expected, "D", results->potentials, n, 1e-8);
}

static void compare_all(const struct expected *expected, const struct vt_nep *model,
                        const struct vt_results *results, size_t n)
{
    const size_t dimension = (size_t)model->dimension;
    compare(expected, "energy", &results->energy, 1, 1e-9 * (double)n);
    compare(expected, "energies", results->energies, n, 1e-9);
    compare(expected, "forces", &results->forces[0][0], 3 * n, 1e-8);
    compare(expected, "virial", results->virial, 9, 1e-8);
    compare(expected, "virials", &results->virials[0][0], 9 * n, 1e-8);
    if (has_key(expected, "descriptor"))
        compare(expected, "descriptor", results->descriptors, n * dimension, 1e-9);
    else
        compare(expected, "descriptor_first_atom", results->descriptors, dimension, 1e-9);
    assert_int_equal(has_key(expected, "charges"), model->charge_mode > 0);
    if (model->charge_mode > 0)
        compare_charges(expected, results, n);
}

/* The slow path, which the physics tests trust, gives these numbers too. */
static void compare_slow(const struct expected *expected, const struct vt_nep *model,
                         const struct vt_system *system)
{
    const size_t n = system->n_atoms;
    struct slow_energy slow = {0};
    slow_energy_compute(&slow, model, system, VT_EWALD_GPUMD);
    printf("    by the slow path:\n");
    compare(expected, "energy", &slow.energy, 1, 1e-9 * (double)n);
    compare(expected, "energies", slow.energies, n, 1e-9);
    if (has_key(expected, "descriptor"))
        compare(expected, "descriptor", slow.descriptors, n * (size_t)model->dimension, 1e-9);
    if (model->charge_mode > 0) {
        compare(expected, "charges", slow.charges, n, 1e-9);
        compare(expected, "D", slow.potentials, n, 1e-8);
    }
    slow_energy_destroy(&slow);
}

static void check(enum vt_code code, const struct vt_error *error)
{
    char text[1200];
    if (code != VT_OK)
        fail_msg("%s", vt_error_text(error, text, sizeof text));
}

/* A vector kernel against the results in double precision: what rounding to float costs.
 * Electrostatics is the same, but for the charges it is given. */
static bool compare_kernel(const struct vt_kernel *kernel, const struct vt_nep *model,
                           const struct vt_system *system, const struct vt_results *exact)
{
    const size_t n = system->n_atoms;
    const struct vt_force_options options = {
        .electrostatics = VT_EWALD_GPUMD, .precision = VT_MIXED, .kernel = kernel};
    struct vt_error error = {0};
    struct vt_force *force = NULL;
    check(vt_force_create(&force, model, &options, &error), &error);
    check(vt_force_compute(force, system, &error), &error);
    const struct vt_results *results = vt_force_results(force);
    double squares = 0, charge = 0;
    for (size_t i = 0; i < 3 * n; i++) {
        const double off = (&results->forces[0][0])[i] - (&exact->forces[0][0])[i];
        squares += off * off;
    }
    for (size_t i = 0; i < n && model->charge_mode; i++)
        charge = fmax(charge, fabs(results->charges[i] - exact->charges[i]));
    const double rms = sqrt(squares / (double)(3 * n));
    const double energy = fabs(results->energy - exact->energy) / (double)n;
    printf("    mixed, %-9s forces %.1e eV/A rms, energy %.1e eV/atom, charges %.1e e apart\n",
           kernel->name, rms, energy, charge);
    vt_force_destroy(force);
    return rms < 2e-5 && energy < 1e-6 && charge < 1e-5;
}

static void compare_kernels(const struct vt_nep *model, const struct vt_system *system,
                            const struct vt_results *exact)
{
    bool near = true;
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++)
        if (vt_kernel_runs(*kernel))
            near = compare_kernel(*kernel, model, system, exact) && near;
    assert_true(near);
}

static void test_case(void **state)
{
    const struct golden_case *golden = *state;
    char path[PATH_ROOM];
    struct vt_error error = {0};
    struct vt_nep model = {0};
    snprintf(path, sizeof path, "%s/%s/%s", folder, golden->name, golden->model);
    check(vt_nep_read(&model, path, &error), &error);

    struct sample sample = {0};
    snprintf(path, sizeof path, "%s/%s/frame.xyz", folder, golden->name);
    sample_read(&sample, path, &model);

    const struct vt_force_options options = {.electrostatics = VT_EWALD_GPUMD,
                                             .born_charges = true,
                                             .atom_virials = true,
                                             .descriptors = true};
    struct vt_force *force = NULL;
    check(vt_force_create(&force, &model, &options, &error), &error);
    const struct vt_system system = sample_system(&sample);
    check(vt_force_compute(force, &system, &error), &error);

    snprintf(path, sizeof path, "%s/%s/expected.json", folder, golden->name);
    struct expected expected = {.text = read_text(path),
                                .room = sample.n_atoms * (size_t)(model.dimension + 9)};
    check(vt_alloc(&expected.values, expected.room, sizeof *expected.values, "values", &error),
          &error);
    compare_all(&expected, &model, vt_force_results(force), sample.n_atoms);
    if (sample.n_atoms <= MOST_KERNELS)
        compare_kernels(&model, &system, vt_force_results(force));
    if (sample.n_atoms <= MOST_SLOW)
        compare_slow(&expected, &model, &system);

    vt_free(expected.values);
    vt_free(expected.text);
    vt_force_destroy(force);
    sample_destroy(&sample);
    vt_nep_destroy(&model);
}

/* The reader of expected results is strict: what it cannot read must not pass for a table without
 * numbers. */
static void test_reader(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "{",
                                        "[1]",
                                        "{\"a\":1",
                                        "{\"a\":1}}",
                                        "{\"a\" 1}",
                                        "{\"a\":1,}",
                                        "{\"a\":[1,]}",
                                        "{\"a\":[1 2]}",
                                        "{\"a\":nan}",
                                        "{\"a\":0x1}",
                                        "{\"a\":1-2}",
                                        "{\"b\":\"x}",
                                        "{\"a\":1,\"a\":2}"};
    double values[4];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(json_numbers(wrong[i], "a", values, 4), JSON_MALFORMED);
    const char *right = " {\"x\":{\"a\":7},\"ab\":8,\n\"a\": [[1,-2.5e1],[ ],[3]],\"s\":\"a\"} ";
    assert_int_equal(json_numbers(right, "a", values, 4), 3);
    assert_true(values[0] == 1 && values[1] == -25 && values[2] == 3);
    assert_int_equal(json_numbers(right, "a", values, 1), 3);
    assert_int_equal(json_numbers(right, "s", values, 4), 0);
    assert_int_equal(json_numbers(right, "c", values, 4), JSON_NO_KEY);
}

#define CASE(folder, file)                                                                         \
    {                                                                                              \
        folder "/" file, test_case, NULL, NULL, &(struct golden_case)                              \
        {                                                                                          \
            folder, file                                                                           \
        }                                                                                          \
    }

static int run_synthetic(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader),
        CASE("nep4_zbl_typewise_cutoffs", "nep.txt"),
        CASE("nep4_flexible_zbl", "nep.txt"),
        CASE("nep5_zbl_BaTiO3", "nep.txt"),
        CASE("nep4_lmax8", "nep.txt"),
        CASE("nep4_all_higher_orders", "nep.txt"),
        CASE("nep4_all_higher_orders", "nep_gpumd_style.txt"),
        CASE("nep4_1111_123", "nep.txt"),
        CASE("qnep1_all_higher_orders", "nep.txt"),
    };
    return VT_RUN_TESTS(tests);
}

static int run_shared(void)
{
    const struct CMUnitTest tests[] = {
        CASE("nep3_PbTe_250", "nep.txt"),
        CASE("qnep1_PbTe_250", "nep.txt"),
        CASE("qnep2_PbTe_250", "nep.txt"),
        CASE("qnep1_zbl_BaTiO3_40", "nep.txt"),
        CASE("qnep2_water_63", "nep.txt"),
        CASE("nep4_C_16", "nep.txt"),
        CASE("nep4_C_216", "nep.txt"),
        CASE("qnep1_zbl_close_40", "nep.txt"),
        CASE("nep4_zbl_BaTiO3_40", "nep.txt"),
        CASE("nep4_zbl_typewise_cutoffs", "nep.txt"),
        CASE("nep4_flexible_zbl", "nep.txt"),
        CASE("nep5_zbl_BaTiO3", "nep.txt"),
        CASE("nep4_lmax8", "nep.txt"),
        CASE("nep4_all_higher_orders", "nep.txt"),
        CASE("nep4_all_higher_orders", "nep_gpumd_style.txt"),
        CASE("nep4_1111_123", "nep.txt"),
        CASE("qnep1_all_higher_orders", "nep.txt"),
        CASE("qnep1_triclinic_5", "nep.txt"),
        CASE("qnep1_unwrapped_40", "nep.txt"),
        CASE("qnep1_pair_in_vacuum", "nep.txt"),
        CASE("nep4_single_atom", "nep.txt"),
        CASE("nep4_SiFCH", "nep.txt"),
        CASE("nep4_BaZrO3_40", "nep.txt"),
        CASE("qnep3_legacy_BaTiO3_40", "nep.txt"),
    };
    return VT_RUN_TESTS(tests);
}

int main(int argc, char **argv)
{
    enum { SKIPPED = 77 };
    if (argc != 3) {
        fprintf(stderr, "usage: test_golden synthetic|shared FOLDER\n");
        return EXIT_FAILURE;
    }
    if (THINNED)
        printf(
            "under the sanitizers: the slow path for up to %d atoms only, vector kernels for up to "
            "%d\n",
            MOST_SLOW, MOST_KERNELS);
    folder = argv[2];
    if (strcmp(argv[1], "synthetic") == 0)
        return run_synthetic();
    struct stat status;
    if (stat(folder, &status) != 0) {
        fprintf(stderr, "SKIPPED: the golden cases with published models: there is no folder %s\n",
                folder);
        return SKIPPED;
    }
    return run_shared();
}
