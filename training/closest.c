/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All pairs of a frame, also with images: frames of DFT sets are small. Distances above the reach
 * are not looked for, so that of a cell thicker than twice that, one image of each pair is enough.
 */
#include "training/closest.h"

#include <assert.h>
#include <math.h>

#include "base/mat3.h"
#include "domain/cell.h"

enum { MOST_IMAGES = 8 };

/* Shortest image of the difference of two atoms, not the atom itself. */
static double shortest_image(const struct vt_cell *cell, const int images[3], const double d[3],
                             bool is_same_atom)
{
    double s[3], best = INFINITY;
    vt_cell_fractional(cell, d, s);
    for (int k = 0; k < 3; k++)
        s[k] -= round(s[k]);
    for (int a = -images[0]; a <= images[0]; a++)
        for (int b = -images[1]; b <= images[1]; b++)
            for (int c = -images[2]; c <= images[2]; c++) {
                if (is_same_atom && a == 0 && b == 0 && c == 0)
                    continue;
                double r[3];
                const double shifted[3] = {s[0] + a, s[1] + b, s[2] + c};
                vt_cell_cartesian(cell, shifted, r);
                best = fmin(best, vt_dot(r, r));
            }
    return sqrt(best);
}

void vt_closest_in_frame(const struct vt_dataset_frame *frame, int n_types,
                         struct vt_closest *closest)
{
    assert(frame && closest && n_types > 0);
    for (int p = 0; p < n_types * n_types; p++)
        closest[p] = (struct vt_closest){INFINITY, 0, 0};
    struct vt_cell cell;
    if (vt_cell_init(&cell, (const double(*)[3])frame->cell, NULL))
        return;
    int images[3];
    for (int k = 0; k < 3; k++)
        images[k] = (int)fmin(MOST_IMAGES, floor(VT_CLOSEST_REACH / cell.thickness[k] + 0.5));
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t j = i; j < frame->n_atoms; j++) {
            double d[3];
            for (int k = 0; k < 3; k++)
                d[k] = frame->position[j][k] - frame->position[i][k];
            const double r = shortest_image(&cell, images, d, i == j);
            const int s = frame->type[i], t = frame->type[j];
            if (r > VT_CLOSEST_REACH || r >= closest[s * n_types + t].r)
                continue;
            closest[s * n_types + t] = closest[t * n_types + s] = (struct vt_closest){r, i, j};
        }
}
