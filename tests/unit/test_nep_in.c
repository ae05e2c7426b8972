/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "training/nep_in.h"

static enum vt_code parse(const char *text, struct vt_train_settings *settings,
                          struct vt_error_list *errors)
{
    *errors = (struct vt_error_list){0};
    return vt_nep_in_parse(settings, "nep.in", text, strlen(text), errors);
}

static void takes_the_defaults_of_gpumd(void **state)
{
    (void)state;
    struct vt_train_settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse("type 2 Te Pb\n", &settings, &errors), VT_OK);
    const struct vt_train_model *model = &settings.model;
    assert_int_equal(model->n_types, 2);
    assert_int_equal(model->atomic_number[0], 52);
    assert_int_equal(model->version, 4);
    assert_true(model->cutoff_radial[1] == 8 && model->cutoff_angular[1] == 4);
    assert_true(model->n_radial == 6 && model->n_angular == 6);
    assert_true(model->k_radial == 6 && model->k_angular == 6);
    assert_int_equal(model->l_max, 4);
    assert_true(model->term[VT_Q222] && !model->term[VT_Q1111] && !model->term[VT_Q112]);
    assert_int_equal(model->neurons, 30);
    assert_int_equal(model->charge_mode, 0);
    assert_int_equal(model->zbl, VT_ZBL_NONE);
    assert_true(settings.loss.energy == 1 && settings.loss.force == 1);
    assert_true(settings.loss.virial == 0.1 && settings.loss.charge == 0.1);
    assert_true(settings.loss.born == 0.5 && settings.loss.l1 < 0 && settings.loss.l2 < 0);
    assert_int_equal(settings.batch, 1000);
    assert_int_equal(settings.snes.population, 50);
    assert_int_equal(settings.snes.generations, 100000);
}

static void takes_every_keyword(void **state)
{
    (void)state;
    struct vt_train_settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse("# a comment\r\n\ntype 2 Te Pb # two\r\nmodel_type 0\nversion 4\n"
                           "cutoff 8 4 7 5\nn_max 4 3\nbasis_size 8 7\nl_max 4 2 1 0 1\n"
                           "neuron 40 0\nvdw 0\ncharge_vdw 0\nzbl 2\nuse_typewise_cutoff_zbl 0.6\n"
                           "lambda_1 0.05\nlambda_2 0.06\nlambda_e 2\nlambda_f 3\nlambda_v 0.2\n"
                           "lambda_q 0.3\nlambda_z 0.4\nlambda_shear 5\nforce_delta 0.5\n"
                           "type_weight 1 2\nbatch 500 1\npopulation 60\ngeneration 20000\n"
                           "initial_para 0.5\nsigma0 0.05\noutput_interval 10\n"
                           "save_potential 1000 0 1\noutput_descriptor 2\nprediction 1\n"
                           "import_q_scaler\n",
                           &settings, &errors),
                     VT_OK);
    const struct vt_train_model *model = &settings.model;
    const struct vt_train_loss *loss = &settings.loss;
    assert_true(model->cutoff_radial[1] == 7 && model->cutoff_angular[1] == 5);
    assert_true(model->n_radial == 4 && model->n_angular == 3);
    assert_true(model->k_radial == 8 && model->k_angular == 7);
    assert_true(model->term[VT_Q222] && model->term[VT_Q1111] && !model->term[VT_Q112]);
    assert_true(model->term[VT_Q123] && model->neurons == 40);
    assert_int_equal(model->zbl, VT_ZBL_TYPEWISE);
    assert_true(model->zbl_outer == 2 && model->zbl_inner == 1 && model->zbl_factor == 0.6);
    assert_true(loss->l1 == 0.05 && loss->l2 == 0.06 && loss->energy == 2 && loss->force == 3);
    assert_true(loss->virial == 0.2 && loss->charge == 0.3 && loss->born == 0.4);
    assert_true(loss->shear == 5 && loss->force_delta == 0.5 && loss->type_weight[1] == 2);
    assert_true(settings.batch == 500 && settings.accumulate_batches);
    assert_true(settings.snes.population == 60 && settings.snes.generations == 20000);
    assert_true(settings.snes.initial_para == 0.5 && settings.snes.sigma0 == 0.05);
    assert_true(settings.output_interval == 10 && settings.save_interval == 1000);
    assert_true(settings.save_name == 0 && settings.save_restart);
    assert_true(settings.output_descriptor == 2 && settings.predict_only);
    assert_true(settings.import_q_scaler);
}

static void assert_mistake(const char *text, long line, const char *message)
{
    struct vt_train_settings settings;
    struct vt_error_list errors;
    assert_int_not_equal(parse(text, &settings, &errors), VT_OK);
    assert_int_equal(errors.n_kept, 1);
    assert_string_equal(errors.error[0].message, message);
    assert_int_equal(errors.error[0].line, line);
}

static void names_each_mistake(void **state)
{
    (void)state;
    assert_mistake("type 1 Te\ncutof 8 4\n", 2, "unknown keyword 'cutof'");
    assert_mistake("version 4\n", 0, "the elements are missing");
    assert_mistake("cutoff 8 4\ntype 1 Te\n", 1, "'cutoff' needs the elements");
    assert_mistake("type 2 Te\ntype_weight 1\n", 1, "2 elements are announced, but 1 are there");
    assert_mistake("type 1 te\n", 1, "unknown element 'te'");
}

static void reports_all_mistakes_together(void **state)
{
    (void)state;
    struct vt_train_settings settings;
    struct vt_error_list errors;
    static const char *const messages[] = {"Pb is there twice",
                                           "the angular cutoff is above the radial one (4)",
                                           "'neuron' takes 1 to 2 values, not 0",
                                           "l_max is 9, outside of 2 to 8",
                                           "dipole models are not trained here",
                                           "models with two hidden layers are not trained here",
                                           "'cutoff' is there twice; the first is in line 3",
                                           "version 3 is not trained by a nep.in, only 4",
                                           "sigma0 is 1, not from 0.01 to 0.1",
                                           "expected a finite number (lambda_e), found '1e400'",
                                           "expected a weight for each of 1 elements, found 2",
                                           "'use_typewise_cutoff_zbl' needs 'zbl'"};
    assert_int_not_equal(parse("type 1 Te\n"
                               "use_typewise_cutoff_zbl\n"
                               "cutoff 4 5\nl_max 9\nmodel_type 1\nneuron 30 30\ncutoff 8 4\n"
                               "version 3\nsigma0 1\nlambda_e 1e400\ntype_weight 1 1\n",
                               &settings, &errors),
                         VT_OK);
    for (size_t i = 0; i < errors.n_kept; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof messages / sizeof *messages; k++)
            known |= strcmp(messages[k], errors.error[i].message) == 0;
        if (!known)
            fail_msg("%s", errors.error[i].message);
    }
    assert_int_equal(errors.n_kept, 10);
}

static void charges_need_one_cutoff(void **state)
{
    (void)state;
    assert_mistake("type 2 Te Pb\ncutoff 8 4 7 4\ncharge_mode 2\n", 2,
                   "models with charges need one cutoff for all elements");
}

static void suggests_the_nearest_word(void **state)
{
    (void)state;
    struct vt_train_settings settings;
    struct vt_error_list errors;
    assert_int_not_equal(parse("type 1 Te\nneurons 30\n", &settings, &errors), VT_OK);
    assert_string_equal(errors.error[0].hint, "did you mean 'neuron'?");
}

static void assert_zbl_mistake(const char *text, long line, const char *message)
{
    double rows[3][VT_ZBL_ROW];
    struct vt_error error = {0};
    assert_int_equal(vt_zbl_in_parse(rows, 2, "zbl.in", text, strlen(text), &error), VT_INPUT);
    assert_string_equal(error.message, message);
    assert_int_equal(error.line, line);
}

static void reads_flexible_zbl(void **state)
{
    (void)state;
    double rows[3][VT_ZBL_ROW];
    static const char text[] = "1 2 .1 .2 .3 .4 .5 .6 .7 .8\n\n0 2 1 1 1 1 1 1 1 1\n"
                               "1.5 2.5 1 1 1 1 1 1 1 9\n";
    assert_int_equal(vt_zbl_in_parse(rows, 2, "zbl.in", text, sizeof text - 1, NULL), VT_OK);
    assert_true(rows[0][9] == .8 && rows[2][0] == 1.5 && rows[2][9] == 9);
    assert_zbl_mistake("1 2 1 1 1 1 1 1 1 1\n", 1,
                       "2 elements need 3 rows, but the file ends after 1");
    assert_zbl_mistake("1 2 1 1 1 1 1 1 1\n", 1,
                       "expected 10 words (parameters of a pair), found 9");
    assert_zbl_mistake("2 2 1 1 1 1 1 1 1 1\n", 1, "the outer cutoff is not above the inner one");
    assert_zbl_mistake("0 2 1 1 1 1 1 1 1 1\n0 2 1 1 1 1 1 1 1 1\n0 2 1 1 1 1 1 1 1 1\n1\n", 4,
                       "more than the 3 rows that 2 elements have");
}

static void zbl_is_flexible_with_its_file(void **state)
{
    (void)state;
    struct vt_train_settings settings;
    struct vt_error_list errors = {0};
    double rows[1][VT_ZBL_ROW];
    char folder[] = "vt_nep_in_XXXXXX", path[64], zbl[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/nep.in", folder);
    snprintf(zbl, sizeof zbl, "%s/zbl.in", folder);
    FILE *file = fopen(path, "w");
    fputs("type 1 C\nzbl 2\n", file);
    fclose(file);
    assert_int_equal(vt_nep_in_read(&settings, path, &errors), VT_OK);
    assert_int_equal(settings.model.zbl, VT_ZBL_UNIVERSAL);
    assert_int_equal(vt_zbl_in_read(rows, 1, path, NULL), VT_INPUT);
    file = fopen(zbl, "w");
    fputs("1 2 1 1 1 1 1 1 1 1\n", file);
    fclose(file);
    assert_int_equal(vt_nep_in_read(&settings, path, &errors), VT_OK);
    assert_int_equal(settings.model.zbl, VT_ZBL_FLEXIBLE);
    assert_int_equal(vt_zbl_in_read(rows, 1, path, NULL), VT_OK);
    remove(zbl);
    remove(path);
    assert_int_equal(vt_nep_in_read(&settings, path, &errors), VT_INPUT);
    remove(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_defaults_of_gpumd),
        cmocka_unit_test(takes_every_keyword),
        cmocka_unit_test(names_each_mistake),
        cmocka_unit_test(charges_need_one_cutoff),
        cmocka_unit_test(reads_flexible_zbl),
        cmocka_unit_test(zbl_is_flexible_with_its_file),
        cmocka_unit_test(reports_all_mistakes_together),
        cmocka_unit_test(suggests_the_nearest_word),
    };
    return VT_RUN_TESTS(tests);
}
