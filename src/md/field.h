/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A homogeneous electric field on the atoms, by their charges or their Born charges.
 *
 * The force is not the gradient of an energy: what the field has done is known by its work alone
 * (docs/theory.md 8.9). */
#ifndef VT_FIELD_H
#define VT_FIELD_H

#include <stdint.h>

#include "force/force.h"

enum vt_field_coupling { VT_NO_FIELD, VT_FIELD_ON_CHARGES, VT_FIELD_ON_BORN };

struct vt_field {
    enum vt_field_coupling coupling;
    double strength[3]; /* V/A */
};

/* On local atom i, eV/A; there is a field. results: with charges, or with Born charges. */
void vt_field_force(const struct vt_field *field, const struct vt_results *results, int32_t i,
                    double force[3]);

#endif
