/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* The linker sends the program's calls of NAME to __wrap_NAME, and gives NAME itself as
 * __real_NAME. */
enum vt_code __real_vt_alloc(void *pointer, size_t n, size_t size, const char *what,
                             struct vt_error *error);
enum vt_code __wrap_vt_alloc(void *pointer, size_t n, size_t size, const char *what,
                             struct vt_error *error);
void __real_vt_free(void *pointer);
void __wrap_vt_free(void *pointer);

static long taken, given_back, calls_until_failure;
static bool failed;

enum vt_code __wrap_vt_alloc(void *pointer, size_t n, size_t size, const char *what,
                             struct vt_error *error)
{
    if (calls_until_failure > 0 && --calls_until_failure == 0) {
        const void *none = NULL;
        memcpy(pointer, &none, sizeof none);
        failed = true;
        return vt_fail(error, VT_MEMORY, "no memory for %s: the test wants it so", what);
    }
    enum vt_code code = __real_vt_alloc(pointer, n, size, what, error);
    taken += code == VT_OK;
    return code;
}

void __wrap_vt_free(void *pointer)
{
    given_back += pointer != NULL;
    __real_vt_free(pointer);
}

void vt_balance_fail(long n)
{
    calls_until_failure = n;
    failed = false;
}

bool vt_balance_failed(void)
{
    return failed;
}

long vt_balance_open(void)
{
    return taken - given_back;
}

int vt_balance_check(void)
{
    if (vt_balance_open() == 0)
        return 0;
    fprintf(stderr, "memory balance: %ld pieces taken, %ld given back\n", taken, given_back);
    return 1;
}
