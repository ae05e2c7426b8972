/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counts follow the order of work that a reasonable program chooses: the radial basis is summed
 * per neighbour type before it meets the coefficients, and the network's gradient is folded into
 * them before the force pass. An addition, a multiplication, a division and a square root count 1;
 * a cosine 16, cosine and sine 28, tanh 20, exp with erfc 30 (lengths of usual polynomials).
 * Screened nuclear repulsion is left out: few pairs are near enough to feel it. */
#include "cli/cost.h"

#include <assert.h>
#include <math.h>

#include "base/mat3.h"
#include "base/units.h"
#include "domain/cell.h"

enum {
    PAIR_GEOMETRY = 10,   /* difference, square, root, reciprocal */
    CUTOFF_FUNCTION = 32, /* with its derivative */
    FORCE_OF_PAIR = 12,   /* onto both atoms */
    TANH = 25,            /* with bias and derivative */
    SCREENED_PAIR = 45,   /* erfc/r, its derivative, potential and force */
    WAVE_AND_ATOM = 30    /* phase by recurrence, into S(k), and back into potential and force */
};

/* Neighbours are counted around so many atoms of a structure at most: all pairs of these are looked
 * at. */
enum { CENTRES = 500 };

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
