/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How users choose arithmetic and electrostatics: the words for precision, instruction set and
 * method, for the tables of all commands that evaluate forces. */
#ifndef VT_ARITHMETIC_H
#define VT_ARITHMETIC_H

#include "force/force.h"
#include "io/config.h"

/* For fields of enum vt_precision and enum vt_electrostatics; and for ints that vt_isa_kernel and
 * vt_check_isa take, with the fallback "auto". */
extern const struct vt_word vt_precision_words[], vt_electrostatics_words[], vt_isa_words[];

/* The kernel of a value of vt_isa_words; for auto the fastest. One that this processor lacks is
 * NULL. */
const struct vt_kernel *vt_isa_kernel(int isa);

/* In the check of a table whose entry "isa" has this value: is it there? */
void vt_check_isa(int isa, struct vt_config_check *check);

/* Electrostatics in one word of a command line: "METHOD" or "METHOD:ACCURACY". False: none of
 * these. Without an accuracy it is 1e-8 for ewald and 1e-5 otherwise. */
bool vt_read_electrostatics(const char *text, struct vt_force_options *options);

/* In the check of a table whose entry "electrostatics" has this value: is it one? */
void vt_check_electrostatics(const char *text, struct vt_config_check *check);

/* The word again: "gpumd", "ewald:1e-08". */
void vt_electrostatics_text(enum vt_electrostatics method, double accuracy, char text[32]);

/* For logs: "mixed precision, avx512 kernels", "double precision". */
void vt_arithmetic_text(const struct vt_force *force, char text[64]);

#endif
