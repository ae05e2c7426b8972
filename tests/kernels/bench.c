/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short-ranged part alone, from positions to forces: no lists, no electrostatics, one core.
 * The fastest of several calls, in time of the processor: what other work on the machine disturbs
 * least. */
#include "bench.h"

#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "job.h"
#include "short_range.h"

enum { TIMES = 9, EDGE = 10, ATOMS = 4 * EDGE * EDGE * EDGE };

static const struct workload {
    const char *name;
    double spacing; /* A between nearest sites */
    double cutoff_radial, cutoff_angular;
    int n_types, charge_mode;
    int n_radial, n_angular, k_radial, k_angular, l_max, neurons;
} workloads[] = {
    {"2 elements, 8/4 A, n 4 4, k 8 8, l 4", 3.2, 8, 4, 2, 0, 4, 4, 8, 8, 4, 30},
    {"3 elements, 6/5 A, n 8 6, k 8 8, l 4", 2.6, 6, 5, 3, 0, 8, 6, 8, 8, 4, 40},
    {"6 elements, charges, 6/4 A, n 6 6, k 8 8, l 4", 2.6, 6, 4, 6, 1, 6, 6, 8, 8, 4, 30},
};

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Rock salt, atoms a little off their sites, elements at random: 2 EDGE sites along two directions
 * and EDGE along the third. */
static void make_sample(struct sample *sample, const struct workload *workload)
{
    struct dice dice = {13};
    const double s = workload->spacing;
    sample_resize(sample, ATOMS);
    for (int d = 0; d < 3; d++)
        sample->cell[d][d] = s * (d < 2 ? 2 * EDGE : EDGE);
    for (size_t i = 0; i < ATOMS; i++) {
        const size_t at[3] = {i / EDGE % (2 * EDGE), i / EDGE / (2 * EDGE), i % EDGE};
        for (int d = 0; d < 3; d++)
            sample->position[i][d] = s * (double)at[d] + dice_real(&dice, -0.15, 0.15);
        sample->type[i] = dice_int(&dice, 0, workload->n_types - 1);
    }
}

static struct synthetic make_options(const struct workload *workload)
{
    static const int elements[SYNTHETIC_TYPES] = {3, 40, 13, 17, 8, 9, 1, 56};
    struct synthetic options = synthetic_defaults();
    options.n_types = workload->n_types;
    for (int t = 0; t < SYNTHETIC_TYPES; t++)
        options.atomic_number[t] = elements[t];
    options.charge_mode = workload->charge_mode;
    options.cutoff_radial = workload->cutoff_radial;
    options.cutoff_angular = workload->cutoff_angular;
    options.n_radial = workload->n_radial;
    options.n_angular = workload->n_angular;
    options.k_radial = workload->k_radial;
    options.k_angular = workload->k_angular;
    options.l_max = workload->l_max;
    options.neurons = workload->neurons;
    return options;
}

/* Microseconds an atom of a kernel, or of the plain path (NULL). */
static double time_once(const struct vt_kernel *kernel, struct short_range *range, struct job *job,
                        const struct plain_sums *plain)
{
    const double start = processor_time();
    if (!kernel) {
        const struct vt_view view = {&range->domain.atoms, &range->list, range->plan.cutoff};
        assert_int_equal(vt_pairs_update(&range->pairs, &view, NULL), VT_OK);
        short_range_plain(range, job->potential, plain);
    } else if (range->model.charge_mode) {
        kernel->describe(&job->call);
        kernel->push(&job->call);
    } else
        kernel->evaluate(&job->call);
    return 1e6 * (processor_time() - start) / ATOMS;
}

static double fastest(const struct vt_kernel *kernel, struct short_range *range,
                      const struct plain_sums *plain)
{
    double least = INFINITY;
    struct job job;
    job_create(&job, range, 0);
    for (int k = 0; k < TIMES; k++)
        least = fmin(least, time_once(kernel, range, &job, plain));
    job_destroy(&job);
    return least;
}

static void run(const struct workload *workload)
{
    struct sample sample = {0};
    struct short_range range;
    double *memory = NULL;
    make_sample(&sample, workload);
    const struct synthetic options = make_options(workload);
    short_range_create(&range, &options, &sample);
    const size_t n_all = (size_t)range.domain.atoms.n_all;
    if (vt_alloc(&memory, 4 * n_all + 2 * ATOMS, sizeof *memory, "sums", NULL) != VT_OK)
        exit(EXIT_FAILURE);
    const struct plain_sums plain = {.force = (double(*)[3])(void *)memory,
                                     .size = memory + 3 * n_all,
                                     .energy = memory + 4 * n_all,
                                     .charge = memory + 4 * n_all + ATOMS};
    const double slow = fastest(NULL, &range, &plain);
    printf("%s, %d neurons, %d atoms\n", workload->name, workload->neurons, (int)ATOMS);
    printf("    %-10s %8.3f us/atom\n", "plain", slow);
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++) {
        if (!vt_kernel_runs(*kernel))
            continue;
        const double us = fastest(*kernel, &range, &plain);
        printf("    %-10s %8.3f us/atom, 1/%.1f of it\n", (*kernel)->name, us, slow / us);
        fflush(stdout);
    }
    vt_free(memory);
    short_range_destroy(&range);
    sample_destroy(&sample);
}

int bench_kernels(void)
{
    for (size_t k = 0; k < sizeof workloads / sizeof *workloads; k++)
        run(&workloads[k]);
    return EXIT_SUCCESS;
}
