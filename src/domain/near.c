/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without branches: each candidate is written where the next neighbour goes, and stays there if it
 * is one. In vectors, those of four candidates that are neighbours move to the front. No FMA, so
 * that both ways round alike. */
#include "domain/near.h"

#include <assert.h>

size_t vt_near_plain(const struct vt_near_atoms *atoms, const struct vt_near_query *query,
                     const size_t run[2], int32_t *found, double *squared)
{
    assert(run[0] <= run[1] && run[1] <= INT32_MAX);
    size_t n = 0;
    for (size_t k = run[0]; k < run[1]; k++) {
        const double dx = atoms->x[k] - query->x[0], dy = atoms->y[k] - query->x[1];
        const double dz = atoms->z[k] - query->x[2], r2 = dx * dx + dy * dy + dz * dz;
        found[n] = (int32_t)k;
        squared[n] = r2;
        n += (size_t)((r2 < query->squared[atoms->type[k]]) & (k != query->self));
    }
    return n;
}

#ifdef __x86_64__
#include <immintrin.h>

/* Byte j: which of four comes to place j, for each set of neighbours among them; the same for
 * halves of doubles. */
static const uint32_t of_words[16] = {0, 0,     1,     0x100,   2,     0x200,   0x201,   0x20100,
                                      3, 0x300, 0x301, 0x30100, 0x302, 0x30200, 0x30201, 0x3020100};
static const uint64_t of_halves[16] = {0,         0x100,         0x302,         0x3020100,
                                       0x504,     0x5040100,     0x5040302,     0x50403020100,
                                       0x706,     0x7060100,     0x7060302,     0x70603020100,
                                       0x7060504, 0x70605040100, 0x70605040302, 0x706050403020100};

/* Bit j: is candidate k + j nearer than its cutoff? Squared distances to *r2. */
__attribute__((target("avx2"), always_inline)) static inline unsigned
near_of_four(const struct vt_near_atoms *atoms, const struct vt_near_query *query, size_t k,
             __m256d *r2)
{
    const __m256d dx = _mm256_loadu_pd(atoms->x + k) - _mm256_set1_pd(query->x[0]);
    const __m256d dy = _mm256_loadu_pd(atoms->y + k) - _mm256_set1_pd(query->x[1]);
    const __m256d dz = _mm256_loadu_pd(atoms->z + k) - _mm256_set1_pd(query->x[2]);
    *r2 = dx * dx + dy * dy + dz * dz;
    __m256d limit = _mm256_set1_pd(query->largest);
    if (query->largest < 0) {
        const int32_t *t = atoms->type + k;
        const double *c = query->squared;
        limit = _mm256_set_pd(c[t[3]], c[t[2]], c[t[1]], c[t[0]]);
    }
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(*r2, limit, _CMP_LT_OQ));
}

__attribute__((target("avx2"))) static size_t near_avx2(const struct vt_near_atoms *atoms,
                                                        const struct vt_near_query *query,
                                                        const size_t run[2], int32_t *found,
                                                        double *squared)
{
    assert(run[0] <= run[1] && run[1] <= INT32_MAX - VT_NEAR_SLACK);
    const __m128i four = _mm_set_epi32(3, 2, 1, 0);
    size_t n = 0;
    for (size_t k = run[0]; k < run[1]; k += 4) {
        __m256d r2;
        unsigned mask = near_of_four(atoms, query, k, &r2);
        if (query->self - k < 4)
            mask &= ~(1u << (query->self - k));
        if (run[1] - k < 4)
            mask &= (1u << (run[1] - k)) - 1;
        const __m128i words = _mm_cvtepu8_epi32(_mm_cvtsi32_si128((int)of_words[mask]));
        const __m256i halves = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)of_halves[mask]));
        const __m128i places = _mm_add_epi32(_mm_set1_epi32((int)k), four);
        _mm_storeu_ps((float *)(found + n), _mm_permutevar_ps(_mm_castsi128_ps(places), words));
        _mm256_storeu_ps((float *)(squared + n),
                         _mm256_permutevar8x32_ps(_mm256_castpd_ps(r2), halves));
        n += (size_t)__builtin_popcount(mask);
    }
    return n;
}
#endif

vt_near_search *vt_near_best(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return near_avx2;
#endif
    return vt_near_plain;
}
