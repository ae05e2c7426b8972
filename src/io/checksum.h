/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A checksum that guards against accidents, not against malice: the sum, modulo 2^64, of a
 * scrambled value for each word of 8 bytes and its place. A sum has no order, so parts can be
 * summed apart, and any change of one word changes it. */
#ifndef VT_CHECKSUM_H
#define VT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Of n bytes whose first word is number `place` of the whole. Missing bytes of the last word count
 * as zeros. */
uint64_t vt_checksum(const unsigned char *bytes, size_t n, uint64_t place);

#endif
