/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gradient costs beside a force call: bench_gradient MODEL FRAMES.xyz [MEMORY in MB]
 * [KERNEL]
 *
 * Processor time of one rank, the fastest of some rounds in which everything takes its turn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "force/force.h"
#include "io/extxyz.h"
#include "training/gradient.h"

enum { MOST = 4096, ROUNDS = 7 };

enum job { LOSS, GRADIENT, CURVATURE, PLAIN, MIXED, JOBS };

struct bench {
    struct vt_nep model;
    size_t n, n_atoms;
    struct vt_frame frame[MOST];
    struct vt_labelled_frame labelled[MOST];
    double virial[MOST][9];
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

static void label(struct bench *b, size_t i)
{
    const struct vt_frame *frame = &b->frame[i];
    struct vt_labelled_frame *out = &b->labelled[i];
    const double *forces = NULL;
    int *type = calloc(frame->n_atoms, sizeof *type);
    *out = (struct vt_labelled_frame){.n_atoms = frame->n_atoms,
                                      .position = (const double(*)[3])frame->position,
                                      .type = type,
                                      .weight = 1,
                                      .energy_weight = 1};
    memcpy(out->cell, frame->cell, sizeof out->cell);
    for (size_t a = 0; a < frame->n_atoms; a++)
        type[a] = vt_nep_type(&b->model, frame->element[a]);
    vt_frame_energy(frame, &out->energy);
    vt_frame_forces(frame, &forces);
    out->force = (const double(*)[3])(const void *)forces;
    out->virial = vt_frame_virial(frame, b->virial[i]) ? b->virial[i] : NULL;
    b->n_atoms += frame->n_atoms;
}

static void load(struct bench *b, const char *path)
{
    struct vt_error error = {0};
    struct vt_extxyz_reader *reader = NULL;
    bool end = false;
    check(vt_extxyz_open(&reader, path, &error), &error);
    while (!end && b->n < MOST) {
        check(vt_extxyz_read(reader, &b->frame[b->n], &end, &error), &error);
        if (!end)
            label(b, b->n++);
    }
    vt_extxyz_close(reader);
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
        for (size_t i = 0; i < b->n; i++) {
            const struct vt_labelled_frame *f = &b->labelled[i];
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
               1e6 * fastest[job] / (double)b->n_atoms, (double)b->n / fastest[job]);
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
    load(&b, argv[2]);
    const struct vt_frame_set set = {.n = b.n, .frame = b.labelled, .n_all = b.n};
    const struct vt_gradient_options options = {
        vt_loss_defaults(), argc > 3 ? 1e6 * atof(argv[3]) : 4e9,
        argc > 4 ? vt_training_kernel_named(argv[4]) : NULL};
    const double start = now();
    check(vt_gradient_create(&b.gradient, &b.model, &set, &options, MPI_COMM_NULL, &error), &error);
    size_t frames;
    const size_t kept = vt_gradient_kept(b.gradient, &frames);
    printf("%zu frames, %zu atoms; geometry in %.2f s: %zu frames kept, %.1f MB, %.1f kB an atom\n",
           b.n, b.n_atoms, now() - start, frames, (double)kept / 1e6,
           (double)kept / 1e3 / (double)b.n_atoms);
    const struct vt_force_options plain = {.electrostatics = VT_EWALD_GPUMD};
    const struct vt_force_options mixed = {.precision = VT_MIXED, .electrostatics = VT_EWALD_GPUMD};
    check(vt_force_create(&b.force[0], &b.model, &plain, &error), &error);
    check(vt_force_create(&b.force[1], &b.model, &mixed, &error), &error);
    b.slope = calloc(b.model.n_trainable, sizeof *b.slope);
    show_loss(&b);
    measure(&b);
    return 0;
}
