/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/strain.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "common/dice.h"
#include "common/near.h"

static const enum vt_coupling couplings[] = {VT_ISOTROPIC, VT_ORTHORHOMBIC, VT_ANISOTROPIC};

/* Oblique, somehow in space, left-handed. */
static const double vectors[][3][3] = {
    {{5, 0, 0}, {0, 6, 0}, {0, 0, 7}},
    {{4, 1, 0.5}, {-1, 5, 2}, {0.3, -2, 6}},
    {{-1, 5, 2}, {4, 1, 0.5}, {0.3, -2, 6}},
};
enum { CELLS = sizeof vectors / sizeof *vectors };

/* Any strain that the coupling allows. */
static void draw(enum vt_coupling coupling, double size, struct dice *dice, double strain[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++)
            strain[i][j] = strain[j][i] =
                i == j || coupling == VT_ANISOTROPIC ? dice_real(dice, -size, size) : 0;
    if (coupling == VT_ISOTROPIC)
        strain[0][0] = strain[1][1] = strain[2][2];
}

static void strained(const struct vt_cell *cell, const struct vt_strain_map *map,
                     struct vt_cell *out)
{
    double vector[3][3];
    vt_mat3_multiply(cell->vector, (const double(*)[3])map->positions, vector);
    assert_int_equal(vt_cell_init(out, (const double(*)[3])vector, NULL), VT_OK);
}

/* The metric: lengths and angles, whatever the direction in space. */
static void metric(const struct vt_cell *cell, double g[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            g[i][j] = vt_dot(cell->vector[i], cell->vector[j]);
}

static void test_count(void **state)
{
    (void)state;
    assert_int_equal(vt_strain_count(VT_ISOTROPIC), 1);
    assert_int_equal(vt_strain_count(VT_ORTHORHOMBIC), 3);
    assert_int_equal(vt_strain_count(VT_ANISOTROPIC), 6);
}

/* The volume grows by the exponential of the trace, momenta go against positions, a and the plane
 * of a and b stay, a left-handed cell stays one. */
static void test_map(void **state)
{
    (void)state;
    struct dice dice = {1};
    for (int k = 0; k < CELLS; k++)
        for (int c = 0; c < 3; c++) {
            struct vt_cell cell, after;
            struct vt_strain_map map;
            double strain[3][3], transposed[3][3], product[3][3], old[3], new[3];
            vt_cell_init(&cell, vectors[k], NULL);
            draw(couplings[c], 0.3, &dice, strain);
            vt_strain_map(couplings[c], &cell, (const double(*)[3])strain, &map);
            strained(&cell, &map, &after);
            const double trace = strain[0][0] + strain[1][1] + strain[2][2];
            const double(*before)[3] = (const double(*)[3])cell.vector;
            const double(*vector)[3] = (const double(*)[3])after.vector;
            assert_near(vt_mat3_determinant(vector) / vt_mat3_determinant(before), exp(trace),
                        1e-13);
            vt_mat3_transpose((const double(*)[3])map.velocities, transposed);
            vt_mat3_multiply((const double(*)[3])map.positions, (const double(*)[3])transposed,
                             product);
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    assert_near(product[i][j], i == j, 1e-14);
            vt_cross(cell.vector[0], cell.vector[1], old);
            vt_cross(after.vector[0], after.vector[1], new);
            assert_near(vt_dot(old, new), vt_norm(old) * vt_norm(new), 1e-11);
            assert_near(vt_dot(cell.vector[0], after.vector[0]),
                        vt_norm(cell.vector[0]) * vt_norm(after.vector[0]), 1e-13);
        }
}

/* Lengths and angles as the coupling has them. */
static void test_shape(void **state)
{
    (void)state;
    struct dice dice = {2};
    for (int k = 0; k < CELLS; k++)
        for (int c = 0; c < 3; c++) {
            struct vt_cell cell, after;
            struct vt_strain_map map;
            double strain[3][3], before[3][3], g[3][3];
            vt_cell_init(&cell, vectors[k], NULL);
            draw(couplings[c], 0.3, &dice, strain);
            vt_strain_map(couplings[c], &cell, (const double(*)[3])strain, &map);
            strained(&cell, &map, &after);
            metric(&cell, before);
            metric(&after, g);
            double most = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    most =
                        fmax(most, fabs(g[i][j] / exp(strain[i][i] + strain[j][j]) - before[i][j]));
            if (couplings[c] == VT_ANISOTROPIC)
                assert_true(most > 0.1);
            else
                assert_true(most < 1e-12);
        }
}

/* exp([0 x; x 0]) = [cosh x, sinh x; sinh x, cosh x]. */
static void test_exponential(void **state)
{
    (void)state;
    const double x = 0.7, strain[3][3] = {{0, x, 0}, {x, 0, 0}, {0, 0, 0}};
    struct vt_cell cell;
    double out[3][3];
    vt_cell_init(&cell, vectors[1], NULL);
    vt_strain_velocities(VT_ANISOTROPIC, &cell, strain, out);
    const double expected[9] = {cosh(x), -sinh(x), 0, -sinh(x), cosh(x), 0, 0, 0, 1};
    assert_all_near(&out[0][0], expected, 9, 1e-14);
}

/* The power of a tensor on a strain rate, as on the Cartesian rate of the same motion. */
static void test_part(void **state)
{
    (void)state;
    struct dice dice = {3};
    const double h = 1e-5;
    for (int k = 0; k < CELLS; k++)
        for (int c = 0; c < 3; c++) {
            struct vt_cell cell;
            double strain[3][3], tensor[9], part[3][3], out[3][3];
            vt_cell_init(&cell, vectors[k], NULL);
            draw(couplings[c], h, &dice, strain);
            for (int i = 0; i < 3; i++)
                for (int j = 0; j <= i; j++)
                    tensor[3 * i + j] = tensor[3 * j + i] = dice_real(&dice, -1, 1);
            vt_strain_part(couplings[c], &cell, tensor, part);
            vt_strain_velocities(couplings[c], &cell, (const double(*)[3])strain, out);
            double power = 0, expected = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++) {
                    power += part[i][j] * strain[i][j];
                    expected -= tensor[3 * i + j] * (out[i][j] - (i == j));
                }
            assert_near(power / h, expected / h, 1e-3);
        }
}

static void test_size(void **state)
{
    (void)state;
    assert_near(vt_strain_size((const double[3][3]){{1, 0, 0}, {0, -2, 0}, {0, 0, 1}}), 2, 0);
    assert_near(vt_strain_size((const double[3][3]){{0, 1, -1}, {1, 0, 0}, {-1, 0, 0}}), 2, 0);
    assert_true(isnan(vt_strain_size((const double[3][3]){{5, 0, 0}, {0, NAN, 0}, {0, 0, 9}})));
    assert_true(isnan(vt_strain_size((const double[3][3]){{NAN, 0, 0}, {0, 1, 0}, {0, 0, 1}})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count), cmocka_unit_test(test_map),
        cmocka_unit_test(test_shape), cmocka_unit_test(test_exponential),
        cmocka_unit_test(test_part),  cmocka_unit_test(test_size),
    };
    return VT_RUN_TESTS(tests);
}
