/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outputs of CP2K 2023.1 (tests/data/cp2k), and the forms of other versions. */
#include "balance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "io/cp2k.h"

#define DATA VT_SOURCE_ROOT "/tests/data/cp2k/"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g instead of %.17g", value, expected);
}

/* ---- files of 2023.1 ---- */

static void reads_molecular_dynamics(void **state)
{
    (void)state;
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    double energy, virial[9];
    const double *forces;
    assert_int_equal(vt_cp2k_open(&reader, DATA "h2_md.out", false, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_false(end);
    assert_int_equal(frame.n_atoms, 2);
    assert_int_equal(frame.element[1], 1);
    assert_true(frame.position[1][2] == 0.78);
    assert_true(frame.cell[2][2] == 4.4);
    assert_string_equal(frame.file, DATA "h2_md.out");

    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_false(end);
    assert_int_equal(frame.index, 1);
    assert_true(vt_frame_energy(&frame, &energy));
    assert_near(energy, -1.172346161409312 * VT_HARTREE, 1e-12);
    assert_true(frame.position[1][0] == 0.0511211642);
    assert_true(vt_frame_forces(&frame, &forces));
    assert_near(forces[4], -0.27796789 * VT_HARTREE / VT_BOHR, 1e-12);
    assert_true(vt_frame_virial(&frame, virial));
    const double volume = 4.2 * 4.3 * 4.4;
    assert_near(virial[8], -1.07317382173 * volume / VT_GPA_PER_PRESSURE, 1e-12);
    assert_near(virial[1], -0.128652030124 * volume / VT_GPA_PER_PRESSURE, 1e-12);

    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(end);
    assert_int_equal(vt_cp2k_counts(reader)->n_frames, 2);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

/* The trajectory beside it begins with the steps of another run. */
static void finds_the_steps_of_a_cell_optimisation(void **state)
{
    (void)state;
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    static const double a[] = {4.2, 4.210986, 4.211433};
    static const double z[] = {0.78, 0.6699477727, 0.6620790007};
    static const double volume[] = {79.464, 79.267569, 78.607284};
    assert_int_equal(vt_cp2k_open(&reader, DATA "h2_cell.out", false, NULL), VT_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
        assert_false(end);
        assert_true(frame.cell[0][0] == a[i]);
        assert_true(frame.position[1][2] == z[i]);
        assert_near(fabs(vt_mat3_determinant((const double(*)[3])frame.cell)), volume[i], 5e-5);
    }
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(end);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

/* At print level LOW only the input has a structure. */
static void takes_the_structure_from_the_input(void **state)
{
    (void)state;
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    assert_int_equal(vt_cp2k_open(&reader, DATA "h2_low.out", false, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_false(end);
    assert_true(frame.position[0][0] == 0.1 && frame.cell[1][1] == 4.3);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

static void refuses_what_did_not_converge(void **state)
{
    (void)state;
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error;
    bool end = false;
    assert_int_equal(vt_cp2k_open(&reader, DATA "h2_unconverged.out", false, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, &error), VT_INPUT);
    assert_string_equal(error.message, "the electrons of evaluation 1 did not converge");
    assert_int_equal(error.line, 60);
    vt_cp2k_close(reader);
    assert_int_equal(vt_cp2k_open(&reader, DATA "h2_unconverged.out", true, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(end);
    assert_int_equal(vt_cp2k_counts(reader)->n_unconverged, 1);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

/* ---- forms of other versions, in memory ---- */

#define HEAD                                                                                       \
    " CP2K| version string:         CP2K version 2024.3\n"                                         \
    " GLOBAL| Project name          x\n"
#define CELL                                                                                       \
    " CELL| Vector a [angstrom]:  5.000  0.000  0.000   |a| =  5.000000\n"                         \
    " CELL| Vector b [angstrom]:  2.500  4.330  0.000   |b| =  5.000000\n"                         \
    " CELL| Vector c [angstrom]:  0.000  0.000  6.000   |c| =  6.000000\n"                         \
    " CELL| Angle (b,c), alpha [degree]:  90.000000\n"                                             \
    " CELL| Angle (a,c), beta  [degree]:  90.000000\n"                                             \
    " CELL| Angle (a,b), gamma [degree]:  60.000000\n"                                             \
    " CELL| Periodicity     XYZ\n"
#define ATOMS                                                                                      \
    " MODULE QUICKSTEP: ATOMIC COORDINATES IN ANGSTROM\n\n"                                        \
    "  Atom Kind Element   X   Y   Z   Z(eff)   Mass\n"                                            \
    "    1   1 Li   3   0.100000  0.200000  0.300000   3.00  6.94\n"                               \
    "    2   2 Cl  17   2.000000  2.000000  3.000000   7.00  35.45\n\n"
#define ENERGY " ENERGY| Total FORCE_EVAL ( QS ) energy [hartree]     -2.500000000\n"
#define FORCES                                                                                     \
    " FORCES| Atomic forces [hartree/bohr]\n"                                                      \
    " FORCES|   Atom     x     y     z     |f|\n"                                                  \
    " FORCES|      1  0.0100  0.0200  0.0300  0.0374\n"                                            \
    " FORCES|      2 -0.0100 -0.0200 -0.0300  0.0374\n"                                            \
    " FORCES|    Sum  0.0  0.0  0.0  0.0\n"
#define STRESS(unit, row)                                                                          \
    " STRESS| Analytical stress tensor [" unit "]\n STRESS|      x      y      z\n"                \
    " STRESS|  x  " row "\n STRESS|  y  0 0 0\n STRESS|  z  0 0 0\n"

static enum vt_code read_first(const struct vt_cp2k_texts *texts, struct vt_frame *frame,
                               struct vt_error *error)
{
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame next = {0};
    bool end = false;
    enum vt_code code = vt_cp2k_open_memory(&reader, texts, false, error);
    if (!code)
        code = vt_cp2k_read(reader, frame, &end, error);
    while (!code && !end)
        code = vt_cp2k_read(reader, &next, &end, error);
    frame->file = NULL;
    vt_frame_destroy(&next);
    vt_cp2k_close(reader);
    return code;
}

static enum vt_code read_text(const char *text, struct vt_frame *frame, struct vt_error *error)
{
    const struct vt_cp2k_texts texts = {.output = {"out", text, strlen(text)}};
    return read_first(&texts, frame, error);
}

static void reads_the_new_form_of_forces(void **state)
{
    (void)state;
    struct vt_frame frame = {0};
    const double *forces;
    double virial[9];
    assert_int_equal(
        read_text(HEAD " DFT| Charge   -1\n" CELL ATOMS ENERGY FORCES STRESS("bar", "1000 0 0"),
                  &frame, NULL),
        VT_OK);
    assert_int_equal(frame.n_atoms, 2);
    assert_int_equal(frame.element[0], 3);
    assert_int_equal(frame.element[1], 17);
    assert_true(vt_frame_forces(&frame, &forces));
    assert_near(forces[5], -0.03 * VT_HARTREE / VT_BOHR, 1e-14);
    assert_near(frame.cell[1][1], 5 * sin(VT_PI / 3), 1e-12); /* better than printed */
    assert_true(vt_frame_virial(&frame, virial));
    assert_near(virial[0], 0.1 / VT_GPA_PER_PRESSURE * 150 * sin(VT_PI / 3), 1e-12);
    assert_true(vt_frame_key(&frame, "charge")->real[0] == -1);
    vt_frame_destroy(&frame);
}

static void assert_refused(const char *text, long line, const char *message)
{
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    assert_int_equal(read_text(text, &frame, &error), VT_INPUT);
    assert_string_equal(error.message, message);
    assert_int_equal(error.line, line);
    vt_frame_destroy(&frame);
}

static void reads_all_forms_of_energy(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double ev;
    } forms[] = {
        {HEAD CELL ATOMS " ENERGY| Total FORCE_EVAL ( QS ) energy (a.u.):  -2.5\n" FORCES,
         -2.5 * VT_HARTREE},
        {HEAD CELL ATOMS " ENERGY| Total FORCE_EVAL ( QS ) energy [a.u.]:  -2.5\n" FORCES,
         -2.5 * VT_HARTREE},
        {HEAD CELL ATOMS " ENERGY| Total FORCE_EVAL ( QMMM ) energy [hartree] -2.5\n" FORCES,
         -2.5 * VT_HARTREE},
        {HEAD CELL ATOMS " ENERGY| Total FORCE_EVAL ( QS ) energy [eV]: -2.5\n" FORCES, -2.5}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct vt_frame frame = {0};
        double energy = 0;
        assert_int_equal(read_text(forms[i].text, &frame, NULL), VT_OK);
        assert_true(vt_frame_energy(&frame, &energy));
        assert_near(energy, forms[i].ev, 1e-12);
        vt_frame_destroy(&frame);
    }
    assert_refused(HEAD CELL ATOMS " ENERGY| Total FORCE_EVAL ( QS ) energy [kT] 1\n", 16,
                   "unknown unit 'kT' of the energy");
    assert_refused(HEAD CELL ATOMS " ENERGY| Total FORCE_EVAL ( QS ) energy\n", 16,
                   "unknown unit '' of the energy");
}

static void reads_all_units_of_stress(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double ev_per_cubic_angstrom;
    } forms[] = {
        {HEAD CELL ATOMS ENERGY FORCES STRESS("GPa", "2 0 0"), 2 / VT_GPA_PER_PRESSURE},
        {HEAD CELL ATOMS ENERGY FORCES STRESS("bar", "20000 0 0"), 2 / VT_GPA_PER_PRESSURE},
        {HEAD CELL ATOMS ENERGY FORCES STRESS("a.u.", "1e-3 0 0"),
         1e-3 * VT_HARTREE / (VT_BOHR * VT_BOHR * VT_BOHR)},
        {HEAD CELL ATOMS ENERGY FORCES " ANALYTICAL STRESS TENSOR [GPa]\n\n"
                                       "              X     Y     Z\n"
                                       "  X     2.0   0.0   0.0\n  Y  0 0 0\n  Z  0 0 0\n",
         2 / VT_GPA_PER_PRESSURE}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct vt_frame frame = {0};
        double virial[9];
        assert_int_equal(read_text(forms[i].text, &frame, NULL), VT_OK);
        assert_true(vt_frame_virial(&frame, virial));
        assert_near(virial[0], forms[i].ev_per_cubic_angstrom * 150 * sin(VT_PI / 3), 1e-12);
        vt_frame_destroy(&frame);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    assert_refused("nothing of the kind\n", 0, "this is no output of CP2K");
    assert_refused(HEAD, 0, "the output has no energy ('ENERGY| Total FORCE_EVAL')");
    assert_refused(HEAD CELL ATOMS ENERGY, 16, "evaluation 1 has no forces before the file ends");
    assert_refused(HEAD CELL ENERGY FORCES, 11,
                   "the positions are neither in the output nor in 'the input' beside it");
    assert_refused(HEAD ATOMS ENERGY FORCES, 10,
                   "the cell is neither in the output nor in 'the input' beside it");
    assert_refused(HEAD CELL ATOMS ENERGY FORCES STRESS("torr", "1 0 0"), 22,
                   "unknown unit 'torr' of the stress");
    assert_refused(HEAD CELL ATOMS ENERGY " FORCES| Atomic forces [hartree/bohr]\n"
                                          " FORCES|  1 0.1 0.2 ****\n",
                   18, "expected a finite number (force), found '****'");
    assert_refused(HEAD CELL ATOMS ENERGY FORCES " STRESS| Analytical stress tensor [GPa]\n", 22,
                   "the file ends before the end of the stress tensor");
    assert_refused(HEAD CELL ATOMS ENERGY FORCES ENERGY FORCES, 23,
                   "the positions of evaluation 2 are not known: there is no 'x-pos-1.xyz' beside "
                   "the output");
}

static void a_job_that_has_just_begun_gives_nothing(void **state)
{
    (void)state;
    static const struct vt_cp2k_texts texts = {.output = {"out", HEAD, sizeof HEAD - 1}};
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    assert_int_equal(vt_cp2k_open_memory(&reader, &texts, true, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(end);
    assert_int_equal(vt_cp2k_counts(reader)->n_incomplete, 1);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

/* Without the trajectory beside it, leniency does not make the second evaluation a step that is cut
 * short. */
static void leniency_is_not_for_missing_files(void **state)
{
    (void)state;
    static const char output[] = HEAD CELL ATOMS ENERGY FORCES ENERGY FORCES;
    const struct vt_cp2k_texts texts = {.output = {"out", output, sizeof output - 1}};
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    bool end = false;
    assert_int_equal(vt_cp2k_open_memory(&reader, &texts, true, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_INPUT);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

static void the_input_counts_if_it_is_plain(void **state)
{
    (void)state;
    static const char scaled[] = "&FORCE_EVAL\n&SUBSYS\n&CELL\n A 5 0 0 ! a\n B 0 6 0\n C 1 0 7\n"
                                 "&END CELL\n&COORD\n SCALED\n Li1 0.5 0.5 0.5 MOL\n Cl 0 0 0\n"
                                 "&END\n&END SUBSYS\n&END\n";
    static const char bohr[] = "&SUBSYS\n&CELL\n ABC [bohr] 5 5 5\n&END CELL\n&END\n";
    static const char output[] = HEAD ENERGY FORCES;
    struct vt_cp2k_texts texts = {.output = {"out", output, sizeof output - 1},
                                  .input = {"inp", scaled, sizeof scaled - 1}};
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    assert_int_equal(read_first(&texts, &frame, NULL), VT_OK);
    assert_int_equal(frame.element[0], 3);
    assert_near(frame.position[0][0], 3, 1e-14);
    assert_near(frame.position[0][2], 3.5, 1e-14);
    texts.input = (struct vt_dft_text){"inp", bohr, sizeof bohr - 1};
    assert_int_equal(read_first(&texts, &frame, &error), VT_INPUT);
    vt_frame_destroy(&frame);
}

static void a_variable_cell_needs_its_file(void **state)
{
    (void)state;
    static const char output[] =
        HEAD " MD_PAR| Ensemble type       NPT_I\n" CELL ATOMS ENERGY FORCES ENERGY FORCES;
    static const char steps[] = "2\n i = 0, time = 0.0, E = -2.5\nLi 0 0 0\nCl 1 1 1\n"
                                "2\n i = 1, time = 0.5, E = -2.5\nLi 0 0 .1\nCl 1 1 1\n";
    static const char cells[] = "#  Step   Time [fs]  Ax  Ay  Az  Bx  By  Bz  Cx  Cy  Cz  Volume\n"
                                "  0  0.0  5 0 0  0 5 0  0 0 5  125\n"
                                "  1  0.5  6 0 0  0 5 0  0 0 5  150\n";
    struct vt_cp2k_texts texts = {.output = {"out", output, sizeof output - 1},
                                  .positions = {"x-pos-1.xyz", steps, sizeof steps - 1}};
    struct vt_cp2k_reader *reader = NULL;
    struct vt_frame frame = {0};
    struct vt_error error = {0};
    bool end = false;
    assert_int_equal(vt_cp2k_open_memory(&reader, &texts, false, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, &error), VT_INPUT);
    assert_string_equal(error.message, "the cell changes (NPT_I), but 'x-1.cell' beside the output "
                                       "does not have it");
    vt_cp2k_close(reader);
    texts.cells = (struct vt_dft_text){"x-1.cell", cells, sizeof cells - 1};
    assert_int_equal(vt_cp2k_open_memory(&reader, &texts, false, NULL), VT_OK);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(frame.cell[0][0] == 5);
    assert_int_equal(vt_cp2k_read(reader, &frame, &end, NULL), VT_OK);
    assert_true(frame.cell[0][0] == 6 && frame.position[0][2] == .1);
    vt_frame_destroy(&frame);
    vt_cp2k_close(reader);
}

static void survives_a_lack_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_cp2k_reader *reader = NULL;
        struct vt_frame frame = {0};
        bool end = false;
        vt_balance_fail(n);
        enum vt_code code = vt_cp2k_open(&reader, DATA "h2_md.out", true, NULL);
        while (!code && !end)
            code = vt_cp2k_read(reader, &frame, &end, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_cp2k_close(reader);
        vt_frame_destroy(&frame);
    }
    vt_balance_fail(0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_molecular_dynamics),
        cmocka_unit_test(finds_the_steps_of_a_cell_optimisation),
        cmocka_unit_test(takes_the_structure_from_the_input),
        cmocka_unit_test(refuses_what_did_not_converge),
        cmocka_unit_test(reads_the_new_form_of_forces),
        cmocka_unit_test(reads_all_forms_of_energy),
        cmocka_unit_test(reads_all_units_of_stress),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(a_job_that_has_just_begun_gives_nothing),
        cmocka_unit_test(leniency_is_not_for_missing_files),
        cmocka_unit_test(the_input_counts_if_it_is_plain),
        cmocka_unit_test(a_variable_cell_needs_its_file),
        cmocka_unit_test(survives_a_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
