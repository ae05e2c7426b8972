/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How users choose the arithmetic: the words for precision and instruction set, for the tables of
 * all commands that evaluate forces. */
#ifndef VT_ARITHMETIC_H
#define VT_ARITHMETIC_H

#include "force/force.h"
#include "io/config.h"

/* For fields of enum vt_precision; and for ints that vt_isa_kernel and vt_check_isa take, with the
 * fallback "auto". */
extern const struct vt_word vt_precision_words[], vt_isa_words[];

/* The kernel of a value of vt_isa_words; for auto the fastest. One that this processor lacks is
 * NULL. */
const struct vt_kernel *vt_isa_kernel(int isa);

/* In the check of a table whose entry "isa" has this value: is it there? */
void vt_check_isa(int isa, struct vt_config_check *check);

/* For logs: "mixed precision, avx512 kernels", "double precision". */
void vt_arithmetic_text(const struct vt_force *force, char text[64]);

#endif
