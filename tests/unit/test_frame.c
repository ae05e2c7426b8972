/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "balance.h"
#include "base/memory.h"
#include "io/frame.h"

static void set_text(char **string, const char *text)
{
    assert_int_equal(vt_alloc(string, strlen(text) + 1, 1, "text", NULL), VT_OK);
    memcpy(*string, text, strlen(text) + 1);
}

static void test_resize_keeps_and_zeroes(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_column *charge = NULL, *label = NULL;
    assert_int_equal(vt_frame_resize(&frame, 2, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "charge", VT_REAL, 2, &charge, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "label", VT_STRING, 1, &label, NULL), VT_OK);
    charge = vt_frame_column(&frame, "charge");
    for (size_t i = 0; i < 4; i++)
        charge->real[i] = (double)i + 1.0;
    set_text(&label->string[0], "first");
    set_text(&label->string[1], "second");
    frame.element[1] = 8;
    frame.position[1][2] = 4.5;

    assert_int_equal(vt_frame_resize(&frame, 1, NULL), VT_OK);
    assert_int_equal(vt_frame_resize(&frame, 1000, NULL), VT_OK);
    assert_int_equal(frame.n_atoms, 1000);
    assert_true(charge->real[0] == 1.0 && charge->real[1] == 2.0);
    assert_string_equal(label->string[0], "first");
    for (size_t i = 1; i < 1000; i++) {
        assert_true(charge->real[2 * i] == 0.0 && charge->real[2 * i + 1] == 0.0);
        assert_null(label->string[i]);
        assert_int_equal(frame.element[i], 0);
        assert_true(frame.position[i][2] == 0.0);
    }
    vt_frame_destroy(&frame);
}

static void test_columns_are_found_replaced_and_dropped(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_column *column = NULL;
    assert_int_equal(vt_frame_resize(&frame, 3, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "a", VT_INTEGER, 1, &column, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "b", VT_LOGICAL, 3, &column, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "c", VT_REAL, 1, &column, NULL), VT_OK);
    assert_null(vt_frame_column(&frame, "A"));

    column->real[2] = 7.0;
    assert_int_equal(vt_frame_add_column(&frame, "c", VT_REAL, 2, &column, NULL), VT_OK);
    assert_int_equal(frame.n_columns, 3);
    assert_true(column->real[2] == 0.0);
    assert_int_equal(vt_frame_add_column(&frame, "a", VT_STRING, 1, &column, NULL), VT_OK);
    assert_ptr_equal(column, &frame.columns[0]);
    assert_null(column->integer);

    vt_frame_remove_column(&frame, "b");
    vt_frame_remove_column(&frame, "b");
    assert_int_equal(frame.n_columns, 2);
    assert_string_equal(frame.columns[0].name, "a");
    assert_string_equal(frame.columns[1].name, "c");
    vt_frame_destroy(&frame);
    vt_frame_destroy(NULL);
}

static void test_keys_are_set_replaced_and_dropped(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    const double three[3] = {1.0, 2.0, 3.0};
    struct vt_key *key = NULL;
    assert_int_equal(vt_frame_set_reals(&frame, "x", three, 3, NULL), VT_OK);
    assert_int_equal(vt_frame_set_string(&frame, "y", "some text", NULL), VT_OK);
    assert_int_equal(vt_frame_add_key(&frame, "flags", VT_LOGICAL, 2, &key, NULL), VT_OK);
    assert_true(key->is_array && !key->logical[0] && !key->logical[1]);
    assert_true(vt_frame_key(&frame, "x")->is_array);

    assert_int_equal(vt_frame_set_reals(&frame, "x", three + 1, 1, NULL), VT_OK);
    key = vt_frame_key(&frame, "x");
    assert_ptr_equal(key, &frame.keys[0]);
    assert_true(!key->is_array && key->count == 1 && key->real[0] == 2.0);
    assert_string_equal(vt_frame_key(&frame, "y")->string[0], "some text");

    vt_frame_remove_key(&frame, "x");
    vt_frame_remove_key(&frame, "z");
    assert_int_equal(frame.n_keys, 2);
    assert_null(vt_frame_key(&frame, "x"));
    assert_non_null(vt_frame_key(&frame, "y"));
    vt_frame_destroy(&frame);
}

static void test_clear_keeps_the_memory(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_column *column = NULL;
    assert_int_equal(vt_frame_resize(&frame, 100, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "forces", VT_REAL, 3, &column, NULL), VT_OK);
    column->real[5] = 1.0;
    frame.has_cell = true;
    const double *memory = column->real;
    const uint8_t *element = frame.element;

    vt_frame_clear(&frame);
    assert_int_equal(frame.n_atoms, 0);
    assert_int_equal(frame.n_columns, 0);
    assert_false(frame.has_cell);
    assert_null(vt_frame_column(&frame, "forces"));

    assert_int_equal(vt_frame_resize(&frame, 100, NULL), VT_OK);
    assert_int_equal(vt_frame_add_column(&frame, "forces", VT_REAL, 3, &column, NULL), VT_OK);
    assert_ptr_equal(column->real, memory);
    assert_ptr_equal(frame.element, element);
    assert_true(column->real[5] == 0.0);
    vt_frame_destroy(&frame);
}

static void test_energy_and_forces_in_their_spellings(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_column *column = NULL;
    struct vt_key *key = NULL;
    const double *forces = NULL;
    double energy = 0.0;
    assert_int_equal(vt_frame_resize(&frame, 1, NULL), VT_OK);
    assert_int_equal(vt_frame_set_reals(&frame, "free_energy", (double[]){9.0}, 1, NULL), VT_OK);
    assert_false(vt_frame_energy(&frame, &energy));
    assert_false(vt_frame_forces(&frame, &forces));

    assert_int_equal(vt_frame_add_key(&frame, "Energy", VT_INTEGER, 1, &key, NULL), VT_OK);
    key->integer[0] = -4;
    assert_true(vt_frame_energy(&frame, &energy));
    assert_true(energy == -4.0);
    assert_int_equal(vt_frame_set_reals(&frame, "energy", (double[]){-5.5}, 1, NULL), VT_OK);
    assert_true(vt_frame_energy(&frame, &energy));
    assert_true(energy == -5.5);

    assert_int_equal(vt_frame_add_column(&frame, "force", VT_REAL, 3, &column, NULL), VT_OK);
    assert_true(vt_frame_forces(&frame, &forces));
    assert_ptr_equal(forces, column->real);
    assert_int_equal(vt_frame_add_column(&frame, "forces", VT_REAL, 3, &column, NULL), VT_OK);
    assert_true(vt_frame_forces(&frame, &forces));
    assert_ptr_equal(forces, column->real);
    vt_frame_destroy(&frame);
}

static void test_virial_wins_over_stress(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    const double six[6] = {1, 2, 3, 4, 5, 6};
    const double nine[9] = {1, 6, 5, 6, 2, 4, 5, 4, 3};
    const double given[9] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    double virial[9] = {0};
    assert_int_equal(vt_frame_set_reals(&frame, "stress", six, 6, NULL), VT_OK);
    assert_false(vt_frame_virial(&frame, virial)); /* no cell, no volume */

    frame.has_cell = true;
    frame.cell[0][0] = 2.0;
    frame.cell[1][1] = 3.0;
    frame.cell[2][2] = -4.0; /* left-handed: the volume is positive all the same */
    assert_true(vt_frame_virial(&frame, virial));
    for (int i = 0; i < 9; i++)
        assert_true(virial[i] == -24.0 * nine[i]);
    assert_int_equal(vt_frame_set_reals(&frame, "stress", nine, 9, NULL), VT_OK);
    assert_true(vt_frame_virial(&frame, virial));
    for (int i = 0; i < 9; i++)
        assert_true(virial[i] == -24.0 * nine[i]);
    assert_int_equal(vt_frame_set_reals(&frame, "Virial", given, 9, NULL), VT_OK);
    assert_true(vt_frame_virial(&frame, virial));
    assert_memory_equal(virial, given, sizeof given);
    vt_frame_destroy(&frame);
}

static enum vt_code build(struct vt_frame *frame)
{
    struct vt_column *column = NULL;
    enum vt_code code = vt_frame_resize(frame, 4, NULL);
    if (!code)
        code = vt_frame_add_column(frame, "n", VT_INTEGER, 1, &column, NULL);
    if (!code)
        code = vt_frame_add_column(frame, "n", VT_STRING, 2, &column, NULL);
    if (!code)
        code = vt_frame_set_string(frame, "key", "value", NULL);
    if (!code)
        code = vt_frame_set_string(frame, "key", "other", NULL);
    if (!code)
        code = vt_frame_resize(frame, 500, NULL);
    return code;
}

static void test_every_failed_allocation_is_survived(void **state)
{
    (void)state;
    long failures = 0;
    for (long n = 1;; n++) {
        struct vt_frame frame = {0};
        vt_balance_fail(n);
        const enum vt_code code = build(&frame);
        if (!vt_balance_failed()) {
            vt_balance_fail(0);
            assert_int_equal(code, VT_OK);
            vt_frame_destroy(&frame);
            break;
        }
        assert_int_equal(code, VT_MEMORY);
        failures++;
        assert_int_equal(build(&frame), VT_OK); /* the frame is still usable */
        vt_frame_destroy(&frame);
    }
    assert_true(failures > 10);
}

static void test_absurd_size_is_refused(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_column *column = NULL;
    assert_int_equal(vt_frame_add_column(&frame, "x", VT_REAL, 9, &column, NULL), VT_OK);
    assert_int_equal(vt_frame_resize(&frame, SIZE_MAX / 4, NULL), VT_MEMORY);
    assert_int_equal(frame.n_atoms, 0);
    vt_frame_destroy(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resize_keeps_and_zeroes),
        cmocka_unit_test(test_columns_are_found_replaced_and_dropped),
        cmocka_unit_test(test_keys_are_set_replaced_and_dropped),
        cmocka_unit_test(test_clear_keeps_the_memory),
        cmocka_unit_test(test_energy_and_forces_in_their_spellings),
        cmocka_unit_test(test_virial_wins_over_stress),
        cmocka_unit_test(test_every_failed_allocation_is_survived),
        cmocka_unit_test(test_absurd_size_is_refused),
    };
    return VT_RUN_TESTS(tests);
}
