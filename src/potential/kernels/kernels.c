/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "potential/kernels/kernel.h"

extern const struct vt_kernel vt_kernel_generic;
#ifdef __x86_64__
extern const struct vt_kernel vt_kernel_avx512, vt_kernel_avx2;
#endif

const struct vt_kernel *const vt_kernels[] = {
#ifdef __x86_64__
    &vt_kernel_avx512, &vt_kernel_avx2,
#endif
    &vt_kernel_generic, NULL};

/* The compiler's functions also ask whether the operating system saves the registers. */
bool vt_kernel_runs(const struct vt_kernel *kernel)
{
    assert(kernel);
#ifdef __x86_64__
    if (kernel == &vt_kernel_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (kernel == &vt_kernel_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return kernel == &vt_kernel_generic;
}

const struct vt_kernel *vt_kernel_best(void)
{
    const struct vt_kernel *const *kernel = vt_kernels;
    while (!vt_kernel_runs(*kernel))
        kernel++;
    return *kernel;
}

const struct vt_kernel *vt_kernel_named(const char *name)
{
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++)
        if (strcmp((*kernel)->name, name) == 0)
            return *kernel;
    return NULL;
}
