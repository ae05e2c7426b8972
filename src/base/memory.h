/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The project's allocator: zeroed, 64-byte aligned, n x size checked for overflow.
 *
 * All memory of the library comes from here. The functions keep no count (no global state): the
 * unit tests wrap them at link time (tests/unit/balance.c) and check that what was taken was given
 * back. */
#ifndef VT_MEMORY_H
#define VT_MEMORY_H

#include <stddef.h>

#include "base/error.h"

/* n elements of `size` bytes, zeroed; never NULL on VT_OK (n = 0 gives a valid pointer).
 * what: for the message ("neighbour list"). The caller owns *pointer until vt_free. On failure
 * *pointer is NULL. */
enum vt_code vt_alloc(void *pointer, size_t n, size_t size, const char *what,
                      struct vt_error *error);

/* Make room for at least n elements in the growable array *pointer of *capacity elements (NULL and
 * 0 at first). Grows by at least half; keeps the content; zeroes the new. On VT_OK *pointer is
 * never NULL, not even for n = 0. Unchanged on failure. */
enum vt_code vt_reserve(void *pointer, size_t *capacity, size_t n, size_t size, const char *what,
                        struct vt_error *error);

/* A copy of the text, which the caller owns until vt_free. what: as for vt_alloc. On failure *copy
 * is NULL. */
enum vt_code vt_copy_text(char **copy, const char *text, const char *what, struct vt_error *error);

/* Give back; NULL is fine. */
void vt_free(void *pointer);

#endif
