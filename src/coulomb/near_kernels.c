/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "coulomb/near_kernel.h"

extern const struct vt_near_kernel vt_near_kernel_generic;
#ifdef __x86_64__
extern const struct vt_near_kernel vt_near_kernel_avx2;
#endif

/* Eight lanes are a cluster. One of sixteen would have a larger box, and so more pairs beyond the
 * cutoff; and many processors with AVX-512 take two cycles for its vectors. Not measured. */
const struct vt_near_kernel *vt_near_kernel(const struct vt_kernel *kernel)
{
    assert(kernel && vt_kernel_runs(kernel));
#ifdef __x86_64__
    if (strcmp(kernel->name, "generic") != 0 && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("fma"))
        return &vt_near_kernel_avx2;
#endif
    return &vt_near_kernel_generic;
}
