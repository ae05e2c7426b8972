/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mat3.h"

#include "balance.h"

/* Triclinic, left-handed, thin. */
static const double matrices[][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{4, 0, 0}, {1, 5, 0}, {-2, 3, 6}},
    {{0, 3, 0}, {2, 0, 0}, {0, 0, 7}},
    {{100, 1, 0}, {0, 0.5, 0.25}, {1, -1, 30}},
};
enum { MATRICES = sizeof matrices / sizeof *matrices };

static void test_products(void **state)
{
    (void)state;
    const double a[3] = {1, 2, 3}, b[3] = {-4, 5, 6};
    double c[3];
    assert_true(vt_dot(a, b) == 24);
    assert_true(vt_norm((const double[3]){2, -3, 6}) == 7);
    vt_cross(a, b, c);
    assert_true(c[0] == -3 && c[1] == -18 && c[2] == 13);
    assert_true(vt_dot(a, c) == 0 && vt_dot(b, c) == 0);
}

static void test_determinant(void **state)
{
    (void)state;
    static const double determinants[MATRICES] = {1, 120, -42, 1525.25};
    for (int i = 0; i < MATRICES; i++)
        assert_true(fabs(vt_mat3_determinant(matrices[i]) - determinants[i]) < 1e-12);
}

static void test_inverse(void **state)
{
    (void)state;
    for (int i = 0; i < MATRICES; i++) {
        double inverse[3][3], row[3];
        vt_mat3_inverse(matrices[i], inverse);
        for (int j = 0; j < 3; j++) {
            vt_row_times_mat3(matrices[i][j], (const double(*)[3])inverse, row);
            for (int k = 0; k < 3; k++)
                assert_true(fabs(row[k] - (j == k)) < 1e-14);
        }
    }
}

/* Fractional times cell vectors: a sum of the rows. */
static void test_row_times(void **state)
{
    (void)state;
    double out[3];
    vt_row_times_mat3((const double[3]){1, 2, -1}, matrices[1], out);
    assert_true(out[0] == 8 && out[1] == 7 && out[2] == -6);
}

static void test_add_outer(void **state)
{
    (void)state;
    double t[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const double expected[9] = {5, 6, 7, 9, 11, 13, 13, 16, 19};
    vt_add_outer(t, (const double[3]){1, 2, 3}, (const double[3]){4, 5, 6});
    for (int i = 0; i < 9; i++)
        assert_true(t[i] == expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),  cmocka_unit_test(test_determinant),
        cmocka_unit_test(test_inverse),   cmocka_unit_test(test_row_times),
        cmocka_unit_test(test_add_outer),
    };
    return VT_RUN_TESTS(tests);
}
