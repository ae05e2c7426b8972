/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/atoms.h"

#include <math.h>

#include "balance.h"
#include "base/memory.h"
#include "common/near.h"

static const double oblique[3][3] = {{4, 0, 0}, {1.5, 3.5, 0}, {-1, 0.7, 5}};

/* Atoms inside, on faces, a rounding error outside, and far away. */
static const double places[][3] = {
    {1, 1, 1}, {0, 0, 0}, {-1e-17, 0, 0}, {4, 0, 0}, {123.4, -77.7, 45.6}, {-1e-9, -1e-9, 5}};
static const int types[] = {0, 1, 0, 1, 2, 1};

enum { N = sizeof types / sizeof *types };

static void set(struct vt_atoms *atoms, struct vt_cell *cell, double reach)
{
    const struct vt_atoms_input input = {N, places, types};
    assert_int_equal(vt_cell_init(cell, oblique, NULL), VT_OK);
    assert_int_equal(vt_atoms_set(atoms, cell, &input, reach, NULL), VT_OK);
}

/* Fractional difference of two rows: whole numbers for an atom and its ghosts. */
static void lattice_shift(const struct vt_atoms *atoms, const struct vt_cell *cell, int32_t row,
                          double shift[3])
{
    double d[3];
    for (int k = 0; k < 3; k++)
        d[k] = atoms->position[row][k] - atoms->position[atoms->owner[row]][k];
    vt_cell_fractional(cell, d, shift);
}

static void test_wrapped(void **state)
{
    (void)state;
    struct vt_atoms atoms = {0};
    struct vt_cell cell;
    set(&atoms, &cell, 3);
    assert_int_equal(atoms.n_local, N);
    for (int32_t i = 0; i < atoms.n_local; i++) {
        double s[3], d[3], shift[3];
        vt_cell_fractional(&cell, atoms.position[i], s);
        for (int k = 0; k < 3; k++) {
            assert_true(s[k] > -1e-12 && s[k] < 1 + 1e-12);
            d[k] = atoms.position[i][k] - places[i][k];
        }
        vt_cell_fractional(&cell, d, shift);
        for (int k = 0; k < 3; k++)
            assert_near(shift[k], round(shift[k]), 1e-12);
        assert_int_equal(atoms.owner[i], i);
        assert_int_equal(atoms.type[i], types[i]);
    }
    vt_atoms_destroy(&atoms);
}

/* Every image of every atom that lies within reach of the cell is there, once; the search box is
 * generous. */
static void test_complete(void **state)
{
    (void)state;
    struct vt_atoms atoms = {0};
    struct vt_cell cell;
    const double reach = 7;
    set(&atoms, &cell, reach);
    long expected = 0;
    for (int32_t i = 0; i < N; i++) {
        double s[3];
        vt_cell_fractional(&cell, atoms.position[i], s);
        for (int a = -6; a <= 6; a++)
            for (int b = -6; b <= 6; b++)
                for (int c = -6; c <= 6; c++) {
                    const double f[3] = {s[0] + a, s[1] + b, s[2] + c};
                    int inside = 1;
                    for (int k = 0; k < 3; k++)
                        inside &= fabs(f[k] - 0.5) <= 0.5 + reach / cell.thickness[k];
                    expected += inside;
                }
    }
    assert_int_equal(atoms.n_all, expected);
    for (int32_t g = N; g < atoms.n_all; g++) {
        double shift[3];
        lattice_shift(&atoms, &cell, g, shift);
        assert_true(fabs(shift[0]) + fabs(shift[1]) + fabs(shift[2]) > 0.5);
        for (int k = 0; k < 3; k++)
            assert_near(shift[k], round(shift[k]), 1e-11);
        assert_int_equal(atoms.type[g], types[atoms.owner[g]]);
    }
    assert_true(atoms.position[atoms.n_all][0] > 1e6); /* the dummy */
    vt_atoms_destroy(&atoms);
}

static void test_spread_and_fold(void **state)
{
    (void)state;
    struct vt_atoms atoms = {0};
    struct vt_cell cell;
    set(&atoms, &cell, 4);
    double *values;
    assert_int_equal(vt_alloc(&values, 2 * (size_t)atoms.n_all, sizeof *values, "values", NULL),
                     VT_OK);
    for (int32_t i = 0; i < N; i++) {
        values[2 * i] = i + 1;
        values[2 * i + 1] = 1;
    }
    vt_atoms_spread(&atoms, values, 2);
    double copies[N] = {0};
    for (int32_t g = 0; g < atoms.n_all; g++) {
        assert_true(values[2 * g] == atoms.owner[g] + 1);
        copies[atoms.owner[g]]++;
    }
    vt_atoms_fold(&atoms, values, 2);
    for (int32_t i = 0; i < N; i++) {
        assert_true(values[2 * i] == copies[i] * (i + 1));
        assert_true(values[2 * i + 1] == copies[i]);
    }
    vt_free(values);
    vt_atoms_destroy(&atoms);
}

static void test_refused(void **state)
{
    (void)state;
    static const double lost[][3] = {{1, 1, 1}, {1e300, 0, 0}, {NAN, 0, 0}};
    struct vt_cell cell;
    assert_int_equal(vt_cell_init(&cell, oblique, NULL), VT_OK);
    for (int k = 1; k < 3; k++) {
        struct vt_atoms atoms = {0};
        struct vt_error error;
        const struct vt_atoms_input input = {1, lost + k, types};
        assert_int_equal(vt_atoms_set(&atoms, &cell, &input, 3, &error), VT_INPUT);
        vt_atoms_destroy(&atoms);
    }
    /* 2000 cells thick is more images than can be numbered: an error, not an overflow. */
    struct vt_atoms atoms = {0};
    const struct vt_atoms_input input = {1, lost, types};
    struct vt_error error;
    assert_int_equal(vt_atoms_set(&atoms, &cell, &input, 5000, &error), VT_INPUT);
    vt_atoms_destroy(&atoms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_spread_and_fold),
        cmocka_unit_test(test_refused),
    };
    return VT_RUN_TESTS(tests);
}
