/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance.h"
#include "base/memory.h"
#include "io/extxyz.h"
#include "io/extxyz_number.h"

#define HEAD "Properties=species:S:1:pos:R:3"

/* ---- help ---- */

static struct vt_extxyz_reader *open_text(const char *text)
{
    struct vt_extxyz_reader *reader = NULL;
    assert_int_equal(vt_extxyz_open_memory(&reader, "t.xyz", text, strlen(text), NULL), VT_OK);
    return reader;
}

/* The only frame of the text. */
static void read_one(const char *text, struct vt_frame *frame)
{
    struct vt_extxyz_reader *reader = open_text(text);
    struct vt_error error = {0};
    struct vt_frame second = {0};
    bool end = true;
    if (vt_extxyz_read(reader, frame, &end, &error) != VT_OK)
        fail_msg("%ld:%ld: %s", error.line, error.column, error.message);
    assert_false(end);
    assert_int_equal(vt_extxyz_read(reader, &second, &end, &error), VT_OK);
    assert_true(end);
    frame->file = NULL; /* belongs to the reader */
    vt_frame_destroy(&second);
    vt_extxyz_close(reader);
}

/* A frame of one atom with this comment line. */
static void read_comment(const char *comment, struct vt_frame *frame)
{
    char text[2048];
    snprintf(text, sizeof text, "1\n%s\nH 0 0 0\n", comment);
    read_one(text, frame);
}

/* What vt_extxyz_write makes of the frame; owned by the caller (free). */
static char *written(const struct vt_frame *frame, int digits)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(vt_extxyz_write(file, frame, digits, NULL), VT_OK);
    fclose(file);
    return text;
}

/* A file that holds the bytes; the caller removes it. */
static void make_file(char path[64], const char *bytes, size_t size)
{
    strcpy(path, "test_extxyz_XXXXXX");
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "wb");
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* ---- reading ---- */

static void test_two_frames(void **state)
{
    (void)state;
    struct vt_extxyz_reader *reader =
        open_text("2\n"
                  "Lattice=\"4 0 0 1 5 0 0 0 6\" Properties=species:S:1:pos:R:3 energy=-1.5\n"
                  "Li 0.1 -0.2 3e-1\n"
                  "  Cl\t1 2 3  \n"
                  "1\n"
                  "pbc=\"T F T\" Properties=forces:R:3:label:S:1:pos:R:3:Z:I:1:fixed:L:2\n"
                  "1 2 3 abc 4 5 6 8 T F"); /* no line feed at the end */
    struct vt_frame frame = {0};
    bool end = false;
    assert_int_equal(vt_extxyz_read(reader, &frame, &end, NULL), VT_OK);
    assert_false(end);
    assert_int_equal(frame.n_atoms, 2);
    assert_int_equal(frame.element[0], 3);
    assert_int_equal(frame.element[1], 17);
    assert_true(frame.position[0][0] == 0.1 && frame.position[0][1] == -0.2);
    assert_true(frame.position[0][2] == 0.3 && frame.position[1][2] == 3.0);
    assert_true(frame.has_cell && frame.cell[1][0] == 1.0 && frame.cell[2][2] == 6.0);
    assert_true(frame.periodic[0] && frame.periodic[1] && frame.periodic[2]);
    assert_string_equal(frame.file, "t.xyz");
    assert_int_equal(frame.line, 1);
    assert_int_equal(frame.index, 0);

    const double *forces = NULL;
    assert_int_equal(vt_extxyz_read(reader, &frame, &end, NULL), VT_OK);
    assert_false(end);
    assert_int_equal(frame.n_atoms, 1);
    assert_int_equal(frame.element[0], 8);
    assert_true(frame.position[0][0] == 4.0);
    assert_false(frame.has_cell);
    assert_true(frame.periodic[0] && !frame.periodic[1] && frame.periodic[2]);
    assert_true(vt_frame_forces(&frame, &forces) && forces[2] == 3.0);
    assert_string_equal(vt_frame_column(&frame, "label")->string[0], "abc");
    assert_true(vt_frame_column(&frame, "fixed")->logical[0]);
    assert_false(vt_frame_column(&frame, "fixed")->logical[1]);
    assert_int_equal(frame.n_keys, 0);
    assert_int_equal(frame.line, 5);
    assert_int_equal(frame.index, 1);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(vt_extxyz_read(reader, &frame, &end, NULL), VT_OK);
        assert_true(end);
    }
    vt_frame_destroy(&frame);
    vt_extxyz_close(reader);
    vt_extxyz_close(NULL);
}

static void test_plain_xyz(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_one("2\n\nH 0 0 1\nO 0 0 2\n\n  \n\n", &frame);
    assert_int_equal(frame.n_atoms, 2);
    assert_false(frame.has_cell || frame.periodic[0]);
    assert_int_equal(frame.n_keys, 0);

    read_one("1\na \"molecule\nH 0 0 1\n", &frame);
    assert_string_equal(vt_frame_key(&frame, "comment")->string[0], "a \"molecule");
    read_one("1\n step = 1, the step = 2\nH 0 0 1\n", &frame);
    assert_int_equal(frame.n_keys, 1);
    assert_string_equal(vt_frame_key(&frame, "comment")->string[0], " step = 1, the step = 2");

    read_one("1\nLattice of salt\nH 0 0 1\n", &frame);
    assert_string_equal(vt_frame_key(&frame, "comment")->string[0], "Lattice of salt");

    double energy = 0;
    read_one("1\n i = 12, time = 6.0, energy = -343.5\nH 0 0 1\n", &frame);
    assert_true(vt_frame_energy(&frame, &energy) && energy == -343.5);
    assert_int_equal(vt_frame_key(&frame, "i")->integer[0], 12);
    vt_frame_destroy(&frame);
}

static void test_line_ends_and_byte_order_mark(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_one("\xef\xbb\xbf"
             "1\r\n" HEAD " name=x\r\nH 0 0 1\r\n\r\n",
             &frame);
    assert_int_equal(frame.n_atoms, 1);
    assert_string_equal(vt_frame_key(&frame, "name")->string[0], "x");
    vt_frame_destroy(&frame);
}

static void test_spellings_of_the_known_keys(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    double energy = 0, virial[9];
    read_comment("lattice = \" 4 0 0  0 5 0 0 0 6 \" properties=SPECIES:s:1:Pos:r:3 "
                 "PBC='1 0 T' Energy = -2 VIRIAL=[[1, 2, 3], [4, 5, 6], [7, 8, 9]]",
                 &frame);
    assert_true(frame.has_cell && frame.cell[0][0] == 4.0 && frame.cell[2][2] == 6.0);
    assert_true(frame.periodic[0] && !frame.periodic[1] && frame.periodic[2]);
    assert_true(vt_frame_energy(&frame, &energy) && energy == -2.0);
    assert_true(vt_frame_virial(&frame, virial));
    assert_true(virial[0] == 1.0 && virial[1] == 2.0 && virial[8] == 9.0);

    read_comment("Lattice=\"4 5 6\" pbc=False Properties=element:S:1:pos:R:3", &frame);
    assert_true(frame.cell[0][0] == 4.0 && frame.cell[1][1] == 5.0 && frame.cell[2][2] == 6.0);
    assert_true(frame.cell[0][1] == 0.0 && !frame.periodic[0] && !frame.periodic[2]);
    read_comment("Lattice={4 0 0 0 5 0 0 0 6}", &frame);
    assert_true(frame.cell[1][1] == 5.0);
    vt_frame_destroy(&frame);
}

static void assert_key(const struct vt_frame *frame, const char *name, enum vt_value_type type,
                       size_t count, bool is_array)
{
    const struct vt_key *key = vt_frame_key(frame, name);
    if (!key)
        fail_msg("no key %s", name);
    assert_int_equal(key->type, type);
    assert_int_equal(key->count, count);
    assert_int_equal(key->is_array, is_array);
}

static void test_types_of_keys(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_comment(HEAD
                 " i=12 r=1.5 e=1e5 big=9999999999999999999 l=F word=abc quoted=\"a b\" "
                 "one=\"7\" ints=\"1 2 3\" mixed=\"1 2.5\" flags='T F' commas=1,2 text=\"1 x\" "
                 "long=true odd=nan",
                 &frame);
    assert_key(&frame, "i", VT_INTEGER, 1, false);
    assert_key(&frame, "r", VT_REAL, 1, false);
    assert_key(&frame, "e", VT_REAL, 1, false);
    assert_key(&frame, "big", VT_REAL, 1, false);
    assert_key(&frame, "l", VT_LOGICAL, 1, false);
    assert_key(&frame, "word", VT_STRING, 1, false);
    assert_key(&frame, "quoted", VT_STRING, 1, false);
    assert_key(&frame, "one", VT_INTEGER, 1, false);
    assert_key(&frame, "ints", VT_INTEGER, 3, true);
    assert_key(&frame, "mixed", VT_REAL, 2, true);
    assert_key(&frame, "flags", VT_LOGICAL, 2, true);
    assert_key(&frame, "commas", VT_INTEGER, 2, true);
    assert_key(&frame, "text", VT_STRING, 1, false);
    assert_key(&frame, "long", VT_STRING, 1, false);
    assert_key(&frame, "odd", VT_STRING, 1, false);
    assert_int_equal(vt_frame_key(&frame, "ints")->integer[2], 3);
    assert_true(vt_frame_key(&frame, "mixed")->real[0] == 1.0);
    assert_string_equal(vt_frame_key(&frame, "quoted")->string[0], "a b");
    vt_frame_destroy(&frame);
}

static void test_arrays_in_keys(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_comment(HEAD " new=[1,2, 3] nested=[[1, 2.5], [3, 4], [5, 6]] one=[4] old={1 2} "
                      "single={5} words=[a, \"b c\", 'd'] digits=[\"1\", \"2\"] none=[] "
                      "json=\"_JSON [[1, 2], [3, 4]]\" bare last",
                 &frame);
    assert_key(&frame, "new", VT_INTEGER, 3, true);
    assert_key(&frame, "nested", VT_REAL, 6, true);
    assert_key(&frame, "one", VT_INTEGER, 1, true);
    assert_key(&frame, "old", VT_INTEGER, 2, true);
    assert_key(&frame, "single", VT_INTEGER, 1, false);
    assert_key(&frame, "words", VT_STRING, 3, true);
    assert_key(&frame, "digits", VT_STRING, 2, true);
    assert_key(&frame, "none", VT_REAL, 0, true);
    assert_key(&frame, "json", VT_STRING, 1, false);
    assert_key(&frame, "bare", VT_LOGICAL, 1, false);
    assert_key(&frame, "last", VT_LOGICAL, 1, false);
    assert_true(vt_frame_key(&frame, "nested")->real[5] == 6.0);
    assert_true(vt_frame_key(&frame, "last")->logical[0]);
    assert_string_equal(vt_frame_key(&frame, "words")->string[1], "b c");
    assert_string_equal(vt_frame_key(&frame, "json")->string[0], "_JSON [[1, 2], [3, 4]]");
    vt_frame_destroy(&frame);
}

static void test_quotes_and_escapes(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_comment(HEAD " a=\"say \\\"hi\\\"\" b='it\\'s' c=\"back\\\\slash\" d=\"two\\nlines\" "
                      "e=\"\" f=C:\\dir g=x=y \"odd key\"=1 'k=v' =2 h=\"it's\"",
                 &frame);
    assert_string_equal(vt_frame_key(&frame, "a")->string[0], "say \"hi\"");
    assert_string_equal(vt_frame_key(&frame, "b")->string[0], "it's");
    assert_string_equal(vt_frame_key(&frame, "c")->string[0], "back\\slash");
    assert_string_equal(vt_frame_key(&frame, "d")->string[0], "two\nlines");
    assert_string_equal(vt_frame_key(&frame, "e")->string[0], "");
    assert_string_equal(vt_frame_key(&frame, "f")->string[0], "C:\\dir");
    assert_string_equal(vt_frame_key(&frame, "g")->string[0], "x=y");
    assert_string_equal(vt_frame_key(&frame, "h")->string[0], "it's");
    assert_int_equal(vt_frame_key(&frame, "odd key")->integer[0], 1);
    assert_int_equal(vt_frame_key(&frame, "k=v")->integer[0], 2);
    vt_frame_destroy(&frame);
}

/* ---- files larger than the window ---- */

static char *repeat(size_t n, const char *head, const char *item, const char *tail)
{
    const size_t length = strlen(item);
    char *text = malloc(strlen(head) + n * length + strlen(tail) + 1);
    assert_non_null(text);
    char *p = stpcpy(text, head);
    for (size_t i = 0; i < n; i++)
        p = stpcpy(p, item);
    strcpy(p, tail);
    return text;
}

static void read_file(const char *path, struct vt_frame *frame)
{
    struct vt_extxyz_reader *reader = NULL;
    bool end = true;
    assert_int_equal(vt_extxyz_open(&reader, path, NULL), VT_OK);
    assert_int_equal(vt_extxyz_read(reader, frame, &end, NULL), VT_OK);
    assert_false(end);
    frame->file = NULL;
    vt_extxyz_close(reader);
}

static void test_a_line_longer_than_the_window(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    char *text = repeat(COUNT, "1\n" HEAD " many=[7", ",7", "]\nH 1 2 3\n");
    char path[64];
    struct vt_frame frame = {0};
    make_file(path, text, strlen(text));
    read_file(path, &frame);
    assert_key(&frame, "many", VT_INTEGER, COUNT + 1, true);
    assert_int_equal(vt_frame_key(&frame, "many")->integer[COUNT], 7);
    assert_true(frame.position[0][2] == 3.0);
    vt_frame_destroy(&frame);
    unlink(path);
    free(text);
}

static void test_more_atoms_than_the_first_guess(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    char *text =
        repeat(COUNT, "100000\nProperties=species:S:1:pos:R:3:tag:I:1\n", "Li 1.5 2.5 3.5 9\n", "");
    char path[64];
    struct vt_frame frame = {0};
    make_file(path, text, strlen(text));
    read_file(path, &frame);
    assert_int_equal(frame.n_atoms, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(frame.element[i], 3);
        assert_true(frame.position[i][1] == 2.5);
        assert_int_equal(vt_frame_column(&frame, "tag")->integer[i], 9);
    }
    vt_frame_destroy(&frame);
    unlink(path);
    free(text);
}

static void test_standard_input(void **state)
{
    (void)state;
    char path[64];
    struct vt_frame frame = {0};
    make_file(path, "1\n\nH 1 2 3\n", 11);
    assert_non_null(freopen(path, "r", stdin));
    read_file("-", &frame);
    assert_int_equal(frame.n_atoms, 1);
    vt_frame_destroy(&frame);
    unlink(path);
}

static void test_files_that_cannot_be_read(void **state)
{
    (void)state;
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    assert_int_equal(vt_extxyz_open(&reader, "no/such.xyz", &error), VT_INPUT);
    assert_null(reader);
    assert_string_equal(error.file, "no/such.xyz");
    assert_string_equal(error.message, "cannot open: No such file or directory");

    assert_int_equal(vt_extxyz_open(&reader, "/", NULL), VT_OK);
    assert_int_equal(vt_extxyz_read(reader, &frame, &end, &error), VT_INPUT);
    assert_string_equal(error.message, "cannot read: Is a directory");
    vt_extxyz_close(reader);
    vt_frame_destroy(&frame);
}

/* ---- wrong input ---- */

struct wrong {
    const char *text;
    long line, column;
    const char *message, *hint;
};

#define AGAIN_HINT "for example Properties=species:S:1:pos:R:3:forces:R:3"

static const struct wrong wrongs[] = {
    {"x\n", 1, 1, "expected the number of atoms, found 'x'", ""},
    {"0\n\n", 1, 1, "a frame must have at least one atom", ""},
    {"-3\n\n", 1, 1, "a frame must have at least one atom", ""},
    {"2 atoms\n\n", 1, 3, "expected only the number of atoms in this line, found 'atoms'", ""},
    {"\x1f\x8b\x08\x01", 1, 1, "this is not text: control character 0x1f", ""},
    {"2", 1, 0, "the file ends after the number of atoms", ""},
    {"2\n\nH 0 0 0\n", 3, 0, "the file ends after 1 of the 2 atoms that line 1 announces", ""},
    {"1000000000000\n\nH 0 0 0\n", 3, 0,
     "the file ends after 1 of the 1000000000000 atoms that line 1 announces", ""},
    {"2\n\nH 0 0 0\n1\n\nH 0 0 0\n", 4, 1, "the frame of line 1 announces 2 atoms but has 1",
     "this line looks like the head of the next frame"},
    {"2\n\nH 0 0 0\n\n", 4, 1, "the frame of line 1 announces 2 atoms but has 1", ""},
    {"1\n\nH 0 0 0\nO 0 0 0\n", 4, 1, "expected the number of atoms, found 'O'",
     "the frame before, of line 1, announces 1 atoms: has it more?"},
    {"1\n\nH 0 0 0\n\n1\n\nH 0 0 0\n", 5, 1,
     "there is more after the empty line 4, where other programs stop reading",
     "remove the empty line, or what follows it"},
    {"1\n\nH 0 0\n", 3, 6, "expected 4 words for an atom, found 3",
     "name the columns in the comment line: Properties=species:S:1:pos:R:3:..."},
    {"1\n\nH 0 0 0 0.5 7\n", 3, 9, "expected 4 words for an atom, found 6",
     "name the columns in the comment line: Properties=species:S:1:pos:R:3:..."},
    {"1\n" HEAD ":x:I:1\nH 0 0 0\n", 3, 8, "expected 5 words for an atom, found 4", ""},
    {"1\n" HEAD ":x:R:2147483647\nH 0 0 0\n", 3, 8,
     "expected 2147483651 words for an atom, found 4", ""},
    {"1\n\nXy 0 0 0\n", 3, 1, "unknown element 'Xy'", "did you mean 'Y'?"},
    {"1\n\nli 0 0 0\n", 3, 1, "unknown element 'li'", "did you mean 'Li'?"},
    {"1\n\n3 0 0 0\n", 3, 1, "unknown element '3'", "a column of atomic numbers is named Z:I:1"},
    {"1\n\nH 0 1.0x 0\n", 3, 5, "expected a finite number (position), found '1.0x'", ""},
    {"1\n\nH 0 0 nan\n", 3, 7, "expected a finite number (position), found 'nan'", ""},
    {"1\n\nH -inf 0 0\n", 3, 3, "expected a finite number (position), found '-inf'", ""},
    {"1\n\nH 0 1e999 0\n", 3, 5, "expected a finite number (position), found '1e999'", ""},
    {"1\n\nH 0 0\0010\n", 3, 6, "this is not text: control character 0x01", ""},
    {"1\nProperties=Z:I:1:pos:R:3\n119 0 0 0\n", 3, 1,
     "expected an atomic number (element), found '119'", ""},
    {"1\n" HEAD ":a:I:1\nH 0 0 0 1.5\n", 3, 9, "expected an integer (a), found '1.5'", ""},
    {"1\n" HEAD ":a:L:1\nH 0 0 0 2\n", 3, 9, "expected T or F (a), found '2'", ""},
    {"1\n" HEAD ":a:R:2\nH 0 0 0 1 --2\n", 3, 11, "expected a finite number (a), found '--2'", ""},
    {"1\nLattice=\"1 2 3 4\"\n", 2, 1, "expected 9 numbers for Lattice, found 4",
     "the vectors a, b and c, or 3 numbers for the edges of a rectangular box"},
    {"1\nLattice=\"1 0 0 0 1 0 0 0 one\"\n", 2, 26,
     "expected a finite number (Lattice), found 'one'", ""},
    {"1\nLattice=\"1 1 1\" lattice=\"1 1 1\"\n", 2, 17, "lattice is there twice", ""},
    {"1\n" HEAD " a=1 a=2\n", 2, 36, "a is there twice", ""},
    {"1\n" HEAD " pbc=\"T T\"\n", 2, 32, "expected 3 values for pbc, found 2",
     "for example pbc=\"T T F\""},
    {"1\n" HEAD " pbc=\"T T 2\"\n", 2, 41, "expected T or F (pbc), found '2'", ""},
    {"1\n" HEAD " energy=nan\n", 2, 39, "expected a finite number (energy), found 'nan'", ""},
    {"1\n" HEAD " energy=\"1 2\"\n", 2, 32, "expected 1 number for energy, found 2", ""},
    {"1\n" HEAD " virial=\"1 2 3\"\n", 2, 32, "expected 9 numbers for virial, found 3", ""},
    {"1\n" HEAD " stress\n", 2, 32, "expected 9 numbers for stress, found 0", ""},
    {"1\n" HEAD " a=\"b\n", 2, 34, "the quote that opens here is not closed", ""},
    {"1\n" HEAD " a=[1, [2]]\n", 2, 34, "this array mixes rows and single values", ""},
    {"1\n" HEAD " a=[[1, 2\n", 2, 34, "the bracket that opens here is not closed", ""},
    {"1\n" HEAD " a=[[1, 2], [3]]\n", 2, 45, "the rows of this array differ in length", ""},
    {"1\n" HEAD " a=[[1, 2], 3]\n", 2, 34, "this array mixes rows and single values", ""},
    {"1\n" HEAD " a=[[[1]]]\n", 2, 36, "unexpected '[' in an array", ""},
    {"1\n" HEAD " a=\"b\"c\n", 2, 37, "expected a blank before 'c'", ""},
    {"1\n" HEAD " =3\n", 2, 32, "the name of a key is missing", ""},
    {"1\n" HEAD " a=\001\n", 2, 34, "the comment line has a control character (0x01)", ""},
    {"1\nProperties=[1]\n", 2, 1, "Properties has no value", ""},
    {"1\nProperties=pos:R:3\n", 2, 12, "Properties has no column 'species'", AGAIN_HINT},
    {"1\nProperties=species:S:1\n", 2, 12, "Properties has no column 'pos'", AGAIN_HINT},
    {"1\nProperties=species:S:1:pos:R:2\n", 2, 24, "column 'pos' must be pos:R:3", ""},
    {"1\nProperties=species:I:1:pos:R:3\n", 2, 12, "column 'species' must be species:S:1", ""},
    {"1\n" HEAD ":a:X:1\n", 2, 34, "expected the type of a column, found 'X'",
     "R (real), I (integer), L (logical) or S (text)"},
    {"1\n" HEAD ":a:R\n", 2, 32, "column 'a' lacks its type or its number of columns", AGAIN_HINT},
    {"1\n" HEAD ":\n", 2, 32, "the name of a column is missing", AGAIN_HINT},
    {"1\n" HEAD ":a:R:0\n", 2, 36, "number of columns is 0, outside of 1 to 2147483647", ""},
    {"1\n" HEAD ":a:R:1:a:R:1\n", 2, 38, "column 'a' is there twice", ""},
    {"1\n" HEAD ":pos:R:3\n", 2, 32, "column 'pos' is there twice", ""},
};

static void test_wrong_input_is_explained(void **state)
{
    (void)state;
    bool failed = false;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        const struct wrong *wrong = &wrongs[i];
        struct vt_extxyz_reader *reader = open_text(wrong->text);
        struct vt_frame frame = {0};
        struct vt_error error = {0};
        enum vt_code code = VT_OK;
        bool end = false;
        while (!code && !end)
            code = vt_extxyz_read(reader, &frame, &end, &error);
        if (code != VT_INPUT || error.line != wrong->line || error.column != wrong->column ||
            strcmp(error.message, wrong->message) != 0 || strcmp(error.hint, wrong->hint) != 0) {
            print_error("%s\ngave code %d, %ld:%ld: %s (%s)\n", wrong->text, code, error.line,
                        error.column, error.message, error.hint);
            failed = true;
        }
        const struct vt_error first = error;
        assert_int_equal(vt_extxyz_read(reader, &frame, &end, &error), code);
        assert_memory_equal(&first, &error, sizeof first);
        assert_int_equal(frame.n_atoms, 0);
        vt_frame_destroy(&frame);
        vt_extxyz_close(reader);
    }
    assert_false(failed);
}

static enum vt_code read_everything(const char *text, struct vt_error *error)
{
    struct vt_extxyz_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    enum vt_code code = vt_extxyz_open_memory(&reader, "t.xyz", text, strlen(text), error);
    while (!code && !end)
        code = vt_extxyz_read(reader, &frame, &end, error);
    vt_frame_destroy(&frame);
    vt_extxyz_close(reader);
    return code;
}

static void test_lines_made_to_hurt(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *message;
    } cases[] = {{" k", "=1", "the comment line has more than 10000 keys"},
                 {":c", ":R:1", "Properties names more than 10000 columns"}};
    enum { COUNT = 10001, SIZE = COUNT * 12 + 64 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vt_error error = {0};
        size_t length = (size_t)snprintf(text, SIZE, "1\n" HEAD);
        for (int k = 0; k < COUNT; k++)
            length += (size_t)snprintf(text + length, SIZE - length, "%s%d%s", cases[i].before, k,
                                       cases[i].after);
        assert_int_equal(read_everything(text, &error), VT_INPUT);
        assert_string_equal(error.message, cases[i].message);
    }
    free(text);
}

static void test_every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static const char text[] = "2\n" HEAD ":label:S:2:x:R:1 a=1 b=\"c d\" e=[1, 2] f=[g, h]\n"
                               "H 0 0 0 ab c 1\nO 1 1 1 d e 2\n";
    long failures = 0;
    for (long n = 1;; n++) {
        vt_balance_fail(n);
        const enum vt_code code = read_everything(text, NULL);
        if (!vt_balance_failed()) {
            vt_balance_fail(0);
            assert_int_equal(code, VT_OK);
            break;
        }
        assert_int_equal(code, VT_MEMORY);
        failures++;
    }
    assert_true(failures > 20);
}

/* ---- writing ---- */

static void test_written_text(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_one("1\nenergy=-2 weight=1.0 \"odd key\"='x y' none=[] e=\"\" l=[T, F] w=[a, \"b]\"] "
             "one=[3] flag Properties=tag:I:1:pos:R:3:species:S:1:m:L:1:n:S:1:bec:R:2 "
             "lattice=\"4 5.5 6\"\n7 0.1 1e-9 -3 Li T word 1 0.5\n",
             &frame);
    char *text = written(&frame, 17);
    assert_string_equal(
        text, "1\n"
              "Lattice=\"4.0 0.0 0.0 0.0 5.5 0.0 0.0 0.0 6.0\" "
              "Properties=species:S:1:pos:R:3:tag:I:1:m:L:1:n:S:1:bec:R:2 pbc=\"T T T\" "
              "energy=-2 weight=1.0 \"odd key\"=\"x y\" none=\"_JSON []\" e=\"_JSON \\\"\\\"\" "
              "l=\"T F\" w=[\"a\", \"b\\]\"] one=[3] flag=T\n"
              "Li 0.1 1e-09 -3.0 7 T word 1.0 0.5\n");
    struct vt_frame again = {0};
    read_one(text, &again);
    char *second = written(&again, 17);
    assert_string_equal(second, text);
    assert_string_equal(vt_frame_key(&again, "e")->string[0], "");
    assert_key(&again, "none", VT_REAL, 0, true);
    free(text);
    free(second);
    vt_frame_destroy(&frame);
    vt_frame_destroy(&again);
}

static void test_fewer_digits(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    read_one("1\n\nH 1.23456789 100 1e-7\n", &frame);
    char *text = written(&frame, 4);
    assert_string_equal(text, "1\nProperties=species:S:1:pos:R:3 pbc=\"F F F\"\n"
                              "H 1.235 100.0 1e-07\n");
    free(text);
    vt_frame_destroy(&frame);
}

static void test_write_errors_are_reported(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    read_one("1\n\nH 0 0 0\n", &frame);
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        assert_int_equal(vt_extxyz_write(full, &frame, 17, &error), VT_IO);
        assert_string_equal(error.message, "cannot write a frame: No space left on device");
        fclose(full);
    }
    frame.position[0][1] = NAN;
    FILE *file = tmpfile();
    assert_int_equal(vt_extxyz_write(file, &frame, 17, &error), VT_FAILED);
    assert_string_equal(error.message,
                        "cannot write a frame: it holds a number that is not finite");
    fclose(file);
    vt_frame_destroy(&frame);
}

/* ---- numbers ---- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void assert_reads_back(double value)
{
    char text[VT_NUMBER_SIZE];
    const size_t length = vt_write_number(text, value, 17);
    assert_true(length < sizeof text && strlen(text) == length);
    const double again = strtod(text, NULL);
    if (memcmp(&again, &value, sizeof value) != 0 || !strpbrk(text, ".e"))
        fail_msg("%a became %s", value, text);
}

static void test_numbers_read_back(void **state)
{
    (void)state;
    static const double special[] = {0.0,
                                     -0.0,
                                     1.0,
                                     -1.0,
                                     1e-6,
                                     1e-5,
                                     0.1,
                                     1.0 / 3,
                                     1e15,
                                     1e16,
                                     1e22,
                                     1e23,
                                     1e300,
                                     4.9e-324,
                                     1e-7,
                                     123456.0,
                                     1e14,
                                     999999999999999.9,
                                     9007199254740993.0,
                                     1.7976931348623157e308};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        assert_reads_back(special[i]);
    uint64_t random = 88172645463325252U;
    for (int i = 0; i < 200000; i++) {
        const uint64_t bits = next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            assert_reads_back(value);
        /* of the size of positions and forces */
        value = ((double)(bits >> 11) * 0x1p-53 - 0.5) * exp2((double)(bits % 64) - 32.0);
        assert_reads_back(value);
        assert_reads_back(nextafter(pow(10.0, (double)(bits % 30) - 10.0), bits & 64 ? 0.0 : 1e30));
    }
}

static void test_numbers_are_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.0, "0.0"},
                 {-0.0, "-0.0"},
                 {1.0, "1.0"},
                 {0.1, "0.1"},
                 {-2.5, "-2.5"},
                 {1e-6, "0.000001"},
                 {1e15, "1e+15"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {100.25, "100.25"},
                 {1e14, "100000000000000.0"},
                 {1e-300, "1e-300"},
                 {12345.678, "12345.678"},
                 {1.0 / 3, "0.3333333333333333"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[VT_NUMBER_SIZE];
        vt_write_number(text, cases[i].value, 17);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_frames),
        cmocka_unit_test(test_plain_xyz),
        cmocka_unit_test(test_line_ends_and_byte_order_mark),
        cmocka_unit_test(test_spellings_of_the_known_keys),
        cmocka_unit_test(test_types_of_keys),
        cmocka_unit_test(test_arrays_in_keys),
        cmocka_unit_test(test_quotes_and_escapes),
        cmocka_unit_test(test_a_line_longer_than_the_window),
        cmocka_unit_test(test_more_atoms_than_the_first_guess),
        cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_wrong_input_is_explained),
        cmocka_unit_test(test_lines_made_to_hurt),
        cmocka_unit_test(test_every_failed_allocation_is_survived),
        cmocka_unit_test(test_written_text),
        cmocka_unit_test(test_fewer_digits),
        cmocka_unit_test(test_write_errors_are_reported),
        cmocka_unit_test(test_numbers_read_back),
        cmocka_unit_test(test_numbers_are_short),
    };
    return VT_RUN_TESTS(tests);
}
