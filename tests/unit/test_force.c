/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What vt_force does when something is wrong; that it is right is shown in tests/golden and
 * tests/physics. */
#include "force/force.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "common/near.h"
#include "common/synthetic.h"

static const double places[][3] = {{0, 0, 0}, {2, 2, 0}, {2, 0, 2}, {0, 2, 2.1}};
static const int types[] = {0, 1, 2, 2};

static struct vt_system small_system(void)
{
    return (struct vt_system){.n_atoms = 4,
                              .cell = {{4, 0, 0}, {0.2, 4, 0}, {0, 0, 4.5}},
                              .position = places,
                              .type = types};
}

static void make_model(struct vt_nep *model)
{
    struct synthetic options = synthetic_defaults();
    options.charge_mode = 1;
    options.zbl = VT_ZBL_UNIVERSAL;
    *model = (struct vt_nep){0};
    synthetic_model(model, &options);
}

/* Each allocation in turn fails: the error comes back, nothing leaks, and the object works again.
 */
static void test_no_memory(void **state)
{
    (void)state;
    const struct vt_force_options options = {
        .born_charges = true, .atom_virials = true, .descriptors = true, .radial_sums = true};
    const struct vt_system system = small_system();
    struct vt_nep model;
    make_model(&model);
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct vt_force *force = NULL;
        struct vt_error error = {.code = VT_OK};
        vt_balance_fail(n);
        enum vt_code code = vt_force_create(&force, &model, &options, &error);
        if (!code)
            code = vt_force_compute(force, &system, &error);
        failed = vt_balance_failed();
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        if (failed && force)
            assert_int_equal(vt_force_compute(force, &system, &error), VT_OK);
        vt_force_destroy(force);
        assert_true(n < 1000);
    }
    vt_balance_fail(0);
    vt_nep_destroy(&model);
}

static void test_same_place(void **state)
{
    (void)state;
    static const struct {
        double second[3];
        const char *message;
    } cases[] = {
        {{0, 0, 0}, "atoms 1 and 2 are at the same place"},
        {{4.2, 4, 0}, "atoms 1 and 2 are at the same place"}, /* a lattice vector away */
        {{1e-5, 0, 0}, "atoms 1 and 2 are at the same place"},
    };
    const struct vt_force_options options = {0};
    struct vt_nep model;
    make_model(&model);
    struct vt_force *force;
    assert_int_equal(vt_force_create(&force, &model, &options, NULL), VT_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double moved[4][3];
        memcpy(moved, places, sizeof moved);
        memcpy(moved[1], cases[k].second, sizeof moved[1]);
        struct vt_system system = small_system();
        system.position = (const double(*)[3])moved;
        struct vt_error error;
        assert_int_equal(vt_force_compute(force, &system, &error), VT_INPUT);
        assert_string_equal(error.message, cases[k].message);
    }
    vt_force_destroy(force);
    vt_nep_destroy(&model);
}

/* f_k(r) = fc (1 + T_k(x))/2, written out. */
static double basis(int k, double r, double cutoff)
{
    const double pi = 3.14159265358979323846, u = r / cutoff - 1;
    return 0.25 * (1 + cos(pi * r / cutoff)) * (1 + cos(k * acos(2 * u * u - 1)));
}

/* What is around each atom: against the sum over all images. */
static void test_radial_sums(void **state)
{
    (void)state;
    const struct vt_force_options options = {.radial_sums = true};
    const struct vt_system system = small_system();
    struct vt_nep model;
    struct vt_force *force;
    make_model(&model);
    assert_int_equal(vt_force_create(&force, &model, &options, NULL), VT_OK);
    assert_int_equal(vt_force_compute(force, &system, NULL), VT_OK);
    const double *sums = vt_force_results(force)->radial_sums;
    const int n_k = model.k_radial + 1, reach = 4;
    for (int i = 0; i < 4; i++)
        for (int t = 0; t < model.n_types; t++)
            for (int k = 0; k < n_k; k++) {
                double expected = 0;
                for (int j = 0; j < 4; j++)
                    for (int image = 0; image < 729; image++) {
                        const int n[3] = {image % 9 - reach, image / 9 % 9 - reach,
                                          image / 81 - reach};
                        double square = 0;
                        for (int d = 0; d < 3; d++) {
                            double x = places[j][d] - places[i][d];
                            for (int a = 0; a < 3; a++)
                                x += n[a] * system.cell[a][d];
                            square += x * x;
                        }
                        const double r = sqrt(square);
                        const double cutoff = vt_nep_pair_cutoff_radial(&model, types[i], t);
                        if (types[j] == t && r > 0 && r < cutoff)
                            expected += basis(k, r, cutoff);
                    }
                assert_near(sums[(i * model.n_types + t) * n_k + k], expected, 1e-12);
            }
    vt_force_destroy(force);
    vt_nep_destroy(&model);
}

/* An object gives the same bits again after other, larger and smaller, systems. */
static void test_reuse(void **state)
{
    (void)state;
    const struct vt_force_options options = {.born_charges = true};
    struct vt_nep model;
    make_model(&model);
    struct vt_force *force;
    assert_int_equal(vt_force_create(&force, &model, &options, NULL), VT_OK);
    const struct vt_system system = small_system();
    assert_int_equal(vt_force_compute(force, &system, NULL), VT_OK);
    const double energy = vt_force_results(force)->energy;
    double forces[4][3];
    memcpy(forces, vt_force_results(force)->forces, sizeof forces);
    struct vt_system other = small_system();
    other.n_atoms = 1;
    assert_int_equal(vt_force_compute(force, &other, NULL), VT_OK);
    other.n_atoms = 3;
    other.cell[0][0] = 20;
    assert_int_equal(vt_force_compute(force, &other, NULL), VT_OK);
    assert_int_equal(vt_force_compute(force, &system, NULL), VT_OK);
    assert_true(vt_force_results(force)->energy == energy);
    assert_memory_equal(forces, vt_force_results(force)->forces, sizeof forces);
    vt_force_destroy(force);
    vt_nep_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_radial_sums),
        cmocka_unit_test(test_same_place),
        cmocka_unit_test(test_reuse),
    };
    return VT_RUN_TESTS(tests);
}
