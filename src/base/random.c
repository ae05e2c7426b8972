/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/random.h"

#include <assert.h>
#include <math.h>

#include "base/units.h"

enum { ROUNDS = 10, STEP_BITS = 48 };

void vt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t bits[4])
{
    assert(counter && key && bits);
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t a = (uint64_t)0xD2511F53U * c0;
        const uint64_t b = (uint64_t)0xCD9E8D57U * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    bits[0] = c0;
    bits[1] = c1;
    bits[2] = c2;
    bits[3] = c3;
}

/* (k + 1/2) / 2^52 with the 52 high bits k: exact, symmetric about 1/2, never 0 or 1. */
static double to_uniform(uint32_t high, uint32_t low)
{
    const uint64_t k = ((uint64_t)high << 32 | low) >> 12;
    return ((double)k + 0.5) * 0x1p-52;
}

/* Two uniform numbers of one draw. The counter holds 48 bits of step, 16 of draw and 64 of id. */
static void uniform_pair(struct vt_random random, struct vt_random_point point, int draw,
                         double pair[2])
{
    assert(draw >= 0);
    const uint32_t key[2] = {random.seed, random.stream};
    const uint32_t counter[4] = {(uint32_t)point.step,
                                 (uint32_t)(point.step >> 32) | (uint32_t)draw << 16,
                                 (uint32_t)point.id, (uint32_t)(point.id >> 32)};
    uint32_t bits[4];
    vt_philox(counter, key, bits);
    pair[0] = to_uniform(bits[0], bits[1]);
    pair[1] = to_uniform(bits[2], bits[3]);
}

static void check_request(struct vt_random_point point, int n, const double *values)
{
    assert(point.step >> STEP_BITS == 0);
    assert(n >= 0 && (n == 0 || point.draw + (n - 1) / 2 <= UINT16_MAX));
    assert(values || n == 0);
}

void vt_random_uniform(struct vt_random random, struct vt_random_point point, int n, double *values)
{
    assert(n >= 0);
    assert(values || n == 0);
    check_request(point, n, values);
    for (int i = 0; i < n; i += 2) {
        double pair[2];
        uniform_pair(random, point, point.draw + i / 2, pair);
        values[i] = pair[0];
        if (i + 1 < n)
            values[i + 1] = pair[1];
    }
}

void vt_random_gaussian(struct vt_random random, struct vt_random_point point, int n,
                        double *values)
{
    assert(n >= 0);
    assert(values || n == 0);
    check_request(point, n, values);
    for (int i = 0; i < n; i += 2) {
        double pair[2];
        uniform_pair(random, point, point.draw + i / 2, pair);
        const double radius = sqrt(-2 * log(pair[0]));
        values[i] = radius * cos(2 * VT_PI * pair[1]);
        if (i + 1 < n)
            values[i + 1] = radius * sin(2 * VT_PI * pair[1]);
    }
}
