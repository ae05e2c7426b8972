/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network on all atoms of a type: products of matrices, and loops over neurons.
 *
 *     argument = x w0' - b0,  h = tanh(argument),  U = h w1 - biases,  q0 = h wq */
#include "training/matrix.h"
#include "training/sweep_state.h"

#include <assert.h>
#include <string.h>

static bool has_charges(const struct vt_sweep *sweep)
{
    return sweep->layout.charge_mode != 0;
}

/* The rows' neurons or descriptors in an array of all rows. */
static struct vt_matrix neurons_of(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                   const double *values)
{
    return vt_matrix(rows.n, sweep->layout.neurons, values + rows.first * sweep->layout.neurons);
}

static struct vt_matrix descriptors_of(const struct vt_sweep *sweep, struct vt_type_rows rows,
                                       const double *values)
{
    return vt_matrix(rows.n, sweep->layout.dimension,
                     values + rows.first * sweep->layout.dimension);
}

static struct vt_matrix w0_of(const struct vt_sweep *sweep, struct vt_type_rows rows,
                              const double *numbers)
{
    return vt_matrix(sweep->layout.neurons, sweep->layout.dimension,
                     numbers + sweep->network[rows.type].w0);
}

/* Minus the biases in every row. */
static void start_arguments(const struct vt_matrix *arguments, const double *b0)
{
    for (size_t i = 0; i < arguments->rows; i++)
        for (size_t m = 0; m < arguments->columns; m++)
            arguments->value[i * arguments->columns + m] = -b0[m];
}

static double biases(const struct vt_sweep *sweep, size_t type, const double *numbers)
{
    const size_t bias = sweep->network[type].bias;
    return numbers[sweep->places.common_bias] +
           (bias < sweep->layout.n_parameters ? numbers[bias] : 0);
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

double vt_sweep_neurons(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_network_place *place = &sweep->network[rows.type];
    const double *numbers = sweep->numbers;
    const struct vt_matrix argument = neurons_of(sweep, rows, sweep->layers.argument);
    const struct vt_matrix hidden = neurons_of(sweep, rows, sweep->hidden);
    start_arguments(&argument, numbers + place->b0);
    vt_multiply(VT_A_BT, 1, descriptors_of(sweep, rows, sweep->layers.x),
                w0_of(sweep, rows, numbers), 1, argument);
    sweep->kernel->activate(argument.rows * argument.columns, argument.value, hidden.value,
                            neurons_of(sweep, rows, sweep->slope).value);
    double energy = -(double)rows.n * biases(sweep, rows.type, numbers);
    for (size_t i = 0; i < rows.n; i++) {
        const double *h = hidden.value + i * hidden.columns;
        energy += dot(h, numbers + place->w1, hidden.columns);
        if (has_charges(sweep))
            sweep->raw_charge[rows.first + i] = dot(h, numbers + place->wq, hidden.columns);
    }
    return energy;
}

static double charge_weight(struct vt_output_weights weights, size_t row)
{
    return weights.every_charge + (weights.charge ? weights.charge[row] : 0);
}

/* out[m] = weight of the hidden neuron m of that row: energy w1 + charge wq. */
static void weigh_hidden(const struct vt_sweep *sweep, struct vt_type_rows rows,
                         const double *numbers, struct vt_output_weights weights, size_t i,
                         double *out)
{
    const struct vt_network_place *place = &sweep->network[rows.type];
    const double *w1 = numbers + place->w1, *wq = numbers + place->wq;
    const double charge = charge_weight(weights, rows.first + i);
    if (has_charges(sweep))
        for (size_t m = 0; m < sweep->layout.neurons; m++)
            out[m] = weights.energy * w1[m] + charge * wq[m];
    else
        for (size_t m = 0; m < sweep->layout.neurons; m++)
            out[m] = weights.energy * w1[m];
}

/* weight = neuron w0. */
static void descend(const struct vt_sweep *sweep, struct vt_type_rows rows, const double *neuron,
                    double *weight)
{
    vt_multiply(VT_A_B, 1, neurons_of(sweep, rows, neuron), w0_of(sweep, rows, sweep->numbers), 0,
                descriptors_of(sweep, rows, weight));
}

/* From scaled descriptors to unscaled ones. */
static void scale(const struct vt_sweep *sweep, struct vt_type_rows rows, double *weight)
{
    const struct vt_matrix out = descriptors_of(sweep, rows, weight);
    for (size_t i = 0; i < out.rows; i++)
        for (size_t d = 0; d < out.columns; d++)
            out.value[i * out.columns + d] *= sweep->scaler[d];
}

void vt_sweep_weigh(struct vt_sweep *sweep, struct vt_type_rows rows,
                    struct vt_output_weights weights, const struct vt_descent *descent)
{
    assert(has_charges(sweep) || (!weights.charge && weights.every_charge == 0));
    const struct vt_matrix neuron = neurons_of(sweep, rows, descent->neuron);
    const double *slope = neurons_of(sweep, rows, sweep->slope).value;
    for (size_t i = 0; i < rows.n; i++) {
        double *out = neuron.value + i * neuron.columns;
        weigh_hidden(sweep, rows, sweep->numbers, weights, i, out);
        for (size_t m = 0; m < neuron.columns; m++)
            out[m] *= slope[i * neuron.columns + m];
    }
    descend(sweep, rows, descent->neuron, descent->weight);
    scale(sweep, rows, descent->weight);
}

void vt_sweep_neuron_rates(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_matrix rate = neurons_of(sweep, rows, sweep->ascent.layers.argument);
    vt_multiply(VT_A_BT, 1, descriptors_of(sweep, rows, sweep->ascent.layers.x),
                w0_of(sweep, rows, sweep->numbers), 0, rate);
    if (!has_charges(sweep))
        return;
    const double *slope = neurons_of(sweep, rows, sweep->slope).value;
    const double *wq = sweep->numbers + sweep->network[rows.type].wq;
    for (size_t i = 0; i < rows.n; i++) {
        double sum = 0;
        for (size_t m = 0; m < rate.columns; m++)
            sum += wq[m] * slope[i * rate.columns + m] * rate.value[i * rate.columns + m];
        sweep->charge_rate[rows.first + i] = sum;
    }
}

void vt_sweep_pull_neuron_rates(struct vt_sweep *sweep, struct vt_type_rows rows,
                                struct vt_output_weights weights, const struct vt_descent *descent,
                                double sign)
{
    const struct vt_network_place *place = &sweep->network[rows.type];
    const struct vt_matrix rate = neurons_of(sweep, rows, sweep->ascent.layers.argument);
    const double *slope = neurons_of(sweep, rows, sweep->slope).value;
    const double *hidden = neurons_of(sweep, rows, sweep->hidden).value;
    const struct vt_matrix neuron = neurons_of(sweep, rows, descent->neuron);
    double *adjoint = neurons_of(sweep, rows, sweep->adjoint_neuron).value;
    double *w1 = sweep->sum + place->w1, *wq = sweep->sum + place->wq;
    for (size_t i = 0; i < rows.n; i++) {
        const double charge = sign * charge_weight(weights, rows.first + i);
        const double energy = sign * weights.energy;
        for (size_t m = 0; m < rate.columns; m++) {
            const size_t at = i * rate.columns + m;
            const double of_hidden = slope[at] * rate.value[at];
            w1[m] += energy * of_hidden;
            if (has_charges(sweep))
                wq[m] += charge * of_hidden;
            adjoint[at] -= 2 * sign * hidden[at] * neuron.value[at] * rate.value[at];
        }
    }
    vt_multiply(VT_AT_B, sign, neuron, descriptors_of(sweep, rows, sweep->ascent.layers.x), 1,
                w0_of(sweep, rows, sweep->sum));
}

void vt_sweep_pull_neurons(struct vt_sweep *sweep, struct vt_type_rows rows, double energy_weight)
{
    const struct vt_network_place *place = &sweep->network[rows.type];
    const struct vt_output_weights weights = {energy_weight, 0,
                                              has_charges(sweep) ? sweep->charge_weight : NULL};
    const struct vt_matrix adjoint = neurons_of(sweep, rows, sweep->adjoint_neuron);
    const double *slope = neurons_of(sweep, rows, sweep->slope).value;
    const double *hidden = neurons_of(sweep, rows, sweep->hidden).value;
    double *b0 = sweep->sum + place->b0, *w1 = sweep->sum + place->w1;
    double *wq = sweep->sum + place->wq, of_hidden[VT_NEP_MAX_NEURONS];
    for (size_t i = 0; i < rows.n; i++) {
        const double charge = charge_weight(weights, rows.first + i);
        weigh_hidden(sweep, rows, sweep->numbers, weights, i, of_hidden);
        for (size_t m = 0; m < adjoint.columns; m++) {
            const size_t at = i * adjoint.columns + m;
            adjoint.value[at] += of_hidden[m] * slope[at];
            b0[m] -= adjoint.value[at];
            w1[m] += energy_weight * hidden[at];
            if (has_charges(sweep))
                wq[m] += charge * hidden[at];
        }
    }
    sweep->sum[sweep->places.common_bias] -= (double)rows.n * energy_weight;
    if (place->bias < sweep->layout.n_parameters)
        sweep->sum[place->bias] -= (double)rows.n * energy_weight;
    vt_multiply(VT_AT_B, 1, adjoint, descriptors_of(sweep, rows, sweep->layers.x), 1,
                w0_of(sweep, rows, sweep->sum));
    descend(sweep, rows, sweep->adjoint_neuron, sweep->adjoint);
    scale(sweep, rows, sweep->adjoint);
}

double vt_sweep_change_neurons(struct vt_sweep *sweep, struct vt_type_rows rows)
{
    const struct vt_network_place *place = &sweep->network[rows.type];
    const double *numbers = sweep->numbers, *direction = sweep->direction;
    const struct vt_matrix argument = neurons_of(sweep, rows, sweep->change.argument);
    const size_t n = argument.columns;
    start_arguments(&argument, direction + place->b0);
    vt_multiply(VT_A_BT, 1, descriptors_of(sweep, rows, sweep->change.x),
                w0_of(sweep, rows, numbers), 1, argument);
    vt_multiply(VT_A_BT, 1, descriptors_of(sweep, rows, sweep->layers.x),
                w0_of(sweep, rows, direction), 1, argument);
    const double *hidden = neurons_of(sweep, rows, sweep->hidden).value;
    const double *slope = neurons_of(sweep, rows, sweep->slope).value;
    double *change = neurons_of(sweep, rows, sweep->change_hidden).value;
    double energy = -(double)rows.n * biases(sweep, rows.type, direction);
    for (size_t i = 0; i < rows.n; i++, change += n, hidden += n, slope += n) {
        for (size_t m = 0; m < n; m++)
            change[m] = slope[m] * argument.value[i * n + m];
        energy += dot(change, numbers + place->w1, n) + dot(hidden, direction + place->w1, n);
        if (has_charges(sweep))
            sweep->charge_rate[rows.first + i] =
                dot(change, numbers + place->wq, n) + dot(hidden, direction + place->wq, n);
    }
    return energy;
}

void vt_sweep_change_weights(struct vt_sweep *sweep, struct vt_type_rows rows,
                             struct vt_output_weights weights, struct vt_output_weights change)
{
    const struct vt_matrix out = neurons_of(sweep, rows, sweep->descent.neuron);
    const double *hidden = neurons_of(sweep, rows, sweep->hidden).value;
    const double *slope = neurons_of(sweep, rows, sweep->slope).value;
    const double *of_hidden = neurons_of(sweep, rows, sweep->change_hidden).value;
    double *before = neurons_of(sweep, rows, sweep->adjoint_neuron).value;
    double a[VT_NEP_MAX_NEURONS], b[VT_NEP_MAX_NEURONS], c[VT_NEP_MAX_NEURONS];
    for (size_t i = 0; i < rows.n; i++) {
        weigh_hidden(sweep, rows, sweep->numbers, weights, i, a);
        weigh_hidden(sweep, rows, sweep->direction, weights, i, b);
        weigh_hidden(sweep, rows, sweep->numbers, change, i, c);
        for (size_t m = 0; m < out.columns; m++) {
            const size_t at = i * out.columns + m;
            out.value[at] = (b[m] + c[m]) * slope[at] - 2 * hidden[at] * of_hidden[at] * a[m];
            before[at] = a[m] * slope[at];
        }
    }
    descend(sweep, rows, sweep->descent.neuron, sweep->descent.weight);
    vt_multiply(VT_A_B, 1, neurons_of(sweep, rows, sweep->adjoint_neuron),
                w0_of(sweep, rows, sweep->direction), 1,
                descriptors_of(sweep, rows, sweep->descent.weight));
    scale(sweep, rows, sweep->descent.weight);
}
