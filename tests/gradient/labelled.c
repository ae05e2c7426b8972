/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "labelled.h"

#include "../unit/balance.h"

#include <string.h>

#include "base/memory.h"
#include "physics/evaluate.h"

static void *array(size_t n, size_t size)
{
    void *pointer = NULL;
    struct vt_error error;
    if (vt_alloc(&pointer, n, size, "labels", &error))
        fail_msg("no memory for labels");
    return pointer;
}

static double noisy(double value, double noise, struct dice *dice)
{
    const double size = dice_real(dice, 0.4 * noise, noise);
    return value + (dice_int(dice, 0, 1) ? size : -size);
}

static void label(struct vt_labelled_frame *frame, size_t index, const struct vt_results *results,
                  struct dice *dice)
{
    const size_t n = frame->n_atoms;
    double(*force)[3] = array(n, sizeof *force);
    frame->weight = index % 2 ? 1 : 1.5;
    frame->energy_weight = index % 3 ? 1 : 0.7;
    frame->energy = noisy(results->energy, 0.3 * (double)n, dice);
    for (size_t i = 0; i < 3 * n; i++)
        force[i / 3][i % 3] = noisy(results->forces[i / 3][i % 3], 0.5, dice);
    frame->force = (const double(*)[3])force;
    if (index % 2 == 0) {
        double *virial = array(9, sizeof *virial);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b <= a; b++)
                virial[3 * a + b] = virial[3 * b + a] =
                    noisy(results->virial[3 * a + b], 0.4 * (double)n, dice);
        frame->virial = virial;
    }
    if (results->born && index % 3 == 0) {
        double(*born)[9] = array(n, sizeof *born);
        for (size_t i = 0; i < 9 * n; i++)
            born[i / 9][i % 9] = noisy(results->born[i / 9][i % 9], 0.5, dice);
        frame->born = (const double(*)[9])born;
    }
    if (results->charges)
        frame->charge = dice_real(dice, -1, 1);
}

void labelled_add(struct labelled *set, const struct vt_nep *model, const struct sample *sample,
                  struct dice *dice)
{
    struct vt_error error = {0};
    size_t capacity = set->capacity;
    if (vt_reserve(&set->sample, &capacity, set->n + 1, sizeof *set->sample, "frames", &error) ||
        vt_reserve(&set->frame, &set->capacity, set->n + 1, sizeof *set->frame, "frames", &error))
        fail_msg("no memory for frames");
    struct sample *own = &set->sample[set->n];
    *own = (struct sample){0};
    sample_copy(own, sample);
    struct vt_labelled_frame *frame = &set->frame[set->n];
    *frame = (struct vt_labelled_frame){
        .n_atoms = own->n_atoms, .position = (const double(*)[3])own->position, .type = own->type};
    memcpy(frame->cell, own->cell, sizeof frame->cell);
    struct vt_force *force = evaluator(model, VT_EWALD_GPUMD, 0);
    label(frame, set->n, evaluate(force, own), dice);
    vt_force_destroy(force);
    set->n++;
}

void labelled_destroy(struct labelled *set)
{
    for (size_t i = 0; i < set->n; i++) {
        sample_destroy(&set->sample[i]);
        vt_free((void *)set->frame[i].force);
        vt_free((void *)set->frame[i].virial);
        vt_free((void *)set->frame[i].born);
    }
    vt_free(set->sample);
    vt_free(set->frame);
    *set = (struct labelled){0};
}

struct vt_frame_set labelled_set(const struct labelled *set)
{
    return (struct vt_frame_set){.n = set->n, .frame = set->frame, .n_all = set->n};
}
