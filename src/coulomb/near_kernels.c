/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "coulomb/near_kernel.h"

extern const struct vt_near_kernel vt_near_kernel_generic;
#ifdef __x86_64__
extern const struct vt_near_kernel vt_near_kernel_avx2;
extern const struct vt_near_kernel vt_near_kernel_avx512;
#endif

const struct vt_near_kernel *vt_near_kernel(const struct vt_kernel *kernel)
{
    assert(kernel && vt_kernel_runs(kernel));
#ifdef __x86_64__
    if (strcmp(kernel->name, "avx512") == 0)
        return &vt_near_kernel_avx512;
    if (strcmp(kernel->name, "generic") != 0 && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("fma"))
        return &vt_near_kernel_avx2;
#endif
    return &vt_near_kernel_generic;
}
