/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers for tests: the same on every machine, a sequence for each seed (splitmix64). */
#ifndef DICE_H
#define DICE_H

#include <stdint.h>

struct dice {
    uint64_t state; /* the seed, at first */
};

static inline uint64_t dice_bits(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* low <= value < high */
static inline double dice_real(struct dice *dice, double low, double high)
{
    return low + (high - low) * (double)(dice_bits(dice) >> 11) * 0x1p-53;
}

/* low <= value <= high */
static inline int dice_int(struct dice *dice, int low, int high)
{
    return low + (int)(dice_bits(dice) % (uint64_t)(high - low + 1));
}

#endif
