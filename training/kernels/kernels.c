/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/kernels/kernel.h"

#include <assert.h>
#include <string.h>

#include "potential/kernels/kernel.h"

extern const struct vt_training_kernel vt_training_kernel_generic;
#ifdef __x86_64__
extern const struct vt_training_kernel vt_training_kernel_avx512, vt_training_kernel_avx2;
#endif

static const struct vt_training_kernel *const kernels[] = {
#ifdef __x86_64__
    &vt_training_kernel_avx512, &vt_training_kernel_avx2,
#endif
    &vt_training_kernel_generic, NULL};

/* Those of the potential know what the processor can do. */
const struct vt_training_kernel *vt_training_kernel_named(const char *name)
{
    const struct vt_kernel *alike = vt_kernel_named(name);
    for (const struct vt_training_kernel *const *kernel = kernels; *kernel; kernel++)
        if (strcmp((*kernel)->name, name) == 0)
            return alike && vt_kernel_runs(alike) ? *kernel : NULL;
    return NULL;
}

const struct vt_training_kernel *vt_training_kernel_best(void)
{
    const struct vt_training_kernel *const best = vt_training_kernel_named(vt_kernel_best()->name);
    assert(best);
    return best;
}
