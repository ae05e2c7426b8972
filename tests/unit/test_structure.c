/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/structure.h"

/* The tests run in a new folder. */
static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/vitrion-test-structure-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    const int code = chdir("/") == 0 ? rmdir(*state) : -1;
    free(*state);
    return code;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void paths_name_formats(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum vt_format format;
    } paths[] = {
        {"POSCAR", VT_FORMAT_POSCAR},
        {"a/b/CONTCAR", VT_FORMAT_POSCAR},
        {"POSCAR_relaxed", VT_FORMAT_POSCAR},
        {"li.vasp", VT_FORMAT_POSCAR},
        {"li.POSCAR", VT_FORMAT_POSCAR},
        {"li.data", VT_FORMAT_LAMMPS},
        {"li.lmp", VT_FORMAT_LAMMPS},
        {"li.Lammps", VT_FORMAT_LAMMPS},
        {"li.xyz", VT_FORMAT_EXTXYZ},
        {"POSCAR.xyz", VT_FORMAT_EXTXYZ},
        {"POSCAR/li", VT_FORMAT_EXTXYZ},
        {"data", VT_FORMAT_EXTXYZ},
        {".data", VT_FORMAT_EXTXYZ},
        {"-", VT_FORMAT_EXTXYZ},
        {"", VT_FORMAT_EXTXYZ},
        {"a/OUTCAR", VT_FORMAT_OUTCAR},
        {"OUTCAR.2", VT_FORMAT_OUTCAR},
        {"li.outcar", VT_FORMAT_OUTCAR},
        {"vasprun.xml", VT_FORMAT_VASPRUN},
        {"run.out", VT_FORMAT_EXTXYZ},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(vt_format_of_path(paths[i].path), paths[i].format);
}

static void contents_name_formats(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum vt_format format;
    } files[] = {{"DBCSR\n CP2K| version string: CP2K version 2023.1\n", VT_FORMAT_CP2K},
                 {" vasp.6.3.0 20Jan22\n", VT_FORMAT_OUTCAR},
                 {"<?xml version=\"1.0\"?>\n<modeling>\n", VT_FORMAT_VASPRUN},
                 {"1\n\nLi 0 0 0\n", VT_FORMAT_EXTXYZ},
                 {"", VT_FORMAT_EXTXYZ}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        put("vt_format_test", files[i].text);
        assert_int_equal(vt_format_of_file("vt_format_test"), files[i].format);
    }
    remove("vt_format_test");
    assert_int_equal(vt_format_of_file("no such file"), VT_FORMAT_EXTXYZ);
    assert_int_equal(vt_format_of_file("POSCAR"), VT_FORMAT_POSCAR);
}

static void outputs_of_dft_are_streams(void **state)
{
    (void)state;
    struct vt_structure_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    assert_int_equal(vt_structure_open_leniently(
                         &reader, VT_SOURCE_ROOT "/tests/data/cp2k/h2_unconverged.out", NULL),
                     VT_OK);
    assert_int_equal(vt_structure_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(end);
    assert_int_equal(vt_structure_counts(reader)->n_unconverged, 1);
    vt_structure_close(reader);
    assert_int_equal(vt_structure_open(&reader, VT_SOURCE_ROOT "/tests/data/cp2k/h2_md.out", NULL),
                     VT_OK);
    assert_int_equal(vt_structure_read(reader, &frame, &end, NULL), VT_OK);
    assert_int_equal(frame.n_atoms, 2);
    FILE *sink = tmpfile();
    assert_int_equal(vt_structure_write(sink, VT_FORMAT_OUTCAR, &frame, 17, NULL), VT_UNSUPPORTED);
    fclose(sink);
    vt_structure_close(reader);
    vt_frame_destroy(&frame);
}

/* Opens the path and reads all frames; each must have one atom of the element. Returns how many
 * there were. */
static int frames_of(const char *path, int element)
{
    struct vt_structure_reader *reader;
    struct vt_frame frame = {0};
    struct vt_error error;
    int n = 0;
    assert_int_equal(vt_structure_open(&reader, path, &error), VT_OK);
    for (bool end = false;;) {
        assert_int_equal(vt_structure_read(reader, &frame, &end, &error), VT_OK);
        if (end)
            break;
        n++;
        assert_int_equal(frame.n_atoms, 1);
        assert_int_equal(frame.element[0], element);
        assert_string_equal(frame.file, path);
        assert_true(frame.has_cell);
    }
    bool end = false;
    assert_int_equal(vt_structure_read(reader, &frame, &end, &error), VT_OK);
    assert_true(end);
    vt_structure_close(reader);
    vt_frame_destroy(&frame);
    unlink(path);
    return n;
}

static void reads_every_format(void **state)
{
    (void)state;
    put("a.xyz", "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3\nLi 0 0 0\n"
                 "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3\nLi 1 0 0\n");
    assert_int_equal(frames_of("a.xyz", 3), 2);
    put("POSCAR", "t\n1\n4 0 0\n0 4 0\n0 0 4\nCl\n1\nDirect\n0 0 0\n");
    assert_int_equal(frames_of("POSCAR", 17), 1);
    put("a.data", "t\n1 atoms\n1 atom types\n0 4 xlo xhi\n0 4 ylo yhi\n0 4 zlo zhi\n\n"
                  "Masses\n\n1 16\n\nAtoms\n\n1 1 0 0 0\n");
    assert_int_equal(frames_of("a.data", 8), 1);
}

static void missing_files_are_named(void **state)
{
    (void)state;
    static const char *const paths[] = {"none.xyz", "POSCAR", "none.data"};
    for (size_t i = 0; i < 3; i++) {
        struct vt_structure_reader *reader;
        struct vt_error error;
        assert_int_equal(vt_structure_open(&reader, paths[i], &error), VT_INPUT);
        assert_null(reader);
        assert_string_equal(error.file, paths[i]);
        assert_string_equal(error.message, "cannot open: No such file or directory");
    }
}

static void errors_are_repeated(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.xyz", "POSCAR", "a.data"};
    for (size_t i = 0; i < 3; i++) {
        struct vt_structure_reader *reader;
        struct vt_frame frame = {0};
        bool end = false;
        put(paths[i], "nothing\nof any kind\n");
        assert_int_equal(vt_structure_open(&reader, paths[i], NULL), VT_OK);
        for (int k = 0; k < 2; k++) {
            struct vt_error error = {0};
            assert_int_equal(vt_structure_read(reader, &frame, &end, &error), VT_INPUT);
            assert_string_equal(error.file, paths[i]);
            assert_int_equal(error.line, i == 0 ? 1 : 2);
        }
        vt_structure_close(reader);
        vt_frame_destroy(&frame);
        unlink(paths[i]);
    }
    vt_structure_close(NULL);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.xyz", "POSCAR"};
    for (size_t i = 0; i < 2; i++) {
        put(paths[i], "1\n");
        bool failed = true;
        for (long n = 1; failed; n++) {
            struct vt_structure_reader *reader;
            vt_balance_fail(n);
            const enum vt_code code = vt_structure_open(&reader, paths[i], NULL);
            failed = vt_balance_failed();
            vt_balance_fail(0);
            assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
            vt_structure_close(reader);
        }
        unlink(paths[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_name_formats),
        cmocka_unit_test(contents_name_formats),
        cmocka_unit_test(outputs_of_dft_are_streams),
        TEST(reads_every_format),
        TEST(missing_files_are_named),
        TEST(errors_are_repeated),
        TEST(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
