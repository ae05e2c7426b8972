/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crystals whose polyhedra share in known ways, and blocks of frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/polyhedra.h"
#include "balance.h"
#include "base/memory.h"
#include "common/dice.h"

enum { MOST = 1000, RE = 75, MG = 12, O = 8, CL = 17 };

struct atoms {
    size_t n;
    double edge; /* of the cube that repeats */
    int repeat;
    uint8_t element[MOST];
    double position[MOST][3];
};

static void add(struct atoms *atoms, int element, double x, double y, double z)
{
    const int n = atoms->repeat;
    for (int k = 0; k < n * n * n; k++) {
        double *to = atoms->position[atoms->n];
        to[0] = (x + k % n) * atoms->edge - 3;
        to[1] = (y + k / n % n) * atoms->edge + 11;
        to[2] = (z + k / (n * n)) * atoms->edge + 0.1;
        atoms->element[atoms->n++] = (uint8_t)element;
    }
}

static struct vt_polyhedra *study(const struct atoms *atoms,
                                  const struct vt_polyhedra_options *options, int n_frames)
{
    struct vt_polyhedra *polyhedra;
    const double edge = atoms->edge * atoms->repeat;
    const double vectors[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
    assert_int_equal(vt_polyhedra_create(&polyhedra, MPI_COMM_NULL, options, NULL), VT_OK);
    for (int k = 0; k < n_frames; k++) {
        struct vt_snapshot snapshot = {.n = atoms->n,
                                       .element = atoms->element,
                                       .as_read = (const double(*)[3])atoms->position,
                                       .periodic = {true, true, true}};
        assert_int_equal(vt_cell_init(&snapshot.cell, vectors, NULL), VT_OK);
        assert_int_equal(vt_polyhedra_add(polyhedra, &snapshot, NULL), VT_OK);
    }
    vt_polyhedra_finish(polyhedra);
    return polyhedra;
}

static void expect(const char *what, struct vt_mean found, double expected)
{
    if (fabs(found.value - expected) > 1e-12)
        fail_msg("%s: %g, not %g", what, found.value, expected);
}

/* ReO3: octahedra that share all corners. */
static void test_corners(void **state)
{
    (void)state;
    struct atoms *atoms = test_calloc(1, sizeof *atoms);
    for (int repeat = 2; repeat <= 4; repeat++) {
        *atoms = (struct atoms){.edge = 3.75, .repeat = repeat};
        add(atoms, RE, 0, 0, 0);
        add(atoms, O, 0.5, 0, 0);
        add(atoms, O, 0, 0.5, 0);
        add(atoms, O, 0, 0, 0.5);
        const struct vt_polyhedra_options options = {1, 1, {RE}, {O}, {{2.2}}};
        struct vt_polyhedra *polyhedra = study(atoms, &options, 3);
        double deviation;
        expect("number", vt_polyhedra_number(polyhedra, 0, 0), 6);
        expect("length", vt_polyhedra_distance(polyhedra, 0, 0, &deviation), 1.875);
        assert_true(deviation < 1e-6);
        expect("bridging", vt_polyhedra_role(polyhedra, 0, VT_BRIDGING), 1);
        expect("corner", vt_polyhedra_sharing(polyhedra, VT_CORNER), 1);
        expect("corner by O", vt_polyhedra_corner(polyhedra, 0), 1);
        /* with two cells each neighbour is one twice, through two images */
        expect("links", vt_polyhedra_links(polyhedra), 3);
        expect("largest", vt_polyhedra_largest(polyhedra), 1);
        vt_polyhedra_destroy(polyhedra);
    }
    test_free(atoms);
}

/* Rock salt: each octahedron shares edges with 12 others and corners with 6. */
static void test_edges(void **state)
{
    (void)state;
    struct atoms *atoms = test_calloc(1, sizeof *atoms);
    *atoms = (struct atoms){.edge = 4.2, .repeat = 3};
    for (int k = 0; k < 8; k++)
        add(atoms, (k + k / 2 + k / 4) % 2 ? O : MG, k % 2 / 2.0, k / 2 % 2 / 2.0, k / 4 / 2.0);
    const struct vt_polyhedra_options options = {1, 2, {MG}, {CL, O}, {{2.5, 2.5}}};
    struct vt_polyhedra *polyhedra = study(atoms, &options, 1);
    expect("number", vt_polyhedra_number(polyhedra, 0, 1), 6);
    expect("edge", vt_polyhedra_sharing(polyhedra, VT_EDGE), 12.0 / 18);
    expect("corner", vt_polyhedra_sharing(polyhedra, VT_CORNER), 6.0 / 18);
    expect("links", vt_polyhedra_links(polyhedra), 9);
    assert_true(isnan(vt_polyhedra_links(polyhedra).sigma));
    vt_polyhedra_destroy(polyhedra);
    test_free(atoms);
}

/* Two octahedra with a face in common, one alone that lost a corner, and an anion far from all. */
static void test_faces_roles_and_environments(void **state)
{
    (void)state;
    struct atoms *atoms = test_calloc(1, sizeof *atoms);
    *atoms = (struct atoms){.edge = 30, .repeat = 1};
    const double at[2] = {10 / 30.0, 13 / 30.0}; /* centres along x */
    add(atoms, RE, at[0], 0.5, 0.5);
    add(atoms, RE, at[1], 0.5, 0.5);
    for (int k = 0; k < 3; k++) { /* a triangle between them, and one outside of each */
        const double y = 0.5 + 1.5 / 30 * cos(2.0944 * k), z = 0.5 + 1.5 / 30 * sin(2.0944 * k);
        add(atoms, k == 0 ? O : CL, (at[0] + at[1]) / 2, y, z);
        add(atoms, CL, at[0] - 1.5 / 30, y, z);
        add(atoms, CL, at[1] + 1.5 / 30, y, z);
    }
    add(atoms, RE, 0.5, 0, 0);
    for (int k = 0; k < 5; k++)
        add(atoms, CL, 0.5 + (k == 0) * 2 / 30.0 - (k == 1) * 2 / 30.0,
            (k == 2) * 2 / 30.0 + (k == 3) * 28 / 30.0, (k == 4) * 2 / 30.0);
    add(atoms, CL, 0.9, 0.9, 0.9);
    const struct vt_polyhedra_options options = {1, 2, {RE}, {CL, O}, {{2.5, 2.5}}};
    struct vt_polyhedra *polyhedra = study(atoms, &options, 20);
    expect("face", vt_polyhedra_sharing(polyhedra, VT_FACE), 1);
    expect("largest", vt_polyhedra_largest(polyhedra), 2.0 / 3);
    expect("O bridging", vt_polyhedra_role(polyhedra, 1, VT_BRIDGING), 1);
    expect("Cl bridging", vt_polyhedra_role(polyhedra, 0, VT_BRIDGING), 2.0 / 14);
    expect("Cl free", vt_polyhedra_role(polyhedra, 0, VT_FREE), 1.0 / 14);
    struct vt_environment *environment;
    size_t n;
    assert_int_equal(vt_polyhedra_environments(polyhedra, 0, &environment, &n, NULL), VT_OK);
    assert_int_equal(n, 2);
    assert_true(environment[0].number[0] == 5 && environment[0].number[1] == 1);
    expect("ReCl5O", environment[0].fraction, 2.0 / 3);
    assert_true(environment[0].fraction.sigma < 1e-7); /* rounding, before the root */
    assert_true(environment[1].number[0] == 5 && environment[1].number[1] == 0);
    vt_free(environment);
    vt_polyhedra_destroy(polyhedra);
    test_free(atoms);
}

static void test_thin_cells_are_refused(void **state)
{
    (void)state;
    struct vt_polyhedra *polyhedra;
    struct vt_error error = {0};
    const struct vt_polyhedra_options options = {1, 1, {RE}, {O}, {{2.2}}};
    const uint8_t element[2] = {RE, O};
    const double position[2][3] = {{0, 0, 0}, {1.9, 0, 0}};
    const double vectors[3][3] = {{4.3, 0, 0}, {0, 9, 0}, {0, 0, 9}};
    struct vt_snapshot snapshot = {.n = 2, .element = element, .as_read = position};
    assert_int_equal(vt_cell_init(&snapshot.cell, vectors, NULL), VT_OK);
    assert_int_equal(vt_polyhedra_create(&polyhedra, MPI_COMM_NULL, &options, NULL), VT_OK);
    assert_int_equal(vt_polyhedra_add(polyhedra, &snapshot, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "less than twice the cutoff"));
    vt_polyhedra_destroy(polyhedra);
}

/* Means and errors of independent numbers over many frames: the blocks merge, and nothing is lost.
 */
static void test_blocks(void **state)
{
    (void)state;
    enum { REPEATS = 300, FRAMES = 500 };
    struct dice dice = {5};
    double spread = 0, stated = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        struct vt_blocks blocks;
        double sum = 0, below = 0;
        assert_int_equal(vt_blocks_init(&blocks, MPI_COMM_NULL, 2, NULL), VT_OK);
        for (int k = 0; k < FRAMES; k++) {
            const double value = dice_real(&dice, 0, 1);
            double *number = vt_blocks_next(&blocks);
            number[0] += value;
            number[1] += 1 + k % 2;
            sum += value;
            below += 1 + k % 2;
        }
        vt_blocks_finish(&blocks);
        const struct vt_mean mean = vt_blocks_mean(&blocks, 0);
        assert_true(fabs(mean.value - sum / FRAMES) < 1e-12);
        assert_true(fabs(vt_blocks_ratio(&blocks, 0, 1).value - sum / below) < 1e-12);
        spread += (mean.value - 0.5) * (mean.value - 0.5) / REPEATS;
        stated += mean.sigma * mean.sigma / REPEATS;
        vt_blocks_destroy(&blocks);
    }
    assert_true(fabs(spread * 12 * FRAMES - 1) < 0.3);
    assert_true(fabs(stated * 12 * FRAMES - 1) < 0.15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corners),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_faces_roles_and_environments),
        cmocka_unit_test(test_thin_cells_are_refused),
        cmocka_unit_test(test_blocks),
    };
    return VT_RUN_TESTS(tests);
}
