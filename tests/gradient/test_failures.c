/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames that cannot be evaluated, and memory that runs out anywhere: an error, and nothing left
 * behind. What succeeds after a failure is right. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "common/near.h"
#include "setting.h"

static void prepare(struct vt_nep *model, struct labelled *set)
{
    struct dice dice = {71};
    struct synthetic flavour = synthetic_defaults();
    struct sample sample = {0};
    flavour.charge_mode = 1;
    flavour.zbl = VT_ZBL_UNIVERSAL;
    synthetic_model(model, &flavour);
    for (int k = 0; k < 2; k++) {
        sample_draw(&sample, SAMPLE_GLASS, 6, model->n_types, &dice);
        labelled_add(set, model, &sample, &dice);
    }
    sample_destroy(&sample);
}

static enum vt_code create(struct vt_gradient **gradient, const struct vt_nep *model,
                           const struct labelled *set, double memory, struct vt_error *error)
{
    const struct vt_frame_set frames = labelled_set(set);
    const struct vt_gradient_options options = {.loss = setting_loss(), .memory = memory};
    return vt_gradient_create(gradient, model, &frames, &options, MPI_COMM_NULL, error);
}

static void test_one_place(void **state)
{
    (void)state;
    struct vt_nep model = {0};
    struct labelled set = {0};
    struct vt_gradient *gradient = NULL;
    struct vt_error error = {0};
    prepare(&model, &set);
    memcpy(set.sample[1].position[2], set.sample[1].position[4], sizeof set.sample[1].position[2]);
    assert_int_equal(create(&gradient, &model, &set, 1e9, &error), VT_INPUT);
    assert_string_equal(error.message, "atoms 3 and 5 are at the same place");
    assert_null(gradient);
    labelled_destroy(&set);
    vt_nep_destroy(&model);
}

static double loss_of(struct vt_gradient *gradient, const struct vt_nep *model, double *slope,
                      enum vt_code *code)
{
    const struct vt_objective objective = vt_gradient_objective(gradient);
    const struct vt_batch all = {0, NULL};
    struct vt_loss loss = {0};
    struct vt_error error = {0};
    *code = objective.evaluate(objective.content, model->numbers, &all, &loss, slope, &error);
    double sum = 0; /* without the regularisation, which knows the parameters itself */
    for (int k = 0; k < VT_LOSS_KINDS; k++)
        sum += loss.mean_square[k];
    return sum;
}

/* A parameter that is no number shows in the loss, whichever it is: nothing on the way swallows it.
 */
static void test_no_number(void **state)
{
    (void)state;
    struct vt_nep model = {0};
    struct labelled set = {0};
    struct vt_gradient *gradient = NULL;
    struct vt_error error = {0};
    enum vt_code code = VT_OK;
    prepare(&model, &set);
    setting_check(create(&gradient, &model, &set, 1e9, &error), &error);
    for (size_t p = 0; p < model.n_trainable; p += 3) {
        const double kept = model.numbers[p];
        model.numbers[p] = NAN;
        assert_true(isnan(loss_of(gradient, &model, NULL, &code)));
        model.numbers[p] = kept;
        assert_int_equal(code, VT_OK);
    }
    vt_gradient_destroy(gradient);
    labelled_destroy(&set);
    vt_nep_destroy(&model);
}

/* No geometry is kept, so that evaluating takes memory, too. */
static void test_out_of_memory(void **state)
{
    (void)state;
    struct vt_nep model = {0};
    struct labelled set = {0};
    struct vt_gradient *gradient = NULL;
    struct vt_error error = {0};
    enum vt_code code = VT_OK;
    prepare(&model, &set);
    const long open = vt_balance_open();
    long failures = 0;
    for (vt_balance_fail(1); create(&gradient, &model, &set, 0, &error) != VT_OK;
         vt_balance_fail(++failures + 1)) {
        assert_true(vt_balance_failed());
        assert_int_equal(error.code, VT_MEMORY);
        assert_int_equal(vt_balance_open(), open);
    }
    vt_balance_fail(0);
    assert_true(failures > 30);
    double *slope = setting_array(model.n_trainable);
    for (failures = 0, vt_balance_fail(1); loss_of(gradient, &model, slope, &code), code != VT_OK;
         vt_balance_fail(++failures + 1))
        assert_int_equal(code, VT_MEMORY);
    vt_balance_fail(0);
    assert_true(failures > 10);
    const double late = loss_of(gradient, &model, slope, &code);
    vt_gradient_destroy(gradient);
    setting_check(create(&gradient, &model, &set, 1e9, &error), &error);
    assert_near(late, loss_of(gradient, &model, slope, &code), 0);
    vt_free(slope);
    vt_gradient_destroy(gradient);
    labelled_destroy(&set);
    vt_nep_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_place),
                                       cmocka_unit_test(test_no_number),
                                       cmocka_unit_test(test_out_of_memory)};
    return VT_RUN_TESTS(tests);
}
