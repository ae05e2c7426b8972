/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Active sets: grades, the file, and what is refused of it. */
#include "potential/active_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "base/memory.h"
#include "common/dice.h"
#include "common/near.h"
#include "nep_text.h"
#include "training/spanning.h"

enum { ATOMS = 300 };

/* Environments of two kinds of atoms, as sums over neighbours may be: correlated, positive. */
static void draw(struct dice *dice, int type, double *sums, int n)
{
    const double crowd = dice_real(dice, 1, 2);
    for (int k = 0; k < n; k++)
        sums[k] = crowd * (1 + 0.3 * k) + (type ? 2 : 0) + dice_real(dice, -0.3, 0.3);
}

static void make(const struct vt_nep *model, struct vt_active_set *set, uint64_t seed)
{
    struct dice dice = {seed};
    struct vt_environments environments = vt_environments_of(model);
    size_t rows[VT_NEP_MAX_TYPES];
    double sums[64];
    assert_int_equal(environments.n, 1 + 2 * 3); /* two elements, basis_size 2 */
    for (int i = 0; i < ATOMS; i++) {
        draw(&dice, i % 2, sums, environments.n - 1);
        assert_int_equal(vt_environments_add(&environments, i % 2, sums, NULL), VT_OK);
    }
    assert_int_equal(vt_environments_gather(&environments, MPI_COMM_NULL, NULL), VT_OK);
    assert_int_equal(vt_environments_span(&environments, model, set, rows, NULL), VT_OK);
    assert_int_equal(rows[0], environments.n);
    assert_int_equal(rows[1], environments.n);
    vt_environments_destroy(&environments);
}

static void test_grades(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    struct vt_active_set set = {0};
    struct dice dice = {3};
    double sums[64], most = 0;
    make(&model, &set, 3);
    const int n = set.n - 1;
    for (int i = 0; i < ATOMS; i++) { /* those it was made of */
        draw(&dice, i % 2, sums, n);
        most = fmax(most, vt_active_set_grade(&set, i % 2, sums));
    }
    assert_near(most, 1, 0.0011);
    for (int j = 0; j < set.n; j++) /* a row is itself */
        assert_near(vt_active_set_grade(&set, 1, vt_active_set_rows(&set, 1) + j * set.n + 1), 1,
                    1e-9);
    for (int k = 0; k < n; k++) /* between all rows */
        for (int j = 0; j < set.n; j++)
            sums[k] = (j ? sums[k] : 0) + vt_active_set_rows(&set, 0)[j * set.n + 1 + k] / set.n;
    assert_near(vt_active_set_grade(&set, 0, sums), 1.0 / set.n, 1e-9);
    sums[2] += 3; /* far out: it grows with the distance */
    const double far = vt_active_set_grade(&set, 0, sums);
    sums[2] += 3;
    assert_true(far > 2 && vt_active_set_grade(&set, 0, sums) > 1.7 * far);
    vt_active_set_destroy(&set);
    vt_nep_destroy(&model);
}

/* An element that the set does not have: whatever it is in is far. */
static void test_unseen_element(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    struct vt_environments none = vt_environments_of(&model);
    struct vt_active_set set = {0};
    const double sums[6] = {0.1};
    size_t rows[VT_NEP_MAX_TYPES];
    assert_int_equal(vt_environments_span(&none, &model, &set, rows, NULL), VT_OK);
    assert_int_equal(rows[0], 0);
    assert_near(vt_active_set_grade(&set, 0, sums), 100, 1e-9);
    vt_environments_destroy(&none);
    vt_active_set_destroy(&set);
    vt_nep_destroy(&model);
}

static char *text_of(const struct vt_active_set *set, const struct vt_nep *model, size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    assert_non_null(stream);
    vt_active_set_print(set, model, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void test_file(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    struct vt_active_set set = {0}, read = {0};
    size_t size;
    make(&model, &set, 7);
    char *text = text_of(&set, &model, &size);
    assert_int_equal(vt_active_set_parse(&read, "a.txt", text, size, &model, NULL), VT_OK);
    const size_t numbers = (size_t)(2 * set.n * set.n);
    assert_memory_equal(read.rows, set.rows, numbers * sizeof *set.rows);
    assert_memory_equal(read.inverse, set.inverse, numbers * sizeof *set.rows);
    free(text);
    vt_active_set_destroy(&read);
    vt_active_set_destroy(&set);
    vt_nep_destroy(&model);
}

/* `from` becomes `to` where it is first found; NULL: the text ends there. Owned by the caller. */
static char *damage(const char *text, const char *from, const char *to)
{
    const size_t size = strlen(text) + 100;
    char *damaged = malloc(size);
    size_t head = 0;
    assert_non_null(damaged);
    while (strncmp(text + head, from, strlen(from)) != 0)
        assert_true(text[head++] != '\0');
    const char *rest = to ? text + head + strlen(from) : "";
    snprintf(damaged, size, "%.*s%s%s", (int)head, text, to ? to : "", rest);
    return damaged;
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
        long line;
    } cases[] = {
        {"vitrion_active_set 1", "vitrion_active_set 2", "outside of 1 to 1", 1},
        {"vitrion_active_set", "something", "expected 'vitrion_active_set'", 1},
        {"elements Te Pb", "elements Pb Te", "the active set has Pb where the model has Te", 2},
        {"elements Te Pb", "elements Te", "expected", 2},
        {"cutoffs 5", "cutoffs 6", " where the model has 5", 3},
        {"basis 3", "basis 4", "the active set has 4 where the model has 3", 4},
        {"basis 3\n1.0000000000000000 ", "basis 3\n", "the row ends after 6 of 7 numbers", 5},
        {"basis 3\n1.0000000000000000 ", "basis 3\n1 1 ", "the row has more than 7 numbers", 5},
        {"basis 3\n1.0000000000000000 ", "basis 3\nnan ", "sum", 5},
        {"basis 3\n1.0000000000000000 ", NULL, "basis", 3},
    };
    struct vt_nep model = nep_text_small();
    struct vt_active_set set = {0};
    size_t size;
    make(&model, &set, 7);
    char *text = text_of(&set, &model, &size);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct vt_active_set read = {0};
        struct vt_error error = {.code = VT_OK};
        char *damaged = damage(text, cases[k].from, cases[k].to);
        assert_int_equal(
            vt_active_set_parse(&read, "a.txt", damaged, strlen(damaged), &model, &error),
            VT_INPUT);
        if (!strstr(error.message, cases[k].message) || error.line != cases[k].line)
            fail_msg("case %zu, line %ld: %s", k, error.line, error.message);
        assert_string_equal(error.file, "a.txt");
        vt_active_set_destroy(&read);
        free(damaged);
    }
    free(text);
    vt_active_set_destroy(&set);
    vt_nep_destroy(&model);
}

/* Rows that are one and the same span nothing; more rows than the model has are none of its. */
static void test_no_volume(void **state)
{
    (void)state;
    struct vt_nep model = nep_text_small();
    char text[4000] = "vitrion_active_set 1\nelements Te Pb\ncutoffs 5 5\nbasis 3\n";
    struct vt_active_set read = {0};
    struct vt_error error;
    for (int row = 0; row < 14; row++)
        strcat(text, "1 2 3 4 5 6 7\n");
    assert_int_equal(vt_active_set_parse(&read, "a.txt", text, strlen(text), &model, &error),
                     VT_INPUT);
    if (!strstr(error.message, "spans no volume"))
        fail_msg("%s", error.message);
    assert_string_equal(error.file, "a.txt");
    vt_active_set_destroy(&read);
    strcat(text, "1 2 3 4 5 6 7\n");
    assert_int_equal(vt_active_set_parse(&read, "a.txt", text, strlen(text), &model, &error),
                     VT_INPUT);
    assert_non_null(strstr(error.message, "more rows"));
    vt_active_set_destroy(&read);
    vt_nep_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grades),
                                       cmocka_unit_test(test_unseen_element),
                                       cmocka_unit_test(test_file), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_no_volume)};
    return VT_RUN_TESTS(tests);
}
