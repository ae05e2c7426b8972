/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/cell.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "common/near.h"

static void test_oblique(void **state)
{
    (void)state;
    static const double h[3][3] = {{4, 0, 0}, {1, 5, 0}, {-2, 0.5, 6}};
    struct vt_cell cell;
    assert_int_equal(vt_cell_init(&cell, h, NULL), VT_OK);
    assert_near(cell.volume, 120, 1e-12);
    assert_near(cell.thickness[2], 6, 1e-12); /* a and b span the xy plane */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++)
                sum += h[i][k] * cell.inverse[k][j];
            assert_near(sum, i == j, 1e-14);
        }
}

static void test_left_handed(void **state)
{
    (void)state;
    static const double h[3][3] = {{0, 3, 0}, {2, 0, 0}, {0, 0, 7}};
    struct vt_cell cell;
    assert_int_equal(vt_cell_init(&cell, h, NULL), VT_OK);
    assert_near(cell.volume, 42, 1e-12);
    assert_near(cell.thickness[0], 3, 1e-12);
    assert_near(cell.thickness[1], 2, 1e-12);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        double h[3][3];
        const char *message;
    } cases[] = {
        {{{3, 0, 0}, {0, 3, 0}, {3, 3, 0}}, "the cell has no volume: it is 0 A thick across"},
        {{{3, 0, 0}, {0, 3, 0}, {0, 0, 0}}, "the cell has no volume"},
        {{{3, 0, 0}, {0, 0.05, 0}, {0, 0, 3}}, "it is 0.05 A thick across vector b"},
        {{{NAN, 0, 0}, {0, 3, 0}, {0, 0, 3}}, "cell vector a is nan A long"},
        {{{3, 0, 0}, {0, 3, 0}, {0, 0, 1e9}}, "cell vector c is 1e+09 A long"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_cell cell;
        struct vt_error error;
        assert_int_equal(vt_cell_init(&cell, cases[i].h, &error), VT_INPUT);
        assert_non_null(strstr(error.message, cases[i].message));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oblique),
        cmocka_unit_test(test_left_handed),
        cmocka_unit_test(test_refused),
    };
    return VT_RUN_TESTS(tests);
}
