/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guards.h"

#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "job.h"
#include "random_case.h"

enum { CASES = 24, NAN_BYTE = 0xff }; /* floats of such bytes are NaN */
static const double tolerance = 5e-6; /* as in test_kernels.c */

static const char *const array_name[JOB_ARRAYS] = {"force", "energy", "charge", "kept", "scratch"};

/* A random case, ready for a kernel. */
struct bench {
    struct random_case random;
    struct short_range range;
};

static void bench_create(struct bench *bench, int i, struct dice *dice)
{
    random_case_draw(&bench->random, i, dice);
    short_range_create(&bench->range, &bench->random.options, &bench->random.sample);
}

static void bench_destroy(struct bench *bench)
{
    short_range_destroy(&bench->range);
    sample_destroy(&bench->random.sample);
}

/* Electrostatics of a kind: any numbers will do. */
static void draw_potential(struct job *job, struct dice *dice)
{
    for (size_t i = 0; i < job->array[JOB_ENERGY].size / sizeof(double); i++)
        job->potential[i] = dice_real(dice, -3, 3);
}

static void check_guards(const struct job *job, const struct bench *bench, const char *work)
{
    const enum job_array broken = job_broken(job);
    if (broken != JOB_ARRAYS)
        fail_msg("%s: %s wrote beyond its %s", bench->random.name, work, array_name[broken]);
}

void test_guards(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {10};
    for (int i = 0; i < CASES; i++) {
        struct bench bench;
        struct job job;
        bench_create(&bench, i, &dice);
        job_create(&job, &bench.range, NAN_BYTE);
        draw_potential(&job, &dice);
        const uint64_t inputs = job_inputs(&job);
        kernel->evaluate(&job.call);
        check_guards(&job, &bench, "evaluate");
        kernel->describe(&job.call);
        check_guards(&job, &bench, "describe");
        kernel->push(&job.call);
        check_guards(&job, &bench, "push");
        assert_true(job_inputs(&job) == inputs);
        job_destroy(&job);
        bench_destroy(&bench);
    }
}

/* Largest difference of the forces on the n_all rows, eV/A. */
static double forces_apart(const struct job *job, const double (*force)[3])
{
    double most = 0;
    for (size_t place = 0; place < job->n_all; place++)
        for (int d = 0; d < 3; d++) {
            const double off =
                fabs((double)job->call.force[place][d] - force[job->call.list->order[place]][d]);
            most = off <= most ? most : off < INFINITY ? off : INFINITY;
        }
    return most;
}

static double largest(const double *a, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(a[i]));
    return most;
}

static void check(double off, double size, const struct bench *bench, const char *what)
{
    if (!(off <= tolerance * fmax(size, 1)))
        fail_msg("%s, %s: %.2e apart, of %.2e", bench->random.name, what, off, size);
}

/* What a kernel made of the energies and forces (evaluate, or describe and push) against the plain
 * path with that potential. */
static void check_job(struct bench *bench, const struct job *job, const double *potential,
                      const char *what)
{
    const size_t n_local = (size_t)bench->range.domain.atoms.n_local, n_all = job->n_all;
    double *memory = NULL;
    assert_int_equal(vt_alloc(&memory, 4 * n_all + 2 * n_local, sizeof *memory, "sums", NULL),
                     VT_OK);
    const struct plain_sums plain = {.force = (double(*)[3])(void *)memory,
                                     .size = memory + 3 * n_all,
                                     .energy = memory + 4 * n_all,
                                     .charge =
                                         job->call.charge ? memory + 4 * n_all + n_local : NULL};
    short_range_plain(&bench->range, potential, &plain);
    check(forces_apart(job, (const double(*)[3])plain.force), largest(plain.size, n_all), bench,
          what);
    double off = 0, off_charge = 0;
    for (size_t i = 0; i < n_local; i++) {
        off = fmax(off, fabs(job->call.energy[i] - plain.energy[i]));
        if (plain.charge)
            off_charge = fmax(off_charge, fabs(job->call.charge[i] - plain.charge[i]));
    }
    check(off, largest(plain.energy, n_local), bench, "energies");
    check(off_charge, plain.charge ? largest(plain.charge, n_local) : 1, bench, "charges");
    const double zbl = job_zbl_expected(job);
    if (!(fabs(job->zbl - zbl) <= 1e-10 * fmax(zbl, 1)))
        fail_msg("%s, %s: ZBL energy of close pairs %g, not %g", bench->random.name, what, job->zbl,
                 zbl);
    vt_free(memory);
}

void test_halves(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {11};
    for (int i = 0; i < CASES; i++) {
        struct bench bench;
        struct job whole, halves, charged;
        bench_create(&bench, i, &dice);
        job_create(&whole, &bench.range, NAN_BYTE);
        job_create(&halves, &bench.range, NAN_BYTE);
        job_create(&charged, &bench.range, NAN_BYTE);
        kernel->evaluate(&whole.call);
        check_job(&bench, &whole, NULL, "evaluate");
        kernel->describe(&halves.call);
        kernel->push(&halves.call);
        check_job(&bench, &halves, NULL, "describe and push");
        draw_potential(&charged, &dice);
        kernel->describe(&charged.call);
        kernel->push(&charged.call);
        check_job(&bench, &charged, charged.potential, "describe and push with a potential");
        job_destroy(&whole);
        job_destroy(&halves);
        job_destroy(&charged);
        bench_destroy(&bench);
    }
}

static void assert_same_results(const struct job *a, const struct job *b)
{
    assert_memory_equal(a->call.force, b->call.force, a->array[JOB_FORCE].size);
    assert_memory_equal(a->call.energy, b->call.energy, a->array[JOB_ENERGY].size);
    assert_true(a->zbl == b->zbl);
    if (a->call.charge)
        assert_memory_equal(a->call.charge, b->call.charge, a->array[JOB_CHARGE].size);
    assert_true(a->call.nearest == b->call.nearest);
}

void test_scratch(void **state)
{
    const struct vt_kernel *kernel = *state;
    struct dice dice = {12};
    for (int i = 0; i < CASES; i++) {
        struct bench bench;
        struct job clean, dirty;
        bench_create(&bench, i, &dice);
        job_create(&clean, &bench.range, 0);
        job_create(&dirty, &bench.range, NAN_BYTE);
        draw_potential(&clean, &dice);
        memcpy(dirty.potential, clean.potential, clean.array[JOB_ENERGY].size);
        kernel->evaluate(&clean.call);
        kernel->evaluate(&dirty.call);
        assert_same_results(&clean, &dirty);
        kernel->describe(&clean.call);
        kernel->describe(&dirty.call);
        kernel->push(&clean.call);
        kernel->push(&dirty.call);
        assert_same_results(&clean, &dirty);
        job_destroy(&clean);
        job_destroy(&dirty);
        bench_destroy(&bench);
    }
}
