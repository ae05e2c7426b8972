/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "coulomb/kernels/stencil.h"

extern const struct vt_stencil vt_stencil_generic;
#ifdef __x86_64__
extern const struct vt_stencil vt_stencil_avx512, vt_stencil_avx2;
#endif

const struct vt_stencil *const vt_stencils[] = {
#ifdef __x86_64__
    &vt_stencil_avx512, &vt_stencil_avx2,
#endif
    &vt_stencil_generic, &vt_stencil_plain, NULL};

bool vt_stencil_runs(const struct vt_stencil *stencil)
{
    assert(stencil);
#ifdef __x86_64__
    if (stencil == &vt_stencil_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (stencil == &vt_stencil_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return true;
}

const struct vt_stencil *vt_stencil_best(void)
{
    const struct vt_stencil *const *stencil = vt_stencils;
    while (!vt_stencil_runs(*stencil))
        stencil++;
    return *stencil;
}

const struct vt_stencil *vt_stencil_named(const char *name)
{
    for (const struct vt_stencil *const *stencil = vt_stencils; *stencil; stencil++)
        if (strcmp((*stencil)->name, name) == 0)
            return *stencil;
    return NULL;
}
