/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The innermost loop of the neighbour search: which of a run of atoms are nearer than a cutoff. In
 * plain C, and in vectors of AVX2 where the processor has them: same results, to the last bit. */
#ifndef VT_NEAR_H
#define VT_NEAR_H

#include <stddef.h>
#include <stdint.h>

enum { VT_NEAR_SLACK = 4 }; /* elements behind the end of each array that may be read or written */

/* Borrowed; arrays by place, with room for the slack. */
struct vt_near_atoms {
    const double *x, *y, *z; /* A */
    const int32_t *type;
};

struct vt_near_query {
    double x[3];           /* A */
    size_t self;           /* place of the atom itself, which is not its own neighbour */
    const double *squared; /* [type], A^2: cutoffs */
    double largest;        /* of them; negative: they are not all the same */
};

/* Writes the places first <= k < end within the cutoff, in order, and their squared distances;
 * returns how many. found and squared have room for end - first and the slack. */
typedef size_t vt_near_search(const struct vt_near_atoms *atoms, const struct vt_near_query *query,
                              const size_t run[2], int32_t *found, double *squared);

vt_near_search vt_near_plain;

/* The fastest that this processor runs. */
vt_near_search *vt_near_best(void);

#endif
