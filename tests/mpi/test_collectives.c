/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ranks say to each other in a step: MPI is asked through this program's own counter. */
#include <math.h>
#include <mpi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/moving.h"
#include "common/near.h"
#include "md/guards.h"

enum { SIDE = 6, N = SIDE * SIDE * SIDE, STEPS = 60 };

static int n_reductions;

int MPI_Allreduce(const void *from, void *to, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    n_reductions++;
    return PMPI_Allreduce(from, to, n, type, op, comm);
}

static struct moving_options options(MPI_Comm comm)
{
    return (struct moving_options){
        .comm = comm, .sites = {SIDE, SIDE, SIDE}, .timestep = 1, .temperature = 1500, .seed = 5};
}

/* Of steps that keep the lists the most; of those that build them how many there were. */
struct count {
    int kept, n_kept, n_built, n_built_twice;
};

/* A step and its check, as a run makes them. */
static struct count count_steps(enum vt_thermostat thermostat, bool charged)
{
    struct moving_options how = options(MPI_COMM_WORLD);
    how.charged = charged;
    struct moving moving;
    struct vt_error error;
    moving_create(&moving, &how);
    const struct vt_ensemble_settings settings = moving_settings(thermostat, 1500, STEPS);
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    struct vt_guards guards = {.max_temperature = 1e6,
                               .max_displacement = 1,
                               .volume = {0, INFINITY},
                               .n_atoms = moving.domain.n_global};
    struct count count = {0};
    for (int step = 0; step < STEPS; step++) {
        const int64_t built = moving.md.n_rebuilds;
        const bool was_due = moving.md.needs_rebuild;
        n_reductions = 0;
        moving_steps(ensemble, 1);
        assert_int_equal(vt_guards_check(&guards, &moving.md, false, &error), VT_OK);
        if (moving.md.n_rebuilds == built) {
            count.kept = n_reductions > count.kept ? n_reductions : count.kept;
            count.n_kept++;
        } else {
            count.n_built++;
            count.n_built_twice += !was_due;
        }
    }
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
    return count;
}

static void expect(enum vt_thermostat thermostat, bool charged, int reductions)
{
    const struct count count = count_steps(thermostat, charged);
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0)
        print_message(
            "thermostat %d%s: %d reductions a step; %d of %d steps built lists, %d of them "
            "unforeseen\n",
            (int)thermostat, charged ? ", charges" : "", count.kept, count.n_built, STEPS,
            count.n_built_twice);
    assert_true(count.n_kept > 0 && count.n_built > 1);
    if (charged) /* how many the solver makes is its own affair */
        assert_true(count.kept <= reductions);
    else
        assert_int_equal(count.kept, reductions);
    assert_true(4 * count.n_built_twice <= count.n_built);
}

/* One after the forces: totals, whether all are well, whether the lists last; one for the guards.
 */
static void test_energy(void **state)
{
    (void)state;
    expect(VT_THERMOSTAT_NONE, false, 2);
    expect(VT_LANGEVIN, false, 3); /* the heat exchanged */
}

/* And the kinetic energy, before the guards see what became of it. */
static void test_thermostats(void **state)
{
    (void)state;
    expect(VT_BUSSI, false, 3);
    expect(VT_NOSE_HOOVER, false, 4);
}

/* And the sums of charges and of their potentials; the solver may make two of its own. */
static void test_charges(void **state)
{
    (void)state;
    expect(VT_THERMOSTAT_NONE, true, 6);
}

/* An atom of one rank alone, put aside by hand: nobody could foresee it. */
static void put_aside(struct moving *moving, double x)
{
    struct vt_atoms *atoms = &moving->domain.atoms;
    struct vt_error error;
    for (int32_t i = 0; i < atoms->n_local; i++)
        if (atoms->id[i] == 3)
            atoms->position[i][0] += x;
    assert_int_equal(vt_md_evaluate(&moving->md, &error), VT_OK);
}

static void test_unforeseen(void **state)
{
    (void)state;
    static struct {
        double position[N][3], velocity[N][3];
        double energy, virial[9];
    } seen[2];
    for (int charged = 0; charged < 2; charged++) {
        for (int k = 0; k < 2; k++) {
            struct moving_options how = options(k ? MPI_COMM_WORLD : MPI_COMM_NULL);
            how.charged = charged;
            how.temperature = 0;
            struct moving moving;
            moving_create(&moving, &how);
            put_aside(&moving, 0.1);
            assert_true(moving.md.n_rebuilds == 1);
            put_aside(&moving, 0.5);
            assert_true(moving.md.n_rebuilds == 2 && !moving.md.needs_rebuild);
            const struct vt_results *results = vt_force_results(moving.force);
            seen[k].energy = results->energy;
            memcpy(seen[k].virial, results->virial, sizeof seen[k].virial);
            vt_md_kick(&moving.md, 1); /* velocities: the forces, by id */
            moving_gather(&moving, seen[k].position, seen[k].velocity);
            moving_destroy(&moving);
        }
        assert_near(seen[1].energy, seen[0].energy, 1e-9);
        assert_all_near(seen[1].virial, seen[0].virial, 9, 1e-9);
        assert_all_near(&seen[1].velocity[0][0], &seen[0].velocity[0][0], 3 * N, 1e-12);
    }
}

/* Two atoms of one rank at one place: the others hear of it only with the totals. */
static void test_failure(void **state)
{
    (void)state;
    for (int charged = 0; charged < 2; charged++) {
        struct moving_options how = options(MPI_COMM_WORLD);
        how.charged = charged;
        how.temperature = 0;
        struct moving moving;
        struct vt_error error = {0};
        moving_create(&moving, &how);
        struct vt_atoms *atoms = &moving.domain.atoms;
        int rank;
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        if (rank == 0)
            for (int d = 0; d < 3; d++)
                atoms->position[0][d] = atoms->position[1][d];
        moving.md.needs_rebuild = true;
        assert_int_equal(vt_md_evaluate(&moving.md, &error), VT_INPUT);
        assert_non_null(strstr(error.message, "are at the same place"));
        moving_destroy(&moving);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy),  cmocka_unit_test(test_thermostats),
        cmocka_unit_test(test_charges), cmocka_unit_test(test_unforeseen),
        cmocka_unit_test(test_failure),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
