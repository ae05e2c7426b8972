/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From derivatives in the predictions to derivatives in the parameters (docs/theory.md 10.2 to
 * 10.4).
 *
 * The part of forces and virial is minus the gradient of E' = dE along a motion of the atoms, which
 * is a sum over atoms of U' + (D - mean D) q0' and more: so first the rates U', q0', D' along the
 * motion, then one step down with weights on U, q0, U' and q0'. Born charges are derivatives of
 * charges: the same with a motion of their own. */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "training/sweep_state.h"

void vt_sweep_begin(struct vt_sweep *sweep)
{
    memset(sweep->sum, 0, sweep->layout.n_parameters * sizeof(double));
    vt_tables_clear(&sweep->sum_tables, &sweep->layout);
}

void vt_sweep_finish(struct vt_sweep *sweep, double *gradient)
{
    memcpy(gradient, sweep->sum, sweep->layout.n_parameters * sizeof(double));
    vt_tables_add_to(&sweep->sum_tables, &sweep->layout, &sweep->places, gradient);
}

/* Rates of everything up to the raw charges; descent and sign as for vt_sweep_ascend. */
static void ascend(struct vt_sweep *sweep, const struct vt_motion *motion,
                   const struct vt_descent *descent, double sign)
{
    vt_sweep_ascend(sweep, motion, descent, sign);
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        vt_sweep_neuron_rates(sweep, vt_type_rows(sweep, t));
}

/* Down again from sign times the rates of weighted outputs. */
static void pull_rates(struct vt_sweep *sweep, struct vt_output_weights weights,
                       const struct vt_descent *descent, double sign)
{
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        vt_sweep_pull_neuron_rates(sweep, vt_type_rows(sweep, t), weights, descent, sign);
    vt_sweep_pull_rates(sweep, descent, sign);
}

/* Minus E', along the motion that the derivatives in forces and virial are. */
static void pull_forces(struct vt_sweep *sweep, const struct vt_outputs *cotangent)
{
    const size_t n = sweep->frame.geometry->n_atoms;
    const bool charges = sweep->layout.charge_mode != 0;
    const struct vt_motion motion = {.velocity = (const double(*)[4])cotangent->force,
                                     .strain = cotangent->virial};
    ascend(sweep, &motion, &sweep->energy, -1);
    if (charges) {
        vt_take_off_mean(n, sweep->charge_rate);
        const struct vt_charge_frame of = vt_sweep_charge_frame(sweep);
        const struct vt_charged now = {sweep->charge, &sweep->response};
        const struct vt_charge_motion change = {&motion, sweep->ascent.along, sweep->charge_rate};
        vt_potential_rates(&of, now, &change, sweep->rate);
        vt_take_off_mean(n, sweep->rate);
        for (size_t i = 0; i < n; i++)
            sweep->charge_weight[i] -= sweep->rate[i];
    }
    const struct vt_output_weights weights = {1, 0, charges ? sweep->potential : NULL};
    pull_rates(sweep, weights, &sweep->energy, -1);
}

/* The charges that Born charges contain, their derivatives, and the common factor. */
static void pull_born(struct vt_sweep *sweep, const struct vt_outputs *cotangent)
{
    const size_t n = sweep->frame.geometry->n_atoms;
    const struct vt_motion motion = {.turn = (const double(*)[9])cotangent->born};
    const double factor = sweep->numbers[sweep->places.sqrt_epsilon];
    ascend(sweep, &motion, &sweep->born, factor);
    double sum = 0, mean = 0;
    for (size_t i = 0; i < n; i++) {
        const double *z = cotangent->born[i], trace = z[0] + z[4] + z[8];
        sum += trace * sweep->charge[i] + sweep->charge_rate[i];
        sweep->charge_weight[i] += factor * trace;
        mean += factor * trace / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        sweep->charge_weight[i] -= mean;
    sweep->sum[sweep->places.sqrt_epsilon] += sum;
    pull_rates(sweep, (struct vt_output_weights){0, 1, NULL}, &sweep->born, factor);
}

void vt_sweep_pull_back(struct vt_sweep *sweep, const struct vt_outputs *cotangent)
{
    const struct vt_layout *layout = &sweep->layout;
    const size_t n = sweep->frame.geometry->n_atoms;
    assert(!cotangent->born || sweep->has_born);
    memset(sweep->adjoint_neuron, 0, n * layout->neurons * sizeof(double));
    memset(sweep->adjoint_sums, 0, n * layout->n_angular * layout->stride * sizeof(double));
    for (size_t i = 0; i < n; i++)
        sweep->charge_weight[i] =
            layout->charge_mode ? cotangent->energy * sweep->potential[i] + cotangent->raw_charge
                                : 0;
    pull_forces(sweep, cotangent);
    if (cotangent->born)
        pull_born(sweep, cotangent);
    for (size_t t = 0; t < layout->n_types; t++)
        vt_sweep_pull_neurons(sweep, vt_type_rows(sweep, t), cotangent->energy);
    vt_sweep_pull_descriptors(sweep);
}
