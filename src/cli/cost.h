/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one evaluation of a model costs, in floating-point operations per atom, counted from the
 * formulas.
 *
 * A count, not a measurement: it tells models and settings apart and bounds the time from below. */
#ifndef VT_COST_H
#define VT_COST_H

#include <stddef.h>

#include "base/error.h"
#include "io/frame.h"
#include "potential/nep.h"

/* Where the model is evaluated. */
struct vt_surroundings {
    double n_atoms;
    double volume;          /* A^3 */
    double radial, angular; /* neighbours of an atom, mean */
};

/* A uniform fluid of that number density (atoms/A^3), every element of the model in equal shares.
 */
struct vt_surroundings vt_surroundings_uniform(const struct vt_nep *model, double density,
                                               double n_atoms);

/* The neighbours as they are in a frame of at least one atom, around at most 500 of them, evenly
 * picked; it must have a cell and elements that the model knows. */
enum vt_code vt_surroundings_of_frame(const struct vt_nep *model, const struct vt_frame *frame,
                                      struct vt_surroundings *surroundings, struct vt_error *error);

/* Operations per atom. */
struct vt_cost {
    double radial, angular, network;
    double coulomb_near; /* pairs */
    double coulomb_far;  /* plain Ewald sum over k, `waves` of them (one of each +k, -k) */
    double waves;
};

struct vt_cost vt_cost_estimate(const struct vt_nep *model, const struct vt_surroundings *around);

#endif
