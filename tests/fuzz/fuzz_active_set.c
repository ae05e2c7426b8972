/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the active set of a small model: refused with a message, or read, and then what is
 * written of it reads as the same set. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "potential/active_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct vt_nep model = {.n_types = 2,
                                 .atomic_number = {3, 17},
                                 .cutoff_radial = {5, 5},
                                 .cutoff_angular = {4, 4},
                                 .k_radial = 1};
    struct vt_active_set set = {0}, again = {0};
    struct vt_error error = {.code = VT_OK};
    if (vt_active_set_parse(&set, "input", (const char *)data, size, &model, &error)) {
        demand(error.message[0] && error.line >= 0);
        vt_active_set_destroy(&set);
        return 0;
    }
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    demand(stream != NULL);
    vt_active_set_print(&set, &model, stream);
    demand(fclose(stream) == 0);
    demand(vt_active_set_parse(&again, "written", text, length, &model, NULL) == VT_OK);
    const size_t bytes = (size_t)(set.n * set.n * set.n_types) * sizeof *set.rows;
    demand(memcmp(set.rows, again.rows, bytes) == 0);
    const double sums[4] = {1, 2, 3, 4};
    demand(vt_active_set_grade(&set, 1, sums) >= 0);
    free(text);
    vt_active_set_destroy(&again);
    vt_active_set_destroy(&set);
    return 0;
}
