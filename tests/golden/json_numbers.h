/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of one key of a JSON object: as much of JSON as tables of expected results need. */
#ifndef JSON_NUMBERS_H
#define JSON_NUMBERS_H

#include <stddef.h>

enum { JSON_NO_KEY = -1, JSON_MALFORMED = -2 };

/* text: one JSON object, zero-terminated. The numbers in the value of `key` (a number, or arrays of
 * numbers nested in any way) go into values in their order, `room` of them at most; returns how
 * many there are, or one of the codes above. The whole text is checked, whatever the key. Strings
 * may not hold escapes; true, false and null are not known. */
long json_numbers(const char *text, const char *key, double *values, size_t room);

#endif
