/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a nep.in; what is accepted must be settings that a model can have. */
#include <stdint.h>
#include <stdlib.h>

#include "training/nep_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_train_settings settings;
    struct vt_error_list errors = {0};
    const enum vt_code code = vt_nep_in_parse(&settings, "fuzz", (const char *)data, size, &errors);
    demand((code == VT_OK) == (errors.n_kept == 0));
    if (code)
        return 0;
    const struct vt_train_model *model = &settings.model;
    demand(model->n_types > 0 && model->n_types <= VT_NEP_MAX_TYPES);
    for (int t = 0; t < model->n_types; t++)
        demand(model->cutoff_radial[t] >= model->cutoff_angular[t] &&
               model->cutoff_angular[t] > 0 && model->atomic_number[t] > 0);
    demand(model->neurons > 0 && model->l_max >= 2 && model->l_max <= VT_NEP_MAX_L);
    demand(settings.batch > 0 && settings.snes.population > 0);
    return 0;
}
