/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A published qNEP and its training set: the last line of the trainer's loss.out, and the q_scaler
 * that it took from the set with all coefficients at 1. Argument: the folder with nep.txt and
 * train.xyz. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "common/near.h"
#include "frames_file.h"
#include "training/gradient.h"

static const char *folder;

static void check(enum vt_code code, const struct vt_error *error)
{
    char text[1200];
    if (code != VT_OK)
        fail_msg("%s", vt_error_text(error, text, sizeof text));
}

static void check_loss(struct vt_gradient *gradient, const struct vt_nep *model)
{
    const struct vt_objective objective = vt_gradient_objective(gradient);
    const struct vt_batch all = {0, NULL};
    struct vt_loss loss;
    struct vt_error error = {0};
    check(objective.evaluate(objective.content, model->numbers, &all, &loss, NULL, &error), &error);
    /* Printed with five decimals, by a program in single precision. */
    assert_near(loss.rmse[VT_LOSS_ENERGY], 0.00045, 6e-6);
    assert_near(loss.rmse[VT_LOSS_FORCE], 0.03919, 6e-6);
    assert_near(loss.rmse[VT_LOSS_CHARGE], 0.00098, 6e-6);
}

static void check_scaler(struct vt_gradient *gradient, const struct vt_nep *model)
{
    double *ones = NULL;
    struct vt_error error = {0};
    check(vt_alloc(&ones, model->n_trainable, sizeof *ones, "parameters", &error), &error);
    for (size_t p = 0; p < model->n_trainable; p++)
        ones[p] = 1;
    check(vt_gradient_fit_scaler(gradient, ones, &error), &error);
    for (int d = 0; d < model->dimension; d++)
        assert_near(vt_gradient_scaler(gradient)[d] / vt_nep_scaler(model)[d], 1, 1e-5);
    vt_free(ones);
}

static void test_published(void **state)
{
    (void)state;
    char path[1024];
    struct vt_nep model = {0};
    struct frames_file file = {0};
    struct vt_error error = {0};
    struct vt_gradient *gradient = NULL;
    snprintf(path, sizeof path, "%s/nep.txt", folder);
    check(vt_nep_read(&model, path, &error), &error);
    snprintf(path, sizeof path, "%s/train.xyz", folder);
    check(frames_file_read(&file, path, &model, &error), &error);
    const struct vt_frame_set set = frames_file_set(&file);
    const struct vt_gradient_options options = {.loss = vt_loss_defaults(), .memory = 1e9};
    check(vt_gradient_create(&gradient, &model, &set, &options, MPI_COMM_NULL, &error), &error);
    check_loss(gradient, &model);
    check_scaler(gradient, &model);
    vt_gradient_destroy(gradient);
    frames_file_destroy(&file);
    vt_nep_destroy(&model);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published)};
    folder = argc > 1 ? argv[1] : ".";
    char path[1024];
    snprintf(path, sizeof path, "%s/train.xyz", folder);
    if (access(path, R_OK) != 0) {
        print_message("%s is not there: skipped\n", path);
        return 77;
    }
    return VT_RUN_TESTS(tests);
}
