/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of an OUTCAR that count, as VASP 6 prints them. */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "io/outcar.h"

#define HEAD                                                                                       \
    " vasp.6.3.0 20Jan22 (build Mar 2022) complex\n"                                               \
    " POTCAR:    PAW_PBE Li_sv 10Sep2004\n"                                                        \
    "   VRHFIN =Li: 1s2s2p\n"                                                                      \
    "   TITEL  = PAW_PBE Li_sv 10Sep2004\n"                                                        \
    "   POMASS =    7.010; ZVAL   =    3.000    mass and valenz\n"                                 \
    "   TITEL  = PAW_PBE Cl 06Sep2000\n"                                                           \
    "   POMASS =   35.453; ZVAL   =    7.000    mass and valenz\n"                                 \
    "   ions per type =               1   1\n"                                                     \
    "   NELECT =      10.0000    total number of electrons\n"
#define ITERATION "-------------------- Iteration      1(   1)  ----------------\n"
#define REACHED   "------ aborting loop because EDIFF is reached ------\n"
#define STRESS    "  in kB      12.00000   -5.00000    1.50000    0.25000    0.50000   -0.75000\n"
#define CELL                                                                                       \
    "      direct lattice vectors                 reciprocal lattice vectors\n"                    \
    "     5.000000000  0.000000000  0.000000000     0.200000000  0.000000000  0.000000000\n"       \
    "     0.000000000  4.000000000  0.000000000     0.000000000  0.250000000  0.000000000\n"       \
    "     0.000000000  0.000000000  2.500000000     0.000000000  0.000000000  0.400000000\n"
#define DASHES                                                                                     \
    " -----------------------------------------------------------------------------------\n"
#define FORCES                                                                                     \
    " POSITION                                       TOTAL-FORCE (eV/Angst)\n" DASHES              \
    "      0.10000      0.20000      0.30000        -0.500000      0.250000      0.125000\n"       \
    "      2.00000      2.00000      1.00000         0.500000     -0.250000     "                  \
    "-0.125000\n" DASHES                                                                           \
    "    total drift:                                0.000000      0.000000      0.000000\n"
#define ENERGY                                                                                     \
    "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)\n"                                             \
    "  ---------------------------------------------------\n"                                      \
    "  free  energy   TOTEN  =        -7.25000000 eV\n\n"                                          \
    "  energy  without entropy=       -7.20000000  energy(sigma->0) =       -7.22500000\n"
#define STEP ITERATION REACHED STRESS CELL FORCES ENERGY

static enum vt_code read_all(const char *text, bool lenient, struct vt_frame *frame,
                             struct vt_dft_counts *counts, struct vt_error *error)
{
    struct vt_outcar_reader *reader = NULL;
    const struct vt_dft_text file = {"OUTCAR", text, strlen(text)};
    struct vt_frame next = {0};
    bool end = false;
    enum vt_code code = vt_outcar_open_memory(&reader, &file, lenient, error);
    if (!code)
        code = vt_outcar_read(reader, frame, &end, error);
    while (!code && !end)
        code = vt_outcar_read(reader, &next, &end, error);
    if (reader && counts)
        *counts = *vt_outcar_counts(reader);
    frame->file = NULL;
    vt_frame_destroy(&next);
    vt_outcar_close(reader);
    return code;
}

static void reads_steps(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_dft_counts counts;
    double energy, virial[9];
    const double *forces;
    assert_int_equal(read_all(HEAD STEP STEP, false, &frame, &counts, NULL), VT_OK);
    assert_int_equal(counts.n_frames, 2);
    assert_int_equal(frame.n_atoms, 2);
    assert_int_equal(frame.element[0], 3);
    assert_int_equal(frame.element[1], 17);
    assert_int_equal(frame.line, 17);
    assert_true(frame.cell[2][2] == 2.5 && frame.position[1][1] == 2);
    assert_true(vt_frame_energy(&frame, &energy) && energy == -7.25);
    assert_true(vt_frame_forces(&frame, &forces) && forces[4] == -0.25);
    assert_true(vt_frame_virial(&frame, virial));
    const double unit = 50 / (10 * VT_GPA_PER_PRESSURE); /* kbar x volume */
    static const double expected[9] = {12, 0.25, -0.75, 0.25, -5, 0.5, -0.75, 0.5, 1.5};
    for (int i = 0; i < 9; i++)
        assert_true(fabs(virial[i] - unit * expected[i]) < 1e-14);
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
    assert_refused("a\nb\n", 0, "the file has no ionic step with forces");
    assert_refused(HEAD STEP ITERATION, 28,
                   "the file ends within ionic step 2: the job is running or was killed");
    assert_refused(HEAD ITERATION STRESS CELL FORCES ENERGY, 10,
                   "the electrons of ionic step 1 did not converge in 1 iterations");
    assert_refused(CELL FORCES ENERGY, 5,
                   "the elements are not known: 0 titles of POTCARs and 0 numbers of ions came "
                   "before");
    assert_refused(HEAD FORCES ENERGY, 10, "no cell was printed before these forces");
    assert_refused(HEAD "   ions per type =     2   1\n" CELL FORCES ENERGY, 15,
                   "2 rows of positions and forces do not match 'ions per type'");
    assert_refused(HEAD "   TITEL  = PAW_PBE Xx 1\n", 10, "unknown element 'Xx'");
    assert_refused(HEAD CELL " POSITION    TOTAL-FORCE (eV/Angst)\n" DASHES " 0 0 0 1 2\n", 16,
                   "expected 6 numbers (positions and forces), found 5");
    assert_refused(HEAD "   ions per type =     99999999999999\n", 10,
                   "ions per type is 99999999999999, outside of 1 to 2147483648");
}

static void leaves_out_what_is_no_label(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_dft_counts counts;
    assert_int_equal(
        read_all(HEAD STEP ITERATION FORCES ENERGY ITERATION REACHED FORCES ENERGY ITERATION, true,
                 &frame, &counts, NULL),
        VT_OK);
    assert_int_equal(counts.n_frames, 2);
    assert_int_equal(counts.n_unconverged, 1);
    assert_int_equal(counts.n_incomplete, 1);
    /* cut within a number */
    assert_int_equal(read_all(HEAD STEP ITERATION REACHED STRESS CELL
                              " POSITION    TOTAL-FORCE (eV/Angst)\n" DASHES " 0 0 0 1 2 -",
                              true, &frame, &counts, NULL),
                     VT_OK);
    assert_int_equal(counts.n_frames, 1);
    assert_int_equal(counts.n_incomplete, 1);
    /* steps of a learned force field are not labels */
    assert_int_equal(read_all(HEAD CELL " POSITION    TOTAL-FORCE (eV/Angst) (ML)\n" DASHES
                                        " 0 0 0 1 2 3\n 1 1 1 0 0 0\n" DASHES
                                        "  free  energy ML TOTEN  =        -7.0 eV\n" STEP,
                              false, &frame, &counts, NULL),
                     VT_OK);
    assert_int_equal(counts.n_frames, 1);
    assert_int_equal(counts.n_other, 1);
    /* a job that has just begun */
    assert_int_equal(read_all(HEAD, true, &frame, &counts, NULL), VT_OK);
    assert_int_equal(counts.n_frames, 0);
    assert_int_equal(counts.n_incomplete, 1);
    vt_frame_destroy(&frame);
}

static void refuses_an_outer_pressure(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    assert_int_equal(
        read_all(HEAD "   PSTRESS=    0.0 pullay stress\n" STEP, false, &frame, NULL, &error),
        VT_OK);
    assert_int_equal(
        read_all(HEAD "   PSTRESS=   50.0 pullay stress\n" STEP, false, &frame, NULL, &error),
        VT_UNSUPPORTED);
    assert_int_equal(error.line, 10);
    vt_frame_destroy(&frame);
}

static void notes_the_charge(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    assert_int_equal(read_all(HEAD "   NELECT =       9.0000    total number of electrons\n" STEP,
                              false, &frame, NULL, NULL),
                     VT_OK);
    assert_true(vt_frame_key(&frame, "charge")->real[0] == 1);
    vt_frame_destroy(&frame);
}

static void survives_a_lack_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_frame frame = {0};
        vt_balance_fail(n);
        const enum vt_code code = read_all(HEAD STEP STEP, false, &frame, NULL, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_frame_destroy(&frame);
    }
    vt_balance_fail(0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_steps),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(leaves_out_what_is_no_label),
        cmocka_unit_test(refuses_an_outer_pressure),
        cmocka_unit_test(notes_the_charge),
        cmocka_unit_test(survives_a_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
