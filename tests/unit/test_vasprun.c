/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elements of a vasprun.xml that count, as VASP 6 writes them. */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "io/vasprun.h"

#define HEAD                                                                                       \
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<modeling>\n"                                \
    " <!-- a comment\n of two lines <v> -->\n"                                                     \
    " <incar>\n  <i type=\"int\" name=\"NELM\">     3</i>\n </incar>\n"                            \
    " <parameters>\n  <i name=\"NELECT\">     10.0</i>\n </parameters>\n"                          \
    " <atominfo>\n  <atoms>       2 </atoms>\n  <array name=\"atoms\" >\n"                         \
    "   <dimension dim=\"1\">ion</dimension>\n   <field type=\"string\">element</field>\n"         \
    "   <set>\n    <rc><c>Li</c><c>   1</c></rc>\n    <rc><c>Cl</c><c>   2</c></rc>\n"             \
    "   </set>\n  </array>\n"                                                                      \
    "  <array name=\"atomtypes\" >\n   <set>\n"                                                    \
    "    <rc><c>   1</c><c>Li</c><c>   7.01</c><c>   3.0</c><c>  PAW_PBE Li_sv </c></rc>\n"        \
    "    <rc><c>   1</c><c>Cl</c><c>  35.45</c><c>   7.0</c><c>  PAW_PBE Cl </c></rc>\n"           \
    "   </set>\n  </array>\n </atominfo>\n"
#define STRUCTURE                                                                                  \
    "  <structure>\n   <crystal>\n    <varray name=\"basis\" >\n"                                  \
    "     <v>  5.0 0.0 0.0 </v>\n     <v>  0.0 4.0 0.0 </v>\n     <v>  1.0 0.0 2.5 </v>\n"         \
    "    </varray>\n    <i name=\"volume\">  50.0 </i>\n    <varray name=\"rec_basis\" >\n"        \
    "     <v>  9 9 9 </v>\n    </varray>\n   </crystal>\n   <varray name=\"positions\" >\n"        \
    "    <v>  0.0 0.0 0.0 </v>\n    <v>  0.5 0.5 0.5 </v>\n   </varray>\n  </structure>\n"
#define SCSTEP                                                                                     \
    "  <scstep>\n   <time name=\"diis\">0.1 0.1</time>\n   <energy>\n"                             \
    "    <i name=\"e_fr_energy\">  99.0 </i>\n   </energy>\n  </scstep>\n"
#define LABELS                                                                                     \
    "  <varray name=\"forces\" >\n   <v>  0.25 0.0 -1.0 </v>\n   <v> -0.25 0.0 1.0 </v>\n"         \
    "  </varray>\n  <varray name=\"stress\" >\n   <v> 12.0 0.25 -0.75 </v>\n"                      \
    "   <v> 0.25 -5.0 0.5 </v>\n   <v> -0.75 0.5 1.5 </v>\n  </varray>\n"                          \
    "  <energy>\n   <i name=\"e_fr_energy\">     -7.25 </i>\n"                                     \
    "   <i name=\"e_wo_entrp\">     -7.2 </i>\n  </energy>\n"
#define CALCULATION " <calculation>\n" SCSTEP SCSTEP STRUCTURE LABELS " </calculation>\n"
#define TAIL        "</modeling>\n"

static enum vt_code read_all(const char *text, bool lenient, struct vt_frame *frame,
                             struct vt_dft_counts *counts, struct vt_error *error)
{
    struct vt_vasprun_reader *reader = NULL;
    const struct vt_dft_text file = {"vasprun.xml", text, strlen(text)};
    struct vt_frame next = {0};
    bool end = false;
    enum vt_code code = vt_vasprun_open_memory(&reader, &file, lenient, error);
    if (!code)
        code = vt_vasprun_read(reader, frame, &end, error);
    while (!code && !end)
        code = vt_vasprun_read(reader, &next, &end, error);
    if (reader && counts)
        *counts = *vt_vasprun_counts(reader);
    frame->file = NULL;
    vt_frame_destroy(&next);
    vt_vasprun_close(reader);
    return code;
}

static void reads_calculations(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_dft_counts counts;
    double energy, virial[9];
    const double *forces;
    assert_int_equal(read_all(HEAD
                              " <structure name=\"initialpos\" />\n" CALCULATION CALCULATION TAIL,
                              false, &frame, &counts, NULL),
                     VT_OK);
    assert_int_equal(counts.n_frames, 2);
    assert_int_equal(frame.n_atoms, 2);
    assert_int_equal(frame.element[0], 3);
    assert_int_equal(frame.element[1], 17);
    assert_true(frame.position[1][0] == 3 && frame.position[1][2] == 1.25);
    assert_true(vt_frame_energy(&frame, &energy) && energy == -7.25);
    assert_true(vt_frame_forces(&frame, &forces) && forces[2] == -1);
    assert_true(vt_frame_virial(&frame, virial));
    assert_true(fabs(virial[2] + 0.75 * 5 / VT_GPA_PER_PRESSURE) < 1e-14);
    assert_true(fabs(virial[4] + 5 * 5 / VT_GPA_PER_PRESSURE) < 1e-14);
    assert_null(vt_frame_key(&frame, "charge"));
    vt_frame_destroy(&frame);
}

static void assert_refused(const char *text, long line, const char *message)
{
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    assert_int_equal(read_all(text, false, &frame, NULL, &error), VT_INPUT);
    assert_string_equal(error.message, message);
    assert_int_equal(error.line, line);
    vt_frame_destroy(&frame);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    assert_refused("", 0, "no <modeling>: this is no vasprun.xml");
    assert_refused("<html>\n</html>\n", 1, "<html> instead of <modeling>: this is no vasprun.xml");
    assert_refused(HEAD TAIL, 0, "the file has no calculation");
    assert_refused(HEAD CALCULATION, 71,
                   "the file ends within <modeling>, after 1 whole calculations: the job is "
                   "running or was killed");
    assert_refused(HEAD " <calculation>\n" SCSTEP STRUCTURE, 51,
                   "the file ends within <calculation>, after 0 whole calculations: the job is "
                   "running or was killed");
    assert_refused(
        HEAD " <calculation>\n" SCSTEP SCSTEP SCSTEP STRUCTURE LABELS " </calculation>\n" TAIL, 28,
        "the calculation took all 3 electronic steps that NELM allows: not converged");
    assert_refused(HEAD " <calculation>\n" SCSTEP LABELS " </calculation>\n" TAIL, 28,
                   "the calculation has 0 cell vectors, 0 positions and 2 forces for 2 atoms");
    assert_refused(HEAD " </calculation>\n", 28,
                   "'</calculation>' ends no element: '<modeling>' is "
                   "open");
    assert_refused(HEAD " <calculation\n>\n", 28, "the tag does not end on its line");
    assert_refused(HEAD " <calculation>\n" STRUCTURE " <varray name=\"forces\">\n <v> 1 2 x </v>\n",
                   47, "expected a finite number (a row), found 'x'");
}

static void leaves_out_what_is_not_whole(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_dft_counts counts;
    assert_int_equal(read_all(HEAD CALCULATION
                              " <calculation>\n" SCSTEP SCSTEP SCSTEP STRUCTURE LABELS
                              " </calculation>\n <calculation>\n" SCSTEP
                              "  <varray name=\"forces\">\n   <v> 1.0 2.",
                              true, &frame, &counts, NULL),
                     VT_OK);
    assert_int_equal(counts.n_frames, 1);
    assert_int_equal(counts.n_unconverged, 1);
    assert_int_equal(counts.n_incomplete, 1);
    /* a job that has just begun */
    assert_int_equal(read_all(HEAD TAIL, true, &frame, &counts, NULL), VT_OK);
    assert_int_equal(counts.n_frames, 0);
    assert_int_equal(counts.n_incomplete, 1);
    vt_frame_destroy(&frame);
}

static void refuses_an_outer_pressure(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    assert_int_equal(read_all(HEAD " <i name=\"PSTRESS\">  0.0</i>\n" CALCULATION TAIL, false,
                              &frame, NULL, &error),
                     VT_OK);
    assert_int_equal(read_all(HEAD " <i name=\"PSTRESS\"> 50.0</i>\n" CALCULATION TAIL, false,
                              &frame, NULL, &error),
                     VT_UNSUPPORTED);
    assert_int_equal(error.line, 28);
    vt_frame_destroy(&frame);
}

static void mends_cut_symbols(void **state)
{
    (void)state;
    static const char text[] = "<modeling>\n<array name=\"atoms\">\n<set>\n"
                               "<rc><c>r </c><c> 1</c></rc>\n<rc><c>X </c><c> 2</c></rc>\n"
                               "</set>\n</array>\n" CALCULATION TAIL;
    struct vt_frame frame = {0};
    assert_int_equal(read_all(text, false, &frame, NULL, NULL), VT_OK);
    assert_int_equal(frame.element[0], 40);
    assert_int_equal(frame.element[1], 54);
    vt_frame_destroy(&frame);
}

static void survives_a_lack_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_frame frame = {0};
        vt_balance_fail(n);
        const enum vt_code code =
            read_all(HEAD CALCULATION CALCULATION TAIL, false, &frame, NULL, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_frame_destroy(&frame);
    }
    vt_balance_fail(0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_calculations),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(leaves_out_what_is_not_whole),
        cmocka_unit_test(refuses_an_outer_pressure),
        cmocka_unit_test(mends_cut_symbols),
        cmocka_unit_test(survives_a_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
