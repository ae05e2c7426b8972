/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

/* n*size rounded up to the alignment, or 0 if that does not fit. */
static size_t rounded_bytes(size_t n, size_t size)
{
    if (n == 0)
        return ALIGNMENT;
    if (n > (SIZE_MAX / 2 - ALIGNMENT) / size)
        return 0;
    return (n * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

enum vt_code vt_alloc(void *pointer, size_t n, size_t size, const char *what,
                      struct vt_error *error)
{
    assert(pointer && size > 0 && what);
    size_t bytes = rounded_bytes(n, size);
    void *memory = bytes ? aligned_alloc(ALIGNMENT, bytes) : NULL;
    memcpy(pointer, &memory, sizeof memory);
    if (!memory)
        return vt_fail(error, VT_MEMORY, "no memory for %s: %zu elements of %zu bytes", what, n,
                       size);
    memset(memory, 0, bytes);
    return VT_OK;
}

void vt_free(void *pointer)
{
    free(pointer);
}
