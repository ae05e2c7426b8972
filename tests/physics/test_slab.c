/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slabs against the sum over two directions alone (Parry 1975): whatever axis is open, for point
 * charges and within a model, by an Ewald sum and by a mesh; and the vacuum that it takes. */
#include "../unit/balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "common/near.h"
#include "common/slow_split.h"
#include "coulomb/ewald.h"
#include "coulomb/slab.h"
#include "evaluate.h"

enum { ATOMS = 12 };

struct system {
    struct sample sample;
    double charges[ATOMS];
    int axis;
};

static const double thickness = 6, lateral = 9; /* A */

/* Charges at random places in a slab with so much vacuum, in an oblique cell; the open axis is out
 * of the face's normal, too. */
static void make_slab(struct system *system, int axis, double gap, struct dice *dice)
{
    double sum = 0;
    system->axis = axis;
    sample_resize(&system->sample, ATOMS);
    double(*cell)[3] = system->sample.cell;
    memset(cell, 0, sizeof system->sample.cell);
    const int u = (axis + 1) % 3, v = (axis + 2) % 3;
    cell[u][0] = lateral;
    cell[v][0] = 2;
    cell[v][1] = lateral - 1;
    cell[axis][0] = 3;
    cell[axis][1] = -1.5;
    cell[axis][2] = thickness + gap;
    for (int i = 0; i < ATOMS; i++) {
        double place[3];
        place[u] = dice_real(dice, 0, 1);
        place[v] = dice_real(dice, 0, 1);
        place[axis] = dice_real(dice, 0, thickness / (thickness + gap));
        if (i < 2) /* the whole thickness is used */
            place[axis] = i * thickness / (thickness + gap);
        vt_row_times_mat3(place, (const double(*)[3])cell, system->sample.position[i]);
        sum += system->charges[i] = (i % 2 ? 1 : -1) * dice_real(dice, 0.8, 1.2);
    }
    for (int i = 0; i < ATOMS; i++)
        system->charges[i] -= sum / ATOMS;
}

/* ---- two directions */

static const double alpha = 0.6; /* 1/A */

/* All images of j seen from i within 10 A: erfc(6) = 2e-17. */
static double pair_energy(const double d[3], const double u[3], const double v[3], bool itself)
{
    enum { REACH = 3 };
    double sum = 0;
    for (int a = -REACH; a <= REACH; a++)
        for (int b = -REACH; b <= REACH; b++) {
            double r[3];
            for (int c = 0; c < 3; c++)
                r[c] = d[c] + a * u[c] + b * v[c];
            if (!itself || a != 0 || b != 0)
                sum += erfc(alpha * vt_norm(r)) / vt_norm(r);
        }
    return sum;
}

static double wave_energy(double g, double z)
{
    return (exp(g * z) * erfc(g / (2 * alpha) + alpha * z) +
            exp(-g * z) * erfc(g / (2 * alpha) - alpha * z)) /
           g;
}

/* Normal, and the reciprocal vectors of the plane. */
static void find_plane(const double u[3], const double v[3], double normal[3], double g[2][3])
{
    double unit[3];
    vt_cross(u, v, normal);
    const double area = vt_norm(normal);
    for (int c = 0; c < 3; c++)
        unit[c] = normal[c] /= area;
    vt_cross(v, unit, g[0]);
    vt_cross(unit, u, g[1]);
    for (int c = 0; c < 3; c++) {
        g[0][c] *= 2 * VT_PI / area;
        g[1][c] *= 2 * VT_PI / area;
    }
}

static double waves_of_pair(const double d[3], double z, double g[2][3])
{
    enum { WAVES = 11 };
    double sum = -2 * (z * erf(alpha * z) + exp(-alpha * alpha * z * z) / (alpha * sqrt(VT_PI)));
    for (int a = -WAVES; a <= WAVES; a++)
        for (int b = -WAVES; b <= WAVES; b++) {
            double k[3];
            for (int c = 0; c < 3; c++)
                k[c] = a * g[0][c] + b * g[1][c];
            const double length = vt_norm(k);
            if ((a != 0 || b != 0) && length < 12 * alpha)
                sum += cos(vt_dot(k, d)) * wave_energy(length, z);
        }
    return sum;
}

/* eV. */
static double flat_energy(const struct system *system)
{
    const double(*cell)[3] = (const double(*)[3])system->sample.cell;
    const double *u = cell[(system->axis + 1) % 3], *v = cell[(system->axis + 2) % 3];
    double normal[3], g[2][3], cross[3], sum = 0;
    find_plane(u, v, normal, g);
    vt_cross(u, v, cross);
    for (int i = 0; i < ATOMS; i++)
        for (int j = 0; j < ATOMS; j++) {
            double d[3];
            for (int c = 0; c < 3; c++)
                d[c] = system->sample.position[i][c] - system->sample.position[j][c];
            const double waves = waves_of_pair(d, vt_dot(d, normal), g);
            const double of_pair = 0.5 * pair_energy(d, u, v, i == j) +
                                   VT_PI / (2 * vt_norm(cross)) * waves -
                                   (i == j ? alpha / sqrt(VT_PI) : 0);
            sum += system->charges[i] * system->charges[j] * of_pair;
        }
    return VT_COULOMB * sum;
}

/* ---- three, corrected */

static void corrected(const struct system *system, struct charge_sums *out)
{
    struct vt_cell cell;
    struct vt_ewald *ewald = NULL;
    const struct vt_point_charges points = {
        MPI_COMM_NULL, ATOMS, (const double(*)[3])system->sample.position, system->charges, NULL};
    const struct vt_split gauss = vt_split_gauss(alpha, 5.9 / alpha);
    assert_int_equal(vt_cell_init(&cell, (const double(*)[3])system->sample.cell, NULL), VT_OK);
    charge_sums_clear(out);
    assert_int_equal(vt_ewald_create(&ewald, vt_ewald_converged(alpha, 1e-13), NULL), VT_OK);
    assert_int_equal(vt_ewald_add(ewald, &cell, &points, &out->sums, NULL), VT_OK);
    vt_ewald_destroy(ewald);
    slow_pairs(&gauss, 0, 0, &system->sample, system->charges, out);
    slow_self(&gauss, system->charges, out);
    vt_slab_add(&cell, system->axis, &points, &out->sums);
}

/* -dE/dx of what x points to, to fourth order. */
static double slope_of(struct system *system, double *x)
{
    const double h = 1e-3, at = *x;
    double ahead[2];
    for (int k = 1; k <= 2; k++) {
        *x = at + k * h;
        ahead[k - 1] = flat_energy(system);
        *x = at - k * h;
        ahead[k - 1] -= flat_energy(system);
    }
    *x = at;
    return -(8 * ahead[0] - ahead[1]) / (12 * h);
}

static double strained_energy(const struct system *system, int component, double by)
{
    struct system strained = {.axis = system->axis};
    double map[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    map[component / 3][component % 3] += by;
    sample_copy(&strained.sample, &system->sample);
    memcpy(strained.charges, system->charges, sizeof strained.charges);
    for (int i = 0; i < ATOMS; i++)
        vt_row_times_mat3(system->sample.position[i], (const double(*)[3])map,
                          strained.sample.position[i]);
    for (int d = 0; d < 3; d++)
        vt_row_times_mat3(system->sample.cell[d], (const double(*)[3])map, strained.sample.cell[d]);
    const double energy = flat_energy(&strained);
    sample_destroy(&strained.sample);
    return energy;
}

static void check_against_flat(struct system *system, struct charge_sums *out)
{
    enum { SOME = 3 };
    corrected(system, out);
    double sum = 0;
    for (int i = 0; i < ATOMS; i++)
        sum += out->sums.energies[i];
    assert_near(out->sums.energy, flat_energy(system), 1e-8);
    assert_near(sum, out->sums.energy, 1e-10);
    for (int i = 0; i < SOME; i++) {
        for (int d = 0; d < 3; d++)
            assert_near(out->sums.forces[i][d], slope_of(system, &system->sample.position[i][d]),
                        1e-6);
        /* The cell is neutral: what counts is the difference of two potentials. */
        double ahead[2];
        for (int s = 0; s < 2; s++) {
            const double by = s ? 0.25 : -0.25;
            system->charges[i] += by;
            system->charges[SOME] -= by;
            ahead[s] = flat_energy(system);
            system->charges[i] -= by;
            system->charges[SOME] += by;
        }
        assert_near(out->sums.potentials[i] - out->sums.potentials[SOME],
                    (ahead[1] - ahead[0]) / 0.5, 1e-7);
    }
    for (int c = 0; c < 9; c++) {
        const double h = 1e-4;
        const double slope =
            (strained_energy(system, c, -h) - strained_energy(system, c, h)) / (2 * h);
        assert_near(out->sums.virial[c], slope, 1e-4);
    }
}

/* With so much vacuum that nothing but the dipole is felt (exp(-2 pi 45/9) = 2e-14). */
static void test_point_charges(void **state)
{
    (void)state;
    struct dice dice = {71};
    for (int axis = 0; axis < 3; axis++) {
        struct system system = {.axis = axis};
        struct charge_sums out, moved;
        charge_sums_create(&out, ATOMS, false);
        charge_sums_create(&moved, ATOMS, false);
        make_slab(&system, axis, 45, &dice);
        check_against_flat(&system, &out);
        /* wherever it stands, as long as it is in one piece */
        for (int i = 0; i < ATOMS; i++)
            for (int d = 0; d < 3; d++)
                system.sample.position[i][d] += 0.8 * system.sample.cell[axis][d];
        corrected(&system, &moved);
        assert_near(moved.sums.energy, out.sums.energy, 1e-9);
        assert_all_near(&moved.sums.forces[0][0], &out.sums.forces[0][0], 3 * ATOMS, 1e-9);
        charge_sums_destroy(&out);
        charge_sums_destroy(&moved);
        sample_destroy(&system.sample);
    }
}

/* The least vacuum does: the images then weigh less than the accuracy. */
static void test_least_gap(void **state)
{
    (void)state;
    struct dice dice = {72};
    for (int digits = 3; digits <= 6; digits++) {
        struct system near = {.axis = 2}, far = {.axis = 2};
        struct charge_sums out, exact;
        struct vt_cell cell;
        const double accuracy = pow(10, -digits);
        const struct dice again = dice;
        make_slab(&far, 2, 45, &dice);
        assert_int_equal(vt_cell_init(&cell, (const double(*)[3])far.sample.cell, NULL), VT_OK);
        const double gap = vt_slab_least_gap(&cell, 2, ATOMS, accuracy);
        dice = again;
        make_slab(&near, 2, gap, &dice);
        charge_sums_create(&out, ATOMS, false);
        charge_sums_create(&exact, ATOMS, false);
        /* the same places: only the length of c differs */
        memcpy(near.sample.position, far.sample.position, ATOMS * sizeof *near.sample.position);
        corrected(&near, &out);
        corrected(&far, &exact);
        const double error = force_error(&out, &exact) / VT_COULOMB;
        print_message("    %.0e: %.1f A of vacuum, images weigh %.1e\n", accuracy, gap, error);
        assert_true(error < accuracy);
        assert_true(error > 1e-4 * accuracy);
        charge_sums_destroy(&out);
        charge_sums_destroy(&exact);
        sample_destroy(&near.sample);
        sample_destroy(&far.sample);
    }
}

/* ---- within a model */

static void must(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

/* A glass of the model's elements with vacuum along an axis. */
static void make_glass(struct sample *sample, const struct vt_nep *model, int axis, double gap,
                       struct dice *dice)
{
    sample_draw(sample, SAMPLE_GLASS, 60, model->n_types, dice);
    struct vt_cell cell;
    must(vt_cell_init(&cell, (const double(*)[3])sample->cell, NULL), NULL);
    const double longer = 1 + gap / cell.thickness[axis];
    for (size_t i = 0; i < sample->n_atoms; i++) { /* whole atoms, not cut at the faces */
        double fractional[3];
        vt_cell_fractional(&cell, sample->position[i], fractional);
        fractional[axis] -= floor(fractional[axis]);
        vt_cell_cartesian(&cell, fractional, sample->position[i]);
    }
    for (int d = 0; d < 3; d++)
        sample->cell[axis][d] *= longer;
}

static double total_energy(struct vt_force *force, const struct sample *sample, int axis)
{
    struct vt_error error;
    struct vt_system system = sample_system(sample);
    system.open = axis + 1;
    must(vt_force_compute(force, &system, &error), &error);
    return vt_force_results(force)->energy;
}

/* Charges follow the atoms: forces are the gradient only if the potentials are right, too. */
static void check_model(int mode, int axis, struct dice *dice)
{
    enum { SOME = 2 };
    const double accuracy = 1e-6, h = 1e-3;
    struct synthetic flavour = {.charge_mode = -1};
    struct vt_nep model;
    struct vt_error error;
    struct sample sample = {0};
    struct vt_force *exact = NULL, *mesh = NULL;
    for (int family = 0; flavour.charge_mode != mode; family++)
        flavour = flavour_draw(family, dice);
    synthetic_model(&model, &flavour);
    make_glass(&sample, &model, axis, 60, dice);
    struct vt_force_options options = {.electrostatics = VT_EWALD_CONVERGED, .accuracy = 1e-11};
    must(vt_force_create(&exact, &model, &options, &error), &error);
    options = (struct vt_force_options){.electrostatics = VT_PPPM, .accuracy = accuracy};
    must(vt_force_create(&mesh, &model, &options, &error), &error);

    const double bulk = total_energy(exact, &sample, -1);
    const double energy = total_energy(exact, &sample, axis);
    assert_true(fabs(bulk - energy) > 1e-6); /* there is something to correct */
    double force[SOME][3];
    memcpy(force, vt_force_results(exact)->forces, sizeof force);
    assert_near(total_energy(mesh, &sample, axis), energy, 100 * accuracy * VT_COULOMB);
    assert_all_near(&vt_force_results(mesh)->forces[0][0], &vt_force_results(exact)->forces[0][0],
                    3 * sample.n_atoms, 20 * accuracy * VT_COULOMB);
    for (int i = 0; i < SOME; i++)
        for (int d = 0; d < 3; d++) {
            double *x = &sample.position[i][d], ahead[2];
            for (int k = 1; k <= 2; k++) {
                *x += k * h;
                ahead[k - 1] = total_energy(exact, &sample, axis);
                *x -= 2 * k * h;
                ahead[k - 1] -= total_energy(exact, &sample, axis);
                *x += k * h;
            }
            assert_near(force[i][d], -(8 * ahead[0] - ahead[1]) / (12 * h), 1e-6);
        }
    vt_force_destroy(exact);
    vt_force_destroy(mesh);
    sample_destroy(&sample);
    vt_nep_destroy(&model);
}

static void test_model(void **state)
{
    (void)state;
    struct dice dice = {73};
    for (int mode = 1; mode <= 2; mode++)
        for (int axis = 0; axis < 3; axis++)
            check_model(mode, axis, &dice);
}

/* A slab that has come too near its images ends the run. */
static void test_thin(void **state)
{
    (void)state;
    struct dice dice = {74};
    struct synthetic flavour = {.charge_mode = -1};
    struct vt_nep model;
    struct vt_error error = {0};
    struct sample sample = {0};
    struct vt_force *force = NULL;
    for (int family = 0; flavour.charge_mode != 1; family++)
        flavour = flavour_draw(family, &dice);
    synthetic_model(&model, &flavour);
    make_glass(&sample, &model, 1, 3, &dice);
    const struct vt_force_options options = {.electrostatics = VT_EWALD_CONVERGED,
                                             .accuracy = 1e-5};
    must(vt_force_create(&force, &model, &options, &error), &error);
    struct vt_system system = sample_system(&sample);
    system.open = 2;
    assert_int_equal(vt_force_compute(force, &system, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "a slab, open along b, with 3"));
    system.open = 0;
    must(vt_force_compute(force, &system, &error), &error);
    vt_force_destroy(force);
    sample_destroy(&sample);
    vt_nep_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point_charges),
        cmocka_unit_test(test_least_gap),
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_thin),
    };
    return VT_RUN_TESTS(tests);
}
