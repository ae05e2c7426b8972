/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The neighbour view against a direct search over all images: every pair once, none missing, none
 * too many. */
#include "../unit/balance.h"

#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "common/sample.h"
#include "common/slow_bonds.h"
#include "domain/neighbours.h"

enum { MOST_TYPES = 6 };

struct view {
    struct vt_domain domain;
    struct vt_neighbours list;
    double cutoff[MOST_TYPES * MOST_TYPES];
    int n_types;
};

static void draw_cutoffs(struct view *view, double largest, struct dice *dice)
{
    const int n = view->n_types;
    for (int s = 0; s < n; s++)
        for (int t = 0; t <= s; t++)
            view->cutoff[s * n + t] = view->cutoff[t * n + s] = largest * dice_real(dice, 0.5, 1);
    view->cutoff[0] = largest;
}

static void build(struct view *view, const struct sample *sample, double largest)
{
    sample_domain(sample, MPI_COMM_NULL, largest, &view->domain);
    assert_int_equal(
        vt_neighbours_build(&view->list, &view->domain, view->n_types, view->cutoff, NULL), VT_OK);
}

/* Cross off the bond that equals the entry; there must be one. */
static void cross_off(struct slow_bonds *bonds, const struct vt_atoms *atoms, int32_t centre,
                      int32_t entry)
{
    double vector[3];
    for (int d = 0; d < 3; d++)
        vector[d] = atoms->position[entry][d] - atoms->position[centre][d];
    for (size_t b = 0; b < bonds->count; b++) {
        const struct slow_bond *bond = &bonds->bond[b];
        const double apart[3] = {vector[0] - bond->vector[0], vector[1] - bond->vector[1],
                                 vector[2] - bond->vector[2]};
        if ((int64_t)bond->atom == atoms->id[entry] && vt_norm(apart) < 1e-8) {
            bonds->bond[b] = bonds->bond[--bonds->count];
            return;
        }
    }
    fail_msg("atom %d has a neighbour at distance %.15g that is none", centre, vt_norm(vector));
}

/* Take away the bonds beyond the cutoff of their pair of types. */
static void trim(struct slow_bonds *bonds, const struct view *view, int type)
{
    for (size_t b = bonds->count; b-- > 0;)
        if (bonds->bond[b].distance >= view->cutoff[type * view->n_types + bonds->bond[b].type])
            bonds->bond[b] = bonds->bond[--bonds->count];
}

static void check_group(struct slow_bonds *bonds, const struct view *view, size_t group, int lane,
                        int32_t centre)
{
    const struct vt_neighbours *list = &view->list;
    const int32_t count = list->count[group][lane];
    const size_t rows = list->row[group + 1] - list->row[group];
    assert_true(count >= 0 && (size_t)count <= rows);
    for (size_t k = 0; k < rows; k++) {
        const int32_t entry = list->order[list->entry[list->row[group] + k][lane] / VT_RECORD];
        if (k >= (size_t)count) {
            assert_int_equal(entry, view->domain.atoms.n_all);
            continue;
        }
        assert_int_equal(view->domain.atoms.type[entry], (int)(group % (size_t)list->n_types));
        cross_off(bonds, &view->domain.atoms, centre, entry);
    }
}

static void check_lane(const struct view *view, const struct vt_system *system, size_t slice,
                       int lane)
{
    const int n = view->n_types;
    const int32_t centre = view->list.centre[slice][lane];
    const int type = view->list.slice_type[slice];
    struct slow_bonds bonds = {0};
    if (centre >= 0) {
        assert_int_equal(system->type[centre], type);
        slow_bonds_find(&bonds, system, (size_t)centre, vt_halo_region(view->domain.halo)->reach);
        trim(&bonds, view, type);
    }
    for (int t = 0; t < n; t++)
        check_group(&bonds, view, slice * (size_t)n + (size_t)t, lane, centre);
    if (bonds.count > 0)
        fail_msg("atom %d lacks %zu neighbours, one at %.15g", centre, bonds.count,
                 bonds.bond[0].distance);
    slow_bonds_destroy(&bonds);
}

static void check_view(const struct view *view, const struct sample *sample)
{
    const struct vt_system system = sample_system(sample);
    unsigned char *seen = NULL;
    assert_int_equal(vt_alloc(&seen, sample->n_atoms, 1, "marks", NULL), VT_OK);
    for (size_t slice = 0; slice < view->list.n_slices; slice++)
        for (int lane = 0; lane < VT_LANES; lane++) {
            check_lane(view, &system, slice, lane);
            if (view->list.centre[slice][lane] >= 0)
                seen[view->list.centre[slice][lane]]++;
        }
    for (size_t i = 0; i < sample->n_atoms; i++)
        assert_int_equal(seen[i], 1);
    vt_free(seen);
}

static void test_random_cells(void **state)
{
    (void)state;
    struct dice dice = {11};
    struct view view = {0}; /* kept, so that memory of a larger structure serves a smaller one */
    struct sample sample = {0};
    for (int round = 0; round < 120; round++) {
        const enum sample_kind kind = (enum sample_kind)(round % SAMPLE_KINDS);
        const double largest = dice_real(&dice, 2, 9);
        view.n_types = dice_int(&dice, 1, MOST_TYPES);
        draw_cutoffs(&view, largest, &dice);
        sample_draw(&sample, kind, (size_t)dice_int(&dice, 1, 60), view.n_types, &dice);
        if (round % 3 == 0)
            sample_scatter(&sample, &dice);
        build(&view, &sample, largest);
        check_view(&view, &sample);
        vt_domain_destroy(&view.domain);
    }
    sample_destroy(&sample);
    vt_neighbours_destroy(&view.list);
}

/* Cells much thinner than the cutoff in one, two and three directions, and atoms on their faces. */
static void test_thin_cells(void **state)
{
    (void)state;
    static const double cells[][3][3] = {{{0.4, 0, 0}, {0, 7, 0}, {0, 0, 8}},
                                         {{0.5, 0.1, 0}, {0.3, 0, -0.6}, {1, 9, 2}},
                                         {{1.1, 0, 0}, {0, -1.2, 0}, {0, 0, 1.3}},
                                         {{20, 0, 0}, {19.5, 1.5, 0}, {-19, 3, 4}}};
    static const double places[][3] = {{0, 0, 0}, {1, 0.5, 0}, {-1e-17, 0.25, 3}};
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        struct view view = {.n_types = 1, .cutoff = {5.3}};
        struct sample sample = {0};
        sample_resize(&sample, sizeof places / sizeof *places);
        memcpy(sample.cell, cells[c], sizeof sample.cell);
        for (size_t i = 0; i < sample.n_atoms; i++)
            vt_row_times_mat3(places[i], cells[c], sample.position[i]);
        build(&view, &sample, 5.3);
        check_view(&view, &sample);
        sample_destroy(&sample);
        vt_domain_destroy(&view.domain);
        vt_neighbours_destroy(&view.list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_cells),
                                       cmocka_unit_test(test_thin_cells)};
    return VT_RUN_TESTS(tests);
}
