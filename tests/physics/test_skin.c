/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists with a skin: after moves of less than half of it, the evaluator gives with old lists and
 * ghosts what it gives from scratch. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "common/near.h"
#include "evaluate.h"

static const double skin = 0.9; /* A */

/* Move each atom away from where the lists were made, by less than half the skin. */
static void wander(struct vt_domain *domain, const struct sample *start, struct dice *dice)
{
    for (size_t i = 0; i < start->n_atoms; i++) {
        double rotation[3][3];
        const double distance = dice_real(dice, 0, 0.499 * skin);
        sample_rotation(rotation, dice);
        for (int d = 0; d < 3; d++)
            domain->atoms.position[i][d] = start->position[i][d] + distance * rotation[0][d];
    }
}

/* The local atoms and the cell as they stand. */
static void take(struct sample *sample, const struct vt_domain *domain)
{
    memcpy(sample->cell, domain->cell.vector, sizeof sample->cell);
    for (size_t i = 0; i < sample->n_atoms; i++) {
        assert_int_equal(domain->atoms.id[i], i);
        memcpy(sample->position[i], domain->atoms.position[i], sizeof sample->position[i]);
    }
}

static double largest(const double *values, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void compare(const struct vt_results *a, const struct vt_results *b, size_t n,
                    double tolerance)
{
    const double size = largest(b->energies, n);
    assert_near(a->energy, b->energy, tolerance * size * (double)n);
    assert_all_near(a->energies, b->energies, n, tolerance * size);
    assert_all_near(&a->forces[0][0], &b->forces[0][0], 3 * n,
                    tolerance * largest(&b->forces[0][0], 3 * n));
    assert_all_near(a->virial, b->virial, 9, tolerance * largest(b->virial, 9));
}

static void run(int family, enum sample_kind kind, struct dice *dice)
{
    const struct synthetic flavour = flavour_draw(family, dice);
    /* An atom that leaves the cell is wrapped from scratch: see test_invariance. */
    const double tolerance = flavour.charge_mode == 1 || flavour.charge_mode == 2 ? 1e-7 : 1e-10;
    struct vt_nep model = {0};
    struct sample start = {0}, now = {0};
    struct vt_domain domain = {0};
    struct vt_error error = {0};
    synthetic_model(&model, &flavour);
    sample_draw(&start, kind, 20, flavour.n_types, dice);
    struct vt_force *force = evaluator(&model, VT_EWALD_GPUMD, 0);
    struct vt_force *fresh = evaluator(&model, VT_EWALD_GPUMD, 0);
    sample_domain(&start, MPI_COMM_NULL, 1, &domain);
    assert_int_equal(vt_force_rebuild(force, &domain, skin, &error), VT_OK);
    sample_copy(&now, &start);
    take(&start, &domain);
    for (int round = 0; round < 4; round++) {
        wander(&domain, &start, dice);
        take(&now, &domain);
        vt_halo_positions_begin(domain.halo, &domain.atoms);
        vt_halo_forward_end(domain.halo);
        assert_int_equal(vt_force_evaluate(force, &domain, &error), VT_OK);
        compare(vt_force_results(force), evaluate(fresh, &now), now.n_atoms, tolerance);
    }
    vt_domain_destroy(&domain);
    vt_force_destroy(force);
    vt_force_destroy(fresh);
    sample_destroy(&start);
    sample_destroy(&now);
    vt_nep_destroy(&model);
}

static void test_moved(void **state)
{
    (void)state;
    struct dice dice = {41};
    for (int round = 0; round < FLAVOUR_FAMILIES * SAMPLE_KINDS; round++)
        run(round % FLAVOUR_FAMILIES, (enum sample_kind)(round / FLAVOUR_FAMILIES % SAMPLE_KINDS),
            &dice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_moved)};
    return VT_RUN_TESTS(tests);
}
