/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "potential/kernels/peak.h"

extern const struct vt_peak vt_peak_generic;
#ifdef __x86_64__
extern const struct vt_peak vt_peak_avx512, vt_peak_avx2;
#endif

static const struct vt_peak *const peaks[] = {
#ifdef __x86_64__
    &vt_peak_avx512, &vt_peak_avx2,
#endif
    &vt_peak_generic, NULL};

const struct vt_peak *vt_peak_named(const char *name)
{
    for (const struct vt_peak *const *peak = peaks; *peak; peak++)
        if (strcmp((*peak)->name, name) == 0)
            return *peak;
    return NULL;
}
