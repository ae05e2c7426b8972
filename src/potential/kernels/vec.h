/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of floats, one lane an atom: what the kernels need beyond + - * of the compilers' vector
 * types. The instruction set is the one that the file is compiled for: AVX-512 (16 lanes), AVX2
 * with FMA (8), anything else (4, which compilers turn into SSE2 or NEON).
 *
 * Products and sums contract to FMA (the kernels are compiled with -ffp-contract=fast). All vectors
 * in memory are aligned to their size. */
#ifndef VT_VEC_H
#define VT_VEC_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <immintrin.h>
enum { VT_WIDTH = 16 };
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
enum { VT_WIDTH = 8 };
#else
enum { VT_WIDTH = 4 };
#endif

typedef float vf __attribute__((vector_size(4 * VT_WIDTH)));
typedef int32_t vi __attribute__((vector_size(4 * VT_WIDTH)));
typedef double vf_double __attribute__((vector_size(8 * VT_WIDTH)));

/* Names that carry the instruction set which a file is compiled for (VT_ISA, from meson.build):
 * VT_JOIN_OF(vt_kernel, VT_ISA) is vt_kernel_avx512, VT_TEXT_OF(VT_ISA) is "avx512". */
#define VT_JOIN(a, b)    a##_##b
#define VT_TEXT(a)       #a
#define VT_JOIN_OF(a, b) VT_JOIN(a, b)
#define VT_TEXT_OF(a)    VT_TEXT(a)

/* Inlined always: loops with constant counts are unrolled, and sums stay in registers. */
#define VT_INLINE static inline __attribute__((always_inline))

/* Never: large, and called in loops. Headers have such functions without calling them. */
#define VT_CALLED static __attribute__((noinline, unused))

VT_INLINE vf vf_all(float a)
{
    return (vf){0} + a;
}

VT_INLINE vf vf_of_int(vi a)
{
    return __builtin_convertvector(a, vf);
}

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

VT_INLINE vf vf_min(vf a, vf b)
{
    return (vf)_mm512_min_ps((__m512)a, (__m512)b);
}

VT_INLINE vf vf_max(vf a, vf b)
{
    return (vf)_mm512_max_ps((__m512)a, (__m512)b);
}

VT_INLINE bool vf_any_below(vf a, float limit)
{
    return _mm512_cmp_ps_mask((__m512)a, _mm512_set1_ps(limit), _CMP_LT_OQ) != 0;
}

/* An approximation to 14 bits and a step of Newton's: within 2 ulp, of which the square root is not
 * worth the 20 cycles. */
VT_INLINE vf vf_inverse_sqrt(vf a)
{
    const vf y = (vf)_mm512_rsqrt14_ps((__m512)a);
    return y * (1.5f - 0.5f * a * y * y);
}

VT_INLINE __m128i vt_record(const void *base, int32_t offset)
{
    return _mm_load_si128((const __m128i *)(const void *)((const char *)base + offset));
}

/* Likewise, to 14 bits. */
VT_INLINE vf vf_approximate_inverse(vf a)
{
    return (vf)_mm512_rcp14_ps((__m512)a);
}

/* Records of four 32-bit words at offsets at[0..15] (bytes) from base: word c of each in lane order
 * to out[c], c < 3. */
VT_INLINE __m512i vt_four_records(const void *base, const int32_t *at)
{
    __m512i v = _mm512_castsi128_si512(vt_record(base, at[0]));
    v = _mm512_inserti32x4(v, vt_record(base, at[4]), 1);
    v = _mm512_inserti32x4(v, vt_record(base, at[8]), 2);
    return _mm512_inserti32x4(v, vt_record(base, at[12]), 3);
}

VT_INLINE void vi_load_records(const void *base, const int32_t *at, vi out[3])
{
    const __m512i a = vt_four_records(base, at), b = vt_four_records(base, at + 1);
    const __m512i c = vt_four_records(base, at + 2), d = vt_four_records(base, at + 3);
    const __m512i ab = _mm512_unpacklo_epi32(a, b), cd = _mm512_unpacklo_epi32(c, d);
    out[0] = (vi)_mm512_unpacklo_epi64(ab, cd);
    out[1] = (vi)_mm512_unpackhi_epi64(ab, cd);
    out[2] = (vi)_mm512_unpacklo_epi64(_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
}

VT_INLINE void vt_subtract_four(void *base, const int32_t *at, __m512 v)
{
    const __m128 part[4] = {_mm512_castps512_ps128(v), _mm512_extractf32x4_ps(v, 1),
                            _mm512_extractf32x4_ps(v, 2), _mm512_extractf32x4_ps(v, 3)};
    for (int k = 0; k < 4; k++) {
        float *r = (float *)(void *)((char *)base + at[4 * k]);
        _mm_store_ps(r, _mm_sub_ps(_mm_load_ps(r), part[k]));
    }
}

/* The record at at[l] is lowered by (x, y, z, 0) of lane l; lanes may name the same record. */
VT_INLINE void vf_subtract_from_records(void *base, const int32_t *at, vf x, vf y, vf z)
{
    const __m512 zero = _mm512_setzero_ps();
    const __m512 xy = _mm512_unpacklo_ps((__m512)x, (__m512)y);
    const __m512 z0 = _mm512_unpacklo_ps((__m512)z, zero);
    const __m512 xy_high = _mm512_unpackhi_ps((__m512)x, (__m512)y);
    const __m512 z0_high = _mm512_unpackhi_ps((__m512)z, zero);
    const __m512d a = _mm512_castps_pd(xy), b = _mm512_castps_pd(z0);
    const __m512d c = _mm512_castps_pd(xy_high), d = _mm512_castps_pd(z0_high);
    vt_subtract_four(base, at, _mm512_castpd_ps(_mm512_unpacklo_pd(a, b)));
    vt_subtract_four(base, at + 1, _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
    vt_subtract_four(base, at + 2, _mm512_castpd_ps(_mm512_unpacklo_pd(c, d)));
    vt_subtract_four(base, at + 3, _mm512_castpd_ps(_mm512_unpackhi_pd(c, d)));
}

#elif defined(__AVX2__) && defined(__FMA__)

VT_INLINE vf vf_min(vf a, vf b)
{
    return (vf)_mm256_min_ps((__m256)a, (__m256)b);
}

VT_INLINE vf vf_max(vf a, vf b)
{
    return (vf)_mm256_max_ps((__m256)a, (__m256)b);
}

VT_INLINE bool vf_any_below(vf a, float limit)
{
    return _mm256_movemask_ps(_mm256_cmp_ps((__m256)a, _mm256_set1_ps(limit), _CMP_LT_OQ)) != 0;
}

/* 12 bits and a step of Newton's: 23 bits. */
VT_INLINE vf vf_inverse_sqrt(vf a)
{
    const vf y = (vf)_mm256_rsqrt_ps((__m256)a);
    return y * (1.5f - 0.5f * a * y * y);
}

VT_INLINE vf vf_approximate_inverse(vf a)
{
    return (vf)_mm256_rcp_ps((__m256)a);
}

VT_INLINE __m256 vt_two_records(const void *base, const int32_t *at)
{
    const __m128 low = _mm_load_ps((const float *)(const void *)((const char *)base + at[0]));
    const __m128 high = _mm_load_ps((const float *)(const void *)((const char *)base + at[4]));
    return _mm256_insertf128_ps(_mm256_castps128_ps256(low), high, 1);
}

VT_INLINE void vi_load_records(const void *base, const int32_t *at, vi out[3])
{
    const __m256 a = vt_two_records(base, at), b = vt_two_records(base, at + 1);
    const __m256 c = vt_two_records(base, at + 2), d = vt_two_records(base, at + 3);
    const __m256d ab = _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
    const __m256d cd = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
    const __m256d ab_high = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    const __m256d cd_high = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    out[0] = (vi)_mm256_unpacklo_pd(ab, cd);
    out[1] = (vi)_mm256_unpackhi_pd(ab, cd);
    out[2] = (vi)_mm256_unpacklo_pd(ab_high, cd_high);
}

VT_INLINE void vt_subtract_two(void *base, const int32_t *at, __m256d v)
{
    const __m256 w = _mm256_castpd_ps(v);
    float *r = (float *)(void *)((char *)base + at[0]);
    _mm_store_ps(r, _mm_sub_ps(_mm_load_ps(r), _mm256_castps256_ps128(w)));
    r = (float *)(void *)((char *)base + at[4]);
    _mm_store_ps(r, _mm_sub_ps(_mm_load_ps(r), _mm256_extractf128_ps(w, 1)));
}

VT_INLINE void vf_subtract_from_records(void *base, const int32_t *at, vf x, vf y, vf z)
{
    const __m256 zero = _mm256_setzero_ps();
    const __m256d xy = _mm256_castps_pd(_mm256_unpacklo_ps((__m256)x, (__m256)y));
    const __m256d z0 = _mm256_castps_pd(_mm256_unpacklo_ps((__m256)z, zero));
    const __m256d xy_high = _mm256_castps_pd(_mm256_unpackhi_ps((__m256)x, (__m256)y));
    const __m256d z0_high = _mm256_castps_pd(_mm256_unpackhi_ps((__m256)z, zero));
    vt_subtract_two(base, at, _mm256_unpacklo_pd(xy, z0));
    vt_subtract_two(base, at + 1, _mm256_unpackhi_pd(xy, z0));
    vt_subtract_two(base, at + 2, _mm256_unpacklo_pd(xy_high, z0_high));
    vt_subtract_two(base, at + 3, _mm256_unpackhi_pd(xy_high, z0_high));
}

#else

VT_INLINE vf vf_min(vf a, vf b)
{
    const vi less = a < b;
    return (vf)((less & (vi)a) | (~less & (vi)b));
}

VT_INLINE vf vf_max(vf a, vf b)
{
    const vi less = a < b;
    return (vf)((less & (vi)b) | (~less & (vi)a));
}

VT_INLINE bool vf_any_below(vf a, float limit)
{
    const vi less = a < vf_all(limit);
    return (less[0] | less[1] | less[2] | less[3]) != 0;
}

VT_INLINE vf vf_inverse_sqrt(vf a)
{
    const vf root = {sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
    return 1 / root;
}

VT_INLINE vf vf_approximate_inverse(vf a)
{
    return 1 / a;
}

VT_INLINE void vi_load_records(const void *base, const int32_t *at, vi out[3])
{
    const int32_t *r[VT_WIDTH];
    for (int l = 0; l < VT_WIDTH; l++)
        r[l] = (const int32_t *)(const void *)((const char *)base + at[l]);
    for (int c = 0; c < 3; c++)
        out[c] = (vi){r[0][c], r[1][c], r[2][c], r[3][c]};
}

VT_INLINE void vf_subtract_from_records(void *base, const int32_t *at, vf x, vf y, vf z)
{
    for (int l = 0; l < VT_WIDTH; l++) {
        float *record = (float *)(void *)((char *)base + at[l]);
        record[0] -= x[l];
        record[1] -= y[l];
        record[2] -= z[l];
    }
}

#endif

/* With a step of Newton's. */
VT_INLINE vf vf_inverse(vf a)
{
    const vf y = vf_approximate_inverse(a);
    return y * (2 - a * y);
}

/* 1 - a b for b near 1/a, rounded once. */
VT_INLINE vf vf_left_of_one(vf a, vf b)
{
#ifdef __FMA__
    return 1 - a * b;
#else
    const vf_double product =
        __builtin_convertvector(a, vf_double) * __builtin_convertvector(b, vf_double);
    return __builtin_convertvector(1 - product, vf);
#endif
}

#endif
