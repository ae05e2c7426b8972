/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "io/config.h"

struct settings {
    char *model, *input, *second;
    double density;
    int64_t atoms;
    bool replace;
    char **set;
    size_t n_set;
};

static const struct vt_entry entries[] = {
    {"model", VT_PATH_FIELD(struct settings, model), .required = true, .help = "model"},
    {"density", VT_REAL_FIELD(struct settings, density, VT_NUMBER), .fallback = "0.5", .above = "0",
     .help = "density"},
    {"atoms", VT_INTEGER_FIELD(struct settings, atoms), .fallback = "7", .help = "atoms"},
    {"force", VT_BOOL_FIELD(struct settings, replace), .fallback = "false", .help = "replace"},
    {"set", VT_STRING_LIST(struct settings, set, n_set, 1, VT_UNLIMITED), .help = "any number"},
    {"input", VT_PATH_FIELD(struct settings, input), .required = true, .help = "input"},
    {"second", VT_PATH_FIELD(struct settings, second), .help = "second input"},
    {0}};

static const struct vt_table table = {"example", "an example", sizeof(struct settings), entries,
                                      NULL};
static const char *const operands[] = {"input", "second", NULL};
static const struct vt_placeholder placeholders[] = {{"model", "NEP.txt"}, {0}};
static const struct vt_command command = {&table, operands, placeholders, NULL, NULL};

enum { MOST_WORDS = 12 };

/* Parse words that end with NULL. */
static enum vt_code parse(const char *const *words, struct settings *settings,
                          struct vt_error_list *errors)
{
    char copy[MOST_WORDS][40];
    char *list[MOST_WORDS];
    int n = 0;
    for (; words[n]; n++) {
        assert_true(n < MOST_WORDS);
        snprintf(copy[n], sizeof copy[n], "%s", words[n]);
        list[n] = copy[n];
    }
    *settings = (struct settings){0};
    *errors = (struct vt_error_list){0};
    return vt_options_parse(&command, n, list, settings, errors);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void takes_a_list_item_by_item(void **state)
{
    (void)state;
    struct settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse(WORDS("--set", "a=[1, 2]", "--model", "m", "--set=b = {", "in", "--set",
                                 "c", "--", "--set"),
                           &settings, &errors),
                     VT_OK);
    assert_int_equal(settings.n_set, 3);
    assert_string_equal(settings.set[0], "a=[1, 2]");
    assert_string_equal(settings.set[1], "b = {");
    assert_string_equal(settings.set[2], "c");
    assert_string_equal(settings.second, "--set");
    vt_config_destroy(&table, &settings);
    assert_int_equal(parse(WORDS("--model", "m", "in"), &settings, &errors), VT_OK);
    assert_true(settings.n_set == 0 && !settings.set);
    vt_config_destroy(&table, &settings);
}

struct gathering {
    char **files;
    size_t n_files;
    char *first;
    bool check;
};

static void the_last_operand_may_take_the_rest(void **state)
{
    (void)state;
    static const struct vt_entry own_entries[] = {
        {"first", VT_STRING_FIELD(struct gathering, first), .help = "first"},
        {"check", VT_BOOL_FIELD(struct gathering, check), .fallback = "false", .help = "check"},
        {"a-long-name", VT_STRING_LIST(struct gathering, files, n_files, 1, VT_UNLIMITED),
         .required = true, .help = "files"},
        {0}};
    static const struct vt_table own_table = {"gather", "files", sizeof(struct gathering),
                                              own_entries, NULL};
    static const char *const own_operands[] = {"first", "a-long-name", NULL};
    static const struct vt_command gather = {&own_table, own_operands, NULL, NULL, NULL};
    char words[][8] = {"x", "a", "--check", "b", "--", "--c", "d"};
    char *list[] = {words[0], words[1], words[2], words[3], words[4], words[5], words[6]};
    struct gathering gathering = {0};
    struct vt_error_list errors = {0};
    assert_int_equal(vt_options_parse(&gather, 7, list, &gathering, &errors), VT_OK);
    assert_int_equal(gathering.n_files, 4);
    assert_string_equal(gathering.first, "x");
    assert_string_equal(gathering.files[0], "a");
    assert_string_equal(gathering.files[1], "b");
    assert_string_equal(gathering.files[2], "--c");
    assert_string_equal(gathering.files[3], "d");
    assert_true(gathering.check);
    vt_config_destroy(&own_table, &gathering);
    assert_int_equal(vt_options_parse(&gather, 1, list, &gathering, &errors), VT_INPUT);
}

static void takes_both_forms_and_any_order(void **state)
{
    (void)state;
    struct settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse(WORDS("a.xyz", "--density=2", "--force", "--model", "m=n.txt", "-"),
                           &settings, &errors),
                     VT_OK);
    assert_string_equal(settings.model, "m=n.txt");
    assert_string_equal(settings.input, "a.xyz");
    assert_string_equal(settings.second, "-");
    assert_true(settings.density == 2 && settings.replace);
    assert_int_equal(settings.atoms, 7);
    vt_config_destroy(&table, &settings);
}

static void takes_values_that_look_like_options(void **state)
{
    (void)state;
    struct settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse(WORDS("--model=--x", "--atoms", "-3", "--force=false", "--", "--force"),
                           &settings, &errors),
                     VT_OK);
    assert_string_equal(settings.model, "--x");
    assert_string_equal(settings.input, "--force");
    assert_null(settings.second);
    assert_int_equal(settings.atoms, -3);
    assert_false(settings.replace);
    vt_config_destroy(&table, &settings);
}

static void assert_refused(const char *const *words, const char *message, const char *hint)
{
    struct settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse(words, &settings, &errors), VT_INPUT);
    assert_int_equal(errors.n_kept, 1);
    assert_string_equal(errors.error[0].message, message);
    assert_string_equal(errors.error[0].file, "vitrion example");
    assert_string_equal(errors.error[0].hint, hint);
    assert_null(settings.model);
}

static void refuses_wrong_words(void **state)
{
    (void)state;
    const char *see = "'vitrion example --help' lists the options";
    assert_refused(WORDS("--modle", "x", "a"), "unknown option '--modle'", "did you mean --model?");
    assert_refused(WORDS("--frce", "a", "b"), "unknown option '--frce'", "did you mean --force?");
    assert_refused(WORDS("-model", "x", "a"), "unknown option '-model'", "did you mean --model?");
    assert_refused(WORDS("--input", "a"), "unknown option '--input'", see);
    assert_refused(WORDS("--q", "a"), "unknown option '--q'", see);
    assert_refused(WORDS("--=x", "a"), "unknown option '--'", see);
    assert_refused(WORDS("--model"), "--model needs a value", "--model NEP.txt: model");
    assert_refused(WORDS("--model", "--force", "a"), "--model needs a value",
                   "--model NEP.txt: model");
    assert_refused(WORDS("--model", "m", "a", "b", "c"), "unexpected argument 'c'",
                   "'vitrion example --help' says what it takes");
}

static void reports_all_wrong_words(void **state)
{
    (void)state;
    struct settings settings;
    struct vt_error_list errors;
    assert_int_equal(parse(WORDS("--modle", "x", "--quite", "--model"), &settings, &errors),
                     VT_INPUT);
    assert_int_equal(errors.n_kept, 3);
}

static void leaves_values_to_the_table(void **state)
{
    (void)state;
    struct settings settings;
    struct vt_error_list errors;
    assert_int_equal(
        parse(WORDS("--density", "0", "--atoms=1.5", "--force=perhaps", "a"), &settings, &errors),
        VT_INPUT);
    assert_int_equal(errors.n_kept, 4); /* these three, and no model */
    assert_int_equal(parse(WORDS("--model", "x", "a", "--model", "x"), &settings, &errors),
                     VT_INPUT);
    assert_int_equal(errors.n_kept, 1);
}

static void sees_the_wish_for_help(void **state)
{
    (void)state;
    char *words[] = {(char[]){"a"}, (char[]){"--help"}, (char[]){"--"}, (char[]){"-h"}};
    assert_true(vt_options_want_help(2, words));
    assert_false(vt_options_want_help(1, words));
    assert_false(vt_options_want_help(2, words + 2));
    assert_true(vt_options_want_help(1, words + 3));
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    struct settings settings;
    struct vt_error_list errors;
    enum vt_code code = VT_MEMORY;
    for (long n = 1; code; n++) {
        vt_balance_fail(n);
        code = parse(WORDS("--model", "m", "a", "--density=1"), &settings, &errors);
        if (vt_balance_failed()) {
            assert_int_equal(code, VT_MEMORY);
            assert_true(errors.n_kept > 0);
        }
    }
    vt_balance_fail(0);
    vt_config_destroy(&table, &settings);
}

static void tables_of_all_commands_are_right(void **state)
{
    (void)state;
    for (const struct vt_command *const *each = vt_commands; *each; each++) {
        struct vt_error error = {0};
        if (vt_table_check((*each)->table, &error))
            fail_msg("%s: %s", (*each)->table->name, error.message);
        for (const char *const *name = (*each)->operands; name && *name; name++)
            assert_non_null(vt_table_find((*each)->table, *name));
        const struct vt_placeholder *shown = (*each)->placeholders;
        for (; shown && shown->option; shown++)
            assert_non_null(vt_table_find((*each)->table, shown->option));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_list_item_by_item),
        cmocka_unit_test(the_last_operand_may_take_the_rest),
        cmocka_unit_test(takes_both_forms_and_any_order),
        cmocka_unit_test(takes_values_that_look_like_options),
        cmocka_unit_test(refuses_wrong_words),
        cmocka_unit_test(reports_all_wrong_words),
        cmocka_unit_test(leaves_values_to_the_table),
        cmocka_unit_test(sees_the_wish_for_help),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(tables_of_all_commands_are_right),
    };
    return VT_RUN_TESTS(tests);
}
