/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/elements.h"
#include "base/memory.h"
#include "training/split.h"
#include "training/train_state.h"

static void set_types(const struct vt_train_config *config, struct vt_dataset_types *types)
{
    assert(config->n_elements <= VT_NEP_MAX_TYPES && types->n == 0);
    types->is_open = config->n_elements == 0;
    for (size_t i = 0; i < config->n_elements; i++)
        types->atomic_number[types->n++] =
            vt_atomic_number(config->elements[i], strlen(config->elements[i]));
}

/* The elements as they came, into the configuration: they belong to the result. */
static enum vt_code keep_types(struct vt_train *train, struct vt_error *error)
{
    struct vt_train_config *config = train->config;
    const struct vt_dataset_types *types = &train->data.types;
    if (config->n_elements > 0)
        return VT_OK;
    enum vt_code code = vt_alloc(&config->elements, (size_t)types->n, sizeof *config->elements,
                                 "the elements", error);
    for (int t = 0; t < types->n && !code; t++) {
        code = vt_alloc(&config->elements[t], 4, 1, "the elements", error);
        if (!code) {
            snprintf(config->elements[t], 4, "%s", vt_element_symbol(types->atomic_number[t]));
            config->n_elements++;
        }
    }
    return code;
}

/* Energies that differ by the elements alone, if they differ at all: with one composition the
 * common bias does. */
static bool shift_varies(const struct vt_train *train)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < train->data.n_frames; i++) {
        const struct vt_dataset_frame *frame = &train->data.frame[i];
        const double e = vt_energy_shift_of(&train->shift, frame) / (double)frame->n_atoms;
        low = fmin(low, e);
        high = fmax(high, e);
    }
    return high - low > 1e-6;
}

static size_t count_frames(const struct vt_dataset *data, bool is_test)
{
    size_t n = 0;
    for (size_t i = 0; i < data->n_frames; i++)
        n += data->frame[i].is_test == is_test;
    return n;
}

/* Each type needs frames, or its network stays as it was drawn. */
static enum vt_code check_types(const struct vt_train *train, struct vt_error *error)
{
    const struct vt_dataset_types *types = &train->data.types;
    for (int t = 0; t < types->n; t++)
        if (!train->shift.is_present[t] && !train->config->fine_tune) {
            vt_fail_at(error, (struct vt_place){train->config->train, 0, 0}, VT_INPUT,
                       "no training frame has %s, an element of the model",
                       vt_element_symbol(types->atomic_number[t]));
            vt_hint(error, "leave it out of elements");
            return VT_INPUT;
        }
    return VT_OK;
}

static enum vt_code add_files(struct vt_train *train, struct vt_error_list *errors)
{
    const struct vt_train_config *config = train->config;
    enum vt_code code = vt_dataset_add_file(&train->data, config->train, false, errors);
    if (config->test == VT_TRAIN_TEST_FILE) {
        const enum vt_code test =
            vt_dataset_add_file(&train->data, config->test_file, true, errors);
        code = code ? code : test;
    }
    return code;
}

/* Frames to train and to test with, as the loss wants them. */
static enum vt_code make_labels(struct vt_train *train, struct vt_error *error)
{
    struct vt_labels_source source = {.data = &train->data,
                                      .owner = train->owner,
                                      .rank = train->rank,
                                      .shift = train->uses_shift ? &train->shift : NULL};
    size_t *draw = NULL;
    enum vt_code code = VT_OK;
    if (train->config->bootstrap) {
        code = vt_alloc(&draw, train->data.n_frames, sizeof *draw, "frames", error);
        if (!code)
            code = vt_dataset_resample(&train->data, (uint32_t)train->config->seed, draw,
                                       &source.n_draw, error);
    }
    source.draw = draw;
    if (!code)
        code = vt_labels_create(&train->train_labels, &source, error);
    source.is_test = true;
    source.draw = NULL;
    if (!code)
        code = vt_labels_create(&train->test_labels, &source, error);
    vt_free(draw);
    return code;
}

enum vt_code vt_train_read(struct vt_train *train, struct vt_error_list *errors,
                           struct vt_error *error)
{
    const struct vt_train_config *config = train->config;
    set_types(config, &train->data.types);
    enum vt_code code = add_files(train, errors);
    if (code && errors->n_kept > 0)
        *error = errors->error[errors->n_kept - 1];
    code = vt_agree(train->comm, code, 0, error);
    if (!code && config->test == VT_TRAIN_TEST_FRACTION)
        code = vt_dataset_split(&train->data, config->test_fraction, (uint32_t)config->seed, error);
    if (!code && count_frames(&train->data, false) == 0)
        code = vt_fail_at(error, (struct vt_place){config->train, 0, 0}, VT_INPUT,
                          "there is no frame to train with");
    if (!code)
        code = vt_energy_shift_fit(&train->shift, &train->data, NULL, error);
    if (!code)
        code = check_types(train, error);
    if (!code)
        code = keep_types(train, error);
    if (!code)
        code = vt_alloc(&train->owner, train->data.n_frames, sizeof *train->owner,
                        "ranks of frames", error);
    if (!code)
        code = vt_dataset_deal(&train->data, config->model.cutoff[0], train->size, train->owner,
                               error);
    train->uses_shift = !code && config->zero == VT_ZERO_ELEMENTS && shift_varies(train);
    if (!code)
        code = make_labels(train, error);
    return vt_agree(train->comm, code, 0, error);
}
