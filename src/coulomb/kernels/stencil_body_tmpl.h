/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Included once for each kind of mesh, by stencil_tmpl.c, with VT_REAL the type of its numbers,
 * VT_NAME(x) a name that belongs to it and VT_COEFFICIENT the window's array of that type. */

typedef VT_REAL VT_NAME(four) __attribute__((vector_size(4 * sizeof(VT_REAL))));
typedef VT_REAL VT_NAME(eight) __attribute__((vector_size(8 * sizeof(VT_REAL))));

#define VT_LANES  4
#define VT_VECTOR VT_NAME(four)
#define VT_OF(x)  VT_NAME(x##_in_fours)
#include "coulomb/kernels/stencil_lanes_tmpl.h"
#undef VT_LANES
#undef VT_VECTOR
#undef VT_OF
#define VT_LANES  8
#define VT_VECTOR VT_NAME(eight)
#define VT_OF(x)  VT_NAME(x##_in_eights)
#include "coulomb/kernels/stencil_lanes_tmpl.h"
#undef VT_LANES
#undef VT_VECTOR
#undef VT_OF

static void VT_NAME(spread)(const struct vt_stencil_job *job)
{
    switch (job->window->width) {
    case 3:
        VT_NAME(spread_in_fours)(job, 3);
        break;
    case 4:
        VT_NAME(spread_in_fours)(job, 4);
        break;
    case 5:
        VT_NAME(spread_in_eights)(job, 5);
        break;
    case 6:
        VT_NAME(spread_in_eights)(job, 6);
        break;
    case 7:
        VT_NAME(spread_in_eights)(job, 7);
        break;
    default:
        VT_NAME(spread_in_eights)(job, 8);
    }
}

static void VT_NAME(gather)(const struct vt_stencil_job *job)
{
    switch (job->window->width) {
    case 3:
        VT_NAME(gather_in_fours)(job, 3);
        break;
    case 4:
        VT_NAME(gather_in_fours)(job, 4);
        break;
    case 5:
        VT_NAME(gather_in_eights)(job, 5);
        break;
    case 6:
        VT_NAME(gather_in_eights)(job, 6);
        break;
    case 7:
        VT_NAME(gather_in_eights)(job, 7);
        break;
    default:
        VT_NAME(gather_in_eights)(job, 8);
    }
}
