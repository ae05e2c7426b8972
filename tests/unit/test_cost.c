/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <math.h>

#include "base/units.h"
#include "cli/cost.h"
#include "common/synthetic.h"
#include "coulomb/ewald.h"

static struct vt_nep make_model(int charge_mode)
{
    struct synthetic options = synthetic_defaults();
    options.charge_mode = charge_mode;
    struct vt_nep model = {0};
    synthetic_model(&model, &options);
    return model;
}

static void counts_a_uniform_fluid(void **state)
{
    (void)state;
    struct vt_nep model = make_model(0);
    const struct vt_surroundings around = vt_surroundings_uniform(&model, 0.1, 50);
    assert_true(fabs(around.volume - 500) < 1e-9);
    const double sphere = 4.0 / 3.0 * VT_PI * 0.1;
    assert_true(fabs(around.radial - sphere * 125) < 1e-9);
    assert_true(fabs(around.angular - sphere * 64) < 1e-9);
    vt_nep_destroy(&model);
}

/* Rock salt of Ba and O with an edge of 4.4 A between unlike atoms: six neighbours below 5 A, none
 * below 4 A; with 2.9 A six more at 2.9 A and twelve at 4.1 A. */
static void counts_a_crystal(void **state)
{
    (void)state;
    struct vt_nep model = make_model(0);
    static const struct {
        double edge, radial, angular;
    } cases[] = {{4.4, 6, 0}, {2.9, 18, 6}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double edge = cases[c].edge;
        struct vt_frame frame = {0};
        assert_int_equal(vt_frame_resize(&frame, 2, NULL), VT_OK);
        frame.element[0] = 56;
        frame.element[1] = 8;
        frame.position[1][0] = edge;
        frame.has_cell = true;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                frame.cell[i][j] = i == j ? 0 : edge;
        struct vt_surroundings around;
        assert_int_equal(vt_surroundings_of_frame(&model, &frame, &around, NULL), VT_OK);
        assert_true(around.n_atoms == 2);
        assert_true(fabs(around.volume - 2 * edge * edge * edge) < 1e-9);
        assert_true(around.radial == cases[c].radial);
        assert_true(around.angular == cases[c].angular);
        vt_frame_destroy(&frame);
    }
    vt_nep_destroy(&model);
}

static void counts_the_waves_of_the_ewald_sum(void **state)
{
    (void)state;
    struct vt_nep model = make_model(2);
    const double edge = 30;
    const struct vt_surroundings around = {.n_atoms = 1, .volume = edge * edge * edge};
    const struct vt_cost cost = vt_cost_estimate(&model, &around);

    const double vectors[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
    struct vt_cell cell;
    struct vt_ewald *ewald;
    assert_int_equal(vt_cell_init(&cell, vectors, NULL), VT_OK);
    assert_int_equal(vt_ewald_create(&ewald, vt_ewald_gpumd(model.cutoff_radial[0]), NULL), VT_OK);
    const double position[1][3] = {{0}}, charge = 1;
    const struct vt_point_charges charges = {MPI_COMM_NULL, 1, position, &charge, NULL};
    double energy = 0, potential = 0, force[1][3] = {{0}};
    struct vt_coulomb_sums sums = {.energies = &energy, .potentials = &potential, .forces = force};
    assert_int_equal(vt_ewald_add(ewald, &cell, &charges, &sums, NULL), VT_OK);
    const double waves = (double)vt_ewald_vectors(ewald);
    assert_true(waves > 1000);
    assert_true(fabs(cost.waves / waves - 1) < 0.05);
    vt_ewald_destroy(ewald);
    vt_nep_destroy(&model);
}

static void counts_only_what_a_model_has(void **state)
{
    (void)state;
    static const bool near[] = {false, true, false, true}, far[] = {false, true, true, false};
    for (int mode = 0; mode <= 3; mode++) {
        struct vt_nep model = make_model(mode);
        struct vt_surroundings around = vt_surroundings_uniform(&model, 0.05, 100);
        const struct vt_cost cost = vt_cost_estimate(&model, &around);
        assert_int_equal(cost.coulomb_near > 0, near[mode]);
        assert_int_equal(cost.coulomb_far > 0, far[mode]);
        around.radial *= 2;
        const struct vt_cost more = vt_cost_estimate(&model, &around);
        assert_true(more.radial > cost.radial && more.angular == cost.angular);
        assert_true(more.network == cost.network);
        model.term[VT_Q134] = !model.term[VT_Q134];
        assert_true(vt_cost_estimate(&model, &around).angular > cost.angular);
        vt_nep_destroy(&model);
    }
}

/* Shapes of published models, and neighbours as in liquid and crystal; the counts were made another
 * way, pass by pass. */
static void counts_published_models(void **state)
{
    (void)state;
    static const struct vt_nep two_elements = {.n_types = 2,
                                               .n_radial = 4,
                                               .n_angular = 4,
                                               .k_radial = 8,
                                               .k_angular = 8,
                                               .l_max = 4,
                                               .term = {[VT_Q222] = true},
                                               .neurons = 30,
                                               .dimension = 30};
    static const struct vt_nep three_elements = {.n_types = 3,
                                                 .n_radial = 8,
                                                 .n_angular = 6,
                                                 .k_radial = 8,
                                                 .k_angular = 8,
                                                 .l_max = 4,
                                                 .neurons = 40,
                                                 .dimension = 37};
    static const struct vt_nep carbon = {.n_types = 1,
                                         .n_radial = 10,
                                         .n_angular = 8,
                                         .k_radial = 10,
                                         .k_angular = 8,
                                         .l_max = 4,
                                         .term = {[VT_Q222] = true, [VT_Q1111] = true},
                                         .neurons = 100,
                                         .dimension = 65};
    static const struct {
        const struct vt_nep *model;
        struct vt_surroundings around;
        double radial_pairs, total;
    } cases[] = {{&two_elements, {.radial = 65.98, .angular = 6.06}, 14185, 30207},
                 {&three_elements, {.radial = 63.95, .angular = 16.90}, 13749, 57886},
                 {&two_elements, {.radial = 85.11, .angular = 26.19}, 18298, 68340},
                 {&carbon, {.radial = 46, .angular = 34}, 11086, 126841}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct vt_nep *model = cases[c].model;
        const struct vt_cost cost = vt_cost_estimate(model, &cases[c].around);
        const double functions = model->n_radial + 1, basis = model->k_radial + 1;
        const double contraction = 4 * model->n_types * functions * basis;
        assert_true(fabs(cost.radial - contraction - cases[c].radial_pairs) < 1.5);
        assert_true(fabs(cost.radial + cost.angular + cost.network - cases[c].total) < 1.5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_uniform_fluid),
        cmocka_unit_test(counts_a_crystal),
        cmocka_unit_test(counts_the_waves_of_the_ewald_sum),
        cmocka_unit_test(counts_only_what_a_model_has),
        cmocka_unit_test(counts_published_models),
    };
    return VT_RUN_TESTS(tests);
}
