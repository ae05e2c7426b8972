/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <string.h>

#include "base/memory.h"
#include "common/dice.h"
#include "common/near.h"
#include "structure/bins.h"
#include "structure/packing.h"

static const int elements[2] = {3, 17};

static struct vt_cell cell_of(const double vector[3][3])
{
    struct vt_cell cell;
    assert_int_equal(vt_cell_init(&cell, vector, NULL), VT_OK);
    return cell;
}

static struct vt_cell cube(double edge)
{
    const double vector[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
    return cell_of(vector);
}

/* Smallest distance of a pair of types over plenty of images, with no bins. */
static double slow_nearest(const struct vt_packing *packing, const struct vt_cell *cell, int a,
                           int b)
{
    double nearest = INFINITY;
    for (size_t i = 0; i < packing->n_atoms; i++)
        for (size_t j = 0; j < packing->n_atoms; j++)
            for (int m = 0; m < 125; m++) {
                const double n[3] = {m % 5 - 2, m / 5 % 5 - 2, m / 25 - 2};
                double x[3];
                vt_row_times_mat3(n, cell->vector, x);
                for (int d = 0; d < 3; d++)
                    x[d] += packing->position[j][d] - packing->position[i][d];
                const bool itself = i == j && m == 62;
                if (packing->type[i] == a && packing->type[j] == b && !itself)
                    nearest = fmin(nearest, vt_norm(x));
            }
    return nearest;
}

/* Pack two types and see that all distances are kept, and that the survey finds them. */
static void check_packing(const struct vt_cell *cell, int64_t n_small, int64_t n_large,
                          bool must_push)
{
    static const double minimum[4] = {1.5, 1.9, 1.9, 2.6};
    const int64_t count[2] = {n_small, n_large};
    const struct vt_packing_input input = {.cell = cell,
                                           .n_types = 2,
                                           .element = elements,
                                           .count = count,
                                           .minimum = minimum,
                                           .seed = 7};
    struct vt_packing packing = {0};
    struct vt_error error = {0};
    double nearest[4];
    if (vt_packing_make(&packing, &input, &error))
        fail_msg("%s", error.message);
    assert_int_equal(packing.n_atoms, n_small + n_large);
    assert_true(packing.n_sweeps > 0 || !must_push);
    assert_int_equal(vt_packing_nearest(&packing, &input, 4, nearest, NULL), VT_OK);
    for (int p = 0; p < 4; p++) {
        const double slow = slow_nearest(&packing, cell, p / 2, p % 2);
        assert_true(slow >= minimum[p] - 1e-9);
        if (slow < 4 - 1e-9)
            assert_near(nearest[p], slow, 1e-9);
    }
    for (size_t i = 0; i < packing.n_atoms; i++) {
        double s[3];
        assert_int_equal(packing.type[i], i < (size_t)n_small ? 0 : 1);
        vt_cell_fractional(cell, packing.position[i], s);
        for (int d = 0; d < 3; d++)
            assert_true(s[d] > -1e-12 && s[d] < 1 + 1e-12);
    }
    vt_packing_destroy(&packing);
}

static void keeps_distances(void **state)
{
    (void)state;
    static const double skewed[3][3] = {{9, 0, 0}, {6, 9, 0}, {-4, 3, 9}};
    static const double left_handed[3][3] = {{0, 9, 0}, {9, 0, 0}, {0, 0, 10}};
    static const double thin[3][3] = {{3, 0, 0}, {1, 3, 0}, {0, 1, 60}};
    const struct vt_cell cells[] = {cube(9), cell_of(skewed), cell_of(left_handed), cell_of(thin)};
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        const double volume = cells[c].volume;
        check_packing(&cells[c], (int64_t)(0.005 * volume), (int64_t)(0.01 * volume), false);
        check_packing(&cells[c], (int64_t)(0.015 * volume), (int64_t)(0.045 * volume), true);
    }
    check_packing(&cells[0], 1, 0, false);
}

static void a_seed_makes_one_structure(void **state)
{
    (void)state;
    const struct vt_cell cell = cube(12);
    const int64_t count[1] = {60};
    const double minimum[1] = {2.4};
    struct vt_packing_input input = {.cell = &cell,
                                     .n_types = 1,
                                     .element = elements,
                                     .count = count,
                                     .minimum = minimum,
                                     .seed = 3};
    struct vt_packing one = {0}, two = {0}, other = {0};
    assert_int_equal(vt_packing_make(&one, &input, NULL), VT_OK);
    assert_int_equal(vt_packing_make(&two, &input, NULL), VT_OK);
    input.seed = 4;
    assert_int_equal(vt_packing_make(&other, &input, NULL), VT_OK);
    assert_memory_equal(one.position, two.position, 60 * sizeof *one.position);
    assert_memory_not_equal(one.position, other.position, 60 * sizeof *one.position);
    vt_packing_destroy(&one);
    vt_packing_destroy(&two);
    vt_packing_destroy(&other);
    vt_packing_destroy(NULL);
}

/* Without distances every place is as good as another: the octants are filled evenly. */
static void places_are_uniform(void **state)
{
    (void)state;
    const struct vt_cell cell = cube(20);
    const int64_t count[1] = {8000};
    const double minimum[1] = {0};
    const struct vt_packing_input input = {.cell = &cell,
                                           .n_types = 1,
                                           .element = elements,
                                           .count = count,
                                           .minimum = minimum,
                                           .seed = 1};
    struct vt_packing packing = {0};
    int octant[8] = {0};
    double chi2 = 0;
    assert_int_equal(vt_packing_make(&packing, &input, NULL), VT_OK);
    for (size_t i = 0; i < packing.n_atoms; i++) {
        const double *x = packing.position[i];
        octant[(x[0] > 10) + 2 * (x[1] > 10) + 4 * (x[2] > 10)]++;
    }
    for (int k = 0; k < 8; k++)
        chi2 += (octant[k] - 1000) * (octant[k] - 1000) / 1000.0;
    assert_true(chi2 < 24.3); /* 1e-3, 7 degrees of freedom */
    vt_packing_destroy(&packing);
}

static void assert_impossible(double edge, int64_t n, double d, const char *message)
{
    const struct vt_cell cell = cube(edge);
    const struct vt_packing_input input = {
        .cell = &cell, .n_types = 1, .element = elements, .count = &n, .minimum = &d, .seed = 1};
    struct vt_packing packing = {0};
    struct vt_error error = {0};
    assert_int_equal(vt_packing_make(&packing, &input, &error), VT_INPUT);
    assert_non_null(strstr(error.message, message));
    assert_null(packing.position);
}

static void says_what_cannot_be(void **state)
{
    (void)state;
    assert_impossible(10, 100, 3,
                      "100 Li atoms 3 A apart take at least 1909 A^3, but the cell has 1000 A^3");
    assert_impossible(2.5, 1, 3, "the cell repeats after 2.5 A, but Li atoms must be 3 A apart");
    /* 0.70 of the volume in spheres: less than close packing, more than random spheres fill */
    assert_impossible(20, 670, 2.515, "the atoms do not fit: pushed apart ");
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    const struct vt_cell cell = cube(7);
    const int64_t count[1] = {20};
    const double minimum[1] = {2.2};
    const struct vt_packing_input input = {.cell = &cell,
                                           .n_types = 1,
                                           .element = elements,
                                           .count = count,
                                           .minimum = minimum,
                                           .seed = 3};
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_packing packing = {0};
        double nearest[1];
        vt_balance_fail(n);
        enum vt_code code = vt_packing_make(&packing, &input, NULL);
        if (!code)
            code = vt_packing_nearest(&packing, &input, 4, nearest, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_packing_destroy(&packing);
    }
    vt_balance_fail(0);
}

/* ---- bins ---- */

struct count {
    int n;
    double sum; /* of squared distances */
};

static bool count_point(void *user, int32_t point, const double vector[3])
{
    struct count *count = user;
    (void)point;
    count->n++;
    count->sum += vt_dot(vector, vector);
    return true;
}

static void bins_find_all_images(void **state)
{
    (void)state;
    static const double flat[3][3] = {{2.1, 0, 0}, {1.5, 9, 0}, {-4, 3, 7}};
    const struct vt_cell cell = cell_of(flat);
    struct vt_bins bins = {0};
    struct dice dice = {1};
    enum { N = 40, IMAGES = 7 };
    double x[N][3];
    assert_int_equal(vt_bins_init(&bins, &cell, 3.3, N, NULL), VT_OK);
    for (int i = 0; i < N; i++) {
        for (int d = 0; d < 3; d++)
            x[i][d] = dice_real(&dice, -15, 15);
        vt_bins_add(&bins, x[i]);
    }
    for (int trial = 0; trial < 20; trial++) {
        double place[3];
        for (int d = 0; d < 3; d++)
            place[d] = dice_real(&dice, -15, 15);
        struct count found = {0}, slow = {0};
        vt_bins_near(&bins, place, count_point, &found);
        vt_bins_wrap(&cell, place, place);
        for (int i = 0; i < N; i++)
            for (int m = 0; m < IMAGES * IMAGES * IMAGES; m++) {
                const double n[3] = {m % IMAGES - 3, m / IMAGES % IMAGES - 3,
                                     m / IMAGES / IMAGES - 3};
                double v[3];
                vt_row_times_mat3(n, cell.vector, v);
                for (int d = 0; d < 3; d++)
                    v[d] += bins.position[i][d] - place[d];
                if (vt_norm(v) < 3.3) {
                    slow.n++;
                    slow.sum += vt_dot(v, v);
                }
            }
        assert_int_equal(found.n, slow.n);
        assert_near(found.sum, slow.sum, 1e-9);
    }
    vt_bins_destroy(&bins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_find_all_images),       cmocka_unit_test(keeps_distances),
        cmocka_unit_test(a_seed_makes_one_structure), cmocka_unit_test(places_are_uniform),
        cmocka_unit_test(says_what_cannot_be),        cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
