/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frames_file.h"

#include <string.h>

#include "base/memory.h"
#include "io/extxyz.h"

static enum vt_code reserve(struct frames_file *file, struct vt_error *error)
{
    const size_t n = file->n + 1;
    enum vt_code code =
        vt_reserve(&file->frame, &file->capacity[0], n, sizeof *file->frame, "frames", error);
    if (!code)
        code = vt_reserve(&file->labelled, &file->capacity[1], n, sizeof *file->labelled, "frames",
                          error);
    if (!code)
        code = vt_reserve(&file->type, &file->capacity[2], n, sizeof *file->type, "frames", error);
    if (!code)
        code =
            vt_reserve(&file->virial, &file->capacity[3], n, sizeof *file->virial, "frames", error);
    return code;
}

static enum vt_code find_types(struct frames_file *file, size_t i, const struct vt_nep *model,
                               struct vt_error *error)
{
    const struct vt_frame *frame = &file->frame[i];
    const enum vt_code code =
        vt_alloc(&file->type[i], frame->n_atoms, sizeof **file->type, "types", error);
    for (size_t a = 0; a < frame->n_atoms && !code; a++) {
        file->type[i][a] = vt_nep_type(model, frame->element[a]);
        if (file->type[i][a] < 0)
            return vt_fail(error, VT_INPUT, "frame %zu has an element that the model lacks", i);
    }
    return code;
}

/* Arrays have their places only now. */
static enum vt_code label_all(struct frames_file *file, struct vt_error *error)
{
    for (size_t i = 0; i < file->n; i++) {
        const struct vt_frame *frame = &file->frame[i];
        const double *forces = NULL;
        struct vt_labelled_frame *out = &file->labelled[i];
        *out = (struct vt_labelled_frame){.n_atoms = frame->n_atoms,
                                          .position = (const double(*)[3])frame->position,
                                          .type = file->type[i],
                                          .weight = 1,
                                          .energy_weight = 1};
        memcpy(out->cell, frame->cell, sizeof out->cell);
        if (!vt_frame_energy(frame, &out->energy) || !vt_frame_forces(frame, &forces))
            return vt_fail(error, VT_INPUT, "frame %zu has no energy or no forces", i);
        out->force = (const double(*)[3])(const void *)forces;
        out->virial = vt_frame_virial(frame, file->virial[i]) ? file->virial[i] : NULL;
        file->n_atoms += frame->n_atoms;
    }
    return VT_OK;
}

enum vt_code frames_file_read(struct frames_file *file, const char *path,
                              const struct vt_nep *model, struct vt_error *error)
{
    struct vt_extxyz_reader *reader = NULL;
    bool end = false;
    enum vt_code code = vt_extxyz_open(&reader, path, error);
    while (!code && !end) {
        code = reserve(file, error);
        if (!code)
            code = vt_extxyz_read(reader, &file->frame[file->n], &end, error);
        if (!code && !end)
            code = find_types(file, file->n++, model, error);
    }
    vt_extxyz_close(reader);
    return code ? code : label_all(file, error);
}

void frames_file_destroy(struct frames_file *file)
{
    for (size_t i = 0; i < file->capacity[0]; i++)
        vt_frame_destroy(&file->frame[i]);
    for (size_t i = 0; i < file->n; i++)
        vt_free(file->type[i]);
    vt_free(file->frame);
    vt_free(file->labelled);
    vt_free(file->type);
    vt_free(file->virial);
    *file = (struct frames_file){0};
}

struct vt_frame_set frames_file_set(const struct frames_file *file)
{
    return (struct vt_frame_set){.n = file->n, .frame = file->labelled, .n_all = file->n};
}
