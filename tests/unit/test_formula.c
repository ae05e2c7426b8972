/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdio.h>
#include <string.h>

#include "common/near.h"
#include "structure/apportion.h"
#include "structure/charges.h"
#include "structure/distances.h"
#include "structure/formula.h"

static struct vt_formula parse(const char *text)
{
    struct vt_formula formula;
    struct vt_error error = {0};
    if (vt_formula_parse(&formula, text, &error))
        fail_msg("%s: %s", text, error.message);
    return formula;
}

/* Text and amounts as they are read, in the order of the elements. */
static void assert_reads(const char *text, const char *expected)
{
    char found[VT_FORMULA_SIZE];
    const struct vt_formula formula = parse(text);
    assert_string_equal(vt_formula_text(&formula, found), expected);
}

static void formulas_are_read(void **state)
{
    (void)state;
    assert_reads("Li", "Li");
    assert_reads("Li2ZrCl6", "Li2ZrCl6");
    assert_reads("Li2.25Zr0.75Al0.25Cl4.2O0.8F0.2", "Li2.25Zr0.75Al0.25Cl4.2O0.8F0.2");
    assert_reads("LiCoO2", "LiCoO2"); /* Co, not C and O */
    assert_reads("LiCOO", "LiCO2");
    assert_reads(" Li 2 O ", "Li2O");
    assert_reads("Ca3(PO4)2", "Ca3P2O8");
    assert_reads("((Li2O)2B)3", "Li12O6B3");
    assert_reads("75Li2S-25P2S5", "Li150S200P50");
    assert_reads("0.5LiCl+0.5 NaCl", "Li0.5ClNa0.5");
}

static void assert_refused(const char *text, const char *message)
{
    struct vt_formula formula;
    struct vt_error error = {0};
    char expected[300];
    assert_int_equal(vt_formula_parse(&formula, text, &error), VT_INPUT);
    snprintf(expected, sizeof expected, "'%s' is no composition: %s", text, message);
    assert_string_equal(error.message, expected);
}

static void what_is_no_formula_is_refused(void **state)
{
    (void)state;
    assert_refused("", "an element is missing at character 1");
    assert_refused("li2", "an element is missing at character 1");
    assert_refused("LiXx3", "no element at character 3");
    assert_refused("Li2.5.1", "an amount that is no number at character 3");
    assert_refused("Li0Cl", "an amount of 0 at character 3");
    assert_refused("Li1e3", "an element is missing at character 4");
    assert_refused("Li9999999999", "an amount above 1e9 at character 3");
    assert_refused("(LiCl", "a parenthesis that is not closed, at character 6");
    assert_refused("LiCl)2", "a parenthesis that was not opened, at character 5");
    assert_refused("((((((((((Li", "too many parentheses at character 9");
    assert_refused("LiCl-", "an element is missing at character 6");
    assert_refused("()2", "an element is missing at character 2");
    assert_refused("Li*Cl", "an element is missing at character 3");
}

static void amounts_and_masses_add_up(void **state)
{
    (void)state;
    const struct vt_formula formula = parse("Li2ZrCl6");
    assert_near(vt_formula_total(&formula), 9, 0);
    assert_near(vt_formula_mass(&formula), 2 * 6.94 + 91.224 + 6 * 35.45, 1e-9);
    assert_near(vt_formula_amount(&formula, 17), 6, 0);
    assert_near(vt_formula_amount(&formula, 8), 0, 0);
}

/* ---- charges ---- */

static void usual_charges_make_neutral_compounds(void **state)
{
    (void)state;
    static const char *const neutral[] = {"Li2ZrCl6",
                                          "Li18Zr6Al2Cl34O6F2",
                                          "Li2.25Zr0.75Al0.25Cl4.2O0.8F0.2",
                                          "Li3YBr6",
                                          "Li7La3Zr2O12",
                                          "Na3Zr2Si2PO12",
                                          "Li6PS5Cl",
                                          "Li10GeP2S12",
                                          "Li1.3Al0.3Ti1.7(PO4)3",
                                          "NaTaCl6",
                                          "LiNbO3",
                                          "75Li2S-25P2S5",
                                          "Ag2HgI4-O",
                                          "BaMgAl10O17"};
    struct vt_charges charges;
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    for (size_t i = 0; i < sizeof neutral / sizeof *neutral; i++) {
        const struct vt_formula formula = parse(neutral[i]);
        assert_int_equal(vt_charges_check(&charges, &formula, NULL), VT_OK);
        assert_int_equal(vt_charges_all_known(&charges, &formula),
                         strchr(neutral[i], 'g') != neutral[i] + 1); /* Hg is not known */
    }
}

static void a_charge_is_stated(void **state)
{
    (void)state;
    struct vt_charges charges;
    struct vt_error error = {0};
    const struct vt_formula wrong = parse("Li2ZrCl7"), iron = parse("LiFePO4");
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    assert_int_equal(vt_charges_check(&charges, &wrong, &error), VT_INPUT);
    assert_string_equal(error.message, "Li2ZrCl7 has a charge of -1 with Li +1, Zr +4, Cl -1");
    assert_false(vt_charges_all_known(&charges, &iron));
    assert_int_equal(vt_charges_check(&charges, &iron, NULL), VT_OK);
    assert_int_equal(vt_charges_set(&charges, "Fe=3, Cl=+1", NULL), VT_OK);
    assert_int_equal(vt_charges_check(&charges, &iron, &error), VT_INPUT);
    assert_string_equal(error.message, "LiFePO4 has a charge of +1 with Li +1, Fe +3, P +5, O -2");
    assert_int_equal(charges.charge[17], 1);
    static const char *const refused[] = {"",      "Fe",      "Fe=",    "Fe=2.5", "Fe=9",
                                          "Xx=1",  "Fe=3,",   "Fe=++1", "=3",     "Fe=+",
                                          "Fe==3", "Fe=3 Li", "Fe=+-1", "3=Fe"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(vt_charges_set(&charges, refused[i], NULL), VT_INPUT);
}

/* ---- whole numbers ---- */

static struct vt_formula apportion(const char *text, int64_t n_atoms, bool *exact)
{
    struct vt_charges charges;
    struct vt_formula counts;
    struct vt_error error = {0};
    const struct vt_formula formula = parse(text);
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    if (vt_apportion(&formula, &charges, n_atoms, &counts, exact, &error))
        fail_msg("%s: %s", text, error.message);
    return counts;
}

static void whole_units_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *formula;
        int64_t n_atoms;
        double expected;
    } cases[] = {{"Li2ZrCl6", 9, 9},
                 {"Li2ZrCl6", 1000, 999},
                 {"Li4Zr2Cl12", 27, 27}, /* the smallest formula counts */
                 {"Li2.25Zr0.75Al0.25Cl4.2O0.8F0.2", 1000, 1014},
                 {"Li18Zr6Al2Cl34O6F2", 1000, 986},
                 {"75Li2S-25P2S5", 801, 800}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool exact = false;
        const struct vt_formula formula = parse(cases[i].formula);
        const struct vt_formula counts = apportion(cases[i].formula, cases[i].n_atoms, &exact);
        assert_true(exact);
        assert_near(vt_formula_total(&counts), cases[i].expected, 0);
        for (int k = 0; k < counts.n; k++)
            assert_near(counts.amount[k] / formula.amount[k], counts.amount[0] / formula.amount[0],
                        1e-9);
    }
}

/* Every number of atoms: neutral, whole, near the composition, and no better choice nearby. */
static void rounding_keeps_neutral(void **state)
{
    (void)state;
    static const char text[] = "Li2.317Zr0.75Al0.2503Mg0.3Cl4.8679O0.8F0.2";
    struct vt_charges charges;
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    const struct vt_formula formula = parse(text);
    assert_true(vt_charges_neutral(&charges, &formula));
    for (int64_t n = 30; n < 400; n += 7) {
        bool exact = true;
        const struct vt_formula counts = apportion(text, n, &exact);
        assert_false(exact);
        assert_near(vt_charges_total(&charges, &counts), 0, 0);
        assert_near(vt_formula_total(&counts), (double)n, 4);
        for (int k = 0; k < counts.n; k++) {
            const double target = formula.amount[k] * (double)n / vt_formula_total(&formula);
            assert_near(counts.amount[k], nearbyint(counts.amount[k]), 0);
            assert_near(counts.amount[k], target, 3);
        }
    }
}

static void rounding_keeps_the_number_of_unknown_charges(void **state)
{
    (void)state;
    for (int64_t n = 20; n < 200; n += 9) {
        bool exact = true;
        const struct vt_formula counts = apportion("Fe2.317Mn0.713O4.6679", n, &exact);
        assert_false(exact);
        assert_near(vt_formula_total(&counts), (double)n, 0);
    }
}

/* Li 2.6, Zr 1.3, O 3.9 of 7.8 for 8 atoms: rounding alone gives 3 - 1 - 4, a charge of -1; the
 * nearest neutral choices are 2 - 1 - 3 (off by .36 + .09 + .81) and 4 - 1 - 4 (1.96 + ...). */
static void rounding_takes_the_nearest(void **state)
{
    (void)state;
    struct vt_charges charges;
    struct vt_formula counts;
    bool exact;
    const struct vt_formula formula = parse("Li2.6001Zr1.3O3.90005");
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    assert_int_equal(vt_apportion(&formula, &charges, 8, &counts, &exact, NULL), VT_OK);
    assert_near(counts.amount[0], 2, 0);
    assert_near(counts.amount[1], 1, 0);
    assert_near(counts.amount[2], 3, 0);
}

static void too_few_atoms_are_refused(void **state)
{
    (void)state;
    struct vt_charges charges;
    struct vt_formula counts;
    struct vt_error error = {0};
    bool exact;
    const struct vt_formula formula = parse("Li100Al0.01Cl100.03");
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    assert_int_equal(vt_apportion(&formula, &charges, 100, &counts, &exact, &error), VT_INPUT);
    assert_string_equal(error.message, "100 atoms are too few: 0.005 of them would be Al");
    assert_string_equal(error.hint, "from 10002 atoms on there is one");
}

static void units_must_be_whole(void **state)
{
    (void)state;
    struct vt_formula counts;
    struct vt_error error = {0};
    const struct vt_formula formula = parse("Li2.25Zr0.75Cl5.25");
    assert_int_equal(vt_apportion_units(&formula, 4, &counts, &error), VT_OK);
    assert_near(vt_formula_total(&counts), 33, 0);
    assert_int_equal(vt_apportion_units(&formula, 2, &counts, &error), VT_INPUT);
    assert_string_equal(error.message, "2 formula units have 4.5 atoms of Li");
}

/* ---- distances ---- */

static void distances_follow_from_radii(void **state)
{
    (void)state;
    struct vt_charges charges;
    double d[9];
    const struct vt_formula formula = parse("LiClO");
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    const struct vt_distance_rules rules = {&charges, 0.8, "Li-O = 150 pm,Cl-Cl=3"};
    assert_int_equal(vt_distances_set(d, &formula, &rules, NULL), VT_OK);
    assert_near(d[0], 0.8 * (2 * 0.76 + 2 * 1.40) / sqrt(2), 1e-12); /* O is the smallest anion */
    assert_near(d[1], 0.8 * (0.76 + 1.81), 1e-12);
    assert_near(d[2], 1.5, 1e-12);
    assert_near(d[4], 3, 0);
    assert_near(d[5], 0.8 * (1.81 + 1.40), 1e-12);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            assert_near(d[3 * i + j], d[3 * j + i], 0);
}

static void wrong_distances_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *list, *message;
    } cases[] = {{"Li-Cl", "'Li-Cl' is no distance of a pair"},
                 {"Li=2", "'Li=2' is no distance of a pair"},
                 {"Li-Xx=2", "'Li-Xx=2' is no distance of a pair"},
                 {"Li-Cl=-1", "'Li-Cl=-1' is no distance of a pair"},
                 {"Li-Cl=2 K", "'Li-Cl=2 K' is no distance of a pair"},
                 {"Li-Cl=50", "'Li-Cl=50' is no distance of a pair"},
                 {"Li-Zr=2", "'Li-Zr=2': there is no Zr in the composition"}};
    struct vt_charges charges;
    struct vt_error error = {0};
    double d[4];
    const struct vt_formula formula = parse("LiCl"), heavy = parse("LrCl3");
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct vt_distance_rules rules = {&charges, 0.8, cases[i].list};
        assert_int_equal(vt_distances_set(d, &formula, &rules, &error), VT_INPUT);
        assert_string_equal(error.message, cases[i].message);
    }
    struct vt_distance_rules rules = {&charges, 0.8, "Lr-Lr=2"};
    assert_int_equal(vt_distances_set(d, &heavy, &rules, &error), VT_INPUT);
    assert_string_equal(error.message, "no distance of Lr-Cl is known: state it");
    rules.list = "Lr-Lr=2,Cl-Lr=2";
    assert_int_equal(vt_distances_set(d, &heavy, &rules, &error), VT_OK);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    struct vt_charges charges;
    struct vt_formula counts;
    bool exact, failed = true;
    const struct vt_formula formula = parse("Li2.317O1.1585");
    assert_int_equal(vt_charges_set(&charges, NULL, NULL), VT_OK);
    for (long n = 1; failed; n++) {
        vt_balance_fail(n);
        const enum vt_code code = vt_apportion(&formula, &charges, 100, &counts, &exact, NULL);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
    }
    vt_balance_fail(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_are_read),
        cmocka_unit_test(what_is_no_formula_is_refused),
        cmocka_unit_test(amounts_and_masses_add_up),
        cmocka_unit_test(usual_charges_make_neutral_compounds),
        cmocka_unit_test(a_charge_is_stated),
        cmocka_unit_test(whole_units_are_taken),
        cmocka_unit_test(rounding_keeps_neutral),
        cmocka_unit_test(rounding_keeps_the_number_of_unknown_charges),
        cmocka_unit_test(rounding_takes_the_nearest),
        cmocka_unit_test(too_few_atoms_are_refused),
        cmocka_unit_test(units_must_be_whole),
        cmocka_unit_test(distances_follow_from_radii),
        cmocka_unit_test(wrong_distances_are_refused),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
