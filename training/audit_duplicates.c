/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames are compared by a fingerprint first: numbers that neither a translation nor the order of
 * like atoms changes (squared structure factors of each element). Those with the same fingerprint
 * are laid on each other atom by atom. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "domain/cell.h"
#include "training/audit_parts.h"

enum { WAVES = 6, METRIC = 6, NUMBERS = METRIC + WAVES };

static const double same_place = 1e-4;  /* A */
static const double same_metric = 1e-4; /* A^2, of products of cell vectors, and a bit more */
static const double same_wave = 1e-2;   /* relative, or of 1 */
static const double same_energy = 1e-3; /* eV/atom */
static const double same_force = 0.02;  /* eV/A, root mean square of the difference */

struct print {
    size_t frame;
    double key;             /* sum of the structure factors: what the prints are sorted by */
    double number[NUMBERS]; /* products of the cell vectors, structure factors */
};

/* A wave's squared structure factors, the elements with different weights. */
static double structure_factor(const struct vt_dataset *set, const struct vt_dataset_frame *frame,
                               const double (*s)[3], const int wave[3])
{
    double sum = 0;
    for (int t = 0; t < set->types.n; t++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < frame->n_atoms; i++) {
            if (frame->type[i] != t)
                continue;
            const double phase =
                2 * VT_PI * (wave[0] * s[i][0] + wave[1] * s[i][1] + wave[2] * s[i][2]);
            re += cos(phase);
            im += sin(phase);
        }
        sum += (t + 1) * (re * re + im * im);
    }
    return sum;
}

static enum vt_code fractional(const struct vt_dataset_frame *frame, double (**s)[3],
                               struct vt_error *error)
{
    double inverse[3][3];
    vt_mat3_inverse((const double(*)[3])frame->cell, inverse);
    const enum vt_code code = vt_alloc(s, frame->n_atoms, sizeof **s, "positions", error);
    for (size_t i = 0; i < frame->n_atoms && !code; i++)
        vt_row_times_mat3(frame->position[i], (const double(*)[3])inverse, (*s)[i]);
    return code;
}

static enum vt_code make_print(const struct vt_dataset *set, size_t index, struct print *print,
                               struct vt_error *error)
{
    static const int waves[WAVES][3] = {{1, 0, 0}, {0, 1, 0},  {0, 0, 1},
                                        {1, 1, 1}, {2, -1, 1}, {1, 2, -3}};
    const struct vt_dataset_frame *frame = &set->frame[index];
    double(*s)[3] = NULL;
    const enum vt_code code = fractional(frame, &s, error);
    if (code)
        return code;
    print->frame = index;
    for (int m = 0, k = 0; k < 3; k++)
        for (int l = k; l < 3; l++)
            print->number[m++] = vt_dot(frame->cell[k], frame->cell[l]);
    for (int w = 0; w < WAVES; w++) {
        print->number[METRIC + w] =
            structure_factor(set, frame, (const double(*)[3])s, waves[w]) / (double)frame->n_atoms;
        print->key += print->number[METRIC + w];
    }
    vt_free(s);
    return VT_OK;
}

static int compare_prints(const void *left, const void *right)
{
    const struct print *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->frame < b->frame ? -1 : 1;
}

static bool same_prints(const struct print *a, const struct print *b)
{
    for (int m = 0; m < METRIC; m++)
        if (fabs(a->number[m] - b->number[m]) > same_metric)
            return false;
    /* a wave of length l changes by 2 pi same_place / l in phase, with l > 0.3 A: small enough */
    for (int w = METRIC; w < NUMBERS; w++)
        if (fabs(a->number[w] - b->number[w]) > same_wave * (1 + fabs(a->number[w])))
            return false;
    return true;
}

/* ---- atom by atom ---- */

struct overlay {
    const struct vt_dataset_frame *a, *b;
    double (*sa)[3], (*sb)[3];
    bool *taken;   /* atoms of b */
    size_t *match; /* atom of b of each atom of a */
};

/* The atom of b that lies where atom i of a is after the shift; n_atoms: none. */
static size_t find_atom(const struct overlay *o, size_t i, const double shift[3])
{
    const size_t n = o->a->n_atoms;
    for (size_t k = 0; k < n; k++) {
        const size_t j = (i + k) % n; /* the same number most often */
        if (o->taken[j] || o->b->type[j] != o->a->type[i])
            continue;
        double d[3], r[3];
        for (int c = 0; c < 3; c++) {
            d[c] = o->sb[j][c] - o->sa[i][c] - shift[c];
            d[c] -= round(d[c]);
        }
        vt_row_times_mat3(d, (const double(*)[3])o->a->cell, r);
        if (vt_dot(r, r) < same_place * same_place)
            return j;
    }
    return n;
}

static bool fits(const struct overlay *o, const double shift[3])
{
    const size_t n = o->a->n_atoms;
    memset(o->taken, 0, n * sizeof *o->taken);
    for (size_t i = 0; i < n; i++) {
        const size_t j = find_atom(o, i, shift);
        if (j == n)
            return false;
        o->taken[j] = true;
        o->match[i] = j;
    }
    return true;
}

/* An atom of the element with the fewest atoms. */
static size_t rarest_atom(const struct vt_dataset *set, const struct vt_dataset_frame *frame)
{
    size_t count[VT_NEP_MAX_TYPES] = {0}, best = 0;
    for (size_t i = 0; i < frame->n_atoms; i++)
        count[frame->type[i]]++;
    for (size_t i = 1; i < frame->n_atoms; i++)
        if (count[frame->type[i]] < count[frame->type[best]])
            best = i;
    assert(set->types.n > 0);
    return best;
}

static bool lies_on(const struct vt_dataset *set, const struct overlay *o)
{
    const size_t n = o->a->n_atoms, first = rarest_atom(set, o->a);
    for (size_t k = 0; k < n; k++) {
        const size_t j = (first + k) % n;
        double shift[3];
        if (o->b->type[j] != o->a->type[first])
            continue;
        for (int c = 0; c < 3; c++)
            shift[c] = o->sb[j][c] - o->sa[first][c];
        if (fits(o, shift))
            return true;
    }
    return false;
}

static bool same_labels(const struct overlay *o)
{
    const double n = (double)o->a->n_atoms;
    double squares = 0;
    for (size_t i = 0; i < o->a->n_atoms; i++)
        for (int k = 0; k < 3; k++) {
            const double d = o->a->force[i][k] - o->b->force[o->match[i]][k];
            squares += d * d;
        }
    return fabs(o->a->energy - o->b->energy) < same_energy * n &&
           sqrt(squares / (3 * n)) < same_force;
}

static enum vt_code report(struct vt_audit *audit, const struct overlay *o, struct vt_error *error)
{
    char where[200];
    const bool in_order = o->a->file != o->b->file || o->a->line < o->b->line;
    const struct vt_dataset_frame *first = in_order ? o->a : o->b, *second = in_order ? o->b : o->a;
    vt_audit_where(first, where, sizeof where);
    if (!same_labels(o))
        return vt_audit_add(audit, VT_AUDIT_CONTRADICTION, second, error,
                            "as %s, but the energies differ by %.3g eV/atom, or forces do", where,
                            fabs(o->a->energy - o->b->energy) / (double)o->a->n_atoms);
    if (first->is_test != second->is_test)
        return vt_audit_add(audit, VT_AUDIT_LEAK, second, error, "as %s", where);
    return vt_audit_add(audit, VT_AUDIT_DUPLICATE, second, error, "as %s", where);
}

static enum vt_code compare(struct vt_audit *audit, const struct vt_dataset *set, size_t a,
                            size_t b, bool *same, struct vt_error *error)
{
    struct overlay o = {.a = &set->frame[a], .b = &set->frame[b]};
    const size_t n = o.a->n_atoms;
    enum vt_code code = fractional(o.a, &o.sa, error);
    if (!code)
        code = fractional(o.b, &o.sb, error);
    if (!code)
        code = vt_alloc(&o.taken, n, sizeof *o.taken, "atoms", error);
    if (!code)
        code = vt_alloc(&o.match, n, sizeof *o.match, "atoms", error);
    *same = !code && lies_on(set, &o);
    if (*same)
        code = report(audit, &o, error);
    vt_free(o.sa);
    vt_free(o.sb);
    vt_free(o.taken);
    vt_free(o.match);
    return code;
}

/* Each frame is compared with those before it in the order of the fingerprints, until one is the
 * same. */
static enum vt_code compare_all(struct vt_audit *audit, const struct vt_dataset *set,
                                const struct print *prints, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (size_t i = 1; i < set->n_frames && !code; i++) {
        bool same = false;
        for (size_t j = i; j-- > 0 && !code && !same;) {
            if (prints[i].key - prints[j].key > same_wave * (WAVES + prints[i].key))
                break;
            const size_t a = prints[j].frame, b = prints[i].frame;
            if (set->frame[a].n_atoms == set->frame[b].n_atoms &&
                same_prints(&prints[i], &prints[j]))
                code = compare(audit, set, a, b, &same, error);
        }
    }
    return code;
}

enum vt_code vt_audit_duplicates(struct vt_audit *audit, const struct vt_dataset *set,
                                 struct vt_error *error)
{
    struct print *prints = NULL;
    enum vt_code code =
        vt_alloc(&prints, set->n_frames, sizeof *prints, "fingerprints of frames", error);
    for (size_t i = 0; i < set->n_frames && !code; i++)
        code = make_print(set, i, &prints[i], error);
    if (!code) {
        qsort(prints, set->n_frames, sizeof *prints, compare_prints);
        code = compare_all(audit, set, prints, error);
    }
    vt_free(prints);
    return code;
}
