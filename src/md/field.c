/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "md/field.h"

#include <assert.h>

/* Of Born charges the first index is the polarisation's, and so the field's. */
void vt_field_force(const struct vt_field *field, const struct vt_results *results, int32_t i,
                    double force[3])
{
    const double *e = field->strength;
    if (field->coupling == VT_FIELD_ON_BORN) {
        assert(results->born);
        const double *z = results->born[i];
        for (int b = 0; b < 3; b++)
            force[b] = e[0] * z[b] + e[1] * z[3 + b] + e[2] * z[6 + b];
        return;
    }
    assert(field->coupling == VT_FIELD_ON_CHARGES && results->charges);
    for (int b = 0; b < 3; b++)
        force[b] = results->charges[i] * e[b];
}
