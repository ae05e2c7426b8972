/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of the kernels, compiled once for each instruction set, whose name is VT_ISA.
 *
 * An entry costs two polynomials, a root and the sums: those of the cluster's atoms stay in
 * registers, that of the entry is over the lanes, transposed with three others into one record. So
 * each pair is worked out once. Pairs beyond the cutoff are masked, whatever comes out of them.
 *
 * Vectors of half a cluster take it in two goes; those of two clusters hold it twice, and take two
 * entries at a time. */
#include <assert.h>

#include "coulomb/near_kernel.h"
#include "potential/kernels/vec.h"

enum {
    VT_FLUSH = 64, /* entries that are summed up in float */
    VT_ENTRIES = VT_WIDTH > (int)VT_CLUSTER ? VT_WIDTH / (int)VT_CLUSTER : 1 /* at a time */
};

_Static_assert(VT_CLUSTER % VT_WIDTH == 0 || VT_WIDTH == 2 * VT_CLUSTER,
               "a cluster is one vector or some, or half of one");

/* A cluster, or the part of it that fits in a vector. */
struct near_part {
    vi x[3];
    vf charge;
    vf limit; /* squared cutoff; negative in lanes without an atom */
    vf field[3], potential;
};

/* load_entries: x and charges of VT_ENTRIES atoms in the lanes that are theirs.
 * react: sum of those lanes of each of four vectors, added to (or, of the first three, taken from)
 * their records. */
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

VT_INLINE void load_entries(const struct vt_near_atom *atom, const int32_t *place, vi x[3], vf *q)
{
    const __m128i first = _mm_loadu_si128((const __m128i *)(const void *)&atom[place[0]]);
    const __m128i second = _mm_loadu_si128((const __m128i *)(const void *)&atom[place[1]]);
    const __m512i both = _mm512_mask_broadcast_i32x4(_mm512_broadcast_i32x4(first), 0xff00, second);
    x[0] = (vi)_mm512_shuffle_epi32(both, _MM_PERM_AAAA);
    x[1] = (vi)_mm512_shuffle_epi32(both, _MM_PERM_BBBB);
    x[2] = (vi)_mm512_shuffle_epi32(both, _MM_PERM_CCCC);
    *q = (vf)_mm512_shuffle_epi32(both, _MM_PERM_DDDD);
}

VT_INLINE void subtract_half(double record[4], __m256 half)
{
    const __m128 sum = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    _mm256_store_pd(record, _mm256_sub_pd(_mm256_load_pd(record), _mm256_cvtps_pd(sum)));
}

VT_INLINE void react(double (*sums)[4], const int32_t *place, vf x, vf y, vf z, vf p)
{
    const __m512 a = (__m512)x, b = (__m512)y, c = (__m512)z, d = (__m512)-p;
    const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    const __m512 all = _mm512_add_ps(_mm512_shuffle_ps(ab, cd, _MM_SHUFFLE(1, 0, 1, 0)),
                                     _mm512_shuffle_ps(ab, cd, _MM_SHUFFLE(3, 2, 3, 2)));
    subtract_half(sums[place[0]], _mm512_castps512_ps256(all));
    subtract_half(sums[place[1]], _mm512_extractf32x8_ps(all, 1));
}

#else

VT_INLINE void load_entries(const struct vt_near_atom *atom, const int32_t *place, vi x[3], vf *q)
{
    for (int d = 0; d < 3; d++)
        x[d] = (vi){0} + atom[*place].x[d];
    *q = vf_all(atom[*place].charge);
}

#if defined(__AVX2__) && defined(__FMA__)

VT_INLINE void react(double (*sums)[4], const int32_t *place, vf x, vf y, vf z, vf p)
{
    double *record = sums[*place];
    const __m256 a = (__m256)x, b = (__m256)y, c = (__m256)z, d = (__m256)-p;
    const __m256 ab = _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    const __m256 cd = _mm256_add_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    const __m256 all = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, _MM_SHUFFLE(1, 0, 1, 0)),
                                     _mm256_shuffle_ps(ab, cd, _MM_SHUFFLE(3, 2, 3, 2)));
    const __m128 sum = _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
    _mm256_store_pd(record, _mm256_sub_pd(_mm256_load_pd(record), _mm256_cvtps_pd(sum)));
}

#else

VT_INLINE float over_lanes(vf a)
{
    float sum = 0;
    for (int l = 0; l < VT_WIDTH; l++)
        sum += a[l];
    return sum;
}

VT_INLINE void react(double (*sums)[4], const int32_t *place, vf x, vf y, vf z, vf p)
{
    double *record = sums[*place];
    record[0] -= (double)over_lanes(x);
    record[1] -= (double)over_lanes(y);
    record[2] -= (double)over_lanes(z);
    record[3] += (double)over_lanes(p);
}

#endif
#endif

/* What all pairs share, in all lanes: the polynomials' coefficients are operands in memory. */
struct near_terms {
    vf value[VT_NEAR_MOST_DEGREE + 1], slope[VT_NEAR_MOST_DEGREE + 1];
    vf scale;
};

static struct near_terms load_terms(const struct vt_near_job *job)
{
    struct near_terms terms = {.scale = vf_all(job->scale)};
    for (int n = 0; n <= job->degree; n++) {
        terms.value[n] = vf_all(job->value[n]);
        terms.slope[n] = vf_all(n < job->degree ? job->slope[n] : 0);
    }
    return terms;
}

/* Both polynomials, even and odd powers apart: four short chains instead of two long ones. */
VT_INLINE void series(const struct near_terms *terms, int degree, vf t, vf *value, vf *slope)
{
    const vf square = t * t;
    vf even = terms->value[degree], odd = terms->value[degree - 1];
    vf slope_even = terms->slope[degree - 2], slope_odd = terms->slope[degree - 1];
    for (int n = degree - 2; n >= 2; n -= 2) {
        even = even * square + terms->value[n];
        odd = odd * square + terms->value[n - 1];
        slope_odd = slope_odd * square + terms->slope[n - 1];
        slope_even = slope_even * square + terms->slope[n - 2];
    }
    *value = (even * square + terms->value[0]) + odd * t;
    *slope = slope_even + slope_odd * t;
}

/* degree and point are known to the compiler. */
struct near_call {
    const struct vt_near_job *job;
    const struct near_terms *terms;
    int degree;
    bool point;
};

/* VT_ENTRIES entries with the lanes of a part whose limit is not exceeded. */
VT_INLINE void add_entries(const struct near_call *call, struct near_part *part, vf limit,
                           const int32_t *place)
{
    vi x[3];
    vf charge;
    load_entries(call->job->atom, place, x, &charge);
    const vf dx = vf_of_int(part->x[0] - x[0]);
    const vf dy = vf_of_int(part->x[1] - x[1]);
    const vf dz = vf_of_int(part->x[2] - x[2]);
    const vf squared = dx * dx + dy * dy + dz * dz;
    const vi inside = squared < limit;
    vf value, slope;
    series(call->terms, call->degree, squared * call->terms->scale - 1, &value, &slope);
    if (call->point) {
        const vf inverse = vf_inverse_sqrt(squared);
        value += inverse;
        slope += inverse * inverse * inverse;
    }
    value = (vf)((vi)value & inside);
    slope = (vf)((vi)slope & inside);
    const vf here = slope * charge, there = slope * part->charge;
    part->potential += value * charge;
    part->field[0] += here * dx;
    part->field[1] += here * dy;
    part->field[2] += here * dz;
    react(call->job->sums, place, there * dx, there * dy, there * dz, value * part->charge);
}

/* What the lanes have come to goes to their records. */
VT_CALLED void flush(const struct vt_near_job *job, size_t place, struct near_part *part)
{
    for (int l = 0; l < VT_WIDTH; l++) {
        double *record = job->sums[place + (size_t)(l % VT_CLUSTER)];
        for (int d = 0; d < 3; d++)
            record[d] += (double)part->field[d][l];
        record[3] += (double)part->potential[l];
    }
    part->field[0] = part->field[1] = part->field[2] = part->potential = vf_all(0);
}

VT_INLINE struct near_part load_part(const struct vt_near_job *job, size_t place)
{
    struct near_part part = {.limit = vf_all(0)};
    for (int l = 0; l < VT_WIDTH; l++) {
        const size_t at = place + (size_t)(l % VT_CLUSTER);
        for (int d = 0; d < 3; d++)
            part.x[d][l] = job->atom[at].x[d];
        part.charge[l] = job->atom[at].charge;
        part.limit[l] = job->list->row[at] >= 0 ? job->cutoff_squared : -1;
    }
    return part;
}

/* Each atom of the cluster with those before it. */
VT_INLINE void add_within(const struct near_call *call, size_t cluster, struct near_part *part,
                          int offset)
{
    const int32_t first = (int32_t)(cluster * VT_CLUSTER);
    const int32_t *row = call->job->list->row + first;
    vi atom, which; /* of each lane: its atom in the cluster, and the entry that it is for */
    for (int l = 0; l < VT_WIDTH; l++) {
        atom[l] = offset + l % VT_CLUSTER;
        which[l] = l / VT_CLUSTER;
    }
    for (int k = 0; k < VT_CLUSTER && row[k] >= 0; k += VT_ENTRIES) {
        const int32_t place[2] = {first + k, first + k + 1};
        vi before = atom < k + which;
        if (VT_ENTRIES > 1 && row[k + 1] < 0)
            before &= which == 0;
        if (offset < k + VT_ENTRIES - 1)
            add_entries(call, part, (vf)((vi)part->limit & before), place);
    }
}

VT_INLINE void add_cluster(const struct near_call *call, size_t cluster)
{
    const struct vt_near_job *job = call->job;
    const int32_t *entry = job->list->entry + job->list->first[cluster];
    const size_t n = job->list->first[cluster + 1] - job->list->first[cluster];
    for (int offset = 0; offset < VT_CLUSTER; offset += VT_WIDTH) {
        const size_t place = cluster * VT_CLUSTER + (size_t)offset;
        struct near_part part = load_part(job, place);
        vf odd_limit = part.limit; /* for an entry without company */
        for (int l = VT_CLUSTER; l < VT_WIDTH; l++)
            odd_limit[l] = -1;
        add_within(call, cluster, &part, offset);
        size_t e = 0;
        do {
            const size_t end = e + VT_FLUSH < n ? e + VT_FLUSH : n;
            for (; e < end; e += VT_ENTRIES) {
                const bool is_whole = e + VT_ENTRIES <= n;
                const int32_t last[2] = {entry[e], entry[e]};
                add_entries(call, &part, is_whole ? part.limit : odd_limit,
                            is_whole ? entry + e : last);
            }
            flush(job, place, &part);
        } while (e < n);
    }
}

VT_INLINE void add_clusters(const struct vt_near_job *job, int degree, bool point)
{
    const struct near_terms terms = load_terms(job);
    const struct near_call call = {job, &terms, degree, point};
    for (size_t cluster = 0; cluster < job->list->n_clusters; cluster++)
        add_cluster(&call, cluster);
}

#define VT_OF_DEGREE(n)                                                                            \
    case n:                                                                                        \
        job->point ? add_clusters(job, n, true) : add_clusters(job, n, false);                     \
        break

/* The degree is known to the compiler, which unrolls the polynomials. */
static void add(const struct vt_near_job *job)
{
    assert(job && job->list && job->atom && job->sums);
    assert(job->degree >= VT_NEAR_LEAST_DEGREE && job->degree <= VT_NEAR_MOST_DEGREE &&
           job->degree % 2 == 0);
    switch (job->degree) {
        VT_OF_DEGREE(4);
        VT_OF_DEGREE(6);
        VT_OF_DEGREE(8);
        VT_OF_DEGREE(10);
        VT_OF_DEGREE(12);
        VT_OF_DEGREE(14);
        VT_OF_DEGREE(16);
    default:
        break;
    }
}

extern const struct vt_near_kernel VT_JOIN_OF(vt_near_kernel, VT_ISA);
const struct vt_near_kernel VT_JOIN_OF(vt_near_kernel, VT_ISA) = {VT_TEXT_OF(VT_ISA), add};
