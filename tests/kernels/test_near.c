/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of charges in vectors against the same in double. --bench: their times. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/units.h"
#include "coulomb/near_kernel.h"
#include "physics/near_case.h"

/* ---- the same numbers ---- */

static const double reach_skin = 0.7; /* A */

struct pair_of_results {
    struct near_outcome plain, vectors;
};

static void evaluate(const struct near_case *near_case, const struct vt_near_settings *settings,
                     struct near_outcome *outcome)
{
    struct vt_near *near = NULL;
    near_outcome_create(outcome, (size_t)near_case->domain.atoms.n_local);
    assert_int_equal(vt_near_create(&near, settings, NULL), VT_OK);
    assert_int_equal(vt_near_build(near, &near_case->domain, reach_skin, NULL), VT_OK);
    vt_near_add(near, &near_case->domain, near_case->charge, &outcome->sums);
    vt_near_destroy(near);
}

/* Errors in units of those of unit charges at 1 A. A pair is good to some 2e-7 of 1/r or 1/r^2, a
 * polynomial to a tenth of the accuracy; sums are over some 1000 pairs. */
static void compare(const struct near_case *near_case, const struct vt_near_settings *settings,
                    const char *name)
{
    struct near_outcome plain, vectors;
    struct vt_near_settings in_double = *settings;
    in_double.kernel = NULL;
    evaluate(near_case, &in_double, &plain);
    evaluate(near_case, settings, &vectors);
    const size_t n = (size_t)near_case->domain.atoms.n_local;
    const double allowed = 0.3 * settings->accuracy + 2e-6;
    double force = 0, potential = 0, virial = 0;
    for (size_t i = 0; i < n; i++) {
        potential = fmax(potential, fabs(plain.sums.potentials[i] - vectors.sums.potentials[i]));
        for (int d = 0; d < 3; d++)
            force = fmax(force, fabs(plain.sums.forces[i][d] - vectors.sums.forces[i][d]));
    }
    for (int c = 0; c < 9; c++)
        virial = fmax(virial, fabs(plain.sums.virial[c] - vectors.sums.virial[c]));
    force /= VT_COULOMB;
    potential /= VT_COULOMB * settings->split->cutoff;
    virial /= VT_COULOMB * settings->split->cutoff * (double)n;
    if (!(force < allowed && potential < allowed && virial < allowed))
        fail_msg("%s, accuracy %g: forces are %.1e off, potentials %.1e, virial %.1e", name,
                 settings->accuracy, force, potential, virial);
    assert_true(fabs(plain.sums.energy - vectors.sums.energy) <
                allowed * VT_COULOMB * (double)n * settings->split->cutoff);
    near_outcome_destroy(&plain);
    near_outcome_destroy(&vectors);
}

static void test_same(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {31};
    for (int round = 0; round < 9 * SAMPLE_KINDS; round++) {
        struct sample sample = {0};
        struct near_case near_case;
        const enum sample_kind kind = (enum sample_kind)(round % SAMPLE_KINDS);
        sample_draw(&sample, kind, (size_t)dice_int(&dice, 1, 60), 2, &dice);
        double *charges = near_case_charges(sample.n_atoms, &dice);
        const double cutoff = dice_real(&dice, 4, 9), accuracy = pow(10, -3 - round % 4);
        const enum vt_split_kind shape = round % 2 ? VT_SPLIT_GAUSS : VT_SPLIT_PROLATE;
        const struct vt_split split = vt_split_for(shape, cutoff, accuracy);
        const struct vt_near_settings settings = {
            &split, round % 3 ? 0 : VT_PI / dice_real(&dice, 4, 8), accuracy, kernel};
        near_case_create(&near_case, &sample, charges, cutoff + reach_skin);
        compare(&near_case, &settings, sample_kind_name(kind));
        near_case_destroy(&near_case);
        vt_free(charges);
        sample_destroy(&sample);
    }
}

/* ---- called by itself ---- */

enum { GUARDS = 2 };
static const double guard = 1.25e77;

/* Positions in thousandths of an angstrom, and any polynomials. */
static struct vt_near_job make_job(const struct near_case *near_case,
                                   const struct vt_near_list *list, struct vt_near_atom *atom,
                                   double cutoff)
{
    const double scale = 1000;
    for (size_t place = 0; place < list->n_places; place++) {
        const int32_t row = list->row[place];
        atom[place] = (struct vt_near_atom){{0}, 0};
        for (int d = 0; d < 3 && row >= 0; d++)
            atom[place].x[d] = (int32_t)lrint(scale * near_case->domain.atoms.position[row][d]);
        atom[place].charge = row >= 0 ? (float)near_case->charge[row] : 0;
    }
    struct vt_near_job job = {.list = list, .atom = atom, .point = true, .degree = 8};
    for (int n = 0; n <= job.degree; n++)
        job.value[n] = job.slope[n] = 1e-6f / (float)(n + 1);
    job.cutoff_squared = (float)(cutoff * cutoff * scale * scale);
    job.scale = 2 / job.cutoff_squared;
    return job;
}

/* What the kernel adds to each place; rows around that and what it reads stay as they are. */
static void call(const struct vt_near_kernel *kernel, struct vt_near_job job, double (*sums)[4])
{
    const size_t n = job.list->n_places, size = n * sizeof *job.atom;
    double(*guarded)[4] = NULL;
    struct vt_near_atom *before = NULL;
    assert_int_equal(vt_alloc(&guarded, n + 2 * GUARDS, sizeof *guarded, "sums", NULL), VT_OK);
    assert_int_equal(vt_alloc(&before, n, sizeof *before, "atoms", NULL), VT_OK);
    memcpy(before, job.atom, size);
    for (size_t k = 0; k < 4 * GUARDS; k++)
        guarded[k / 4][k % 4] = guarded[n + GUARDS + k / 4][k % 4] = guard;
    job.sums = guarded + GUARDS;
    kernel->add(&job);
    for (size_t k = 0; k < 4 * GUARDS; k++)
        assert_true(guarded[k / 4][k % 4] == guard && guarded[n + GUARDS + k / 4][k % 4] == guard);
    assert_memory_equal(before, job.atom, size);
    memcpy(sums, guarded + GUARDS, n * sizeof *sums);
    vt_free(guarded);
    vt_free(before);
}

/* Lanes without an atom and pairs beyond the cutoff give zeros, and nothing else; within it they do
 * give something. */
static void test_alone(void **state)
{
    const struct vt_near_kernel *kernel = vt_near_kernel(*state);
    struct dice dice = {32};
    for (size_t n_atoms = 1; n_atoms <= 2 * VT_CLUSTER + 1; n_atoms++)
        for (int round = 0; round < 2; round++) {
            struct sample sample = {0};
            struct near_case near_case;
            struct vt_near_list list = {0};
            struct vt_near_atom *atom = NULL;
            double(*sums)[4] = NULL, largest = 0;
            sample_draw(&sample, SAMPLE_GLASS, n_atoms, 1, &dice);
            double *charges = near_case_charges(sample.n_atoms, &dice);
            near_case_create(&near_case, &sample, charges, 6);
            assert_int_equal(vt_near_list_build(&list, &near_case.domain, 6, NULL), VT_OK);
            assert_int_equal(vt_alloc(&atom, list.n_places, sizeof *atom, "atoms", NULL), VT_OK);
            assert_int_equal(vt_alloc(&sums, list.n_places, sizeof *sums, "sums", NULL), VT_OK);
            /* no two atoms are nearer than 1.6 A */
            call(kernel, make_job(&near_case, &list, atom, round ? 5 : 1.5), sums);
            for (size_t place = 0; place < list.n_places; place++)
                for (int k = 0; k < 4; k++) {
                    largest = fmax(largest, fabs(sums[place][k]));
                    assert_true(list.row[place] >= 0 || sums[place][k] == 0);
                }
            assert_true(round && n_atoms > 1 ? largest > 0 : largest == 0 || n_atoms == 1);
            vt_free(atom);
            vt_free(sums);
            vt_near_list_destroy(&list);
            near_case_destroy(&near_case);
            vt_free(charges);
            sample_destroy(&sample);
        }
}

/* ---- times ---- */

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Rock salt as PbTe has it, atoms off their sites. */
static void make_crystal(struct sample *sample, size_t edge)
{
    struct dice dice = {13};
    const double s = 3.23;
    sample_resize(sample, edge * edge * edge);
    for (int d = 0; d < 3; d++)
        sample->cell[d][d] = s * (double)edge;
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const size_t at[3] = {i / edge / edge, i / edge % edge, i % edge};
        for (int d = 0; d < 3; d++)
            sample->position[i][d] = s * (double)at[d] + dice_real(&dice, -0.2, 0.2);
        sample->type[i] = 0;
    }
}

static void bench_one(const struct near_case *near_case, const struct vt_near_settings *settings,
                      const char *name)
{
    const size_t n = (size_t)near_case->domain.atoms.n_local;
    struct vt_near *near = NULL;
    struct near_outcome outcome;
    near_outcome_create(&outcome, n);
    assert_int_equal(vt_near_create(&near, settings, NULL), VT_OK);
    double build = INFINITY, add = INFINITY;
    for (int round = 0; round < 7; round++) {
        double start = processor_time();
        assert_int_equal(vt_near_build(near, &near_case->domain, 1, NULL), VT_OK);
        build = fmin(build, processor_time() - start);
        start = processor_time();
        vt_near_add(near, &near_case->domain, near_case->charge, &outcome.sums);
        add = fmin(add, processor_time() - start);
    }
    const struct vt_near_size size = vt_near_size(near);
    printf("%-8s %6zu atoms %5.1f A: %.3f us an atom, list %.3f; degree %d, %.1f entries an atom\n",
           name, n, settings->split->cutoff, 1e6 * add / (double)n, 1e6 * build / (double)n,
           size.degree, (double)size.entries / (double)n);
    vt_near_destroy(near);
    near_outcome_destroy(&outcome);
}

static void bench(size_t edge, double cutoff)
{
    struct sample sample = {0};
    struct near_case near_case;
    struct dice dice = {5};
    make_crystal(&sample, edge);
    double *charges = near_case_charges(sample.n_atoms, &dice);
    near_case_create(&near_case, &sample, charges, cutoff + 1);
    const struct vt_split split = vt_split_for(VT_SPLIT_PROLATE, cutoff, 1e-5);
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++)
        if (vt_kernel_runs(*kernel)) {
            const struct vt_near_settings settings = {&split, 0, 1e-5, *kernel};
            bench_one(&near_case, &settings, (*kernel)->name);
        }
    const struct vt_near_settings in_double = {&split, 0, 1e-5, NULL};
    bench_one(&near_case, &in_double, "double");
    near_case_destroy(&near_case);
    vt_free(charges);
    sample_destroy(&sample);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
        for (double cutoff = 6; cutoff <= 12; cutoff += 2)
            bench(25, cutoff);
        bench(13, 9);
        return 0;
    }
    int failed = 0;
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++) {
        if (!vt_kernel_runs(*kernel)) {
            printf("this processor cannot run %s\n", (*kernel)->name);
            continue;
        }
        void *state = (void *)(size_t)*kernel;
        const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_same, state),
                                           cmocka_unit_test_prestate(test_alone, state)};
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed != 0 || vt_balance_check();
}
