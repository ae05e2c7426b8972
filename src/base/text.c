/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A decimal number is d * 10^e with an integer d. Three ways to round it correctly to double, tried
 * in turn:
 *
 * 1. d < 2^53 and |e| <= 22: d and 10^|e| are doubles, so that one multiplication or division is
 * one rounding.
 * 2. d < 2^64 and |e| <= 27: 5^|e| fits 64 bits, so that d * 5^e is computed in 128-bit integers,
 * exactly for e >= 0, to at least 63 bits and a sticky bit for e < 0; one rounding follows. The 17
 * digits that a double needs to survive printing end here.
 * 3. The rest goes to strtod, as digits and an exponent without a point (which depends on the
 * locale).
 *
 * All of this takes the rounding mode to be the default, to nearest even. */
#include "base/text.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_FAST_DIGITS = 19,    /* 10^19 < 2^64 */
    MAX_EXACT_EXPONENT = 22, /* 5^22 < 2^53 < 5^23 */
    MAX_POWER = 27,          /* 5^27 < 2^64 < 5^28 */
    MAX_DIGITS = 770,        /* a point halfway between two doubles has at most 767 digits */
    MAX_WORD = 63            /* longer words get no suggestion */
};

__extension__ typedef unsigned __int128 uint128;

/* The parts of the text of a number; its value is the digits as an integer times 10^exponent. */
struct decimal {
    const char *digits; /* first digit or the point */
    const char *end;    /* one past the last digit or the point */
    int count;          /* digits; without leading zeros if else more than MAX_FAST_DIGITS */
    int64_t exponent;
    uint64_t integer; /* the digits, if count <= MAX_FAST_DIGITS */
    bool negative;
};

/* Add digits to *integer (modulo 2^64); returns one past the last. */
static const char *scan_digits(const char *p, const char *end, uint64_t *integer)
{
    uint64_t value = *integer;
    for (; p < end && vt_is_digit(*p); p++)
        value = 10 * value + (uint64_t)(*p - '0');
    *integer = value;
    return p;
}

/* The exponent after the 'e', all of p..end. What is beyond any double is cut, not wrapped: an
 * exponent of 10^17 outweighs the digits of any text. */
static bool scan_exponent(const char *p, const char *end, int64_t *exponent)
{
    const int64_t enough = 100000000000000000;
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return false;
    int64_t value = 0;
    for (; p < end && vt_is_digit(*p); p++)
        if (value < enough)
            value = 10 * value + (*p - '0');
    *exponent = negative ? -value : value;
    return p == end;
}

/* Digits from the first one that is not zero. */
static int count_significant(const char *p, const char *end)
{
    while (p < end && (*p == '0' || *p == '.'))
        p++;
    const ptrdiff_t count = end - p - (memchr(p, '.', (size_t)(end - p)) != NULL);
    return count < INT_MAX ? (int)count : INT_MAX;
}

static bool scan_decimal(const char *p, const char *end, struct decimal *decimal)
{
    decimal->negative = false;
    if (p < end && (*p == '-' || *p == '+'))
        decimal->negative = *p++ == '-';
    decimal->digits = p;
    decimal->integer = 0;
    p = scan_digits(p, end, &decimal->integer);
    ptrdiff_t count = p - decimal->digits;
    ptrdiff_t decimals = 0;
    if (p < end && *p == '.') {
        const char *const first = ++p;
        p = scan_digits(p, end, &decimal->integer);
        decimals = p - first;
    }
    count += decimals;
    if (count == 0)
        return false;
    decimal->end = p;
    decimal->count =
        count <= MAX_FAST_DIGITS ? (int)count : count_significant(decimal->digits, decimal->end);
    int64_t exponent = 0;
    if (p < end && ((*p != 'e' && *p != 'E') || !scan_exponent(p + 1, end, &exponent)))
        return false;
    decimal->exponent = exponent - decimals;
    return true;
}

/* 2^power, |power| <= 1022. */
static double power_of_two(int power)
{
    assert(power > -1023 && power < 1024);
    const uint64_t bits = (uint64_t)(1023 + power) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* clang-format off */
static const uint64_t power_of_five[MAX_POWER + 1] = {
    1U, 5U, 25U, 125U, 625U, 3125U, 15625U, 78125U, 390625U, 1953125U,
    9765625U, 48828125U, 244140625U, 1220703125U, 6103515625U, 30517578125U,
    152587890625U, 762939453125U, 3814697265625U, 19073486328125U,
    95367431640625U, 476837158203125U, 2384185791015625U, 11920928955078125U,
    59604644775390625U, 298023223876953125U, 1490116119384765625U, 7450580596923828125U,
};
/* clang-format on */

/* integer * 10^exponent, correctly rounded, for integer > 0 and |exponent| <= MAX_POWER. */
static double scale_exactly(uint64_t integer, int exponent)
{
    if (exponent >= 0)
        return (double)((uint128)integer * power_of_five[exponent]) * power_of_two(exponent);

    /* With the highest bits of both set, the quotient of dividend * 2^63 has 63 or 64 bits: ten or
     * more than a double, so that its last bit can stand for all that follow. */
    const uint64_t power = power_of_five[-exponent];
    const int dividend_shift = __builtin_clzll(integer);
    const int divisor_shift = __builtin_clzll(power);
    const uint128 dividend = (uint128)(integer << dividend_shift) << 63;
    const uint64_t divisor = power << divisor_shift;
    uint64_t quotient = (uint64_t)(dividend / divisor);
    quotient |= (uint128)quotient * divisor != dividend;
    return (double)quotient * power_of_two(divisor_shift - dividend_shift - 63 + exponent);
}

/* strtod of the digits and the exponent. Digits beyond MAX_DIGITS only matter by not being all
 * zero. */
static double convert_slowly(const struct decimal *decimal)
{
    char text[MAX_DIGITS + 32];
    size_t length = 0;
    int64_t exponent = decimal->exponent;
    bool more = false;
    for (const char *p = decimal->digits; p < decimal->end; p++) {
        if (*p == '.' || (*p == '0' && length == 0))
            continue;
        if (length < MAX_DIGITS) {
            text[length++] = *p;
        } else {
            exponent++;
            more |= *p != '0';
        }
    }
    if (length == 0)
        return 0;
    if (more) {
        text[length++] = '1';
        exponent--;
    }
    snprintf(text + length, sizeof text - length, "e%lld", (long long)exponent);
    return strtod(text, NULL);
}

bool vt_parse_double(const char *text, size_t length, double *value)
{
    static const double power_of_ten[MAX_EXACT_EXPONENT + 1] = {
        1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    assert(text && value);
    struct decimal decimal;
    if (!scan_decimal(text, text + length, &decimal))
        return false;
    const bool short_integer = decimal.count <= MAX_FAST_DIGITS;
    const int64_t exponent = decimal.exponent;
    double magnitude;
    if (short_integer && decimal.integer < (uint64_t)1 << 53 && exponent >= -MAX_EXACT_EXPONENT &&
        exponent <= MAX_EXACT_EXPONENT) {
        magnitude = exponent < 0 ? (double)decimal.integer / power_of_ten[-exponent]
                                 : (double)decimal.integer * power_of_ten[exponent];
    } else if (short_integer && decimal.integer > 0 && exponent >= -MAX_POWER &&
               exponent <= MAX_POWER) {
        magnitude = scale_exactly(decimal.integer, (int)exponent);
    } else {
        magnitude = convert_slowly(&decimal);
    }
    if (!isfinite(magnitude))
        return false;
    *value = decimal.negative ? -magnitude : magnitude;
    return true;
}

/* Digits, signs and 'e' stay; what else printf has put in is the locale's decimal point, of one
 * byte or more. */
static void use_point(char *text)
{
    char *out = text;
    for (const char *p = text; *p; p++) {
        if (vt_is_digit(*p) || *p == '-' || *p == '+' || *p == 'e')
            *out++ = *p;
        else if (out == text || out[-1] != '.')
            *out++ = '.';
    }
    *out = '\0';
}

char *vt_format_double(double value, int digits, char text[VT_DOUBLE_SIZE])
{
    enum { LEAST_FIXED = -5, MOST_FIXED = 15 }; /* exponents */
    assert(isfinite(value) && digits >= 1 && digits <= VT_DOUBLE_DIGITS && text);
    snprintf(text, VT_DOUBLE_SIZE, "%.*e", digits - 1, value);
    const int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    if (exponent >= LEAST_FIXED && exponent <= MOST_FIXED) {
        const int decimals = digits - 1 - exponent;
        snprintf(text, VT_DOUBLE_SIZE, "%.*f", decimals > 0 ? decimals : 0, value);
    }
    use_point(text);
    return text;
}

bool vt_parse_int64(const char *text, size_t length, int64_t *value)
{
    assert(text && value);
    const char *p = text;
    const char *const end = text + length;
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return false;
    /* Collected below zero, where there is one more. */
    int64_t sum = 0;
    for (; p < end; p++) {
        if (!vt_is_digit(*p))
            return false;
        const int digit = *p - '0';
        if (sum < (INT64_MIN + digit) / 10)
            return false;
        sum = 10 * sum - digit;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *value = negative ? sum : -sum;
    return true;
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int smallest(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (no
 * letter being edited twice), ignoring case. Row i of the table holds the distances of the first i
 * letters of a to all beginnings of b; three rows are kept. */
static int edit_distance(const char *a, int a_length, const char *b, int b_length)
{
    assert(a && b && a_length >= 0 && b_length >= 0);
    assert(a_length <= MAX_WORD && b_length <= MAX_WORD);
    int rows[3][MAX_WORD + 1];
    for (int j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (int i = 1; i <= a_length; i++) {
        int *const row = rows[i % 3];
        const int *const above = rows[(i + 2) % 3];
        const int *const two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= b_length; j++) {
            const char c = to_lower(a[i - 1]), d = to_lower(b[j - 1]);
            row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (c != d));
            if (i > 1 && j > 1 && c == to_lower(b[j - 2]) && d == to_lower(a[i - 2]) &&
                two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *vt_nearest(const char *word, const char *const *words)
{
    assert(word && words);
    const size_t length = strlen(word);
    if (length > MAX_WORD)
        return NULL;
    const char *nearest = NULL;
    int least = INT_MAX;
    for (; *words; words++) {
        const size_t other_length = strlen(*words);
        if (other_length > MAX_WORD)
            continue;
        const int distance = edit_distance(word, (int)length, *words, (int)other_length);
        /* One edit for words of two to four letters, two for five to seven, ... */
        const int longer = (int)(length > other_length ? length : other_length);
        if (distance <= (longer + 1) / 3 && distance < longer && distance < least) {
            least = distance;
            nearest = *words;
        }
    }
    return nearest;
}

void vt_make_printable(char *text)
{
    assert(text);
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}
