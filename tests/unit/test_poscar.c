/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/poscar.h"
#include "structure_text.h"

#define HEAD "title\n1.0\n4 0 0\n0 5 0\n0 0 6\n"

static const struct structure_text format = {vt_poscar_parse, "POSCAR"};

static enum vt_code parse(struct vt_frame *frame, const char *text, struct vt_error *error)
{
    return structure_parse(&format, frame, text, error);
}

static void assert_refused(const char *text, long line, long column, const char *message)
{
    assert_structure_refused(&format, text, (const long[2]){line, column}, message);
}

static void reads_direct(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           "  lithium chloride  \r\n2.0 a comment\r\n2 0 0\r\n0 2.5 0 # b\r\n"
                           "1 0 3\r\nLi_sv Cl/0f3a\r\n 1 2 ! two\r\ndirect\r\n"
                           "0.5 0.5 0.5 Li\r\n0 0 0 Cl1 0.3\r\n-0.25 1.5 0\r\n",
                           NULL),
                     VT_OK);
    assert_int_equal(frame.n_atoms, 3);
    assert_int_equal(frame.element[0], 3);
    assert_int_equal(frame.element[1], 17);
    assert_int_equal(frame.element[2], 17);
    assert_true(frame.has_cell && frame.periodic[0] && frame.periodic[1] && frame.periodic[2]);
    assert_vector(frame.cell[0], 4, 0, 0);
    assert_vector(frame.cell[1], 0, 5, 0);
    assert_vector(frame.cell[2], 2, 0, 6);
    assert_vector(frame.position[0], 3, 2.5, 3);
    assert_vector(frame.position[2], -1, 7.5, 0);
    assert_int_equal(frame.n_columns, 0);
    const struct vt_key *title = vt_frame_key(&frame, "comment");
    assert_non_null(title);
    assert_string_equal(title->string[0], "lithium chloride");
    vt_frame_destroy(&frame);
}

static void scales_by_volume(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           "\n-8\n0 1 0\n1 0 0\n0 0 1\nH\n1\nK\n"
                           "0.5 0 0\n",
                           NULL),
                     VT_OK);
    assert_vector(frame.cell[0], 0, 2, 0);
    assert_vector(frame.position[0], 1, 0, 0);
    assert_null(vt_frame_key(&frame, "comment"));
    vt_frame_destroy(&frame);
}

static void scales_each_component(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           "\n2 3 4\n1 1 1\n0 1 0\n0 0 1\nH\n1\nCartesian\n"
                           "1 1 1\n",
                           NULL),
                     VT_OK);
    assert_vector(frame.cell[0], 2, 3, 4);
    assert_vector(frame.cell[1], 0, 3, 0);
    assert_vector(frame.position[0], 2, 3, 4);
    vt_frame_destroy(&frame);
}

static void elements_may_have_no_atoms(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame, HEAD "Li Cl O\n0 1 0\nDirect\n0 0 0\n", NULL), VT_OK);
    assert_int_equal(frame.n_atoms, 1);
    assert_int_equal(frame.element[0], 17);
    vt_frame_destroy(&frame);
}

static void keeps_selective_dynamics(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           HEAD "H\n2\nSelective dynamics\nDirect\n"
                                "0 0 0 T F .TRUE. first\n0 0 .5 .f. t F\n",
                           NULL),
                     VT_OK);
    const struct vt_column *mask = vt_frame_column(&frame, "move_mask");
    assert_non_null(mask);
    assert_int_equal(mask->type, VT_LOGICAL);
    assert_int_equal(mask->width, 3);
    static const bool expected[] = {true, false, true, false, true, false};
    assert_memory_equal(mask->logical, expected, sizeof expected);
    vt_frame_destroy(&frame);
}

static void reads_velocities(void **state)
{
    (void)state;
    static const char *const blocks[] = {
        "\n1 2 3\n0 0 -4\n",
        "Cartesian\n1 2 3\n0 0 -4\n",
        "\n\n1 2 3\n0 0 -4\n\n 1\n 0.5\n predictor corrector\n",
        "Lattice velocities\n1\n0 0 0\n0 0 0\n0 0 0\n4 0 0\n0 5 0\n0 0 6\n\n1 2 3\n0 0 -4\n",
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct vt_frame frame = {0};
        char text[400];
        snprintf(text, sizeof text, "%sH\n2\nDirect\n0 0 0\n0 0 .5\n%s", HEAD, blocks[i]);
        assert_int_equal(parse(&frame, text, NULL), VT_OK);
        const struct vt_column *velocity = vt_frame_column(&frame, "vel");
        assert_non_null(velocity);
        assert_int_equal(velocity->width, 3);
        assert_vector(velocity->real, 1, 2, 3);
        assert_vector(velocity->real + 3, 0, 0, -4);
        vt_frame_destroy(&frame);
    }
}

static void goes_without_velocities(void **state)
{
    (void)state;
    static const char *const blocks[] = {
        "", "\n\n", "\n0 0 0\n", "\nsome notes\n", "Lattice velocities\n1\n1\n1\n1\n1\n1\n1\n",
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct vt_frame frame = {0};
        char text[400];
        snprintf(text, sizeof text, "%sH\n1\nDirect\n0 0 .5\n%s", HEAD, blocks[i]);
        assert_int_equal(parse(&frame, text, NULL), VT_OK);
        assert_int_equal(frame.n_columns, 0);
        vt_frame_destroy(&frame);
    }
}

static void refuses_wrong_heads(void **state)
{
    (void)state;
    assert_refused("", 0, 0, "the file ends before the title");
    assert_refused("title\n", 1, 0, "the file ends before the scaling factor");
    assert_refused("t\none\n", 2, 1, "expected 1 or 3 numbers (scaling factors), found 0");
    assert_refused("t\n1 2\n", 2, 1, "expected 1 or 3 numbers (scaling factors), found 2");
    assert_refused("t\n1 2 3 4 5\n", 2, 1,
                   "expected 1 or 3 numbers (scaling factors), found at least 4");
    assert_refused("t\n 0\n", 2, 2, "the scaling factor is zero");
    assert_refused("t\n1 -1 1\n", 2, 3, "the scaling factor is negative, one of three");
    assert_refused("t\n1\n1 0 x\n", 3, 5,
                   "expected a finite number (first cell vector), found 'x'");
    assert_refused("t\n1\n1 0 0\n0 1\n", 4, 4, "the line ends before the second cell vector");
    assert_refused("t\n1\n1 0 0\n0 1 0\n1 1 0\n", 5, 0, "the three cell vectors span no volume");
    assert_refused("t\n-1\n1 0 0\n0 1 0\n1 1 0\n", 5, 0, "the three cell vectors span no volume");
    assert_refused("t\n1e200\n1 0 0\n0 1 0\n0 0 1\n", 5, 0,
                   "the cell is too large for a computer's numbers");
}

static void refuses_wrong_elements(void **state)
{
    (void)state;
    assert_refused(HEAD " 1 2\nDirect\n", 6, 2,
                   "the line of element symbols is missing (the format of VASP 4)");
    assert_refused(HEAD "! Li\n1\n", 6, 1, "expected the symbols of the elements, found none");
    assert_refused(HEAD "Li XX\n1 1\nDirect\n0 0 0\n0 0 0\n", 6, 4, "unknown element 'XX'");
    assert_refused(HEAD "Li Cl\n1\nDirect\n0 0 0\n", 7, 1,
                   "expected 2 numbers of atoms, one for each symbol, found 1");
    assert_refused(HEAD "Li\n1.5\n", 7, 1, "expected an integer (number of atoms), found '1.5'");
    assert_refused(HEAD "Li\n-1\n", 7, 1, "number of atoms is -1, below 0");
    assert_refused(HEAD "Li\n0\nDirect\n", 7, 0, "the structure has no atoms");
    assert_refused(HEAD "Li\n1000000000000\nDirect\n0 0 0\n", 7, 1,
                   "the file announces 1000000000000 atoms of Li, but is too short for them");
    assert_refused(HEAD "Li Cl\n1 9223372036854775807\nDirect\n0 0 0\n", 7, 3,
                   "the file announces 9223372036854775807 atoms of Cl, but is too short for them");
}

static void refuses_wrong_positions(void **state)
{
    (void)state;
    assert_refused(HEAD "H\n1\n0 0 0\n0 0 0\n", 8, 1,
                   "expected 'Direct' or 'Cartesian', found '0'");
    assert_refused(HEAD "H\n1\n\n0 0 0\n", 8, 1,
                   "the line ends before the line 'Direct' or 'Cartesian'");
    assert_refused(HEAD "H\n2\nDirect\n0 0 0\n", 9, 0,
                   "the file ends after the positions of 1 of 2 atoms");
    assert_refused(HEAD "H\n1\nDirect\n0 0 nan\n", 9, 5,
                   "expected a finite number (position), found 'nan'");
    assert_refused(HEAD "H\n1\nDirect\n0 0 1e308\n", 9, 1,
                   "the position is too far away for a computer's numbers");
    assert_refused(HEAD "H\n1\nDirect\n0 0\n          \n", 9, 4,
                   "the line ends before the position");
    assert_refused(HEAD "H\n1\nSelective\nDirect\n0 0 0 T F\n", 10, 10,
                   "the line ends before the flags of selective dynamics");
    assert_refused(HEAD "H\n1\nSelective\nDirect\n0 0 0 T F 1\n", 10, 11,
                   "expected T or F (selective dynamics), found '1'");
}

static void refuses_wrong_tails(void **state)
{
    (void)state;
    assert_refused(HEAD "H\n1\nDirect\n0 0 0\n 0 0 .5\n", 10, 2,
                   "more lines of positions than the numbers of atoms announce");
    assert_refused(HEAD "H\n1\nDirect\n0 0 0\nDirect\n0 0 .5\n", 10, 1,
                   "velocities in direct coordinates are per time step, "
                   "which the file does not say");
    assert_refused(HEAD "H\n1\nDirect\n0 0 0\nEmpty spheres\n", 10, 1,
                   "expected velocities or the end of the file, found 'Empty'");
    assert_refused(HEAD "H\n2\nDirect\n0 0 0\n0 0 0\n\n1 1 1\n", 12, 0,
                   "the file ends after the velocities of 1 of 2 atoms");
    assert_refused(HEAD "H\n1\nDirect\n0 0 0\nLattice\n1\n0 0 0\n", 12, 0,
                   "expected 7 lines of numbers after 'Lattice velocities', found 2");
}

/* A NUL where a letter is looked up must not count as one of the letters. */
static void refuses_binary(void **state)
{
    (void)state;
    static const char text[] = HEAD "H\n1\n\0\n0 0 0\n";
    struct vt_frame frame = {0};
    struct vt_error error;
    assert_int_equal(vt_poscar_parse(&frame, "POSCAR", text, sizeof text - 1, &error), VT_INPUT);
    assert_string_equal(error.message, "expected 'Direct' or 'Cartesian', found '?'");
    vt_frame_destroy(&frame);
}

static char *written(const struct vt_frame *frame, int digits)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(vt_poscar_write(file, frame, digits, NULL), VT_OK);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    static const char text[] = "title\n1.0\n0.10000000000000001 0 0\n0 5 0\n-1 0 6\nLi Cl\n2 1\n"
                               "Selective dynamics\nCartesian\n0.33333333333333331 0 0 T T F\n"
                               "1e-300 0 0 F F F\n1 2 3 T T T\nCartesian\n0 0 0\n0 0 0\n0.5 0 0\n";
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame, text, NULL), VT_OK);
    char *copy = written(&frame, 17);
    assert_string_equal(copy, text);
    free(copy);
    vt_frame_destroy(&frame);
}

static void writes_elements_together(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame, HEAD "Li Cl Li\n1 1 1\nCartesian\n1 0 0\n2 0 0\n3 0 0\n", NULL),
                     VT_OK);
    char *text = written(&frame, 6);
    assert_string_equal(text, HEAD "Li Cl\n2 1\nCartesian\n1 0 0\n3 0 0\n2 0 0\n");
    free(text);
    vt_frame_destroy(&frame);
}

static void refuses_to_write_what_is_not_periodic(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_error error;
    assert_int_equal(vt_poscar_write(stdout, &frame, 6, &error), VT_INPUT);
    assert_string_equal(error.message, "a POSCAR needs at least one atom");
    assert_int_equal(parse(&frame, HEAD "Li\n1\nCartesian\n1 0 0\n", NULL), VT_OK);
    frame.periodic[2] = false;
    assert_int_equal(vt_poscar_write(stdout, &frame, 6, &error), VT_INPUT);
    assert_string_equal(error.message,
                        "a POSCAR is periodic in all three directions, but the structure is not");
    vt_frame_destroy(&frame);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    static const char text[] = HEAD "H\n1\nSelective\nDirect\n0 0 0 T T T\n\n1 0 0\n";
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_frame frame = {0};
        struct vt_error error;
        vt_balance_fail(n);
        const enum vt_code code = parse(&frame, text, &error);
        failed = vt_balance_failed();
        vt_balance_fail(0);
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_frame_destroy(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_direct),
        cmocka_unit_test(scales_by_volume),
        cmocka_unit_test(scales_each_component),
        cmocka_unit_test(elements_may_have_no_atoms),
        cmocka_unit_test(keeps_selective_dynamics),
        cmocka_unit_test(reads_velocities),
        cmocka_unit_test(goes_without_velocities),
        cmocka_unit_test(refuses_wrong_heads),
        cmocka_unit_test(refuses_wrong_elements),
        cmocka_unit_test(refuses_wrong_positions),
        cmocka_unit_test(refuses_wrong_tails),
        cmocka_unit_test(refuses_binary),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_elements_together),
        cmocka_unit_test(refuses_to_write_what_is_not_periodic),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
