/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <string.h>

#include "balance.h"

static void test_message(void **state)
{
    (void)state;
    struct vt_error error;
    memset(&error, 'x', sizeof error);
    const struct vt_place place = {"run.yaml", 12, 3};
    assert_int_equal(vt_fail_at(&error, place, VT_INPUT, "unknown key '%s'", "tmestep"), VT_INPUT);
    assert_int_equal(error.code, VT_INPUT);
    assert_string_equal(error.file, "run.yaml");
    assert_int_equal(error.line, 12);
    assert_int_equal(error.column, 3);
    assert_string_equal(error.message, "unknown key 'tmestep'");
    assert_string_equal(error.hint, "");
    vt_hint(&error, "did you mean '%s'?", "timestep");
    assert_string_equal(error.hint, "did you mean 'timestep'?");
}

static void test_text(void **state)
{
    (void)state;
    struct vt_error error;
    char text[256];
    vt_fail(&error, VT_IO, "disk full");
    assert_string_equal(vt_error_text(&error, text, sizeof text), "error: disk full");
    vt_fail_at(&error, (struct vt_place){"a", 0, 7}, VT_IO, "m");
    assert_string_equal(vt_error_text(&error, text, sizeof text), "a: error: m");
    vt_fail_at(&error, (struct vt_place){"a", 5, 0}, VT_IO, "m");
    assert_string_equal(vt_error_text(&error, text, sizeof text), "a:5: error: m");
    vt_fail_at(&error, (struct vt_place){"a", 5, 7}, VT_IO, "m");
    vt_hint(&error, "h");
    assert_string_equal(vt_error_text(&error, text, sizeof text), "a:5:7: error: m\n  h");
}

/* A second failure replaces the first, with its hint. */
static void test_replace(void **state)
{
    (void)state;
    struct vt_error error;
    char text[256];
    vt_fail_at(&error, (struct vt_place){"a", 5, 7}, VT_IO, "first");
    vt_hint(&error, "hint");
    vt_fail(&error, VT_FAILED, "second");
    assert_string_equal(vt_error_text(&error, text, sizeof text), "error: second");
    assert_int_equal(error.code, VT_FAILED);
}

/* Whatever the user's text is, the message stays in its bounds and on its line. */
static void test_bounds(void **state)
{
    (void)state;
    struct vt_error error;
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    vt_fail_at(&error, (struct vt_place){longest, 1, 1}, VT_INPUT, "%s", longest);
    vt_hint(&error, "%s", longest);
    assert_int_equal(strlen(error.file), sizeof error.file - 1);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(strlen(error.hint), sizeof error.hint - 1);
    char small[10];
    assert_string_equal(vt_error_text(&error, small, sizeof small), "aaaaaaaaa");

    vt_fail_at(&error, (struct vt_place){"a\nb", 1, 1}, VT_INPUT, "%s", "x\033[2Jy\r\n");
    vt_hint(&error, "%s", "a\tb");
    assert_string_equal(error.file, "a?b");
    assert_string_equal(error.message, "x?[2Jy??");
    assert_string_equal(error.hint, "a?b");
}

static void test_no_error_object(void **state)
{
    (void)state;
    assert_int_equal(vt_fail(NULL, VT_MEMORY, "m"), VT_MEMORY);
    assert_int_equal(vt_fail_at(NULL, (struct vt_place){"a", 1, 1}, VT_INPUT, "m"), VT_INPUT);
    vt_hint(NULL, "h");
}

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(VT_OK, 0);
    assert_int_equal(vt_exit_status(VT_OK), 0);
    assert_int_equal(vt_exit_status(VT_INPUT), 2);
    assert_int_equal(vt_exit_status(VT_UNSUPPORTED), 2);
    assert_int_equal(vt_exit_status(VT_MEMORY), 1);
    assert_int_equal(vt_exit_status(VT_IO), 1);
    assert_int_equal(vt_exit_status(VT_FAILED), 1);
    assert_string_equal(vt_code_text(VT_MEMORY), "out of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message),         cmocka_unit_test(test_text),
        cmocka_unit_test(test_replace),         cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_no_error_object), cmocka_unit_test(test_codes),
    };
    return VT_RUN_TESTS(tests);
}
