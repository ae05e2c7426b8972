/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels called by themselves, with all they write between guard words. cmocka tests; *state is
 * the kernel. */
#ifndef GUARDS_H
#define GUARDS_H

/* They write where they may and nowhere else, and leave alone what they read. */
void test_guards(void **state);

/* `evaluate` is `describe` and `push` without a potential; each agrees with the plain path. */
void test_halves(void **state);

/* Whatever was in the scratch before, results are the same to the last bit. */
void test_scratch(void **state);

#endif
