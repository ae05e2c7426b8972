/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counts follow the order of work of the kernels: the radial basis is summed per neighbour type
 * before it meets the coefficients, and the network's gradient is folded into them before the force
 * pass; every quantity of a pair is computed once in each of the two passes, over full lists. An
 * addition, a multiplication, a division and a square root count 1, FMA 2; a cosine 16, cosine and
 * sine 28, tanh 20, exp with erfc 30 (lengths of usual polynomials).
 * Screened nuclear repulsion is left out: few pairs are near enough to feel it. */
#include "cli/cost.h"

#include <assert.h>
#include <math.h>

#include "base/mat3.h"
#include "base/units.h"
#include "domain/cell.h"

enum {
    PAIR_GEOMETRY = 10, /* difference, square, root, reciprocal */
    ARGUMENT = 6,       /* of the polynomials */
    CUTOFF_FUNCTION = 18,
    CUTOFF_AND_DERIVATIVE = 32,
    UNIT_VECTOR = 3,
    FORCE_ON_BOTH = 12,
    VIRIAL = 18,
    TANH = 20,
    SCREENED_PAIR = 45, /* erfc/r, its derivative, potential and force */
    WAVE_AND_ATOM = 30  /* phase by recurrence, into S(k), and back into potential and force */
};

/* Neighbours are counted around so many atoms of a structure at most: all pairs of these are looked
 * at. */
enum { CENTRES = 500 };

/* Each of the terms of more than two sums, with its derivatives: about nine for each product. */
static const double operations_of_term[VT_NEP_TERMS] = {
    [VT_Q222] = 25 + 45, [VT_Q1111] = 12 + 30, [VT_Q112] = 70,
    [VT_Q123] = 185,     [VT_Q233] = 195,      [VT_Q134] = 275};

struct vt_surroundings vt_surroundings_uniform(const struct vt_nep *model, double density,
                                               double n_atoms)
{
    assert(density > 0 && n_atoms > 0);
    struct vt_surroundings around = {.n_atoms = n_atoms, .volume = n_atoms / density};
    const double share = density * 4.0 / 3.0 * VT_PI / (model->n_types * model->n_types);
    for (int a = 0; a < model->n_types; a++)
        for (int b = 0; b < model->n_types; b++) {
            around.radial += share * pow(vt_nep_pair_cutoff_radial(model, a, b), 3);
            around.angular += share * pow(vt_nep_pair_cutoff_angular(model, a, b), 3);
        }
    return around;
}

/* Count the neighbours of atom i that are images of atom j. */
static void count_images(const struct vt_nep *model, const struct vt_frame *frame,
                         const struct vt_cell *cell, const size_t pair[2],
                         struct vt_surroundings *sum)
{
    const size_t i = pair[0], j = pair[1];
    const int type_i = vt_nep_type(model, frame->element[i]);
    const int type_j = vt_nep_type(model, frame->element[j]);
    const double radial = vt_nep_pair_cutoff_radial(model, type_i, type_j);
    const double angular = vt_nep_pair_cutoff_angular(model, type_i, type_j);
    const double reach = fmax(radial, angular);
    double difference[3], nearest[3];
    int most[3];
    for (int d = 0; d < 3; d++)
        difference[d] = frame->position[j][d] - frame->position[i][d];
    vt_row_times_mat3(difference, cell->inverse, nearest);
    for (int d = 0; d < 3; d++) {
        nearest[d] -= round(nearest[d]);
        most[d] = (int)(reach / cell->thickness[d] + 0.5);
    }
    for (int a = -most[0]; a <= most[0]; a++)
        for (int b = -most[1]; b <= most[1]; b++)
            for (int c = -most[2]; c <= most[2]; c++) {
                if (i == j && a == 0 && b == 0 && c == 0)
                    continue;
                const double s[3] = {nearest[0] + a, nearest[1] + b, nearest[2] + c};
                double r[3];
                vt_row_times_mat3(s, cell->vector, r);
                const double distance = vt_norm(r);
                sum->radial += distance < radial;
                sum->angular += distance < angular;
            }
}

enum vt_code vt_surroundings_of_frame(const struct vt_nep *model, const struct vt_frame *frame,
                                      struct vt_surroundings *surroundings, struct vt_error *error)
{
    assert(model && frame && surroundings);
    assert(frame->n_atoms > 0 && frame->has_cell);
    struct vt_cell cell;
    const enum vt_code code = vt_cell_init(&cell, frame->cell, error);
    if (code)
        return code;
    struct vt_surroundings sum = {.n_atoms = (double)frame->n_atoms, .volume = cell.volume};
    const size_t stride = 1 + (frame->n_atoms - 1) / CENTRES;
    double centres = 0;
    for (size_t i = 0; i < frame->n_atoms; i += stride, centres++)
        for (size_t j = 0; j < frame->n_atoms; j++)
            count_images(model, frame, &cell, (const size_t[2]){i, j}, &sum);
    sum.radial /= centres;
    sum.angular /= centres;
    *surroundings = sum;
    return VT_OK;
}

/* Chebyshev polynomials by their recurrence; their derivatives cost as much. */
static double polynomials(double basis)
{
    assert(basis >= 1);
    return 2 * (basis - 2);
}

static double radial_cost(const struct vt_nep *model, double neighbours)
{
    assert(neighbours >= 0);
    const double functions = model->n_radial + 1, basis = model->k_radial + 1;
    const double common = PAIR_GEOMETRY + ARGUMENT + polynomials(basis);
    const double descriptor = common + CUTOFF_FUNCTION + 2 * basis + basis;
    const double force = common + CUTOFF_AND_DERIVATIVE + polynomials(basis) + 4 * basis + 6 + 1 +
                         UNIT_VECTOR + 6 + FORCE_ON_BOTH;
    const double atom = 2 * 2 * model->n_types * functions * basis; /* contract, and fold */
    return neighbours * (descriptor + force) + atom;
}

static double angular_cost(const struct vt_nep *model, double neighbours)
{
    assert(neighbours >= 0);
    const double functions = model->n_angular + 1, basis = model->k_angular + 1;
    const double harmonics = model->l_max * (model->l_max + 2);
    const double values = 2.5 * harmonics, gradients = 6.25 * harmonics;
    const double common = PAIR_GEOMETRY + UNIT_VECTOR + ARGUMENT + polynomials(basis) + values;
    const double descriptor =
        common + CUTOFF_FUNCTION + 2 * basis + 2 * functions * basis + 2 * functions * harmonics;
    const double force = common + CUTOFF_AND_DERIVATIVE + polynomials(basis) + 6 * basis +
                         4 * functions * basis + 4 * functions * harmonics + gradients +
                         (2 + 6) * harmonics + FORCE_ON_BOTH + 6 + VIRIAL;
    double terms = 0;
    for (int term = 0; term < VT_NEP_TERMS; term++)
        terms += model->term[term] ? operations_of_term[term] : 0;
    const double atom = functions * ((3 + 2) * harmonics + terms);
    return neighbours * (descriptor + force) + atom;
}

static double network_cost(const struct vt_nep *model)
{
    const double forward = 2.0 * model->dimension + 1 + TANH + 2;
    const double back = 2.0 * model->dimension + 3;
    const double charge = model->charge_mode ? 4 : 0;
    return model->neurons * (forward + back + charge) + 3.0 * model->dimension;
}

struct vt_cost vt_cost_estimate(const struct vt_nep *model, const struct vt_surroundings *around)
{
    assert(model && around);
    assert(around->radial >= 0 && around->angular >= 0);
    struct vt_cost cost = {.radial = radial_cost(model, around->radial),
                           .angular = angular_cost(model, around->angular),
                           .network = network_cost(model)};
    const bool near = model->charge_mode == 1 || model->charge_mode == 3;
    const bool far = model->charge_mode == 1 || model->charge_mode == 2;
    if (near)
        cost.coulomb_near = around->radial * SCREENED_PAIR;
    if (far) {
        /* Half of the k with |k| < 2 pi alpha, alpha = pi / cutoff. */
        const double alpha = VT_PI / model->cutoff_radial[0];
        cost.waves = 2.0 / 3.0 * VT_PI * pow(alpha, 3) * around->volume;
        cost.coulomb_far = cost.waves * WAVE_AND_ATOM;
    }
    return cost;
}
