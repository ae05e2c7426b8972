/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from memory.c, so that the unit tests can wrap vt_alloc and vt_free at link time. */
#include "base/memory.h"

#include <assert.h>
#include <string.h>

enum vt_code vt_reserve(void *pointer, size_t *capacity, size_t n, size_t size, const char *what,
                        struct vt_error *error)
{
    assert(pointer && capacity);
    if (n == 0)
        n = 1;
    if (n <= *capacity)
        return VT_OK;
    size_t wanted = *capacity + *capacity / 2;
    if (wanted < n)
        wanted = n;
    void *larger = NULL, *old = NULL;
    memcpy(&old, pointer, sizeof old);
    enum vt_code code = vt_alloc(&larger, wanted, size, what, error);
    if (code)
        return code;
    if (old)
        memcpy(larger, old, *capacity * size);
    vt_free(old);
    memcpy(pointer, &larger, sizeof larger);
    *capacity = wanted;
    return VT_OK;
}

enum vt_code vt_copy_text(char **copy, const char *text, const char *what, struct vt_error *error)
{
    assert(copy && text && what);
    const size_t size = strlen(text) + 1;
    const enum vt_code code = vt_alloc(copy, size, 1, what, error);
    if (!code)
        memcpy(*copy, text, size);
    return code;
}
