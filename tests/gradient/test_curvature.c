/* SPDX-License-Identifier: GPL-3.0-or-later */
/* J^T W J d against differences of the gradient where all residuals are zero: there it is the whole
 * second derivative. And the loss against its formula, from predictions. */
#include "../unit/balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "common/near.h"
#include "setting.h"

static const double tolerance = 1e-7, step = 2e-3;

static void predict(struct setting *s, size_t i, struct vt_prediction *prediction)
{
    struct vt_error error = {0};
    setting_check(vt_gradient_predict(s->gradient, s->parameters, i, prediction, &error), &error);
}

/* Labels of all frames become what is predicted. */
static void take_predictions(struct setting *s)
{
    for (size_t i = 0; i < s->set.n; i++) {
        struct vt_labelled_frame *frame = &s->set.frame[i];
        struct vt_prediction prediction;
        predict(s, i, &prediction);
        frame->charge = prediction.raw_charge;
        predict(s, i, &prediction);
        frame->energy = prediction.energy;
        memcpy((void *)frame->force, prediction.force, frame->n_atoms * sizeof *frame->force);
        if (frame->virial)
            memcpy((void *)frame->virial, prediction.virial, sizeof prediction.virial);
        if (frame->born)
            memcpy((void *)frame->born, prediction.born, frame->n_atoms * sizeof *frame->born);
    }
}

static void curvature(struct setting *s, double *product)
{
    const struct vt_batch all = {0, NULL};
    struct vt_error error = {0};
    setting_check(s->objective.curvature(s->objective.content, s->parameters, &all, s->direction,
                                         product, &error),
                  &error);
}

/* Second derivatives along the direction from gradients at six points. */
static void difference(struct setting *s, double *product)
{
    static const double weight[3] = {3.0 / 4, -3.0 / 20, 1.0 / 60};
    const size_t n = s->objective.n_parameters;
    memset(product, 0, n * sizeof *product);
    for (int k = -3; k <= 3; k++) {
        if (k == 0)
            continue;
        setting_loss_at(s, k * step, s->slope);
        for (size_t p = 0; p < n; p++)
            product[p] += (k > 0 ? 1 : -1) * weight[abs(k) - 1] * s->slope[p] / step;
    }
}

static void run(const struct synthetic *flavour, const struct vt_loss_options *loss,
                struct dice *dice)
{
    struct setting s;
    setting_create(&s, flavour, loss, dice);
    take_predictions(&s);
    const size_t n = s.objective.n_parameters;
    double *product = setting_array(n), *numeric = setting_array(n), most = 0, worst = 0;
    for (size_t p = 0; p < n; p++)
        s.direction[p] = dice_real(dice, -1, 1) / sqrt((double)n);
    curvature(&s, product);
    difference(&s, numeric);
    for (size_t p = 0; p < n; p++)
        most = fmax(most, fabs(numeric[p]));
    for (size_t p = 0; p < n; p++)
        worst = fmax(worst, fabs(product[p] - numeric[p]) / most);
    print_message("%s: %.0e\n", flavour_text(flavour), worst);
    assert_all_near(product, numeric, n, tolerance * most);
    vt_free(product);
    vt_free(numeric);
    setting_destroy(&s);
}

static void test_every_flavour(void **state)
{
    (void)state;
    struct dice dice = {51};
    const struct vt_loss_options loss = setting_loss();
    for (int family = 0; family < FLAVOUR_FAMILIES; family++) {
        const struct synthetic flavour = flavour_draw(family, &dice);
        run(&flavour, &loss, &dice);
    }
}

static void test_every_term_alone(void **state)
{
    (void)state;
    struct dice dice = {52};
    for (int kind = 0; kind < VT_LOSS_KINDS; kind++) {
        struct vt_loss_options loss = {.shear = 1};
        struct synthetic flavour = synthetic_defaults();
        flavour.charge_mode = 1;
        loss.lambda[kind] = 1;
        run(&flavour, &loss, &dice);
    }
}

/* W does not depend on the residuals while they are squared. */
static void test_labels_do_not_matter(void **state)
{
    (void)state;
    struct dice dice = {53};
    struct setting s;
    struct synthetic flavour = synthetic_defaults();
    const struct vt_loss_options loss = setting_loss();
    flavour.charge_mode = 2;
    setting_create(&s, &flavour, &loss, &dice);
    const size_t n = s.objective.n_parameters;
    double *noisy = setting_array(n), *exact = setting_array(n);
    for (size_t p = 0; p < n; p++)
        s.direction[p] = dice_real(&dice, -1, 1);
    for (size_t i = 0; i < s.set.n; i++)
        s.set.frame[i].charge = 0;
    curvature(&s, noisy);
    for (size_t i = 0; i < s.set.n; i++) {
        struct vt_prediction prediction;
        predict(&s, i, &prediction);
        memcpy((void *)s.set.frame[i].force, prediction.force,
               s.set.frame[i].n_atoms * sizeof *prediction.force);
    }
    curvature(&s, exact);
    assert_all_near(noisy, exact, n, 0);
    vt_free(noisy);
    vt_free(exact);
    setting_destroy(&s);
}

static double square(double x)
{
    return x * x;
}

/* Sums over the frames of the set, as docs/theory.md 10.1 has them. */
static void add_formula(struct setting *s, size_t i, double shear, double sum[VT_LOSS_KINDS])
{
    static const int six[6] = {0, 4, 8, 1, 5, 6};
    const struct vt_labelled_frame *f = &s->set.frame[i];
    const double n = (double)f->n_atoms, w2 = f->weight * f->weight;
    struct vt_prediction p;
    predict(s, i, &p);
    sum[VT_LOSS_ENERGY] += w2 * f->energy_weight * square((p.energy - f->energy) / n);
    sum[VT_LOSS_CHARGE] += square((p.raw_charge - f->charge) / n);
    for (size_t a = 0; a < f->n_atoms; a++) {
        for (int d = 0; d < 3; d++)
            sum[VT_LOSS_FORCE] += w2 * square(p.force[a][d] - f->force[a][d]);
        for (int c = 0; c < 9 && f->born; c++)
            sum[VT_LOSS_BORN] += square(p.born[a][c] - f->born[a][c]) / n;
    }
    for (int k = 0; k < 6 && f->virial; k++)
        sum[VT_LOSS_VIRIAL] +=
            w2 * (k < 3 ? 1 : square(shear)) * square((p.virial[six[k]] - f->virial[six[k]]) / n);
}

static void test_formula(void **state)
{
    (void)state;
    struct dice dice = {54};
    struct setting s;
    struct synthetic flavour = synthetic_defaults();
    struct vt_loss_options options = setting_loss();
    options.lambda_2 = 0;
    flavour.charge_mode = 1;
    setting_create(&s, &flavour, &options, &dice);
    double sum[VT_LOSS_KINDS] = {0}, total = 0, atoms = 0, virials = 0, borns = 0;
    for (size_t i = 0; i < s.set.n; i++) {
        add_formula(&s, i, options.shear, sum);
        atoms += (double)s.set.frame[i].n_atoms;
        virials += s.set.frame[i].virial ? 1 : 0;
        borns += s.set.frame[i].born ? 1 : 0;
    }
    const double frames = (double)s.set.n;
    const double count[VT_LOSS_KINDS] = {frames, 3 * atoms, 6 * virials, frames, 9 * borns};
    const struct vt_batch all = {0, NULL};
    struct vt_loss loss;
    struct vt_error error = {0};
    setting_check(
        s.objective.evaluate(s.objective.content, s.parameters, &all, &loss, NULL, &error), &error);
    for (int k = 0; k < VT_LOSS_KINDS; k++) {
        assert_near(loss.count[k], count[k], 0);
        assert_near(loss.mean_square[k], sum[k] / count[k], 1e-12 * sum[k]);
        total += options.lambda[k] * sum[k] / count[k];
    }
    assert_near(loss.total, total, 1e-12 * total);
    setting_destroy(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flavour), cmocka_unit_test(test_every_term_alone),
        cmocka_unit_test(test_labels_do_not_matter), cmocka_unit_test(test_formula)};
    return VT_RUN_TESTS(tests);
}
