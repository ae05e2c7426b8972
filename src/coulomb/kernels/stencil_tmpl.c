/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once for each instruction set, whose name is VT_ISA. */
#include <math.h>
#include <string.h>

#include "base/units.h"
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

/* sin and cos of 2 pi x for 0 <= x < 1, axis by axis: of half the angle by their series (to 1e-13),
 * then doubled. */
enum { AXES = 4 }; /* with one for company: vectors come in fours */

VT_INLINE void turn(const double x[AXES], double sine[AXES], double cosine[AXES])
{
    static const double s[] = {1.0 / 355687428096000,
                               -1.0 / 1307674368000,
                               1.0 / 6227020800,
                               -1.0 / 39916800,
                               1.0 / 362880,
                               -1.0 / 5040,
                               1.0 / 120,
                               -1.0 / 6,
                               1};
    static const double c[] = {-1.0 / 6402373705728000,
                               1.0 / 20922789888000,
                               -1.0 / 87178291200,
                               1.0 / 479001600,
                               -1.0 / 3628800,
                               1.0 / 40320,
                               -1.0 / 720,
                               1.0 / 24,
                               -0.5,
                               1};
    for (int d = 0; d < AXES; d++) {
        const double half = VT_PI * (x[d] - 0.5), square = half * half;
        double odd = s[0], even = c[0];
        for (size_t k = 1; k < sizeof s / sizeof *s; k++)
            odd = odd * square + s[k];
        for (size_t k = 1; k < sizeof c / sizeof *c; k++)
            even = even * square + c[k];
        odd *= half;
        sine[d] = -2 * odd * even; /* half a turn was taken off */
        cosine[d] = 2 * odd * odd - 1;
    }
}

/* As take_off_self of stencil_plain.c; turns: [h][axis]. */
VT_INLINE void take_off_self(const struct vt_stencil_job *job, size_t i,
                             double turns[VT_SELF_WAVES][AXES])
{
    const double *u = job->place[i], charge = job->charge[i];
    const double x[AXES] = {u[0] - (int)u[0], u[1] - (int)u[1], u[2] - (int)u[2], 0};
    const double square = charge * charge;
    double *value = job->value[i], s[AXES], c[AXES], potential[AXES], slope[AXES];
    turn(x, s, c);
    for (int d = 0; d < 3; d++) {
        const double first = job->self[d][0], second = job->self[d][1];
        const double twice = c[d] * c[d] - s[d] * s[d]; /* cos of twice the angle */
        potential[d] = first * c[d] + second * twice;
        slope[d] = first * s[d] + second * 4 * s[d] * c[d];
        turns[0][d] += square * c[d];
        turns[1][d] += square * twice;
    }
    value[0] -= charge * ((potential[0] + potential[1]) + (potential[2] + job->self_mean));
    for (int d = 0; d < 3; d++)
        value[1 + d] += charge * VT_PI * slope[d];
}

#define VT_REAL                double
#define VT_NAME(x)             x##_double
#define VT_COEFFICIENT(window) (window)->coefficient
#include "coulomb/kernels/stencil_body_tmpl.c"
#undef VT_REAL
#undef VT_NAME
#undef VT_COEFFICIENT
#define VT_REAL                float
#define VT_NAME(x)             x##_float
#define VT_COEFFICIENT(window) (window)->coefficient_single
#include "coulomb/kernels/stencil_body_tmpl.c"

/* vt_stencil_avx512 and so on. */
extern const struct vt_stencil VT_JOIN_OF(vt_stencil, VT_ISA);
const struct vt_stencil VT_JOIN_OF(vt_stencil, VT_ISA) = {.name = VT_TEXT_OF(VT_ISA),
                                                          .locate = locate,
                                                          .spread = {spread_double, spread_float},
                                                          .gather = {gather_double, gather_float}};
