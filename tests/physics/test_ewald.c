/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Ewald sum on point charges, without a model: Madelung constants, independence of the
 * splitting, the set of wave vectors, and derivatives. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "common/near.h"
#include "common/sample.h"
#include "common/slow_coulomb.h"
#include "coulomb/ewald.h"
#include "coulomb/real_space.h"

static const double pi = 3.14159265358979323846;
static const double coulomb_constant = 14.399645;

enum { MOST_ATOMS = 24 };

struct outcome {
    double potentials[MOST_ATOMS], energies[MOST_ATOMS];
    double forces[MOST_ATOMS][3], virials[MOST_ATOMS][9];
    struct vt_coulomb_sums sums;
};

static void clear(struct outcome *out)
{
    memset(out, 0, sizeof *out);
    out->sums = (struct vt_coulomb_sums){.energies = out->energies,
                                         .potentials = out->potentials,
                                         .forces = out->forces,
                                         .virials = out->virials};
}

/* How the sum is split and where its parts end. */
struct split {
    struct vt_ewald_settings waves;
    double cutoff;
};

/* All sums to rounding: erfc(6.2) = 2e-18. */
static struct split exact(double alpha)
{
    return (struct split){{alpha, 2 * 6.2 * alpha, 2 * pi}, 6.2 / alpha};
}

static void add_pairs(const struct sample *sample, const double *charges, struct split split,
                      struct outcome *out)
{
    const double cutoff = split.cutoff;
    struct vt_domain domain;
    struct vt_neighbours list = {0};
    struct vt_pairs pairs = {0};
    sample_domain(sample, MPI_COMM_NULL, cutoff, &domain);
    assert_int_equal(vt_neighbours_build(&list, &domain, 1, &cutoff, NULL), VT_OK);
    const struct vt_view view = {&domain.atoms, &list, &cutoff};
    assert_int_equal(vt_pairs_update(&pairs, &view, NULL), VT_OK);
    double *all = NULL;
    assert_int_equal(vt_alloc(&all, (size_t)domain.atoms.n_all, sizeof *all, "charges", NULL),
                     VT_OK);
    memcpy(all, charges, sample->n_atoms * sizeof *all);
    vt_halo_forward_begin(domain.halo, all, 1);
    vt_halo_forward_end(domain.halo);
    const struct vt_real_space part = vt_real_space_truncated(split.waves.alpha, cutoff);
    vt_real_space_add(&part, &pairs, all, &out->sums);
    vt_free(all);
    vt_pairs_destroy(&pairs);
    vt_neighbours_destroy(&list);
    vt_domain_destroy(&domain);
}

/* Point charges. */
static void evaluate(const struct sample *sample, const double *charges, struct split split,
                     struct outcome *out)
{
    assert_true(sample->n_atoms <= MOST_ATOMS);
    struct vt_cell cell;
    assert_int_equal(vt_cell_init(&cell, (const double(*)[3])sample->cell, NULL), VT_OK);
    clear(out);
    struct vt_ewald *ewald = NULL;
    assert_int_equal(vt_ewald_create(&ewald, split.waves, NULL), VT_OK);
    const struct vt_point_charges points = {MPI_COMM_NULL, sample->n_atoms,
                                            (const double(*)[3])sample->position, charges, NULL};
    assert_int_equal(vt_ewald_add(ewald, &cell, &points, &out->sums, NULL), VT_OK);
    vt_ewald_destroy(ewald);
    add_pairs(sample, charges, split, out);
    vt_self_energy_add(split.waves.alpha, sample->n_atoms, charges, &out->sums);
}

/* ---- lattices */

struct lattice {
    const char *name;
    double constant; /* Madelung's, for the nearest distance */
    double nearest;  /* distance, in units of the cell's edge */
    size_t n_atoms;
    double cell[3][3];
    double place[8][3], charge[8]; /* place: Cartesian, in units of the edge */
};

static const struct lattice lattices[] = {
    {"NaCl",
     1.74756459463318219,
     0.5,
     8,
     {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
     {{0, 0, 0},
      {0, 0.5, 0.5},
      {0.5, 0, 0.5},
      {0.5, 0.5, 0},
      {0.5, 0, 0},
      {0, 0.5, 0},
      {0, 0, 0.5},
      {0.5, 0.5, 0.5}},
     {1, 1, 1, 1, -1, -1, -1, -1}},
    {"NaCl, primitive",
     1.74756459463318219,
     0.5,
     2,
     {{0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}},
     {{0, 0, 0}, {0.5, 0, 0}},
     {1, -1}},
    {"NaCl, skewed and left-handed",
     1.74756459463318219,
     0.5,
     2,
     {{0.5, 0, 0.5}, {1, 0.5, 1.5}, {0.5, 0, -0.5}},
     {{0, 0, 0}, {7, 2, -1.5}},
     {1, -1}},
    {"CsCl",
     1.76267477307098839794,
     0.86602540378443864676,
     2,
     {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
     {{0, 0, 0}, {0.5, 0.5, 0.5}},
     {1, -1}},
    {"ZnS",
     1.63805505338878942375,
     0.43301270189221932338,
     2,
     {{0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}},
     {{0, 0, 0}, {0.25, 0.25, 0.25}},
     {1, -1}},
};

static void lattice_sample(const struct lattice *lattice, double edge, struct sample *sample)
{
    sample_resize(sample, lattice->n_atoms);
    for (int i = 0; i < 3; i++)
        for (int d = 0; d < 3; d++)
            sample->cell[i][d] = edge * lattice->cell[i][d];
    for (size_t i = 0; i < lattice->n_atoms; i++)
        for (int d = 0; d < 3; d++)
            sample->position[i][d] = edge * lattice->place[i][d] + 0.1 * d;
}

static void test_madelung(void **state)
{
    (void)state;
    static const double alphas[] = {0.35, 0.5, 0.75, 1.1};
    struct sample sample = {0};
    struct outcome out;
    for (size_t k = 0; k < sizeof lattices / sizeof *lattices; k++) {
        const struct lattice *lattice = &lattices[k];
        const double edge = 5.64, charge = 0.83;
        double charges[8];
        lattice_sample(lattice, edge, &sample);
        for (size_t i = 0; i < lattice->n_atoms; i++)
            charges[i] = charge * lattice->charge[i];
        for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++) {
            evaluate(&sample, charges, exact(alphas[a]), &out);
            const double unit = coulomb_constant * charge * charge / (lattice->nearest * edge);
            const double constant = -out.sums.energy / unit / ((double)lattice->n_atoms / 2);
            print_message("    %-30s alpha %.2f: %.14f\n", lattice->name, alphas[a], constant);
            assert_near(constant, lattice->constant, 1e-10);
            /* At the sites of a crystal the forces vanish, and 3 p V = E. */
            assert_near(out.sums.virial[0] + out.sums.virial[4] + out.sums.virial[8],
                        out.sums.energy, 1e-10 * fabs(out.sums.energy));
            for (size_t i = 0; i < 3 * lattice->n_atoms; i++)
                assert_near((&out.forces[0][0])[i], 0, 1e-10);
        }
    }
    sample_destroy(&sample);
}

/* ---- random structures */

static void draw_charges(size_t n, double *charges, struct dice *dice)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += charges[i] = dice_real(dice, -1.5, 1.5);
    for (size_t i = 0; i < n; i++)
        charges[i] -= sum / (double)n;
}

static void test_splitting(void **state)
{
    (void)state;
    struct dice dice = {5};
    struct sample sample = {0};
    struct outcome one, other;
    for (int round = 0; round < 2 * SAMPLE_TINY;
         round++) { /* a tiny cell may hold one atom: no charge */
        double charges[MOST_ATOMS], slow[MOST_ATOMS];
        sample_draw(&sample, (enum sample_kind)(round % SAMPLE_TINY), 16, 1, &dice);
        sample_scatter(&sample, &dice);
        draw_charges(sample.n_atoms, charges, &dice);
        evaluate(&sample, charges, exact(0.45), &one);
        evaluate(&sample, charges, exact(0.8), &other);
        assert_true(fabs(one.sums.energy) > 0.1);
        assert_near(one.sums.energy, other.sums.energy, 1e-10 * fabs(one.sums.energy));
        assert_all_near(one.potentials, other.potentials, sample.n_atoms, 1e-10);
        assert_all_near(&one.forces[0][0], &other.forces[0][0], 3 * sample.n_atoms, 1e-10);
        assert_all_near(one.sums.virial, other.sums.virial, 9, 1e-9);

        const struct slow_coulomb how = {1, 5, true};
        const struct vt_system system = sample_system(&sample);
        slow_potentials(&how, &system, charges, slow);
        assert_all_near(one.potentials, slow, sample.n_atoms, 1e-10);

        double sum[9] = {0}, energy = 0;
        for (size_t i = 0; i < sample.n_atoms; i++) {
            energy += one.energies[i];
            assert_near(one.energies[i], charges[i] * one.potentials[i] / 2, 1e-10);
            for (int d = 0; d < 9; d++)
                sum[d] += one.virials[i][d];
        }
        assert_near(energy, one.sums.energy, 1e-10);
        assert_all_near(sum, one.sums.virial, 9, 1e-9);
    }
    sample_destroy(&sample);
}

/* The energy is quadratic in the charges: a central difference of any step is exact. */
static void test_potentials(void **state)
{
    (void)state;
    struct dice dice = {6};
    struct sample sample = {0};
    struct outcome out, plus, minus;
    double charges[MOST_ATOMS];
    sample_draw(&sample, SAMPLE_GLASS, 9, 1, &dice);
    draw_charges(sample.n_atoms, charges, &dice);
    evaluate(&sample, charges, exact(0.6), &out);
    for (size_t i = 0; i < sample.n_atoms; i++) {
        const double charge = charges[i], step = 0.5;
        charges[i] = charge + step;
        evaluate(&sample, charges, exact(0.6), &plus);
        charges[i] = charge - step;
        evaluate(&sample, charges, exact(0.6), &minus);
        charges[i] = charge;
        const double slope = (plus.sums.energy - minus.sums.energy) / (2 * step);
        assert_near(slope, out.potentials[i], 1e-11 * fabs(slope) + 1e-11);
    }
    sample_destroy(&sample);
}

/* The accuracy asked for is kept, in forces and in units of the force of two unit charges at 1 A.
 */
static void test_accuracy(void **state)
{
    (void)state;
    struct dice dice = {8};
    struct sample sample = {0};
    struct outcome out, reference;
    for (int round = 0; round < 8 * SAMPLE_TINY; round++) {
        const double accuracy = pow(10, -2 - round % 8), cutoff = dice_real(&dice, 4, 8);
        const double alpha = vt_ewald_alpha(cutoff, accuracy);
        double charges[MOST_ATOMS], worst = 0;
        sample_draw(&sample, (enum sample_kind)(round / 8), 20, 1, &dice);
        draw_charges(sample.n_atoms, charges, &dice);
        evaluate(&sample, charges, exact(0.6), &reference);
        const struct split split = {vt_ewald_converged(alpha, accuracy), cutoff};
        evaluate(&sample, charges, split, &out);
        for (size_t i = 0; i < sample.n_atoms; i++)
            for (int d = 0; d < 3; d++)
                worst = fmax(worst, fabs(out.forces[i][d] - reference.forces[i][d]));
        print_message("    %s, %.0e wanted: %.0e\n",
                      sample_kind_name((enum sample_kind)(round / 8)), accuracy,
                      worst / coulomb_constant);
        assert_true(worst / coulomb_constant <= accuracy);
    }
    sample_destroy(&sample);
}

/* ---- the published set */

/* Wave vectors of the whole lattice within the published sphere. */
static size_t count_vectors(const double cell[3][3], double cutoff)
{
    const double alpha = pi / cutoff;
    double inverse[3][3];
    vt_mat3_inverse(cell, inverse);
    int limit[3];
    for (int d = 0; d < 3; d++)
        limit[d] = (int)(alpha * vt_norm(cell[d])) + 1;
    size_t count = 0;
    for (int a = -limit[0]; a <= limit[0]; a++)
        for (int b = -limit[1]; b <= limit[1]; b++)
            for (int c = -limit[2]; c <= limit[2]; c++) {
                double k[3]; /* over 2 pi */
                for (int d = 0; d < 3; d++)
                    k[d] = a * inverse[d][0] + b * inverse[d][1] + c * inverse[d][2];
                count += vt_norm(k) < alpha && (a != 0 || b != 0 || c != 0);
            }
    return count;
}

static void test_published_set(void **state)
{
    (void)state;
    struct dice dice = {7};
    struct sample sample = {0};
    struct outcome out;
    for (int round = 0; round < 60; round++) {
        const double cutoff = dice_real(&dice, 3, 9);
        double charges[MOST_ATOMS], slow[MOST_ATOMS];
        sample_draw(&sample, (enum sample_kind)(round % SAMPLE_KINDS), 12, 1, &dice);
        sample_scatter(&sample, &dice);
        draw_charges(sample.n_atoms, charges, &dice);
        struct vt_cell cell;
        assert_int_equal(vt_cell_init(&cell, (const double(*)[3])sample.cell, NULL), VT_OK);
        clear(&out);
        struct vt_ewald *ewald = NULL;
        assert_int_equal(vt_ewald_create(&ewald, vt_ewald_gpumd(cutoff), NULL), VT_OK);
        const struct vt_point_charges points = {MPI_COMM_NULL, sample.n_atoms,
                                                (const double(*)[3])sample.position, charges, NULL};
        assert_int_equal(vt_ewald_add(ewald, &cell, &points, &out.sums, NULL), VT_OK);
        assert_int_equal(2 * vt_ewald_vectors(ewald),
                         count_vectors((const double(*)[3])sample.cell, cutoff));
        const struct slow_coulomb how = {2, cutoff, false};
        const struct vt_system system = sample_system(&sample);
        slow_potentials(&how, &system, charges, slow);
        assert_all_near(out.potentials, slow, sample.n_atoms, 1e-11);
        vt_ewald_destroy(ewald);
    }
    sample_destroy(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_madelung),      cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_potentials),    cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_published_set),
    };
    return VT_RUN_TESTS(tests);
}
