/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues of small symmetric matrices, by Jacobi rotations: slow (n^3 a sweep) and accurate
 * also for the small ones. */
#ifndef VT_EIGEN_H
#define VT_EIGEN_H

/* a: n x n, symmetric, overwritten: its diagonal holds the eigenvalues afterwards, in no order.
 * vectors: n x n, column k belongs to the eigenvalue k. */
void vt_eigen_symmetric(int n, double *a, double *vectors);

#endif
