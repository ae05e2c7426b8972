/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/rotations.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "training/matrix.h"

/* What keeps axes apart in which there was no gradient: a part of the trace, so large that
 * rounding, which differs with the number of ranks, does not turn them. */
static const double least_part = 1e-6;

struct parts {
    struct vt_matrix rows, columns;         /* means of G G^T and G^T G */
    struct vt_matrix row_axes, column_axes; /* orthonormal columns */
};

static size_t state_size(const struct vt_parameter_matrix *matrix)
{
    return 2 * (matrix->rows * matrix->rows + matrix->columns * matrix->columns);
}

static struct parts parts_of(const struct vt_rotations *rotations, size_t k)
{
    assert(k < rotations->n_matrices);
    double *state = rotations->state;
    for (size_t i = 0; i < k; i++)
        state += state_size(&rotations->matrix[i]);
    const size_t r = rotations->matrix[k].rows, c = rotations->matrix[k].columns;
    struct parts parts;
    parts.rows = vt_matrix(r, r, state);
    parts.columns = vt_matrix(c, c, parts.rows.value + r * r);
    parts.row_axes = vt_matrix(r, r, parts.columns.value + c * c);
    parts.column_axes = vt_matrix(c, c, parts.row_axes.value + r * r);
    return parts;
}

static void set_identity(struct vt_matrix a)
{
    for (size_t i = 0; i < a.rows; i++)
        a.value[i * a.stride + i] = 1;
}

static void mark(struct vt_rotations *rotations, size_t n)
{
    for (size_t k = 0; k < rotations->n_matrices; k++) {
        const struct vt_parameter_matrix *matrix = &rotations->matrix[k];
        for (size_t i = 0; i < matrix->rows; i++)
            for (size_t j = 0; j < matrix->columns; j++) {
                const size_t place = vt_matrix_place(matrix, i, j);
                assert(place < n && !rotations->is_turned[place]);
                rotations->is_turned[place] = true;
            }
    }
}

enum vt_code vt_rotations_create(struct vt_rotations *rotations,
                                 const struct vt_parameter_matrix *matrix, size_t n_matrices,
                                 size_t n, struct vt_error *error)
{
    assert(rotations && !rotations->state && (matrix || n_matrices == 0));
    size_t most = 0;
    rotations->n_matrices = n_matrices;
    rotations->matrix = matrix;
    for (size_t k = 0; k < n_matrices; k++) {
        const size_t r = matrix[k].rows, c = matrix[k].columns, side = r > c ? r : c;
        assert(r > 0 && c > 0 && matrix[k].inner > 0);
        rotations->size += state_size(&matrix[k]);
        most = 3 * side * side > most ? 3 * side * side : most;
    }
    enum vt_code code = vt_alloc(&rotations->state, rotations->size, sizeof *rotations->state,
                                 "axes of parameters", error);
    if (!code)
        code = vt_alloc(&rotations->is_turned, n, sizeof *rotations->is_turned,
                        "axes of parameters", error);
    if (!code)
        code = vt_alloc(&rotations->scratch, most, sizeof *rotations->scratch, "axes of parameters",
                        error);
    if (code)
        return code;
    mark(rotations, n);
    for (size_t k = 0; k < n_matrices; k++) {
        set_identity(parts_of(rotations, k).row_axes);
        set_identity(parts_of(rotations, k).column_axes);
    }
    return VT_OK;
}

void vt_rotations_destroy(struct vt_rotations *rotations)
{
    vt_free(rotations->state);
    vt_free(rotations->is_turned);
    vt_free(rotations->scratch);
    *rotations = (struct vt_rotations){0};
}

/* ---- matrices among the parameters ---- */

/* Into the first piece of the scratch. */
static struct vt_matrix take(const struct vt_rotations *rotations, size_t k, const double *values)
{
    const struct vt_parameter_matrix *matrix = &rotations->matrix[k];
    double *out = rotations->scratch;
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t j = 0; j < matrix->columns; j++)
            out[i * matrix->columns + j] = values[vt_matrix_place(matrix, i, j)];
    return vt_matrix(matrix->rows, matrix->columns, out);
}

/* The second and the third piece of the scratch, as large. */
static struct vt_matrix piece(struct vt_matrix like, size_t number)
{
    return vt_matrix(like.rows, like.columns, like.value + number * like.rows * like.columns);
}

static void put(const struct vt_rotations *rotations, size_t k, struct vt_matrix from,
                double *values)
{
    const struct vt_parameter_matrix *matrix = &rotations->matrix[k];
    for (size_t i = 0; i < matrix->rows; i++)
        for (size_t j = 0; j < matrix->columns; j++)
            values[vt_matrix_place(matrix, i, j)] = from.value[i * matrix->columns + j];
}

/* to = rows^T X columns, or rows X columns^T: along the axes, or back. */
static void turn(struct vt_rotations *rotations, size_t k, bool back, const double *from,
                 double *to)
{
    assert(rotations && from && to);
    const struct parts parts = parts_of(rotations, k);
    const struct vt_matrix x = take(rotations, k, from), half = piece(x, 1), out = piece(x, 2);
    vt_multiply(back ? VT_A_B : VT_AT_B, 1, parts.row_axes, x, 0, half);
    vt_multiply(back ? VT_A_BT : VT_A_B, 1, half, parts.column_axes, 0, out);
    put(rotations, k, out, to);
}

void vt_rotations_turn(struct vt_rotations *rotations, size_t k, const double *values,
                       double *turned)
{
    turn(rotations, k, false, values, turned);
}

void vt_rotations_turn_back(struct vt_rotations *rotations, size_t k, const double *turned,
                            double *values)
{
    turn(rotations, k, true, turned, values);
}

/* ---- axes ---- */

/* A frame may lack the element of a matrix: its gradient is zero then, and says nothing. */
static bool is_zero(struct vt_matrix a)
{
    for (size_t i = 0; i < a.rows * a.columns; i++)
        if (a.value[i] != 0)
            return false;
    return true;
}

void vt_rotations_learn(struct vt_rotations *rotations, const double *gradient, double decay)
{
    assert(rotations && gradient && decay >= 0 && decay < 1);
    for (size_t k = 0; k < rotations->n_matrices; k++) {
        const struct parts parts = parts_of(rotations, k);
        const struct vt_matrix g = take(rotations, k, gradient);
        if (is_zero(g))
            continue;
        vt_multiply(VT_A_BT, 1 - decay, g, g, decay, parts.rows);
        vt_multiply(VT_AT_B, 1 - decay, g, g, decay, parts.columns);
    }
}

/* Orthonormal columns that span the same, one after the other. */
static void orthonormalise(struct vt_matrix a)
{
    const size_t n = a.rows;
    double *v = a.value;
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < j; i++) {
            double dot = 0;
            for (size_t r = 0; r < n; r++)
                dot += v[r * n + i] * v[r * n + j];
            for (size_t r = 0; r < n; r++)
                v[r * n + j] -= dot * v[r * n + i];
        }
        double square = 0;
        for (size_t r = 0; r < n; r++)
            square += v[r * n + j] * v[r * n + j];
        const double length = sqrt(square);
        assert(length > 0);
        for (size_t r = 0; r < n; r++)
            v[r * n + j] /= length;
    }
}

/* A step of power iteration for all axes at once. Twice orthogonalised, since those without a
 * gradient are small before the first time. */
static void follow(struct vt_matrix mean, struct vt_matrix axes, double *scratch)
{
    const struct vt_matrix next = vt_matrix(mean.rows, mean.rows, scratch);
    const size_t size = mean.rows * mean.rows;
    double trace = 0;
    for (size_t i = 0; i < mean.rows; i++)
        trace += mean.value[i * mean.rows + i];
    if (!(trace > 0))
        return;
    vt_multiply(VT_A_B, 1 / trace, mean, axes, 0, next);
    for (size_t i = 0; i < size; i++)
        next.value[i] += least_part * axes.value[i];
    orthonormalise(next);
    orthonormalise(next);
    memcpy(axes.value, next.value, size * sizeof(double));
}

void vt_rotations_follow(struct vt_rotations *rotations)
{
    assert(rotations);
    for (size_t k = 0; k < rotations->n_matrices; k++) {
        const struct parts parts = parts_of(rotations, k);
        follow(parts.rows, parts.row_axes, rotations->scratch);
        follow(parts.columns, parts.column_axes, rotations->scratch);
    }
}
