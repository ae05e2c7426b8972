/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/labels.h"

#include <assert.h>

#include "base/memory.h"

static struct vt_labelled_frame label(const struct vt_dataset_frame *frame,
                                      const struct vt_energy_shift *shift)
{
    return (struct vt_labelled_frame){
        .n_atoms = frame->n_atoms,
        .cell = {{frame->cell[0][0], frame->cell[0][1], frame->cell[0][2]},
                 {frame->cell[1][0], frame->cell[1][1], frame->cell[1][2]},
                 {frame->cell[2][0], frame->cell[2][1], frame->cell[2][2]}},
        .position = (const double(*)[3])frame->position,
        .type = frame->type,
        .weight = frame->weight,
        .energy_weight = frame->energy_weight,
        .charge = frame->charge,
        .energy = frame->energy - (shift ? vt_energy_shift_of(shift, frame) : 0),
        .force = (const double(*)[3])frame->force,
        .virial = frame->has_virial ? frame->virial : NULL,
        .born = (const double(*)[9])(const void *)frame->born};
}

static enum vt_code take_room(struct vt_labels *labels, size_t n, struct vt_error *error)
{
    enum vt_code code = vt_alloc(&labels->index, n, sizeof *labels->index, "labels", error);
    if (!code)
        code = vt_alloc(&labels->owner, n, sizeof *labels->owner, "labels", error);
    if (!code)
        code = vt_alloc(&labels->frame, n, sizeof *labels->frame, "labels", error);
    if (!code)
        code = vt_alloc(&labels->number, n, sizeof *labels->number, "labels", error);
    return code;
}

enum vt_code vt_labels_create(struct vt_labels *labels, const struct vt_labels_source *source,
                              struct vt_error *error)
{
    assert(labels && !labels->frame && source && source->data && source->owner);
    const struct vt_dataset *data = source->data;
    const size_t most = source->draw ? source->n_draw : data->n_frames;
    const enum vt_code code = take_room(labels, most, error);
    size_t n = 0;
    for (size_t k = 0; k < most && !code; k++) {
        const size_t i = source->draw ? source->draw[k] : k;
        if (data->frame[i].is_test != source->is_test)
            continue;
        labels->index[labels->n_all] = i;
        labels->owner[labels->n_all] = source->owner[i];
        if (source->owner[i] == source->rank) {
            labels->frame[n] = label(&data->frame[i], source->shift);
            labels->number[n++] = labels->n_all;
        }
        labels->n_all++;
    }
    assert(n <= labels->n_all);
    labels->set = (struct vt_frame_set){n, labels->frame, labels->n_all, labels->number};
    return code;
}

void vt_labels_destroy(struct vt_labels *labels)
{
    vt_free(labels->number);
    vt_free(labels->frame);
    vt_free(labels->owner);
    vt_free(labels->index);
    *labels = (struct vt_labels){0};
}
