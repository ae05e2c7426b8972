/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dL/dtheta against differences of the loss, by class of parameter, for every flavour of model,
 * each term of the loss alone and all together. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "setting.h"

static const double tolerance = 1e-7; /* relative to the largest derivative of the class */
static const double step = 2e-3;

/* dL along the direction: seven points. */
static double difference(struct setting *s)
{
    static const double weight[3] = {3.0 / 4, -3.0 / 20, 1.0 / 60};
    double sum = 0;
    for (int k = 0; k < 3; k++)
        sum += weight[k] * (setting_loss_at(s, (k + 1) * step, NULL) -
                            setting_loss_at(s, -(k + 1) * step, NULL));
    return sum / step;
}

/* A run of consecutive parameters of one kind. */
struct class_of_parameters {
    const char *name;
    size_t first, count;
};

static size_t list_classes(const struct vt_nep *model, struct class_of_parameters *out)
{
    const size_t neurons = (size_t)model->neurons, dimension = (size_t)model->dimension;
    const struct vt_block_places places = vt_block_places(model);
    size_t n = 0;
    for (int t = 0; t < (model->version == 3 ? 1 : model->n_types); t++) {
        const struct vt_network_place place = vt_network_place(model, t);
        out[n++] = (struct class_of_parameters){"w0", place.w0, neurons * dimension};
        out[n++] = (struct class_of_parameters){"b0", place.b0, neurons};
        out[n++] = (struct class_of_parameters){"w1", place.w1, neurons};
        if (model->charge_mode)
            out[n++] = (struct class_of_parameters){"wq", place.wq, neurons};
        if (model->version == 5)
            out[n++] = (struct class_of_parameters){"bias of a type", place.bias, 1};
    }
    if (model->charge_mode)
        out[n++] = (struct class_of_parameters){"sqrt_epsilon_inf", places.sqrt_epsilon, 1};
    out[n++] = (struct class_of_parameters){"common bias", places.common_bias, 1};
    out[n++] = (struct class_of_parameters){"radial coefficients", places.radial,
                                            places.angular - places.radial};
    out[n++] = (struct class_of_parameters){"angular coefficients", places.angular,
                                            model->n_trainable - places.angular};
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += out[i].count;
    assert_int_equal(sum, model->n_trainable);
    return n;
}

/* One parameter, and a random direction within the class. */
static double check_class(struct setting *s, const struct class_of_parameters *class,
                          struct dice *dice)
{
    double most = 1e-4, worst = 0;
    for (size_t p = 0; p < class->count; p++)
        most = fmax(most, fabs(s->slope[class->first + p]));
    for (int trial = 0; trial < 2; trial++) {
        double expected = 0, length = 0;
        memset(s->direction, 0, s->objective.n_parameters * sizeof(double));
        const size_t one = class->first + (size_t)dice_int(dice, 0, (int)class->count - 1);
        for (size_t p = class->first; p < class->first + class->count; p++) {
            s->direction[p] = trial == 0 ? p == one : dice_real(dice, -1, 1);
            length += s->direction[p] * s->direction[p];
        }
        for (size_t p = class->first; p < class->first + class->count; p++) {
            s->direction[p] /= sqrt(length);
            expected += s->slope[p] * s->direction[p];
        }
        const double numeric = difference(s), error = fabs(numeric - expected) / most;
        if (error > tolerance)
            fail_msg("%s: dL is %.12g, differences give %.12g (largest derivative %.3g)",
                     class->name, expected, numeric, most);
        worst = fmax(worst, error);
    }
    return worst;
}

static void run(const struct synthetic *flavour, const struct vt_loss_options *loss,
                struct dice *dice)
{
    struct setting s;
    struct class_of_parameters classes[5 * SYNTHETIC_TYPES + 4];
    setting_create(&s, flavour, loss, dice);
    const size_t n = list_classes(&s.model, classes);
    setting_loss_at(&s, 0, s.slope);
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, check_class(&s, &classes[i], dice));
    print_message("%s: %.0e\n", flavour_text(flavour), worst);
    setting_destroy(&s);
}

static void test_every_flavour(void **state)
{
    (void)state;
    struct dice dice = {41};
    const struct vt_loss_options loss = setting_loss();
    for (int family = 0; family < FLAVOUR_FAMILIES; family++) {
        const struct synthetic flavour = flavour_draw(family, &dice);
        run(&flavour, &loss, &dice);
    }
}

static void test_every_term_alone(void **state)
{
    (void)state;
    struct dice dice = {42};
    for (int kind = 0; kind < VT_LOSS_KINDS; kind++)
        for (int mode = kind >= VT_LOSS_CHARGE ? 1 : 0; mode < 3; mode++) {
            struct vt_loss_options loss = {.shear = 1};
            struct synthetic flavour = synthetic_defaults();
            flavour.charge_mode = mode;
            loss.lambda[kind] = 1;
            print_message("kind %d; ", kind);
            run(&flavour, &loss, &dice);
        }
}

static void test_weights_and_huber(void **state)
{
    (void)state;
    static const double of_types[] = {1, 0.5, 2};
    struct dice dice = {43};
    struct vt_loss_options loss = setting_loss();
    struct synthetic flavour = synthetic_defaults();
    flavour.charge_mode = 1;
    loss.type_weight = of_types;
    loss.force_delta = 0.3;
    run(&flavour, &loss, &dice);
    /* All residuals beyond the thresholds: one that crosses has a kink in its second derivative,
     * which differences see. */
    for (int kind = 0; kind < VT_LOSS_KINDS; kind++)
        loss.huber[kind] = kind == VT_LOSS_CHARGE ? 10 : 0.05;
    run(&flavour, &loss, &dice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_flavour),
                                       cmocka_unit_test(test_every_term_alone),
                                       cmocka_unit_test(test_weights_and_huber)};
    return VT_RUN_TESTS(tests);
}
