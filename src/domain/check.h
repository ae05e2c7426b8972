/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what others rely on holds: for asserts, where a mistake in the program is to be found
 * near its cause. Each looks at every row, which is more than a time step can pay: the
 * environment's VITRION_CHECK=1 turns on those that a run makes where it builds its lists. */
#ifndef VT_CHECK_H
#define VT_CHECK_H

#include <stdbool.h>

#include "domain/domain.h"
#include "domain/neighbours.h"

/* Does the environment ask for them? */
bool vt_checks_are_wanted(void);

/* After vt_domain_migrate or vt_halo_build: counts in order, arrays large enough, local ids rising,
 * numbers that are finite, types from 0 and the dummy behind the last row. */
bool vt_atoms_is_valid(const struct vt_atoms *atoms);

/* After vt_neighbours_build, for the domain it was built for: places and rows are each other's
 * inverse, each local atom has one lane of a slice of its type, and each lane has neighbours of
 * the right type within the cutoff ([n_types x n_types], A), then dummies. That none is missing
 * is not looked at. */
bool vt_neighbours_is_valid(const struct vt_neighbours *list, const struct vt_domain *domain,
                            const double *cutoff);

#endif
