/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrapping, ghosts and their exchange on one rank, which needs no MPI; tests/mpi has the rest. */
#define _XOPEN_SOURCE 700 /* setenv */

#include "domain/domain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "base/memory.h"
#include "common/near.h"
#include "domain/check.h"

static const double oblique[3][3] = {{4, 0, 0}, {1.5, 3.5, 0}, {-1, 0.7, 5}};
static const int any_grid[3];

/* Atoms inside, on faces, a rounding error outside, and far away. */
static const double places[][3] = {
    {1, 1, 1}, {0, 0, 0}, {-1e-17, 0, 0}, {4, 0, 0}, {123.4, -77.7, 45.6}, {-1e-9, -1e-9, 5}};
static const int types[] = {0, 1, 0, 1, 2, 1};

enum { N = sizeof types / sizeof *types };

static void set(struct vt_domain *domain, double reach)
{
    const struct vt_domain_input input = {.n = N, .position = places, .type = types};
    assert_int_equal(vt_domain_create(domain, MPI_COMM_NULL, oblique, any_grid, NULL), VT_OK);
    assert_int_equal(vt_domain_add(domain, &input, NULL), VT_OK);
    assert_int_equal(vt_domain_migrate(domain, NULL), VT_OK);
    assert_int_equal(vt_halo_build(domain->halo, &domain->atoms, reach, NULL), VT_OK);
}

static void test_wrapped(void **state)
{
    (void)state;
    struct vt_domain domain;
    set(&domain, 3);
    const struct vt_atoms *atoms = &domain.atoms;
    assert_int_equal(atoms->n_local, N);
    assert_int_equal(domain.n_global, N);
    for (int32_t i = 0; i < N; i++) {
        double s[3], back[3];
        const double image[3] = {atoms->image[i][0], atoms->image[i][1], atoms->image[i][2]};
        vt_cell_fractional(&domain.cell, atoms->position[i], s);
        vt_cell_cartesian(&domain.cell, image, back);
        for (int d = 0; d < 3; d++) {
            assert_true(s[d] > -1e-12 && s[d] < 1 + 1e-12);
            assert_near(atoms->position[i][d] + back[d], places[i][d], 1e-12);
        }
        assert_int_equal(atoms->id[i], i);
        assert_int_equal(atoms->type[i], types[i]);
    }
    assert_memory_equal(atoms->position[0], places[0], sizeof places[0]); /* inside: untouched */
    vt_domain_destroy(&domain);
}

/* How many images of an atom at s lie within the margin of the cell; the search box is generous. */
static int count_images(const struct vt_domain *domain, const double s[3])
{
    const struct vt_halo_region *region = vt_halo_region(domain->halo);
    int count = 0;
    for (int a = -6; a <= 6; a++)
        for (int b = -6; b <= 6; b++)
            for (int c = -6; c <= 6; c++) {
                const double f[3] = {s[0] + a, s[1] + b, s[2] + c};
                bool inside = true;
                for (int d = 0; d < 3; d++)
                    inside &= f[d] >= -region->margin[d] && f[d] < 1 + region->margin[d];
                count += inside;
            }
    return count;
}

static void test_complete(void **state)
{
    (void)state;
    struct vt_domain domain;
    set(&domain, 7);
    const struct vt_atoms *atoms = &domain.atoms;
    int expected = 0;
    for (int32_t i = 0; i < N; i++) {
        double s[3];
        vt_cell_fractional(&domain.cell, atoms->position[i], s);
        expected += count_images(&domain, s);
    }
    assert_int_equal(atoms->n_all, expected);
    for (int32_t g = N; g < atoms->n_all; g++) {
        double apart[3], shift[3];
        const int64_t owner = atoms->id[g];
        for (int d = 0; d < 3; d++)
            apart[d] = atoms->position[g][d] - atoms->position[owner][d];
        vt_cell_fractional(&domain.cell, apart, shift);
        assert_true(fabs(shift[0]) + fabs(shift[1]) + fabs(shift[2]) > 0.5);
        for (int d = 0; d < 3; d++)
            assert_near(shift[d], round(shift[d]), 1e-11);
        assert_int_equal(atoms->type[g], types[owner]);
    }
    assert_true(atoms->position[atoms->n_all][0] > 1e6); /* the dummy */
    vt_domain_destroy(&domain);
}

static void test_exchange(void **state)
{
    (void)state;
    struct vt_domain domain;
    set(&domain, 4);
    const struct vt_atoms *atoms = &domain.atoms;
    double *values;
    assert_int_equal(vt_alloc(&values, 2 * (size_t)atoms->n_all, sizeof *values, "values", NULL),
                     VT_OK);
    for (int32_t i = 0; i < N; i++) {
        values[2 * i] = i + 1;
        values[2 * i + 1] = 1;
    }
    vt_halo_forward_begin(domain.halo, values, 2);
    vt_halo_forward_end(domain.halo);
    double copies[N] = {0};
    for (int32_t g = 0; g < atoms->n_all; g++) {
        assert_true(values[2 * g] == (double)atoms->id[g] + 1);
        copies[atoms->id[g]]++;
    }
    vt_halo_reverse(domain.halo, values, 2);
    for (int32_t i = 0; i < N; i++) {
        assert_true(values[2 * i] == copies[i] * (i + 1));
        assert_true(values[2 * i + 1] == copies[i]);
    }
    vt_free(values);
    vt_domain_destroy(&domain);
}

/* Ghosts follow their atoms. */
static void test_positions(void **state)
{
    (void)state;
    struct vt_domain domain;
    set(&domain, 4);
    struct vt_atoms *atoms = &domain.atoms;
    double(*before)[3];
    assert_int_equal(vt_alloc(&before, (size_t)atoms->n_all, sizeof *before, "positions", NULL),
                     VT_OK);
    memcpy(before, atoms->position, (size_t)atoms->n_all * sizeof *before);
    for (int32_t i = 0; i < N; i++)
        atoms->position[i][1] += 0.25 * i;
    vt_halo_positions_begin(domain.halo, atoms);
    vt_halo_forward_end(domain.halo);
    for (int32_t g = 0; g < atoms->n_all; g++) {
        assert_near(atoms->position[g][0], before[g][0], 1e-13);
        assert_near(atoms->position[g][1], before[g][1] + 0.25 * (double)atoms->id[g], 1e-13);
    }
    vt_free(before);
    vt_domain_destroy(&domain);
}

static void test_refused(void **state)
{
    (void)state;
    static const double lost[][3] = {{1e300, 0, 0}, {NAN, 0, 0}};
    for (int k = 0; k < 2; k++) {
        struct vt_domain domain;
        struct vt_error error;
        const struct vt_domain_input input = {.n = 1, .position = lost + k, .type = types};
        assert_int_equal(vt_domain_create(&domain, MPI_COMM_NULL, oblique, any_grid, &error),
                         VT_OK);
        assert_int_equal(vt_domain_add(&domain, &input, &error), VT_OK);
        assert_int_equal(vt_domain_migrate(&domain, &error), VT_INPUT);
        vt_domain_destroy(&domain);
    }
    /* More images than can be numbered: an error, not an overflow. */
    struct vt_domain domain;
    struct vt_error error;
    set(&domain, 3);
    assert_int_equal(vt_halo_build(domain.halo, &domain.atoms, 2500, &error), VT_INPUT);
    vt_domain_destroy(&domain);
    static const int two[3] = {0, 2, 0};
    assert_int_equal(vt_domain_create(&domain, MPI_COMM_NULL, oblique, two, &error), VT_INPUT);
    assert_string_equal(error.message, "a grid of 0 x 2 x 0 does not suit 1 ranks");
}

/* ---- checkers */

static const double reach = 7;
static double cutoffs[9];

/* A list of all pairs within 6 A. */
static void set_list(struct vt_domain *domain, struct vt_neighbours *list)
{
    set(domain, reach);
    for (int pair = 0; pair < 9; pair++)
        cutoffs[pair] = 6;
    *list = (struct vt_neighbours){0};
    assert_int_equal(vt_neighbours_build(list, domain, 3, cutoffs, NULL), VT_OK);
}

static bool all_valid(const struct vt_domain *domain, const struct vt_neighbours *list)
{
    return vt_atoms_is_valid(&domain->atoms) && vt_halo_is_valid(domain->halo, &domain->atoms) &&
           vt_neighbours_is_valid(list, domain, cutoffs);
}

/* Each a small mistake that somebody could make. */
static void break_ids(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.id[1] = domain->atoms.id[0];
}

static void break_position(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.position[domain->atoms.n_all - 1][2] = NAN;
}

static void break_dummy(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.id[domain->atoms.n_all] = 7;
}

static void lose_ghost(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.n_all--;
    vt_atoms_end(&domain->atoms);
}

static void lose_atom(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.n_local--;
}

static void break_group(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.groups[2] = 2;
}

static void break_type(struct vt_domain *domain, struct vt_neighbours *list)
{
    domain->atoms.type[list->order[list->entry[0][0] / VT_RECORD]] += 1;
}

static void move_far(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)list;
    domain->atoms.position[0][0] += 20;
}

static void exchange_places(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)domain;
    const int32_t a = list->place[0][0] / VT_RECORD, b = a == 0 ? 1 : 0, row = list->order[a];
    list->order[a] = list->order[b];
    list->order[b] = row;
}

static void repeat_place(struct vt_domain *domain, struct vt_neighbours *list)
{
    list->order[domain->atoms.n_all - 1] = list->order[0];
}

static void drop_neighbour(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)domain;
    list->count[0][0]--;
}

static void break_entry(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)domain;
    list->entry[0][0]++;
}

static void repeat_centre(struct vt_domain *domain, struct vt_neighbours *list)
{
    (void)domain;
    list->centre[0][1] = list->centre[0][0];
    list->place[0][1] = list->place[0][0];
}

static void test_checkers(void **state)
{
    (void)state;
    static void (*const mistakes[])(struct vt_domain *, struct vt_neighbours *) = {
        break_ids,   break_position, break_dummy,    lose_ghost,   lose_atom,
        break_group, break_type,     move_far,       repeat_place, drop_neighbour,
        break_entry, repeat_centre,  exchange_places};
    for (size_t m = 0; m < sizeof mistakes / sizeof *mistakes; m++) {
        struct vt_domain domain;
        struct vt_neighbours list;
        set_list(&domain, &list);
        assert_true(all_valid(&domain, &list));
        mistakes[m](&domain, &list);
        if (all_valid(&domain, &list))
            fail_msg("mistake %zu is not seen", m);
        vt_neighbours_destroy(&list);
        vt_domain_destroy(&domain);
    }
}

static void test_checks_by_environment(void **state)
{
    (void)state;
    unsetenv("VITRION_CHECK");
    assert_false(vt_checks_are_wanted());
    setenv("VITRION_CHECK", "0", 1);
    assert_false(vt_checks_are_wanted());
    setenv("VITRION_CHECK", "1", 1);
    assert_true(vt_checks_are_wanted());
    unsetenv("VITRION_CHECK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checkers), cmocka_unit_test(test_checks_by_environment),
        cmocka_unit_test(test_wrapped),  cmocka_unit_test(test_complete),
        cmocka_unit_test(test_exchange), cmocka_unit_test(test_positions),
        cmocka_unit_test(test_refused),
    };
    return VT_RUN_TESTS(tests);
}
