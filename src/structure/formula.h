/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compositions as chemists write them: Li2ZrCl6, Li2.25Zr0.75Al0.25Cl4.2O0.8F0.2, Ca3(PO4)2,
 * 75Li2S-25P2S5. */
#ifndef VT_FORMULA_H
#define VT_FORMULA_H

#include <stddef.h>

#include "base/elements.h"
#include "base/error.h"

/* How much of which element there is; also the contents of a structure, in atoms. */
struct vt_formula {
    int n;
    int element[VT_ELEMENTS];   /* atomic numbers, each once, in the order they were first named */
    double amount[VT_ELEMENTS]; /* positive */
};

enum { VT_FORMULA_SIZE = 256 };

/* Read all of text: elements with amounts (1 if none stands), groups in parentheses, and parts
 * joined by - or + that may begin with a factor. Blanks are skipped. */
enum vt_code vt_formula_parse(struct vt_formula *formula, const char *text, struct vt_error *error);

/* Count one atom (or `amount` of them) more of an element; start with `= {0}`. */
void vt_formula_add(struct vt_formula *formula, int element, double amount);

/* Amount of an element; 0 if it is not there. */
double vt_formula_amount(const struct vt_formula *formula, int element);

/* Sum of the amounts; mass in amu. */
double vt_formula_total(const struct vt_formula *formula);
double vt_formula_mass(const struct vt_formula *formula);

/* "Li2.25Zr0.75Cl6", cut to size; returns text. */
char *vt_formula_text(const struct vt_formula *formula, char text[VT_FORMULA_SIZE]);

#endif
