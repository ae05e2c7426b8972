/* SPDX-License-Identifier: GPL-3.0-or-later */
/* printf with 17 digits works with big integers and would dominate the writing of a trajectory. For
 * the magnitudes of positions, forces and charges 128 bits are enough: a double is m / 2^s with m <
 * 2^53, and its digits with d places after the point are the integer m * 10^d / 2^s, rounded; 10^22
 * < 2^74.
 *
 * Whether fewer than 17 digits do is as cheap to see: up to 2^53 the digits are a double exactly,
 * and so is 10^d, so that their quotient is what a reader will find. */
#include "io/extxyz_number.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

__extension__ typedef unsigned __int128 uint128;

enum { MAX_PLACES = 22 };

static const double power_of_ten[MAX_PLACES + 1] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Here 15 digits reach down to the units at least, and 17 digits need at most MAX_PLACES. */
static bool is_plain(double magnitude)
{
    return magnitude >= 1e-6 && magnitude < 1e15;
}

/* Places after the point of a plain magnitude written with so many significant digits. */
static int places_of(double magnitude, int digits)
{
    static const double bound[] = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1,    1e1,  1e2,  1e3,  1e4, 1e5,
                                   1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int before = -5; /* digits before the point; when negative, zeros after it */
    while (magnitude >= bound[before + 5])
        before++;
    return digits - before;
}

/* magnitude * 10^places, rounded to an integer. */
static uint64_t scaled_digits(double magnitude, int places)
{
    assert(is_plain(magnitude) && places >= 0 && places <= MAX_PLACES);
    int exponent = 0;
    const uint64_t m = (uint64_t)ldexp(frexp(magnitude, &exponent), 53);
    const int shift = 53 - exponent;
    assert(shift > 0 && shift < 128);
    const uint128 product = m * (uint128)power_of_ten[places];
    return (uint64_t)((product + ((uint128)1 << (shift - 1))) >> shift);
}

/* The digits with the point before the last `places` of them; zeros at the end are dropped. */
static size_t write_digits(char *text, bool negative, uint64_t digits, int places)
{
    char reversed[VT_NUMBER_SIZE];
    size_t n = 0, length = 0;
    for (; places > 1 && digits % 10 == 0; places--)
        digits /= 10;
    if (places == 0)
        reversed[n++] = '0';
    for (; places > 0; places--, digits /= 10)
        reversed[n++] = (char)('0' + digits % 10);
    reversed[n++] = '.';
    do {
        reversed[n++] = (char)('0' + digits % 10);
        digits /= 10;
    } while (digits > 0);
    if (negative)
        text[length++] = '-';
    while (n > 0)
        text[length++] = reversed[--n];
    text[length] = '\0';
    return length;
}

static size_t write_plain(char *text, bool negative, double magnitude)
{
    const double exact = (double)((uint64_t)1 << 53);
    for (int n = 15; n <= 16; n++) {
        const int places = places_of(magnitude, n);
        const double digits = (double)scaled_digits(magnitude, places);
        if (digits <= exact && digits / power_of_ten[places] == magnitude)
            return write_digits(text, negative, (uint64_t)digits, places);
    }
    const int places = places_of(magnitude, 17);
    return write_digits(text, negative, scaled_digits(magnitude, places), places);
}

/* By printf: the point may be another character in the user's locale, and is missing from a whole
 * number. */
static size_t print_digits(char *text, double value, int digits)
{
    assert(digits > 0 && digits <= 17);
    snprintf(text, VT_NUMBER_SIZE, "%.*g", digits, value);
    size_t length = strlen(text);
    if (strspn(text, "-0123456789") == length)
        return length + (size_t)snprintf(text + length, VT_NUMBER_SIZE - length, ".0");
    for (char *p = text; *p; p++)
        if (!strchr("+-0123456789e", *p))
            *p = '.';
    return length;
}

size_t vt_write_number(char text[VT_NUMBER_SIZE], double value, int digits)
{
    assert(isfinite(value) && digits >= 1 && digits <= 17);
    if (digits < 17)
        return print_digits(text, value, digits);
    if (is_plain(fabs(value)))
        return write_plain(text, value < 0, fabs(value));
    double again = 0;
    const size_t length = print_digits(text, value, 15);
    if (vt_parse_double(text, length, &again) && again == value)
        return length;
    return print_digits(text, value, 17);
}
