/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/checksum.h"

#include <assert.h>
#include <string.h>

/* The finaliser of splitmix64 (Steele, Lea and Flood 2014) of the word, set apart by its place. */
static uint64_t scramble(uint64_t word, uint64_t place)
{
    uint64_t z = word ^ (place + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t vt_checksum(const unsigned char *bytes, size_t n, uint64_t place)
{
    assert(bytes || n == 0);
    uint64_t sum = 0, word;
    for (; n >= sizeof word; n -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        sum += scramble(word, place++);
    }
    word = 0;
    memcpy(&word, bytes, n);
    return n > 0 ? sum + scramble(word, place) : sum;
}
