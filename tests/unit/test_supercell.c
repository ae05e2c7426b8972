/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "common/near.h"
#include "domain/cell.h"
#include "structure/supercell.h"

static const double cell_vectors[3][3] = {{4, 0, 0}, {1, 5, 0}, {-0.5, 0.25, 6}};

/* Two atoms with a column of each type, and keys. */
static void make_unit(struct vt_frame *frame)
{
    struct vt_column *column;
    struct vt_key *key;
    const double virial[9] = {1, 2, 3, 2, 5, 6, 3, 6, 9};
    assert_int_equal(vt_frame_resize(frame, 2, NULL), VT_OK);
    frame->has_cell = true;
    memcpy(frame->cell, cell_vectors, sizeof frame->cell);
    frame->periodic[0] = frame->periodic[1] = frame->periodic[2] = true;
    frame->element[0] = 3;
    frame->element[1] = 17;
    memcpy(frame->position[1], (double[3]){1, 2, 3}, sizeof frame->position[1]);
    assert_int_equal(vt_frame_add_column(frame, "forces", VT_REAL, 3, &column, NULL), VT_OK);
    for (int i = 0; i < 6; i++)
        column->real[i] = i;
    assert_int_equal(vt_frame_add_column(frame, "molecule", VT_INTEGER, 1, &column, NULL), VT_OK);
    column->integer[0] = 3; /* the other belongs to none */
    assert_int_equal(vt_frame_add_column(frame, "image", VT_INTEGER, 3, &column, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(frame, "free", VT_LOGICAL, 1, &column, NULL), VT_OK);
    column->logical[1] = true;
    assert_int_equal(vt_frame_add_column(frame, "site", VT_STRING, 1, &column, NULL), VT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vt_alloc(&column->string[i], 3, 1, "site", NULL), VT_OK);
        memcpy(column->string[i], i ? "4b" : "4a", 3);
    }
    assert_int_equal(vt_frame_add_key(frame, "energy", VT_INTEGER, 1, &key, NULL), VT_OK);
    key->integer[0] = -7;
    assert_int_equal(vt_frame_set_reals(frame, "virial", virial, 9, NULL), VT_OK);
    assert_int_equal(vt_frame_set_reals(frame, "temperature", virial, 1, NULL), VT_OK);
    assert_int_equal(vt_frame_set_string(frame, "config_type", "glass", NULL), VT_OK);
}

static void parse(int matrix[3][3], const char *text)
{
    struct vt_error error = {0};
    const enum vt_code code = strchr(text, ' ') ? vt_supercell_parse(matrix, text, &error)
                                                : vt_repeat_parse(matrix, text, &error);
    if (code)
        fail_msg("%s: %s", text, error.message);
}

static void make(struct vt_frame *out, const char *text)
{
    struct vt_frame unit = {0};
    int matrix[3][3];
    parse(matrix, text);
    make_unit(&unit);
    assert_int_equal(vt_supercell_make(out, &unit, (const int(*)[3])matrix, NULL), VT_OK);
    vt_frame_destroy(&unit);
}

static void repeats_in_the_stated_order(void **state)
{
    (void)state;
    struct vt_frame out = {0};
    make(&out, "2x1x3");
    assert_int_equal(out.n_atoms, 12);
    for (int d = 0; d < 3; d++) {
        assert_near(out.cell[0][d], 2 * cell_vectors[0][d], 0);
        assert_near(out.cell[1][d], cell_vectors[1][d], 0);
        assert_near(out.cell[2][d], 3 * cell_vectors[2][d], 0);
    }
    for (size_t i = 0; i < 12; i++) {
        const size_t copy = i / 2;
        const double first[3] = {i % 2 ? 1 : 0, i % 2 ? 2 : 0, i % 2 ? 3 : 0};
        assert_int_equal(out.element[i], i % 2 ? 17 : 3);
        for (int d = 0; d < 3; d++) {
            const double shift =
                (double)(copy / 3) * cell_vectors[0][d] + (double)(copy % 3) * cell_vectors[2][d];
            assert_near(out.position[i][d], first[d] + shift, 1e-14);
        }
    }
    vt_frame_destroy(&out);
}

static void columns_and_keys_follow(void **state)
{
    (void)state;
    struct vt_frame out = {0};
    make(&out, "2");
    assert_int_equal(out.n_atoms, 16);
    const struct vt_column *forces = vt_frame_column(&out, "forces");
    const struct vt_column *molecule = vt_frame_column(&out, "molecule");
    const struct vt_column *is_free = vt_frame_column(&out, "free");
    const struct vt_column *site = vt_frame_column(&out, "site");
    for (size_t i = 0; i < 16; i++) {
        for (size_t d = 0; d < 3; d++)
            assert_near(forces->real[3 * i + d], (double)(i % 2 * 3 + d), 0);
        assert_int_equal(molecule->integer[i], i % 2 ? 0 : 3 + 3 * (int64_t)(i / 2));
        assert_int_equal(is_free->logical[i], i % 2);
        assert_string_equal(site->string[i], i % 2 ? "4b" : "4a");
    }
    assert_null(vt_frame_column(&out, "image"));
    assert_near(vt_frame_key(&out, "energy")->real[0], -56, 0);
    assert_near(vt_frame_key(&out, "virial")->real[8], 72, 0);
    assert_near(vt_frame_key(&out, "temperature")->real[0], 1, 0);
    assert_string_equal(vt_frame_key(&out, "config_type")->string[0], "glass");
    vt_frame_destroy(&out);
}

/* Every copy differs from every other by no vector of the new cell, by one of the old one, and its
 * origin lies in the new cell. */
static void check_matrix(const char *text, size_t n_copies)
{
    struct vt_frame out = {0};
    struct vt_cell cell, unit;
    make(&out, text);
    assert_int_equal(out.n_atoms, 2 * n_copies);
    assert_int_equal(vt_cell_init(&cell, (const double(*)[3])out.cell, NULL), VT_OK);
    assert_int_equal(vt_cell_init(&unit, cell_vectors, NULL), VT_OK);
    assert_near(cell.volume, (double)n_copies * unit.volume, 1e-9 * cell.volume);
    for (size_t i = 0; i < n_copies; i++) {
        double s[3], u[3];
        vt_cell_fractional(&cell, out.position[2 * i], s);
        vt_cell_fractional(&unit, out.position[2 * i], u);
        for (int d = 0; d < 3; d++) {
            assert_true(s[d] > -1e-12 && s[d] < 1 - 1e-12);
            assert_near(u[d], nearbyint(u[d]), 1e-9);
        }
        for (size_t j = 0; j < i; j++) {
            double apart = 0, t[3];
            vt_cell_fractional(&cell, out.position[2 * j], t);
            for (int d = 0; d < 3; d++)
                apart = fmax(apart, fabs(s[d] - t[d] - nearbyint(s[d] - t[d])));
            assert_true(apart > 1e-6);
        }
    }
    vt_frame_destroy(&out);
}

static void matrices_make_each_copy_once(void **state)
{
    (void)state;
    check_matrix("1 0 0  0 1 0  0 0 1", 1);
    check_matrix("1 1 0  -1 1 0  0 0 1", 2);
    check_matrix("0 1 1  1 0 1  1 1 0", 2);
    check_matrix("1 2 1, -1 3 0, 4 0 -1", 17);
    check_matrix("0 1 0  1 0 0  0 0 3", 3); /* left-handed */
    check_matrix("-2 0 0  0 -2 0  0 0 -2", 8);
    check_matrix("0 0 5  3 0 0  0 2 0", 30);
    check_matrix("6 10 15  -6 10 15  1 1 1", 60);
}

static void wrong_words_are_refused(void **state)
{
    (void)state;
    static const char *const repeats[] = {"",     "2x2",    "0x1x1", "-1x1x1",  "2x2x2x2",
                                          "2x2x", "2 x2x2", "x2",    "20000",   "2.0",
                                          "2xx2", "2,2,2",  "two",   "2x2x2 a", "2x2x20000"};
    static const char *const matrices[] = {
        "1 0 0 0 1 0 0 0",   "1 0 0 0 1 0 0 0 1 0",  "1 0 0 0 1 0 0 0 1.5", "1 0 0 0 1 0 0 0 a", "",
        "1 2 3 4 5 6 7 8 9", "1 0 0 0 1 0 0 0 20000"};
    int matrix[3][3];
    for (size_t i = 0; i < sizeof repeats / sizeof *repeats; i++)
        if (!vt_repeat_parse(matrix, repeats[i], NULL))
            fail_msg("'%s' is taken", repeats[i]);
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        if (!vt_supercell_parse(matrix, matrices[i], NULL))
            fail_msg("'%s' is taken", matrices[i]);
}

static void needs_a_cell_and_bounds(void **state)
{
    (void)state;
    struct vt_frame unit = {0}, out = {0};
    struct vt_error error = {0};
    int matrix[3][3];
    make_unit(&unit);
    parse(matrix, "10000");
    assert_int_equal(vt_supercell_make(&out, &unit, (const int(*)[3])matrix, &error), VT_INPUT);
    assert_string_equal(error.message, "1000000000000 copies of 2 atoms are too many");
    unit.has_cell = false;
    parse(matrix, "2");
    assert_int_equal(vt_supercell_make(&out, &unit, (const int(*)[3])matrix, &error), VT_INPUT);
    vt_frame_destroy(&unit);
    vt_frame_destroy(&out);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    struct vt_frame unit = {0};
    int matrix[3][3];
    parse(matrix, "2x1x1");
    make_unit(&unit);
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_frame out = {0};
        vt_balance_fail(n);
        const enum vt_code code = vt_supercell_make(&out, &unit, (const int(*)[3])matrix, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_frame_destroy(&out);
    }
    vt_balance_fail(0);
    vt_frame_destroy(&unit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_in_the_stated_order),  cmocka_unit_test(columns_and_keys_follow),
        cmocka_unit_test(matrices_make_each_copy_once), cmocka_unit_test(wrong_words_are_refused),
        cmocka_unit_test(needs_a_cell_and_bounds),      cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
