/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/layout.h"

#include <assert.h>
#include <string.h>

struct vt_layout vt_layout(const struct vt_plan *plan)
{
    assert(plan->model);
    struct vt_layout layout = {
        .n_types = (size_t)plan->n_types,
        .n_radial = (size_t)plan->n_radial,
        .k_radial = (size_t)plan->k_radial,
        .n_angular = (size_t)plan->n_angular,
        .k_angular = (size_t)plan->k_angular,
        .n_harmonics = (size_t)plan->n_harmonics,
        .stride = ((size_t)plan->n_harmonics + VT_PAD - 1) / VT_PAD * VT_PAD,
        .dimension = (size_t)plan->dimension,
        .n_blocks = (size_t)plan->model->n_blocks,
        .neurons = (size_t)plan->neurons,
        .n_parameters = plan->model->n_trainable,
        .l_max = plan->l_max,
        .charge_mode = plan->model->charge_mode,
        .version = plan->model->version,
    };
    memcpy(layout.term, plan->model->term, sizeof layout.term);
    for (int l = 1; l <= plan->l_max; l++)
        for (int h = l * l - 1; h < (l + 1) * (l + 1) - 1; h++)
            layout.weights[l - 1][h] = plan->weight[h];
    assert(layout.dimension == layout.n_radial + layout.n_angular * layout.n_blocks);
    return layout;
}

struct vt_network_place vt_network_place(const struct vt_nep *model, int type)
{
    const struct vt_nep_network network = vt_nep_network(model, type);
    struct vt_network_place place = {.w0 = (size_t)(network.w0 - model->numbers),
                                     .b0 = (size_t)(network.b0 - model->numbers),
                                     .w1 = (size_t)(network.w1 - model->numbers),
                                     .wq = model->n_trainable,
                                     .bias = model->n_trainable};
    size_t end = place.w1 + (size_t)model->neurons;
    if (network.wq) {
        place.wq = end;
        end += (size_t)model->neurons;
    }
    if (model->version == 5)
        place.bias = end;
    return place;
}

struct vt_block_places vt_block_places(const struct vt_nep *model)
{
    struct vt_block_places places = {
        .sqrt_epsilon = model->n_trainable,
        .radial = (size_t)(vt_nep_radial(model) - model->numbers),
        .angular = (size_t)(vt_nep_angular(model) - model->numbers),
    };
    places.common_bias = places.radial - 1;
    if (model->charge_mode)
        places.sqrt_epsilon = places.common_bias - 1;
    return places;
}
