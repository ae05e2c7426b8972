/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What training sees of a model is what vt_force_compute makes of it, for every flavour, kind of
 * structure and instruction set. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "common/near.h"
#include "labelled.h"
#include "physics/evaluate.h"
#include "training/gradient.h"

static const double tolerance = 1e-10;

static void check(enum vt_code code, const struct vt_error *error)
{
    char text[1200];
    if (code != VT_OK)
        fail_msg("%s", vt_error_text(error, text, sizeof text));
}

static double largest(const double *values, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void compare(const struct vt_prediction *p, const struct vt_results *r, size_t n)
{
    const double energies = largest(r->energies, n), forces = largest(r->forces[0], 3 * n);
    assert_near(p->energy, r->energy, tolerance * energies * (double)n);
    assert_all_near(p->force[0], r->forces[0], 3 * n, tolerance * forces);
    assert_all_near(p->virial, r->virial, 9, tolerance * largest(r->virial, 9));
    if (!r->charges) {
        assert_null(p->charges);
        return;
    }
    assert_near(p->raw_charge, r->raw_charge, tolerance * (double)n);
    assert_all_near(p->charges, r->charges, n, tolerance * largest(r->charges, n));
    assert_all_near(p->born[0], r->born[0], 9 * n, tolerance * largest(r->born[0], 9 * n));
}

static void run(int family, const struct vt_training_kernel *kernel, struct dice *dice)
{
    const struct synthetic flavour = flavour_draw(family, dice);
    struct vt_nep model = {0};
    struct vt_error error = {0};
    struct labelled set = {0};
    synthetic_model(&model, &flavour);
    for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
        struct sample sample = {0};
        sample_draw(&sample, (enum sample_kind)kind, 20, model.n_types, dice);
        if (kind % 2)
            sample_scatter(&sample, dice);
        labelled_add(&set, &model, &sample, dice);
        set.frame[kind].charge = 0; /* as everywhere but in training */
        sample_destroy(&sample);
    }
    const struct vt_frame_set frames = labelled_set(&set);
    const struct vt_gradient_options options = {vt_loss_defaults(), family % 2 ? 1e9 : 3e5, kernel};
    struct vt_gradient *gradient = NULL;
    check(vt_gradient_create(&gradient, &model, &frames, &options, MPI_COMM_NULL, &error), &error);
    struct vt_force *force = evaluator(&model, VT_EWALD_GPUMD, 0);
    for (size_t i = 0; i < set.n; i++) {
        struct vt_prediction prediction;
        check(vt_gradient_predict(gradient, model.numbers, i, &prediction, &error), &error);
        compare(&prediction, evaluate(force, &set.sample[i]), set.sample[i].n_atoms);
    }
    vt_force_destroy(force);
    vt_gradient_destroy(gradient);
    labelled_destroy(&set);
    vt_nep_destroy(&model);
}

static void test_every_flavour(void **state)
{
    static const char *const names[] = {"generic", "avx2", "avx512"};
    (void)state;
    struct dice dice = {31};
    for (int family = 0; family < FLAVOUR_FAMILIES; family++) {
        const struct vt_training_kernel *kernel = vt_training_kernel_named(names[family % 3]);
        run(family, kernel ? kernel : vt_training_kernel_best(), &dice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_flavour)};
    return VT_RUN_TESTS(tests);
}
