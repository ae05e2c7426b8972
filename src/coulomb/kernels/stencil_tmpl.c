/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once for each instruction set, whose name is VT_ISA. */
#include <math.h>
#include <string.h>

#include "coulomb/kernels/stencil.h"
#include "potential/kernels/vec.h"

static void locate(struct vt_stencil_job *job)
{
    double least[3] = {INFINITY, INFINITY, INFINITY}, most[3] = {-INFINITY, -INFINITY, -INFINITY};
    double inverse[3], m[3][3];
    memcpy(m, job->to_mesh, sizeof m);
    for (int d = 0; d < 3; d++)
        inverse[d] = 1 / job->period[d];
    for (size_t i = 0; i < job->n; i++) {
        const double *r = job->position[i];
        for (int d = 0; d < 3; d++) {
            double u = r[0] * m[0][d] + r[1] * m[1][d] + r[2] * m[2][d];
            u -= job->period[d] * floor((u - job->from[d]) * inverse[d]);
            u -= job->origin[d];
            job->place[i][d] = u;
            least[d] = u < least[d] ? u : least[d];
            most[d] = u > most[d] ? u : most[d];
        }
    }
    memcpy(job->least, least, sizeof least);
    memcpy(job->most, most, sizeof most);
}

#define VT_REAL                double
#define VT_NAME(x)             x##_double
#define VT_COEFFICIENT(window) (window)->coefficient
#include "coulomb/kernels/stencil_body_tmpl.h"
#undef VT_REAL
#undef VT_NAME
#undef VT_COEFFICIENT
#define VT_REAL                float
#define VT_NAME(x)             x##_float
#define VT_COEFFICIENT(window) (window)->coefficient_single
#include "coulomb/kernels/stencil_body_tmpl.h"

/* vt_stencil_avx512 and so on. */
extern const struct vt_stencil VT_JOIN_OF(vt_stencil, VT_ISA);
const struct vt_stencil VT_JOIN_OF(vt_stencil, VT_ISA) = {.name = VT_TEXT_OF(VT_ISA),
                                                          .locate = locate,
                                                          .spread = {spread_double, spread_float},
                                                          .gather = {gather_double, gather_float}};
