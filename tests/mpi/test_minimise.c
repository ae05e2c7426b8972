/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimisation ends in the same minimum on any number of ranks, while atoms change ranks on the
 * way; and in the same bits, on the same ranks, when it is interrupted. */
#include "md/minimise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mat3.h"
#include "common/near.h"
#include "common/sample.h"
#include "common/synthetic.h"

enum { MOST_ATOMS = 64 };

static const double masses[SYNTHETIC_TYPES] = {1, 1, 1, 1, 1, 1, 1, 1};

/* Where it ended; forces by id. */
struct end {
    struct vt_minimise_report report;
    double forces[MOST_ATOMS][3];
    double cell[3][3];
    int64_t n_rebuilds;
};

static void check(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

static void make_model(struct vt_nep *model, const char *wanted)
{
    const char *name = "";
    struct synthetic options = {0};
    for (int i = 0; i < synthetic_flavours() && strcmp(name, wanted) != 0; i++)
        options = synthetic_flavour(i, &name);
    assert_string_equal(name, wanted);
    *model = (struct vt_nep){0};
    synthetic_model(model, &options);
}

/* The settings, and after how many steps, again and again, it is saved and resumed (0: never). */
struct way {
    struct vt_minimise_settings settings;
    int every;
    bool with_blocks;
};

/* What a checkpoint would hold of it, and the minimiser that goes on from that. */
static void save_and_resume(struct vt_minimiser **minimiser,
                            const struct vt_minimise_settings *settings, struct vt_md *md,
                            bool with_blocks)
{
    static double rows[VT_MINIMISE_BLOCKS_MOST * MOST_ATOMS][3];
    struct vt_minimise_state state;
    struct vt_error error;
    vt_minimiser_save(*minimiser, &state);
    if (state.n_blocks > 0)
        memcpy(rows, state.rows,
               (size_t)state.n_blocks * (size_t)md->domain->atoms.n_local * sizeof *rows);
    state.rows = rows;
    if (!with_blocks)
        state.n_blocks = 0;
    vt_minimiser_destroy(*minimiser);
    check(vt_minimiser_resume(minimiser, settings, md, &state, &error), &error);
}

static void check_rest(const struct vt_md *md)
{
    const struct vt_atoms *atoms = &md->domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++)
        assert_true(vt_dot(atoms->velocity[i], atoms->velocity[i]) == 0);
}

/* Minimise with a skin so thin that the lists are rebuilt time and again. */
static void minimise(struct vt_md *md, const struct way *way, struct end *end)
{
    struct vt_minimiser *minimiser;
    struct vt_error error;
    check(vt_minimiser_create(&minimiser, &way->settings, md, &error), &error);
    for (int step = 1; vt_minimiser_report(minimiser)->verdict == VT_MINIMISE_GOES_ON; step++) {
        check(vt_minimiser_step(minimiser, &error), &error);
        check_rest(md);
        if (way->every > 0 && step % way->every == 0)
            save_and_resume(&minimiser, &way->settings, md, way->with_blocks);
    }
    memset(end, 0, sizeof *end);
    end->report = *vt_minimiser_report(minimiser);
    end->n_rebuilds = md->n_rebuilds;
    memcpy(end->cell, md->domain->cell.vector, sizeof end->cell);
    const struct vt_atoms *atoms = &md->domain->atoms;
    const struct vt_results *results = vt_force_results(md->force);
    for (int32_t i = 0; i < atoms->n_local; i++)
        memcpy(end->forces[atoms->id[i]], results->forces[i], sizeof end->forces[0]);
    if (md->domain->grid.comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, end->forces, 3 * MOST_ATOMS, MPI_DOUBLE, MPI_SUM,
                      md->domain->grid.comm);
    vt_minimiser_destroy(minimiser);
}

static void minimise_on(MPI_Comm comm, const struct vt_nep *model, const struct sample *sample,
                        const struct way *way, struct end *end)
{
    const struct vt_force_options options = {.electrostatics = VT_EWALD_CONVERGED,
                                             .accuracy = 1e-8};
    struct vt_domain domain;
    struct vt_force *force;
    struct vt_error error;
    struct vt_md md;
    check(vt_force_create(&force, model, &options, &error), &error);
    sample_domain(sample, comm, 1, &domain);
    const struct vt_md_settings moving = {
        .domain = &domain, .force = force, .mass = masses, .timestep = 1, .skin = 0.3};
    vt_md_create(&md, &moving);
    minimise(&md, way, end);
    vt_md_destroy(&md);
    vt_domain_destroy(&domain);
    vt_force_destroy(force);
}

static double apart(const double *a, const double *b, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

static void compare(const struct end *one, const struct end *many, double force)
{
    assert_int_equal(many->report.verdict, VT_MINIMISE_CONVERGED);
    assert_int_equal(one->report.verdict, VT_MINIMISE_CONVERGED);
    assert_true(many->n_rebuilds > 3);
    assert_near(many->report.enthalpy, one->report.enthalpy, 1e-9);
    assert_true(apart(&many->forces[0][0], &one->forces[0][0], 3 * MOST_ATOMS) <= 2 * force);
    assert_true(apart(&many->cell[0][0], &one->cell[0][0], 9) < 1e-4);
    assert_near(apart(&many->forces[0][0], (double[3 * MOST_ATOMS]){0}, 3 * MOST_ATOMS), 0, force);
}

/* Every method and kind of cell; models with and without charges. */
static void test_same_minimum(void **state)
{
    (void)state;
    static const char *const models[] = {"nep4_zbl", "nep4_zbl_charge3, flexible"};
    for (int k = 0; k < 4; k++) {
        struct vt_nep model;
        struct sample sample = {0};
        struct dice dice = {3};
        struct end one, many;
        make_model(&model, models[k / 2]);
        sample_draw(&sample, SAMPLE_GLASS, 16, model.n_types, &dice);
        assert_true(sample.n_atoms <= MOST_ATOMS);
        const struct way way = {
            .settings = {.method = k % 2 ? VT_LBFGS : VT_FIRE,
                         .cell = k < 2 ? VT_MINIMISE_FIXED : VT_MINIMISE_ANISOTROPIC,
                         .force = 1e-5,
                         .pressure = 0.01,
                         .pressure_accuracy = 1e-6,
                         .n_steps = 3000}};
        minimise_on(MPI_COMM_NULL, &model, &sample, &way, &one);
        minimise_on(MPI_COMM_WORLD, &model, &sample, &way, &many);
        compare(&one, &many, way.settings.force);
        sample_destroy(&sample);
        vt_nep_destroy(&model);
    }
}

/* Taken up again and again, it goes the same way to the last bit; without its rows, another way to
 * a minimum. */
static void test_resumed(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct vt_nep model;
        struct sample sample = {0};
        struct dice dice = {3};
        static struct end whole, parts, bare;
        make_model(&model, "nep4_zbl");
        sample_draw(&sample, SAMPLE_GLASS, 16, model.n_types, &dice);
        struct way way = {.settings = {.method = k % 2 ? VT_LBFGS : VT_FIRE,
                                       .cell = k < 2 ? VT_MINIMISE_FIXED : VT_MINIMISE_ANISOTROPIC,
                                       .force = 1e-2,
                                       .pressure = 0.01,
                                       .pressure_accuracy = 1e-4,
                                       .n_steps = 3000}};
        minimise_on(MPI_COMM_WORLD, &model, &sample, &way, &whole);
        way.every = 7;
        way.with_blocks = true;
        minimise_on(MPI_COMM_WORLD, &model, &sample, &way, &parts);
        way.every = 29;
        way.with_blocks = false;
        minimise_on(MPI_COMM_WORLD, &model, &sample, &way, &bare);
        assert_int_equal(whole.report.verdict, VT_MINIMISE_CONVERGED);
        assert_true(whole.report.n_steps > 30);
        assert_memory_equal(&parts, &whole, sizeof whole);
        assert_int_equal(bare.report.verdict, VT_MINIMISE_CONVERGED);
        sample_destroy(&sample);
        vt_nep_destroy(&model);
    }
}

/* More ranks than atoms: some have no row in any vector. */
static void test_ranks_without_atoms(void **state)
{
    (void)state;
    struct vt_nep model;
    struct sample sample = {0};
    struct end end;
    make_model(&model, "nep4_zbl");
    sample_resize(&sample, 2);
    for (int d = 0; d < 3; d++)
        sample.cell[d][d] = 30;
    sample.position[1][0] = 2;
    for (int method = VT_FIRE; method <= VT_LBFGS; method++) {
        const struct way way = {.settings = {.method = (enum vt_minimise_method)method,
                                             .force = 1e-6,
                                             .n_steps = 1000}};
        minimise_on(MPI_COMM_WORLD, &model, &sample, &way, &end);
        assert_int_equal(end.report.verdict, VT_MINIMISE_CONVERGED);
        assert_true(end.report.n_steps > 2);
    }
    sample_destroy(&sample);
    vt_nep_destroy(&model);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_minimum),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_ranks_without_atoms),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
