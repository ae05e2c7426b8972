/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "base/error_list.h"

static struct vt_error_list list;

static struct vt_error *add(long line, long column, const char *message)
{
    const struct vt_place place = {line ? "f" : "option", line, column};
    return vt_error_list_add(&list, place, VT_INPUT, "%s", message);
}

static void test_order(void **state)
{
    (void)state;
    list = (struct vt_error_list){0};
    assert_int_equal(vt_error_list_code(&list), VT_OK);
    add(0, 0, "first option");
    add(3, 1, "c");
    add(2, 9, "b");
    add(0, 0, "second option");
    add(2, 1, "a");
    vt_hint(add(2, 9, "b, later"), "the hint");
    static const char *const order[] = {"a", "b", "b, later", "c", "first option", "second option"};
    assert_int_equal(list.n_kept, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(list.error[i].message, order[i]);
    assert_string_equal(list.error[2].hint, "the hint");
    assert_int_equal(vt_error_list_code(&list), VT_INPUT);
}

static void test_full(void **state)
{
    (void)state;
    list = (struct vt_error_list){0};
    for (long i = 0; i < VT_ERRORS_KEPT; i++)
        assert_non_null(add(10 + i, 1, "early"));
    assert_null(add(100, 1, "late"));
    assert_null(add(0, 0, "without a line"));
    const struct vt_error *first = add(1, 1, "first of all");
    assert_ptr_equal(first, &list.error[0]);
    assert_string_equal(first->message, "first of all");
    assert_int_equal(list.n_kept, VT_ERRORS_KEPT);
    assert_int_equal(list.n_dropped, 3);
    assert_int_equal(list.error[VT_ERRORS_KEPT - 1].line, 10 + VT_ERRORS_KEPT - 2);
}

static void test_code(void **state)
{
    (void)state;
    list = (struct vt_error_list){0};
    add(1, 1, "wrong");
    vt_error_list_add(&list, (struct vt_place){"f", 2, 1}, VT_MEMORY, "no memory");
    add(3, 1, "wrong");
    assert_int_equal(vt_error_list_code(&list), VT_MEMORY);
}

static void test_write(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    list = (struct vt_error_list){0};
    vt_hint(add(1, 2, "100 % wrong"), "right");
    list.n_dropped = 3;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    vt_error_list_write(&list, file);
    fclose(file);
    assert_string_equal(text, "f:1:2: error: 100 % wrong\n  right\nand 3 more\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_code),
        cmocka_unit_test(test_write),
    };
    return VT_RUN_TESTS(tests);
}
