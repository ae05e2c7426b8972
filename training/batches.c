/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/batches.h"

#include <assert.h>

#include "base/memory.h"
#include "base/random.h"
#include "training/streams.h"

enum vt_code vt_batches_create(struct vt_batches *batches, size_t n_frames, size_t size,
                               uint32_t seed, struct vt_error *error)
{
    assert(batches && n_frames >= 1 && size >= 1);
    *batches = (struct vt_batches){
        .seed = seed, .n_frames = n_frames, .per_epoch = (n_frames - 1) / size + 1, .epoch = -1};
    return vt_alloc(&batches->order, n_frames, sizeof *batches->order, "batches", error);
}

void vt_batches_destroy(struct vt_batches *batches)
{
    assert(batches);
    vt_free(batches->order);
    *batches = (struct vt_batches){0};
}

/* Fisher and Yates, from the order of the set each time: no epoch needs the one before. */
static void shuffle(struct vt_batches *batches, int64_t epoch)
{
    const struct vt_random random = {batches->seed, VT_STREAM_BATCHES};
    size_t *order = batches->order;
    for (size_t i = 0; i < batches->n_frames; i++)
        order[i] = i;
    for (size_t i = batches->n_frames; i-- > 1;) {
        double u;
        vt_random_uniform(random, (struct vt_random_point){(uint64_t)epoch, i, 0}, 1, &u);
        const size_t j = (size_t)(u * (double)(i + 1));
        const size_t other = order[j < i ? j : i];
        order[j < i ? j : i] = order[i];
        order[i] = other;
    }
    batches->epoch = epoch;
}

struct vt_batch vt_batches_take(struct vt_batches *batches, int64_t step)
{
    assert(batches->order && step >= 0);
    const int64_t epoch = step / (int64_t)batches->per_epoch;
    const size_t part = (size_t)(step % (int64_t)batches->per_epoch);
    if (batches->epoch != epoch)
        shuffle(batches, epoch);
    const size_t first = part * batches->n_frames / batches->per_epoch;
    const size_t next = (part + 1) * batches->n_frames / batches->per_epoch;
    assert(first < next && next <= batches->n_frames);
    return (struct vt_batch){next - first, batches->order + first};
}
