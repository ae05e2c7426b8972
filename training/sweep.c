/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Predictions: the forward half of force/force.c, on matrices. */
#include "training/sweep.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "training/matrix.h"
#include "training/sweep_state.h"

static enum vt_code allocate_numbers(struct vt_sweep *sweep, struct vt_error *error)
{
    const size_t n = sweep->layout.n_parameters;
    enum vt_code code = vt_alloc(&sweep->numbers, n, sizeof(double), "parameters", error);
    if (!code)
        code = vt_alloc(&sweep->direction, n, sizeof(double), "parameters", error);
    if (!code)
        code = vt_alloc(&sweep->sum, n, sizeof(double), "parameters", error);
    if (!code)
        code = vt_alloc(&sweep->scaler, sweep->layout.dimension, sizeof(double), "q_scaler", error);
    if (!code)
        code = vt_tables_create(&sweep->tables, &sweep->layout, error);
    if (!code)
        code = vt_tables_create(&sweep->direction_tables, &sweep->layout, error);
    if (!code)
        code = vt_tables_create(&sweep->sum_tables, &sweep->layout, error);
    return code;
}

enum vt_code vt_sweep_create(struct vt_sweep **sweep, const struct vt_plan *plan,
                             const struct vt_training_kernel *kernel, struct vt_error *error)
{
    assert(plan && plan->model);
    enum vt_code code = vt_alloc(sweep, 1, sizeof **sweep, "gradients", error);
    if (code)
        return code;
    (*sweep)->model = plan->model;
    (*sweep)->layout = vt_layout(plan);
    (*sweep)->places = vt_block_places(plan->model);
    for (int t = 0; t < plan->n_types; t++)
        (*sweep)->network[t] = vt_network_place(plan->model, t);
    (*sweep)->kernel = kernel ? kernel : vt_training_kernel_best();
    vt_one_blas_thread();
    code = allocate_numbers(*sweep, error);
    if (code) {
        vt_sweep_destroy(*sweep);
        *sweep = NULL;
    }
    return code;
}

void vt_sweep_destroy(struct vt_sweep *sweep)
{
    if (!sweep)
        return;
    vt_free(sweep->numbers);
    vt_free(sweep->direction);
    vt_free(sweep->sum);
    vt_free(sweep->scaler);
    vt_tables_destroy(&sweep->tables);
    vt_tables_destroy(&sweep->direction_tables);
    vt_tables_destroy(&sweep->sum_tables);
    vt_free(sweep->arena);
    vt_free(sweep);
}

void vt_sweep_set(struct vt_sweep *sweep, const double *parameters, const double *scaler)
{
    assert(sweep && parameters && scaler);
    memcpy(sweep->numbers, parameters, sweep->layout.n_parameters * sizeof(double));
    memcpy(sweep->scaler, scaler, sweep->layout.dimension * sizeof(double));
    vt_tables_read(&sweep->tables, &sweep->layout, &sweep->places, parameters);
}

void vt_sweep_set_direction(struct vt_sweep *sweep, const double *direction)
{
    memcpy(sweep->direction, direction, sweep->layout.n_parameters * sizeof(double));
    vt_tables_read(&sweep->direction_tables, &sweep->layout, &sweep->places, direction);
}

/* Memory that is handed out in pieces; without a base it is only counted. */
struct arena {
    double *base;
    size_t used;
};

static double *give(struct arena *arena, size_t n)
{
    double *piece = arena->base ? arena->base + arena->used : NULL;
    arena->used += (n + VT_PAD - 1) / VT_PAD * VT_PAD;
    return piece;
}

static void give_layers(const struct vt_layout *layout, size_t n, struct arena *arena,
                        struct vt_layers *layers)
{
    layers->x = give(arena, n * layout->dimension);
    layers->sums = give(arena, n * layout->n_angular * layout->stride);
    layers->argument = give(arena, n * layout->neurons);
}

static void give_descent(const struct vt_layout *layout, size_t n, struct arena *arena,
                         struct vt_descent *descent)
{
    descent->neuron = give(arena, n * layout->neurons);
    descent->weight = give(arena, n * layout->dimension);
    descent->sums = give(arena, n * layout->n_angular * layout->stride);
    descent->radial = give(arena, n * layout->n_types * layout->k_radial);
}

static void give_response(const struct vt_geometry *geometry, struct arena *arena,
                          struct vt_response *response)
{
    const size_t rows = vt_charge_rows(geometry->n_atoms);
    response->potential = give(arena, rows);
    response->field = (double(*)[4])give(arena, 4 * rows);
    response->wave_field = (double(*)[4])give(arena, 4 * rows);
    response->structure = (double(*)[2])give(arena, 2 * geometry->waves.n_vectors);
}

static void give_charges(struct vt_sweep *sweep, struct arena *arena)
{
    const struct vt_geometry *geometry = sweep->frame.geometry;
    const size_t rows = vt_charge_rows(geometry->n_atoms), waves = geometry->waves.n_vectors;
    sweep->charge = give(arena, rows);
    sweep->charge_rate = give(arena, rows);
    sweep->rate = give(arena, rows);
    give_response(geometry, arena, &sweep->response);
    give_response(geometry, arena, &sweep->change_response);
    sweep->scratch.atoms = give(arena, 4 * rows);
    sweep->scratch.field = give(arena, 3 * rows);
    sweep->scratch.weight = (double(*)[2])give(arena, 2 * waves);
    sweep->scratch.rates = (double(*)[2])give(arena, 2 * waves);
    sweep->scratch.rate = give(arena, waves);
    sweep->scratch.phase_rate = (double(*)[4])give(arena, 4 * rows);
}

static void give_all(struct vt_sweep *sweep, struct arena *arena)
{
    const struct vt_layout *layout = &sweep->layout;
    const struct vt_geometry *geometry = sweep->frame.geometry;
    const size_t n = geometry->n_atoms;
    give_layers(layout, n, arena, &sweep->layers);
    give_layers(layout, n, arena, &sweep->change);
    give_layers(layout, n, arena, &sweep->ascent.layers);
    give_descent(layout, n, arena, &sweep->energy);
    give_descent(layout, n, arena, &sweep->descent);
    if (sweep->has_born)
        give_descent(layout, n, arena, &sweep->born);
    sweep->hidden = give(arena, n * layout->neurons);
    sweep->slope = give(arena, n * layout->neurons);
    sweep->change_hidden = give(arena, n * layout->neurons);
    sweep->adjoint_neuron = give(arena, n * layout->neurons);
    sweep->adjoint = give(arena, n * layout->dimension);
    sweep->adjoint_sums = give(arena, n * layout->n_angular * layout->stride);
    sweep->raw_charge = give(arena, n);
    sweep->potential = give(arena, n);
    sweep->charge_weight = give(arena, n);
    sweep->ascent.along = give(arena, geometry->radial.first[n * layout->n_types]);
    sweep->ascent.radial = give(arena, n * layout->n_types * layout->k_radial);
    sweep->fold = give(arena, layout->n_types * layout->k_angular * layout->stride);
    if (layout->charge_mode)
        give_charges(sweep, arena);
}

/* Everything for this frame; padding of charges is zeroed once here. */
static enum vt_code make_room(struct vt_sweep *sweep, struct vt_error *error)
{
    struct arena arena = {NULL, 0};
    give_all(sweep, &arena);
    const enum vt_code code = vt_reserve(&sweep->arena, &sweep->arena_capacity, arena.used,
                                         sizeof(double), "gradients", error);
    if (code)
        return code;
    const size_t counted = arena.used;
    arena = (struct arena){sweep->arena, 0};
    give_all(sweep, &arena);
    assert(arena.used == counted);
    if (sweep->layout.charge_mode) {
        const size_t rows = vt_charge_rows(sweep->frame.geometry->n_atoms);
        memset(sweep->charge, 0, rows * sizeof(double));
        memset(sweep->charge_rate, 0, rows * sizeof(double));
    }
    return VT_OK;
}

void vt_take_off_mean(size_t n, double *values)
{
    assert(n > 0);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    for (size_t i = 0; i < n; i++)
        values[i] -= sum / (double)n;
}

struct vt_charge_frame vt_sweep_charge_frame(const struct vt_sweep *sweep)
{
    return (struct vt_charge_frame){&sweep->layout, sweep->frame.geometry, sweep->kernel,
                                    &sweep->scratch};
}

/* Neutral charges and what they cause, but for the forces. */
static void predict_charges(struct vt_sweep *sweep, struct vt_outputs *out)
{
    const size_t n = sweep->frame.geometry->n_atoms;
    for (size_t i = 0; i < n; i++)
        out->raw_charge += sweep->raw_charge[i];
    const double change = (sweep->frame.charge - out->raw_charge) / (double)n;
    for (size_t i = 0; i < n; i++)
        sweep->charge[i] = sweep->raw_charge[i] + change;
    const struct vt_charge_frame of = vt_sweep_charge_frame(sweep);
    vt_respond(&of, sweep->charge, &sweep->response);
    for (size_t i = 0; i < n; i++) {
        sweep->potential[i] = sweep->response.potential[i];
        out->energy += 0.5 * sweep->charge[i] * sweep->potential[i];
        for (int d = 0; d < 3; d++)
            out->force[i][d] += sweep->charge[i] * sweep->response.field[i][d];
    }
    vt_take_off_mean(n, sweep->potential);
    const struct vt_charged charged = {sweep->charge, &sweep->response};
    if (sweep->frame.virial)
        vt_add_charge_virial(&of, 1, charged, charged, out->virial);
}

/* Born charges but for the factor sqrt(epsilon_inf), which comes last. */
static void predict_born(struct vt_sweep *sweep, struct vt_outputs *out)
{
    const size_t n = sweep->frame.geometry->n_atoms;
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        vt_sweep_weigh(sweep, vt_type_rows(sweep, t), (struct vt_output_weights){0, 1, NULL},
                       &sweep->born);
    vt_sweep_fold(sweep, &sweep->born);
    const struct vt_pair_sink sink = {.born = out->born};
    if (!sweep->frame.no_pairs)
        vt_sweep_pair_forces(sweep, &sweep->born, &sink);
    const double scale = sweep->numbers[sweep->places.sqrt_epsilon];
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 9; c++)
            out->born[i][c] = scale * (out->born[i][c] + (c % 4 == 0 ? sweep->charge[i] : 0));
}

static void start_outputs(const struct vt_geometry *geometry, struct vt_outputs *out)
{
    out->energy = geometry->zbl_energy;
    out->raw_charge = 0;
    memcpy(out->virial, geometry->zbl_virial, sizeof out->virial);
    memset(out->force, 0, geometry->n_atoms * sizeof *out->force);
    for (size_t i = 0; geometry->zbl_force && i < geometry->n_atoms; i++)
        memcpy(out->force[i], geometry->zbl_force[i], sizeof geometry->zbl_force[i]);
    if (out->born)
        memset(out->born, 0, geometry->n_atoms * sizeof *out->born);
}

enum vt_code vt_sweep_predict(struct vt_sweep *sweep, const struct vt_sweep_frame *frame,
                              struct vt_outputs *out, struct vt_error *error)
{
    const bool charges = sweep->layout.charge_mode != 0;
    assert(out->force && (charges || !out->born));
    sweep->frame = *frame;
    sweep->has_born = out->born != NULL;
    const enum vt_code code = make_room(sweep, error);
    if (code)
        return code;
    start_outputs(frame->geometry, out);
    vt_sweep_describe(sweep);
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        out->energy += vt_sweep_neurons(sweep, vt_type_rows(sweep, t));
    if (charges)
        predict_charges(sweep, out);
    const struct vt_output_weights weights = {1, 0, charges ? sweep->potential : NULL};
    for (size_t t = 0; t < sweep->layout.n_types; t++)
        vt_sweep_weigh(sweep, vt_type_rows(sweep, t), weights, &sweep->energy);
    vt_sweep_fold(sweep, &sweep->energy);
    const struct vt_pair_sink sink = {.force = out->force,
                                      .virial = frame->virial ? out->virial : NULL};
    if (!frame->no_pairs)
        vt_sweep_pair_forces(sweep, &sweep->energy, &sink);
    if (out->born)
        predict_born(sweep, out);
    return VT_OK;
}

const double *vt_sweep_raw_charges(const struct vt_sweep *sweep)
{
    return sweep->layout.charge_mode ? sweep->raw_charge : NULL;
}

const double *vt_sweep_charges(const struct vt_sweep *sweep)
{
    return sweep->layout.charge_mode ? sweep->charge : NULL;
}

const double *vt_sweep_descriptors(const struct vt_sweep *sweep)
{
    return sweep->layers.x;
}

enum vt_code vt_sweep_ranges(struct vt_sweep *sweep, const struct vt_geometry *geometry,
                             double *most_negative, double *most_positive, struct vt_error *error)
{
    const size_t dimension = sweep->layout.dimension;
    sweep->frame = (struct vt_sweep_frame){.geometry = geometry};
    sweep->has_born = false;
    const enum vt_code code = make_room(sweep, error);
    if (code)
        return code;
    vt_sweep_describe(sweep);
    for (size_t i = 0; i < geometry->n_atoms * dimension; i++) {
        const double q = sweep->layers.x[i];
        most_negative[i % dimension] = fmax(most_negative[i % dimension], -q);
        most_positive[i % dimension] = fmax(most_positive[i % dimension], q);
    }
    return VT_OK;
}
