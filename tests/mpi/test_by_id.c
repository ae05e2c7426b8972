/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/by_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

enum { MOST = 200 };

struct row {
    int64_t id;
    double value;
    char tail;
};

static int my_rank(void)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static int ranks(void)
{
    int n;
    MPI_Comm_size(MPI_COMM_WORLD, &n);
    return n;
}

/* Atoms as scattered as a permutation makes them: id -> rank (7 id + 3) mod 11 mod ranks. */
static size_t scatter(int64_t n_ids, int64_t *id, struct row *row)
{
    size_t n = 0;
    for (int64_t k = 0; k < n_ids; k++) {
        const int64_t i = n_ids - 1 - k;
        if ((7 * i + 3) % 11 % ranks() != my_rank())
            continue;
        id[n] = i;
        row[n++] = (struct row){.id = i, .value = 0.5 * (double)i, .tail = (char)(i % 100)};
    }
    return n;
}

static void check_ways(int64_t n_ids, int64_t granule)
{
    static int64_t id[MOST];
    static struct row row[MOST], back[MOST];
    struct vt_by_id blocks = {0};
    struct vt_error error;
    const size_t n = scatter(n_ids, id, row);
    assert_int_equal(vt_by_id_init(&blocks, MPI_COMM_WORLD, n_ids, granule, &error), VT_OK);
    assert_int_equal(vt_by_id_forward(&blocks, n, id, row, sizeof *row, &error), VT_OK);
    const struct row *sorted = (const struct row *)(const void *)blocks.rows;
    for (size_t i = 0; i < blocks.n; i++) {
        assert_int_equal(blocks.present[i], 1);
        assert_int_equal(sorted[i].id, blocks.first + (int64_t)i);
        assert_true(sorted[i].value == 0.5 * (double)sorted[i].id);
    }
    assert_true(blocks.n == 0 || blocks.first % granule == 0);
    int64_t all = (int64_t)blocks.n;
    MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
    assert_int_equal(all, n_ids);

    assert_int_equal(vt_by_id_back(&blocks, sorted, sizeof *row, back, &error), VT_OK);
    assert_memory_equal(back, row, n * sizeof *row);
    vt_by_id_destroy(&blocks);
}

static void goes_both_ways(void **state)
{
    (void)state;
    for (int64_t n_ids = 0; n_ids <= 7; n_ids++)
        for (int64_t granule = 1; granule <= 9; granule++)
            check_ways(n_ids, granule);
    check_ways(MOST, 1);
    check_ways(MOST, 16);
    check_ways(MOST, MOST + 1);
}

/* Every third id: the others are not present, and their rows are left alone. */
static void knows_who_is_missing(void **state)
{
    (void)state;
    int64_t id[MOST];
    int32_t row[MOST];
    size_t n = 0;
    for (int64_t i = my_rank(); 3 * i < MOST; i += ranks()) {
        id[n] = 3 * i;
        row[n++] = (int32_t)(10 * i);
    }
    struct vt_by_id blocks = {0};
    struct vt_error error;
    assert_int_equal(vt_by_id_init(&blocks, MPI_COMM_WORLD, MOST, 1, &error), VT_OK);
    assert_int_equal(vt_by_id_forward(&blocks, n, id, row, sizeof *row, &error), VT_OK);
    const int32_t *sorted = (const int32_t *)(const void *)blocks.rows;
    for (size_t i = 0; i < blocks.n; i++) {
        const int64_t which = blocks.first + (int64_t)i;
        assert_int_equal(blocks.present[i], which % 3 == 0);
        assert_int_equal(sorted[i], which % 3 == 0 ? 10 * which / 3 : 0);
    }
    vt_by_id_destroy(&blocks);
}

/* The last rank alone brings a wrong id; all refuse, and can go on. */
static void refuses_wrong_ids_together(void **state)
{
    (void)state;
    const struct {
        int64_t id[2];
        const char *message;
    } cases[] = {
        {{5, -1}, "there is an atom of id -1 among 20 atoms"},
        {{20, 5}, "there is an atom of id 20 among 20 atoms"},
        {{5, 5}, "atom 5 is there twice"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct vt_by_id blocks = {0};
        struct vt_error error;
        const size_t n = my_rank() == ranks() - 1 ? 2 : 0;
        assert_int_equal(vt_by_id_init(&blocks, MPI_COMM_WORLD, 20, 1, &error), VT_OK);
        assert_int_equal(vt_by_id_forward(&blocks, n, cases[k].id, NULL, 0, &error), VT_FAILED);
        assert_string_equal(error.message, cases[k].message);
        const int64_t own = my_rank();
        assert_int_equal(vt_by_id_forward(&blocks, 1, &own, NULL, 0, &error), VT_OK);
        vt_by_id_destroy(&blocks);
    }
}

/* More rows for a block than it has ids. */
static void refuses_too_many(void **state)
{
    (void)state;
    const int64_t id[3] = {0, 0, 1};
    struct vt_by_id blocks = {0};
    struct vt_error error;
    assert_int_equal(vt_by_id_init(&blocks, MPI_COMM_WORLD, 2, 2, &error), VT_OK);
    assert_int_equal(vt_by_id_forward(&blocks, 3, id, NULL, 0, &error), VT_FAILED);
    assert_string_equal(error.message, "some atom of the ids 0 to 1 is there twice");
    vt_by_id_destroy(&blocks);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_both_ways),
        cmocka_unit_test(knows_who_is_missing),
        cmocka_unit_test(refuses_wrong_ids_together),
        cmocka_unit_test(refuses_too_many),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
