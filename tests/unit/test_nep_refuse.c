/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reader of models refuses, with the message and its place; and that no damage of a file
 * does worse than being refused. */
#include "balance.h"

#include <stdio.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "common/synthetic.h"
#include "nep_text.h"
#include "potential/nep.h"

struct refusal {
    size_t number;    /* of the line that is replaced */
    const char *line; /* by this; NULL: taken away */
    enum vt_code code;
    long at_line, at_column;
    const char *message; /* part of it */
    const char *hint;    /* part of it, or NULL */
};

static void refuse(const struct refusal *refusal, const struct vt_nep *model)
{
    struct nep_text text = nep_text_of(model, false);
    nep_text_replace_line(&text, refusal->number, refusal->line);
    struct vt_nep read = {0};
    struct vt_error error = {0};
    const enum vt_code code = nep_text_parse(&text, &read, &error);
    if (code != refusal->code || error.line != refusal->at_line ||
        error.column != refusal->at_column || !strstr(error.message, refusal->message) ||
        (refusal->hint && !strstr(error.hint, refusal->hint))) {
        char said[1024];
        fail_msg("line %zu '%s': code %d, %s", refusal->number,
                 refusal->line ? refusal->line : "(none)", code,
                 vt_error_text(&error, said, sizeof said));
    }
    assert_string_equal(error.file, "nep.txt");
    assert_null(read.numbers);
    nep_text_destroy(&text);
}

static void refuse_all(const struct refusal *refusals, size_t n, const struct vt_nep *model)
{
    for (size_t i = 0; i < n; i++)
        refuse(&refusals[i], model);
}

#define REFUSE_ALL(refusals, model)                                                                \
    refuse_all(refusals, sizeof(refusals) / sizeof(refusals)[0], model)

static void kinds_are_checked(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {1, "nep4_dipole 2 Te Pb", VT_UNSUPPORTED, 1, 1, "'nep4_dipole': dipole models", "nep4"},
        {1, "nep4_polarizability 2 Te Pb", VT_UNSUPPORTED, 1, 1, "polarizability models", NULL},
        {1, "nep3_temperature 2 Te Pb", VT_UNSUPPORTED, 1, 1, "temperature-dependent", NULL},
        {1, "nep4_zbl_temperature 2 Te Pb", VT_UNSUPPORTED, 1, 1, "temperature-dependent", NULL},
        {1, "nep4_vdw 2 Te Pb", VT_UNSUPPORTED, 1, 1, "van der Waals", NULL},
        {1, "nep4_charge_vdw 2 Te Pb", VT_UNSUPPORTED, 1, 1, "van der Waals", NULL},
        {1, "nep4_charge4 2 Te Pb", VT_UNSUPPORTED, 1, 1, "charge modes above 3", NULL},
        {1, "nep4_zbl_charge5 2 Te Pb", VT_UNSUPPORTED, 1, 1, "charge modes above 3", NULL},
        {1, "nep2 2 Te Pb", VT_UNSUPPORTED, 1, 1, "NEP2", NULL},
        {1, "nep4_zlb 2 Te Pb", VT_INPUT, 1, 1, "'nep4_zlb' is not", "did you mean 'nep4_zbl'"},
        {1, "NEP4 2 Te Pb", VT_INPUT, 1, 1, "'NEP4' is not", "did you mean 'nep4'"},
        {1, "nep3_charge1 2 Te Pb", VT_INPUT, 1, 1, "is not a kind", "'nep4_charge1'"},
        {1, "nep4_charge 2 Te Pb", VT_INPUT, 1, 1, "is not a kind", "'nep4_charge"},
        {1, "nep4_charge0 2 Te Pb", VT_INPUT, 1, 1, "is not a kind", NULL},
        {1, " potential 2 Te Pb", VT_INPUT, 1, 2, "'potential' is not", "begins with a line"},
        {1, "\x7f\x01\x02\x03", VT_INPUT, 1, 1, "is not a kind", NULL},
        {1, "", VT_INPUT, 1, 1, "empty line", NULL},
        {1, NULL, VT_INPUT, 1, 1, "'cutoff' is not a kind", NULL},
    };
    struct vt_nep model = nep_text_small();
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

static void elements_are_checked(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {1, "nep4", VT_INPUT, 1, 5, "expected the number of elements after 'nep4'", NULL},
        {1, "nep4 two Te Pb", VT_INPUT, 1, 6, "an integer (number of elements), found 'two'", NULL},
        {1, "nep4 0", VT_INPUT, 1, 6, "number of elements is 0", NULL},
        {1, "nep4 95 Te Pb", VT_INPUT, 1, 6, "number of elements is 95", NULL},
        {1, "nep4 99999999999999999999 Te", VT_INPUT, 1, 6, "expected an integer", NULL},
        {1, "nep4 3 Te Pb", VT_INPUT, 1, 6, "number of elements is 3, but the line lists 2", NULL},
        {1, "nep4 1 Te Pb", VT_INPUT, 1, 6, "number of elements is 1, but the line lists 2", NULL},
        {1, "nep4 2 Te Pbx", VT_INPUT, 1, 11, "'Pbx' is not an element", "'Pb'"},
        {1, "nep4 2 te Pb", VT_INPUT, 1, 8, "'te' is not an element", "'Te'"},
        {1, "nep4 2 Te Am", VT_INPUT, 1, 11, "'Am' is not an element from H to Pu", NULL},
        {1, "nep4 2 Te Te", VT_INPUT, 1, 11, "element Te is listed twice", NULL},
    };
    struct vt_nep model = nep_text_small();
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

static void cutoffs_are_checked(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {2, "cutof 5 4 200 100", VT_INPUT, 2, 1, "expected the line 'cutoff", NULL},
        {2, "zbl 1 2", VT_INPUT, 2, 1, "found 'zbl'", "begins with nep3_zbl"},
        {2, NULL, VT_INPUT, 2, 1, "found 'n_max'", "the header is"},
        {2, "cutoff 5", VT_INPUT, 2, 1, "of 2 elements cannot have 1 number",
         "6: RADIAL ANGULAR of each"},
        {2, "cutoff 5 4 200", VT_INPUT, 2, 1, "cannot have 3 numbers", NULL},
        {2, "cutoff 5 4 5 4 200", VT_INPUT, 2, 1, "cannot have 5 numbers", NULL},
        {2, "cutoff 0 4 200 100", VT_INPUT, 2, 8, "radial cutoff 0 is not from 0.1 to 100 A", NULL},
        {2, "cutoff 5 -4 200 100", VT_INPUT, 2, 10, "angular cutoff -4 is not", NULL},
        {2, "cutoff 5 4 5 1000 9 9", VT_INPUT, 2, 14, "angular cutoff 1000 is not", NULL},
        {2, "cutoff nan 4 200 100", VT_INPUT, 2, 8, "finite number (radial cutoff)", NULL},
        {2, "cutoff 5 1e999 200 100", VT_INPUT, 2, 10, "finite number (angular cutoff)", NULL},
        {2, "cutoff 5 4 20.5 100", VT_INPUT, 2, 12, "expected an integer (largest number", NULL},
        {2, "cutoff 5 4 200 -1", VT_INPUT, 2, 16, "largest number of neighbours is negative", NULL},
        {2, "cutoff 5 4 200 100 1e9 1 1", VT_INPUT, 2, 20, "cutoff factor 1e+09 is not", NULL},
        {2, "cutoff 5 4 200 100 1 1e-9 1", VT_INPUT, 2, 22, "cutoff factor 1e-09 is below", NULL},
        {2, "cutoff 5 4 200 100 1 1 inf", VT_INPUT, 2, 24, "finite number (cutoff factor)", NULL},
    };
    struct vt_nep model = nep_text_small();
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

static void sizes_are_checked(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {3, "n_max 4", VT_INPUT, 3, 1, "'n_max RADIAL ANGULAR', found 1 number after n_max", NULL},
        {3, "n_max 1 1 1", VT_INPUT, 3, 1, "found 3 numbers after n_max", NULL},
        {3, "n_max -1 1", VT_INPUT, 3, 7, "radial n_max -1 is not from 0 to 30", NULL},
        {3, "n_max 1 1000000", VT_INPUT, 3, 9, "angular n_max 1000000 is not", NULL},
        {3, "n_max 1 4294967297", VT_INPUT, 3, 9, "n_max is 4294967297, outside", NULL},
        {3, "n_max 1 1e0", VT_INPUT, 3, 9, "expected an integer (n_max), found '1e0'", NULL},
        {3, "", VT_INPUT, 3, 1, "empty line where the line 'n_max RADIAL ANGULAR'", NULL},
        {4, "basis_size 2 31", VT_INPUT, 4, 14, "angular basis_size 31 is not from 0 to 30", NULL},
        {4, "n_max 2 2", VT_INPUT, 4, 1, "'basis_size RADIAL ANGULAR', found 'n_max'", NULL},
        {5, "l_max", VT_INPUT, 5, 1, "found 0 numbers after l_max", NULL},
        {5, "l_max 0 0 0", VT_INPUT, 5, 7, "l_max 0 is not from 1 to 8", NULL},
        {5, "l_max 9 0 0", VT_INPUT, 5, 7, "l_max 9 is not from 1 to 8", NULL},
        {5, "l_max 4 1 0 0 0 0 0 0", VT_INPUT, 5, 1, "found 8 numbers after l_max", NULL},
        {5, "l_max 1 2", VT_INPUT, 5, 9, "the term 222 needs l_max 2 or more, but it is 1", NULL},
        {5, "l_max 1 0 1 1", VT_INPUT, 5, 13, "the term 112 needs l_max 2", NULL},
        {5, "l_max 2 0 0 0 1", VT_INPUT, 5, 15, "the term 123 needs l_max 3", NULL},
        {5, "l_max 2 0 0 0 0 1", VT_INPUT, 5, 17, "the term 233 needs l_max 3", NULL},
        {5, "l_max 3 1 1 1 1 1 1", VT_INPUT, 5, 19, "the term 134 needs l_max 4", NULL},
        {5, "l_max 4 yes 0", VT_INPUT, 5, 9, "expected an integer (switch", NULL},
        {6, "ANN 0 0", VT_INPUT, 6, 5, "number of neurons 0 is not from 1 to 1000", NULL},
        {6, "ANN 2 2", VT_UNSUPPORTED, 6, 7, "a second hidden layer (2 neurons)", NULL},
        {6, "ANN 2", VT_INPUT, 6, 1, "expected the line 'ANN NEURONS 0', found 1 number", NULL},
        {6, "ann 2 0", VT_INPUT, 6, 1, "found 'ann'", NULL},
    };
    struct vt_nep model = nep_text_small();
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

/* 7 lines of header and numbers: 2 networks of 28, a bias, 2 expansions of 24, 12 scalers. */
static void numbers_are_checked(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {7, "nan", VT_INPUT, 7, 1, "(w0 of Te, number 1 of 24), found 'nan'", NULL},
        {7, " -inf", VT_INPUT, 7, 2, "expected a finite number", NULL},
        {8, "1e400", VT_INPUT, 8, 1, "(w0 of Te, number 2 of 24), found '1e400'", NULL},
        {8, "  1e39", VT_INPUT, 8, 3, "number 2 of 24 is beyond the range of single", NULL},
        {9, "0x10", VT_INPUT, 9, 1, "found '0x10'", NULL},
        {9, "1.0 2.0", VT_INPUT, 9, 5, "expected one number in this line, found '2.0'", NULL},
        {9, "1,0", VT_INPUT, 9, 1, "found '1,0'", NULL},
        {35, "x", VT_INPUT, 35, 1, "(w0 of Pb, number 1 of 24)", NULL},
        {63, "x", VT_INPUT, 63, 1, "(the common bias b1, number 1 of 1)", NULL},
        {64, "x", VT_INPUT, 64, 1, "(radial coefficients, number 1 of 24)", NULL},
        {88, "x", VT_INPUT, 88, 1, "(angular coefficients, number 1 of 24)", NULL},
        {112, "x", VT_INPUT, 112, 1, "(q_scaler, number 1 of 12)", NULL},
        {113, "-0.5", VT_INPUT, 113, 1, "q_scaler, number 2 of 12 is negative: -0.5", "1/(max"},
        {90, "", VT_INPUT, 90, 1, "empty line where a number is expected (angular", NULL},
        {90, NULL, VT_INPUT, 122, 0,
         "ends after 116 of the 117 numbers that its header asks for; "
         "the next is q_scaler, number 12 of 12",
         "cut short"},
        {90, "1\n2", VT_INPUT, 124, 3, "asks for 117 numbers, but 1 more line follows", NULL},
        {90, "1\n2\n3", VT_INPUT, 124, 3, "but 2 more lines follow", "another model"},
    };
    struct vt_nep model = nep_text_small();
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

static void scalers_may_be_zero(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small(), read = {0};
    struct nep_text text = nep_text_of(&model, false);
    nep_text_replace_line(&text, 113, "0");
    assert_int_equal(nep_text_parse(&text, &read, NULL), VT_OK);
    assert_true(vt_nep_scaler(&read)[1] == 0.0);
    nep_text_destroy(&text);
    vt_nep_destroy(&read);
    vt_nep_destroy(&model);
}

static void zbl_lines_are_checked(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {2, NULL, VT_INPUT, 2, 1, "'zbl INNER OUTER [FACTOR]', found 'cutoff'", "says 'nep4_zbl'"},
        {2, "zbl 1", VT_INPUT, 2, 1, "found 1 number after zbl", NULL},
        {2, "zbl 1 2 0.7 0", VT_INPUT, 2, 1, "found 4 numbers after zbl", NULL},
        {2, "zbl 2 1", VT_INPUT, 2, 7, "inner ZBL cutoff 2 A is larger than the outer", NULL},
        {2, "zbl -1 2", VT_INPUT, 2, 5, "inner ZBL cutoff -1 is not from 0", NULL},
        {2, "zbl 1 nan", VT_INPUT, 2, 7, "finite number (outer ZBL cutoff)", NULL},
        {2, "zbl 1 200", VT_INPUT, 2, 7, "outer ZBL cutoff 200 is not", NULL},
        {2, "zbl 1 2 0", VT_INPUT, 2, 9, "ZBL factor 0 is not above 0", NULL},
        {2, "zbl 1 2 -0.7", VT_INPUT, 2, 9, "ZBL factor -0.7 is not", NULL},
    };
    struct synthetic options = synthetic_defaults();
    options.zbl = VT_ZBL_UNIVERSAL;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);

    options.zbl = VT_ZBL_TYPEWISE;
    synthetic_model(&model, &options);
    const struct refusal twice = {
        3,   "cutoff 5 4 200 100 0 0 0.7", VT_INPUT, 3, 24, "both the zbl line and the cutoff line",
        NULL};
    refuse(&twice, &model);
    vt_nep_destroy(&model);
}

static void flexible_rows_are_checked(void **state)
{
    (void)state;
    struct synthetic options = synthetic_defaults();
    options.zbl = VT_ZBL_FLEXIBLE;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    const size_t first = 8 + model.n_trainable + (size_t)model.dimension;
    const long line = (long)first;
    const struct refusal refusals[] = {
        {first + 10, "-1", VT_INPUT, line + 10, 1, "inner ZBL cutoff -1", NULL},
        {first + 11, "0.1", VT_INPUT, line + 11, 1, "is larger than the outer one, 0.1 A", NULL},
        {first + 11, "1e9", VT_INPUT, line + 11, 1, "outer ZBL cutoff 1e+09", NULL},
        {first + 13, "-3", VT_INPUT, line + 13, 1, "exponent -3 of a ZBL term is negative", NULL},
        {first + 59, NULL, VT_INPUT, line + 58, 0, "flexible ZBL parameters, number 60 of 60",
         NULL},
    };
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

static void charge_models_have_one_pair_of_cutoffs(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {2, "cutoff 5 4 5 4 5 4 9 9", VT_UNSUPPORTED, 2, 1, "but this line has them for each",
         NULL},
        {2, "cutoff 5 4 9 9 1 0 0", VT_UNSUPPORTED, 2, 16, "scales them by covalent radii", NULL},
        {2, "cutoff 5 4 9 9 0 1 0", VT_UNSUPPORTED, 2, 18, "scales them by covalent radii", NULL},
    };
    struct synthetic options = synthetic_defaults();
    options.charge_mode = 1;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    REFUSE_ALL(refusals, &model);
    vt_nep_destroy(&model);
}

/* The largest header there is asks for 65 million numbers; the file has three. */
static void a_short_file_gets_little_memory(void **state)
{
    (void)state;
    struct nep_text text = {NULL, 0};
    FILE *stream = open_memstream(&text.bytes, &text.size);
    assert_non_null(stream);
    fprintf(stream, "nep5_zbl %d", VT_NEP_MAX_TYPES);
    struct vt_nep any = {0};
    for (int z = 1; z <= VT_NEP_MAX_TYPES; z++)
        fprintf(stream, " %s", vt_element_symbol(z));
    fprintf(stream,
            "\nzbl 0 0\ncutoff 9 9 1 1\nn_max 30 30\nbasis_size 30 30\nl_max 8 1 1 1 1 1 1\n"
            "ANN 1000 0\n1\n2\n3\n");
    fclose(stream);
    struct vt_error error = {0};
    assert_int_equal(nep_text_parse(&text, &any, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "ends after 3 of the 60926002 numbers"));
    nep_text_destroy(&text);
}

/* Wherever a file ends, it is refused, unless only the end of the last number is lost. */
static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small(), read = {0};
    struct nep_text text = nep_text_of(&model, false);
    const size_t lines = nep_text_lines(&text);
    size_t length = 0;
    const size_t last = (size_t)(nep_text_line(&text, lines, &length) - text.bytes);
    for (size_t size = 0; size <= last; size++) {
        struct vt_error error = {0};
        assert_int_equal(vt_nep_parse(&read, "cut", text.bytes, size, &error), VT_INPUT);
        assert_true(error.message[0] && !read.numbers);
    }
    assert_int_equal(vt_nep_parse(&read, "whole", text.bytes, text.size, NULL), VT_OK);
    vt_nep_destroy(&read);
    nep_text_destroy(&text);
    vt_nep_destroy(&model);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small(), read = {0};
    struct nep_text text = nep_text_of(&model, false);
    long n = 1;
    for (;; n++) {
        vt_balance_fail(n);
        const enum vt_code code = nep_text_parse(&text, &read, NULL);
        if (!vt_balance_failed())
            break;
        assert_int_equal(code, VT_MEMORY);
        assert_null(read.numbers);
    }
    vt_balance_fail(0);
    assert_true(n > 1);
    vt_nep_destroy(&read);
    nep_text_destroy(&text);
    vt_nep_destroy(&model);
}

static void headers_in_memory_obey_the_same_rules(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    vt_free(model.numbers);
    model.numbers = NULL;
    struct vt_error error = {0};
    struct vt_nep wrong = model;
    wrong.version = 3;
    wrong.charge_mode = 1;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_UNSUPPORTED);
    wrong = model;
    wrong.n_types = 0;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_INPUT);
    wrong = model;
    wrong.atomic_number[1] = 95;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_INPUT);
    wrong = model;
    wrong.charge_mode = 1;
    wrong.cutoff_angular[1] = 3.0;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_UNSUPPORTED);
    wrong = model;
    wrong.factor_angular = 2.0;
    wrong.cutoff_angular[1] = 3.0;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_INPUT);
    wrong = model;
    wrong.zbl = VT_ZBL_UNIVERSAL;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_INPUT);
    assert_string_equal(error.message, "the outer ZBL cutoff is zero");
    wrong = model;
    wrong.l_max = 1;
    assert_int_equal(vt_nep_finish_header(&wrong, &error), VT_INPUT);
    assert_null(wrong.numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_checked),
        cmocka_unit_test(elements_are_checked),
        cmocka_unit_test(cutoffs_are_checked),
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(scalers_may_be_zero),
        cmocka_unit_test(zbl_lines_are_checked),
        cmocka_unit_test(flexible_rows_are_checked),
        cmocka_unit_test(charge_models_have_one_pair_of_cutoffs),
        cmocka_unit_test(a_short_file_gets_little_memory),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(headers_in_memory_obey_the_same_rules),
    };
    return VT_RUN_TESTS(tests);
}
