/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "base/random.h"

static bool parse(const char *text, double *value)
{
    return vt_parse_double(text, strlen(text), value);
}

/* strtod is the oracle: correctly rounded in glibc, and of another make. */
static void check_against_strtod(const char *text)
{
    double value = NAN;
    const double expected = strtod(text, NULL);
    const bool parsed = parse(text, &value);
    if (parsed != (bool)isfinite(expected) ||
        (parsed && memcmp(&value, &expected, sizeof value) != 0))
        fail_msg("%.100s: %d %.17g, strtod says %.17g", text, parsed, value, expected);
}

static void test_plain_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-0.0", -0.0},
        {"+1", 1},
        {"007", 7},
        {"1.", 1},
        {".5", 0.5},
        {"-1.5e2", -150},
        {"1E-3", 0.001},
        {"1e+22", 1e22},
        {"1e0000000000000000000000003", 1000},
        {"0e99999999999999999999", 0},
        {"1e-99999999999999999999", 0},
        {"-1e-400", -0.0},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0}, /* just below half the least number */
        {"2.4703282292062328e-324", 0x1p-1074},
        {"1.7976931348623157e308", DBL_MAX},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"9007199254740993", 9007199254740992.0}, /* halfway, to even */
        {"9007199254740995", 9007199254740996.0},
        {"9007199254740992.99999999999999999999999999999999999999999", 9007199254740992.0},
        {"9007199254740993.00000000000000000000000000000000000000001", 9007199254740994.0},
        {"18446744073709551615", 18446744073709551616.0},
        {"0.00012345678901234567", 0.00012345678901234567},
        {"3.1415926535897932", 3.141592653589793},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        assert_true(parse(cases[i].text, &value));
        if (memcmp(&value, &cases[i].value, sizeof value) != 0)
            fail_msg("%s: %.17g", cases[i].text, value);
    }
}

static void test_no_numbers(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",       "+",      "-",      ".",     "-.",       "e5",    ".e5",
        "1e",     "1e+",    "1e-",    "1e5.0", "1.2.3",    "1,5",   "1 ",
        " 1",     "1\n",    "--1",    "+-1",   "0x10",     "0x1p3", "inf",
        "-inf",   "nan",    "NAN(1)", "1d5",   "1f",       "1_000", "1e309",
        "2e308",  "-1e999", "1e9999", "1e5e5", "infinity", "1e1e",  "1e18446744073709551617",
        "1.8e308"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 42;
        if (parse(cases[i], &value))
            fail_msg("'%s' was taken for %.17g", cases[i], value);
        assert_true(value == 42);
    }
}

static void test_length_rules(void **state)
{
    (void)state;
    double value;
    assert_true(vt_parse_double("1.2599", 3, &value));
    assert_true(value == 1.2);
    assert_false(vt_parse_double("1e5", 2, &value));
    assert_false(vt_parse_double("1\0002", 3, &value));
    assert_false(vt_parse_double("7", 0, &value));
}

static uint32_t draw(uint32_t *counter)
{
    uint32_t bits[4];
    vt_philox((const uint32_t[4]){++*counter}, (const uint32_t[2]){1, 2}, bits);
    return bits[0];
}

/* 1 to 25 digits, the point anywhere, exponents on both sides of every border between the ways of
 * rounding. */
static void test_random_numbers(void **state)
{
    (void)state;
    uint32_t counter = 0;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        int length = 0;
        const int digits = 1 + (int)(draw(&counter) % 25);
        const int point = (int)(draw(&counter) % 30);
        if (draw(&counter) % 4 == 0)
            text[length++] = '-';
        for (int k = 0; k < digits; k++) {
            const uint32_t random = draw(&counter);
            const uint32_t round_digit = random >> 8 & 1 ? 9 : 0;
            if (k == point)
                text[length++] = '.';
            text[length++] = (char)('0' + (random % 3 ? (random >> 16) % 10 : round_digit));
        }
        const int span = i % 8 ? 60 : 700;
        const int exponent = (int)(draw(&counter) % (uint32_t)span) - span / 2;
        snprintf(text + length, sizeof text - (size_t)length, "e%d", exponent);
        check_against_strtod(text);
    }
}

/* Every double survives printing with 17 digits. */
static void test_round_trip(void **state)
{
    (void)state;
    uint32_t counter = 1000000;
    for (int i = 0; i < 50000; i++) {
        const uint64_t bits = (uint64_t)draw(&counter) << 32 | draw(&counter);
        double value, back = 0;
        char text[VT_DOUBLE_SIZE];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        vt_format_double(value, VT_DOUBLE_DIGITS, text);
        assert_true(parse(text, &back));
        if (memcmp(&value, &back, sizeof value) != 0)
            fail_msg("%s came back as %.17g", text, back);
    }
}

/* w = M 5^k with an odd M of 54 bits: w 10^-k lies exactly halfway between two doubles, and w +- 1
 * beside. */
static void test_halfway_short(void **state)
{
    (void)state;
    uint32_t counter = 2000000;
    for (int i = 0; i < 20000; i++) {
        uint64_t w = ((uint64_t)draw(&counter) << 32 | draw(&counter)) >> 10;
        w |= (uint64_t)1 << 53 | 1;
        int k = 0;
        for (int wanted = i % 5; k < wanted && w < UINT64_MAX / 5; k++)
            w *= 5;
        for (int beside = -1; beside <= 1; beside++) {
            char text[64];
            snprintf(text, sizeof text, "%llue-%d", (unsigned long long)w + (unsigned)beside, k);
            check_against_strtod(text);
        }
    }
}

/* All digits of integer * 2^power. */
static void print_exactly(uint64_t integer, int power, char *text)
{
    enum { LIMBS = 130, BASE = 1000000000 };
    uint32_t limb[LIMBS] = {(uint32_t)(integer % BASE), (uint32_t)(integer / BASE % BASE),
                            (uint32_t)(integer / BASE / BASE)};
    const uint32_t factor = power > 0 ? 2 : 5; /* 2^-n = 5^n 10^-n */
    for (int n = 0; n < abs(power); n++) {
        uint64_t carry = 0;
        for (int i = 0; i < LIMBS; i++) {
            carry += (uint64_t)factor * limb[i];
            limb[i] = (uint32_t)(carry % BASE);
            carry /= BASE;
        }
        assert_int_equal(carry, 0);
    }
    for (int i = LIMBS - 1; i >= 0; i--)
        text += sprintf(text, "%09u", (unsigned)limb[i]);
    sprintf(text, "e%d", power > 0 ? 0 : power);
}

/* Halfway points with all their digits, up to 767, and the same with a 1 far behind them. */
static void test_halfway_long(void **state)
{
    (void)state;
    static char text[1400], more[1400];
    uint32_t counter = 3000000;
    for (int i = 0; i < 300; i++) {
        const bool subnormal = i % 4 == 0;
        const int power = subnormal ? -1074 : (int)(draw(&counter) % 2044) - 1073;
        uint64_t mantissa = ((uint64_t)draw(&counter) << 32 | draw(&counter)) >> 11;
        mantissa = subnormal ? mantissa >> (1 + i % 53) : mantissa | (uint64_t)1 << 52;
        const double below = ldexp((double)mantissa, power);
        const double above = ldexp((double)(mantissa + 1), power);
        double value = 0;
        print_exactly(2 * mantissa + 1, power - 1, text);
        assert_true(parse(text, &value));
        assert_true(value == (mantissa % 2 ? above : below));

        const char *const exponent = strchr(text, 'e');
        snprintf(more, sizeof more, "%.*s.%040d1%s", (int)(exponent - text), text, 0, exponent);
        assert_true(parse(more, &value));
        assert_true(value == above);
    }
}

/* Zeros in front and behind, and more digits than any buffer holds. */
static void test_long_numbers(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    static char text[LENGTH + 16];
    double value;
    memset(text, '0', LENGTH);
    snprintf(text + LENGTH, 16, ".5");
    assert_true(parse(text, &value) && value == 0.5);
    text[1] = '.';
    snprintf(text + LENGTH, 16, "7e99999"); /* 0.000...7: LENGTH - 1 decimals */
    assert_true(parse(text, &value) && value == 7);
    memset(text, '9', LENGTH);
    snprintf(text + LENGTH, 16, "e-100000");
    assert_true(parse(text, &value) && value == 1);
    text[LENGTH] = '\0';
    assert_false(parse(text, &value));
}

static void test_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"+12", 12},
                 {"010", 10},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775807", -INT64_MAX},
                 {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 42;
        assert_true(vt_parse_int64(cases[i].text, strlen(cases[i].text), &value));
        assert_true(value == cases[i].value);
    }
    static const char *const wrong[] = {"",
                                        "-",
                                        "+",
                                        "1.0",
                                        "1e3",
                                        " 1",
                                        "1 ",
                                        "0x1",
                                        "--1",
                                        "9223372036854775808",
                                        "1a",
                                        "10-",
                                        "-9223372036854775809",
                                        "18446744073709551617",
                                        "99999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t value = 42;
        if (vt_parse_int64(wrong[i], strlen(wrong[i]), &value))
            fail_msg("'%s' was taken for an integer", wrong[i]);
        assert_true(value == 42);
    }
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *text;
    } cases[] = {{20, 1, "20"},
                 {0.1, 1, "0.1"},
                 {0.1, 17, "0.10000000000000001"},
                 {-0.0, 1, "-0"},
                 {9.96, 2, "10"},
                 {-0.00001, 1, "-0.00001"},
                 {0.000001, 1, "1e-06"},
                 {1e15, 1, "1000000000000000"},
                 {1e16, 1, "1e+16"},
                 {DBL_MAX, 17, "1.7976931348623157e+308"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[VT_DOUBLE_SIZE];
        assert_string_equal(vt_format_double(cases[i].value, cases[i].digits, text), cases[i].text);
    }
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"timestep", "temperature", "fs",   "ps",
                                        "GPa",      "ensemble",    "seed", NULL};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"tmestep", "timestep"},
        {"timesetp", "timestep"},
        {"time_step", "timestep"},
        {"Tempreature", "temperature"},
        {"sf", "fs"}, /* swapped: nearer than ps */
        {"gpa", "GPa"},
        {"ensembel", "ensemble"},
        {"x", NULL},
        {"", NULL},
        {"velocity", NULL},
        {"sd", NULL},
        {"a word of more than sixty-three letters has no neighbour in any list of words", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const nearest = vt_nearest(cases[i].word, words);
        if (cases[i].nearest)
            assert_string_equal(nearest ? nearest : "(none)", cases[i].nearest);
        else
            assert_string_equal(nearest ? nearest : "(none)", "(none)");
    }
    assert_null(vt_nearest("fs", (const char *const[]){NULL}));
}

static void test_make_printable(void **state)
{
    (void)state;
    char text[] = "a\033[1mb\tc\nd\x7f \xc3\x85";
    vt_make_printable(text);
    assert_string_equal(text, "a?[1mb?c?d? \xc3\x85");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_numbers), cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_length_rules),  cmocka_unit_test(test_random_numbers),
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_halfway_short),
        cmocka_unit_test(test_halfway_long),  cmocka_unit_test(test_long_numbers),
        cmocka_unit_test(test_integers),      cmocka_unit_test(test_format),
        cmocka_unit_test(test_nearest),       cmocka_unit_test(test_make_printable),
    };
    return VT_RUN_TESTS(tests);
}
