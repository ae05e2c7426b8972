/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance.h"
#include "io/lammps_dump.h"

#define HEAD  "ITEM: TIMESTEP\n20\nITEM: NUMBER OF ATOMS\n2\n"
#define BOX   "ITEM: BOX BOUNDS pp pp ff\n1 11\n-2 6\n0 20\n"
#define ATOMS "ITEM: ATOMS id element x y z ix iy iz\n"

static bool near(const double *a, double x, double y, double z)
{
    return fabs(a[0] - x) < 1e-9 && fabs(a[1] - y) < 1e-9 && fabs(a[2] - z) < 1e-9;
}

static enum vt_code parse(struct vt_frame *frame, const char *text, struct vt_error *error)
{
    struct vt_lammps_dump_units units = vt_lammps_dump_metal();
    const struct vt_lammps_dump_text whole = {"dump", 1, text, strlen(text)};
    return vt_lammps_dump_parse(frame, &whole, &units, error);
}

static void must_parse(struct vt_frame *frame, const char *text)
{
    struct vt_error error = {0};
    if (parse(frame, text, &error))
        fail_msg("%ld: %s", error.line, error.message);
}

/* Sorted by id, from the corner of the box; what LAMMPS calls real units are others than ours. */
static void test_columns(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    must_parse(&frame, "ITEM: UNITS\nreal\nITEM: TIME\n40\n" HEAD BOX
                       "ITEM: ATOMS type id element x y z ix iy iz vx vy vz fx fy fz q c_other\n"
                       "1 7 Li 2 -1 3 0 -1 2 0.5 0 0 23.060548 0 0 0.8 9\n"
                       "2 3 Cl 1 -2 0 1 0 0 0 0 0 0 0 0 -0.8 9\n");
    assert_int_equal(frame.n_atoms, 2);
    assert_true(frame.element[0] == 17 && frame.element[1] == 3);
    assert_true(near(frame.position[0], 0, 0, 0) && near(frame.position[1], 1, 1, 3));
    assert_true(near(frame.cell[0], 10, 0, 0) && near(frame.cell[1], 0, 8, 0) &&
                near(frame.cell[2], 0, 0, 20));
    assert_true(frame.periodic[0] && frame.periodic[1] && !frame.periodic[2]);
    assert_int_equal(vt_frame_column(&frame, "image")->integer[3 + 1], -1);
    assert_true(near(vt_frame_column(&frame, "vel")->real + 3, 0.5, 0, 0));
    assert_true(fabs(vt_frame_column(&frame, "forces")->real[3] - 1) < 1e-6); /* kcal/mol to eV */
    assert_true(fabs(vt_frame_column(&frame, "charge")->real[1] - 0.8) < 1e-12);
    assert_true(fabs(vt_frame_key(&frame, "time_ps")->real[0] - 0.04) < 1e-12);
    assert_int_equal(vt_frame_key(&frame, "step")->integer[0], 20);
    vt_frame_destroy(&frame);
}

/* The same atom in each form: in a tilted box, whose bounds are those of the box around it. */
static void test_positions(void **state)
{
    (void)state;
    static const struct {
        const char *columns, *values;
    } forms[] = {{"x y z ix iy iz", "6.25 2.5 5 0 0 1"},
                 {"xs ys zs ix iy iz", "0.5 0.25 0.5 0 0 1"},
                 {"xu yu zu", "9.25 2.5 15"},
                 {"xsu ysu zsu", "0.5 0.25 1.5"}};
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        struct vt_frame frame = {0};
        char text[400];
        snprintf(text, sizeof text,
                 "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS xy xz yz pp pp pp\n"
                 "-1 13 -1\n0 10 3\n0 10 0\nITEM: ATOMS id mass %s\n1 6.9 %s\n",
                 forms[f].columns, forms[f].values);
        must_parse(&frame, text);
        assert_true(near(frame.cell[0], 10, 0, 0) && near(frame.cell[1], -1, 10, 0) &&
                    near(frame.cell[2], 3, 0, 10));
        const struct vt_column *image = vt_frame_column(&frame, "image");
        if (f < 2)
            assert_true(near(frame.position[0], 6.25, 2.5, 5) && image->integer[2] == 1);
        else
            assert_true(near(frame.position[0], 9.25, 2.5, 15) && !image);
        assert_int_equal(frame.element[0], 3);
        vt_frame_destroy(&frame);
    }
}

static void test_general_box(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    must_parse(&frame, "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\n"
                       "ITEM: BOX BOUNDS abc origin pp pp pp\n5 1 0 1\n0 6 1 2\n1 0 7 3\n"
                       "ITEM: ATOMS id element xs ys zs\n1 Li 0.5 0 0\n");
    assert_true(near(frame.cell[1], 0, 6, 1));
    assert_true(near(frame.position[0], 2.5, 0.5, 0));
    vt_frame_destroy(&frame);
}

/* Frames of a file, with the lines that they begin at; units are told once. */
static void test_file(void **state)
{
    (void)state;
    char path[] = "/tmp/test_lammps_dump_XXXXXX";
    struct vt_lammps_dump_reader *reader;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    for (int k = 0; k < 3; k++)
        fprintf(file, "%sITEM: TIME\n%d\n%s", k == 0 ? "ITEM: UNITS\nreal\n" : "", 1000 * k,
                HEAD BOX ATOMS "1 Li 2 2 2 0 0 0\n2 Cl 3 3 3 0 0 0\n");
    fprintf(file, "\n" HEAD BOX ATOMS "1 Li 2 2 2 0 0 0\n");
    fclose(file);
    assert_int_equal(vt_lammps_dump_open(&reader, path, &error), VT_OK);
    static const long line[3] = {1, 16, 29};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(vt_lammps_dump_read(reader, &frame, &end, &error), VT_OK);
        assert_false(end);
        assert_int_equal(frame.line, line[k]);
        assert_true(fabs(vt_frame_key(&frame, "time_ps")->real[0] - k) < 1e-12);
    }
    assert_int_equal(vt_lammps_dump_read(reader, &frame, &end, &error), VT_INPUT);
    assert_int_equal(error.line, 52);
    vt_lammps_dump_close(reader);
    vt_frame_destroy(&frame);
    remove(path);
    assert_int_equal(vt_lammps_dump_open(&reader, path, &error), VT_INPUT);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        long line;
    } cases[] = {{"TIMESTEP\n", "a line that begins with ITEM:", 1},
                 {"ITEM: STEP\n", "ITEM: STEP is not known", 1},
                 {"ITEM: UNITS\nlj\n", "units 'lj'", 2},
                 {"ITEM: NUMBER OF ATOMS\n1000000000\n", "number of atoms", 2},
                 {HEAD ATOMS "1 Li 0 0 0 0 0 0\n", "BOX BOUNDS has to come before", 5},
                 {BOX ATOMS "1 Li 0 0 0 0 0 0\n", "NUMBER OF ATOMS has to come before", 5},
                 {HEAD "ITEM: BOX BOUNDS pp pp pp\n1 2 3\n", "expected 2 words", 6},
                 {HEAD BOX "ITEM: ATOMS id type x y z\n", "no elements", 9},
                 {HEAD BOX "ITEM: ATOMS element x y z\n", "no ids", 9},
                 {HEAD BOX "ITEM: ATOMS id element x y\n", "no positions", 9},
                 {HEAD BOX ATOMS "1 Li 0 0 0 0 0 0\n", "ends before the last atom", 10},
                 {HEAD BOX ATOMS "1 Li 0 0 0 0 0\n", "expected 8 words", 10},
                 {HEAD BOX ATOMS "1 Li 0 0 0 0 0 0\n1 Cl 0 0 0 0 0 0\n", "given to two atoms", 11},
                 {HEAD BOX ATOMS "1 Li 0 0 0 0 0 0\n2 Qq 0 0 0 0 0 0\n", "'Qq' is no element", 11},
                 {HEAD BOX ATOMS "1 Li 0 0 0 0 0 0\n2 Cl 0 nan 0 0 0 0\n", "y", 11},
                 {HEAD BOX ATOMS "1 Li 0 0 0 0 0 0\n2 Cl 0 0 0 0 0 0\n3 Cl 0 0 0 0 0 0\n",
                  "more atoms than", 12}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_frame frame = {0};
        struct vt_error error = {0};
        assert_int_equal(parse(&frame, cases[i].text, &error), VT_INPUT);
        if (!strstr(error.message, cases[i].message) || error.line != cases[i].line)
            fail_msg("case %zu: line %ld: %s", i, error.line, error.message);
        vt_frame_destroy(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),     cmocka_unit_test(test_positions),
        cmocka_unit_test(test_general_box), cmocka_unit_test(test_file),
        cmocka_unit_test(test_refusals),
    };
    return VT_RUN_TESTS(tests);
}
