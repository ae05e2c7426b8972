/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain/cell.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Cells longer than this hold no numbers we could still tell apart to 1e-9 A. */
static const double longest_vector = 1e6;

enum vt_code vt_cell_init(struct vt_cell *cell, const double vector[3][3], struct vt_error *error)
{
    static const char names[] = "abc";
    assert(cell && vector);
    for (int d = 0; d < 3; d++) {
        const double length = vt_norm(vector[d]);
        if (!isfinite(length) || length > longest_vector)
            return vt_fail(error, VT_INPUT, "cell vector %c is %g A long", names[d], length);
    }
    memcpy(cell->vector, vector, sizeof cell->vector);
    cell->volume = fabs(vt_mat3_determinant(vector));
    for (int d = 0; d < 3; d++) {
        double face[3];
        vt_cross(vector[(d + 1) % 3], vector[(d + 2) % 3], face);
        const double area = vt_norm(face);
        cell->thickness[d] = area > 0 ? cell->volume / area : 0;
        if (!(cell->thickness[d] >= VT_CELL_MIN_THICKNESS)) {
            vt_fail(error, VT_INPUT, "the cell has no volume: it is %.3g A thick across vector %c",
                    cell->thickness[d], names[d]);
            vt_hint(error, "three cell vectors that span at least %g A each way are needed",
                    VT_CELL_MIN_THICKNESS);
            return VT_INPUT;
        }
    }
    vt_mat3_inverse(vector, cell->inverse);
    return VT_OK;
}
