/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The normal equations are small and solved by their eigenvectors, which also tell what is not
 * determined. Their square of a condition is mended by solving twice: the second time for what the
 * first one left. */
#include "training/energy_shift.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "training/eigen.h"

/* Eigenvalues below this share of the largest one are zero: shares of an element that differ by
 * less than 1e-5 tell nothing. */
static const double least_eigenvalue = 1e-10;

struct normal {
    const bool *left_out; /* borrowed, may be NULL */
    int n;
    double *eigenvalue; /* n x n; the diagonal counts */
    double *vectors;    /* n x n */
    double *right;      /* n */
    double *share;      /* n: scratch */
};

static void count_shares(const struct vt_dataset_frame *frame, int n, double *share)
{
    for (int t = 0; t < n; t++)
        share[t] = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        share[frame->type[i]] += 1 / (double)frame->n_atoms;
}

static bool counts(const struct normal *normal, const struct vt_dataset *set, size_t i)
{
    return !set->frame[i].is_test && !(normal->left_out && normal->left_out[i]);
}

static double weight_of(const struct vt_dataset_frame *frame)
{
    return frame->weight * frame->weight * frame->energy_weight;
}

static void add_matrix(struct normal *normal, const struct vt_dataset *set,
                       struct vt_energy_shift *shift)
{
    const int n = normal->n;
    for (size_t i = 0; i < set->n_frames; i++) {
        if (!counts(normal, set, i))
            continue;
        count_shares(&set->frame[i], n, normal->share);
        const double weight = weight_of(&set->frame[i]);
        for (int s = 0; s < n; s++) {
            shift->is_present[s] |= normal->share[s] > 0;
            for (int t = 0; t < n; t++)
                normal->eigenvalue[s * n + t] += weight * normal->share[s] * normal->share[t];
        }
    }
}

/* Right side from what the present shift leaves; returns the rms of that. */
static double add_right(struct normal *normal, const struct vt_dataset *set,
                        const struct vt_energy_shift *shift)
{
    const int n = normal->n;
    double squares = 0;
    size_t count = 0;
    for (int t = 0; t < n; t++)
        normal->right[t] = 0;
    for (size_t i = 0; i < set->n_frames; i++) {
        const struct vt_dataset_frame *frame = &set->frame[i];
        if (!counts(normal, set, i))
            continue;
        count_shares(frame, n, normal->share);
        const double left =
            (frame->energy - vt_energy_shift_of(shift, frame)) / (double)frame->n_atoms;
        for (int t = 0; t < n; t++)
            normal->right[t] += weight_of(frame) * normal->share[t] * left;
        squares += left * left;
        count++;
    }
    return count ? sqrt(squares / (double)count) : 0;
}

static double largest_eigenvalue(const struct normal *normal)
{
    double largest = 0;
    for (int k = 0; k < normal->n; k++)
        largest = fmax(largest, normal->eigenvalue[k * normal->n + k]);
    return largest;
}

/* Add the solution of least norm to the shift. */
static void add_solution(const struct normal *normal, struct vt_energy_shift *shift)
{
    const int n = normal->n;
    const double least = least_eigenvalue * largest_eigenvalue(normal);
    for (int k = 0; k < n; k++) {
        const double value = normal->eigenvalue[k * n + k];
        double along = 0;
        for (int t = 0; t < n; t++)
            along += normal->vectors[t * n + k] * normal->right[t];
        for (int t = 0; t < n && value > least; t++)
            shift->energy[t] += along / value * normal->vectors[t * n + k];
    }
}

/* An element is determined if no direction that is free has a share of it. */
static void find_determined(const struct normal *normal, struct vt_energy_shift *shift)
{
    const int n = normal->n;
    const double least = least_eigenvalue * largest_eigenvalue(normal);
    for (int t = 0; t < n; t++) {
        double free = 0;
        for (int k = 0; k < n; k++)
            if (!(normal->eigenvalue[k * n + k] > least))
                free += normal->vectors[t * n + k] * normal->vectors[t * n + k];
        shift->is_determined[t] = free < 1e-8;
    }
    for (int k = 0; k < n; k++)
        shift->rank += normal->eigenvalue[k * n + k] > least;
}

enum vt_code vt_energy_shift_fit(struct vt_energy_shift *shift, const struct vt_dataset *set,
                                 const bool *left_out, struct vt_error *error)
{
    assert(shift && set && set->n_frames > 0 && set->types.n > 0);
    const int n = set->types.n;
    const size_t square = (size_t)n * (size_t)n;
    struct normal normal = {.n = n, .left_out = left_out};
    *shift = (struct vt_energy_shift){.n_types = n};
    enum vt_code code = vt_alloc(&normal.eigenvalue, square, sizeof(double), "a matrix", error);
    if (!code)
        code = vt_alloc(&normal.vectors, square, sizeof(double), "a matrix", error);
    if (!code)
        code = vt_alloc(&normal.right, (size_t)n, sizeof(double), "a vector", error);
    if (!code)
        code = vt_alloc(&normal.share, (size_t)n, sizeof(double), "a vector", error);
    if (code)
        goto done;
    add_matrix(&normal, set, shift);
    vt_eigen_symmetric(n, normal.eigenvalue, normal.vectors);
    for (int pass = 0; pass < 3; pass++) {
        add_right(&normal, set, shift);
        add_solution(&normal, shift);
    }
    shift->rms = add_right(&normal, set, shift);
    find_determined(&normal, shift);
done:
    vt_free(normal.eigenvalue);
    vt_free(normal.vectors);
    vt_free(normal.right);
    vt_free(normal.share);
    return code;
}

double vt_energy_shift_of(const struct vt_energy_shift *shift, const struct vt_dataset_frame *frame)
{
    double sum = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        sum += shift->energy[frame->type[i]];
    return sum;
}
