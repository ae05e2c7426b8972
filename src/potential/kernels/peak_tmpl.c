/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled for each instruction set, like the kernels. Twelve chains hide the latency (two units of
 * four cycles each), and leave 16 registers room for the two constants. */
#include "potential/kernels/peak.h"
#include "potential/kernels/vec.h"

enum { CHAINS = 12 };

typedef double vd __attribute__((vector_size(4 * VT_WIDTH)));

static float of_float(size_t rounds)
{
    const vf factor = vf_all(0.9999f), term = vf_all(0.0001f);
    vf x[CHAINS], sum = {0};
    for (int c = 0; c < CHAINS; c++)
        x[c] = vf_all((float)c);
    for (size_t r = 0; r < rounds; r++)
        for (int c = 0; c < CHAINS; c++)
            x[c] = x[c] * factor + term;
    for (int c = 0; c < CHAINS; c++)
        sum += x[c];
    return sum[0];
}

static double of_double(size_t rounds)
{
    const vd factor = (vd){0} + 0.9999, term = (vd){0} + 0.0001;
    vd x[CHAINS], sum = {0};
    for (int c = 0; c < CHAINS; c++)
        x[c] = (vd){0} + c;
    for (size_t r = 0; r < rounds; r++)
        for (int c = 0; c < CHAINS; c++)
            x[c] = x[c] * factor + term;
    for (int c = 0; c < CHAINS; c++)
        sum += x[c];
    return sum[0];
}

/* vt_peak_avx512 and so on. */
extern const struct vt_peak VT_JOIN_OF(vt_peak, VT_ISA);
const struct vt_peak VT_JOIN_OF(vt_peak, VT_ISA) = {.name = VT_TEXT_OF(VT_ISA),
                                                    .flops_float = 2 * CHAINS * VT_WIDTH,
                                                    .flops_double = CHAINS * VT_WIDTH,
                                                    .of_float = of_float,
                                                    .of_double = of_double};
