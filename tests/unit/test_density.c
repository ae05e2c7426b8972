/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/percolation.h"
#include "balance.h"
#include "common/dice.h"

enum { N = 12 };

/* A grid whose values are made by a test. */
static double value[N][N][N];

static struct vt_percolation percolation_of(void)
{
    static const double vectors[3][3] = {{6, 0, 0}, {0, 6, 0}, {0, 0, 6}};
    struct vt_density_grid grid = {.n = {N, N, N}, .value = &value[0][0][0]};
    struct vt_percolation percolation;
    for (int k = 0; k < N * N * N; k++)
        grid.ions += grid.value[k] * 216.0 / (N * N * N);
    assert_int_equal(vt_cell_init(&grid.cell, vectors, NULL), VT_OK);
    assert_int_equal(vt_percolation_find(&grid, &percolation, NULL), VT_OK);
    return percolation;
}

static void expect(const struct vt_percolation *found, const double along[3],
                   const double dimension[3])
{
    for (int d = 0; d < 3; d++)
        if (fabs(found->along[d] - along[d]) > 1e-12 ||
            fabs(found->dimension[d] - dimension[d]) > 1e-12)
            fail_msg("along %g %g %g, dimensions %g %g %g", found->along[0], found->along[1],
                     found->along[2], found->dimension[0], found->dimension[1],
                     found->dimension[2]);
}

static void test_channels(void **state)
{
    (void)state;
    memset(value, 0, sizeof value);
    for (int x = 0; x < N; x++)
        value[x][3][4] = x == 5 ? 2 : 7; /* along a, with a bottleneck of 2 */
    struct vt_percolation found = percolation_of();
    expect(&found, (const double[3]){2, 0, 0}, (const double[3]){2, 0, 0});
    assert_true(fabs(found.ions[0] - 1) < 1e-12);
    assert_true(fabs(found.volume[0] - 12.0 / (N * N * N)) < 1e-12);
    for (int z = 0; z < N; z++) /* along c, elsewhere: two regions, of one direction each */
        value[9][9][z] = 3;
    found = percolation_of();
    expect(&found, (const double[3]){2, 0, 3}, (const double[3]){3, 0, 0});
    for (int x = 5; x <= 9; x++) /* what joins them */
        for (int y = 3; y <= 9; y++)
            value[x][y][4] = fmax(value[x][y][4], 1);
    found = percolation_of();
    expect(&found, (const double[3]){2, 0, 3}, (const double[3]){3, 1, 0});
}

/* From face to face, but the ends do not meet: there is no way through. */
static void test_touching_both_faces_is_not_enough(void **state)
{
    (void)state;
    memset(value, 0, sizeof value);
    for (int x = 0; x < N; x++)
        value[x][x / 2][0] = value[x][(x + 1) / 2][0] = 1;
    struct vt_percolation found = percolation_of();
    expect(&found, (const double[3]){0, 0, 0}, (const double[3]){0, 0, 0});
    for (int y = 0; y <= N / 2; y++) /* back to where it began */
        value[0][y][0] = 0.5;
    found = percolation_of();
    expect(&found, (const double[3]){0.5, 0, 0}, (const double[3]){0.5, 0, 0});
}

/* A ladder that comes back after two cells along a and one along b is one direction, along both. */
static void test_a_diagonal_way(void **state)
{
    (void)state;
    memset(value, 0, sizeof value);
    for (int k = 0; k < 2 * N; k++)
        value[k % N][k / 2][0] = value[(k + 1) % N][k / 2][0] = 1;
    struct vt_percolation found = percolation_of();
    assert_true(found.along[0] == 1 && found.along[1] == 1 && found.along[2] == 0);
    assert_true(found.dimension[0] == 1);
}

/* Random values by brute force: flood in a 5 x 5 x 5 block of cells, from each point to its images.
 */
static bool floods(double isovalue, int direction)
{
    enum { CELLS = 5, EDGE = 4, WIDE = CELLS * EDGE };
    static bool seen[WIDE][WIDE][WIDE];
    static int stack[WIDE * WIDE * WIDE][3];
    for (int start = 0; start < EDGE * EDGE * EDGE; start++) {
        const int s[3] = {start / 16, start / 4 % 4, start % 4};
        if (value[s[0]][s[1]][s[2]] < isovalue)
            continue;
        memset(seen, 0, sizeof seen);
        int n = 1;
        for (int d = 0; d < 3; d++)
            stack[0][d] = s[d] + 2 * EDGE;
        seen[stack[0][0]][stack[0][1]][stack[0][2]] = true;
        while (n > 0) {
            const int at[3] = {stack[n - 1][0], stack[n - 1][1], stack[n - 1][2]};
            n--;
            for (int k = 0; k < 6; k++) {
                int to[3] = {at[0], at[1], at[2]};
                to[k / 2] += k % 2 ? 1 : -1;
                if (to[k / 2] < 0 || to[k / 2] >= WIDE || seen[to[0]][to[1]][to[2]] ||
                    value[to[0] % EDGE][to[1] % EDGE][to[2] % EDGE] < isovalue)
                    continue;
                seen[to[0]][to[1]][to[2]] = true;
                memcpy(stack[n++], to, sizeof to);
            }
        }
        for (int x = 0; x < CELLS; x++)
            for (int y = 0; y < CELLS; y++)
                for (int z = 0; z < CELLS; z++) {
                    const int cell[3] = {x, y, z};
                    if (cell[direction] != 2 &&
                        seen[s[0] + EDGE * x][s[1] + EDGE * y][s[2] + EDGE * z])
                        return true;
                }
    }
    return false;
}

static void test_random_values_against_floods(void **state)
{
    (void)state;
    static const double vectors[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
    struct dice dice = {77};
    for (int trial = 0; trial < 6; trial++) {
        double flat[64];
        for (int k = 0; k < 64; k++)
            flat[k] = value[k / 16][k / 4 % 4][k % 4] = dice_real(&dice, 0.1, 1);
        struct vt_density_grid grid = {.n = {4, 4, 4}, .value = flat, .ions = 1};
        struct vt_percolation found;
        assert_int_equal(vt_cell_init(&grid.cell, vectors, NULL), VT_OK);
        assert_int_equal(vt_percolation_find(&grid, &found, NULL), VT_OK);
        for (int d = 0; d < 3; d++) {
            assert_true(found.along[d] > 0);
            assert_true(floods(found.along[d], d));
            assert_false(floods(found.along[d] + 1e-9, d));
        }
    }
}

/* The density of atoms at known places: normalised, trilinear, in a cell that breathes and drifts.
 */
static void test_deposit(void **state)
{
    (void)state;
    enum { FRAMES = 10 };
    struct vt_density *density;
    bool wanted[VT_ELEMENTS + 1] = {false};
    const uint8_t element[3] = {3, 17, 3};
    wanted[3] = true;
    const struct vt_density_options options = {0.5, wanted};
    assert_int_equal(vt_density_create(&density, MPI_COMM_NULL, &options, NULL), VT_OK);
    for (int k = 0; k < FRAMES; k++) {
        const double scale = 1 + 0.01 * k;
        const double vectors[3][3] = {{5 * scale, 0, 0}, {0, 6 * scale, 0}, {2 * scale, 0, 4}};
        struct vt_snapshot snapshot = {.n = 3, .element = element, .drift = {0.1 * k, -0.2 * k, 0}};
        double position[3][3];
        static const double site[3][3] = {{0.2, 0.5, 0.25}, {0.99, 0.5, 0}, {0.97, 0.25, 0.75}};
        assert_int_equal(vt_cell_init(&snapshot.cell, vectors, NULL), VT_OK);
        for (int i = 0; i < 3; i++) {
            vt_cell_cartesian(&snapshot.cell, site[i], position[i]);
            for (int d = 0; d < 3; d++)
                position[i][d] += snapshot.drift[d] + (k % 3) * vectors[i][d]; /* any image */
        }
        snapshot.as_read = (const double(*)[3])position;
        assert_int_equal(vt_density_add(density, &snapshot, NULL), VT_OK);
    }
    vt_density_finish(density);
    const struct vt_density_grid grid = vt_density_grid(density);
    assert_int_equal(grid.n[0], 10);
    assert_int_equal(grid.n[1], 12);
    assert_int_equal(grid.n[2], 9);
    const double point = grid.cell.volume / (10 * 12 * 9);
    double sum = 0;
    for (int k = 0; k < 10 * 12 * 9; k++)
        sum += grid.value[k] * point;
    assert_true(fabs(sum - 2) < 1e-12);
    /* 0.2 * 10 = 2; 0.5 * 12 = 6; 0.25 * 9 = 2.25: shared between two points */
    assert_true(fabs(grid.value[(2 * 12 + 6) * 9 + 2] * point - 0.75) < 1e-9);
    assert_true(fabs(grid.value[(2 * 12 + 6) * 9 + 3] * point - 0.25) < 1e-9);
    assert_true(fabs(grid.value[(0 * 12 + 3) * 9 + 6] * point - 0.7 * 0.25) < 1e-9);
    const uint8_t *others;
    const double(*mean)[3];
    assert_int_equal(vt_density_framework(density, &others, &mean), 1);
    assert_int_equal(others[0], 17);
    double fractional[3];
    vt_cell_fractional(&grid.cell, mean[0], fractional);
    assert_true(fabs(fractional[0] - round(fractional[0]) + 0.01) < 1e-9 &&
                fabs(fractional[1] - 0.5) < 1e-9);
    /* the densest point has 0.75 of two ions, the next one 0.525 */
    const double fraction[2] = {0.3, 0.5};
    double isovalue[2], volume[2];
    assert_int_equal(vt_density_enclosing(&grid, 2, fraction, isovalue, volume, NULL), VT_OK);
    assert_true(fabs(isovalue[0] * point - 0.75) < 1e-9);
    assert_true(fabs(isovalue[1] * point - 0.525) < 1e-9);
    assert_true(fabs(volume[0] * 1080 - 1) < 1e-9 && fabs(volume[1] * 1080 - 2) < 1e-9);
    vt_density_destroy(density);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channels),
        cmocka_unit_test(test_touching_both_faces_is_not_enough),
        cmocka_unit_test(test_a_diagonal_way),
        cmocka_unit_test(test_random_values_against_floods),
        cmocka_unit_test(test_deposit),
    };
    return VT_RUN_TESTS(tests);
}
