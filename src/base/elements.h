/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The periodic table, H to Og. */
#ifndef VT_ELEMENTS_H
#define VT_ELEMENTS_H

#include <stddef.h>

enum { VT_ELEMENTS = 118 };

/* Atomic number of a symbol given by its first `length` bytes (case-sensitive), 0 if none. */
int vt_atomic_number(const char *symbol, size_t length);

/* Symbol and standard atomic mass (amu; of the longest-lived isotope where there is none).
 * 1 <= atomic_number <= VT_ELEMENTS. */
const char *vt_element_symbol(int atomic_number);
double vt_element_mass(int atomic_number);

/* Atomic number of the element whose mass is nearest to `mass`, if within 0.5 amu, else 0. */
int vt_element_by_mass(double mass);

#endif
