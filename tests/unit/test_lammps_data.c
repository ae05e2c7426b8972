/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/lammps_data.h"
#include "structure_text.h"

#define BOX    "0 4 xlo xhi\n0 5 ylo yhi\n0 6 zlo zhi\n"
#define HEAD   "title\n\n2 atoms\n2 atom types\n\n" BOX "\n"
#define MASSES "Masses\n\n1 6.94\n2 35.45\n\n"
#define ATOMS  "Atoms # atomic\n\n1 1 0 0 0\n2 2 1 2 3\n\n"

static const struct structure_text format = {vt_lammps_parse, "lammps.data"};

static enum vt_code parse(struct vt_frame *frame, const char *text, struct vt_error *error)
{
    return structure_parse(&format, frame, text, error);
}

static void assert_refused(const char *text, long line, long column, const char *message)
{
    assert_structure_refused(&format, text, (const long[2]){line, column}, message);
}

static void reads_atomic(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           "2 atoms is what this title says\r\n3 atoms # three\r\n0 bonds\r\n"
                           "2 atom types\r\n-1 3 xlo xhi\r\n1 6.0 ylo yhi\r\n0.5 6.5 zlo zhi\r\n"
                           "2 extra bond per atom\r\n\r\nMasses\r\n\r\n2 6.941\r\n1 35.45\r\n\r\n"
                           "Atoms\r\n\r\n30 2 0 1 0.5\r\n1 1 -1 1 .5\r\n2 2 3 6 6.5\r\n",
                           NULL),
                     VT_OK);
    assert_int_equal(frame.n_atoms, 3);
    assert_true(frame.has_cell && frame.periodic[0] && frame.periodic[1] && frame.periodic[2]);
    assert_vector(frame.cell[0], 4, 0, 0);
    assert_vector(frame.cell[1], 0, 5, 0);
    assert_vector(frame.cell[2], 0, 0, 6);
    assert_int_equal(frame.element[0], 17);
    assert_int_equal(frame.element[1], 3);
    assert_int_equal(frame.element[2], 3);
    assert_vector(frame.position[0], 0, 0, 0);
    assert_vector(frame.position[1], 4, 5, 6);
    assert_vector(frame.position[2], 1, 0, 0);
    assert_int_equal(frame.n_columns, 0);
    vt_frame_destroy(&frame);
}

static void reads_full(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           HEAD MASSES "Bond Coeffs\n\n1 450 0.9\n\n"
                                       "Atoms # full\n\n2 7 2 -0.5 1 2 3 0 -1 2 # chlorine\n"
                                       "1 8 1 0.5 0 0 0 0 0 0\n\nBonds\n\n1 1 1 2\n",
                           NULL),
                     VT_OK);
    const struct vt_column *charge = vt_frame_column(&frame, "charge");
    const struct vt_column *molecule = vt_frame_column(&frame, "molecule");
    const struct vt_column *image = vt_frame_column(&frame, "image");
    assert_true(charge && molecule && image);
    assert_true(charge->real[0] == 0.5 && charge->real[1] == -0.5);
    assert_int_equal(molecule->integer[0], 8);
    assert_int_equal(molecule->integer[1], 7);
    assert_int_equal(image->width, 3);
    assert_int_equal(image->integer[0], 0);
    assert_int_equal(image->integer[4], -1);
    assert_int_equal(image->integer[5], 2);
    assert_vector(frame.position[1], 1, 2, 3);
    assert_int_equal(frame.element[1], 17);
    vt_frame_destroy(&frame);
}

static void every_style_finds_its_columns(void **state)
{
    (void)state;
    static const struct {
        const char *title, *row;
    } styles[] = {
        {"Atoms # atomic", "1 2 3 4 5"},
        {"Atoms", "1 2 3 4 5"},
        {"Atoms", "1 2 3 4 5 0 0 0"},
        {"Atoms # charge of e", "1 2 0.5 3 4 5"},
        {"Atoms#charge", "1 2 0.5 3 4 5 0 0 0"},
        {"Atoms # bond", "1 9 2 3 4 5"},
        {"Atoms # angle", "1 9 2 3 4 5"},
        {"Atoms # molecular", "1 9 2 3 4 5 0 0 0"},
        {"Atoms # full", "1 9 2 0.5 3 4 5"},
        {"Atoms", "1 9 2 0.5 3 4 5"},
        {"Atoms", "1 9 2 0.5 3 4 5 0 0 0"},
    };
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        char text[400];
        struct vt_frame frame = {0};
        snprintf(text, sizeof text, "\n1 atoms\n2 atom types\n" BOX MASSES "%s\n\n%s\n",
                 styles[i].title, styles[i].row);
        assert_int_equal(parse(&frame, text, NULL), VT_OK);
        assert_int_equal(frame.element[0], 17);
        assert_vector(frame.position[0], 3, 4, 5);
        const struct vt_column *charge = vt_frame_column(&frame, "charge");
        const struct vt_column *molecule = vt_frame_column(&frame, "molecule");
        assert_int_equal(charge != NULL, strstr(styles[i].row, "0.5") != NULL);
        assert_true(!charge || charge->real[0] == 0.5);
        assert_int_equal(molecule != NULL, strstr(styles[i].row, "1 9") != NULL);
        assert_true(!molecule || molecule->integer[0] == 9);
        vt_frame_destroy(&frame);
    }
}

static void reads_tilted_boxes(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(
        parse(&frame, "\n2 atoms\n2 atom types\n" BOX "1 -2 0.5 xy xz yz\n" MASSES ATOMS, NULL),
        VT_OK);
    assert_vector(frame.cell[0], 4, 0, 0);
    assert_vector(frame.cell[1], 1, 5, 0);
    assert_vector(frame.cell[2], -2, 0.5, 6);
    vt_frame_destroy(&frame);
}

static void reads_general_boxes(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           "\n2 atoms\n2 atom types\n0 4 0 avec\n-5 0 1 bvec\n0 0 6 cvec\n"
                           "1 1 1 abc origin\n" MASSES ATOMS,
                           NULL),
                     VT_OK);
    assert_vector(frame.cell[0], 0, 4, 0);
    assert_vector(frame.cell[1], -5, 0, 1);
    assert_vector(frame.cell[2], 0, 0, 6);
    assert_vector(frame.position[1], 0, 1, 2);
    vt_frame_destroy(&frame);
}

static void names_come_before_masses(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    /* deuterium, and a label without a mass */
    assert_int_equal(parse(&frame,
                           HEAD "Atom Type Labels\n\n1 D\n2 Cl1\n\nMasses\n\nD 2.014 # H isotope\n"
                                "\nAtoms # atomic\n\n1 Cl1 0 0 0\n2 D 1 1 1\n",
                           NULL),
                     VT_OK);
    assert_int_equal(frame.element[0], 17);
    assert_int_equal(frame.element[1], 1);
    vt_frame_destroy(&frame);
    assert_refused(HEAD "Masses\n\n1 12.011 # Cs\n2 35.45\n\n" ATOMS, 12, 3,
                   "atom type 1 is named Cs, but 12.011 is the mass of C");
}

static void reads_velocities(void **state)
{
    (void)state;
    static const char *const titles[] = {"write_data, units = metal", "units = real", "nothing"};
    static const double factors[] = {1e-3, 1, 1e-3};
    for (size_t i = 0; i < 3; i++) {
        char text[400];
        struct vt_frame frame = {0};
        snprintf(text, sizeof text,
                 "%s\n2 atoms\n2 atom types\n" BOX MASSES ATOMS "Velocities\n\n2 1 2 3\n1 0 0 -8\n",
                 titles[i]);
        assert_int_equal(parse(&frame, text, NULL), VT_OK);
        const struct vt_column *velocity = vt_frame_column(&frame, "vel");
        assert_non_null(velocity);
        assert_vector(velocity->real, 0, 0, -8 * factors[i]);
        assert_vector(velocity->real + 3, factors[i], 2 * factors[i], 3 * factors[i]);
        vt_frame_destroy(&frame);
    }
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame, HEAD MASSES ATOMS "Velocities\n\n2 0 0 0\n1 0 0 0\n", NULL),
                     VT_OK);
    assert_null(vt_frame_column(&frame, "vel"));
    vt_frame_destroy(&frame);
}

static void refuses_wrong_headers(void **state)
{
    (void)state;
    assert_refused("", 0, 0, "the file is empty");
    assert_refused("title\n", 1, 0, "the header has no line 'atoms'");
    assert_refused("\n1 atoms\n# comments, comments\n", 3, 0,
                   "the header has no line 'atom types'");
    assert_refused("\n0 atoms\n", 2, 1, "number of atoms is 0, below 1");
    assert_refused("\n1000000000000 atoms\n", 2, 1,
                   "number of atoms is 1000000000000, but the file is too short for so many");
    assert_refused("\n1000000000000 atom types\n", 2, 1,
                   "number of atom types is 1000000000000, but the file is too short for so many");
    assert_refused("\n1 atom type\n", 2, 3, "'atom type' is no section and no line of the header");
    assert_refused("\n1 2 3\n", 2, 1, "numbers without a word that says what they are");
    assert_refused("\n0 1 2 xlo xhi\n", 2, 1, "expected 2 numbers before 'xlo xhi', found 3");
    assert_refused("\n0 1 xlo xhi\n 0 1 xlo xhi\n", 3, 2, "'xlo xhi' is given twice");
    assert_refused("\n1 1 ylo yhi\n", 2, 1,
                   "the box has no length: the first of 'ylo yhi' must be the smaller one");
    assert_refused("units = lj\n", 1, 9, "units 'lj' are not read");
    assert_refused("\n1 atoms\n1 atom types\n0 1 xlo xhi\n0 1 ylo yhi\n\nAtoms\n\n1 1 0 0 0\n", 5,
                   0, "the header has no line 'zlo zhi'");
    assert_refused("\n1 atoms\n1 atom types\n0 1 xlo xhi\n0 0 1 avec\n\nAtoms\n\n1 1 0 0 0\n", 5, 0,
                   "the header gives both cell vectors and limits of a box");
    assert_refused("\n1 atoms\n1 atom types\n1 0 0 avec\n0 0 1 bvec\n1 0 1 cvec\nAtoms\n\n"
                   "1 1 0 0 0\n",
                   6, 0, "the volume of the box is zero");
    assert_refused(HEAD "Atmos\n\n1 1 0 0 0\n2 1 0 0 0\n", 10, 1,
                   "'Atmos' is no section and no line of the header");
}

static void suggests_what_was_meant(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_error error;
    assert_int_equal(parse(&frame, HEAD "Atmos\n", &error), VT_INPUT);
    assert_string_equal(error.hint, "did you mean 'Atoms'?");
    assert_int_equal(parse(&frame, HEAD ATOMS "CMAP\n\n1 2 3 4 5 6\n", &error), VT_INPUT);
    assert_string_equal(error.message, "'CMAP' is no section and no line of the header");
    assert_string_equal(error.hint, "sections of LAMMPS fixes are not read; remove them");
    vt_frame_destroy(&frame);
}

static void refuses_wrong_types(void **state)
{
    (void)state;
    assert_refused(HEAD "Masses\n\n1 6.94\n\n" ATOMS, 4, 1, "atom type 2 has no mass");
    assert_refused(HEAD ATOMS, 4, 1, "atom type 1 has no mass");
    assert_refused(HEAD "Masses\n\n1 6.94\n3 35.45\n" ATOMS, 13, 1,
                   "atom type is 3, outside of 1 to 2");
    assert_refused(HEAD "Masses\n\n1 6.94\n1 35.45\n" ATOMS, 13, 1,
                   "atom type 1 has two masses, the first on line 12");
    assert_refused(HEAD "Masses\n\n1 -6.94\n" ATOMS, 12, 3, "the mass is not positive");
    assert_refused(HEAD "Masses\n\n1 6.94 2\n" ATOMS, 12, 8,
                   "expected 2 words (atom type and mass), found 3");
    assert_refused(HEAD "Masses\n\n1 6.94\n2 350\n" ATOMS, 13, 3,
                   "no element has the mass 350 of atom type 2");
    assert_refused(HEAD "Atom Type Labels\n\n1 Li\n1 Cl\n" ATOMS, 13, 1,
                   "atom type 1 has two labels");
    assert_refused(HEAD MASSES "Atoms # atomic\n\n1 Li 0 0 0\n2 2 1 2 3\n", 17, 3,
                   "expected an integer (atom type), found 'Li'");
}

static void refuses_wrong_atoms(void **state)
{
    (void)state;
    assert_refused(HEAD MASSES, 14, 0, "the file has no section Atoms");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0 0 0\n1 2 1 2 3\n", 18, 1,
                   "atom id 1 is given twice, first on line 17");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0 0 0\n\nVelocities\n\n1 0 0 0\n", 17, 0,
                   "Atoms ends after 1 of the 2 atoms that the header announces");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0 0 0\n2 2 1 2 3\n3 2 1 2 3\n", 19, 0,
                   "Atoms has more rows than the 2 atoms that the header announces");
    assert_refused(HEAD MASSES "Atoms\n\n0 1 0 0 0\n2 2 1 2 3\n", 17, 1, "atom id is 0, below 1");
    assert_refused(HEAD MASSES "Atoms\n\n1 3 0 0 0\n2 2 1 2 3\n", 17, 3,
                   "atom type is 3, outside of 1 to 2");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0 0 0\n2 2 1 2 3 0 0 0\n", 18, 11,
                   "expected 5 words (atomic), found 8");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0.5 0 0 0\n2 2 1 1 2 3\n", 17, 1,
                   "6 words a row fit both the atom styles charge and molecular");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0 0\n2 2 1 2\n", 17, 1,
                   "no atom style that is read has 4 words a row");
    assert_refused(HEAD MASSES "Atoms # sphere\n\n1 1 1 1 0 0 0\n2 2 1 1 1 2 3\n", 15, 9,
                   "atom style 'sphere' is not read");
    assert_refused(HEAD MASSES "Atoms # charge\n\n1 1 0 0 0\n2 2 1 2 3\n", 17, 10,
                   "expected 6 words (charge), found 5");
    assert_refused(HEAD MASSES ATOMS ATOMS, 20, 1, "the section Atoms is given twice");
    assert_refused(HEAD MASSES "Atoms\n\n1 1 0 0 x\n2 2 1 2 3\n", 17, 9,
                   "expected a finite number (position), found 'x'");
}

static void refuses_wrong_velocities(void **state)
{
    (void)state;
    assert_refused(HEAD "Velocities\n\n1 0 0 0\n2 0 0 0\n" MASSES ATOMS, 10, 1,
                   "Velocities come before Atoms");
    assert_refused(HEAD MASSES ATOMS "Velocities\n\n1 0 0 1\n1 0 0 0\n", 23, 1,
                   "atom id 1 has two velocities");
    assert_refused(HEAD MASSES ATOMS "Velocities\n\n1 0 0 1\n3 0 0 0\n", 23, 1,
                   "there is no atom with the id 3");
    assert_refused(HEAD MASSES ATOMS "Velocities\n\n1 0 0 1\n", 22, 0,
                   "Velocities ends after 1 of the 2 atoms that the header announces");
    assert_refused(HEAD MASSES ATOMS "Velocities\n\n1 0 0\n2 0 0 0\n", 22, 6,
                   "expected 4 words (atom id and velocity), found 3");
    assert_refused(HEAD MASSES ATOMS "Velocities\n\n1 0 0 1\n2 0 0 0\n1 0 0 0\n", 24, 0,
                   "Velocities has more rows than the 2 atoms that the header announces");
}

static char *written(const struct vt_frame *frame, enum vt_lammps_style style)
{
    static const int types[] = {17, 3};
    const struct vt_lammps_options options = {
        .style = style, .digits = 17, .types = types, .n_types = 2};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(vt_lammps_write(file, frame, &options, NULL), VT_OK);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void writes_restricted_boxes(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(parse(&frame,
                           "\n2 atoms\n2 atom types\n" BOX "1 -2 0.5 xy xz yz\n" MASSES
                           "Atoms # charge\n\n1 1 0.25 0 0 0 0 0 1\n2 2 -0.25 1 2 3 0 0 0\n\n"
                           "Velocities\n\n1 0 0 0\n2 8 0 -4\n",
                           NULL),
                     VT_OK);
    char *text = written(&frame, VT_LAMMPS_CHARGE);
    assert_string_equal(text, "LAMMPS data file written by vitrion, units = metal\n\n"
                              "2 atoms\n2 atom types\n\n" BOX "1 -2 0.5 xy xz yz\n\n"
                              "Masses\n\n1 35.45 # Cl\n2 6.94 # Li\n\n"
                              "Atoms # charge\n\n1 2 0.25 0 0 0 0 0 1\n2 1 -0.25 1 2 3 0 0 0\n\n"
                              "Velocities\n\n1 0 0 0\n2 8 0 -4\n");
    free(text);
    vt_frame_destroy(&frame);
}

static void writes_general_boxes(void **state)
{
    (void)state;
    static const char box[] = "0 4 0 avec\n-5 0 1 bvec\n0 0 6 cvec\n0 0 0 abc origin\n";
    struct vt_frame frame = {0};
    char text[400];
    snprintf(text, sizeof text, "\n2 atoms\n2 atom types\n%s" MASSES ATOMS, box);
    assert_int_equal(parse(&frame, text, NULL), VT_OK);
    char *copy = written(&frame, VT_LAMMPS_ATOMIC);
    assert_non_null(strstr(copy, box));
    assert_non_null(strstr(copy, "\nAtoms # atomic\n\n1 2 0 0 0\n2 1 1 2 3\n"));
    free(copy);
    vt_frame_destroy(&frame);
}

static void refuses_to_write(void **state)
{
    (void)state;
    static const int types[] = {17};
    struct vt_lammps_options options = {.digits = 6, .types = types, .n_types = 1};
    struct vt_frame frame = {0};
    struct vt_error error;
    assert_int_equal(vt_lammps_write(stdout, &frame, &options, &error), VT_INPUT);
    assert_string_equal(error.message, "a LAMMPS data file needs at least one atom");
    assert_int_equal(parse(&frame, HEAD MASSES ATOMS, NULL), VT_OK);
    assert_int_equal(vt_lammps_write(stdout, &frame, &options, &error), VT_INPUT);
    assert_string_equal(error.message, "atom 1 is Li, which is not among the atom types");
    frame.element[0] = 17;
    options.style = VT_LAMMPS_CHARGE;
    assert_int_equal(vt_lammps_write(stdout, &frame, &options, &error), VT_INPUT);
    assert_string_equal(error.message,
                        "the atom style charge needs charges, but the structure has none");
    frame.has_cell = false;
    assert_int_equal(vt_lammps_write(stdout, &frame, &options, &error), VT_INPUT);
    assert_string_equal(error.message, "a LAMMPS data file needs a cell");
    vt_frame_destroy(&frame);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    static const char text[] =
        HEAD MASSES "Atoms # full\n\n1 1 1 1 0 0 0 0 0 0\n2 1 2 1 1 2 3 0 0 0\n\n"
                    "Velocities\n\n1 1 1 1\n2 0 0 0\n";
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
        cmocka_unit_test(reads_atomic),
        cmocka_unit_test(reads_full),
        cmocka_unit_test(every_style_finds_its_columns),
        cmocka_unit_test(reads_tilted_boxes),
        cmocka_unit_test(reads_general_boxes),
        cmocka_unit_test(names_come_before_masses),
        cmocka_unit_test(reads_velocities),
        cmocka_unit_test(refuses_wrong_headers),
        cmocka_unit_test(suggests_what_was_meant),
        cmocka_unit_test(refuses_wrong_types),
        cmocka_unit_test(refuses_wrong_atoms),
        cmocka_unit_test(refuses_wrong_velocities),
        cmocka_unit_test(writes_restricted_boxes),
        cmocka_unit_test(writes_general_boxes),
        cmocka_unit_test(refuses_to_write),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
