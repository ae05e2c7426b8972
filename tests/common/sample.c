/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "slow_bonds.h"

static const double nearest_allowed = 1.6, volume_per_atom = 15;

const char *sample_kind_name(enum sample_kind kind)
{
    static const char *const name[SAMPLE_KINDS] = {"crystal",     "glass",  "thin", "skewed",
                                                   "left-handed", "sparse", "tiny"};
    return name[kind];
}

/* ---- memory */

void sample_resize(struct sample *sample, size_t n_atoms)
{
    sample_destroy(sample);
    sample->n_atoms = n_atoms;
    if (vt_alloc(&sample->position, n_atoms, sizeof *sample->position, "sample", NULL) != VT_OK ||
        vt_alloc(&sample->type, n_atoms, sizeof *sample->type, "sample", NULL) != VT_OK)
        abort();
}

void sample_copy(struct sample *to, const struct sample *from)
{
    sample_resize(to, from->n_atoms);
    memcpy(to->cell, from->cell, sizeof to->cell);
    memcpy(to->position, from->position, from->n_atoms * sizeof *to->position);
    memcpy(to->type, from->type, from->n_atoms * sizeof *to->type);
}

void sample_destroy(struct sample *sample)
{
    vt_free(sample->position);
    vt_free(sample->type);
    *sample = (struct sample){0};
}

struct vt_system sample_system(const struct sample *sample)
{
    struct vt_system system = {.n_atoms = sample->n_atoms,
                               .position = (const double(*)[3])sample->position,
                               .type = sample->type};
    memcpy(system.cell, sample->cell, sizeof system.cell);
    return system;
}

/* ---- at random */

void sample_rotation(double rotation[3][3], struct dice *dice)
{
    double length = 0;
    while (length < 0.1) {
        for (int d = 0; d < 3; d++)
            rotation[0][d] = dice_real(dice, -1, 1);
        const double other[3] = {dice_real(dice, -1, 1), dice_real(dice, -1, 1),
                                 dice_real(dice, -1, 1)};
        vt_cross(rotation[0], other, rotation[1]);
        length = fmin(vt_norm(rotation[0]), vt_norm(rotation[1]));
    }
    for (int row = 0; row < 2; row++) {
        const double norm = vt_norm(rotation[row]);
        for (int d = 0; d < 3; d++)
            rotation[row][d] /= norm;
    }
    vt_cross(rotation[0], rotation[1], rotation[2]);
}

static double nearest_to(const struct sample *sample, size_t atom)
{
    const struct vt_system system = sample_system(sample);
    struct slow_bonds bonds = {0};
    double nearest = INFINITY;
    slow_bonds_find(&bonds, &system, atom, 2 * nearest_allowed);
    for (size_t b = 0; b < bonds.count; b++)
        nearest = fmin(nearest, bonds.bond[b].distance);
    slow_bonds_destroy(&bonds);
    return nearest;
}

/* The domain need not be usable after a failure: these are assertions of the tests. */
static void must(enum vt_code code, const struct vt_error *error)
{
    if (code == VT_OK)
        return;
    fprintf(stderr, "sample: %s\n", error->message);
    abort();
}

void sample_domain(const struct sample *sample, MPI_Comm comm, double reach,
                   struct vt_domain *domain)
{
    static const int any_grid[3] = {0, 0, 0};
    struct vt_error error;
    must(vt_domain_create(domain, comm, (const double(*)[3])sample->cell, any_grid, &error),
         &error);
    const size_t ranks = (size_t)vt_rank_count(comm), rank = (size_t)vt_rank(comm);
    const size_t first = sample->n_atoms * rank / ranks;
    const struct vt_domain_input input = {.n = sample->n_atoms * (rank + 1) / ranks - first,
                                          .position = (const double(*)[3])sample->position + first,
                                          .type = sample->type + first,
                                          .first_id = (int64_t)first};
    must(vt_domain_add(domain, &input, &error), &error);
    must(vt_domain_migrate(domain, &error), &error);
    must(vt_halo_build(domain->halo, &domain->atoms, reach, &error), &error);
}

void sample_scatter(struct sample *sample, struct dice *dice)
{
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const double n[3] = {dice_int(dice, -2, 2), dice_int(dice, -2, 2), dice_int(dice, -2, 2)};
        double shift[3];
        vt_row_times_mat3(n, (const double(*)[3])sample->cell, shift);
        for (int d = 0; d < 3; d++)
            sample->position[i][d] += shift[d];
    }
}

static void draw_cell(struct sample *sample, enum sample_kind kind, double volume,
                      struct dice *dice)
{
    double edge[3];
    const double thin = 2.3;
    for (int d = 0; d < 3; d++)
        edge[d] = cbrt(volume) * dice_real(dice, 0.85, 1.2);
    if (kind == SAMPLE_THIN) {
        edge[0] = edge[1] = sqrt(volume / thin);
        edge[2] = thin;
    }
    double cell[3][3], rotation[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            cell[i][j] = i == j ? edge[i] : dice_real(dice, -0.25, 0.25) * edge[i];
    for (int d = 0; kind == SAMPLE_SKEWED && d < 3; d++) {
        cell[1][d] += 2 * cell[0][d];
        cell[2][d] += cell[1][d] - cell[0][d];
    }
    sample_rotation(rotation, dice);
    const int row[3] = {kind == SAMPLE_LEFT_HANDED, kind != SAMPLE_LEFT_HANDED, 2};
    for (int i = 0; i < 3; i++)
        vt_row_times_mat3(cell[row[i]], (const double(*)[3])rotation, sample->cell[i]);
}

/* Put atom after atom where there is room, within a part of each cell vector; false: there is none.
 */
static bool pack(struct sample *sample, double part, struct dice *dice)
{
    const size_t n_atoms = sample->n_atoms;
    bool room = true;
    for (sample->n_atoms = 1; room && sample->n_atoms <= n_atoms; sample->n_atoms++) {
        const size_t last = sample->n_atoms - 1;
        room = false;
        for (int tries = 0; !room && tries < 500; tries++) {
            const double s[3] = {dice_real(dice, 0, part), dice_real(dice, 0, part),
                                 dice_real(dice, 0, part)};
            vt_row_times_mat3(s, (const double(*)[3])sample->cell, sample->position[last]);
            room = nearest_to(sample, last) >= nearest_allowed;
        }
    }
    sample->n_atoms = n_atoms;
    return room;
}

static void draw_crystal(struct sample *sample, size_t n_atoms, struct dice *dice)
{
    const int times = n_atoms > 8 ? 2 : 1;
    const double edge = dice_real(dice, 4.6, 5.4);
    sample_resize(sample, n_atoms > 8 ? 16 : 8);
    for (int d = 0; d < 3; d++)
        sample->cell[d][d] = edge * (d == 0 ? times : 1);
    for (size_t i = 0; i < sample->n_atoms; i++) {
        const size_t site = i % 8;
        const double at[3] = {(double)(i / 8) + (double)(site & 1) / 2, (double)(site >> 1 & 1) / 2,
                              (double)(site >> 2) / 2};
        for (int d = 0; d < 3; d++)
            sample->position[i][d] = at[d] * edge + dice_real(dice, -0.2, 0.2);
        sample->type[i] = (int)((site ^ site >> 1 ^ site >> 2) & 1);
    }
}

void sample_draw(struct sample *sample, enum sample_kind kind, size_t n_atoms, int n_types,
                 struct dice *dice)
{
    if (kind == SAMPLE_CRYSTAL) {
        draw_crystal(sample, n_atoms, dice);
        for (size_t i = 0; i < sample->n_atoms; i++)
            sample->type[i] = dice_int(dice, 0, 3) > 0 ? sample->type[i] % n_types
                                                       : dice_int(dice, 0, n_types - 1);
        return;
    }
    if (kind == SAMPLE_TINY)
        n_atoms = (size_t)dice_int(dice, 1, 2);
    if (kind == SAMPLE_SPARSE && n_atoms > 6)
        n_atoms = (size_t)dice_int(dice, 2, 6);
    sample_resize(sample, n_atoms);
    const double part = kind == SAMPLE_SPARSE ? 0.4 : 1;
    double volume = volume_per_atom * (double)n_atoms;
    if (kind == SAMPLE_SPARSE)
        volume = 400 + 10 * volume;
    do {
        draw_cell(sample, kind, volume, dice);
        volume *= 1.02;
    } while (!pack(sample, part, dice));
    for (size_t i = 0; i < n_atoms; i++)
        sample->type[i] = dice_int(dice, 0, n_types - 1);
}
