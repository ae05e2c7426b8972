/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must not change: moves of the whole, rotations, the order of the atoms, the choice of the
 * cell.
 *
 * The published electrostatics cut 2 pi to eight digits, so that moving an atom by a lattice vector
 * turns its phases by some 1e-8: their per-atom values are held to 1e-7 of the largest where
 * lattice vectors are involved, all else to 1e-9. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "common/near.h"
#include "evaluate.h"

static const double exact = 1e-10, truncated = 1e-7;

/* A structure, and how it came from another one. */
struct image {
    struct sample sample;
    size_t *from;          /* owned: the atom of the other that each atom equals */
    double rotation[3][3]; /* of row vectors: r' = r R */
    double copies;
};

struct pair_of_results {
    const struct vt_results *a, *b; /* of the structure and of its image */
    const struct image *image;
    double tolerance;
};

/* ---- comparison */

static double largest(const double *values, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

/* R^T T R: what a tensor over row vectors becomes. */
static void rotate_tensor(const double rotation[3][3], const double t[9], double out[9])
{
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            out[3 * a + b] = 0;
            for (int c = 0; c < 3; c++)
                for (int d = 0; d < 3; d++)
                    out[3 * a + b] += rotation[c][a] * t[3 * c + d] * rotation[d][b];
        }
}

static void compare_numbers(const struct pair_of_results *pair, const double *a, const double *b,
                            size_t width)
{
    const size_t n = pair->image->sample.n_atoms;
    const double scale = largest(b, n * width);
    for (size_t i = 0; i < n; i++)
        assert_all_near(b + i * width, a + pair->image->from[i] * width, width,
                        pair->tolerance * scale);
}

static void compare_vectors(const struct pair_of_results *pair, const double (*a)[3],
                            const double (*b)[3])
{
    const size_t n = pair->image->sample.n_atoms;
    const double scale = largest(&b[0][0], 3 * n);
    for (size_t i = 0; i < n; i++) {
        double turned[3];
        vt_row_times_mat3(a[pair->image->from[i]], pair->image->rotation, turned);
        assert_all_near(b[i], turned, 3, pair->tolerance * scale);
    }
}

static void compare_tensors(const struct pair_of_results *pair, const double (*a)[9],
                            const double (*b)[9])
{
    const size_t n = pair->image->sample.n_atoms;
    const double scale = largest(&b[0][0], 9 * n);
    for (size_t i = 0; i < n; i++) {
        double turned[9];
        rotate_tensor(pair->image->rotation, a[pair->image->from[i]], turned);
        assert_all_near(b[i], turned, 9, pair->tolerance * scale);
    }
}

static void compare(const struct pair_of_results *pair, const struct vt_nep *model)
{
    const struct vt_results *a = pair->a, *b = pair->b;
    const double copies = pair->image->copies;
    const double size =
        largest(b->energies, pair->image->sample.n_atoms) * (double)pair->image->sample.n_atoms;
    assert_near(b->energy, copies * a->energy, pair->tolerance * size);
    compare_numbers(pair, a->energies, b->energies, 1);
    compare_numbers(pair, a->energies_network, b->energies_network, 1);
    compare_numbers(pair, a->energies_zbl, b->energies_zbl, 1);
    compare_numbers(pair, a->descriptors, b->descriptors, (size_t)model->dimension);
    compare_vectors(pair, a->forces, b->forces);
    compare_tensors(pair, a->virials, b->virials);
    double turned[9];
    rotate_tensor(pair->image->rotation, a->virial, turned);
    for (int c = 0; c < 9; c++)
        assert_near(b->virial[c], copies * turned[c],
                    pair->tolerance * copies * largest(a->virial, 9));
    if (model->charge_mode == 0)
        return;
    assert_near(b->raw_charge, copies * a->raw_charge, pair->tolerance * size);
    compare_numbers(pair, a->charges, b->charges, 1);
    compare_numbers(pair, a->energies_coulomb, b->energies_coulomb, 1);
    compare_numbers(pair, a->potentials, b->potentials, 1);
    compare_tensors(pair, a->born, b->born);
}

/* ---- images */

static void start(struct image *image, const struct sample *sample)
{
    sample_copy(&image->sample, sample);
    vt_free(image->from);
    assert_int_equal(
        vt_alloc(&image->from, 6 * sample->n_atoms, sizeof *image->from, "image", NULL), VT_OK);
    for (size_t i = 0; i < sample->n_atoms; i++)
        image->from[i] = i;
    memset(image->rotation, 0, sizeof image->rotation);
    for (int d = 0; d < 3; d++)
        image->rotation[d][d] = 1;
    image->copies = 1;
}

static void finish(struct image *image)
{
    sample_destroy(&image->sample);
    vt_free(image->from);
}

typedef void transformation(struct image *image, struct dice *dice);

static void translate(struct image *image, struct dice *dice)
{
    const double by[3] = {dice_real(dice, -9, 9), dice_real(dice, -9, 9), dice_real(dice, -9, 9)};
    for (size_t i = 0; i < image->sample.n_atoms; i++)
        for (int d = 0; d < 3; d++)
            image->sample.position[i][d] += by[d];
}

static void rotate_rows(double (*rows)[3], size_t n, const double rotation[3][3])
{
    for (size_t i = 0; i < n; i++) {
        const double row[3] = {rows[i][0], rows[i][1], rows[i][2]};
        vt_row_times_mat3(row, rotation, rows[i]);
    }
}

/* Every second time with a reflection: nothing here has a handedness. */
static void rotate(struct image *image, struct dice *dice)
{
    sample_rotation(image->rotation, dice);
    for (int d = 0, mirror = dice_int(dice, 0, 1); mirror && d < 3; d++)
        image->rotation[d][0] = -image->rotation[d][0];
    const double(*rotation)[3] = (const double(*)[3])image->rotation;
    rotate_rows(image->sample.position, image->sample.n_atoms, rotation);
    rotate_rows(image->sample.cell, 3, rotation);
}

static void permute(struct image *image, struct dice *dice)
{
    struct sample *sample = &image->sample;
    for (size_t i = sample->n_atoms - 1; i > 0; i--) {
        const size_t j = (size_t)dice_int(dice, 0, (int)i);
        const struct {
            double position[3];
            int type;
            size_t from;
        } kept = {{sample->position[i][0], sample->position[i][1], sample->position[i][2]},
                  sample->type[i],
                  image->from[i]};
        memcpy(sample->position[i], sample->position[j], sizeof kept.position);
        memcpy(sample->position[j], kept.position, sizeof kept.position);
        sample->type[i] = sample->type[j];
        sample->type[j] = kept.type;
        image->from[i] = image->from[j];
        image->from[j] = kept.from;
    }
}

/* 2 x 1 x 3 cells. */
static void replicate(struct image *image, struct dice *dice)
{
    (void)dice;
    struct sample one = {0}, *all = &image->sample;
    sample_copy(&one, all);
    const size_t n = one.n_atoms;
    sample_resize(all, 6 * n);
    image->copies = 6;
    for (size_t copy = 0; copy < 6; copy++)
        for (size_t i = 0; i < n; i++) {
            const size_t to = copy * n + i;
            image->from[to] = i;
            all->type[to] = one.type[i];
            for (int d = 0; d < 3; d++)
                all->position[to][d] = one.position[i][d] + (double)(copy % 2) * one.cell[0][d] +
                                       (double)(copy / 2) * one.cell[2][d];
        }
    for (int d = 0; d < 3; d++) {
        all->cell[0][d] = 2 * one.cell[0][d];
        all->cell[1][d] = one.cell[1][d];
        all->cell[2][d] = 3 * one.cell[2][d];
    }
    sample_destroy(&one);
}

/* The lattice of a, b + a, c - 2 b + a. */
static void skew(struct image *image, struct dice *dice)
{
    (void)dice;
    double(*cell)[3] = image->sample.cell;
    for (int d = 0; d < 3; d++) {
        cell[2][d] += cell[0][d] - 2 * cell[1][d];
        cell[1][d] += cell[0][d];
    }
}

static void exchange_vectors(struct image *image, struct dice *dice)
{
    double(*cell)[3] = image->sample.cell;
    const int one = dice_int(dice, 0, 2), other = (one + 1) % 3;
    for (int d = 0; d < 3; d++) {
        const double kept = cell[one][d];
        cell[one][d] = cell[other][d];
        cell[other][d] = kept;
    }
}

static void invert_vector(struct image *image, struct dice *dice)
{
    double *vector = image->sample.cell[dice_int(dice, 0, 2)];
    for (int d = 0; d < 3; d++)
        vector[d] = -vector[d];
}

static void unwrap(struct image *image, struct dice *dice)
{
    sample_scatter(&image->sample, dice);
}

/* ---- tests */

struct move {
    transformation *transform;
    bool by_lattice_vectors; /* phases of whole lattice vectors come in */
};

struct subject {
    struct vt_nep model;
    struct vt_force *force, *other; /* two, so that both results are there at a time */
    double with_lattice_vectors;    /* tolerance */
};

static void check(const struct subject *subject, const struct sample *sample, struct dice *dice)
{
    static const struct move moves[] = {
        {translate, false}, {rotate, false},           {permute, false},       {replicate, true},
        {skew, false},      {exchange_vectors, false}, {invert_vector, false}, {unwrap, true},
    };
    struct image image = {0};
    const struct vt_results *results = evaluate(subject->force, sample);
    for (size_t m = 0; m < sizeof moves / sizeof *moves; m++) {
        start(&image, sample);
        moves[m].transform(&image, dice);
        const struct pair_of_results pair = {
            results, evaluate(subject->other, &image.sample), &image,
            moves[m].by_lattice_vectors ? subject->with_lattice_vectors : exact};
        compare(&pair, &subject->model);
    }
    finish(&image);
}

static void run(int family, enum sample_kind kind, enum vt_electrostatics electrostatics,
                struct dice *dice)
{
    const struct synthetic flavour = flavour_draw(family, dice);
    struct subject subject = {.with_lattice_vectors = exact};
    struct sample sample = {0};
    synthetic_model(&subject.model, &flavour);
    if (electrostatics == VT_EWALD_GPUMD && (flavour.charge_mode == 1 || flavour.charge_mode == 2))
        subject.with_lattice_vectors = truncated;
    sample_draw(&sample, kind, 7, flavour.n_types, dice);
    print_message("%s; %s of %zu\n", flavour_text(&flavour), sample_kind_name(kind),
                  sample.n_atoms);
    subject.force = evaluator(&subject.model, electrostatics, 1e-13);
    subject.other = evaluator(&subject.model, electrostatics, 1e-13);
    check(&subject, &sample, dice);
    vt_force_destroy(subject.force);
    vt_force_destroy(subject.other);
    sample_destroy(&sample);
    vt_nep_destroy(&subject.model);
}

static void test_published(void **state)
{
    (void)state;
    struct dice dice = {31};
    for (int round = 0; round < 2 * FLAVOUR_FAMILIES * SAMPLE_KINDS; round++)
        run(round % FLAVOUR_FAMILIES, (enum sample_kind)(round / FLAVOUR_FAMILIES % SAMPLE_KINDS),
            VT_EWALD_GPUMD, &dice);
}

static void test_converged(void **state)
{
    (void)state;
    struct dice dice = {32};
    for (int round = 0; round < 2 * SAMPLE_KINDS; round++)
        run(12 + round % 8, (enum sample_kind)(round % SAMPLE_KINDS), VT_EWALD_CONVERGED, &dice);
}

static void compare_bits(const struct vt_results *a, const struct vt_results *b, size_t n)
{
    assert_true(a->energy == b->energy);
    assert_memory_equal(a->energies, b->energies, n * sizeof *a->energies);
    assert_memory_equal(a->forces, b->forces, n * sizeof *a->forces);
    assert_memory_equal(a->virial, b->virial, sizeof a->virial);
}

/* One evaluator for structure after structure, larger and smaller, with a refused one in between,
 * gives bit for bit what a fresh one gives that was asked for nothing but the least. */
static void test_reuse(void **state)
{
    (void)state;
    struct dice dice = {33};
    struct sample sample = {0};
    for (int family = 0; family < FLAVOUR_FAMILIES; family++) {
        const struct synthetic flavour = flavour_draw(family, &dice);
        struct vt_nep model = {0};
        synthetic_model(&model, &flavour);
        struct vt_force *force = evaluator(&model, VT_EWALD_GPUMD, 0);
        for (int round = 0; round < 6; round++) {
            struct vt_force *fresh = least_evaluator(&model, VT_EWALD_GPUMD, 0);
            sample_draw(&sample, (enum sample_kind)(round % SAMPLE_KINDS), round % 2 ? 12 : 3,
                        flavour.n_types, &dice);
            const struct vt_results *results = evaluate(fresh, &sample);
            compare_bits(evaluate(force, &sample), results, sample.n_atoms);
            assert_null(results->virials);
            assert_null(results->born);
            assert_null(results->descriptors);
            vt_force_destroy(fresh);

            memcpy(sample.position[1], sample.position[0], sizeof sample.position[1]);
            const struct vt_system twice = sample_system(&sample);
            assert_int_equal(vt_force_compute(force, &twice, NULL), VT_INPUT);
        }
        vt_force_destroy(force);
        vt_nep_destroy(&model);
    }
    sample_destroy(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published),
                                       cmocka_unit_test(test_converged),
                                       cmocka_unit_test(test_reuse)};
    return VT_RUN_TESTS(tests);
}
