/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random changes of a structure: other elements on its sites, exchanged and missing atoms, more
 * atoms on sites that are free. */
#ifndef VT_SUBSTITUTE_H
#define VT_SUBSTITUTE_H

#include <stdint.h>

#include "base/error.h"
#include "io/frame.h"
#include "structure/changes.h"
#include "structure/formula.h"

/* An atom this near takes a site. */
#define VT_SITE_RADIUS 0.5 /* A */

/* What a frame is made of, in atoms. */
void vt_formula_of_frame(struct vt_formula *formula, const struct vt_frame *frame);

/* Make settled changes in the frame, at random; the same seed makes the same. sites: places for
 * added atoms, a structure in the same cell whose elements do not count; NULL if none are added.
 * Atoms that stay keep their order; added ones come last, with 0, true or "-" in further columns.
 * What no longer holds is dropped: energies, forces, stresses, charges, masses. */
enum vt_code vt_substitute(struct vt_frame *frame, const struct vt_changes *changes,
                           const struct vt_frame *sites, uint32_t seed, struct vt_error *error);

#endif
