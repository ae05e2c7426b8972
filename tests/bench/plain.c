/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one evaluation of the plain path costs, on fixed workloads: microseconds an atom, energy,
 * forces and total virial, neighbour search included. For the record and for comparisons in one
 * run; nothing is asserted.
 *
 *     bench_plain FOLDER [NAME...]     all workloads, or those whose names begin so; exit status 77
 * without the folder
 *
 * FOLDER holds the structures, FOLDER/models the models. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/sample_read.h"
#include "force/force.h"
#include "version.h"

#if defined(__clang__)
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { TIMES = 5, SKIPPED = 77, PATH_ROOM = 4096 };

static const struct workload {
    const char *name, *structure, *model;
} workloads[] = {
    {"PbTe", "PbTe_ortho_2000.xyz", "nep_PbTe.txt"},
    {"BaTiO3", "BaTiO3_2560.xyz", "nep_BaTiO3.txt"},
    {"water", "water_1512.xyz", "nep_water.txt"},
    {"carbon", "C_2000.xyz", "C_2022_NEP4.txt"},
    {"charged-PbTe-250", "PbTe_rhomb_250.xyz", "qnep_charge1_PbTe.txt"},
    {"charged-PbTe-2000", "PbTe_rhomb_2000.xyz", "qnep_charge1_PbTe.txt"},
    {"charged-PbTe-6750", "PbTe_rhomb_6750.xyz", "qnep_charge1_PbTe.txt"},
    {"charged-BaTiO3-1080", "BaTiO3_1080.xyz", "qnep_mode1_BaTiO3.txt"},
    {"charged-BaTiO3-2560", "BaTiO3_2560.xyz", "qnep_mode1_BaTiO3.txt"},
    {"charged-water", "water_1512.xyz", "qnep_mode1_water.txt"},
};

static void stop(const struct vt_error *error)
{
    char text[1200];
    fprintf(stderr, "%s\n", vt_error_text(error, text, sizeof text));
    exit(EXIT_FAILURE);
}

/* Of the processor, which other work on the machine disturbs less than that of the clock. */
static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median seconds of an evaluation; the first one, which takes its memory, is not counted. */
static double seconds(struct vt_force *force, const struct vt_system *system)
{
    double taken[TIMES];
    for (int k = -1; k < TIMES; k++) {
        struct vt_error error = {0};
        const double start = processor_time();
        if (vt_force_compute(force, system, &error) != VT_OK)
            stop(&error);
        if (k >= 0)
            taken[k] = processor_time() - start;
    }
    qsort(taken, TIMES, sizeof *taken, by_size);
    return taken[TIMES / 2];
}

static void run(const struct workload *workload, const char *folder)
{
    char path[PATH_ROOM];
    struct vt_error error = {0};
    struct vt_nep model = {0};
    struct sample sample = {0};
    struct vt_force *force = NULL;
    const struct vt_force_options options = {.electrostatics = VT_EWALD_GPUMD};
    snprintf(path, sizeof path, "%s/models/%s", folder, workload->model);
    if (vt_nep_read(&model, path, &error) != VT_OK ||
        vt_force_create(&force, &model, &options, &error) != VT_OK)
        stop(&error);
    snprintf(path, sizeof path, "%s/%s", folder, workload->structure);
    sample_read(&sample, path, &model);
    const struct vt_system system = sample_system(&sample);
    const double each = seconds(force, &system) / (double)sample.n_atoms;
    printf("%-22s %6zu atoms %9.2f us/atom\n", workload->name, sample.n_atoms, 1e6 * each);
    fflush(stdout);
    sample_destroy(&sample);
    vt_force_destroy(force);
    vt_nep_destroy(&model);
}

/* What the figures belong to. */
static void print_origin(void)
{
    char line[256], processor[256] = "unknown";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "model name : %255[^\n]", processor) == 1)
            break;
    if (file != NULL)
        fclose(file);
    printf("%s; %s; commit %s\n", processor, COMPILER, VT_COMMIT);
}

static bool chosen(const char *name, int count, char **beginnings)
{
    for (int i = 0; i < count; i++)
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return count == 0;
}

int main(int argc, char **argv)
{
    struct stat status;
    if (argc < 2) {
        fprintf(stderr, "usage: bench_plain FOLDER [NAME...]\n");
        return EXIT_FAILURE;
    }
    if (stat(argv[1], &status) != 0) {
        fprintf(stderr, "SKIPPED: the benchmark of the plain path: there is no folder %s\n",
                argv[1]);
        return SKIPPED;
    }
    print_origin();
    for (size_t k = 0; k < sizeof workloads / sizeof *workloads; k++)
        if (chosen(workloads[k].name, argc - 2, argv + 2))
            run(&workloads[k], argv[1]);
    return EXIT_SUCCESS;
}
