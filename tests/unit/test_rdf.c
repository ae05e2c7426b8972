/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lattices, whose shells are known, and an ideal gas; any cell, beyond half of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/rdf.h"
#include "balance.h"
#include "base/units.h"
#include "common/dice.h"

enum { MOST = 4000 };

struct atoms {
    size_t n;
    uint8_t element[MOST];
    double position[MOST][3];
    double vector[3][3];
};

static struct vt_rdf *count(const struct atoms *atoms, double cutoff, size_t n_bins, int n_frames)
{
    struct vt_rdf *rdf;
    bool wanted[VT_ELEMENTS + 1];
    memset(wanted, true, sizeof wanted);
    const struct vt_rdf_options options = {cutoff, n_bins, wanted};
    assert_int_equal(vt_rdf_create(&rdf, MPI_COMM_NULL, &options, NULL), VT_OK);
    for (int k = 0; k < n_frames; k++) {
        struct vt_snapshot snapshot = {.n = atoms->n,
                                       .element = atoms->element,
                                       .as_read = (const double(*)[3])atoms->position,
                                       .periodic = {true, true, true},
                                       .index = k};
        assert_int_equal(vt_cell_init(&snapshot.cell, atoms->vector, NULL), VT_OK);
        assert_int_equal(vt_rdf_add(rdf, &snapshot, NULL), VT_OK);
    }
    vt_rdf_finish(rdf);
    return rdf;
}

/* Cubic cells of edge 4 with sites, n times along each direction, moved off the corner. */
static void make_lattice(struct atoms *atoms, int n, const double (*site)[3], const int *element,
                         size_t n_sites)
{
    memset(atoms, 0, sizeof *atoms);
    for (int d = 0; d < 3; d++)
        atoms->vector[d][d] = 4.0 * n;
    for (int c = 0; c < n * n * n; c++)
        for (size_t s = 0; s < n_sites; s++) {
            const int corner[3] = {c % n, c / n % n, c / (n * n)};
            for (int d = 0; d < 3; d++)
                atoms->position[atoms->n][d] = 4 * (corner[d] + site[s][d]) + 0.1234 - 5.1 * d;
            atoms->element[atoms->n++] = (uint8_t)element[s];
        }
}

static void check_shell(const struct vt_rdf *rdf, size_t a, size_t b, double distance,
                        double number)
{
    struct vt_shell shell;
    assert_int_equal(vt_rdf_shell(rdf, a, b, &shell, NULL), VT_OK);
    assert_true(shell.is_there);
    if (fabs(shell.peak - distance) > 0.03 || fabs(shell.number - number) > 1e-12)
        fail_msg("a shell of %g at %g, not %g at %g", shell.number, shell.peak, number, distance);
}

/* Numbers within the first four shells of fcc: 12, 18, 42, 54; for any number of cells. */
static void test_face_centred_cubic(void **state)
{
    (void)state;
    static const double site[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    static const int element[4] = {29, 29, 29, 29};
    static const double shells[5] = {12, 6, 24, 12, 24};
    struct atoms *atoms = test_malloc(sizeof *atoms);
    double number[300], g[300];
    for (int n = 1; n <= 4; n++) {
        make_lattice(atoms, n, site, element, 4);
        struct vt_rdf *rdf = count(atoms, 6.6, 300, 1);
        vt_rdf_pair(rdf, 0, 0, -1, g, number);
        double within = 0;
        for (int s = 1; s <= 5; s++) {
            const double at = 4 * sqrt(s / 2.0);
            within += shells[s - 1];
            assert_true(fabs(number[(int)((at + 0.05) / 6.6 * 300)] - within) < 1e-12);
        }
        check_shell(rdf, 0, 0, 4 / sqrt(2), 12);
        vt_rdf_destroy(rdf);
    }
    test_free(atoms);
}

static void test_caesium_chloride(void **state)
{
    (void)state;
    static const double site[2][3] = {{0, 0, 0}, {0.5, 0.5, 0.5}};
    static const int element[2] = {55, 17};
    struct atoms *atoms = test_malloc(sizeof *atoms);
    for (int n = 1; n <= 5; n += 2) {
        make_lattice(atoms, n, site, element, 2);
        struct vt_rdf *rdf = count(atoms, 7.1, 200, 3);
        const int *elements;
        assert_int_equal(vt_rdf_elements(rdf, &elements), 2);
        assert_int_equal(elements[0], 17);
        check_shell(rdf, 0, 1, 2 * sqrt(3), 8);
        check_shell(rdf, 1, 0, 2 * sqrt(3), 8);
        vt_rdf_destroy(rdf);
    }
    test_free(atoms);
}

/* All pairs within the cutoff of a small, skew cell by brute force over images. */
static void test_skew_cell_against_all_images(void **state)
{
    (void)state;
    struct atoms *atoms = test_malloc(sizeof *atoms);
    struct dice dice = {9};
    static const double vectors[3][3] = {{5, 0.3, 0}, {-2.5, 6, 0.4}, {1.5, -3, 4}};
    for (double cutoff = 1; cutoff < 12; cutoff += 2.7) {
        memset(atoms, 0, sizeof *atoms);
        memcpy(atoms->vector, vectors, sizeof vectors);
        atoms->n = 9;
        for (size_t i = 0; i < atoms->n; i++) {
            atoms->element[i] = i < 4 ? 3 : 17;
            for (int d = 0; d < 3; d++)
                atoms->position[i][d] = dice_real(&dice, -20, 20);
        }
        double expected[2][2] = {{0}};
        for (size_t i = 0; i < 9; i++)
            for (size_t j = 0; j < 9; j++)
                for (int image = 0; image < 41 * 41 * 41; image++) {
                    const int k[3] = {image % 41 - 20, image / 41 % 41 - 20, image / 1681 - 20};
                    double r2 = 0;
                    for (int d = 0; d < 3; d++) {
                        const double x = atoms->position[j][d] - atoms->position[i][d] +
                                         k[0] * vectors[0][d] + k[1] * vectors[1][d] +
                                         k[2] * vectors[2][d];
                        r2 += x * x;
                    }
                    if (r2 < cutoff * cutoff && r2 > 1e-12)
                        expected[i < 4 ? 0 : 1][j < 4 ? 0 : 1] += 1.0 / (i < 4 ? 4 : 5);
                }
        struct vt_rdf *rdf = count(atoms, cutoff, 50, 1);
        double number[50];
        for (size_t a = 0; a < 2; a++)
            for (size_t b = 0; b < 2; b++) {
                vt_rdf_pair(rdf, a, b, -1, NULL, number);
                if (fabs(number[49] - expected[a][b]) > 1e-9)
                    fail_msg("cutoff %g, %zu-%zu: %g, not %g", cutoff, a, b, number[49],
                             expected[a][b]);
            }
        vt_rdf_destroy(rdf);
    }
    test_free(atoms);
}

/* g = 1, with the error that counting has; blocks add up to the whole. */
static void test_ideal_gas(void **state)
{
    (void)state;
    enum { N = 1000, FRAMES = 40, BINS = 20 };
    struct atoms *atoms = test_malloc(sizeof *atoms);
    struct dice dice = {21};
    struct vt_rdf *rdf;
    bool wanted[VT_ELEMENTS + 1];
    memset(wanted, true, sizeof wanted);
    const struct vt_rdf_options options = {7, BINS, wanted};
    assert_int_equal(vt_rdf_create(&rdf, MPI_COMM_NULL, &options, NULL), VT_OK);
    memset(atoms->element, 18, sizeof atoms->element);
    double expected[BINS] = {0};
    for (int k = 0; k < FRAMES; k++) {
        const double edge = k % 2 ? 19 : 21;
        struct vt_snapshot snapshot = {
            .n = N, .element = atoms->element, .as_read = (const double(*)[3])atoms->position};
        const double vectors[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
        assert_int_equal(vt_cell_init(&snapshot.cell, vectors, NULL), VT_OK);
        for (int i = 0; i < 3 * N; i++)
            atoms->position[i / 3][i % 3] = dice_real(&dice, 0, edge);
        assert_int_equal(vt_rdf_add(rdf, &snapshot, NULL), VT_OK);
        for (int bin = 0; bin < BINS; bin++) {
            const double low = 0.35 * bin, high = low + 0.35;
            expected[bin] += 4 * VT_PI / 3 * (high * high * high - low * low * low) * N *
                             (N - 1.0) / 2 / (edge * edge * edge);
        }
    }
    vt_rdf_finish(rdf);
    double g[BINS], sum[BINS] = {0};
    vt_rdf_pair(rdf, 0, 0, -1, g, NULL);
    double chi2 = 0;
    for (int bin = 0; bin < BINS; bin++) {
        const double exact = (N - 1.0) / N; /* no atom is its own neighbour */
        chi2 += pow((g[bin] / exact - 1), 2) * expected[bin];
    }
    assert_true(chi2 > 5.9 && chi2 < 45.3); /* 1e-3 either way, 20 freedoms */
    const int n_blocks = vt_rdf_blocks(rdf);
    assert_int_equal(n_blocks, 10); /* of four frames */
    for (int block = 0; block < n_blocks; block++) {
        double own[BINS];
        vt_rdf_pair(rdf, 0, 0, block, own, NULL);
        for (int bin = 0; bin < BINS; bin++)
            sum[bin] += own[bin] / n_blocks;
    }
    for (int bin = 0; bin < BINS; bin++)
        assert_true(fabs(sum[bin] - g[bin]) < 1e-12 + 1e-9 * g[bin]);
    vt_rdf_destroy(rdf);
    test_free(atoms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_face_centred_cubic),
        cmocka_unit_test(test_caesium_chloride),
        cmocka_unit_test(test_skew_cell_against_all_images),
        cmocka_unit_test(test_ideal_gas),
    };
    return VT_RUN_TESTS(tests);
}
