/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setting.h"

#include "../unit/balance.h"

#include <string.h>

#include "base/memory.h"

struct vt_loss_options setting_loss(void)
{
    struct vt_loss_options loss = vt_loss_defaults();
    loss.lambda_2 = 0.1;
    loss.shear = 1.3;
    return loss;
}

void setting_check(enum vt_code code, const struct vt_error *error)
{
    char text[1200];
    if (code != VT_OK)
        fail_msg("%s", vt_error_text(error, text, sizeof text));
}

double *setting_array(size_t n)
{
    double *pointer = NULL;
    struct vt_error error = {0};
    setting_check(vt_alloc(&pointer, n, sizeof *pointer, "numbers", &error), &error);
    return pointer;
}

void setting_create(struct setting *s, const struct synthetic *flavour,
                    const struct vt_loss_options *loss, struct dice *dice)
{
    static const enum sample_kind kinds[] = {SAMPLE_GLASS, SAMPLE_SKEWED, SAMPLE_TINY};
    struct vt_error error = {0};
    *s = (struct setting){.gradient = NULL};
    synthetic_model(&s->model, flavour);
    for (size_t k = 0; k < 3; k++) {
        struct sample sample = {0};
        sample_draw(&sample, kinds[k], 8, s->model.n_types, dice);
        labelled_add(&s->set, &s->model, &sample, dice);
        if (loss->huber[VT_LOSS_FORCE] > 0)
            s->set.frame[k].charge =
                0; /* as in the predictions that are the labels: residuals are noise alone */
        sample_destroy(&sample);
    }
    const struct vt_frame_set frames = labelled_set(&s->set);
    /* Either the loops of the best instruction set or those of any processor. */
    const struct vt_gradient_options options = {
        .loss = *loss,
        .memory = 1e9,
        .kernel = flavour->neurons % 2 ? vt_training_kernel_named("generic") : NULL};
    setting_check(
        vt_gradient_create(&s->gradient, &s->model, &frames, &options, MPI_COMM_NULL, &error),
        &error);
    s->objective = vt_gradient_objective(s->gradient);
    const size_t n = s->objective.n_parameters;
    s->parameters = setting_array(n);
    s->moved = setting_array(n);
    s->slope = setting_array(n);
    s->direction = setting_array(n);
    memcpy(s->parameters, s->model.numbers, n * sizeof(double));
}

void setting_destroy(struct setting *s)
{
    vt_free(s->parameters);
    vt_free(s->moved);
    vt_free(s->slope);
    vt_free(s->direction);
    vt_gradient_destroy(s->gradient);
    labelled_destroy(&s->set);
    vt_nep_destroy(&s->model);
}

double setting_loss_at(struct setting *s, double amount, double *slope)
{
    const struct vt_batch all = {0, NULL};
    struct vt_loss loss;
    struct vt_error error = {0};
    for (size_t p = 0; p < s->objective.n_parameters; p++)
        s->moved[p] = s->parameters[p] + amount * s->direction[p];
    setting_check(s->objective.evaluate(s->objective.content, s->moved, &all, &loss, slope, &error),
                  &error);
    return loss.total;
}
