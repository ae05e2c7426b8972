/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of harmonics as vectors of doubles of the instruction set. A row is VT_PAD numbers times
 * something long, and aligned to a vector. */
#ifndef VT_VEC_TMPL_H
#define VT_VEC_TMPL_H

#include "training/layout.h"

#if defined(__AVX512F__)
enum { VD_WIDTH = 8 };
#elif defined(__AVX__)
enum { VD_WIDTH = 4 };
#else
enum { VD_WIDTH = 2 };
#endif

#define VD_INLINE static inline __attribute__((always_inline))

typedef double vd __attribute__((vector_size(8 * VD_WIDTH)));

/* Vectors of the longest piece of a row that loops keep in registers. */
enum { VD_MOST = 24 / VD_WIDTH };

VD_INLINE vd vd_load(const double *at)
{
    return *(const vd *)(const void *)at;
}

VD_INLINE void vd_store(double *at, vd a)
{
    *(vd *)(void *)at = a;
}

VD_INLINE vd vd_zero(void)
{
    return (vd){0};
}

VD_INLINE double vd_sum(vd a)
{
    double sum = 0;
    for (int i = 0; i < VD_WIDTH; i++)
        sum += a[i];
    return sum;
}

/* Call body(..., piece, ...) for the pieces of a row: the whole row where it is 24 or 16 numbers
 * (l_max 4 and 3), so that loops over it have a constant length; else eight by eight. */
#define VD_PIECES(stride, call)                                                                    \
    do {                                                                                           \
        if ((stride) == 24)                                                                        \
            call(24, 0);                                                                           \
        else if ((stride) == 16)                                                                   \
            call(16, 0);                                                                           \
        else                                                                                       \
            for (size_t at_ = 0; at_ < (stride); at_ += VT_PAD)                                    \
                call(VT_PAD, at_);                                                                 \
    } while (0)

#endif
