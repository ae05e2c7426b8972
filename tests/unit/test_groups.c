/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: which atoms the rules of a configuration take, and what they cannot. Messages about the
 * configuration alone are pinned in tests/reject. */
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "domain/atoms.h"
#include "md/members.h"
#include "md/run_config.h"

enum { N = 6 };

static const uint8_t elements[N] = {3, 3, 9, 17, 40, 17}; /* Li Li F Cl Zr Cl */

static void read_groups(struct vt_run_config *config, const char *groups)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{model: m, structure: s, groups: %s, stages: [{ensemble: nve, steps: 5}]}", groups);
    struct vt_error_list errors = {0};
    const struct vt_config_text source = {
        .name = "run.yaml", .text = text, .size = strlen(text), .directory = "/home/me"};
    const enum vt_code code = vt_config_parse(&vt_run_table, config, &source, NULL, &errors);
    vt_error_list_write(&errors, stderr);
    assert_int_equal(code, VT_OK);
}

/* Atoms at x = 0, 1, 2, ...; a column of each kind. */
static void make_frame(struct vt_frame *frame)
{
    static const int64_t part[N] = {0, 1, 2, 0, 1, 5};
    struct vt_column *column;
    *frame = (struct vt_frame){.file = "s", .line = 1};
    assert_int_equal(vt_frame_resize(frame, N, NULL), VT_OK);
    memcpy(frame->element, elements, sizeof elements);
    assert_int_equal(vt_frame_add_column(frame, "part", VT_INTEGER, 1, &column, NULL), VT_OK);
    memcpy(column->integer, part, sizeof part);
    assert_int_equal(vt_frame_add_column(frame, "moves", VT_LOGICAL, 1, &column, NULL), VT_OK);
    column->logical[2] = column->logical[5] = true;
    assert_int_equal(vt_frame_add_column(frame, "mask", VT_LOGICAL, 3, &column, NULL), VT_OK);
    for (int k = 0; k < 4; k++)
        column->logical[k] = true; /* all of atom 0, one of atom 1 */
    assert_int_equal(vt_frame_add_column(frame, "vel", VT_REAL, 3, &column, NULL), VT_OK);
}

/* Members of the last group among the atoms and a copy of them, 100 A away along x: "110000
 * 010000".
 */
static void check(const char *groups, const char *members)
{
    struct vt_run_config config;
    struct vt_frame frame;
    struct vt_members *object;
    read_groups(&config, groups);
    make_frame(&frame);
    assert_int_equal(vt_members_create(&object, vt_run_groups(&config), &frame, 2 * N, NULL),
                     VT_OK);
    char found[2 * N + 2] = "";
    for (size_t i = 0; i < 2 * N; i++) {
        const double position[3] = {(double)(i % N) + 100.0 * (double)(i / N), 1, -3};
        const uint32_t bits = vt_members_of(object, i % N, (int64_t)i, position);
        assert_true(bits & VT_ALL_ATOMS);
        strcat(found, i == N ? " " : "");
        strcat(found, bits >> config.n_groups & 1 ? "1" : "0");
    }
    assert_string_equal(found, members);
    vt_members_destroy(object);
    vt_frame_destroy(&frame);
    vt_config_destroy(&vt_run_table, &config);
}

static void test_members(void **state)
{
    (void)state;
    check("{name: a, elements: Li}", "110000 110000");
    check("{name: a, elements: [Zr, Cl]}", "000111 000111");
    check("{name: a, ids: 2}", "010000 000000");
    check("{name: a, ids: [2-4, 12, 7-7]}", "011100 100001");
    check("{name: a, x: [1 A, 3 A]}", "011000 000000"); /* the upper bound is outside */
    check("{name: a, x: [5 A, 101 A]}", "000001 100000");
    check("{name: a, x: [0 A, 3 A], y: [0.1 nm, 0.2 nm], z: [-3 A, 0 A]}", "111000 000000");
    check("{name: a, x: [0 A, 3 A], y: [1.1 A, 2 A]}", "000000 000000");
    check("{name: a, column: part}", "010010 010010");
    check("{name: a, column: part, values: 0}", "100100 100100");
    check("{name: a, column: part, values: [2, 5]}", "001001 001001");
    check("{name: a, column: moves}", "001001 001001");
    check("{name: a, column: moves, values: 0}", "110110 110110");
    check("{name: a, column: mask}", "100000 100000");
    check("{name: a, column: mask, values: 0}", "001111 001111");
    check("{name: a, column: mask, values: [0, 1]}", "111111 111111");
    check("{name: a, elements: [Li, Cl], ids: 2-9}", "010101 110000");
    check("{name: a, elements: Cl, x: [0 A, 5 A], column: part, values: 0}", "000100 000000");
}

static void test_except(void **state)
{
    (void)state;
    check("[{name: a, elements: Li}, {name: b, except: a}]", "001111 001111");
    check("[{name: a, elements: Li}, {name: b, ids: 5-12}, {name: c, except: [a, b]}]",
          "001100 000000");
    check("[{name: a, elements: Li}, {name: b, except: a}, {name: c, except: b}]", "110000 110000");
    check("[{name: a, elements: Li}, {name: b, ids: 1-3, except: a}]", "001000 000000");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *groups, *message;
    } cases[] = {
        {"{name: a, ids: 3-13}", "the group 'a' has atom 13; the structure has 12 atoms"},
        {"{name: a, column: move_mask}",
         "the structure has no column 'move_mask' for the group 'a'"},
        {"[{name: b, ids: 1}, {name: a, column: vel}]",
         "the column 'vel' cannot make the group 'a': it has neither integers nor T and F"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct vt_run_config config;
        struct vt_frame frame;
        struct vt_members *object;
        struct vt_error error;
        read_groups(&config, cases[k].groups);
        make_frame(&frame);
        assert_int_equal(vt_members_create(&object, vt_run_groups(&config), &frame, 2 * N, &error),
                         VT_INPUT);
        assert_string_equal(error.message, cases[k].message);
        assert_null(object);
        vt_frame_destroy(&frame);
        vt_config_destroy(&vt_run_table, &config);
    }
}

static void test_ranges(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",      "-",   "0",  "0-3", "3-2", "-3",   "3-", "1--2",
        "1-2-3", "1.5", " 1", "1 ",  "+1",  "1-+2", "x",  "9223372036854775808"};
    int64_t range[2];
    assert_true(vt_group_range("7", range) && range[0] == 7 && range[1] == 7);
    assert_true(vt_group_range("1-200", range) && range[0] == 1 && range[1] == 200);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        assert_false(vt_group_range(wrong[k], range));
}

/* Names become bits, and those that a stage freezes its ensemble's. */
static void test_names(void **state)
{
    (void)state;
    static char a[] = "a", b[] = "b", all[] = "all", other[] = "other";
    static char *const names[] = {b, all, other, a};
    struct vt_run_config config;
    read_groups(&config, "[{name: a, ids: 1}, {name: b, ids: 2}]");
    const struct vt_groups groups = vt_run_groups(&config);
    assert_int_equal(vt_groups_find(groups, names, 1), 4);
    assert_int_equal(vt_groups_find(groups, names, 4), 4 + 2 + VT_ALL_ATOMS);
    assert_int_equal(vt_groups_find(groups, names + 2, 1), 0);
    config.stages[0].freeze = (char **)names;
    config.stages[0].n_freeze = 1;
    assert_int_equal(vt_run_stage_ensemble(&config, 0, 0).frozen, 4);
    config.stages[0].freeze = NULL;
    config.stages[0].n_freeze = 0;
    assert_int_equal(vt_run_stage_ensemble(&config, 0, 0).frozen, 0);
    vt_config_destroy(&vt_run_table, &config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members), cmocka_unit_test(test_except),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_names),
    };
    return VT_RUN_TESTS(tests);
}
