/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that span the largest volume: against all choices where they can be tried, and by what they
 * are for, the size of the coefficients of all others. */
#include <math.h>
#include <string.h>

#include "balance.h"
#include "common/dice.h"
#include "common/near.h"
#include "training/maxvol.h"

enum { MOST = 4000 };

static const struct vt_maxvol_settings settings = {.floor = 1e-6, .tolerance = 1.0001};

/* By elimination, without pivots of zero in random matrices. */
static double determinant(const double *rows, size_t n)
{
    double a[12 * 12], value = 1;
    assert_true(n <= 12);
    memcpy(a, rows, n * n * sizeof *a);
    for (size_t c = 0; c < n; c++) {
        value *= a[c * n + c];
        for (size_t i = c + 1; i < n; i++) {
            const double factor = a[i * n + c] / a[c * n + c];
            for (size_t k = c; k < n; k++)
                a[i * n + k] -= factor * a[c * n + k];
        }
    }
    return value;
}

static void fill(struct dice *dice, double *row, size_t size)
{
    for (size_t i = 0; i < size; i++)
        row[i] = dice_real(dice, -1, 1);
}

/* The largest coefficient of a row in the chosen ones, by Cramer's rule. */
static double largest_coefficient(const double *chosen, const double *row, size_t n)
{
    double changed[12 * 12], most = 0;
    const double whole = determinant(chosen, n);
    for (size_t j = 0; j < n; j++) {
        memcpy(changed, chosen, n * n * sizeof *changed);
        memcpy(changed + j * n, row, n * sizeof *changed);
        most = fmax(most, fabs(determinant(changed, n) / whole));
    }
    return most;
}

static void test_all_coefficients_are_small(void **state)
{
    (void)state;
    struct dice dice = {5};
    for (size_t n = 1; n <= 9; n += 2) {
        double row[60 * 9], chosen[9 * 9];
        size_t n_chosen;
        fill(&dice, row, 60 * n);
        assert_int_equal(
            vt_maxvol(&(struct vt_tall_matrix){row, 60, n}, &settings, chosen, &n_chosen, NULL),
            VT_OK);
        assert_int_equal(n_chosen, n);
        for (size_t i = 0; i < 60; i++)
            assert_true(largest_coefficient(chosen, row + i * n, n) < settings.tolerance + 1e-9);
        for (size_t j = 0; j < n; j++) { /* each is a row of the matrix */
            bool found = false;
            for (size_t i = 0; i < 60; i++)
                found = found || memcmp(chosen + j * n, row + i * n, n * sizeof *row) == 0;
            assert_true(found);
        }
    }
}

/* Of three columns all triples of rows can be tried: no exchange makes more of the volume, and it
 * is at least what theory promises of the largest one, a part 3^(-3/2). */
static void test_volume(void **state)
{
    (void)state;
    struct dice dice = {9};
    double least = 1;
    for (int trial = 0; trial < 50; trial++) {
        double row[14 * 3], chosen[9], most = 0;
        size_t n_chosen;
        fill(&dice, row, 14 * 3);
        assert_int_equal(
            vt_maxvol(&(struct vt_tall_matrix){row, 14, 3}, &settings, chosen, &n_chosen, NULL),
            VT_OK);
        for (int i = 0; i < 14; i++)
            for (int j = 0; j < i; j++)
                for (int k = 0; k < j; k++) {
                    double triple[9];
                    memcpy(triple, row + 3 * i, 3 * sizeof *row);
                    memcpy(triple + 3, row + 3 * j, 3 * sizeof *row);
                    memcpy(triple + 6, row + 3 * k, 3 * sizeof *row);
                    most = fmax(most, fabs(determinant(triple, 3)));
                }
        least = fmin(least, fabs(determinant(chosen, 3)) / most);
    }
    assert_true(least > 0.19245 && least <= 1 + 1e-9);
}

/* What the rows do not span stays with the floor; without rows all does. */
static void test_floor(void **state)
{
    (void)state;
    double row[20 * 4] = {0}, chosen[16];
    size_t n_chosen;
    for (int i = 0; i < 20; i++) {
        row[4 * i] = 1;
        row[4 * i + 1] = 0.1 * i;
        row[4 * i + 2] = 1e-9 * (i % 3); /* less than the floor */
    }
    assert_int_equal(
        vt_maxvol(&(struct vt_tall_matrix){row, 20, 4}, &settings, chosen, &n_chosen, NULL), VT_OK);
    assert_int_equal(n_chosen, 2);
    assert_near(fabs(determinant(chosen, 4)), 1.9 * 1e-12, 1e-15);
    assert_int_equal(
        vt_maxvol(&(struct vt_tall_matrix){NULL, 0, 4}, &settings, chosen, &n_chosen, NULL), VT_OK);
    assert_int_equal(n_chosen, 0);
    assert_near(determinant(chosen, 4), 1e-24, 1e-36);
}

static void test_no_memory(void **state)
{
    (void)state;
    const double row[2] = {1, 2};
    double chosen[4];
    size_t n_chosen;
    vt_balance_fail(1);
    assert_int_equal(
        vt_maxvol(&(struct vt_tall_matrix){row, 1, 2}, &settings, chosen, &n_chosen, NULL),
        VT_MEMORY);
    vt_balance_fail(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_coefficients_are_small),
                                       cmocka_unit_test(test_volume), cmocka_unit_test(test_floor),
                                       cmocka_unit_test(test_no_memory)};
    return VT_RUN_TESTS(tests);
}
