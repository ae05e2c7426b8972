/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further models beside the one of a predictor: where they disagree, none of them is to be trusted.
 *
 * The spread of a force is the root mean square over all members, the first one included, of the
 * length of the deviation from their mean; that of the energy likewise. */
#ifndef VT_COMMITTEE_H
#define VT_COMMITTEE_H

#include <stddef.h>

#include "base/error.h"
#include "force/force.h"
#include "io/frame.h"

/* Start with `= {0}`: a committee of the first model alone, which has no spread. */
struct vt_committee {
    size_t n; /* models beside the first */
    struct vt_committee_member *member;
    int *type;        /* of the atoms of the frame at work */
    double (*sum)[3]; /* of the members' forces less those of the first model, eV/A */
    double *square;   /* of the lengths of these differences, squared */
    size_t type_capacity, sum_capacity, square_capacity;
};

/* What a frame adds to the summary. */
struct vt_spread {
    double squares; /* sum over the atoms of the squared spread, eV^2/A^2 */
    double largest; /* eV/A, of an atom */
    size_t n_atoms;
};

enum vt_code vt_committee_open(struct vt_committee *committee, char *const *paths, size_t n,
                               const struct vt_force_options *options, struct vt_error *error);
void vt_committee_close(struct vt_committee *committee);

/* Add the column force_spread (eV/A) and the key energy_spread (eV/atom) to a frame of which the
 * first model gave these results. Nothing happens in a committee of one. Errors name the model. */
enum vt_code vt_committee_judge(struct vt_committee *committee, struct vt_frame *frame,
                                const struct vt_results *first, struct vt_spread *spread,
                                struct vt_error *error);

#endif
