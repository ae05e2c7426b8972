/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that a test program gave back all it took from vt_alloc, and lets a test make vt_alloc
 * fail.
 *
 * The programs are linked with --wrap=vt_alloc and --wrap=vt_free, so that the calls of the library
 * and of the test itself come through balance.c, which counts them. Of the functions of memory.c
 * none calls another of them; vt_reserve is in a file of its own, so its calls are counted too. */
#ifndef VT_TESTS_BALANCE_H
#define VT_TESTS_BALANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The n-th call of vt_alloc from now on fails with VT_MEMORY (1 = the next one), once; 0: none
 * does. A loop over n = 1, 2, ... until vt_balance_failed() is false walks through every failure of
 * a function. */
void vt_balance_fail(long n);

/* True if the failure asked for by the last vt_balance_fail has happened. */
bool vt_balance_failed(void);

/* Pieces of memory taken and not yet given back. */
long vt_balance_open(void);

/* Says so on stderr and returns 1 if any piece is open; else 0. */
int vt_balance_check(void);

/* Run a group of cmocka tests (an array of struct CMUnitTest), then check the balance; the value is
 * the exit status of the program. */
#define VT_RUN_TESTS(tests) (cmocka_run_group_tests(tests, NULL, NULL) != 0 || vt_balance_check())

#endif
