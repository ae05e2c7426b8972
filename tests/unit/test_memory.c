/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"

#include <string.h>

#include "balance.h"

static void test_alloc(void **state)
{
    (void)state;
    for (size_t n = 0; n < 300; n += 13) {
        double *values;
        assert_int_equal(vt_alloc(&values, n, sizeof *values, "values", NULL), VT_OK);
        assert_non_null(values);
        assert_int_equal((uintptr_t)values % 64, 0);
        for (size_t i = 0; i < n; i++)
            assert_true(values[i] == 0);
        memset(values, 0xff,
               n * sizeof *values); /* so that a recycled piece is not zero by chance */
        vt_free(values);
    }
    vt_free(NULL);
}

static void test_overflow(void **state)
{
    (void)state;
    static const struct {
        size_t n, size;
    } cases[] = {{SIZE_MAX, 1},
                 {SIZE_MAX, 2},
                 {SIZE_MAX / 2, 8},
                 {SIZE_MAX / 8 + 2, 8},
                 {2, SIZE_MAX / 2},
                 {SIZE_MAX / 2 - 10, 1},
                 {(SIZE_MAX >> 32) + 2, (SIZE_MAX >> 32) + 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_error error;
        char there;
        void *pointer = &there;
        assert_int_equal(vt_alloc(&pointer, cases[i].n, cases[i].size, "atoms", &error), VT_MEMORY);
        assert_null(pointer);
        assert_int_equal(error.code, VT_MEMORY);
        assert_non_null(strstr(error.message, "no memory for atoms"));
    }
}

static void test_reserve(void **state)
{
    (void)state;
    int *values = NULL;
    size_t capacity = 0, growths = 0;
    for (size_t n = 0; n < 10000; n++) {
        const size_t before = capacity;
        assert_int_equal(vt_reserve(&values, &capacity, n + 1, sizeof *values, "values", NULL),
                         VT_OK);
        assert_true(capacity > n);
        growths += capacity != before;
        assert_true(capacity == before || capacity >= before + before / 2);
        for (size_t i = before; i < capacity; i++)
            assert_int_equal(values[i], 0);
        values[n] = (int)n + 1;
    }
    for (size_t n = 0; n < 10000; n++)
        assert_int_equal(values[n], (int)n + 1);
    assert_true(growths < 40);

    int *const before = values;
    const size_t old_capacity = capacity;
    assert_int_equal(vt_reserve(&values, &capacity, 1, sizeof *values, "values", NULL), VT_OK);
    assert_ptr_equal(values, before);
    assert_int_equal(capacity, old_capacity);
    vt_free(values);
}

static void check_unchanged(const int *values, const int *before, size_t capacity)
{
    assert_ptr_equal(values, before);
    assert_int_equal(capacity, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(values[i], i + 1);
}

static void test_reserve_failure(void **state)
{
    (void)state;
    struct vt_error error;
    int *values = NULL;
    size_t capacity = 0;
    assert_int_equal(vt_reserve(&values, &capacity, 3, sizeof *values, "values", &error), VT_OK);
    for (int i = 0; i < 3; i++)
        values[i] = i + 1;
    int *const before = values;

    assert_int_equal(vt_reserve(&values, &capacity, SIZE_MAX, sizeof *values, "values", &error),
                     VT_MEMORY);
    assert_int_equal(error.code, VT_MEMORY);
    check_unchanged(values, before, capacity);

    vt_balance_fail(1);
    assert_int_equal(vt_reserve(&values, &capacity, 100, sizeof *values, "values", &error),
                     VT_MEMORY);
    assert_true(vt_balance_failed());
    check_unchanged(values, before, capacity);

    assert_int_equal(vt_reserve(&values, &capacity, 100, sizeof *values, "values", &error), VT_OK);
    assert_int_equal(values[2], 3);
    vt_free(values);
}

/* The harness itself: what vt_reserve takes is counted, an open piece is seen, a failure comes when
 * asked for. */
static void test_balance(void **state)
{
    (void)state;
    const long open = vt_balance_open();
    int *values = NULL;
    size_t capacity = 0;
    assert_int_equal(vt_reserve(&values, &capacity, 1, sizeof *values, "values", NULL), VT_OK);
    assert_int_equal(vt_balance_open(), open + 1);
    vt_free(values);
    assert_int_equal(vt_balance_open(), open);

    void *first, *second;
    vt_balance_fail(2);
    assert_int_equal(vt_alloc(&first, 1, 1, "first", NULL), VT_OK);
    assert_false(vt_balance_failed());
    assert_int_equal(vt_alloc(&second, 1, 1, "second", NULL), VT_MEMORY);
    assert_true(vt_balance_failed());
    assert_null(second);
    assert_int_equal(vt_alloc(&second, 1, 1, "second", NULL), VT_OK);
    vt_free(first);
    vt_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),   cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_reserve), cmocka_unit_test(test_reserve_failure),
        cmocka_unit_test(test_balance),
    };
    return VT_RUN_TESTS(tests);
}
