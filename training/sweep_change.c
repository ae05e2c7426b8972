/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the predictions of a frame change with the parameters: the forward derivative of
 * vt_sweep_predict along a direction of parameters (docs/theory.md 10.5). */
#include <assert.h>
#include <string.h>

#include "training/sweep_state.h"

/* Charges, potentials (into `rate`, without the mean) and forces at fixed charges; charge_rate
 * becomes the change of the neutral charges. */
static void change_charges(struct vt_sweep *sweep, struct vt_outputs *out)
{
    const size_t n = sweep->frame.geometry->n_atoms;
    const struct vt_charge_frame of = vt_sweep_charge_frame(sweep);
    for (size_t i = 0; i < n; i++)
        out->raw_charge += sweep->charge_rate[i];
    vt_take_off_mean(n, sweep->charge_rate);
    vt_respond(&of, sweep->charge_rate, &sweep->change_response);
    for (size_t i = 0; i < n; i++) {
        sweep->rate[i] = sweep->change_response.potential[i];
        out->energy += sweep->charge_rate[i] * sweep->potential[i];
        for (int d = 0; d < 3; d++)
            out->force[i][d] += sweep->charge_rate[i] * sweep->response.field[i][d] +
                                sweep->charge[i] * sweep->change_response.field[i][d];
    }
    vt_take_off_mean(n, sweep->rate);
    const struct vt_charged before = {sweep->charge, &sweep->response};
    const struct vt_charged change = {sweep->charge_rate, &sweep->change_response};
    if (sweep->frame.virial)
        vt_add_charge_virial(&of, 2, before, change, out->virial);
}

static void change_born(struct vt_sweep *sweep, struct vt_outputs *out)
{
    const double factor = sweep->numbers[sweep->places.sqrt_epsilon];
    const double change = sweep->direction[sweep->places.sqrt_epsilon];
    const struct vt_output_weights weights = {0, factor, NULL}, changes = {0, change, NULL};
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        vt_sweep_change_weights(sweep, vt_type_rows(sweep, t), weights, changes);
    const struct vt_pair_sink sink = {.born = out->born};
    vt_sweep_change_pair_forces(sweep, &sweep->born, factor, &sink);
    for (size_t i = 0; i < sweep->frame.geometry->n_atoms; i++)
        for (int c = 0; c < 9; c += 4)
            out->born[i][c] += factor * sweep->charge_rate[i] + change * sweep->charge[i];
}

void vt_sweep_change(struct vt_sweep *sweep, struct vt_outputs *out)
{
    const bool charges = sweep->layout.charge_mode != 0;
    const size_t n = sweep->frame.geometry->n_atoms;
    assert(out->force && (!out->born || sweep->has_born));
    out->energy = out->raw_charge = 0;
    memset(out->virial, 0, sizeof out->virial);
    memset(out->force, 0, n * sizeof *out->force);
    if (out->born)
        memset(out->born, 0, n * sizeof *out->born);
    vt_sweep_change_descriptors(sweep);
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        out->energy += vt_sweep_change_neurons(sweep, vt_type_rows(sweep, t));
    if (charges)
        change_charges(sweep, out);
    const struct vt_output_weights weights = {1, 0, charges ? sweep->potential : NULL};
    const struct vt_output_weights changes = {0, 0, charges ? sweep->rate : NULL};
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        vt_sweep_change_weights(sweep, vt_type_rows(sweep, t), weights, changes);
    const struct vt_pair_sink sink = {.force = out->force,
                                      .virial = sweep->frame.virial ? out->virial : NULL};
    vt_sweep_change_pair_forces(sweep, &sweep->energy, 1, &sink);
    if (out->born)
        change_born(sweep, out);
}
