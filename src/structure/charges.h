/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formal charges of the elements of a structure, and whether it is neutral with them. */
#ifndef VT_CHARGES_H
#define VT_CHARGES_H

#include <stdbool.h>

#include "base/elements.h"
#include "base/error.h"
#include "structure/formula.h"

struct vt_charges {
    int charge[VT_ELEMENTS + 1];    /* e, by atomic number; a guess where it is not known */
    bool is_known[VT_ELEMENTS + 1]; /* said by the user, or the only usual one */
};

enum { VT_CHARGES_SIZE = 256, VT_LARGEST_CHARGE = 8 };

/* The usual charges, changed by a list such as "Fe=3,H=-1" (NULL: none). */
enum vt_code vt_charges_set(struct vt_charges *charges, const char *list, struct vt_error *error);

/* True if the charges of all its elements are known. */
bool vt_charges_all_known(const struct vt_charges *charges, const struct vt_formula *formula);

/* Sum of amount times charge, e. */
double vt_charges_total(const struct vt_charges *charges, const struct vt_formula *formula);

/* True if that sum is 0 to rounding. */
bool vt_charges_neutral(const struct vt_charges *charges, const struct vt_formula *formula);

/* VT_INPUT if all charges are known and the sum is not 0: the message says what it is. */
enum vt_code vt_charges_check(const struct vt_charges *charges, const struct vt_formula *formula,
                              struct vt_error *error);

/* "Li +1, Zr +4, Fe unknown", cut to size; returns text. */
char *vt_charges_text(const struct vt_charges *charges, const struct vt_formula *formula,
                      char text[VT_CHARGES_SIZE]);

#endif
