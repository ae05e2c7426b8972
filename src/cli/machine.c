/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best of several short runs counts: other work on the machine can only make them longer. */
#include "cli/machine.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "potential/kernels/peak.h"

enum {
    TRIES = 40,
    ROUNDS = 100000,   /* less than a millisecond */
    NUMBERS = 1 << 22, /* 32 MB an array: beyond the caches, mostly */
    PIECE = 1 << 18,   /* timed at a time */
    TRIAD_BYTES = 24
};

static void name_processor(char *name, size_t size)
{
    assert(size > 0);
    static const char key[] = "model name";
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, key, sizeof key - 1) != 0 || !colon)
            continue;
        const char *text = colon + 1 + strspn(colon + 1, " ");
        snprintf(name, size, "%.*s", (int)strcspn(text, "\n"), text);
        break;
    }
    if (file)
        fclose(file);
}

static double rate_float(const struct vt_peak *peak)
{
    double best = 0;
    volatile float sink;
    for (int try = 0; try < TRIES; try++) {
        const double start = MPI_Wtime();
        sink = peak->of_float(ROUNDS);
        best = fmax(best, ROUNDS * peak->flops_float / (MPI_Wtime() - start));
    }
    (void)sink;
    return best;
}

static double rate_double(const struct vt_peak *peak)
{
    double best = 0;
    volatile double sink;
    for (int try = 0; try < TRIES; try++) {
        const double start = MPI_Wtime();
        sink = peak->of_double(ROUNDS);
        best = fmax(best, ROUNDS * peak->flops_double / (MPI_Wtime() - start));
    }
    (void)sink;
    return best;
}

static double rate_memory(double *array)
{
    double *restrict a = array, *restrict b = a + NUMBERS, *restrict c = b + NUMBERS;
    double best = 0;
    for (size_t i = 0; i < NUMBERS; i++)
        a[i] = b[i] = c[i] = 1;
    for (int try = 0; try < TRIES / 4; try++)
        for (size_t first = 0; first < NUMBERS; first += PIECE) {
            const double start = MPI_Wtime(), factor = 1 + try;
            for (size_t i = first; i < first + PIECE; i++)
                a[i] = b[i] + factor * c[i];
            best = fmax(best, (double)PIECE * TRIAD_BYTES / (MPI_Wtime() - start));
        }
    volatile double sink = a[NUMBERS / 2];
    (void)sink;
    return best;
}

enum vt_code vt_machine_measure(struct vt_machine *machine, MPI_Comm comm,
                                const struct vt_kernel *kernel, struct vt_error *error)
{
    double *array = NULL;
    const struct vt_peak *peak = vt_peak_named(kernel->name);
    assert(peak);
    enum vt_code code =
        vt_alloc(&array, 3 * (size_t)NUMBERS, sizeof *array, "a test of the memory", error);
    code = vt_agree(comm, code, 0, error);
    if (code) {
        vt_free(array);
        return code;
    }
    name_processor(machine->processor, sizeof machine->processor);
    double rates[3] = {rate_float(peak), rate_double(peak)};
    MPI_Barrier(comm);
    rates[2] = rate_memory(array);
    vt_free(array);
    vt_sum_over_ranks(comm, rates, 3);
    machine->peak_float = 1e-9 * rates[0] / vt_rank_count(comm);
    machine->peak_double = 1e-9 * rates[1] / vt_rank_count(comm);
    machine->bandwidth = 1e-9 * rates[2];
    return VT_OK;
}
