/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices of parameters, each seen along the axes in which its gradients are least correlated.
 *
 * Of a matrix with gradients G the running means of G G^T and G^T G have eigenvectors U and V; in
 * the coordinates U^T X V what is known of the curvature is nearly diagonal (Gupta, Koren and
 * Singer, arXiv:1802.09568), and a method that has a scale for each coordinate does far better than
 * with those of the file (Vyas et al., arXiv:2409.11321). The eigenvectors follow the means by a
 * step of power iteration and orthogonalisation now and then. */
#ifndef VT_ROTATIONS_H
#define VT_ROTATIONS_H

#include <stdbool.h>

#include "base/error.h"
#include "training/optimiser.h"

struct vt_rotations {
    size_t n_matrices;
    const struct vt_parameter_matrix *matrix; /* borrowed */
    double *state; /* owned, [size]: of each matrix both means, then both sets of axes */
    size_t size;
    bool *is_turned; /* owned, [n]: is the parameter in a matrix? */
    double *scratch; /* owned: three matrices */
};

/* Axes as in the file. Start with `= {0}`; given back by destroy, also after an error. n: all
 * parameters. Matrices have none in common. */
enum vt_code vt_rotations_create(struct vt_rotations *rotations,
                                 const struct vt_parameter_matrix *matrix, size_t n_matrices,
                                 size_t n, struct vt_error *error);
void vt_rotations_destroy(struct vt_rotations *rotations);

/* Where a number of a matrix is among the parameters. */
static inline size_t vt_matrix_place(const struct vt_parameter_matrix *matrix, size_t row,
                                     size_t column)
{
    return matrix->first + row * matrix->row_step + column / matrix->inner * matrix->outer_step +
           column % matrix->inner * matrix->inner_step;
}

/* Take note of a gradient: `decay` is what the means keep of what they were. */
void vt_rotations_learn(struct vt_rotations *rotations, const double *gradient, double decay);

/* Let the axes follow the means. */
void vt_rotations_follow(struct vt_rotations *rotations);

/* turned = values along the axes of matrix k; and back. Both have all parameters [n], of which only
 * those of the matrix are read and set. */
void vt_rotations_turn(struct vt_rotations *rotations, size_t k, const double *values,
                       double *turned);
void vt_rotations_turn_back(struct vt_rotations *rotations, size_t k, const double *turned,
                            double *values);

#endif
