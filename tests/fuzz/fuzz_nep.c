/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a model: refused with a message, or read, and then what is written of the model
 * reads as the same model. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "potential/nep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
    if (!truth)
        abort();
}

static void write_and_read(const struct vt_nep *model, bool exact, struct vt_nep *read)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    demand(stream != NULL);
    demand(vt_nep_print(model, stream, exact, NULL) == VT_OK);
    demand(fclose(stream) == 0);
    demand(vt_nep_parse(read, "written", text, size, NULL) == VT_OK);
    free(text);
    demand(read->n_numbers == model->n_numbers);
    demand(read->version == model->version && read->charge_mode == model->charge_mode);
    demand(read->zbl == model->zbl && read->zbl_factor == model->zbl_factor);
    demand(vt_nep_largest_cutoff(read) == vt_nep_largest_cutoff(model));
    demand(!memcmp(read->term, model->term, sizeof read->term));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt_nep model = {0}, exact = {0}, rounded = {0};
    struct vt_error error = {0};
    if (vt_nep_parse(&model, "input", (const char *)data, size, &error)) {
        demand(error.message[0] && error.line >= 0 && !model.numbers);
        return 0;
    }
    write_and_read(&model, true, &exact);
    demand(!memcmp(exact.numbers, model.numbers, model.n_numbers * sizeof *model.numbers));
    write_and_read(&model, false, &rounded);
    for (size_t i = 0; i < model.n_numbers; i++)
        demand(fabs(rounded.numbers[i] - model.numbers[i]) <=
               5.0001e-8 * fabs(model.numbers[i]) + 1e-320);
    vt_nep_destroy(&rounded);
    vt_nep_destroy(&exact);
    vt_nep_destroy(&model);
    return 0;
}
