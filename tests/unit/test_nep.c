/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models: where their numbers lie, and that every flavour survives writing and reading. What the
 * reader refuses is in test_nep_refuse.c. */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "common/synthetic.h"
#include "nep_text.h"
#include "potential/covalent_radii_table.h"
#include "potential/nep.h"

static struct vt_nep flavour(int i)
{
    const char *name = NULL;
    const struct synthetic options = synthetic_flavour(i, &name);
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    return model;
}

/* The order of section "numbers" of the format, walked with a cursor instead of offsets. */
static void walk_blocks(const struct vt_nep *model)
{
    const double *at = model->numbers;
    const size_t neurons = (size_t)model->neurons, types = (size_t)model->n_types;
    for (int t = 0; t < model->n_types; t++) {
        const struct vt_nep_network network = vt_nep_network(model, t);
        if (model->version == 3)
            at = model->numbers;
        assert_ptr_equal(network.w0, at);
        assert_ptr_equal(network.b0, at += neurons * (size_t)model->dimension);
        assert_ptr_equal(network.w1, at += neurons);
        at += neurons;
        if (model->charge_mode) {
            assert_ptr_equal(network.wq, at);
            at += neurons;
        } else {
            assert_null(network.wq);
        }
        assert_true(network.bias == (model->version == 5 ? *at++ : 0.0));
    }
    assert_true(vt_nep_sqrt_epsilon(model) == (model->charge_mode ? *at++ : 1.0));
    assert_true(vt_nep_common_bias(model) == *at++);
    assert_ptr_equal(vt_nep_radial(model), at);
    at += (size_t)((model->n_radial + 1) * (model->k_radial + 1)) * types * types;
    assert_ptr_equal(vt_nep_angular(model), at);
    at += (size_t)((model->n_angular + 1) * (model->k_angular + 1)) * types * types;
    assert_int_equal(at - model->numbers, model->n_trainable);
    assert_ptr_equal(vt_nep_scaler(model), at);
    at += model->dimension;
    for (int t1 = 0; t1 < model->n_types && model->zbl == VT_ZBL_FLEXIBLE; t1++) {
        for (int t2 = t1; t2 < model->n_types; t2++, at += VT_ZBL_ROW) {
            assert_ptr_equal(vt_nep_zbl_row(model, t1, t2), at);
            assert_ptr_equal(vt_nep_zbl_row(model, t2, t1), at);
        }
    }
    assert_int_equal(at - model->numbers, model->n_numbers);
}

static void blocks_lie_in_file_order(void **state)
{
    (void)state;
    for (int i = 0; i < synthetic_flavours(); i++) {
        struct vt_nep model = flavour(i);
        walk_blocks(&model);
        vt_nep_destroy(&model);
    }
}

/* The closed forms of the number of parameters. */
static size_t expected_trainable(const struct vt_nep *m)
{
    const int expansion =
        m->n_types * m->n_types *
        ((m->n_radial + 1) * (m->k_radial + 1) + (m->n_angular + 1) * (m->k_angular + 1));
    const int d = m->dimension, h = m->neurons, t = m->n_types;
    const int network = m->charge_mode    ? (d + 3) * h * t + 2
                        : m->version == 3 ? (d + 2) * h + 1
                        : m->version == 4 ? (d + 2) * h * t + 1
                                          : ((d + 2) * h + 1) * t + 1;
    return (size_t)(network + expansion);
}

static void sizes_follow_the_closed_forms(void **state)
{
    (void)state;
    for (int i = 0; i < synthetic_flavours(); i++) {
        struct vt_nep model = flavour(i);
        assert_int_equal(model.n_trainable, expected_trainable(&model));
        vt_nep_destroy(&model);
    }
}

static void assert_same_header(const struct vt_nep *a, const struct vt_nep *b)
{
    struct vt_nep left = *a, right = *b;
    left.numbers = right.numbers = NULL;
    memset(left.hash, 0, sizeof left.hash);
    memset(right.hash, 0, sizeof right.hash);
    /* What the writer does not write because the format has no place for it. */
    if (left.zbl == VT_ZBL_FLEXIBLE)
        left.zbl_inner = left.zbl_outer = 0.0;
    assert_int_equal(left.version, right.version);
    assert_int_equal(left.charge_mode, right.charge_mode);
    assert_int_equal(left.zbl, right.zbl);
    assert_int_equal(left.n_types, right.n_types);
    assert_memory_equal(left.atomic_number, right.atomic_number, sizeof left.atomic_number);
    assert_memory_equal(left.cutoff_radial, right.cutoff_radial, sizeof left.cutoff_radial);
    assert_memory_equal(left.cutoff_angular, right.cutoff_angular, sizeof left.cutoff_angular);
    assert_true(left.zbl_inner == right.zbl_inner && left.zbl_outer == right.zbl_outer);
    assert_true(left.zbl_factor == right.zbl_factor && left.factor_zbl == right.factor_zbl);
    assert_true(left.factor_radial == right.factor_radial);
    assert_true(left.factor_angular == right.factor_angular);
    assert_int_equal(left.has_max_neighbours, right.has_max_neighbours);
    assert_int_equal(left.max_neighbours_radial, right.max_neighbours_radial);
    assert_int_equal(left.max_neighbours_angular, right.max_neighbours_angular);
    assert_int_equal(left.n_radial, right.n_radial);
    assert_int_equal(left.n_angular, right.n_angular);
    assert_int_equal(left.k_radial, right.k_radial);
    assert_int_equal(left.k_angular, right.k_angular);
    assert_int_equal(left.l_max, right.l_max);
    assert_memory_equal(left.term, right.term, sizeof left.term);
    assert_int_equal(left.neurons, right.neurons);
    assert_int_equal(left.dimension, right.dimension);
    assert_int_equal(left.n_numbers, right.n_numbers);
}

static void models_survive_writing_and_reading(void **state)
{
    (void)state;
    for (int i = 0; i < synthetic_flavours(); i++) {
        struct vt_nep model = flavour(i), exact = {0}, rounded = {0};
        struct nep_text text = nep_text_of(&model, true);
        assert_int_equal(nep_text_parse(&text, &exact, NULL), VT_OK);
        assert_same_header(&model, &exact);
        assert_memory_equal(model.numbers, exact.numbers, model.n_numbers * sizeof(double));
        nep_text_destroy(&text);

        text = nep_text_of(&model, false);
        assert_int_equal(nep_text_parse(&text, &rounded, NULL), VT_OK);
        assert_same_header(&model, &rounded);
        for (size_t n = 0; n < model.n_numbers; n++)
            assert_true(fabs(rounded.numbers[n] - model.numbers[n]) <=
                        5.0001e-8 * fabs(model.numbers[n]));
        assert_string_not_equal(exact.hash, rounded.hash);
        assert_int_equal(strspn(exact.hash, "0123456789abcdef"), 16);
        nep_text_destroy(&text);
        vt_nep_destroy(&rounded);
        vt_nep_destroy(&exact);
        vt_nep_destroy(&model);
    }
}

/* The published test value of FNV-1a for "foobar" is 85944171f73967e8; a model's hash is taken of
 * all its bytes, so that any byte changes it. */
static void hash_sees_every_byte(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small(), read = {0};
    struct nep_text text = nep_text_of(&model, false);
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < text.size; i++) {
        hash ^= (unsigned char)text.bytes[i];
        hash *= 1099511628211U;
    }
    char expected[32];
    snprintf(expected, sizeof expected, "%016llx", (unsigned long long)hash);
    assert_int_equal(nep_text_parse(&text, &read, NULL), VT_OK);
    assert_string_equal(read.hash, expected);
    nep_text_destroy(&text);
    vt_nep_destroy(&read);
    vt_nep_destroy(&model);
}

/* Line `number` (from 1) of the small model replaced: it must parse; the caller destroys. */
static struct vt_nep with_line(size_t number, const char *line)
{
    struct vt_nep small = nep_text_small(), model = {0};
    struct nep_text text = nep_text_of(&small, false);
    nep_text_replace_line(&text, number, line);
    struct vt_error error = {0};
    if (nep_text_parse(&text, &model, &error))
        fail_msg("'%s' is refused: %s", line, error.message);
    nep_text_destroy(&text);
    vt_nep_destroy(&small);
    return model;
}

static void all_cutoff_lines_are_read(void **state)
{
    (void)state;
    struct vt_nep model = with_line(NEP_TEXT_CUTOFF, "cutoff 6 4.5 70 30");
    assert_true(vt_nep_pair_cutoff_radial(&model, 0, 1) == 6.0);
    assert_true(vt_nep_pair_cutoff_angular(&model, 1, 1) == 4.5);
    assert_true(model.has_max_neighbours && model.max_neighbours_radial == 70);
    assert_int_equal(model.max_neighbours_angular, 30);
    vt_nep_destroy(&model);

    model = with_line(NEP_TEXT_CUTOFF, "cutoff 6 4.5");
    assert_true(vt_nep_largest_cutoff(&model) == 6.0);
    assert_false(model.has_max_neighbours);
    vt_nep_destroy(&model);

    model = with_line(NEP_TEXT_CUTOFF, "cutoff 6 4 5 3 70 30");
    assert_true(vt_nep_pair_cutoff_radial(&model, 0, 0) == 6.0);
    assert_true(vt_nep_pair_cutoff_radial(&model, 0, 1) == 5.5);
    assert_true(vt_nep_pair_cutoff_angular(&model, 1, 0) == 3.5);
    assert_true(vt_nep_pair_cutoff_angular(&model, 1, 1) == 3.0);
    vt_nep_destroy(&model);

    /* an angular cutoff above the radial one is unusual but means something */
    model = with_line(NEP_TEXT_CUTOFF, "cutoff 4 5 70 30");
    assert_true(vt_nep_largest_cutoff(&model) == 5.0);
    vt_nep_destroy(&model);
}

/* Te and Pb: radii 1.64 and 1.73333 A. */
static void factors_scale_cutoffs_by_radii(void **state)
{
    (void)state;
    struct vt_nep model = with_line(NEP_TEXT_CUTOFF, "cutoff 6 4 70 30 1.75 1.25 -1");
    assert_true(model.factor_radial == 1.75 && model.factor_angular == 1.25);
    assert_true(model.factor_zbl == 0.0);
    assert_true(fabs(vt_nep_pair_cutoff_radial(&model, 0, 0) - 1.75 * 3.28) < 1e-12);
    assert_true(fabs(vt_nep_pair_cutoff_radial(&model, 0, 1) - 1.75 * 3.37333) < 1e-12);
    assert_true(vt_nep_pair_cutoff_radial(&model, 1, 1) == 6.0);
    assert_true(vt_nep_pair_cutoff_angular(&model, 1, 1) == 4.0);
    assert_true(vt_nep_largest_cutoff(&model) == 6.0);
    vt_nep_destroy(&model);

    model = with_line(NEP_TEXT_CUTOFF, "cutoff 6 4 70 30 0 0 0.7");
    assert_true(model.factor_radial == 0.0 && model.factor_zbl == 0.7);
    assert_true(vt_nep_pair_cutoff_radial(&model, 0, 0) == 6.0);
    vt_nep_destroy(&model);
}

static void any_switch_that_is_not_zero_is_on(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool term[VT_NEP_TERMS];
    } lines[] = {
        {"l_max 4 2 0", {[VT_Q222] = true}},          {"l_max 4 1", {[VT_Q222] = true}},
        {"l_max 4 0 7 0 0 0 0", {[VT_Q1111] = true}}, {"l_max 4 0 0 0 -1", {[VT_Q123] = true}},
        {"l_max 4 0 0 0 0 0 1", {[VT_Q134] = true}},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct vt_nep model = with_line(NEP_TEXT_L_MAX, lines[i].line);
        assert_memory_equal(model.term, lines[i].term, sizeof model.term);
        assert_int_equal(model.n_blocks, 5);
        vt_nep_destroy(&model);
    }
}

static void zbl_lines_tell_the_kind(void **state)
{
    (void)state;
    struct synthetic options = synthetic_defaults();
    options.zbl = VT_ZBL_FLEXIBLE;
    struct vt_nep model = {0}, read = {0};
    synthetic_model(&model, &options);
    struct nep_text text = nep_text_of(&model, false);
    nep_text_replace_line(&text, 2, "zbl 0 0.0 0.7"); /* published programs ignore the factor */
    assert_int_equal(nep_text_parse(&text, &read, NULL), VT_OK);
    assert_int_equal(read.zbl, VT_ZBL_FLEXIBLE);
    assert_true(read.zbl_factor == 0.0);
    nep_text_destroy(&text);
    vt_nep_destroy(&read);
    vt_nep_destroy(&model);

    options.zbl = VT_ZBL_UNIVERSAL;
    synthetic_model(&model, &options);
    text = nep_text_of(&model, false);
    nep_text_replace_line(&text, 2, "zbl 0 2 0.7");
    assert_int_equal(nep_text_parse(&text, &read, NULL), VT_OK);
    assert_int_equal(read.zbl, VT_ZBL_TYPEWISE);
    assert_true(read.zbl_inner == 0.0 && read.zbl_outer == 2.0 && read.zbl_factor == 0.7);
    nep_text_destroy(&text);
    vt_nep_destroy(&read);
    vt_nep_destroy(&model);
}

/* Blanks around words, CR LF, a byte order mark, blank lines at the end, no newline at the end. */
static void layout_does_not_matter(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small(), read = {0};
    struct nep_text plain = nep_text_of(&model, true);
    char *text = NULL;
    assert_int_equal(vt_alloc(&text, 4 * plain.size + 16, 1, "text", NULL), VT_OK);
    size_t size = 0;
    memcpy(text, "\xef\xbb\xbf", 3);
    size += 3;
    for (size_t i = 0; i < plain.size; i++) {
        const char c = plain.bytes[i];
        if (c == '\n') {
            memcpy(text + size, " \t\r\n", 4);
            size += 4;
        } else {
            if (c == ' ')
                text[size++] = '\t';
            text[size++] = c;
        }
    }
    memcpy(text + size, "\r\n  \n ", 6);
    size += 6;
    assert_int_equal(vt_nep_parse(&read, "odd", text, size, NULL), VT_OK);
    assert_same_header(&model, &read);
    assert_memory_equal(model.numbers, read.numbers, model.n_numbers * sizeof(double));
    vt_nep_destroy(&read);
    assert_int_equal(vt_nep_parse(&read, "short", plain.bytes, plain.size - 1, NULL), VT_OK);
    assert_memory_equal(model.numbers, read.numbers, model.n_numbers * sizeof(double));
    vt_nep_destroy(&read);
    vt_free(text);
    nep_text_destroy(&plain);
    vt_nep_destroy(&model);
}

static void assert_line(const struct synthetic *options, size_t number, const char *expected)
{
    struct vt_nep model = {0};
    synthetic_model(&model, options);
    struct nep_text text = nep_text_of(&model, false);
    size_t length = 0;
    const char *line = nep_text_line(&text, number, &length);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(line, expected, length);
    nep_text_destroy(&text);
    vt_nep_destroy(&model);
}

/* NEP_CPU takes a 2 for 222 as the sign of a line with two switches; programs before 2026 want it.
 */
static void headers_are_written_as_programs_read_them(void **state)
{
    (void)state;
    struct synthetic options = synthetic_defaults();
    assert_line(&options, 1, "nep4 3 Ba Ti O");
    assert_line(&options, 2, "cutoff 5 4 200 100");
    assert_line(&options, 3, "n_max 4 3");
    assert_line(&options, 4, "basis_size 6 5");
    assert_line(&options, 5, "l_max 4 2 0");
    assert_line(&options, 6, "ANN 10 0");
    options.term[VT_Q1111] = true;
    assert_line(&options, 5, "l_max 4 2 1");
    options.term[VT_Q123] = true;
    assert_line(&options, 5, "l_max 4 1 1 0 1 0 0");
    options.factor_radial = 2.5;
    assert_line(&options, 2, "cutoff 5 4 200 100 2.5 0 0");
    options.zbl = VT_ZBL_TYPEWISE;
    assert_line(&options, 1, "nep4_zbl 3 Ba Ti O");
    assert_line(&options, 2, "zbl 1 2.2 0.65");
    options.zbl = VT_ZBL_FLEXIBLE;
    assert_line(&options, 2, "zbl 0 0");
}

static void numbers_have_the_width_of_gpumd(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    model.numbers[0] = -0.1234567891;
    struct nep_text text = nep_text_of(&model, false);
    size_t length = 0;
    const char *line = nep_text_line(&text, NEP_TEXT_NUMBERS, &length);
    assert_int_equal(length, 15);
    assert_memory_equal(line, " -1.2345679e-01", 15);
    nep_text_destroy(&text);
    vt_nep_destroy(&model);
}

static void files_appear_whole_or_not_at_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_nep_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    snprintf(path, sizeof path, "%s/nep.txt", folder);
    struct vt_nep model = nep_text_small(), read = {0};
    assert_int_equal(vt_nep_write(&model, path, true, false, NULL), VT_OK);
    assert_int_equal(vt_nep_read(&read, path, NULL), VT_OK);
    assert_memory_equal(model.numbers, read.numbers, model.n_numbers * sizeof(double));
    vt_nep_destroy(&read);

    const double good = model.numbers[5];
    struct vt_error error = {0};
    assert_int_equal(vt_nep_write(&model, path, true, false, &error), VT_INPUT);
    model.numbers[5] = NAN;
    assert_int_equal(vt_nep_write(&model, path, true, true, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "w0 of Te, number 6 of"));
    assert_int_equal(vt_nep_read(&read, path, NULL), VT_OK);
    assert_true(read.numbers[5] == good);
    vt_nep_destroy(&read);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
    vt_nep_destroy(&model);
}

static void models_that_no_file_can_hold_are_not_written(void **state)
{
    (void)state;
    struct synthetic options = synthetic_defaults();
    options.per_type = true;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    model.has_max_neighbours = false;
    struct vt_error error = {0};
    char path[] = "/nonexistent/nep.txt";
    assert_int_equal(vt_nep_write(&model, path, true, false, &error), VT_INPUT);
    FILE *nowhere = fopen("/dev/null", "w");
    assert_non_null(nowhere);
    assert_int_equal(vt_nep_print(&model, nowhere, true, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "largest numbers of neighbours"));
    fclose(nowhere);
    vt_nep_destroy(&model);
}

static void elements_have_types(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    char token[32];
    vt_nep_token(&model, token);
    assert_string_equal(token, "nep4");
    assert_int_equal(vt_nep_type(&model, 52), 0);
    assert_int_equal(vt_nep_type(&model, 82), 1);
    assert_int_equal(vt_nep_type(&model, 8), -1);
    assert_int_equal(vt_nep_type(&model, 0), -1);
    vt_nep_destroy(&model);
}

static void radii_are_those_of_the_format(void **state)
{
    (void)state;
    static const struct {
        int z;
        double radius;
    } some[] = {{1, 0.426667}, {3, 1.6},  {8, 0.84},    {17, 1.32},
                {40, 1.85333}, {66, 2.0}, {94, 2.06667}};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        assert_true(vt_covalent_radius(some[i].z) == some[i].radius);
    double sum = 0.0;
    for (int z = 1; z <= VT_COVALENT_RADII; z++)
        sum += vt_covalent_radius(z);
    assert_true(fabs(sum - 159.360033) < 1e-6);
}

/* Every number has a description, and descriptions change where blocks do. */
static void every_number_is_described(void **state)
{
    (void)state;
    struct synthetic options = synthetic_defaults();
    options.charge_mode = 1;
    options.zbl = VT_ZBL_FLEXIBLE;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    const struct {
        const double *at;
        const char *text;
    } some[] = {
        {model.numbers, "w0 of Ba, number 1 of 250"},
        {vt_nep_network(&model, 1).w0 + 249, "w0 of Ti, number 250 of 250"},
        {vt_nep_network(&model, 1).b0, "b0 of Ti, number 1 of 10"},
        {vt_nep_network(&model, 2).w1 + 9, "w1 of O, number 10 of 10"},
        {vt_nep_network(&model, 2).wq + 3, "wq (charge weights) of O, number 4 of 10"},
        {vt_nep_radial(&model) - 2, "sqrt_epsilon_inf, number 1 of 1"},
        {vt_nep_radial(&model) - 1, "the common bias b1, number 1 of 1"},
        {vt_nep_radial(&model), "radial coefficients, number 1 of 315"},
        {vt_nep_angular(&model) + 215, "angular coefficients, number 216 of 216"},
        {vt_nep_scaler(&model) + 12, "q_scaler, number 13 of 25"},
        {vt_nep_zbl_row(&model, 2, 2) + 9, "flexible ZBL parameters, number 60 of 60"},
    };
    char text[96];
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        assert_string_equal(
            vt_nep_describe(&model, (size_t)(some[i].at - model.numbers), text, sizeof text),
            some[i].text);
    for (size_t i = 0; i < model.n_numbers; i++)
        assert_non_null(strstr(vt_nep_describe(&model, i, text, sizeof text), ", number "));
    vt_nep_destroy(&model);
}

/* Published models and models of other hands, where they are at hand. */
static void published_models_have_their_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int dimension;
        size_t trainable;
    } models[] = {
        {"nep3_PbTe_250", 30, 1321},   {"nep4_C_16", 67, 7239},
        {"nep4_C_216", 65, 6903},      {"nep4_BaZrO3_40", 44, 8197},
        {"nep4_SiFCH", 37, 8545},      {"nep4_zbl_BaTiO3_40", 37, 5977},
        {"nep5_zbl_BaTiO3", 25, 1507}, {"qnep1_zbl_BaTiO3_40", 37, 6098},
        {"qnep2_PbTe_250", 42, 3094},  {"qnep2_water_63", 30, 2342},
    };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, VT_SOURCE_ROOT "/../shared/golden/%s/nep.txt", models[i].name);
        if (access(path, F_OK) != 0) {
            print_message("SKIPPED: no published models in %s/../shared/golden\n", VT_SOURCE_ROOT);
            skip();
        }
        struct vt_nep model = {0};
        struct vt_error error = {0};
        if (vt_nep_read(&model, path, &error))
            fail_msg("%s:%ld: %s", path, error.line, error.message);
        assert_int_equal(model.dimension, models[i].dimension);
        assert_int_equal(model.n_trainable, models[i].trainable);
        assert_int_equal(model.n_trainable, expected_trainable(&model));
        vt_nep_destroy(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_lie_in_file_order),
        cmocka_unit_test(sizes_follow_the_closed_forms),
        cmocka_unit_test(models_survive_writing_and_reading),
        cmocka_unit_test(hash_sees_every_byte),
        cmocka_unit_test(all_cutoff_lines_are_read),
        cmocka_unit_test(factors_scale_cutoffs_by_radii),
        cmocka_unit_test(any_switch_that_is_not_zero_is_on),
        cmocka_unit_test(zbl_lines_tell_the_kind),
        cmocka_unit_test(layout_does_not_matter),
        cmocka_unit_test(headers_are_written_as_programs_read_them),
        cmocka_unit_test(numbers_have_the_width_of_gpumd),
        cmocka_unit_test(files_appear_whole_or_not_at_all),
        cmocka_unit_test(models_that_no_file_can_hold_are_not_written),
        cmocka_unit_test(elements_have_types),
        cmocka_unit_test(radii_are_those_of_the_format),
        cmocka_unit_test(every_number_is_described),
        cmocka_unit_test(published_models_have_their_sizes),
    };
    return VT_RUN_TESTS(tests);
}
