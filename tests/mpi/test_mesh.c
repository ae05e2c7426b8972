/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mesh on many ranks gives what it gives on one: for every division of the transforms, with
 * atoms in their bricks and far outside, with and without atoms on a rank. Deviations are agreed on
 * by all ranks before anything is asserted. */
#include "coulomb/mesh.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "common/sample.h"
#include "domain/domain.h"

enum { ATOMS = 150 };
static const double tolerance = 1e-11; /* relative to the largest of its kind */

static void check(enum vt_code code, const struct vt_error *error)
{
    if (code)
        fail_msg("%s", error->message);
}

/* Results by id, the same on all ranks. */
struct whole {
    double potential[ATOMS], force[ATOMS][3], virials[ATOMS][9], energy, virial[9];
};

/* One evaluation of the atoms that this rank has. */
struct share {
    size_t n;
    double position[ATOMS][3], charge[ATOMS];
    int64_t id[ATOMS];
};

static void evaluate(struct vt_mesh *mesh, const struct vt_cell *cell, MPI_Comm comm,
                     const struct share *share, struct whole *out)
{
    static double energies[ATOMS], potentials[ATOMS], forces[ATOMS][3], virials[ATOMS][9];
    struct vt_error error = {0};
    struct vt_coulomb_sums sums = {
        .energies = energies, .potentials = potentials, .forces = forces, .virials = virials};
    memset(energies, 0, sizeof energies);
    memset(potentials, 0, sizeof potentials);
    memset(forces, 0, sizeof forces);
    memset(virials, 0, sizeof virials);
    memset(out, 0, sizeof *out);
    const struct vt_point_charges charges = {comm, share->n, (const double(*)[3])share->position,
                                             share->charge, NULL};
    check(vt_mesh_add(mesh, cell, &charges, &sums, &error), &error);
    for (size_t i = 0; i < share->n; i++) {
        out->potential[share->id[i]] = potentials[i];
        memcpy(out->force[share->id[i]], forces[i], sizeof forces[i]);
        memcpy(out->virials[share->id[i]], virials[i], sizeof virials[i]);
    }
    out->energy = sums.energy;
    memcpy(out->virial, sums.virial, sizeof sums.virial);
    if (comm != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, out, sizeof *out / sizeof(double), MPI_DOUBLE, MPI_SUM, comm);
}

static double apart(const double *a, const double *b, size_t n)
{
    double most = 0, size = 1;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(a[i] - b[i]));
        size = fmax(size, fabs(b[i]));
    }
    return most / size;
}

static void assert_same(const struct whole *many, const struct whole *one, double allowed,
                        const char *what)
{
    double off = apart(many->potential, one->potential, ATOMS);
    off = fmax(off, apart(&many->force[0][0], &one->force[0][0], 3 * ATOMS));
    off = fmax(off, apart(&many->virials[0][0], &one->virials[0][0], 9 * ATOMS));
    off = fmax(off, apart(&many->energy, &one->energy, 1));
    off = fmax(off, apart(many->virial, one->virial, 9));
    MPI_Allreduce(MPI_IN_PLACE, &off, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (!(off <= allowed))
        fail_msg("%s: %.1e apart", what, off);
}

static double charge_of(int64_t id)
{
    return (id % 2 ? 1 : -1) * (1 + 0.1 * (double)((id / 2 * 7) % 11));
}

static void take(struct share *share, int64_t id, const double position[3])
{
    memcpy(share->position[share->n], position, sizeof share->position[0]);
    share->charge[share->n] = charge_of(id);
    share->id[share->n++] = id;
}

static struct vt_mesh_settings settings_for(const int size[3], const int parts[2], bool single)
{
    return (struct vt_mesh_settings){.split = vt_split_prolate(10, 6),
                                     .window = VT_WINDOW_PROLATE,
                                     .width = 5,
                                     .shape = 7,
                                     .size = {size[0], size[1], size[2]},
                                     .single = single,
                                     .parts = {parts[0], parts[1]}};
}

/* All atoms in their bricks; then the same mesh with atoms dealt out like cards, wherever they are;
 * then back. */
static void compare(const struct sample *sample, const int size[3], const int parts[2], bool single)
{
    struct vt_domain domain;
    struct share all = {.n = 0}, own = {.n = 0}, dealt = {.n = 0};
    struct whole one, many;
    struct vt_mesh *alone = NULL, *mesh = NULL;
    struct vt_error error = {0};
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    sample_domain(sample, MPI_COMM_WORLD, 1, &domain);
    for (int64_t i = 0; i < ATOMS; i++) {
        take(&all, i, sample->position[i]);
        if (i % ranks == rank)
            take(&dealt, i, sample->position[i]);
    }
    for (int32_t i = 0; i < domain.atoms.n_local; i++)
        take(&own, domain.atoms.id[i], domain.atoms.position[i]);
    const struct vt_mesh_settings settings = settings_for(size, parts, single);
    const struct vt_mesh_settings serial = settings_for(size, (const int[2]){0, 0}, single);
    check(vt_mesh_create(&alone, &serial, NULL, &error), &error);
    check(vt_mesh_create(&mesh, &settings, &domain.grid, &error), &error);
    evaluate(alone, &domain.cell, MPI_COMM_NULL, &all, &one);
    const double allowed = single ? 2e-5 : tolerance;
    evaluate(mesh, &domain.cell, domain.grid.comm, &own, &many);
    assert_same(&many, &one, allowed, "in bricks");
    evaluate(mesh, &domain.cell, domain.grid.comm, &dealt, &many);
    assert_same(&many, &one, allowed, "dealt out");
    evaluate(mesh, &domain.cell, domain.grid.comm, &own, &many);
    assert_same(&many, &one, allowed, "in bricks again");
    vt_mesh_destroy(alone);
    vt_mesh_destroy(mesh);
    vt_domain_destroy(&domain);
}

static void draw(struct sample *sample, bool corner)
{
    struct dice dice = {corner ? 4 : 3};
    sample_draw(sample, SAMPLE_LEFT_HANDED, ATOMS, 1, &dice);
    for (size_t i = 0; i < sample->n_atoms && corner; i++)
        for (int d = 0; d < 3; d++) /* all on one rank, more or less */
            sample->position[i][d] *= 0.3;
    sample_scatter(sample, &dice);
}

static void test_parts(void **state)
{
    (void)state;
    int ranks;
    struct sample sample = {0};
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    draw(&sample, false);
    assert_int_equal(sample.n_atoms, ATOMS);
    static const int size[3] = {20, 18, 21};
    const int choices[][2] = {{0, 0}, {ranks, 1}, {1, ranks}, {1, 1}, {ranks / 2, 2}};
    for (size_t k = 0; k < sizeof choices / sizeof *choices; k++)
        if (choices[k][0] * choices[k][1] <= ranks && (k < 4 || ranks > 1))
            compare(&sample, size, choices[k], false);
    compare(&sample, size, (const int[2]){ranks, 1}, true);
    sample_destroy(&sample);
}

static void test_uneven(void **state)
{
    (void)state;
    int ranks;
    struct sample sample = {0};
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    draw(&sample, true);
    compare(&sample, (const int[3]){12, 10, 8}, (const int[2]){0, 0},
            false); /* a subset of ranks */
    compare(&sample, (const int[3]){12, 15, 9}, (const int[2]){ranks, 1}, false);
    sample_destroy(&sample);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts), cmocka_unit_test(test_uneven)};
    MPI_Init(&argc, &argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
