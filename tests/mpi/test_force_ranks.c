/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forces on many ranks are those of one: with new lists, with lists kept while atoms and cell move,
 * and along a trajectory. Deviations are agreed on by all ranks before anything is asserted, so
 * that a failure ends all of them. */
#include "md/md.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mat3.h"
#include "base/units.h"
#include "common/near.h"
#include "common/sample.h"
#include "common/synthetic.h"
#include "common/thinned.h"

static const double tolerance = 1e-11; /* relative to the largest of its kind */
static const double masses[SYNTHETIC_TYPES] = {20, 30, 40, 20, 30, 40, 20, 30};

static const char *const models[] = {"nep5_zbl, flexible",         "nep4, l_max 8 and all terms",
                                     "nep4_zbl, typewise",         "nep4_zbl_charge1, all terms",
                                     "nep4_zbl_charge2, typewise", "nep4_zbl_charge3, flexible"};
enum { N_MODELS = sizeof models / sizeof *models, FIRST_WITH_CHARGES = 3 };

static int rank_of_this(void)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

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

/* One system on all ranks, and the whole of it on each. Not to be moved in memory. */
struct bench {
    struct vt_nep model;
    struct vt_force *one, *many; /* evaluators */
    struct sample sample;        /* where all atoms are, by id */
    struct vt_domain domain;
    struct vt_md md;
};

static struct vt_force *evaluator(const struct vt_nep *model, enum vt_electrostatics electrostatics)
{
    const struct vt_force_options options = {.electrostatics = electrostatics,
                                             .accuracy = 1e-8,
                                             .born_charges = true,
                                             .atom_virials = true,
                                             .descriptors = true};
    struct vt_force *force;
    struct vt_error error;
    check(vt_force_create(&force, model, &options, &error), &error);
    return force;
}

static void set_up(struct bench *bench, const char *model, enum sample_kind kind, double skin)
{
    struct dice dice = {7 + (uint64_t)kind};
    *bench = (struct bench){.one = NULL};
    make_model(&bench->model, model);
    bench->one = evaluator(&bench->model, VT_EWALD_CONVERGED);
    bench->many = evaluator(&bench->model, VT_EWALD_CONVERGED);
    sample_draw(&bench->sample, kind, 20, bench->model.n_types, &dice);
    sample_scatter(&bench->sample, &dice);
    sample_domain(&bench->sample, MPI_COMM_WORLD, 1, &bench->domain);
    const struct vt_md_settings settings = {.domain = &bench->domain,
                                            .force = bench->many,
                                            .mass = masses,
                                            .timestep = 0.5,
                                            .skin = skin,
                                            .seed = 3};
    vt_md_create(&bench->md, &settings);
}

static void tear_down(struct bench *bench)
{
    vt_md_destroy(&bench->md);
    vt_domain_destroy(&bench->domain);
    sample_destroy(&bench->sample);
    vt_force_destroy(bench->many);
    vt_force_destroy(bench->one);
    vt_nep_destroy(&bench->model);
}

/* ---- comparison */

static double largest_of_all_ranks(double value)
{
    MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return value;
}

/* Largest |difference| over n numbers, more than any where one is NaN. */
static double difference(const double *a, const double *b, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = fabs(a[i] - b[i]);
        most = d <= most ? most : d < INFINITY ? d : INFINITY;
    }
    return most;
}

/* Of the rows of this rank's atoms from those of the whole, relative to the largest of the whole.
 */
static double rows_apart(const struct bench *bench, const double *mine, const double *whole,
                         size_t width)
{
    double most = 0, scale = 0;
    if (!whole)
        return 0;
    for (int32_t i = 0; i < bench->domain.atoms.n_local; i++)
        most = fmax(most, difference(mine + (size_t)i * width,
                                     whole + (size_t)bench->domain.atoms.id[i] * width, width));
    for (size_t i = 0; i < bench->sample.n_atoms * width; i++)
        scale = fmax(scale, fabs(whole[i]));
    return scale > 0 ? most / scale : most;
}

static double totals_apart(const struct vt_results *mine, const struct vt_results *whole, size_t n)
{
    double scale = 0, virial = 0;
    for (size_t i = 0; i < n; i++)
        scale += fabs(whole->energies[i]);
    for (int c = 0; c < 9; c++)
        virial = fmax(virial, fabs(whole->virial[c]));
    const double a[] = {mine->energy, mine->energy_short_range, mine->energy_coulomb},
                 b[] = {whole->energy, whole->energy_short_range, whole->energy_coulomb};
    double most = difference(a, b, 3) / scale;
    most = fmax(most, fabs(mine->raw_charge - whole->raw_charge) / (double)n);
    const double w = difference(mine->virial, whole->virial, 9);
    return fmax(most, virial > 0 ? w / virial : w);
}

/* All results of `many` against those of `one` for the sample. */
static void compare(struct bench *bench, const char *what)
{
    struct vt_error error;
    const struct vt_system system = sample_system(&bench->sample);
    const size_t n = bench->sample.n_atoms;
    check(vt_force_compute(bench->one, &system, &error), &error);
    const struct vt_results *a = vt_force_results(bench->many), *b = vt_force_results(bench->one);
    double most = totals_apart(a, b, n);
    most = fmax(most, rows_apart(bench, a->energies, b->energies, 1));
    most = fmax(most, rows_apart(bench, a->energies_network, b->energies_network, 1));
    most = fmax(most, rows_apart(bench, a->energies_zbl, b->energies_zbl, 1));
    most = fmax(most, rows_apart(bench, (const double *)a->forces, (const double *)b->forces, 3));
    most = fmax(most, rows_apart(bench, (const double *)a->virials, (const double *)b->virials, 9));
    most = fmax(most,
                rows_apart(bench, a->descriptors, b->descriptors, (size_t)bench->model.dimension));
    if (bench->model.charge_mode) {
        most = fmax(most, rows_apart(bench, a->charges, b->charges, 1));
        most = fmax(most, rows_apart(bench, a->potentials, b->potentials, 1));
        most = fmax(most, rows_apart(bench, a->energies_coulomb, b->energies_coulomb, 1));
        most = fmax(most, rows_apart(bench, (const double *)a->born, (const double *)b->born, 9));
    }
    most = largest_of_all_ranks(most);
    assert_int_equal(bench->domain.n_global, n);
    if (!(most <= tolerance))
        fail_msg("%s: %.2e apart, %.2e allowed", what, most, tolerance);
}

/* ---- tests */

/* Of models and structures, in builds that are slow; more ranks than cores wait for each other. */
static int every(void)
{
    int ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    return ranks > 3 ? 6 : 3;
}

/* Is that combination left out? */
static bool left_out(int model, int kind)
{
    return thinned(model + kind, every());
}

/* Also twice in a row, with other bricks for some atoms, by a move of the whole in between. */
static void test_new_lists(void **state)
{
    (void)state;
    struct vt_error error;
    for (int m = 0; m < N_MODELS; m++)
        for (enum sample_kind kind = 0; kind < SAMPLE_KINDS; kind++) {
            struct bench bench;
            if (left_out(m, (int)kind))
                continue;
            set_up(&bench, models[m], kind, 0);
            for (int turn = 0; turn < 2; turn++) {
                check(vt_force_rebuild(bench.many, &bench.domain, 0, &error), &error);
                check(vt_force_evaluate(bench.many, &bench.domain, &error), &error);
                compare(&bench, sample_kind_name(kind));
                for (int32_t i = 0; i < bench.domain.atoms.n_local; i++)
                    for (int d = 0; d < 3; d++)
                        bench.domain.atoms.position[i][d] += 1.7;
                for (size_t i = 0; i < bench.sample.n_atoms; i++)
                    for (int d = 0; d < 3; d++)
                        bench.sample.position[i][d] += 1.7;
            }
            tear_down(&bench);
        }
}

/* Each atom by up to 0.4 A, well below half a skin of 1 A, on its rank and in the sample alike. */
static void shake(struct bench *bench, struct dice *dice)
{
    for (size_t id = 0; id < bench->sample.n_atoms; id++) {
        double by[3];
        for (int d = 0; d < 3; d++) {
            by[d] = dice_real(dice, -0.23, 0.23);
            bench->sample.position[id][d] += by[d];
        }
        for (int32_t i = 0; i < bench->domain.atoms.n_local; i++)
            for (int d = 0; d < 3 && bench->domain.atoms.id[i] == (int64_t)id; d++)
                bench->domain.atoms.position[i][d] += by[d];
    }
}

static void strain(struct bench *bench)
{
    static const double m[3][3] = {{1.002, 0.001, 0}, {-0.001, 0.998, 0.002}, {0, 0.001, 1.001}};
    struct vt_error error;
    check(vt_md_deform(&bench->md, m, m, &error), &error);
    for (int d = 0; d < 3; d++) {
        const double row[3] = {bench->sample.cell[d][0], bench->sample.cell[d][1],
                               bench->sample.cell[d][2]};
        vt_row_times_mat3(row, m, bench->sample.cell[d]);
    }
    for (size_t i = 0; i < bench->sample.n_atoms; i++) {
        double *x = bench->sample.position[i];
        const double row[3] = {x[0], x[1], x[2]};
        vt_row_times_mat3(row, m, x);
    }
}

static void test_kept_lists(void **state)
{
    (void)state;
    static const enum sample_kind kinds[] = {SAMPLE_CRYSTAL, SAMPLE_GLASS, SAMPLE_THIN,
                                             SAMPLE_LEFT_HANDED, SAMPLE_SPARSE};
    struct vt_error error;
    for (int m = 0; m < N_MODELS; m++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            struct bench bench;
            struct dice dice = {11};
            if (left_out(m, (int)kinds[k]))
                continue;
            set_up(&bench, models[m], kinds[k], 1);
            check(vt_md_evaluate(&bench.md, &error), &error);
            shake(&bench, &dice);
            check(vt_md_evaluate(&bench.md, &error), &error);
            compare(&bench, "atoms moved");
            assert_int_equal(bench.md.n_rebuilds, 1);
            strain(&bench);
            bench.md.needs_rebuild = false;
            vt_halo_positions_begin(bench.domain.halo, &bench.domain.atoms);
            vt_halo_forward_end(bench.domain.halo);
            check(vt_force_evaluate(bench.many, &bench.domain, &error), &error);
            compare(&bench, "cell strained");
            bench.md.needs_rebuild = true;
            check(vt_md_evaluate(&bench.md, &error), &error);
            compare(&bench, "lists rebuilt");
            tear_down(&bench);
        }
}

/* k-space sums with the published constants depend on the images, which must come along. */
static void test_published_constants(void **state)
{
    (void)state;
    struct vt_error error;
    for (int m = FIRST_WITH_CHARGES; m < N_MODELS; m++) {
        struct bench bench;
        if (thinned(m, 3))
            continue;
        set_up(&bench, models[m], SAMPLE_GLASS, 0);
        vt_force_destroy(bench.one);
        vt_force_destroy(bench.many);
        bench.one = evaluator(&bench.model, VT_EWALD_GPUMD);
        bench.many = evaluator(&bench.model, VT_EWALD_GPUMD);
        check(vt_force_rebuild(bench.many, &bench.domain, 0, &error), &error);
        check(vt_force_evaluate(bench.many, &bench.domain, &error), &error);
        compare(&bench, "published constants");
        tear_down(&bench);
    }
}

/* The mesh, its exchange, and pairs that are longer than those of the model: each counted once, on
 * whichever rank. */
static void test_pppm(void **state)
{
    (void)state;
    const struct vt_force_options options = {
        .electrostatics = VT_PPPM, .accuracy = 1e-5, .born_charges = true, .descriptors = true};
    static const enum sample_kind kinds[] = {SAMPLE_GLASS, SAMPLE_LEFT_HANDED, SAMPLE_TINY};
    struct vt_error error;
    for (int m = FIRST_WITH_CHARGES; m < FIRST_WITH_CHARGES + 2; m++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            struct bench bench;
            set_up(&bench, models[m], kinds[k], 0);
            vt_force_destroy(bench.one);
            vt_force_destroy(bench.many);
            check(vt_force_create(&bench.one, &bench.model, &options, &error), &error);
            check(vt_force_create(&bench.many, &bench.model, &options, &error), &error);
            check(vt_force_rebuild(bench.many, &bench.domain, 0.5, &error), &error);
            check(vt_force_evaluate(bench.many, &bench.domain, &error), &error);
            compare(&bench, sample_kind_name(kinds[k]));
            tear_down(&bench);
        }
}

/* ---- mixed precision */

/* All atoms anew on the ranks of comm; atom 0 `beside` (A) its place. */
static void place_atoms(struct bench *bench, MPI_Comm comm, double beside)
{
    vt_domain_destroy(&bench->domain);
    sample_domain(&bench->sample, comm, 1, &bench->domain);
    for (int32_t i = 0; i < bench->domain.atoms.n_local; i++)
        if (bench->domain.atoms.id[i] == 0)
            bench->domain.atoms.position[i][0] += beside;
    bench->md.needs_rebuild = true;
    bench->md.step = 0;
    bench->md.n_rebuilds = 0;
}

static struct vt_force *mixed_evaluator(const struct vt_nep *model)
{
    const struct vt_force_options options = {
        .precision = VT_MIXED, .electrostatics = VT_EWALD_CONVERGED, .accuracy = 1e-8};
    struct vt_force *force;
    struct vt_error error;
    check(vt_force_create(&force, model, &options, &error), &error);
    return force;
}

static void set_up_mixed(struct bench *bench, const char *model, enum sample_kind kind)
{
    set_up(bench, model, kind, 0);
    vt_force_destroy(bench->one);
    vt_force_destroy(bench->many);
    bench->one = mixed_evaluator(&bench->model);
    bench->many = mixed_evaluator(&bench->model);
}

/* Other bricks, other slices: sums in another order, of positions that are rounded otherwise. */
static void test_mixed(void **state)
{
    (void)state;
    static const enum sample_kind kinds[] = {SAMPLE_CRYSTAL, SAMPLE_GLASS, SAMPLE_LEFT_HANDED,
                                             SAMPLE_SPARSE};
    struct vt_error error;
    for (int m = 0; m < N_MODELS; m++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            struct bench bench;
            if (left_out(m, (int)kinds[k]))
                continue;
            set_up_mixed(&bench, models[m], kinds[k]);
            const struct vt_system system = sample_system(&bench.sample);
            check(vt_force_compute(bench.one, &system, &error), &error);
            check(vt_force_rebuild(bench.many, &bench.domain, 0, &error), &error);
            check(vt_force_evaluate(bench.many, &bench.domain, &error), &error);
            const struct vt_results *a = vt_force_results(bench.many),
                                    *b = vt_force_results(bench.one);
            double most = rows_apart(&bench, &a->forces[0][0], &b->forces[0][0], 3);
            most = fmax(most, rows_apart(&bench, a->energies, b->energies, 1));
            if (bench.model.charge_mode)
                most = fmax(most, rows_apart(&bench, a->charges, b->charges, 1));
            most = fmax(most, totals_apart(a, b, bench.sample.n_atoms));
            most = largest_of_all_ranks(most);
            if (!(most <= 1e-5))
                fail_msg("%s, %s: %.2e apart", models[m], sample_kind_name(kinds[k]), most);
            tear_down(&bench);
        }
}

/* What is wrong is told in the same words as by the plain path, on all ranks. */
static void test_mixed_same_place(void **state)
{
    (void)state;
    static const int with_and_without_charges[] = {0, FIRST_WITH_CHARGES};
    for (size_t m = 0; m < 2; m++)
        for (int mixed = 0; mixed < 2; mixed++) {
            struct bench bench;
            struct vt_error error;
            set_up_mixed(&bench, models[with_and_without_charges[m]], SAMPLE_GLASS);
            memcpy(bench.sample.position[4], bench.sample.position[2],
                   sizeof *bench.sample.position);
            place_atoms(&bench, MPI_COMM_WORLD, 0);
            struct vt_force *plain = evaluator(&bench.model, VT_EWALD_CONVERGED);
            struct vt_force *force = mixed ? bench.many : plain;
            check(vt_force_rebuild(force, &bench.domain, 0, &error), &error);
            const enum vt_code code = vt_force_evaluate(force, &bench.domain, &error);
            vt_force_destroy(plain);
            tear_down(&bench);
            assert_int_equal(code, VT_INPUT);
            assert_string_equal(error.message, "atoms 3 and 5 are at the same place");
        }
}

static void test_mixed_nowhere(void **state)
{
    (void)state;
    static const double nowhere[] = {NAN, INFINITY, -1e6, 1e300};
    for (size_t k = 0; k < sizeof nowhere / sizeof *nowhere; k++) {
        struct bench bench;
        struct vt_error error;
        set_up_mixed(&bench, models[0], SAMPLE_GLASS);
        check(vt_force_rebuild(bench.many, &bench.domain, 0, &error), &error);
        for (int32_t i = 0; i < bench.domain.atoms.n_local; i++)
            if (bench.domain.atoms.id[i] == 6)
                bench.domain.atoms.position[i][1] = nowhere[k];
        vt_halo_positions_begin(bench.domain.halo, &bench.domain.atoms);
        vt_halo_forward_end(bench.domain.halo);
        const enum vt_code code = vt_force_evaluate(bench.many, &bench.domain, &error);
        tear_down(&bench);
        assert_int_equal(code, VT_FAILED);
        assert_string_equal(error.message, "atom 7 is not where it can be");
    }
}

/* ---- a trajectory */

enum { STEPS = 200 };

/* Velocity Verlet from rest on the ranks of comm; atom 0 starts `beside` (A) its place. Unwrapped
 * positions at the end by id, 0 for those of other ranks; the energy at the start and the end. */
struct end {
    double (*position)[3];
    double energy[2];
    int64_t n_rebuilds;
};

static double energy(const struct bench *bench)
{
    return vt_force_results(bench->many)->energy + vt_md_kinetic_energy(&bench->md);
}

static void travel(struct bench *bench, MPI_Comm comm, double beside, struct end *end)
{
    struct vt_error error;
    struct vt_md *md = &bench->md;
    place_atoms(bench, comm, beside);
    vt_md_draw_velocities(md, 600);
    check(vt_md_evaluate(md, &error), &error);
    end->energy[0] = energy(bench);
    for (int step = 0; step < STEPS; step++) {
        vt_md_kick(md, md->timestep / 2);
        vt_md_drift(md, md->timestep);
        check(vt_md_evaluate(md, &error), &error);
        vt_md_kick(md, md->timestep / 2);
    }
    end->energy[1] = energy(bench);
    end->n_rebuilds = md->n_rebuilds;
    memset(end->position, 0, bench->sample.n_atoms * sizeof *end->position);
    const struct vt_atoms *atoms = &bench->domain.atoms;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
        double *x = end->position[atoms->id[i]];
        vt_cell_cartesian(&bench->domain.cell, image, x);
        for (int d = 0; d < 3; d++)
            x[d] += atoms->position[i][d];
    }
    if (comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, end->position, (int)(3 * bench->sample.n_atoms), MPI_DOUBLE,
                      MPI_SUM, comm);
}

/* As far apart as two trajectories on one rank become that start 1e-13 A apart, or less. */
static void test_trajectory(void **state)
{
    (void)state;
    static const char *const moving[] = {"nep4_zbl, typewise", "nep4_zbl_charge2, typewise"};
    for (int m = 0; m < 2; m++) {
        if (thinned(m, 2))
            continue;
        struct bench bench;
        double position[3][64][3];
        struct end one = {.position = position[0]}, beside = {.position = position[1]},
                   many = {.position = position[2]};
        set_up(&bench, moving[m], SAMPLE_GLASS, 0.5);
        assert_true(bench.sample.n_atoms <= 64);
        travel(&bench, MPI_COMM_NULL, 0, &one);
        travel(&bench, MPI_COMM_NULL, 1e-13, &beside);
        travel(&bench, MPI_COMM_WORLD, 0, &many);
        const size_t n = 3 * bench.sample.n_atoms;
        const double growth = difference(&one.position[0][0], &beside.position[0][0], n);
        const double apart = difference(&one.position[0][0], &many.position[0][0], n);
        if (rank_of_this() == 0)
            print_message("%s: %.1e A apart after %d steps, %.1e A from 1e-13 A; energy %.1e eV; "
                          "%d rebuilds\n",
                          moving[m], apart, STEPS, growth, one.energy[1] - one.energy[0],
                          (int)many.n_rebuilds);
        assert_true(largest_of_all_ranks(apart) < 20 * growth);
        assert_true(growth < 1e-8);
        assert_true(many.n_rebuilds > 3 && many.n_rebuilds == one.n_rebuilds);
        assert_near(many.energy[1], one.energy[1], 1e-8);
        assert_near(one.energy[1], one.energy[0], 0.05);
        tear_down(&bench);
    }
}

/* ---- what the halo costs */

/* Ghosts of all ranks against what lies within reach of the bricks: rounded at edges and corners,
 * which no exchange of bricks can beat, and with the corners filled, as it is built. */
static void test_ghosts(void **state)
{
    (void)state;
    enum { SITES = 14 };
    const double spacing = 2.5, reach = 6;
    struct dice dice = {1};
    struct sample sample = {0};
    struct vt_domain domain;
    sample_resize(&sample, SITES * SITES * SITES);
    for (int d = 0; d < 3; d++)
        sample.cell[d][d] = SITES * spacing;
    for (size_t i = 0; i < sample.n_atoms; i++) {
        const size_t at[3] = {i % SITES, i / SITES % SITES, i / (SITES * SITES)};
        for (int d = 0; d < 3; d++)
            sample.position[i][d] = ((double)at[d] + dice_real(&dice, 0, 1)) * spacing;
    }
    sample_domain(&sample, MPI_COMM_WORLD, reach, &domain);
    double edge[3], ghosts = domain.atoms.n_all - domain.atoms.n_local;
    for (int d = 0; d < 3; d++)
        edge[d] = SITES * spacing / domain.grid.count[d];
    const double faces = 2 * (edge[0] * edge[1] + edge[1] * edge[2] + edge[2] * edge[0]);
    const double edges = edge[0] + edge[1] + edge[2], density = pow(spacing, -3);
    const double rounded = density * (faces * reach + edges * VT_PI * reach * reach +
                                      4.0 / 3.0 * VT_PI * pow(reach, 3));
    const double filled = density * (faces * reach + edges * 4 * reach * reach + 8 * pow(reach, 3));
    MPI_Allreduce(MPI_IN_PLACE, &ghosts, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    ghosts /= domain.grid.size;
    if (rank_of_this() == 0)
        print_message("%d x %d x %d bricks of %.0f atoms: %.1f ghosts a rank, %.3f of the ideal, "
                      "%.3f of it with filled corners\n",
                      domain.grid.count[0], domain.grid.count[1], domain.grid.count[2],
                      (double)sample.n_atoms / domain.grid.size, ghosts, ghosts / rounded,
                      ghosts / filled);
    assert_near(ghosts / filled, 1, 0.02);
    vt_domain_destroy(&domain);
    sample_destroy(&sample);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_lists),
        cmocka_unit_test(test_kept_lists),
        cmocka_unit_test(test_published_constants),
        cmocka_unit_test(test_pppm),
        cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_mixed_same_place),
        cmocka_unit_test(test_mixed_nowhere),
        cmocka_unit_test(test_trajectory),
        cmocka_unit_test(test_ghosts),
    };
    MPI_Init(&argc, &argv);
    if (rank_of_this() == 0)
        thinned_say("combinations of models and structures", every());
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
