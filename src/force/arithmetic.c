/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "force/arithmetic.h"

#include <assert.h>
#include <stdio.h>

const struct vt_word vt_precision_words[] = {
    {"mixed", VT_MIXED, "vector kernels: float for pairs, double for positions and sums"},
    {"double", VT_DOUBLE, "exact to rounding, and many times slower"},
    {0}};

enum { AUTO };

const struct vt_word vt_isa_words[] = {{"auto", AUTO, "the fastest that the processor has"},
                                       {"avx512", 1, NULL},
                                       {"avx2", 2, "with FMA"},
                                       {"generic", 3, "any processor"},
                                       {0}};

const struct vt_kernel *vt_isa_kernel(int isa)
{
    assert(isa >= AUTO && isa <= 3 && vt_isa_words[isa].value == isa);
    if (isa == AUTO)
        return vt_kernel_best();
    const struct vt_kernel *kernel = vt_kernel_named(vt_isa_words[isa].name);
    return kernel && vt_kernel_runs(kernel) ? kernel : NULL;
}

void vt_check_isa(int isa, struct vt_config_check *check)
{
    if (vt_isa_kernel(isa))
        return;
    char there[128];
    size_t length = (size_t)snprintf(there, sizeof there, "auto");
    for (const struct vt_kernel *const *kernel = vt_kernels; *kernel; kernel++)
        if (vt_kernel_runs(*kernel) && length < sizeof there)
            length +=
                (size_t)snprintf(there + length, sizeof there - length, ", %s", (*kernel)->name);
    vt_hint(vt_check_fail(check, "isa", "this processor has no %s", vt_isa_words[isa].name),
            "it has: %s", there);
}

void vt_arithmetic_text(const struct vt_force *force, char text[64])
{
    const struct vt_kernel *kernel = vt_force_kernel(force);
    if (kernel)
        snprintf(text, 64, "mixed precision, %s kernels", kernel->name);
    else
        snprintf(text, 64, "double precision");
}
