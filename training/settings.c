/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/settings.h"

#include <assert.h>

void vt_train_settings_init(struct vt_train_settings *settings)
{
    assert(settings);
    *settings = (struct vt_train_settings){
        .model = {.version = 4,
                  .n_radial = 6,
                  .n_angular = 6,
                  .k_radial = 6,
                  .k_angular = 6,
                  .l_max = 4,
                  .term = {[VT_Q222] = true},
                  .neurons = 30},
        .loss = {.energy = 1,
                 .force = 1,
                 .virial = 0.1,
                 .charge = 0.1,
                 .born = 0.5,
                 .l1 = -1,
                 .l2 = -1,
                 .shear = 1},
        .snes = {.population = 50, .generations = 100000, .initial_para = 1, .sigma0 = 0.1},
        .batch = 1000,
        .output_interval = 100,
        .save_interval = 100000,
        .save_name = 1};
    for (int t = 0; t < VT_NEP_MAX_TYPES; t++) {
        settings->model.cutoff_radial[t] = 8;
        settings->model.cutoff_angular[t] = 4;
        settings->loss.type_weight[t] = 1;
    }
}
