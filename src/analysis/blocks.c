/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/blocks.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"

enum vt_code vt_blocks_init(struct vt_blocks *blocks, MPI_Comm comm, size_t n,
                            struct vt_error *error)
{
    *blocks = (struct vt_blocks){.comm = comm, .n = n, .length = 1};
    return vt_alloc(&blocks->sum, VT_BLOCKS * n, sizeof *blocks->sum, "blocks of frames", error);
}

void vt_blocks_destroy(struct vt_blocks *blocks)
{
    vt_free(blocks->sum);
    *blocks = (struct vt_blocks){0};
}

static double *block_of(const struct vt_blocks *blocks, int block)
{
    return blocks->sum + (size_t)block * blocks->n;
}

static void merge(struct vt_blocks *blocks)
{
    for (int into = 0; into < VT_BLOCKS / 2; into++) {
        const double *low = block_of(blocks, 2 * into), *high = block_of(blocks, 2 * into + 1);
        double *to = block_of(blocks, into);
        for (size_t k = 0; k < blocks->n; k++)
            to[k] = low[k] + high[k];
    }
    memset(block_of(blocks, VT_BLOCKS / 2), 0, VT_BLOCKS / 2 * blocks->n * sizeof(double));
    blocks->length *= 2;
}

double *vt_blocks_next(struct vt_blocks *blocks)
{
    if (blocks->n_frames == VT_BLOCKS * blocks->length)
        merge(blocks);
    const int block = (int)(blocks->n_frames / blocks->length);
    const bool is_mine = blocks->n_frames % vt_rank_count(blocks->comm) == vt_rank(blocks->comm);
    blocks->n_frames++;
    return is_mine ? block_of(blocks, block) : NULL;
}

void vt_blocks_finish(struct vt_blocks *blocks)
{
    for (int block = 0; block < VT_BLOCKS; block++)
        vt_sum_over_ranks(blocks->comm, block_of(blocks, block), (int)blocks->n);
}

/* Numerator and denominator of a block, or (block < 0) of all; over: SIZE_MAX: frames. */
static double ratio_of(const struct vt_blocks *blocks, int block, size_t k, size_t over)
{
    const int first = block < 0 ? 0 : block, last = block < 0 ? VT_BLOCKS - 1 : block;
    double above = 0, below = 0;
    for (int b = first; b <= last; b++) {
        above += block_of(blocks, b)[k];
        below += over == SIZE_MAX ? 0 : block_of(blocks, b)[over];
    }
    if (over == SIZE_MAX)
        below = (double)(block < 0 ? blocks->n_frames : blocks->length);
    return below != 0 ? above / below : 0;
}

struct vt_mean vt_blocks_ratio(const struct vt_blocks *blocks, size_t k, size_t over)
{
    const int full = (int)(blocks->n_frames / blocks->length);
    struct vt_mean mean = {ratio_of(blocks, -1, k, over), NAN};
    if (full < VT_BLOCKS / 2)
        return mean;
    double sum = 0, sum2 = 0;
    for (int b = 0; b < full; b++) {
        const double value = ratio_of(blocks, b, k, over);
        sum += value;
        sum2 += value * value;
    }
    mean.sigma = sqrt(fmax(sum2 - sum * sum / full, 0) / (full * (full - 1.0)));
    return mean;
}

struct vt_mean vt_blocks_mean(const struct vt_blocks *blocks, size_t k)
{
    return vt_blocks_ratio(blocks, k, SIZE_MAX);
}
