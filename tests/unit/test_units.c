/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "balance.h"
#include "base/random.h"

static const struct vt_place nowhere = {NULL, 0, 0};

static void test_quantities(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum vt_dimension dimension;
        double value;
    } cases[] = {
        {"2 fs", VT_TIME, 2},
        {"20 ps", VT_TIME, 20000},
        {"0.5 ns", VT_TIME, 5e5},
        {"1 \xc2\xb5s", VT_TIME, 1e9},
        {"2fs", VT_TIME, 2},
        {"  2 \t fs ", VT_TIME, 2},
        {"24 h", VT_WALLTIME, 86400},
        {"30 min", VT_WALLTIME, 1800},
        {"300 K", VT_TEMPERATURE, 300},
        {"3e2K", VT_TEMPERATURE, 300},
        {"160.2176634 GPa", VT_PRESSURE, 1},
        {"-1 eV/\xc3\x85^3", VT_PRESSURE, -1},
        {"1 eV/A\xc2\xb3", VT_PRESSURE, 1},
        {"1.6605390666 g/cm3", VT_DENSITY, 1},
        {"1.6605390666 g/cm^3", VT_DENSITY, 1},
        {"1 meV/A", VT_FORCE, 0.001},
        {"1 meV/\xe2\x84\xab", VT_FORCE, 0.001},
        {"50 meV", VT_ENERGY, 0.05},
        {"2eV", VT_ENERGY, 2},
        {"1e5 V/m", VT_FIELD, 1e-5},
        {"1e5V/m", VT_FIELD, 1e-5},
        {"10 %", VT_FRACTION, 0.1},
        {"10%", VT_FRACTION, 0.1},
        {"57 %", VT_FRACTION, 0.57},
        {"0.1", VT_FRACTION, 0.1},
        {"1 nm", VT_LENGTH, 10},
        {"1.5 angstrom", VT_LENGTH, 1.5},
        {"6.94 g/mol", VT_MASS, 6.94},
        {"-1 e", VT_CHARGE, -1},
        {"10 K/ps", VT_HEATING, 0.01},
        {"2 /ps", VT_STRAIN_RATE, 0.002},
        {"2/ps", VT_STRAIN_RATE, 0.002},
        {"-0.5%/ns", VT_STRAIN_RATE, -5e-9},
        {"1.5", VT_NUMBER, 1.5},
        {" -2e3 ", VT_NUMBER, -2000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        struct vt_error error;
        if (vt_parse_quantity(cases[i].text, cases[i].dimension, nowhere, &value, &error))
            fail_msg("%s: %s", cases[i].text, error.message);
        if (value != cases[i].value)
            fail_msg("%s: %.17g", cases[i].text, value);
    }
}

/* Two ways to write one quantity; the last bit may differ where a factor is not a short number. */
static void test_equal_quantities(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        enum vt_dimension dimension;
    } cases[] = {
        {"1 nm", "1000 pm", VT_LENGTH},
        {"1 bohr", "0.529177210903 angstrom", VT_LENGTH},
        {"1 us", "1000 ns", VT_TIME},
        {"1 ns", "1000 ps", VT_TIME},
        {"1 d", "24 h", VT_WALLTIME},
        {"1 h", "60 min", VT_WALLTIME},
        {"1 min", "60 s", VT_WALLTIME},
        {"1 amu", "1 g/mol", VT_MASS},
        {"1 eV", "96.48533212331002 kJ/mol", VT_ENERGY},
        {"1 kcal/mol", "4.184 kJ/mol", VT_ENERGY},
        {"1 GPa", "1000 MPa", VT_PRESSURE},
        {"1 MPa", "1000 kPa", VT_PRESSURE},
        {"1 kPa", "1000 Pa", VT_PRESSURE},
        {"1 GPa", "10 kbar", VT_PRESSURE},
        {"1 bar", "1e5 Pa", VT_PRESSURE},
        {"1 atm", "101325 Pa", VT_PRESSURE},
        {"1 g/cm3", "1000 kg/m3", VT_DENSITY},
        {"1 V/A", "10 V/nm", VT_FIELD},
        {"1 V/nm", "10 MV/cm", VT_FIELD},
        {"1 MV/cm", "1000 kV/cm", VT_FIELD},
        {"1 MV/m", "1e4 V/cm", VT_FIELD},
        {"1 kV/cm", "1e5 V/m", VT_FIELD},
        {"1 K/fs", "1000 K/ps", VT_HEATING},
        {"1 K/ps", "1000 K/ns", VT_HEATING},
        {"1 /fs", "1000 /ps", VT_STRAIN_RATE},
        {"1 /ps", "1000 /ns", VT_STRAIN_RATE},
        {"1 /ps", "100 %/ps", VT_STRAIN_RATE},
        {"1 %/ps", "1000 %/ns", VT_STRAIN_RATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double one, other;
        assert_int_equal(vt_parse_quantity(cases[i].one, cases[i].dimension, nowhere, &one, NULL),
                         VT_OK);
        assert_int_equal(
            vt_parse_quantity(cases[i].other, cases[i].dimension, nowhere, &other, NULL), VT_OK);
        if (!(fabs(one / other - 1) < 4e-16))
            fail_msg("%s is %.17g, %s is %.17g", cases[i].one, one, cases[i].other, other);
    }
}

static void test_mistakes(void **state)
{
    (void)state;
    static const char times[] = "units of time: fs, ps, ns, us";
    static const char number[] = "a number without a unit is wanted";
    static const struct {
        const char *text;
        enum vt_dimension dimension;
        const char *message, *hint;
    } cases[] = {
        {"300", VT_TEMPERATURE, "'300' has no unit", "units of temperature: K"},
        {"0", VT_TIME, "'0' has no unit", times},
        {"3 pss", VT_TIME, "unknown unit 'pss'",
         "did you mean 'ps'? Units of time: fs, ps, ns, us"},
        {"3 PS", VT_TIME, "unknown unit 'PS'", "did you mean 'ps'? Units of time: fs, ps, ns, us"},
        {"1 g/cm2", VT_DENSITY, "unknown unit 'g/cm2'",
         "did you mean 'g/cm3'? Units of density: g/cm3, kg/m3, amu/A3"},
        {"3 zorkmids", VT_TIME, "unknown unit 'zorkmids'", times},
        {"3 fs x", VT_TIME, "unknown unit 'fs x'", times},
        {"0x10 fs", VT_TIME, "unknown unit 'x10 fs'", times},
        {"2e fs", VT_TIME, "unknown unit 'e fs'", times},
        {"1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", VT_TIME,
         "unknown unit 'aaaaaaaaaaaaaaaaaaaaaaa'", times},
        {"3 K", VT_TIME, "'K' is a unit of temperature, not of time", times},
        {"30 min", VT_TIME, "'min' is a unit of wall time, not of time", times},
        {"30 fs", VT_WALLTIME, "'fs' is a unit of time, not of wall time",
         "units of wall time: s, min, h, d"},
        {"3 GPa", VT_FRACTION, "'GPa' is a unit of pressure, not of fraction",
         "units of fraction: none, %"},
        {"fs", VT_TIME, "'fs' is not a number with a unit", times},
        {"", VT_TIME, "'' is not a number with a unit", times},
        {"  ", VT_TIME, "'' is not a number with a unit", times},
        {"1.2.3 fs", VT_TIME, "'1.2.3 fs' is not a number with a unit", times},
        {"1 2 fs", VT_TIME, "'1 2 fs' is not a number with a unit", times},
        {"1 ^", VT_FRACTION, "unknown unit '^'", "units of fraction: none, %"},
        {"1-2 fs", VT_TIME, "'1-2 fs' is not a number with a unit", times},
        {"nan fs", VT_TIME, "'nan fs' is not a number with a unit", times},
        {"1e999 fs", VT_TIME, "'1e999 fs' is not a number with a unit", times},
        {"1e308 ns", VT_TIME, "'1e308 ns' is too large", ""},
        {"3 fs", VT_NUMBER, "'3 fs' is not a plain number", number},
        {"x", VT_NUMBER, "'x' is not a number", number},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 42;
        struct vt_error error;
        const struct vt_place place = {"run.yaml", 3, 11};
        assert_int_equal(
            vt_parse_quantity(cases[i].text, cases[i].dimension, place, &value, &error), VT_INPUT);
        assert_string_equal(error.message, cases[i].message);
        assert_string_equal(error.hint, cases[i].hint);
        assert_string_equal(error.file, "run.yaml");
        assert_int_equal(error.line, 3);
        assert_int_equal(error.column, 11);
        assert_true(value == 42);
    }
    double value;
    assert_int_equal(vt_parse_quantity("1", VT_TIME, nowhere, &value, NULL), VT_INPUT);
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum vt_dimension dimension;
        const char *formatted;
    } cases[] = {
        {"2 fs", VT_TIME, "2 fs"},           {"100 fs", VT_TIME, "100 fs"},
        {"20000 fs", VT_TIME, "20 ps"},      {"1e20 fs", VT_TIME, "1e+20 fs"},
        {"300 K", VT_TEMPERATURE, "300 K"},  {"0.1 GPa", VT_PRESSURE, "0.1 GPa"},
        {"101325 Pa", VT_PRESSURE, "1 atm"}, {"-3 GPa", VT_PRESSURE, "-3 GPa"},
        {"0 Pa", VT_PRESSURE, "0 GPa"},      {"1.5 g/cm^3", VT_DENSITY, "1.5 g/cm3"},
        {"1 meV/A", VT_FORCE, "1 meV/A"},    {"10 %", VT_FRACTION, "0.1"},
        {"7 %", VT_FRACTION, "7 %"},         {"24 h", VT_WALLTIME, "24 h"},
        {"30 min", VT_WALLTIME, "1800 s"}, /* spares two only */
        {"1.25", VT_NUMBER, "1.25"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        char text[VT_QUANTITY_SIZE];
        assert_int_equal(
            vt_parse_quantity(cases[i].text, cases[i].dimension, nowhere, &value, NULL), VT_OK);
        assert_string_equal(vt_format_quantity(value, cases[i].dimension, text),
                            cases[i].formatted);
    }
}

static void check_round_trip(double value, enum vt_dimension dimension)
{
    char text[VT_QUANTITY_SIZE];
    double back = NAN;
    vt_format_quantity(value, dimension, text);
    assert_int_equal(vt_parse_quantity(text, dimension, nowhere, &back, NULL), VT_OK);
    if (memcmp(&back, &value, sizeof value) != 0)
        fail_msg("%.17g was written as %s and read as %.17g", value, text, back);
}

/* Any double, also the extreme ones, comes back with the same bits in every dimension. */
static void test_round_trip(void **state)
{
    (void)state;
    for (int d = 0; d < VT_DIMENSIONS; d++) {
        const double extremes[] = {0, -0.0, 0x1p-1074, DBL_MIN, DBL_MAX, -DBL_MAX, 1.0 / 3};
        for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++)
            check_round_trip(extremes[i], (enum vt_dimension)d);
        for (uint32_t i = 0; i < 100; i++) {
            uint32_t bits[4];
            double any, usual;
            vt_philox((const uint32_t[4]){i}, (const uint32_t[2]){(uint32_t)d}, bits);
            memcpy(&any, bits, sizeof any);
            usual = (double)bits[2] / 1e6;
            check_round_trip(isfinite(any) ? any : 1, (enum vt_dimension)d);
            check_round_trip(usual, (enum vt_dimension)d);
        }
    }
}

/* What a user writes with up to 12 digits in the preferred unit is echoed without stray digits. */
static void test_no_stray_digits(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t bits[4];
        char text[VT_QUANTITY_SIZE], echo[VT_QUANTITY_SIZE];
        double value;
        vt_philox((const uint32_t[4]){i}, (const uint32_t[2]){7}, bits);
        snprintf(text, sizeof text, "%u.%06u1 GPa", (unsigned)(bits[0] % 1000),
                 (unsigned)(bits[1] % 1000000));
        assert_int_equal(vt_parse_quantity(text, VT_PRESSURE, nowhere, &value, NULL), VT_OK);
        vt_format_quantity(value, VT_PRESSURE, echo);
        assert_true(strlen(echo) <= strlen(text));
    }
}

static void test_lists(void **state)
{
    (void)state;
    char text[64], small[8];
    for (int d = 0; d < VT_DIMENSIONS; d++) {
        assert_true(strlen(vt_dimension_name((enum vt_dimension)d)) > 0);
        assert_true(strlen(vt_dimension_units((enum vt_dimension)d, text, sizeof text)) > 0);
    }
    assert_string_equal(vt_dimension_units(VT_TIME, text, sizeof text), "fs, ps, ns, us");
    assert_string_equal(vt_dimension_units(VT_TIME, small, sizeof small), "fs, ps,");
    assert_string_equal(vt_dimension_units(VT_NUMBER, text, sizeof text), "none");
}

/* The derived constants follow from the exact ones of the SI and the atomic mass constant. */
static void test_constants(void **state)
{
    (void)state;
    const double e = 1.602176634e-19, k = 1.380649e-23, amu = 1.66053906660e-27;
    assert_true(fabs(VT_BOLTZMANN / (k / e) - 1) < 1e-15);
    assert_true(fabs(VT_AMU / (amu / e * 1e10) - 1) < 1e-15);
    assert_true(fabs(VT_GPA_PER_PRESSURE / (e * 1e30 / 1e9) - 1) < 1e-15);
    assert_true(fabs(VT_G_PER_CM3_PER_DENSITY / (amu * 1e3 * 1e24) - 1) < 1e-15);
    assert_true(fabs(VT_COULOMB / 14.3996454785 - 1) < 1e-7);
    assert_true(VT_PI == acos(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities), cmocka_unit_test(test_equal_quantities),
        cmocka_unit_test(test_mistakes),   cmocka_unit_test(test_format),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_no_stray_digits),
        cmocka_unit_test(test_lists),      cmocka_unit_test(test_constants),
    };
    return VT_RUN_TESTS(tests);
}
