/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a composition to numbers of atoms. */
#ifndef VT_APPORTION_H
#define VT_APPORTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "structure/charges.h"
#include "structure/formula.h"

/* Whole formula units may differ by this share from the number of atoms that was asked for. */
#define VT_WHOLE_UNITS_WITHIN 0.05

/* Find the numbers of atoms (whole amounts, elements in the order of the formula) for about
 * `n_atoms`. If whole units of the smallest formula with whole numbers come within 5 %, these are
 * taken, and *exact is true. Else each number is rounded: so that the result is neutral, if all
 * charges are known and the formula is neutral (the sum may then differ by a few atoms); so that
 * the sum is right, if not. VT_INPUT if an element would have no atom. */
enum vt_code vt_apportion(const struct vt_formula *formula, const struct vt_charges *charges,
                          int64_t n_atoms, struct vt_formula *counts, bool *exact,
                          struct vt_error *error);

/* Numbers of atoms of `n_units` of the formula as it is written; VT_INPUT if they are not whole. */
enum vt_code vt_apportion_units(const struct vt_formula *formula, int64_t n_units,
                                struct vt_formula *counts, struct vt_error *error);

#endif
