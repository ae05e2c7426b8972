/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where training begins: the numbers of a model before any frame was seen, or those of another
 * model. All numbers drawn depend on seed and place alone. */
#ifndef VT_START_H
#define VT_START_H

#include <stdint.h>

#include "potential/nep.h"
#include "training/optimiser.h"

/* Who owns each trainable number: the type of its network or, for expansion coefficients, of the
 * centre; -1: none (common bias, sqrt_epsilon_inf). owner[n_trainable]; NEP3 has one network for
 * all, which is the first type's. */
void vt_start_owners(const struct vt_nep *model, int *owner);

/* Fill the trainable numbers of a model whose header is finished: networks normal, of the width
 * that keeps the spread of signals (biases close to zero); coefficients uniform in (-0.5, 0.5) and
 * a little normal noise; charge weights small, so that charges start small but not at zero, where
 * the loss has no slope in them; sqrt_epsilon_inf = 2. q_scaler: ones. */
void vt_start_draw(struct vt_nep *model, uint32_t seed);

/* As the published trainer starts its evolution: all uniform in (-1, 1), charge weights 0. */
void vt_start_draw_uniform(struct vt_nep *model, uint32_t seed);

/* The parameters that are matrices, for soap: first layers of the networks, neurons by descriptors;
 * coefficients of each type of centre, functions by basis functions and types of neighbours.
 * matrix[3 n_types]; returns how many. */
size_t vt_start_matrices(const struct vt_nep *model, struct vt_parameter_matrix *matrix);

/* Where the common bias is among the numbers. */
size_t vt_start_bias_index(const struct vt_nep *model);

/* Take over what `from` knows, after a draw: networks, coefficients and q_scaler; of elements that
 * it has not, the drawn numbers stay. A model with charges may start from one without. VT_INPUT if
 * the shapes differ (cutoffs, numbers of functions, neurons, ...), or no element is common. */
enum vt_code vt_start_from(struct vt_nep *model, const struct vt_nep *from, struct vt_error *error);

#endif
