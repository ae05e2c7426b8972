/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/score.h"

/* Two atoms with reference energy -3 eV, forces, and a virial. */
static void make_frame(struct vt_frame *frame)
{
    *frame = (struct vt_frame){0};
    assert_int_equal(vt_frame_resize(frame, 2, NULL), VT_OK);
    const double energy = -3;
    assert_int_equal(vt_frame_set_reals(frame, "energy", &energy, 1, NULL), VT_OK);
    const double virial[9] = {1, 2, 3, 2, 5, 6, 3, 6, 9};
    assert_int_equal(vt_frame_set_reals(frame, "virial", virial, 9, NULL), VT_OK);
    struct vt_column *forces;
    assert_int_equal(vt_frame_add_column(frame, "forces", VT_REAL, 3, &forces, NULL), VT_OK);
    for (int i = 0; i < 6; i++)
        forces->real[i] = i;
}

static void assert_sums(const struct vt_error_sums *sums, size_t count, double sum, double absolute,
                        double square)
{
    assert_int_equal(sums->count, count);
    assert_true(fabs(sums->sum - sum) < 1e-9);
    assert_true(fabs(sums->absolute - absolute) < 1e-9);
    assert_true(fabs(sums->square - square) < 1e-9);
}

static void measures_in_the_units_of_the_table(void **state)
{
    (void)state;
    struct vt_frame frame;
    make_frame(&frame);
    const double forces[2][3] = {{0.001, 1, 2}, {3, 3.998, 5}};
    /* 10 eV in 1000 A^3 more in yy; xy and yx differ by 2 and 4 eV: by 3 eV on average. */
    const struct vt_results results = {
        .energy = -2.99, .virial = {1, 4, 3, 6, 15, 6, 3, 6, 9}, .forces = forces};
    const struct vt_frame_score score = vt_score_frame(&frame, &results, 1000);
    assert_int_equal(score.n_atoms, 2);
    assert_sums(&score.kind[VT_SCORE_ENERGY], 1, 5, 5, 25);
    assert_sums(&score.kind[VT_SCORE_FORCE], 6, -1, 3, 5);
    const double gpa = VT_GPA_PER_PRESSURE / 1000;
    assert_sums(&score.kind[VT_SCORE_STRESS], 6, -13 * gpa, 13 * gpa, 109 * gpa * gpa);
    vt_frame_destroy(&frame);
}

static void counts_nothing_without_reference(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(vt_frame_resize(&frame, 2, NULL), VT_OK);
    const double forces[2][3] = {{0}};
    const struct vt_results results = {.energy = 1, .forces = forces};
    const struct vt_frame_score score = vt_score_frame(&frame, &results, 10);
    for (int k = 0; k < VT_SCORE_KINDS; k++)
        assert_sums(&score.kind[k], 0, 0, 0, 0);
    vt_frame_destroy(&frame);
}

static struct vt_frame_score energy_error(double error)
{
    struct vt_frame_score score = {.n_atoms = 10};
    score.kind[VT_SCORE_ENERGY] = (struct vt_error_sums){1, error, fabs(error), error * error};
    return score;
}

enum { ROOM = 4096 };

static void print(const struct vt_scores *scores, char text[ROOM])
{
    FILE *file = fmemopen(text, ROOM, "w");
    assert_non_null(file);
    vt_scores_print(scores, file);
    fclose(file);
}

static void prints_a_row_for_each_label(void **state)
{
    (void)state;
    struct vt_scores scores = {0};
    const struct vt_frame_score up = energy_error(3), down = energy_error(-4);
    const struct vt_frame_score none = {.n_atoms = 5};
    assert_int_equal(vt_scores_add(&scores, "crystal", &up, NULL), VT_OK);
    assert_int_equal(vt_scores_add(&scores, "a glass", &none, NULL), VT_OK);
    assert_int_equal(vt_scores_add(&scores, "crystal", &down, NULL), VT_OK);
    assert_int_equal(scores.n_rows, 3);
    char text[ROOM] = "";
    print(&scores, text);
    const char *all = strstr(text, "\nall "), *crystal = strstr(text, "\ncrystal ");
    const char *glass = strstr(text, "\na glass ");
    assert_non_null(all);
    assert_non_null(crystal);
    assert_non_null(glass);
    /* sqrt((9 + 16) / 2), (3 + 4) / 2, (3 - 4) / 2 */
    assert_non_null(strstr(all, "3         25      3.536        3.5       -0.5          -"));
    assert_non_null(strstr(crystal, "2         20      3.536        3.5       -0.5          -"));
    assert_non_null(strstr(glass, "1          5          -          -          -          -"));
    vt_scores_destroy(&scores);
}

static void leaves_out_a_single_label(void **state)
{
    (void)state;
    struct vt_scores scores = {0};
    const struct vt_frame_score up = energy_error(3);
    assert_int_equal(vt_scores_add(&scores, "", &up, NULL), VT_OK);
    char text[ROOM] = "";
    print(&scores, text);
    size_t lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 3);
    vt_scores_destroy(&scores);
}

static void says_that_there_is_no_reference(void **state)
{
    (void)state;
    struct vt_scores scores = {0};
    const struct vt_frame_score none = {.n_atoms = 5};
    assert_int_equal(vt_scores_add(&scores, "", &none, NULL), VT_OK);
    char text[ROOM] = "";
    print(&scores, text);
    assert_non_null(strstr(text, "no reference values"));
    vt_scores_destroy(&scores);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    const struct vt_frame_score up = energy_error(3);
    for (long n = 1;; n++) {
        struct vt_scores scores = {0};
        vt_balance_fail(n);
        enum vt_code code = vt_scores_add(&scores, "x", &up, NULL);
        if (!vt_balance_failed()) {
            assert_int_equal(code, VT_OK);
            vt_scores_destroy(&scores);
            break;
        }
        assert_int_equal(code, VT_MEMORY);
        vt_scores_destroy(&scores);
    }
    vt_balance_fail(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_in_the_units_of_the_table),
        cmocka_unit_test(counts_nothing_without_reference),
        cmocka_unit_test(prints_a_row_for_each_label),
        cmocka_unit_test(leaves_out_a_single_label),
        cmocka_unit_test(says_that_there_is_no_reference),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
