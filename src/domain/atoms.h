/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atoms that a process works on: its own (local) first, then the ghosts.
 *
 * A ghost is a copy of a local atom, moved by a lattice vector, that lies within reach of the cell.
 * Ghosts are explicit, so that everything downstream sees plain positions: no minimum image, no
 * shift tables, and cells thinner than the cutoff are nothing special (an atom then has many
 * ghosts). The price is their memory in tiny cells. One more row after the last ghost is a far-away
 * dummy: the neighbour rows of vector kernels are padded with it. */
#ifndef VT_ATOMS_H
#define VT_ATOMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/cell.h"

struct vt_atoms {
    int32_t n_local;
    int32_t n_all; /* local and ghosts; row n_all is the dummy */
    double (*position)[3];
    int32_t *type;
    int32_t *owner;     /* of each row the local atom it is a copy of; of a local atom itself */
    double reach;       /* ghosts are complete for pairs up to this distance, A */
    double margin[3];   /* ... that is, in fractional coordinates, this far beyond the cell */
    size_t capacity[3]; /* of position, type, owner */
};

struct vt_atoms_input {
    size_t n;
    const double (*position)[3]; /* may lie outside the cell: local copies are wrapped into it */
    const int *type;
};

/* Take the atoms, wrap them into the cell, and make all ghosts within `reach` of it. Start with `=
 * {0}`; memory is kept for the next call. */
enum vt_code vt_atoms_set(struct vt_atoms *atoms, const struct vt_cell *cell,
                          const struct vt_atoms_input *input, double reach, struct vt_error *error);
void vt_atoms_destroy(struct vt_atoms *atoms);

/* Copy a quantity of `width` numbers an atom from the local rows to their ghosts; and back: add the
 * ghosts' rows to those of their owners (and leave the ghosts' as they are). values: n_all rows. */
void vt_atoms_spread(const struct vt_atoms *atoms, double *values, size_t width);
void vt_atoms_fold(const struct vt_atoms *atoms, double *values, size_t width);

#endif
