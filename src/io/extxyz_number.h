/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real numbers as text that reads back as a real number. */
#ifndef VT_EXTXYZ_NUMBER_H
#define VT_EXTXYZ_NUMBER_H

#include <stddef.h>

enum { VT_NUMBER_SIZE = 32 };

/* Write the finite value with `digits` significant digits (1 to 17), with a point or an exponent in
 * any case, so that it is not taken for an integer. With 17 the text reads back as the same bits,
 * and is shorter where 15 or 16 digits do that too. Returns the length; text ends with a NUL.
 * Independent of the locale. */
size_t vt_write_number(char text[VT_NUMBER_SIZE], double value, int digits);

#endif
