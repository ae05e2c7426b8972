/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random packing: atoms anywhere in a periodic cell, no two nearer than their types allow. */
#ifndef VT_PACKING_H
#define VT_PACKING_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/cell.h"

struct vt_packing_input {
    const struct vt_cell *cell;
    int n_types;
    const int *element;    /* of each type: atomic number, for messages */
    const int64_t *count;  /* of each type */
    const double *minimum; /* [n_types x n_types]: distances, A, symmetric */
    uint32_t seed;
};

struct vt_packing {
    size_t n_atoms;
    int32_t *type;         /* 0, 1, ...: atoms of a type stand together, in rising order */
    double (*position)[3]; /* A, in the cell */
    size_t n_tight;        /* atoms for which no free place was found at first */
    int n_sweeps;          /* of pushing apart; 0: not needed */
};

/* Pack. VT_INPUT if the atoms cannot fit, or do not after pushing them apart for long; the message
 * says what failed by how much. The same input gives the same packing. Start with `= {0}`. */
enum vt_code vt_packing_make(struct vt_packing *packing, const struct vt_packing_input *input,
                             struct vt_error *error);
void vt_packing_destroy(struct vt_packing *packing);

/* Smallest distance of each pair of types within `reach`, A; INFINITY where there is none.
 * nearest: [n_types x n_types]. */
enum vt_code vt_packing_nearest(const struct vt_packing *packing,
                                const struct vt_packing_input *input, double reach, double *nearest,
                                struct vt_error *error);

#endif
