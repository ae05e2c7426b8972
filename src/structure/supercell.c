/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which shifts make the copies? Row operations with whole numbers bring the matrix to upper
 * triangular form H (Hermite's), whose rows span the same lattice; the shifts (i, j, k) with
 * 0 <= i < H_00, 0 <= j < H_11, 0 <= k < H_22 are then one of each kind. Those that lie outside the
 * new cell are moved into it, with whole numbers too, so that nothing depends on rounding. */
#include "structure/supercell.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/text.h"

static const int64_t most_atoms = 2000000000;

/* ---- what the user says ---- */

/* Whole numbers of at most VT_MOST_REPEATS in size, with dividers between them; returns how many
 * there are, 0 if the text is anything else. A divider 'x' stands alone, others may be several. */
static int take_integers(const char *text, const char *dividers, int most, int *value)
{
    assert(most > 0);
    const char *end = text + strlen(text);
    int n = 0;
    while (end > text && end[-1] == ' ')
        end--;
    text += strspn(text, " ");
    while (text < end && n < most) {
        int64_t number;
        const size_t length = strspn(text, "+-0123456789");
        if (!vt_parse_int64(text, length, &number) || llabs(number) > VT_MOST_REPEATS)
            return 0;
        value[n++] = (int)number;
        text += length;
        if (text == end)
            return n;
        const size_t divided = strspn(text, dividers);
        if (divided == 0 || (divided > 1 && *dividers == 'x'))
            return 0;
        text += divided;
    }
    return 0;
}

enum vt_code vt_repeat_parse(int matrix[3][3], const char *text, struct vt_error *error)
{
    assert(matrix && text);
    int n[3] = {0};
    const int count = take_integers(text, "x", 3, n);
    for (int d = count; d < 3 && count == 1; d++)
        n[d] = n[0];
    if ((count != 1 && count != 3) || n[0] < 1 || n[1] < 1 || n[2] < 1) {
        vt_fail(error, VT_INPUT, "'%s' does not say how often to repeat", text);
        vt_hint(error, "write three whole numbers from 1 to %d, as in 2x1x3, or one for all",
                VT_MOST_REPEATS);
        return VT_INPUT;
    }
    memset(matrix, 0, 9 * sizeof(int));
    for (int d = 0; d < 3; d++)
        matrix[d][d] = n[d];
    return VT_OK;
}

static int64_t determinant(const int m[3][3])
{
    int64_t sum = 0;
    for (int d = 0; d < 3; d++) {
        const int e = (d + 1) % 3, f = (d + 2) % 3;
        sum += m[0][d] * ((int64_t)m[1][e] * m[2][f] - (int64_t)m[1][f] * m[2][e]);
    }
    return sum;
}

enum vt_code vt_supercell_parse(int matrix[3][3], const char *text, struct vt_error *error)
{
    assert(matrix && text);
    if (take_integers(text, " ,;", 9, &matrix[0][0]) != 9) {
        vt_fail(error, VT_INPUT, "'%s' is no matrix of nine whole numbers", text);
        vt_hint(error, "write the rows one after the other, as in \"1 1 0  -1 1 0  0 0 1\"");
        return VT_INPUT;
    }
    if (determinant((const int(*)[3])matrix) == 0)
        return vt_fail(error, VT_INPUT, "the vectors of '%s' span no volume", text);
    return VT_OK;
}

/* ---- the copies ---- */

/* Upper triangular with a positive diagonal. */
static void triangular_form(const int matrix[3][3], int64_t h[3][3])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            h[r][c] = matrix[r][c];
    for (int c = 0; c < 3; c++)
        for (int r = c + 1; r < 3; r++)
            while (h[r][c] != 0) { /* Euclid's algorithm on two rows */
                const int64_t q = h[c][c] / h[r][c];
                for (int k = 0; k < 3; k++) {
                    const int64_t rest = h[c][k] - q * h[r][k];
                    h[c][k] = h[r][k];
                    h[r][k] = rest;
                }
            }
    for (int r = 0; r < 3; r++)
        for (int c = 2; c >= r && h[r][r] < 0; c--)
            h[r][c] = -h[r][c];
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    assert(b != 0);
    const int64_t q = a / b;
    return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

/* Move a shift by vectors of the new cell into it: s - floor(s M^-1) M, where M^-1 is the adjugate
 * divided by the determinant. */
static void wrap_shift(const int m[3][3], int64_t shift[3])
{
    const int64_t det = determinant(m);
    int64_t whole[3];
    for (int c = 0; c < 3; c++) {
        int64_t sum = 0;
        for (int r = 0; r < 3; r++) {
            const int e = (c + 1) % 3, f = (c + 2) % 3, g = (r + 1) % 3, k = (r + 2) % 3;
            sum += shift[r] * ((int64_t)m[e][g] * m[f][k] - (int64_t)m[e][k] * m[f][g]);
        }
        whole[c] = floor_divide(sum, det);
    }
    for (int c = 0; c < 3; c++)
        for (int r = 0; r < 3; r++)
            shift[c] -= whole[r] * m[r][c];
}

static void place_copy(struct vt_frame *out, const struct vt_frame *in, size_t copy,
                       const int64_t shift[3])
{
    const double n[3] = {(double)shift[0], (double)shift[1], (double)shift[2]};
    double x[3];
    vt_row_times_mat3(n, in->cell, x);
    for (size_t i = 0; i < in->n_atoms; i++) {
        const size_t at = copy * in->n_atoms + i;
        out->element[at] = in->element[i];
        for (int d = 0; d < 3; d++)
            out->position[at][d] = in->position[i][d] + x[d];
    }
}

static void place_copies(struct vt_frame *out, const struct vt_frame *in, const int matrix[3][3])
{
    int64_t h[3][3];
    size_t copy = 0;
    triangular_form(matrix, h);
    for (int64_t i = 0; i < h[0][0]; i++)
        for (int64_t j = 0; j < h[1][1]; j++)
            for (int64_t k = 0; k < h[2][2]; k++) {
                int64_t shift[3] = {i, j, k};
                wrap_shift(matrix, shift);
                place_copy(out, in, copy++, shift);
            }
    assert(copy * in->n_atoms == out->n_atoms);
}

/* ---- columns and keys ---- */

static enum vt_code repeat_column(struct vt_frame *out, const struct vt_column *from,
                                  size_t n_copies, struct vt_error *error)
{
    assert(n_copies > 0 && out->n_atoms % n_copies == 0);
    struct vt_column *to;
    const size_t n = out->n_atoms / n_copies * from->width;
    enum vt_code code = vt_frame_add_column(out, from->name, from->type, from->width, &to, error);
    for (size_t copy = 0; copy < n_copies && !code; copy++)
        switch (from->type) {
        case VT_REAL:
            memcpy(to->real + copy * n, from->real, n * sizeof *to->real);
            break;
        case VT_INTEGER:
            memcpy(to->integer + copy * n, from->integer, n * sizeof *to->integer);
            break;
        case VT_LOGICAL:
            memcpy(to->logical + copy * n, from->logical, n * sizeof *to->logical);
            break;
        case VT_STRING:
            for (size_t i = 0; i < n && !code; i++)
                code = vt_copy_text(&to->string[copy * n + i], from->string[i], "words", error);
            break;
        }
    return code;
}

/* Molecules of different copies are different ones. */
static void part_molecules(struct vt_frame *out, size_t n_copies)
{
    assert(n_copies > 0);
    struct vt_column *column = vt_frame_column(out, "molecule");
    if (!column || column->type != VT_INTEGER || column->width != 1)
        return;
    int64_t most = 0;
    const size_t n = out->n_atoms / n_copies;
    for (size_t i = 0; i < n; i++)
        most = column->integer[i] > most ? column->integer[i] : most;
    if (most > INT64_MAX / (int64_t)n_copies)
        return;
    for (size_t i = n; i < out->n_atoms; i++)
        if (column->integer[i] > 0) /* 0: belongs to none */
            column->integer[i] += (int64_t)(i / n) * most;
}

static enum vt_code copy_key(struct vt_frame *out, const struct vt_key *from, size_t n_copies,
                             struct vt_error *error)
{
    assert(n_copies > 0);
    static const char *const of_the_cell[] = {"energy", "free_energy", "virial", "dipole"};
    bool of_cell = false;
    for (size_t k = 0; k < sizeof of_the_cell / sizeof *of_the_cell; k++)
        of_cell = of_cell || strcmp(from->name, of_the_cell[k]) == 0;
    const double factor = of_cell ? (double)n_copies : 1;
    const bool becomes_real = of_cell && from->type == VT_INTEGER;
    struct vt_key *to;
    enum vt_code code = vt_frame_add_key(out, from->name, becomes_real ? VT_REAL : from->type,
                                         from->count, &to, error);
    if (code)
        return code;
    to->is_array = from->is_array;
    for (size_t i = 0; i < from->count && !code; i++)
        switch (from->type) {
        case VT_REAL:
            to->real[i] = factor * from->real[i];
            break;
        case VT_INTEGER:
            if (becomes_real)
                to->real[i] = factor * (double)from->integer[i];
            else
                to->integer[i] = from->integer[i];
            break;
        case VT_LOGICAL:
            to->logical[i] = from->logical[i];
            break;
        case VT_STRING:
            code = vt_copy_text(&to->string[i], from->string[i], "words", error);
            break;
        }
    return code;
}

enum vt_code vt_supercell_make(struct vt_frame *out, const struct vt_frame *in,
                               const int matrix[3][3], struct vt_error *error)
{
    assert(out && in && out != in);
    if (!in->has_cell)
        return vt_fail(error, VT_INPUT, "the structure has no cell to repeat");
    const int64_t n_copies = llabs(determinant(matrix));
    assert(n_copies > 0);
    if (n_copies > most_atoms || (int64_t)in->n_atoms > most_atoms / n_copies)
        return vt_fail(error, VT_INPUT, "%lld copies of %zu atoms are too many",
                       (long long)n_copies, in->n_atoms);
    vt_frame_clear(out);
    enum vt_code code = vt_frame_resize(out, in->n_atoms * (size_t)n_copies, error);
    if (code)
        return code;
    out->has_cell = true;
    memcpy(out->periodic, in->periodic, sizeof out->periodic);
    for (int d = 0; d < 3; d++) {
        const double row[3] = {matrix[d][0], matrix[d][1], matrix[d][2]};
        vt_row_times_mat3(row, in->cell, out->cell[d]);
    }
    place_copies(out, in, matrix);
    for (size_t c = 0; c < in->n_columns && !code; c++)
        if (strcmp(in->columns[c].name, "image") != 0)
            code = repeat_column(out, &in->columns[c], (size_t)n_copies, error);
    for (size_t k = 0; k < in->n_keys && !code; k++)
        code = copy_key(out, &in->keys[k], (size_t)n_copies, error);
    if (!code)
        part_molecules(out, (size_t)n_copies);
    return code;
}
