/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a core can do at most: chains of multiply-add on registers, in the vectors of a kernel. The
 * yardstick that kernels are measured with. */
#ifndef VT_PEAK_H
#define VT_PEAK_H

#include <stddef.h>

struct vt_peak {
    const char *name;                 /* as that of the kernel */
    double flops_float, flops_double; /* of one round */
    float (*of_float)(size_t rounds); /* the value means nothing */
    double (*of_double)(size_t rounds);
};

/* That of a kernel, by its name; NULL if there is none of that name. */
const struct vt_peak *vt_peak_named(const char *name);

#endif
