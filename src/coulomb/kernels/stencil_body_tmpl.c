/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Included once for each kind of mesh, by stencil_tmpl.c, with VT_REAL the type of its numbers,
 * VT_NAME(x) a name that belongs to it and VT_COEFFICIENT the window's array of that type. */

#define VT_LANES 4
#define VT_OF(x) VT_NAME(x##_in_fours)
#include "coulomb/kernels/stencil_lanes_tmpl.c"
#undef VT_LANES
#undef VT_OF
#define VT_LANES 8
#define VT_OF(x) VT_NAME(x##_in_eights)
#include "coulomb/kernels/stencil_lanes_tmpl.c"
#undef VT_LANES
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

static void VT_NAME(gather)(struct vt_stencil_job *job)
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
