/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coulomb/influence.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"

enum { ALIASES = 3 }; /* to either side */

/* Index of a wave, counted from -size/2. */
static int signed_index(int n, int size)
{
    return 2 * n <= size ? n : n - size;
}

static bool on_edge(int n, int size)
{
    return 2 * n == size;
}

/* The tables of one axis at one wave, from U at its aliases. */
static void set_axis(struct vt_influence *influence, const struct vt_window *window, int d, int n)
{
    double u[2 * ALIASES + 1], power = 0, self[VT_SELF_WAVES] = {0};
    const int size = influence->size[d];
    for (int m = -ALIASES; m <= ALIASES; m++)
        u[m + ALIASES] = vt_window_transform(window, (double)signed_index(n, size) / size + m);
    for (int m = 0; m <= 2 * ALIASES; m++) {
        power += u[m] * u[m];
        for (int h = 1; h <= VT_SELF_WAVES && m + h <= 2 * ALIASES; h++)
            self[h - 1] += u[m] * u[m + h];
    }
    influence->power[d][n] = power;
    influence->factor[d][n] = on_edge(n, size) ? 0 : u[ALIASES] * u[ALIASES] / (power * power);
    for (int h = 0; h < VT_SELF_WAVES; h++)
        influence->self_power[d][h][n] = self[h];
}

enum vt_code vt_influence_create(struct vt_influence *influence, const struct vt_split *split,
                                 const struct vt_window *window, const int size[3],
                                 const struct vt_box *box, struct vt_error *error)
{
    assert(influence && split && window && !influence->storage);
    const size_t waves = vt_box_numbers(box);
    size_t all = 2 * waves;
    for (int d = 0; d < 3; d++)
        all += (2 + VT_SELF_WAVES) * (size_t)size[d];
    influence->k_max = split->k_max;
    influence->box = *box;
    enum vt_code code =
        vt_alloc(&influence->storage, all, sizeof(double), "influence function", error);
    if (!code)
        code = vt_alloc(&influence->spectrum, 1, sizeof *influence->spectrum, "influence function",
                        error);
    if (code)
        return code;
    vt_spectrum_make(influence->spectrum, split);
    double *next = influence->storage;
    influence->green = next;
    influence->stretch = next + waves;
    next += 2 * waves;
    for (int d = 0; d < 3; d++) {
        const size_t n = (size_t)size[d];
        influence->size[d] = size[d];
        influence->factor[d] = next;
        influence->power[d] = next + n;
        for (int h = 0; h < VT_SELF_WAVES; h++)
            influence->self_power[d][h] = next + (size_t)(2 + h) * n;
        next += (2 + VT_SELF_WAVES) * n;
        for (int k = 0; k < size[d]; k++)
            set_axis(influence, window, d, k);
    }
    return VT_OK;
}

void vt_influence_destroy(struct vt_influence *influence)
{
    vt_free(influence->storage);
    vt_free(influence->spectrum);
}

/* How often a wave counts: the half that is not stored mirrors it. */
static double weight_of(const struct vt_influence *influence, int n)
{
    return n == 0 || on_edge(n, influence->size[2]) ? 1 : 2;
}

/* Sums over a row of waves of an energy e, and of e stretch n^p for p = 0, 1, 2. */
struct row_sums {
    double energy, moment[3];
};

static inline void add_to_row(struct row_sums *row, double energy, double stretch, int n)
{
    const double moment = energy * stretch;
    row->energy += energy;
    row->moment[0] += moment;
    row->moment[1] += moment * n;
    row->moment[2] += moment * n * n;
}

/* -dE/dstrain = e delta_ab + e stretch k_a k_b, with k = k0 + n b3 on a row. */
static void add_strain_of_row(const struct vt_influence *influence, int x, int y,
                              const struct row_sums *row, double factor, double strain[9])
{
    const double index[3] = {signed_index(x, influence->size[0]),
                             signed_index(y, influence->size[1]), 0};
    const double *b = influence->wave[2];
    double k[3];
    vt_row_times_mat3(index, (const double(*)[3])influence->wave, k);
    for (int i = 0; i < 3; i++) {
        strain[4 * i] += factor * row->energy;
        for (int j = 0; j < 3; j++)
            strain[3 * i + j] += factor * (row->moment[0] * k[i] * k[j] +
                                           row->moment[1] * (k[i] * b[j] + b[i] * k[j]) +
                                           row->moment[2] * b[i] * b[j]);
    }
}

/* Of a row of waves along the last axis, what charges have of potential from themselves: each wave
 * with the squares of aliases of z (the last of these), or with their products. */
struct own_row {
    struct row_sums turn[VT_SELF_WAVES], square;
};

static void add_own_wave(const struct vt_influence *influence, struct own_row *row, int z, double g,
                         double stretch)
{
    add_to_row(&row->square, g * influence->power[2][z], stretch, z);
    for (int h = 0; h < VT_SELF_WAVES; h++)
        add_to_row(&row->turn[h], g * influence->self_power[2][h][z], stretch, z);
}

/* To the axis d with the products of aliases, to the others with their squares; +h and -h alike. */
static void add_own_row(struct vt_influence *influence, int x, int y, const struct own_row *row)
{
    const double *power_x = influence->power[0], *power_y = influence->power[1];
    for (int d = 0; d < 3; d++)
        for (int h = 0; h < VT_SELF_WAVES; h++) {
            const double of_x = d == 0 ? influence->self_power[0][h][x] : power_x[x];
            const double of_y = d == 1 ? influence->self_power[1][h][y] : power_y[y];
            const struct row_sums *sums = d == 2 ? &row->turn[h] : &row->square;
            const double factor = 2 * of_x * of_y;
            influence->own.turn[d][h] += factor * sums->energy;
            add_strain_of_row(influence, x, y, sums, factor, influence->own.turn_strain[d][h]);
        }
}

/* A wave k of the spectrum and what the mesh has in its place, g U^2. */
struct wave {
    double k[3], k2;
    double weight;  /* of R: (4 pi/(V k^2)) s; 0 at k = 0 and beyond the spectrum */
    double stretch; /* (k s'/s - 2)/k^2 */
};

static struct wave wave_at(const struct vt_influence *influence, double volume,
                           const double index[3])
{
    struct wave wave = {.weight = 0};
    vt_row_times_mat3(index, (const double(*)[3])influence->wave, wave.k);
    wave.k2 = vt_dot(wave.k, wave.k);
    double slope;
    const double s = vt_spectrum_at(influence->spectrum, wave.k2, &slope);
    if (wave.k2 == 0 || s <= 0)
        return wave;
    wave.weight = 4 * VT_PI / (volume * wave.k2) * s;
    wave.stretch = 2 * (slope / s - 1 / wave.k2);
    return wave;
}

static void add_own(struct vt_own *own, const struct wave *wave, double more)
{
    own->mean += more;
    for (int c = 0; c < 9; c++)
        own->strain[c] += more * ((c % 4 == 0) + wave->stretch * wave->k[c / 3] * wave->k[c % 3]);
}

/* Take off the waves of the spectrum that the mesh counts as its wave n, but for that one itself.
 */
static void take_off_aliases(struct vt_influence *influence, double volume, const int n[3])
{
    const int *reach = influence->reach, *size = influence->size;
    for (int a = -reach[0]; a <= reach[0]; a++)
        for (int b = -reach[1]; b <= reach[1]; b++)
            for (int c = -reach[2]; c <= reach[2]; c++) {
                if (a == 0 && b == 0 && c == 0)
                    continue;
                const double index[3] = {signed_index(n[0], size[0]) + a * size[0],
                                         signed_index(n[1], size[1]) + b * size[1],
                                         signed_index(n[2], size[2]) + c * size[2]};
                const struct wave wave = wave_at(influence, volume, index);
                add_own(&influence->own, &wave, -wave.weight * weight_of(influence, n[2]));
            }
}

static void set_wave(struct vt_influence *influence, double volume, const int n[3], size_t at,
                     struct own_row *row)
{
    double index[3], factor = 1, power = 1;
    for (int d = 0; d < 3; d++) {
        index[d] = signed_index(n[d], influence->size[d]);
        factor *= influence->factor[d][n[d]];
        power *= influence->power[d][n[d]];
    }
    const struct wave wave = wave_at(influence, volume, index);
    const double times = weight_of(influence, n[2]), g = wave.weight * factor;
    influence->green[at] = g;
    influence->stretch[at] = wave.stretch;
    if (wave.weight > 0) {
        add_own_wave(influence, row, n[2], g * times, wave.stretch);
        add_own(&influence->own, &wave, (g * power - wave.weight) * times);
    }
    take_off_aliases(influence, volume, n);
}

void vt_influence_set(struct vt_influence *influence, const struct vt_cell *cell)
{
    const struct vt_box *box = &influence->box;
    for (int d = 0; d < 3; d++) {
        for (int a = 0; a < 3; a++)
            influence->wave[d][a] = 2 * VT_PI * cell->inverse[a][d];
        const double last = influence->k_max * vt_norm(cell->vector[d]) / (2 * VT_PI);
        influence->reach[d] = 2 * last >= influence->size[d];
    }
    assert(cell->volume > 0 && influence->storage);
    influence->own = (struct vt_own){.mean = 0};
    size_t at = 0;
    for (int x = box->from[0]; x < box->to[0]; x++)
        for (int y = box->from[1]; y < box->to[1]; y++) {
            struct own_row row = {0};
            for (int z = box->from[2]; z < box->to[2]; z++)
                set_wave(influence, cell->volume, (const int[3]){x, y, z}, at++, &row);
            add_own_row(influence, x, y, &row);
        }
    assert(at == vt_box_numbers(box));
}

static inline void add_wave(const struct vt_influence *influence, size_t at, int z, double square,
                            struct row_sums *row)
{
    add_to_row(row, weight_of(influence, z) * influence->green[at] * square, influence->stretch[at],
               z);
}

static void apply_double(const struct vt_influence *influence, double *wave, size_t at,
                         struct row_sums *row)
{
    const struct vt_box *box = &influence->box;
    for (int z = box->from[2]; z < box->to[2]; z++, at++, wave += 2) {
        const double g = influence->green[at];
        add_wave(influence, at, z, wave[0] * wave[0] + wave[1] * wave[1], row);
        wave[0] *= g;
        wave[1] *= g;
    }
}

static void apply_single(const struct vt_influence *influence, float *wave, size_t at,
                         struct row_sums *row)
{
    const struct vt_box *box = &influence->box;
    for (int z = box->from[2]; z < box->to[2]; z++, at++, wave += 2) {
        const float g = (float)influence->green[at];
        add_wave(influence, at, z, (double)wave[0] * wave[0] + (double)wave[1] * wave[1], row);
        wave[0] *= g;
        wave[1] *= g;
    }
}

void vt_influence_apply(const struct vt_influence *influence, void *waves, bool single,
                        struct vt_wave_sums *sums)
{
    const struct vt_box *box = &influence->box;
    size_t at = 0;
    for (int x = box->from[0]; x < box->to[0]; x++)
        for (int y = box->from[1]; y < box->to[1]; y++) {
            struct row_sums row = {0};
            if (single)
                apply_single(influence, (float *)waves + 2 * at, at, &row);
            else
                apply_double(influence, (double *)waves + 2 * at, at, &row);
            sums->energy += 0.5 * row.energy;
            add_strain_of_row(influence, x, y, &row, 0.5, sums->virial);
            at += (size_t)box->pitch;
        }
}

void vt_influence_strain(const struct vt_influence *influence, const void *kept, void *waves,
                         bool single, const int component[2])
{
    const struct vt_box *box = &influence->box;
    size_t at = 0;
    for (int x = box->from[0]; x < box->to[0]; x++)
        for (int y = box->from[1]; y < box->to[1]; y++)
            for (int z = box->from[2]; z < box->to[2]; z++, at++) {
                const double index[3] = {signed_index(x, influence->size[0]),
                                         signed_index(y, influence->size[1]), z};
                double k[3];
                vt_row_times_mat3(index, (const double(*)[3])influence->wave, k);
                const double factor = (component[0] == component[1]) +
                                      influence->stretch[at] * k[component[0]] * k[component[1]];
                for (size_t c = 2 * at; c < 2 * at + 2; c++)
                    if (single)
                        ((float *)waves)[c] = (float)(((const float *)kept)[c] * factor);
                    else
                        ((double *)waves)[c] = ((const double *)kept)[c] * factor;
            }
}
