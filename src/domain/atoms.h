/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atoms that a rank works on: its own (local) first, then the ghosts.
 *
 * A ghost is a copy of an atom, of this rank or another, moved by a lattice vector if need be, that
 * lies within reach of this rank's brick. Ghosts are explicit, so that everything downstream sees
 * plain positions: no minimum image, no shift tables, and cells thinner than the cutoff are nothing
 * special (an atom then has many ghosts). The price is their memory in tiny cells. One more row
 * after the last ghost is a far-away dummy: the neighbour rows of vector kernels are padded with
 * it. */
#ifndef VT_ATOMS_H
#define VT_ATOMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The group that every atom belongs to; users' groups are the bits above. */
enum { VT_ALL_ATOMS = 1 };

struct vt_atoms {
    int32_t n_local;
    int32_t n_all;         /* local and ghosts; row n_all is the dummy */
    double (*position)[3]; /* A; [n_all + 1] */
    int32_t *type;         /* [n_all + 1] */
    int64_t *id; /* [n_all + 1]: the same on every rank, and of an atom and its ghosts; from 0 */
    double (*velocity)[3]; /* A/fs; local atoms only, like what follows */
    int32_t (
        *image)[3]; /* cell vectors that wrapping took away: unwrapped = position + image . cell */
    uint32_t *groups; /* a bit for each group that the atom belongs to */
    size_t capacity[6];
};

/* Make n rows (and the dummy) fit; what is there is kept. Start with `= {0}`. */
enum vt_code vt_atoms_reserve(struct vt_atoms *atoms, size_t n, struct vt_error *error);

/* Put the dummy behind the last atom. */
void vt_atoms_end(struct vt_atoms *atoms);
void vt_atoms_destroy(struct vt_atoms *atoms);

#endif
