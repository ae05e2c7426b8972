/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/elements.h"
#include "base/memory.h"
#include "domain/pairs.h"
#include "potential/covalent_radii_table.h"
#include "training/audit_parts.h"
#include "training/closest.h"

/* Shortest distance that is not odd, in sums of radii (those of NEP are a third larger than usual);
 * that of N2 is 0.58. */
static const double odd_distance = 0.45;

static double odd_below(const struct vt_dataset *set, int s, int t)
{
    return odd_distance * (vt_covalent_radius(set->types.atomic_number[s]) +
                           vt_covalent_radius(set->types.atomic_number[t]));
}

static enum vt_code judge(struct vt_audit *audit, const struct vt_dataset *set,
                          const struct vt_dataset_frame *frame, const struct vt_closest *worst,
                          struct vt_error *error)
{
    const enum vt_audit_kind kind =
        worst->r < VT_SAME_PLACE ? VT_AUDIT_ONE_PLACE : VT_AUDIT_CLOSE_ATOMS;
    return vt_audit_add(
        audit, kind, frame, error, "atoms %zu (%s) and %zu (%s), %.3f A apart", worst->i + 1,
        vt_element_symbol(set->types.atomic_number[frame->type[worst->i]]), worst->j + 1,
        vt_element_symbol(set->types.atomic_number[frame->type[worst->j]]), worst->r);
}

/* closest: of the frame, by pairs of types. */
static enum vt_code check_frame(struct vt_audit *audit, const struct vt_dataset *set, size_t index,
                                const struct vt_closest *closest, struct vt_error *error)
{
    const int n = set->types.n;
    const struct vt_closest *worst = NULL;
    double worst_share = 1;
    for (int s = 0; s < n; s++)
        for (int t = 0; t < n; t++) {
            const struct vt_closest *pair = &closest[s * n + t];
            if (pair->r < audit->closest[s][t]) {
                audit->closest[s][t] = pair->r;
                audit->closest_frame[s][t] = index;
            }
            if (pair->r / odd_below(set, s, t) < worst_share) {
                worst_share = pair->r / odd_below(set, s, t);
                worst = pair;
            }
        }
    return worst ? judge(audit, set, &set->frame[index], worst, error) : VT_OK;
}

enum vt_code vt_audit_distances(struct vt_audit *audit, const struct vt_dataset *set,
                                struct vt_error *error)
{
    const size_t n = (size_t)set->types.n;
    struct vt_closest *closest = NULL;
    enum vt_code code =
        vt_alloc(&closest, n * n, sizeof *closest, "distances by pairs of elements", error);
    for (int s = 0; s < VT_NEP_MAX_TYPES; s++)
        for (int t = 0; t < VT_NEP_MAX_TYPES; t++)
            audit->closest[s][t] = INFINITY;
    for (size_t i = 0; i < set->n_frames && !code; i++) {
        vt_closest_in_frame(&set->frame[i], set->types.n, closest);
        code = check_frame(audit, set, i, closest, error);
    }
    vt_free(closest);
    return code;
}
