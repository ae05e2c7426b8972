/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules that a model obeys, one function per header line. Private to this folder: the reader
 * wants to know which word of the line breaks a rule, a model made in memory is checked by the same
 * functions. */
#ifndef VT_NEP_CHECK_H
#define VT_NEP_CHECK_H

#include "potential/nep.h"

/* What a cutoff (A) and a factor on covalent radii may be; far beyond what makes sense, and safe to
 * compute with. */
#define VT_NEP_MIN_CUTOFF 0.1
#define VT_NEP_MAX_CUTOFF 100.0
#define VT_NEP_MIN_FACTOR 0.1
#define VT_NEP_MAX_FACTOR 100.0

/* Just below the largest number of single precision, so that rounding to eight digits does not
 * exceed it. */
#define VT_NEP_MAX_NUMBER 3.4e38

/* Each reads only the fields of its line and of the lines before it. On failure *word is the wrong
 * word of the line, counted from 0 for the keyword; the error has no place. */
enum vt_code vt_nep_check_elements(const struct vt_nep *model, int *word, struct vt_error *error);
enum vt_code vt_nep_check_zbl(const struct vt_nep *model, int *word, struct vt_error *error);
enum vt_code vt_nep_check_cutoffs(const struct vt_nep *model, int *word, struct vt_error *error);
enum vt_code vt_nep_check_n_max(const struct vt_nep *model, int *word, struct vt_error *error);
enum vt_code vt_nep_check_basis_size(const struct vt_nep *model, int *word, struct vt_error *error);
enum vt_code vt_nep_check_l_max(const struct vt_nep *model, int *word, struct vt_error *error);
enum vt_code vt_nep_check_neurons(const struct vt_nep *model, int *word, struct vt_error *error);

/* The rule for number `index`: finite, and of the sign and order its meaning asks for. Needs the
 * numbers before it. */
enum vt_code vt_nep_check_number(const struct vt_nep *model, size_t index, struct vt_error *error);

/* n_blocks, dimension, n_trainable and n_numbers of a header that has passed all checks. */
void vt_nep_set_sizes(struct vt_nep *model);

#endif
