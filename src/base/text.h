/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict reading of words: a number is the whole word or it is no number. Locale-independent. */
#ifndef VT_TEXT_H
#define VT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parse all `length` bytes at text as a decimal floating-point number (no hex, no leading blanks, no trailing
 * characters). Correctly rounded. inf and nan are refused, and so is overflow. False: not such a number. */
bool vt_parse_double(const char *text, size_t length, double *value);

/* Parse all `length` bytes as a decimal integer with optional sign; false on anything else or overflow. */
bool vt_parse_int64(const char *text, size_t length, int64_t *value);

/* The word of the list nearest to `word` (edit distance with transpositions, ignoring case), or NULL if none is
 * near enough to be worth suggesting. The list ends with NULL. */
const char *vt_nearest(const char *word, const char *const *words);

#endif
