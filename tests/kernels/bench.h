/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of the kernels and of the plain path in one run, on models and structures made up here. */
#ifndef KERNELS_BENCH_H
#define KERNELS_BENCH_H

/* Prints a table; judges nothing. The exit status. */
int bench_kernels(void);

#endif
