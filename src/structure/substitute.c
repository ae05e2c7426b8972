/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A choice of n among m: each candidate gets a random number of its own, and the n smallest are
 * taken. So the choice depends on the seed, the change and the indices of the atoms alone. */
#include "structure/substitute.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/random.h"
#include "structure/bins.h"
#include "structure/streams.h"

/* Cells of structure and sites may differ by rounding in their files. */
static const double same_cell = 1e-3; /* A */

struct lot {
    double number;
    size_t index;
};

struct substitution {
    struct vt_frame *frame;
    const struct vt_frame *sites;
    uint32_t seed;
    bool *is_changed; /* atoms that have had their change */
    bool *is_removed;
    struct lot *lot; /* room for the atoms or the sites */
    struct vt_bins bins;
};

void vt_formula_of_frame(struct vt_formula *formula, const struct vt_frame *frame)
{
    assert(formula && frame);
    *formula = (struct vt_formula){0};
    size_t count[VT_ELEMENTS + 1] = {0};
    for (size_t i = 0; i < frame->n_atoms; i++)
        if (count[frame->element[i]]++ == 0)
            vt_formula_add(formula, frame->element[i], 1);
    for (int k = 0; k < formula->n; k++)
        formula->amount[k] = (double)count[formula->element[k]];
}

static int compare_lots(const void *left, const void *right)
{
    const struct lot *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Give the lot at `at` to candidate `index` in the given change. */
static void draw(struct substitution *s, size_t at, size_t change, size_t index)
{
    const struct vt_random random = {s->seed, VT_STREAM_SUBSTITUTION};
    vt_random_uniform(random, (struct vt_random_point){.step = change, .id = index}, 1,
                      &s->lot[at].number);
    s->lot[at].index = index;
}

/* Put the atoms of an element that have not been changed in a random order; the first `count` of
 * them are the choice, and count as changed. */
static void choose_atoms(struct substitution *s, size_t change, int element, int64_t count)
{
    assert(count >= 0 && element > 0);
    size_t n = 0;
    for (size_t i = 0; i < s->frame->n_atoms; i++)
        if (s->frame->element[i] == element && !s->is_changed[i])
            draw(s, n++, change, i);
    assert((size_t)count <= n);
    qsort(s->lot, n, sizeof *s->lot, compare_lots);
    for (int64_t k = 0; k < count; k++)
        s->is_changed[s->lot[k].index] = true;
}

static void convert(struct substitution *s, size_t change, int from, int to, int64_t count)
{
    assert(from > 0 && to > 0 && count >= 0);
    choose_atoms(s, change, from, count);
    for (int64_t k = 0; k < count; k++)
        s->frame->element[s->lot[k].index] = (uint8_t)to;
}

static void remove_atoms(struct substitution *s, size_t change, int element, int64_t count)
{
    assert(count >= 0);
    choose_atoms(s, change, element, count);
    for (int64_t k = 0; k < count; k++)
        s->is_removed[s->lot[k].index] = true;
}

/* ---- removed atoms ---- */

static void move_value(struct vt_column *column, size_t to, size_t from)
{
    assert(to <= from);
    for (size_t k = 0; k < column->width; k++) {
        const size_t a = to * column->width + k, b = from * column->width + k;
        switch (column->type) {
        case VT_REAL:
            column->real[a] = column->real[b];
            break;
        case VT_INTEGER:
            column->integer[a] = column->integer[b];
            break;
        case VT_LOGICAL:
            column->logical[a] = column->logical[b];
            break;
        case VT_STRING: { /* exchanged, so that each has one owner */
            char *moved = column->string[b];
            column->string[b] = column->string[a];
            column->string[a] = moved;
            break;
        }
        }
    }
}

static enum vt_code close_gaps(struct substitution *s, struct vt_error *error)
{
    struct vt_frame *frame = s->frame;
    size_t n = 0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        if (s->is_removed[i])
            continue;
        frame->element[n] = frame->element[i];
        memmove(frame->position[n], frame->position[i], sizeof frame->position[n]);
        for (size_t c = 0; c < frame->n_columns && n < i; c++)
            move_value(&frame->columns[c], n, i);
        n++;
    }
    return vt_frame_resize(frame, n, error);
}

/* ---- added atoms ---- */

static enum vt_code check_sites(const struct vt_frame *frame, const struct vt_frame *sites,
                                struct vt_error *error)
{
    const double *a = &frame->cell[0][0], *b = &sites->cell[0][0];
    bool same = frame->has_cell && sites->has_cell;
    for (int k = 0; k < 9 && same; k++)
        same = fabs(a[k] - b[k]) <= same_cell;
    return same ? VT_OK : vt_fail(error, VT_INPUT, "the sites must have the cell of the structure");
}

static bool is_someone(void *user, int32_t point, const double vector[3])
{
    (void)point;
    (void)vector;
    *(bool *)user = true;
    return false;
}

/* Put the free sites in a random order; returns how many there are. */
static size_t draw_sites(struct substitution *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->sites->n_atoms; i++) {
        bool taken = false;
        vt_bins_near(&s->bins, s->sites->position[i], is_someone, &taken);
        if (!taken)
            draw(s, n++, UINT32_MAX, i);
    }
    qsort(s->lot, n, sizeof *s->lot, compare_lots);
    return n;
}

/* What an added atom has in a column: numbers stay 0. */
static enum vt_code fill_value(struct vt_column *column, size_t atom, struct vt_error *error)
{
    for (size_t k = atom * column->width; k < (atom + 1) * column->width; k++) {
        if (column->type == VT_LOGICAL)
            column->logical[k] = true;
        if (column->type != VT_STRING)
            continue;
        const enum vt_code code = vt_alloc(&column->string[k], 2, 1, column->name, error);
        if (code)
            return code;
        column->string[k][0] = '-';
    }
    return VT_OK;
}

static enum vt_code place(struct substitution *s, const struct vt_change *change, size_t first_site,
                          struct vt_error *error)
{
    struct vt_frame *frame = s->frame;
    const size_t old = frame->n_atoms;
    enum vt_code code = vt_frame_resize(frame, old + (size_t)change->count, error);
    for (size_t i = old; i < frame->n_atoms && !code; i++) {
        frame->element[i] = (uint8_t)change->element;
        const size_t site = s->lot[first_site + i - old].index;
        memcpy(frame->position[i], s->sites->position[site], sizeof frame->position[i]);
        for (size_t c = 0; c < frame->n_columns && !code; c++)
            code = fill_value(&frame->columns[c], i, error);
    }
    return code;
}

static enum vt_code add_atoms(struct substitution *s, const struct vt_changes *changes,
                              struct vt_error *error)
{
    struct vt_cell cell;
    size_t wanted = 0, used = 0;
    for (size_t k = 0; k < changes->n; k++)
        if (changes->change[k].kind == VT_CHANGE_ADD)
            wanted += (size_t)changes->change[k].count;
    if (wanted == 0)
        return VT_OK;
    assert(s->sites);
    enum vt_code code = check_sites(s->frame, s->sites, error);
    if (!code)
        code = vt_cell_init(&cell, (const double(*)[3])s->frame->cell, error);
    if (!code)
        code = vt_bins_init(&s->bins, &cell, VT_SITE_RADIUS, s->frame->n_atoms, error);
    if (code)
        return code;
    for (size_t i = 0; i < s->frame->n_atoms; i++)
        vt_bins_add(&s->bins, s->frame->position[i]);
    const size_t n_free = draw_sites(s);
    if (n_free < wanted) {
        vt_fail(error, VT_INPUT, "%zu more atoms are wanted, but of %zu sites %zu are free", wanted,
                s->sites->n_atoms, n_free);
        vt_hint(error, "a site is taken by an atom within %g A", VT_SITE_RADIUS);
        return VT_INPUT;
    }
    for (size_t k = 0; k < changes->n && !code; k++)
        if (changes->change[k].kind == VT_CHANGE_ADD) {
            code = place(s, &changes->change[k], used, error);
            used += (size_t)changes->change[k].count;
        }
    return code;
}

/* ---- all ---- */

static void drop_results(struct vt_frame *frame)
{
    static const char *const keys[] = {"energy", "free_energy", "virial",        "stress",
                                       "dipole", "model",       "electrostatics"};
    static const char *const columns[] = {
        "force",   "forces", "energies", "energies_nn", "energies_coulomb", "charge",
        "charges", "bec",    "mass",     "masses",      "momenta",          "magmoms"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        vt_frame_remove_key(frame, keys[k]);
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        vt_frame_remove_column(frame, columns[k]);
}

static enum vt_code start(struct substitution *s, struct vt_error *error)
{
    const size_t n = s->frame->n_atoms, n_sites = s->sites ? s->sites->n_atoms : 0;
    enum vt_code code = vt_alloc(&s->is_changed, n, sizeof *s->is_changed, "atoms", error);
    if (!code)
        code = vt_alloc(&s->is_removed, n, sizeof *s->is_removed, "atoms", error);
    if (!code)
        code = vt_alloc(&s->lot, n > n_sites ? n : n_sites, sizeof *s->lot, "atoms", error);
    return code;
}

enum vt_code vt_substitute(struct vt_frame *frame, const struct vt_changes *changes,
                           const struct vt_frame *sites, uint32_t seed, struct vt_error *error)
{
    assert(frame && changes);
    struct substitution s = {.frame = frame, .sites = sites, .seed = seed};
    enum vt_code code = start(&s, error);
    for (size_t k = 0; k < changes->n && !code; k++) {
        const struct vt_change *change = &changes->change[k];
        switch (change->kind) {
        case VT_CHANGE_REPLACE:
            convert(&s, 2 * k, change->element, change->other, change->count);
            break;
        case VT_CHANGE_SWAP:
            convert(&s, 2 * k, change->element, change->other, change->count);
            convert(&s, 2 * k + 1, change->other, change->element, change->count);
            break;
        case VT_CHANGE_REMOVE:
            remove_atoms(&s, 2 * k, change->element, change->count);
            break;
        case VT_CHANGE_ADD:
            break;
        }
    }
    if (!code) {
        drop_results(frame);
        code = close_gaps(&s, error);
    }
    if (!code)
        code = add_atoms(&s, changes, error);
    vt_bins_destroy(&s.bins);
    vt_free(s.is_changed);
    vt_free(s.is_removed);
    vt_free(s.lot);
    return code;
}
