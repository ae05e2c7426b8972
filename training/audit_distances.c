/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All pairs of a frame, also with images: frames of DFT sets are small. Distances above `reach` are
 * not looked for, so that of a cell thicker than twice that, one image of each pair is enough. */
#include <math.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "domain/cell.h"
#include "domain/pairs.h"
#include "potential/covalent_radii_table.h"
#include "training/audit_parts.h"

static const double reach = 4; /* A */

/* Shortest distance that is not odd, in sums of radii (those of NEP are a third larger than usual);
 * that of N2 is 0.58. */
static const double odd_distance = 0.45;

enum { MOST_IMAGES = 8 };

struct shortest {
    double r;
    size_t i, j;
};

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

static void note_distance(struct vt_audit *audit, const struct vt_dataset_frame *frame,
                          size_t index, const struct shortest *pair)
{
    const int s = frame->type[pair->i], t = frame->type[pair->j];
    if (pair->r > reach || pair->r >= audit->closest[s][t])
        return;
    audit->closest[s][t] = audit->closest[t][s] = pair->r;
    audit->closest_frame[s][t] = audit->closest_frame[t][s] = index;
}

static double odd_below(const struct vt_dataset *set, const struct vt_dataset_frame *frame,
                        size_t i, size_t j)
{
    return odd_distance * (vt_covalent_radius(set->types.atomic_number[frame->type[i]]) +
                           vt_covalent_radius(set->types.atomic_number[frame->type[j]]));
}

static enum vt_code judge(struct vt_audit *audit, const struct vt_dataset *set,
                          const struct vt_dataset_frame *frame, const struct shortest *worst,
                          struct vt_error *error)
{
    if (worst->r == INFINITY)
        return VT_OK;
    const enum vt_audit_kind kind =
        worst->r < VT_SAME_PLACE ? VT_AUDIT_ONE_PLACE : VT_AUDIT_CLOSE_ATOMS;
    return vt_audit_add(
        audit, kind, frame, error, "atoms %zu (%s) and %zu (%s), %.3f A apart", worst->i + 1,
        vt_element_symbol(set->types.atomic_number[frame->type[worst->i]]), worst->j + 1,
        vt_element_symbol(set->types.atomic_number[frame->type[worst->j]]), worst->r);
}

static enum vt_code check_frame(struct vt_audit *audit, const struct vt_dataset *set, size_t index,
                                struct vt_error *error)
{
    const struct vt_dataset_frame *frame = &set->frame[index];
    struct vt_cell cell;
    int images[3];
    if (vt_cell_init(&cell, (const double(*)[3])frame->cell, NULL))
        return VT_OK; /* the volume is odd, and has been noted */
    for (int k = 0; k < 3; k++)
        images[k] = (int)fmin(MOST_IMAGES, floor(reach / cell.thickness[k] + 0.5));
    struct shortest worst = {INFINITY, 0, 0};
    double worst_share = 1;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (size_t j = i; j < frame->n_atoms; j++) {
            double d[3];
            for (int k = 0; k < 3; k++)
                d[k] = frame->position[j][k] - frame->position[i][k];
            const struct shortest pair = {shortest_image(&cell, images, d, i == j), i, j};
            note_distance(audit, frame, index, &pair);
            const double share = pair.r / odd_below(set, frame, i, j);
            if (share < worst_share) {
                worst_share = share;
                worst = pair;
            }
        }
    return judge(audit, set, frame, &worst, error);
}

enum vt_code vt_audit_distances(struct vt_audit *audit, const struct vt_dataset *set,
                                struct vt_error *error)
{
    for (int s = 0; s < VT_NEP_MAX_TYPES; s++)
        for (int t = 0; t < VT_NEP_MAX_TYPES; t++)
            audit->closest[s][t] = INFINITY;
    enum vt_code code = VT_OK;
    for (size_t i = 0; i < set->n_frames && !code; i++)
        code = check_frame(audit, set, i, error);
    return code;
}
