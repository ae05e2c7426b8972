/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forces and virial against differences of the energy.
 *
 * The energy is smooth between the cutoffs only: the slope of the cutoff function has a kink there,
 * and the real-space sum of charge mode 1 jumps. Structures with a pair nearer than `least_gap` to
 * one of its cutoffs are drawn again, and steps move no pair across; but some atoms are put just
 * inside and just outside of every cutoff. The published set of wave vectors changes with the cell:
 * structures with a vector near the edge are drawn again as well, so that the virial's differences
 * are taken at one set. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "common/near.h"
#include "common/slow_bonds.h"
#include "common/slow_coulomb.h"
#include "cutoffs.h"
#include "evaluate.h"

static const double least_gap = 1.5e-4, just_beside = 2e-4; /* A */
static const double step = 3e-5;   /* A: four atoms' steps stay below the gap */
static const double strain = 4e-6; /* times 2, times the largest cutoff: below the gap */
static const double tolerance = 2e-8;

static double nearest_to(const struct sample *sample, size_t atom)
{
    const struct vt_system system = sample_system(sample);
    struct slow_bonds bonds = {0};
    double nearest = 10;
    slow_bonds_find(&bonds, &system, atom, nearest);
    for (size_t b = 0; b < bonds.count; b++)
        nearest = fmin(nearest, bonds.bond[b].distance);
    slow_bonds_destroy(&bonds);
    return nearest;
}

/* Put one atom at that distance from the first, in a direction where there is room. */
static bool place(struct sample *sample, size_t atom, double distance, struct dice *dice)
{
    const double room = fmin(1.3, distance * (1 - 1e-9));
    for (int tries = 0; tries < 100; tries++) {
        double rotation[3][3];
        sample_rotation(rotation, dice);
        for (int d = 0; d < 3; d++)
            sample->position[atom][d] = sample->position[0][d] + distance * rotation[0][d];
        if (nearest_to(sample, atom) >= room)
            return true;
    }
    return false;
}

/* Atoms 1, 2, ... just inside and outside of the cutoffs around atom 0. Returns how many. */
static int place_beside_cutoffs(const struct vt_nep *model, struct sample *sample,
                                struct dice *dice)
{
    int placed = 0;
    for (size_t atom = 1; atom < sample->n_atoms && atom <= 2 * CUTOFFS; atom++) {
        double cutoff[CUTOFFS];
        cutoffs_of_pair(model, sample->type[0], sample->type[atom], cutoff);
        const double side = atom % 2 ? just_beside : -just_beside;
        const double distance = cutoff[(atom - 1) / 2] + side;
        if (distance > 0.5 && place(sample, atom, distance, dice))
            placed++;
    }
    return placed;
}

static bool is_fit(const struct vt_nep *model, const struct sample *sample)
{
    if (cutoffs_gap(model, sample) < least_gap)
        return false;
    return model->charge_mode == 0 ||
           slow_k_gap(model->cutoff_radial[0], (const double(*)[3])sample->cell) > 10 * strain;
}

/* -dE/dx along one coordinate of the structure that `move` changes: five points. */
typedef void movement(struct sample *sample, const struct sample *from, int index, double amount);

static double slope(struct vt_force *force, const struct sample *sample, movement *move, int index,
                    double amount)
{
    static const double weight[4] = {-1, 8, -8, 1};
    static const int times[4] = {2, 1, -1, -2};
    struct sample moved = {0};
    double sum = 0;
    sample_copy(&moved, sample);
    for (int k = 0; k < 4; k++) {
        move(&moved, sample, index, times[k] * amount);
        sum += weight[k] * evaluate(force, &moved)->energy;
    }
    sample_destroy(&moved);
    return -sum / (12 * amount);
}

static void shift_atom(struct sample *sample, const struct sample *from, int index, double amount)
{
    const size_t atom = (size_t)index / 3;
    memcpy(sample->position[atom], from->position[atom], sizeof sample->position[atom]);
    sample->position[atom][index % 3] += amount;
}

/* Component ab of the strain: x_b += amount x_a. */
static void strain_all(struct sample *sample, const struct sample *from, int index, double amount)
{
    const int a = index / 3, b = index % 3;
    memcpy(sample->position, from->position, from->n_atoms * sizeof *from->position);
    memcpy(sample->cell, from->cell, sizeof sample->cell);
    for (size_t i = 0; i < sample->n_atoms; i++)
        sample->position[i][b] += amount * from->position[i][a];
    for (int i = 0; i < 3; i++)
        sample->cell[i][b] += amount * from->cell[i][a];
}

struct worst {
    double force, virial;
};

static void check_forces(struct vt_force *force, struct vt_force *other,
                         const struct sample *sample, struct worst *worst)
{
    const struct vt_results *results = evaluate(force, sample);
    double net[3] = {0}, most = 0;
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const double scale = fmax(1, vt_norm(results->forces[i]));
        most = fmax(most, scale);
        for (int d = 0; d < 3; d++) {
            const double numeric = slope(other, sample, shift_atom, (int)(3 * i) + d, step);
            assert_near(results->forces[i][d], numeric, tolerance * scale);
            worst->force = fmax(worst->force, fabs(results->forces[i][d] - numeric) / scale);
            net[d] += results->forces[i][d];
        }
    }
    for (int d = 0; d < 3; d++)
        assert_near(net[d], 0, 1e-11 * most);
}

static void check_virial(struct vt_force *force, struct vt_force *other,
                         const struct sample *sample, struct worst *worst)
{
    const struct vt_results *results = evaluate(force, sample);
    double scale = 1, sum[9] = {0};
    for (int c = 0; c < 9; c++)
        scale = fmax(scale, fabs(results->virial[c]));
    for (size_t i = 0; i < sample->n_atoms; i++)
        for (int c = 0; c < 9; c++)
            sum[c] += results->virials[i][c];
    for (int c = 0; c < 9; c++) {
        const double numeric = slope(other, sample, strain_all, c, strain);
        assert_near(results->virial[c], numeric, tolerance * scale);
        assert_near(results->virial[c], sum[c], 1e-12 * scale * (double)sample->n_atoms);
        worst->virial = fmax(worst->virial, fabs(results->virial[c] - numeric) / scale);
    }
}

/* A structure of that kind for the model, with atoms beside the cutoffs; returns how many. */
static int draw(struct sample *sample, const struct vt_nep *model, enum sample_kind kind,
                struct dice *dice)
{
    int placed = 0;
    for (int tries = 0; tries < 200; tries++) {
        sample_draw(sample, kind, 10, model->n_types, dice);
        if (kind != SAMPLE_TINY && kind != SAMPLE_CRYSTAL)
            placed = place_beside_cutoffs(model, sample, dice);
        if (is_fit(model, sample))
            return placed;
    }
    fail_msg("no %s is smooth enough", sample_kind_name(kind));
    return 0;
}

static int run(int family, enum sample_kind kind, enum vt_electrostatics electrostatics,
               struct dice *dice)
{
    const struct synthetic flavour = flavour_draw(family, dice);
    struct vt_nep model = {0};
    struct sample sample = {0};
    struct worst worst = {0};
    synthetic_model(&model, &flavour);
    const int placed = draw(&sample, &model, kind, dice);
    struct vt_force *force = evaluator(&model, electrostatics, 1e-12);
    struct vt_force *other = least_evaluator(&model, electrostatics, 1e-12);
    print_message("%s; %s of %zu, %d beside a cutoff", flavour_text(&flavour),
                  sample_kind_name(kind), sample.n_atoms, placed);
    check_forces(force, other, &sample, &worst);
    check_virial(force, other, &sample, &worst);
    print_message(": %.0e %.0e\n", worst.force, worst.virial);
    vt_force_destroy(force);
    vt_force_destroy(other);
    sample_destroy(&sample);
    vt_nep_destroy(&model);
    return placed;
}

static void test_published(void **state)
{
    (void)state;
    struct dice dice = {21};
    int placed = 0;
    for (int round = 0; round < FLAVOUR_FAMILIES * SAMPLE_KINDS; round++)
        placed +=
            run(round % FLAVOUR_FAMILIES,
                (enum sample_kind)(round / FLAVOUR_FAMILIES % SAMPLE_KINDS), VT_EWALD_GPUMD, &dice);
    assert_true(placed > 2 * FLAVOUR_FAMILIES * SAMPLE_KINDS);
}

/* With a converged sum neither the set of wave vectors nor the radial cutoff shows in the
 * electrostatic energy. */
static void test_converged(void **state)
{
    (void)state;
    struct dice dice = {22};
    for (int round = 0; round < 2 * SAMPLE_KINDS; round++)
        run(12 + round % 8, (enum sample_kind)(round % SAMPLE_KINDS), VT_EWALD_CONVERGED, &dice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published),
                                       cmocka_unit_test(test_converged)};
    return VT_RUN_TESTS(tests);
}
