/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames dealt out to any number of ranks: the loss, its gradient, its curvature and q_scaler are
 * those of one rank. Also for part of the frames, some of them twice. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"
#include "common/near.h"
#include "setting.h"

static const double tolerance = 1e-12; /* relative to the largest */

enum { FRAMES = 5 };

/* The frames of this rank. */
struct share {
    size_t number[FRAMES];
    struct vt_labelled_frame frame[FRAMES];
    struct vt_frame_set set;
};

/* In some order; or all to one rank, so that the others have none. */
static void deal(const struct labelled *all, bool to_one, struct share *share)
{
    const size_t rank = (size_t)vt_rank(MPI_COMM_WORLD);
    const size_t count = (size_t)vt_rank_count(MPI_COMM_WORLD);
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (rank == (to_one ? count - 1 : (i * 2 + 1) % count)) {
            share->number[n] = i;
            share->frame[n++] = all->frame[i];
        }
    share->set = (struct vt_frame_set){n, share->frame, all->n, share->number};
}

static void evaluate_both(const struct vt_objective *one, const struct vt_objective *many,
                          const double *parameters, const struct vt_batch *batch)
{
    const size_t n = one->n_parameters;
    struct vt_loss a, b;
    struct vt_error error = {0};
    double *of_one = setting_array(n), *of_many = setting_array(n), most = 0;
    setting_check(one->evaluate(one->content, parameters, batch, &a, of_one, &error), &error);
    setting_check(many->evaluate(many->content, parameters, batch, &b, of_many, &error), &error);
    assert_near(a.total, b.total, tolerance * a.total);
    assert_all_near(a.rmse, b.rmse, VT_LOSS_KINDS, tolerance * 10);
    assert_all_near(a.count, b.count, VT_LOSS_KINDS, 0);
    for (int pass = 0; pass < 2; pass++) {
        most = 0;
        for (size_t p = 0; p < n; p++)
            most = fmax(most, fabs(of_one[p]));
        assert_true(most > 0);
        assert_all_near(of_one, of_many, n, tolerance * most);
        if (pass)
            break;
        setting_check(one->curvature(one->content, parameters, batch, parameters, of_one, &error),
                      &error);
        setting_check(
            many->curvature(many->content, parameters, batch, parameters, of_many, &error), &error);
    }
    vt_free(of_one);
    vt_free(of_many);
}

static struct vt_gradient *create(const struct vt_nep *model, const struct vt_frame_set *set,
                                  MPI_Comm comm)
{
    const struct vt_gradient_options options = {.loss = setting_loss(), .memory = 3e5};
    struct vt_gradient *gradient = NULL;
    struct vt_error error = {0};
    setting_check(vt_gradient_create(&gradient, model, set, &options, comm, &error), &error);
    return gradient;
}

static void compare(struct setting *s, bool to_one)
{
    static const size_t some[] = {4, 0, 2, 4};
    const struct vt_batch batches[] = {{0, NULL}, {4, some}};
    struct share share;
    struct vt_error error = {0};
    const struct vt_frame_set all = labelled_set(&s->set);
    deal(&s->set, to_one, &share);
    struct vt_gradient *gradient = create(&s->model, &share.set, MPI_COMM_WORLD);
    struct vt_gradient *whole = create(&s->model, &all, MPI_COMM_NULL);
    const struct vt_objective one = vt_gradient_objective(whole);
    const struct vt_objective many = vt_gradient_objective(gradient);
    setting_check(vt_gradient_fit_scaler(whole, s->parameters, &error), &error);
    setting_check(vt_gradient_fit_scaler(gradient, s->parameters, &error), &error);
    assert_all_near(vt_gradient_scaler(whole), vt_gradient_scaler(gradient),
                    (size_t)s->model.dimension, 0);
    for (size_t k = 0; k < 2; k++)
        evaluate_both(&one, &many, s->parameters, &batches[k]);
    vt_gradient_destroy(gradient);
    vt_gradient_destroy(whole);
}

static void test_ranks(void **state)
{
    (void)state;
    struct dice dice = {61};
    struct setting s;
    struct sample sample = {0};
    struct synthetic flavour = synthetic_defaults();
    const struct vt_loss_options loss = setting_loss();
    flavour.charge_mode = 1;
    setting_create(&s, &flavour, &loss, &dice);
    sample_draw(&sample, SAMPLE_CRYSTAL, 8, s.model.n_types, &dice);
    while (s.set.n < FRAMES)
        labelled_add(&s.set, &s.model, &sample, &dice);
    sample_destroy(&sample);
    compare(&s, false);
    compare(&s, true);
    setting_destroy(&s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ranks)};
    MPI_Init(&argc, &argv);
    const int status = VT_RUN_TESTS(tests);
    MPI_Finalize();
    return status;
}
