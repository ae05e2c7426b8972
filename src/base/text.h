/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict reading of words, whatever the locale: a number is the whole word or it is no number. */
#ifndef VT_TEXT_H
#define VT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool vt_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Parse all `length` bytes at text as a decimal floating-point number (no hex, no leading blanks,
 * no trailing characters). Correctly rounded. inf and nan are refused, and so is overflow. False:
 * not such a number. */
bool vt_parse_double(const char *text, size_t length, double *value);

/* Parse all `length` bytes as a decimal integer with optional sign; false on anything else or
 * overflow. */
bool vt_parse_int64(const char *text, size_t length, int64_t *value);

/* 17 significant digits tell all doubles apart; the size holds any text of vt_format_double. */
enum { VT_DOUBLE_DIGITS = 17, VT_DOUBLE_SIZE = 32 };

/* A finite value with that many significant digits, 1 to VT_DOUBLE_DIGITS: 20, 0.001, 1e+20.
 * Returns text. */
char *vt_format_double(double value, int digits, char text[VT_DOUBLE_SIZE]);

/* The word of the list nearest to `word` (edit distance with transpositions, ignoring case), or
 * NULL if none is near enough to be worth suggesting. The list ends with NULL. */
const char *vt_nearest(const char *word, const char *const *words);

/* Replace the control characters by '?', so that text from a user's file reaches neither the
 * terminal's controls nor a second line of a message. */
void vt_make_printable(char *text);

#endif
