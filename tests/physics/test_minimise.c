/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimisation on one rank: that it arrives, goes down only, keeps its word about the cell, and
 * says so when there is nowhere to arrive. On more ranks: tests/mpi. */
#include "md/minimise.h"

#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "common/near.h"
#include "evaluate.h"

static const double masses[SYNTHETIC_TYPES] = {1, 1, 1, 1, 1, 1, 1, 1};
static const enum vt_minimise_method methods[] = {VT_FIRE, VT_LBFGS};

/* A model, a structure over (one) rank, and its minimiser. */
struct bench {
    struct vt_nep model;
    struct vt_force *force;
    struct vt_domain domain;
    struct vt_md md;
    struct vt_minimiser *minimiser;
    const struct vt_minimise_report *report;
};

static void check(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

static struct synthetic flavour(const char *wanted)
{
    const char *name = "";
    struct synthetic options = {0};
    for (int i = 0; i < synthetic_flavours() && strcmp(name, wanted) != 0; i++)
        options = synthetic_flavour(i, &name);
    assert_string_equal(name, wanted);
    return options;
}

/* Not to be moved in memory. */
static void set_up(struct bench *bench, const char *model, const struct sample *sample)
{
    *bench = (struct bench){.minimiser = NULL};
    const struct synthetic options = flavour(model);
    synthetic_model(&bench->model, &options);
    bench->force = least_evaluator(&bench->model, VT_EWALD_CONVERGED, 1e-8);
    sample_domain(sample, MPI_COMM_NULL, 5, &bench->domain);
    const struct vt_md_settings settings = {
        .domain = &bench->domain, .force = bench->force, .mass = masses, .timestep = 1, .skin = 1};
    vt_md_create(&bench->md, &settings);
}

static void tear_down(struct bench *bench)
{
    vt_minimiser_destroy(bench->minimiser);
    vt_md_destroy(&bench->md);
    vt_domain_destroy(&bench->domain);
    vt_force_destroy(bench->force);
    vt_nep_destroy(&bench->model);
}

/* Minimise; at every step, finite numbers and no enthalpy above the start. */
static enum vt_minimise_verdict go(struct bench *bench, const struct vt_minimise_settings *settings)
{
    struct vt_error error;
    check(vt_minimiser_create(&bench->minimiser, settings, &bench->md, &error), &error);
    bench->report = vt_minimiser_report(bench->minimiser);
    const double start = bench->report->enthalpy;
    const double allowed = start + 1e-11 * (1 + fabs(start)) * (double)bench->domain.n_global;
    while (bench->report->verdict == VT_MINIMISE_GOES_ON) {
        check(vt_minimiser_step(bench->minimiser, &error), &error);
        assert_true(bench->report->enthalpy <= allowed);
        assert_true(isfinite(bench->report->largest_force));
    }
    return bench->report->verdict;
}

static struct vt_minimise_settings to_force(enum vt_minimise_method method, double force)
{
    return (struct vt_minimise_settings){
        .method = method, .force = force, .pressure_accuracy = 1e-6, .n_steps = 5000};
}

/* Where the atoms are now, by id. */
static void take(const struct bench *bench, struct sample *sample)
{
    const struct vt_atoms *atoms = &bench->domain.atoms;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        memcpy(sample->position[atoms->id[i]], atoms->position[i], sizeof *sample->position);
        sample->type[atoms->id[i]] = atoms->type[i];
    }
    memcpy(sample->cell, bench->domain.cell.vector, sizeof sample->cell);
}

static void draw(struct sample *sample, enum sample_kind kind, const char *model, uint64_t seed)
{
    struct dice dice = {seed};
    sample_draw(sample, kind, 12, flavour(model).n_types, &dice);
}

/* Converged by its own account and by that of an evaluator that knows nothing of it. */
static void test_arrives(void **state)
{
    (void)state;
    static const char *const models[] = {"nep4_zbl", "nep4_zbl_charge1, all terms",
                                         "nep4_zbl_charge2, typewise",
                                         "nep4_zbl_charge3, flexible"};
    static const enum sample_kind kinds[] = {SAMPLE_CRYSTAL, SAMPLE_GLASS};
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        for (size_t k = 0; k < 4; k++) {
            struct bench bench;
            struct sample sample = {0};
            draw(&sample, kinds[k / 2], models[m], 3);
            set_up(&bench, models[m], &sample);
            const struct vt_minimise_settings settings = to_force(methods[k % 2], 1e-6);
            assert_int_equal(go(&bench, &settings), VT_MINIMISE_CONVERGED);
            assert_true(bench.report->n_steps > 10);
            assert_true(5 * bench.report->n_force_calls < 6 * bench.report->n_steps + 50);
            take(&bench, &sample);
            struct vt_force *other = least_evaluator(&bench.model, VT_EWALD_CONVERGED, 1e-8);
            const struct vt_results *results = evaluate(other, &sample);
            for (size_t i = 0; i < sample.n_atoms; i++)
                assert_true(vt_norm(results->forces[i]) < 1.001e-6);
            assert_near(results->energy, bench.report->energy, 1e-9);
            vt_force_destroy(other);
            tear_down(&bench);
            sample_destroy(&sample);
        }
}

/* The cell's change since the start, F: only what it may, and no rotation. */
static void check_deformation(const double from[3][3], const double to[3][3],
                              enum vt_minimise_cell cell)
{
    double inverse[3][3], f[3][3];
    vt_mat3_inverse(from, inverse);
    for (int a = 0; a < 3; a++)
        vt_row_times_mat3(inverse[a], to, f[a]);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < a; b++) {
            assert_near(f[a][b], f[b][a], 1e-12);
            if (cell != VT_MINIMISE_ANISOTROPIC)
                assert_near(f[a][b], 0, 1e-12);
        }
    if (cell == VT_MINIMISE_ISOTROPIC) {
        assert_near(f[1][1], f[0][0], 1e-12);
        assert_near(f[2][2], f[0][0], 1e-12);
    }
    assert_true(fabs(f[0][0] - 1) > 1e-3); /* it has changed at all */
}

static void check_pressure(const double pressure[9], double wanted, enum vt_minimise_cell cell)
{
    if (cell == VT_MINIMISE_ISOTROPIC)
        assert_near((pressure[0] + pressure[4] + pressure[8]) / 3, wanted, 1e-6);
    for (int c = 0; c < 9 && cell != VT_MINIMISE_ISOTROPIC; c++)
        if (cell == VT_MINIMISE_ANISOTROPIC || c % 4 == 0)
            assert_near(pressure[c], c % 4 == 0 ? wanted : 0, 1e-6);
}

static void test_cell(void **state)
{
    (void)state;
    static const char *const model = "nep4_zbl_charge2, typewise";
    static const double pressures[] = {0, 0.05};
    static const enum sample_kind kinds[] = {SAMPLE_LEFT_HANDED, SAMPLE_CRYSTAL};
    for (enum vt_minimise_cell cell = VT_MINIMISE_ISOTROPIC; cell <= VT_MINIMISE_ANISOTROPIC;
         cell++)
        for (size_t k = 0; k < 4; k++) {
            struct bench bench;
            struct sample sample = {0};
            draw(&sample, kinds[k / 2], model, 1);
            double from[3][3];
            memcpy(from, sample.cell, sizeof from);
            set_up(&bench, model, &sample);
            struct vt_minimise_settings settings = to_force(methods[k % 2], 1e-3);
            settings.cell = cell;
            settings.pressure = pressures[k / 2];
            assert_int_equal(go(&bench, &settings), VT_MINIMISE_CONVERGED);
            check_pressure(bench.report->pressure, settings.pressure, cell);
            check_deformation((const double(*)[3])from,
                              (const double(*)[3])bench.domain.cell.vector, cell);
            assert_near(bench.report->enthalpy,
                        bench.report->energy + settings.pressure * bench.domain.cell.volume, 1e-9);
            tear_down(&bench);
            sample_destroy(&sample);
        }
}

/* The trace of the way is its own: a fixed cell keeps its bits, the centre of mass its place. */
static void test_fixed_cell(void **state)
{
    (void)state;
    struct bench bench;
    struct sample sample = {0};
    draw(&sample, SAMPLE_SKEWED, "nep4_zbl", 2);
    set_up(&bench, "nep4_zbl", &sample);
    const struct vt_minimise_settings settings = to_force(VT_LBFGS, 1e-3);
    assert_int_equal(go(&bench, &settings), VT_MINIMISE_CONVERGED);
    assert_memory_equal(bench.domain.cell.vector, sample.cell, sizeof sample.cell);
    assert_int_equal(bench.md.step, bench.report->n_steps);
    vt_minimiser_destroy(bench.minimiser);
    bench.minimiser = NULL;
    assert_true(vt_md_kinetic_energy(&bench.md) == 0);
    tear_down(&bench);
    sample_destroy(&sample);
}

/* The first atoms are frozen, where they lie: the others find the places where no force is left on
 * them, and only on them. With a cell that changes it is refused. */
static void test_frozen(void **state)
{
    (void)state;
    enum { FROZEN = 3 };
    for (size_t m = 0; m < 2; m++) {
        struct bench bench;
        struct sample sample = {0}, end = {0};
        draw(&sample, SAMPLE_SKEWED, "nep4_zbl", 2);
        draw(&end, SAMPLE_SKEWED, "nep4_zbl", 2);
        set_up(&bench, "nep4_zbl", &sample);
        for (int32_t i = 0; i < FROZEN; i++)
            bench.domain.atoms.groups[i] |= 2;
        vt_md_freeze(&bench.md, 2);
        take(&bench, &sample);
        struct vt_minimise_settings settings = to_force(methods[m], 1e-4);
        assert_int_equal(go(&bench, &settings), VT_MINIMISE_CONVERGED);
        take(&bench, &end);
        const struct vt_atoms *atoms = &bench.domain.atoms;
        double held = 0;
        for (int32_t i = 0; i < atoms->n_local; i++) {
            const size_t id = (size_t)atoms->id[i];
            const double force = vt_norm(vt_force_results(bench.force)->forces[i]);
            const bool same =
                memcmp(sample.position[id], end.position[id], sizeof *end.position) == 0;
            assert_true(same == (id < FROZEN));
            assert_true(id < FROZEN || force < 1e-4);
            held = id < FROZEN ? fmax(held, force) : held;
        }
        assert_true(held > 1e-2);
        tear_down(&bench);
        sample_destroy(&sample);
        sample_destroy(&end);
    }
}

/* Relative to the first atom, so that a common shift does not count. */
static void compare_places(const struct sample *a, const struct sample *b, double tolerance)
{
    struct vt_cell cell;
    check(vt_cell_init(&cell, (const double(*)[3])a->cell, NULL), NULL);
    for (size_t i = 1; i < a->n_atoms; i++) {
        double d[3], s[3];
        for (int c = 0; c < 3; c++)
            d[c] = a->position[i][c] - b->position[i][c] - a->position[0][c] + b->position[0][c];
        vt_cell_fractional(&cell, d, s);
        for (int c = 0; c < 3; c++)
            s[c] -= round(s[c]);
        vt_cell_cartesian(&cell, s, d);
        assert_true(vt_norm(d) < tolerance);
    }
}

/* From a little beside a minimum both methods go back to it. */
static void test_same_minimum(void **state)
{
    (void)state;
    static const char *const model = "nep4_zbl_charge3, flexible";
    struct dice dice = {5};
    struct bench bench;
    struct sample sample = {0}, moved = {0};
    draw(&sample, SAMPLE_GLASS, model, 2);
    set_up(&bench, model, &sample);
    const struct vt_minimise_settings first = to_force(VT_LBFGS, 1e-8);
    assert_int_equal(go(&bench, &first), VT_MINIMISE_CONVERGED);
    const double energy = bench.report->energy;
    take(&bench, &sample);
    tear_down(&bench);
    sample_copy(&moved, &sample);
    for (size_t i = 0; i < moved.n_atoms; i++)
        for (int d = 0; d < 3; d++)
            moved.position[i][d] += dice_real(&dice, -0.02, 0.02);
    for (size_t k = 0; k < 2; k++) {
        struct sample back = {0};
        sample_copy(&back, &moved);
        set_up(&bench, model, &moved);
        const struct vt_minimise_settings settings = to_force(methods[k], 1e-7);
        assert_int_equal(go(&bench, &settings), VT_MINIMISE_CONVERGED);
        assert_near(bench.report->energy, energy, 1e-10);
        take(&bench, &back);
        compare_places(&back, &sample, 1e-5);
        tear_down(&bench);
        sample_destroy(&back);
    }
    sample_destroy(&moved);
    sample_destroy(&sample);
}

static void test_steps_and_start(void **state)
{
    (void)state;
    struct sample sample = {0};
    draw(&sample, SAMPLE_GLASS, "nep4_zbl", 4);
    for (size_t k = 0; k < 2; k++)
        for (int64_t n_steps = 0; n_steps < 8; n_steps += 3) {
            struct bench bench;
            set_up(&bench, "nep4_zbl", &sample);
            struct vt_minimise_settings settings = to_force(methods[k], 1e-6);
            settings.n_steps = n_steps;
            assert_int_equal(go(&bench, &settings), VT_MINIMISE_OUT_OF_STEPS);
            assert_int_equal(bench.report->n_steps, n_steps);
            vt_minimiser_destroy(bench.minimiser);
            settings.force = 1e9; /* there already */
            assert_int_equal(go(&bench, &settings), VT_MINIMISE_CONVERGED);
            assert_int_equal(bench.report->n_steps, 0);
            assert_int_equal(bench.report->n_force_calls, 1);
            tear_down(&bench);
        }
    sample_destroy(&sample);
}

/* Pulled apart at a pressure far below zero there is no minimum, with a push none near. */
static void test_runs_away(void **state)
{
    (void)state;
    static const double pressures[] = {-1, 1e4};
    struct sample sample = {0};
    draw(&sample, SAMPLE_GLASS, "nep4_zbl", 4);
    for (size_t k = 0; k < 4; k++) {
        struct bench bench;
        set_up(&bench, "nep4_zbl", &sample);
        struct vt_minimise_settings settings = to_force(methods[k % 2], 1e-3);
        settings.cell = VT_MINIMISE_ANISOTROPIC;
        settings.pressure = pressures[k / 2];
        assert_int_equal(go(&bench, &settings), VT_MINIMISE_RUNAWAY);
        tear_down(&bench);
    }
    sample_destroy(&sample);
}

/* Atoms nearly on top of each other: huge forces with ZBL, which it climbs down from. Without
 * repulsion atoms may fall into one place: an end with a verdict or a message, and no NaN. */
static void test_crowded(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        const char *const model = k < 2 ? "nep4_zbl" : "nep4_charge1";
        struct bench bench;
        struct sample sample = {0};
        draw(&sample, SAMPLE_GLASS, model, 6);
        for (int d = 0; d < 3; d++)
            sample.position[1][d] = sample.position[0][d] + (d == 0 ? 0.01 : 0);
        set_up(&bench, model, &sample);
        const struct vt_minimise_settings settings = to_force(methods[k % 2], 1e-3);
        struct vt_error error;
        check(vt_minimiser_create(&bench.minimiser, &settings, &bench.md, &error), &error);
        bench.report = vt_minimiser_report(bench.minimiser);
        enum vt_code code = VT_OK;
        while (!code && bench.report->verdict == VT_MINIMISE_GOES_ON)
            code = vt_minimiser_step(bench.minimiser, &error);
        assert_true(isfinite(bench.report->enthalpy));
        if (k < 2)
            assert_int_equal(bench.report->verdict, VT_MINIMISE_CONVERGED);
        if (code)
            assert_non_null(strstr(error.message, "at the same place"));
        for (int32_t i = 0; i < bench.domain.atoms.n_local; i++)
            assert_true(isfinite(vt_norm(bench.domain.atoms.position[i])));
        tear_down(&bench);
        sample_destroy(&sample);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        struct vt_minimise_settings settings;
        const char *message;
    } cases[] = {
        {{.force = 0}, "minimisation to a force of 0 eV/A"},
        {{.force = (double)NAN}, "minimisation to a force of nan eV/A"},
        {{.force = 1, .n_steps = -2}, "minimisation of -2 steps"},
        {{.force = 1, .cell = VT_MINIMISE_ISOTROPIC, .pressure = (double)INFINITY},
         "minimisation at a pressure of inf eV/A^3"},
        {{.force = 1, .cell = VT_MINIMISE_ANISOTROPIC},
         "minimisation to within 0 eV/A^3 of a pressure"},
    };
    struct bench bench;
    struct sample sample = {0};
    draw(&sample, SAMPLE_CRYSTAL, "nep4", 1);
    set_up(&bench, "nep4", &sample);
    struct vt_error error;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        assert_int_equal(
            vt_minimiser_create(&bench.minimiser, &cases[k].settings, &bench.md, &error), VT_INPUT);
        assert_string_equal(error.message, cases[k].message);
        assert_null(bench.minimiser);
    }
    const struct vt_minimise_settings settings = to_force(VT_FIRE, 1e-3);
    struct vt_minimise_settings with_cell = settings;
    with_cell.cell = VT_MINIMISE_ISOTROPIC;
    vt_md_freeze(&bench.md, VT_ALL_ATOMS);
    assert_int_equal(vt_minimiser_create(&bench.minimiser, &settings, &bench.md, &error), VT_INPUT);
    assert_string_equal(error.message, "all atoms are frozen");
    bench.domain.atoms.groups[0] |= 2;
    vt_md_freeze(&bench.md, 2);
    assert_int_equal(vt_minimiser_create(&bench.minimiser, &with_cell, &bench.md, &error),
                     VT_INPUT);
    assert_string_equal(error.message,
                        "no atoms can be frozen while a minimisation changes the cell");
    vt_md_freeze(&bench.md, 0);
    memcpy(bench.domain.atoms.position[1], bench.domain.atoms.position[0], 3 * sizeof(double));
    assert_int_equal(vt_minimiser_create(&bench.minimiser, &settings, &bench.md, &error), VT_INPUT);
    tear_down(&bench);
    sample_destroy(&sample);
}

/* Each allocation in turn fails: the error comes back and nothing leaks. */
static void test_no_memory(void **state)
{
    (void)state;
    struct sample sample = {0};
    draw(&sample, SAMPLE_CRYSTAL, "nep4_zbl", 1);
    bool failed = true;
    for (long n = 1; failed; n++) {
        struct bench bench;
        struct vt_error error;
        set_up(&bench, "nep4_zbl", &sample);
        const struct vt_minimise_settings settings = to_force(VT_LBFGS, 1e-6);
        vt_balance_fail(n);
        enum vt_code code = vt_minimiser_create(&bench.minimiser, &settings, &bench.md, &error);
        for (int step = 0; step < 2 && !code; step++)
            code = vt_minimiser_step(bench.minimiser, &error);
        failed = vt_balance_failed();
        vt_balance_fail(0);
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        tear_down(&bench);
    }
    sample_destroy(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrives),      cmocka_unit_test(test_cell),
        cmocka_unit_test(test_fixed_cell),   cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_same_minimum), cmocka_unit_test(test_steps_and_start),
        cmocka_unit_test(test_runs_away),    cmocka_unit_test(test_crowded),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_no_memory),
    };
    return VT_RUN_TESTS(tests);
}
