/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counts follow the order of work that a reasonable program chooses: the radial basis is summed
 * per neighbour type before it meets the coefficients, and the network's gradient is folded into
 * them before the force pass. An addition, a multiplication, a division and a square root count 1;
 * a cosine 16, cosine and sine 28, tanh 20, exp with erfc 30 (lengths of usual polynomials).
 * Screened nuclear repulsion is left out: few pairs are near enough to feel it. */
#include "cli/cost.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "base/units.h"
#include "domain/atoms.h"
#include "domain/cell.h"
#include "domain/neighbours.h"

enum {
    PAIR_GEOMETRY = 10,   /* difference, square, root, reciprocal */
    CUTOFF_FUNCTION = 32, /* with its derivative */
    FORCE_OF_PAIR = 12,   /* onto both atoms */
    TANH = 25,            /* with bias and derivative */
    SCREENED_PAIR = 45,   /* erfc/r, its derivative, potential and force */
    WAVE_AND_ATOM = 30    /* phase by recurrence, into S(k), and back into potential and force */
};

/* Products of three or four sums in each of the terms; each with its derivatives costs about a
 * dozen. */
static const double products_of_term[VT_NEP_TERMS] = {
    [VT_Q222] = 8, [VT_Q1111] = 6, [VT_Q112] = 8, [VT_Q123] = 21, [VT_Q233] = 22, [VT_Q134] = 31};
static const double operations_per_product = 12;

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

typedef double pair_cutoff(const struct vt_nep *model, int t1, int t2);

/* Mean number of neighbours within the given cutoffs. */
static enum vt_code count_neighbours(const struct vt_nep *model, const struct vt_atoms *atoms,
                                     const struct vt_cell *cell, pair_cutoff *of_pair, double *mean,
                                     struct vt_error *error)
{
    const int n_types = model->n_types;
    struct vt_neighbours list = {0};
    double *cutoff = NULL;
    enum vt_code code = vt_alloc(&cutoff, (size_t)(n_types * n_types), sizeof *cutoff,
                                 "cutoffs of the pairs", error);
    if (code)
        goto done;
    for (int a = 0; a < n_types; a++)
        for (int b = 0; b < n_types; b++)
            cutoff[a * n_types + b] = of_pair(model, a, b);
    code = vt_neighbours_build(&list, atoms, cell, n_types, cutoff, error);
    if (code)
        goto done;
    double sum = 0;
    for (size_t row = 0; row < list.n_slices * (size_t)n_types; row++)
        for (int lane = 0; lane < VT_LANES; lane++)
            sum += list.count[row][lane];
    *mean = sum / atoms->n_local;
done:
    vt_neighbours_destroy(&list);
    vt_free(cutoff);
    return code;
}

enum vt_code vt_surroundings_of_frame(const struct vt_nep *model, const struct vt_frame *frame,
                                      struct vt_surroundings *surroundings, struct vt_error *error)
{
    struct vt_atoms atoms = {0};
    int *type = NULL;
    struct vt_cell cell;
    enum vt_code code = vt_cell_init(&cell, frame->cell, error);
    if (!code)
        code = vt_alloc(&type, frame->n_atoms, sizeof *type, "types of the atoms", error);
    if (code)
        goto done;
    for (size_t i = 0; i < frame->n_atoms; i++)
        type[i] = vt_nep_type(model, frame->element[i]);
    const struct vt_atoms_input input = {
        .n = frame->n_atoms, .position = (const double(*)[3])frame->position, .type = type};
    code = vt_atoms_set(&atoms, &cell, &input, vt_nep_largest_cutoff(model), error);
    *surroundings =
        (struct vt_surroundings){.n_atoms = (double)frame->n_atoms, .volume = cell.volume};
    if (!code)
        code = count_neighbours(model, &atoms, &cell, vt_nep_pair_cutoff_radial,
                                &surroundings->radial, error);
    if (!code)
        code = count_neighbours(model, &atoms, &cell, vt_nep_pair_cutoff_angular,
                                &surroundings->angular, error);
done:
    vt_atoms_destroy(&atoms);
    vt_free(type);
    return code;
}

static double radial_cost(const struct vt_nep *model, double neighbours)
{
    const double functions = model->n_radial + 1, basis = model->k_radial + 1;
    const double values_and_derivatives = 4 * basis, sum = basis, fold = 2 * basis;
    const double pair =
        PAIR_GEOMETRY + CUTOFF_FUNCTION + values_and_derivatives + sum + fold + FORCE_OF_PAIR;
    const double atom = 2 * 2 * model->n_types * functions * basis;
    return neighbours * pair + atom;
}

static double angular_cost(const struct vt_nep *model, double neighbours)
{
    const double functions = model->n_angular + 1, basis = model->k_angular + 1;
    const double harmonics = model->l_max * (model->l_max + 2);
    const double expansion = 4 * basis + 4 * functions * basis;
    const double values_and_gradients = 9 * harmonics, sums = 2 * functions * harmonics;
    const double force = 4 * functions * harmonics + 8 * harmonics + FORCE_OF_PAIR;
    const double pair =
        PAIR_GEOMETRY + CUTOFF_FUNCTION + expansion + values_and_gradients + sums + force;
    double products = 0;
    for (int term = 0; term < VT_NEP_TERMS; term++)
        products += model->term[term] ? products_of_term[term] : 0;
    const double atom = functions * (5 * harmonics + operations_per_product * products);
    return neighbours * pair + atom;
}

static double network_cost(const struct vt_nep *model)
{
    const double forward_and_back = 4.0 * model->dimension + TANH;
    const double charge = model->charge_mode ? 4 : 0;
    return model->neurons * (forward_and_back + charge);
}

struct vt_cost vt_cost_estimate(const struct vt_nep *model, const struct vt_surroundings *around)
{
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
