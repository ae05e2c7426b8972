/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mesh against the converged Ewald sum: the accuracy that was asked for, in forces, potentials,
 * energies and virials; both identities of the split; derivatives. */
#include "../unit/balance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "common/near.h"
#include "common/sample_read.h"
#include "common/slow_split.h"
#include "coulomb/ewald.h"
#include "coulomb/tune.h"

static const double pi = 3.14159265358979323846, coulomb_constant = 14.399645;
enum { MOST_ATOMS = 400 };

/* ---- systems */

enum kind { ROCK_SALT, PERFECT, LZC, SIX_SPECIES, WATER, TRICLINIC, CLOUD, FLAT_CLOUD, KINDS };

static const char *const kind_name[KINDS] = {"rock salt", "perfect one", "Li2ZrCl6", "six species",
                                             "water",     "triclinic",   "cloud",    "flat cloud"};

static const char *lzc_path; /* from the command line */

struct system {
    struct sample sample;
    struct vt_cell cell;
    double charges[MOST_ATOMS], squares;
    double masses[MOST_ATOMS]; /* all 0: alike */
};

static void set_cell(struct system *system, double a, double b, double c, double tilt)
{
    const double cell[3][3] = {{a, 0, 0}, {tilt, b, 0}, {-tilt, 0.6 * tilt, c}};
    memcpy(system->sample.cell, cell, sizeof cell);
}

static void make_rock_salt(struct system *system, double spread, struct dice *dice)
{
    enum { EDGE = 4 };
    const double spacing = 2.82;
    sample_resize(&system->sample, EDGE * EDGE * EDGE);
    set_cell(system, EDGE * spacing, EDGE * spacing, EDGE * spacing, 0);
    for (int i = 0; i < EDGE * EDGE * EDGE; i++) {
        const int at[3] = {i % EDGE, i / EDGE % EDGE, i / EDGE / EDGE};
        for (int d = 0; d < 3; d++)
            system->sample.position[i][d] = spacing * at[d] + dice_real(dice, -spread, spread);
        system->charges[i] = (at[0] + at[1] + at[2]) % 2 ? 0.9 : -0.9;
    }
}

/* Charges as of the shipped potential. */
static void make_lzc(struct system *system)
{
    static const double charge[3] = {0.8, 1.6, -3.2 / 6};
    const struct vt_nep model = {.n_types = 3, .atomic_number = {3, 40, 17}};
    sample_read(&system->sample, lzc_path, &model);
    for (size_t i = 0; i < system->sample.n_atoms; i++)
        system->charges[i] = charge[system->sample.type[i]];
}

/* Rigid molecules of three sites on a grid, turned at random. */
static void make_water(struct system *system, struct dice *dice)
{
    enum { EDGE = 3 };
    static const double site[3][3] = {{0, 0, 0}, {0.8165, 0.5774, 0}, {-0.8165, 0.5774, 0}};
    static const double charge[3] = {-0.82, 0.41, 0.41};
    const double spacing = 3.1;
    sample_resize(&system->sample, 3 * EDGE * EDGE * EDGE);
    set_cell(system, EDGE * spacing, EDGE * spacing, EDGE * spacing, 0);
    for (int m = 0; m < EDGE * EDGE * EDGE; m++) {
        double turn[3][3], place[3];
        sample_rotation(turn, dice);
        for (int s = 0; s < 3; s++) {
            const int at[3] = {m % EDGE, m / EDGE % EDGE, m / EDGE / EDGE};
            vt_row_times_mat3(site[s], (const double(*)[3])turn, place);
            for (int d = 0; d < 3; d++)
                system->sample.position[3 * m + s][d] = spacing * at[d] + place[d];
            system->charges[3 * m + s] = charge[s];
        }
    }
}

static void make_cloud(struct system *system, size_t n, struct dice *dice)
{
    double sum = 0;
    sample_resize(&system->sample, n);
    for (size_t i = 0; i < n; i++) {
        const double place[3] = {dice_real(dice, -1, 1), dice_real(dice, -1, 1),
                                 dice_real(dice, -1, 1)};
        vt_row_times_mat3(place, (const double(*)[3])system->sample.cell,
                          system->sample.position[i]);
        sum += system->charges[i] = dice_real(dice, -1.5, 1.5);
    }
    for (size_t i = 0; i < n; i++)
        system->charges[i] -= sum / (double)n;
}

/* Charges by species, shifted to make the cell neutral. */
static void make_packing(struct system *system, enum sample_kind kind, struct dice *dice)
{
    static const double charge[6] = {0.8, 2.1, 1.6, -0.7, -1.2, -0.6};
    double sum = 0;
    sample_draw(&system->sample, kind, 100, 6, dice);
    for (size_t i = 0; i < system->sample.n_atoms; i++)
        sum += system->charges[i] = charge[system->sample.type[i]] + dice_real(dice, -0.1, 0.1);
    for (size_t i = 0; i < system->sample.n_atoms; i++)
        system->charges[i] -= sum / (double)system->sample.n_atoms;
}

static void make_system(struct system *system, enum kind kind)
{
    struct dice dice = {40 + (uint64_t)kind};
    double keep[3][3];
    *system = (struct system){.squares = 0};
    if (kind == ROCK_SALT)
        make_rock_salt(system, 0.1, &dice);
    else if (kind == PERFECT)
        make_rock_salt(system, 0, &dice);
    else if (kind == LZC)
        make_lzc(system);
    else if (kind == WATER)
        make_water(system, &dice);
    else if (kind == SIX_SPECIES || kind == TRICLINIC)
        make_packing(system, kind == TRICLINIC ? SAMPLE_LEFT_HANDED : SAMPLE_GLASS, &dice);
    else {
        set_cell(system, 11, 10, kind == CLOUD ? 12 : 6, kind == CLOUD ? 0 : 2);
        memcpy(keep, system->sample.cell, sizeof keep);
        make_cloud(system, 90, &dice); /* places it in no cell, since its size is set anew */
        memcpy(system->sample.cell, keep, sizeof keep);
        struct dice again = {60 + (uint64_t)kind};
        for (size_t i = 0; i < system->sample.n_atoms; i++) {
            const double place[3] = {dice_real(&again, -1, 1), dice_real(&again, -1, 1),
                                     dice_real(&again, -1, 1)};
            vt_row_times_mat3(place, (const double(*)[3])keep, system->sample.position[i]);
        }
    }
    assert_true(system->sample.n_atoms <= MOST_ATOMS);
    assert_int_equal(vt_cell_init(&system->cell, (const double(*)[3])system->sample.cell, NULL),
                     VT_OK);
    for (size_t i = 0; i < system->sample.n_atoms; i++)
        system->squares += system->charges[i] * system->charges[i];
}

static struct vt_point_charges points_of(const struct system *system)
{
    return (struct vt_point_charges){MPI_COMM_NULL, system->sample.n_atoms,
                                     (const double(*)[3])system->sample.position, system->charges,
                                     system->masses[0] > 0 ? system->masses : NULL};
}

/* ---- references */

static void add_ewald(const struct system *system, double alpha, struct charge_sums *out)
{
    struct vt_ewald *ewald = NULL;
    const struct vt_point_charges points = points_of(system);
    assert_int_equal(vt_ewald_create(&ewald, vt_ewald_converged(alpha, 1e-13), NULL), VT_OK);
    assert_int_equal(vt_ewald_add(ewald, &system->cell, &points, &out->sums, NULL), VT_OK);
    vt_ewald_destroy(ewald);
}

/* Point charges to rounding (erfc(5.9) = 7e-17), or the Gaussian ones of mode 2. */
static void reference(const struct system *system, double model_alpha, struct charge_sums *out)
{
    charge_sums_create(out, system->sample.n_atoms, false);
    const double alpha = model_alpha > 0 ? model_alpha : 0.75;
    add_ewald(system, alpha, out);
    if (model_alpha > 0)
        return;
    const struct vt_split gauss = vt_split_gauss(alpha, 5.9 / alpha);
    slow_pairs(&gauss, 0, 0, &system->sample, system->charges, out);
    slow_self(&gauss, system->charges, out);
}

static void add_mesh(const struct system *system, const struct vt_mesh_settings *settings,
                     struct charge_sums *out)
{
    struct vt_mesh *mesh = NULL;
    const struct vt_point_charges points = points_of(system);
    assert_int_equal(vt_mesh_create(&mesh, settings, NULL, NULL), VT_OK);
    assert_int_equal(vt_mesh_add(mesh, &system->cell, &points, &out->sums, NULL), VT_OK);
    vt_mesh_destroy(mesh);
}

/* ---- accuracy */

static struct vt_tune_request request_for(const struct system *system, double accuracy)
{
    return (struct vt_tune_request){
        .accuracy = accuracy,
        .cloud = {system->cell, (double)system->sample.n_atoms, system->squares},
        .ranks = 1,
        .cutoff_least = 6,
        .cutoff_most = 6,
        .pair_cost = 1};
}

static double virial_error(const struct charge_sums *a, const struct charge_sums *b)
{
    double most = 0;
    for (int c = 0; c < 9; c++)
        most = fmax(most, fabs(a->sums.virial[c] - b->sums.virial[c]));
    return most;
}

static double energy_error(const struct charge_sums *a, const struct charge_sums *b)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += pow(a->sums.energies[i] - b->sums.energies[i], 2);
    return sqrt(sum / (double)a->n);
}

/* A perfect crystal has none, right or wrong. */
static bool has_forces(const struct charge_sums *sums)
{
    double square = 0;
    for (size_t i = 0; i < sums->n; i++)
        square += vt_dot(sums->sums.forces[i], sums->sums.forces[i]);
    return square > 1e-6;
}

/* Errors in units of the accuracy: root mean squares of forces, potentials and energies of atoms
 * (over K_C with 1 A); total energy and the largest component of the virial, an atom. */
static void check_errors(const struct charge_sums *out, const struct charge_sums *exact,
                         const char *what, double accuracy, const struct vt_tune_choice *choice)
{
    const double unit = accuracy * coulomb_constant, n = (double)out->n;
    const double force = force_error(out, exact) / unit;
    const double potential = potential_error(out, exact) / unit;
    const double energy = energy_error(out, exact) / unit;
    const double total = fabs(out->sums.energy - exact->sums.energy) / unit / n;
    const double virial = virial_error(out, exact) / unit / n;
    print_message("    %-11s %.0e, width %d, %3d x %3d x %3d: force %.2f (predicted %.2f), "
                  "potential %.2f, energy %.2f, total %.2f, virial %.2f\n",
                  what, accuracy, choice->mesh.width, choice->mesh.size[0], choice->mesh.size[1],
                  choice->mesh.size[2], force, choice->error / accuracy, potential, energy, total,
                  virial);
    assert_true(force <= 1.5);
    if (has_forces(exact))
        assert_true(force > 0.001); /* it was asked for no more */
    assert_true(potential <= 1.5);
    assert_true(energy <= 1.5);
    assert_true(total <= 1.5);
    assert_true(virial <= 1.5);
}

static void check_accuracy(const struct system *system, const struct charge_sums *exact,
                           const char *what, const struct vt_tune_request *request)
{
    struct vt_tune_choice choice;
    struct charge_sums out;
    assert_int_equal(vt_tune(request, &choice, NULL), VT_OK);
    charge_sums_create(&out, system->sample.n_atoms, false);
    add_mesh(system, &choice.mesh, &out);
    if (choice.pairs)
        slow_pairs(&choice.mesh.split, request->model_alpha, 0, &system->sample, system->charges,
                   &out);
    if (request->model_alpha == 0)
        slow_self(&choice.mesh.split, system->charges, &out);
    check_errors(&out, exact, what, request->accuracy, &choice);
    charge_sums_destroy(&out);
}

/* Point charges: whatever the split, the window and the width, the energy is the same. */
static void test_accuracy(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct system system;
        struct charge_sums exact;
        make_system(&system, kind);
        reference(&system, 0, &exact);
        for (int digits = 3; digits <= 7; digits++) {
            struct vt_tune_request request = request_for(&system, pow(10, -digits));
            check_accuracy(&system, &exact, kind_name[kind], &request);
            request.splits = 1u << (digits % 2 ? VT_SPLIT_GAUSS : VT_SPLIT_PROLATE);
            request.windows =
                1u << ((digits + (int)kind) % 2 ? VT_WINDOW_SPLINE : VT_WINDOW_PROLATE);
            check_accuracy(&system, &exact, kind_name[kind], &request);
        }
        charge_sums_destroy(&exact);
        sample_destroy(&system.sample);
    }
}

/* Crystals are the worst case of virials, whose errors add up: wherever the pairs end. */
static void test_crystals(void **state)
{
    (void)state;
    for (enum kind kind = PERFECT; kind <= LZC; kind++) {
        struct system system;
        struct charge_sums exact;
        make_system(&system, kind);
        reference(&system, 0, &exact);
        for (double cutoff = 4.5; cutoff < 12; cutoff += 0.7)
            for (int digits = 4; digits <= 6; digits++) {
                struct vt_tune_request request = request_for(&system, pow(10, -digits));
                request.cutoff_least = request.cutoff_most = cutoff;
                check_accuracy(&system, &exact, kind_name[kind], &request);
            }
        charge_sums_destroy(&exact);
        sample_destroy(&system.sample);
    }
}

/* Every order and width that can do it. */
static void test_widths(void **state)
{
    (void)state;
    struct system system;
    struct charge_sums exact;
    make_system(&system, TRICLINIC);
    reference(&system, 0, &exact);
    for (unsigned window = 1; window <= 2; window++)
        for (int width = VT_WINDOW_LEAST; width <= VT_WINDOW_MOST; width++) {
            struct vt_tune_request request = request_for(&system, width > 4    ? 1e-4
                                                                  : width == 4 ? 2e-3
                                                                               : 1e-2);
            request.windows = window;
            request.width = width;
            check_accuracy(&system, &exact, window == 1 ? "splines" : "prolate", &request);
        }
    charge_sums_destroy(&exact);
    sample_destroy(&system.sample);
}

/* Mode 2: E_k(alpha) of the model's Gaussian charges = smooth part + pairs. */
static void test_gaussian_charges(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind += 2) {
        struct system system;
        struct charge_sums exact;
        make_system(&system, kind);
        const double model_alpha = pi / 4.5;
        reference(&system, model_alpha, &exact);
        for (int digits = 3; digits <= 7; digits += 2) {
            struct vt_tune_request request = request_for(&system, pow(10, -digits));
            request.model_alpha = model_alpha;
            request.cutoff_least = request.cutoff_most = 7.5;
            check_accuracy(&system, &exact, kind_name[kind], &request);
        }
        charge_sums_destroy(&exact);
        sample_destroy(&system.sample);
    }
}

/* ---- the mesh itself */

static struct vt_mesh_settings coarse(void)
{
    return (struct vt_mesh_settings){.split = vt_split_prolate(9, 6),
                                     .window = VT_WINDOW_PROLATE,
                                     .width = 4,
                                     .shape = 4.8,
                                     .size = {9, 10, 12}};
}

/* The smooth part of the waves, on a mesh so fine that nothing is left of its errors but rounding;
 * virials of atoms included. */
static void test_waves(void **state)
{
    (void)state;
    struct system system;
    struct charge_sums exact, out;
    make_system(&system, TRICLINIC);
    const struct vt_mesh_settings settings = {.split = vt_split_prolate(10, 7),
                                              .window = VT_WINDOW_SPLINE,
                                              .width = 8,
                                              .size = {60, 64, 63}};
    charge_sums_create(&exact, system.sample.n_atoms, true);
    charge_sums_create(&out, system.sample.n_atoms, true);
    slow_waves(&settings.split, &system.sample, system.charges, &exact);
    add_mesh(&system, &settings, &out);
    const size_t n = system.sample.n_atoms;
    assert_near(out.sums.energy, exact.sums.energy, 1e-7);
    assert_all_near(out.sums.virial, exact.sums.virial, 9, 1e-6);
    assert_all_near(out.sums.potentials, exact.sums.potentials, n, 1e-7);
    assert_all_near(out.sums.energies, exact.sums.energies, n, 1e-7);
    assert_all_near(&out.sums.forces[0][0], &exact.sums.forces[0][0], 3 * n, 1e-6);
    assert_all_near(&out.sums.virials[0][0], &exact.sums.virials[0][0], 9 * n, 1e-6);
    charge_sums_destroy(&exact);
    charge_sums_destroy(&out);
    sample_destroy(&system.sample);
}

/* On a mesh as coarse as can be: forces are the gradient of its energy but for the mean force,
 * which is shared out by mass, potentials are the derivative by the charges, the virial that by the
 * strain. */
static void test_derivatives(void **state)
{
    (void)state;
    const struct vt_mesh_settings settings = coarse();
    const double step = 1e-4;
    struct system system;
    struct charge_sums out, side;
    double gradient[MOST_ATOMS][3], sum_of_gradients[3] = {0}, total[3] = {0}, mass = 0;
    make_system(&system, TRICLINIC);
    const size_t n = system.sample.n_atoms = 24;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += system.charges[i];
    for (size_t i = 0; i < n; i++) {
        system.charges[i] -= sum / (double)n;
        mass += system.masses[i] = (double)(i + 1);
    }
    charge_sums_create(&out, n, false);
    charge_sums_create(&side, n, false);
    add_mesh(&system, &settings, &out);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < 3; d++) {
            double energy[2], *x = &system.sample.position[i][d];
            const double at = *x;
            for (int s = 0; s < 2; s++) {
                *x = at + (s ? step : -step);
                charge_sums_clear(&side);
                add_mesh(&system, &settings, &side);
                energy[s] = side.sums.energy;
            }
            *x = at;
            gradient[i][d] = (energy[1] - energy[0]) / (2 * step);
            sum_of_gradients[d] += gradient[i][d];
            total[d] += out.sums.forces[i][d];
        }
    for (int d = 0; d < 3; d++) {
        print_message("    force taken off: %.1e eV/A\n", sum_of_gradients[d]);
        assert_true(fabs(sum_of_gradients[d]) > 1e-5); /* there was something to take off */
        assert_near(total[d], 0, 1e-12);
        for (size_t i = 0; i < n; i++)
            assert_near(out.sums.forces[i][d],
                        sum_of_gradients[d] * system.masses[i] / mass - gradient[i][d], 2e-7);
    }
    for (size_t i = 0; i < n; i++) { /* quadratic in the charges */
        double energy[2];
        const double charge = system.charges[i];
        for (int s = 0; s < 2; s++) {
            system.charges[i] = charge + (s ? 0.5 : -0.5);
            charge_sums_clear(&side);
            add_mesh(&system, &settings, &side);
            energy[s] = side.sums.energy;
        }
        system.charges[i] = charge;
        assert_near(energy[1] - energy[0], out.sums.potentials[i], 1e-10);
        assert_near(out.sums.energies[i], 0.5 * charge * out.sums.potentials[i], 1e-12);
    }
    charge_sums_destroy(&out);
    charge_sums_destroy(&side);
    sample_destroy(&system.sample);
}

static void strain(struct system *system, const struct system *from, int a, int b, double by)
{
    double map[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    map[a][b] += by;
    for (int v = 0; v < 3; v++)
        vt_row_times_mat3(from->sample.cell[v], (const double(*)[3])map, system->sample.cell[v]);
    for (size_t i = 0; i < from->sample.n_atoms; i++)
        vt_row_times_mat3(from->sample.position[i], (const double(*)[3])map,
                          system->sample.position[i]);
    assert_int_equal(vt_cell_init(&system->cell, (const double(*)[3])system->sample.cell, NULL),
                     VT_OK);
}

static void test_virial(void **state)
{
    (void)state;
    const struct vt_mesh_settings settings = {.split = vt_split_prolate(9, 6),
                                              .window = VT_WINDOW_PROLATE,
                                              .width = 6,
                                              .shape = 8,
                                              .size = {12, 14, 12}};
    const double step = 1e-4;
    struct system system, strained;
    struct charge_sums out, side;
    make_system(&system, SIX_SPECIES);
    make_system(&strained, SIX_SPECIES);
    charge_sums_create(&out, system.sample.n_atoms, false);
    charge_sums_create(&side, system.sample.n_atoms, false);
    add_mesh(&system, &settings, &out);
    for (int c = 0; c < 9; c++) {
        double energy[2];
        for (int s = 0; s < 2; s++) {
            strain(&strained, &system, c / 3, c % 3, s ? step : -step);
            charge_sums_clear(&side);
            add_mesh(&strained, &settings, &side);
            energy[s] = side.sums.energy;
        }
        assert_near((energy[0] - energy[1]) / (2 * step), out.sums.virial[c], 1e-5);
    }
    charge_sums_destroy(&out);
    charge_sums_destroy(&side);
    sample_destroy(&system.sample);
    sample_destroy(&strained.sample);
}

/* A mesh of floats, and every instruction set, give the same to their rounding. */
static void test_precisions(void **state)
{
    (void)state;
    struct system system;
    struct charge_sums out, side;
    make_system(&system, SIX_SPECIES);
    struct vt_mesh_settings settings = {.split = vt_split_prolate(12, 7),
                                        .window = VT_WINDOW_PROLATE,
                                        .width = 7,
                                        .shape = 10,
                                        .size = {24, 24, 24}};
    charge_sums_create(&out, system.sample.n_atoms, false);
    charge_sums_create(&side, system.sample.n_atoms, false);
    settings.stencil = &vt_stencil_plain;
    add_mesh(&system, &settings, &out);
    for (int single = 0; single < 2; single++)
        for (const struct vt_stencil *const *s = vt_stencils; *s; s++) {
            if (!vt_stencil_runs(*s))
                continue;
            settings.stencil = *s;
            settings.single = single;
            charge_sums_clear(&side);
            add_mesh(&system, &settings, &side);
            const double off = force_error(&out, &side) / coulomb_constant;
            print_message("    %s, %s: forces %.1e apart\n", (*s)->name,
                          single ? "float" : "double", off);
            assert_true(off < (single ? 1e-6 : 1e-13));
            assert_near(out.sums.energy, side.sums.energy, single ? 1e-4 : 1e-10);
        }
    charge_sums_destroy(&out);
    charge_sums_destroy(&side);
    sample_destroy(&system.sample);
}

/* Once its arrays have their sizes, a step takes no memory; and atoms may be anywhere. */
static void test_steps(void **state)
{
    (void)state;
    struct dice dice = {9};
    struct system system;
    struct charge_sums out, moved;
    struct vt_mesh *mesh = NULL;
    const struct vt_mesh_settings settings = coarse();
    make_system(&system, TRICLINIC);
    charge_sums_create(&out, system.sample.n_atoms, false);
    charge_sums_create(&moved, system.sample.n_atoms, false);
    const struct vt_point_charges points = points_of(&system);
    assert_int_equal(vt_mesh_create(&mesh, &settings, NULL, NULL), VT_OK);
    assert_int_equal(vt_mesh_add(mesh, &system.cell, &points, &out.sums, NULL), VT_OK);
    sample_scatter(&system.sample, &dice);
    vt_balance_fail(1);
    assert_int_equal(vt_mesh_add(mesh, &system.cell, &points, &moved.sums, NULL), VT_OK);
    assert_false(vt_balance_failed());
    vt_balance_fail(0);
    assert_near(out.sums.energy, moved.sums.energy, 1e-10);
    assert_all_near(&out.sums.forces[0][0], &moved.sums.forces[0][0], 3 * out.n, 1e-11);
    vt_mesh_destroy(mesh);
    charge_sums_destroy(&out);
    charge_sums_destroy(&moved);
    sample_destroy(&system.sample);
}

/* Every failure of memory is survived. */
static void test_memory(void **state)
{
    (void)state;
    const struct vt_mesh_settings settings = coarse();
    struct vt_mesh *mesh = NULL;
    for (long n = 1;; n++) {
        vt_balance_fail(n);
        const enum vt_code code = vt_mesh_create(&mesh, &settings, NULL, NULL);
        const bool failed = vt_balance_failed();
        vt_balance_fail(0);
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        if (!failed)
            break;
        assert_null(mesh);
    }
    vt_mesh_destroy(mesh);
}

/* No mesh makes up for a cutoff of nothing. */
static void test_refuse(void **state)
{
    (void)state;
    struct system system;
    struct vt_error error = {0};
    struct vt_tune_choice choice;
    make_system(&system, ROCK_SALT);
    struct vt_tune_request request = request_for(&system, 1e-7);
    request.width = 3;
    request.windows = 1u << VT_WINDOW_SPLINE;
    request.cutoff_least = request.cutoff_most = 2;
    assert_int_equal(vt_tune(&request, &choice, &error), VT_INPUT);
    assert_non_null(strstr(error.message, "accuracy of 1.0e-07"));
    sample_destroy(&system.sample);
}

int main(int n, char **argument)
{
    if (n != 2) {
        fprintf(stderr, "usage: test_mesh LZC.xyz\n");
        return EXIT_FAILURE;
    }
    lzc_path = argument[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waves),
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_virial),
        cmocka_unit_test(test_precisions),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_crystals),
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_gaussian_charges),
    };
    return VT_RUN_TESTS(tests);
}
