/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covalent radii that scale the typewise cutoffs of NEP models. */
#ifndef VT_COVALENT_RADII_TABLE_H
#define VT_COVALENT_RADII_TABLE_H

enum { VT_COVALENT_RADII = 94 }; /* H ... Pu */

/* In angstrom, 1 <= atomic_number <= VT_COVALENT_RADII. */
double vt_covalent_radius(int atomic_number);

#endif
