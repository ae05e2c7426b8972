/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers without a state: Philox 4x32-10 (Salmon et al., SC'11), a function of (seed,
 * stream) and (step, id, draw). Whoever asks for the numbers of an atom at a step gets the same
 * ones, on any rank, in any order. */
#ifndef VT_RANDOM_H
#define VT_RANDOM_H

#include <stdint.h>

/* seed: the user's. stream: one per use (initial velocities, thermostat, ...), so that no two share
 * numbers. */
struct vt_random {
    uint32_t seed;
    uint32_t stream;
};

/* Which numbers of the stream. draw counts the pairs of numbers taken at one step for one id. */
struct vt_random_point {
    uint64_t step; /* < 2^48 */
    uint64_t id;   /* of the atom, frame, ...; 0 if there is only one */
    uint16_t draw;
};

/* Fill values with n numbers, uniform in (0, 1), ends excluded: 52 random bits each. They use up
 * the draws point.draw ... point.draw + (n + 1) / 2 - 1, which must not exceed UINT16_MAX. */
void vt_random_uniform(struct vt_random random, struct vt_random_point point, int n,
                       double *values);

/* The same with normally distributed numbers, mean 0, variance 1 (Box-Muller; none beyond 8.6). */
void vt_random_gaussian(struct vt_random random, struct vt_random_point point, int n,
                        double *values);

/* The bare generator: 128 random bits for a counter and a key. */
void vt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t bits[4]);

#endif
