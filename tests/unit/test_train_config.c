/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keywords of trainings, what they come to, and where a training starts. */
#include "training/train_config.h"

#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "common/near.h"
#include "training/start.h"

static const char example[] = "train: train.xyz\n"
                              "test: 10 %\n"
                              "elements: [Li, Zr, Cl]\n"
                              "model: {version: 4, charge_mode: 1, cutoff: [6 A, 4 A], "
                              "n_max: [6, 5], basis_size: [6, 7], l_max: [4, 2, 0], neurons: 30}\n"
                              "loss: {energy: 1, force: 1, virial: 0.1}\n"
                              "optimizer: auto\n"
                              "walltime: 30 min\n"
                              "seed: 1\n"
                              "output: {directory: run1}\n";

static void read_text(struct vt_train_config *config, const char *text)
{
    const struct vt_config_text from = {"train.yaml", text, strlen(text), "/somewhere"};
    struct vt_error_list errors = {0};
    memset(config, 0, sizeof *config);
    if (vt_config_parse(&vt_train_table, config, &from, &(struct vt_settings){0}, &errors)) {
        vt_error_list_write(&errors, stderr);
        fail();
    }
}

static void test_table(void **state)
{
    (void)state;
    struct vt_error error;
    const enum vt_code code = vt_table_check(&vt_train_table, &error);
    if (code)
        print_error("%s\n", error.message);
    assert_int_equal(code, VT_OK);
}

static void test_example(void **state)
{
    (void)state;
    struct vt_train_config config;
    struct vt_nep model = {0};
    read_text(&config, example);
    assert_int_equal(config.test, VT_TRAIN_TEST_FRACTION);
    assert_near(config.test_fraction, 0.1, 1e-15);
    assert_near(config.walltime, 1800, 1e-9);
    assert_string_equal(config.output.directory, "/somewhere/run1");
    assert_int_equal(vt_train_config_model(&config, &model, NULL), VT_OK);
    assert_int_equal(model.dimension, 7 + 6 * 5);
    assert_int_equal(model.n_trainable, (37 + 3) * 30 * 3 + 2 + 9 * (7 * 7 + 6 * 8));
    assert_true(model.term[VT_Q222] && !model.term[VT_Q1111]);
    vt_nep_destroy(&model);
    vt_config_destroy(&vt_train_table, &config);
}

/* The identity of checkpoints knows what makes the result, and nothing else. */
static void test_identity(void **state)
{
    (void)state;
    struct vt_train_config config;
    char *texts[3];
    size_t size;
    read_text(&config, example);
    for (int i = 0; i < 3; i++) {
        config.walltime += i;
        config.memory += i;
        config.seed += i == 2;
        FILE *file = open_memstream(&texts[i], &size);
        vt_train_config_echo_identity(&config, file);
        fclose(file);
    }
    assert_string_equal(texts[0], texts[1]);
    assert_string_not_equal(texts[0], texts[2]);
    for (int i = 0; i < 3; i++)
        free(texts[i]);
    vt_config_destroy(&vt_train_table, &config);
}

static void test_stages(void **state)
{
    (void)state;
    struct vt_train_config config;
    struct vt_training_stage stage[VT_TRAIN_STAGES];
    read_text(&config, example);
    config.adam.batch = 4;
    config.adam.epochs = 7;
    config.seed = 5;
    config.optimizer = VT_TRAIN_ADAM;
    assert_int_equal(vt_train_config_stages(&config, 10, stage), 1);
    assert_int_equal(stage[0].n_steps, 7 * 3); /* batches of 4, 3 and 3 frames */
    assert_int_equal(stage[0].optimiser.adam.n_steps, 7 * 3);
    assert_int_equal(stage[0].optimiser.seed, 5);
    assert_near(stage[0].optimiser.adam.rate, config.adam.rate, 0);
    config.adam.batch = 1000; /* more than there are */
    vt_train_config_stages(&config, 10, stage);
    assert_int_equal(stage[0].optimiser.adam.batch, 10);
    config.optimizer = VT_TRAIN_SNES;
    assert_int_equal(vt_train_config_stages(&config, 10, stage), 1);
    assert_int_equal(stage[0].optimiser.snes.population, 50);
    vt_config_destroy(&vt_train_table, &config);
}

/* ---- the start ---- */

static void make_model(struct vt_nep *model, const char *changes)
{
    struct vt_train_config config;
    char text[1024];
    snprintf(text, sizeof text, "train: t.xyz\noutput: {directory: o}\n%s", changes);
    read_text(&config, text);
    *model = (struct vt_nep){0};
    assert_int_equal(vt_train_config_model(&config, model, NULL), VT_OK);
    vt_config_destroy(&vt_train_table, &config);
}

static const char two[] = "elements: [Li, O]\nmodel: {charge_mode: 1, n_max: [1, 1], basis_size: "
                          "[2, 2], l_max: [2], neurons: 3}\n";
static const char three[] = "elements: [O, Na, Li]\nmodel: {charge_mode: 1, n_max: [1, 1], "
                            "basis_size: [2, 2], l_max: [2], neurons: 3}\n";
static const char no_charges[] =
    "elements: [Li, O]\nmodel: {n_max: [1, 1], basis_size: [2, 2], l_max: [2], neurons: 3}\n";

static void test_owners(void **state)
{
    (void)state;
    struct vt_nep model;
    make_model(&model, two);
    int *owner = calloc(model.n_trainable, sizeof *owner);
    int count[3] = {0};
    vt_start_owners(&model, owner);
    for (size_t i = 0; i < model.n_trainable; i++)
        count[owner[i] + 1]++;
    assert_int_equal(count[0], 2); /* common bias, sqrt_epsilon_inf */
    assert_int_equal(count[1], count[2]);
    assert_int_equal(owner[vt_start_bias_index(&model)], -1);
    const size_t radial = (size_t)(vt_nep_radial(&model) - model.numbers);
    const int expected[] = {0, 0, 1, 1, 0, 0, 1, 1}; /* [n][k][t1][t2]: the centre owns */
    for (int i = 0; i < 8; i++)
        assert_int_equal(owner[radial + (size_t)i], expected[i]);
    free(owner);
    vt_nep_destroy(&model);
}

/* Drawn by seed and place; charges small but not zero. */
static void test_draw(void **state)
{
    (void)state;
    struct vt_nep a, b, c;
    make_model(&a, two);
    make_model(&b, two);
    make_model(&c, two);
    vt_start_draw(&a, 1);
    vt_start_draw(&b, 1);
    vt_start_draw(&c, 2);
    assert_memory_equal(a.numbers, b.numbers, a.n_numbers * sizeof(double));
    assert_memory_not_equal(a.numbers, c.numbers, a.n_numbers * sizeof(double));
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < 3; i++) {
            const double wq = vt_nep_network(&a, t).wq[i];
            assert_true(fabs(wq) > 0 && fabs(wq) < 0.2);
        }
    assert_near(vt_nep_sqrt_epsilon(&a), 2, 0);
    vt_start_draw_uniform(&a, 1);
    for (int i = 0; i < 3; i++)
        assert_near(vt_nep_network(&a, 1).wq[i], 0, 0);
    vt_nep_destroy(&a);
    vt_nep_destroy(&b);
    vt_nep_destroy(&c);
}

/* Elements go by name, not by place; what the old model has not stays as it was drawn. */
static void test_from(void **state)
{
    (void)state;
    struct vt_nep old, new, plain;
    make_model(&old, two);
    make_model(&new, three);
    make_model(&plain, no_charges);
    vt_start_draw(&old, 1);
    vt_start_draw(&new, 2);
    const double na = vt_nep_network(&new, 1).w0[0];
    const double li_na = vt_nep_radial(&new)[2 * 3 + 1];
    assert_int_equal(vt_start_from(&new, &old, NULL), VT_OK);
    assert_near(vt_nep_network(&new, 0).w0[4], vt_nep_network(&old, 1).w0[4], 0); /* O */
    assert_near(vt_nep_network(&new, 2).wq[1], vt_nep_network(&old, 0).wq[1], 0); /* Li */
    assert_near(vt_nep_network(&new, 1).w0[0], na, 0);
    assert_near(vt_nep_radial(&new)[2 * 3 + 0], vt_nep_radial(&old)[0 * 2 + 1], 0); /* Li-O */
    assert_near(vt_nep_radial(&new)[2 * 3 + 1], li_na, 0);
    assert_near(vt_nep_angular(&new)[9], vt_nep_angular(&old)[4 + 3], 0); /* O-O, k = 1 */
    vt_start_draw(&plain, 3);
    struct vt_error error;
    assert_int_equal(vt_start_from(&plain, &old, &error), VT_INPUT); /* charges would be lost */
    vt_start_draw(&old, 4);
    const double wq = vt_nep_network(&old, 0).wq[0];
    assert_int_equal(vt_start_from(&old, &plain, NULL), VT_OK);
    assert_near(vt_nep_network(&old, 0).w1[2], vt_nep_network(&plain, 0).w1[2], 0);
    assert_near(vt_nep_network(&old, 0).wq[0], wq, 0);
    vt_nep_destroy(&old);
    vt_nep_destroy(&new);
    vt_nep_destroy(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),    cmocka_unit_test(test_example),
        cmocka_unit_test(test_identity), cmocka_unit_test(test_stages),
        cmocka_unit_test(test_owners),   cmocka_unit_test(test_draw),
        cmocka_unit_test(test_from),
    };
    return VT_RUN_TESTS(tests);
}
