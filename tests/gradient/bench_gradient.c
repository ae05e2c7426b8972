/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gradient costs beside a force call: bench_gradient MODEL FRAMES.xyz [MEMORY in MB]
 * [KERNEL]
 *
 * Processor time of one rank, the fastest of some rounds in which everything takes its turn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "force/force.h"
#include "frames_file.h"
#include "training/gradient.h"

enum { ROUNDS = 7 };

enum job { LOSS, GRADIENT, CURVATURE, PLAIN, MIXED, JOBS };

struct bench {
    struct vt_nep model;
    struct frames_file file;
    struct vt_gradient *gradient;
    struct vt_force *force[2];
    double *slope;
};

static void check(enum vt_code code, const struct vt_error *error)
{
    char text[1200];
    if (code == VT_OK)
        return;
    fprintf(stderr, "%s\n", vt_error_text(error, text, sizeof text));
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void work(struct bench *b, enum job job)
{
    const struct vt_objective objective = vt_gradient_objective(b->gradient);
    const struct vt_batch all = {0, NULL};
    struct vt_loss loss;
    struct vt_error error = {0};
    const double *numbers = b->model.numbers;
    if (job == CURVATURE)
        check(objective.curvature(objective.content, numbers, &all, numbers, b->slope, &error),
              &error);
    else if (job == PLAIN || job == MIXED)
        for (size_t i = 0; i < b->file.n; i++) {
            const struct vt_labelled_frame *f = &b->file.labelled[i];
            struct vt_system system = {
                .n_atoms = f->n_atoms, .position = f->position, .type = f->type};
            memcpy(system.cell, f->cell, sizeof system.cell);
            check(vt_force_compute(b->force[job == MIXED], &system, &error), &error);
        }
    else
        check(objective.evaluate(objective.content, numbers, &all, &loss,
                                 job == GRADIENT ? b->slope : NULL, &error),
              &error);
}

static void show_loss(struct bench *b)
{
    static const char *const names[] = {"energy", "force", "virial", "charge", "born"};
    const struct vt_objective objective = vt_gradient_objective(b->gradient);
    const struct vt_batch all = {0, NULL};
    struct vt_loss loss;
    struct vt_error error = {0};
    check(objective.evaluate(objective.content, b->model.numbers, &all, &loss, NULL, &error),
          &error);
    printf("total %.6f, energy shift %.2e\n", loss.total, loss.energy_shift);
    for (int k = 0; k < VT_LOSS_KINDS; k++)
        printf("rmse of %s: %.6f\n", names[k], loss.rmse[k]);
}

static void measure(struct bench *b)
{
    static const char *const names[] = {"loss", "gradient", "curvature", "plain force call",
                                        "vector force call"};
    double fastest[JOBS];
    for (int round = 0; round < ROUNDS; round++)
        for (int job = 0; job < JOBS; job++) {
            const double start = now();
            work(b, (enum job)job);
            const double time = now() - start;
            fastest[job] = round == 0 || time < fastest[job] ? time : fastest[job];
        }
    for (int job = 0; job < JOBS; job++)
        printf("%-18s %8.2f us/atom %10.1f frames/s\n", names[job],
               1e6 * fastest[job] / (double)b->file.n_atoms, (double)b->file.n / fastest[job]);
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct vt_error error = {0};
    if (argc < 3) {
        fprintf(stderr, "usage: bench_gradient MODEL FRAMES.xyz [MEMORY in MB] [KERNEL]\n");
        return 2;
    }
    check(vt_nep_read(&b.model, argv[1], &error), &error);
    check(frames_file_read(&b.file, argv[2], &b.model, &error), &error);
    const struct vt_frame_set set = frames_file_set(&b.file);
    const struct vt_gradient_options options = {
        vt_loss_defaults(), argc > 3 ? 1e6 * atof(argv[3]) : 4e9,
        argc > 4 ? vt_training_kernel_named(argv[4]) : NULL};
    const double start = now();
    check(vt_gradient_create(&b.gradient, &b.model, &set, &options, MPI_COMM_NULL, &error), &error);
    size_t frames;
    const size_t kept = vt_gradient_kept(b.gradient, &frames);
    printf("%zu frames, %zu atoms; geometry in %.2f s: %zu frames kept, %.1f MB, %.1f kB an atom\n",
           b.file.n, b.file.n_atoms, now() - start, frames, (double)kept / 1e6,
           (double)kept / 1e3 / (double)b.file.n_atoms);
    const struct vt_force_options plain = {.electrostatics = VT_EWALD_GPUMD};
    const struct vt_force_options mixed = {.precision = VT_MIXED, .electrostatics = VT_EWALD_GPUMD};
    check(vt_force_create(&b.force[0], &b.model, &plain, &error), &error);
    check(vt_force_create(&b.force[1], &b.model, &mixed, &error), &error);
    b.slope = calloc(b.model.n_trainable, sizeof *b.slope);
    show_loss(&b);
    measure(&b);
    return 0;
}
