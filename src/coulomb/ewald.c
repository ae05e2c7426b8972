/* SPDX-License-Identifier: GPL-3.0-or-later */
/* k = n1 b1 + n2 b2 + n3 b3. Vectors with the same (n1, n2) form a column of consecutive n3, so
 * that
 *
 *   exp(i k.r) = e12 e3[n3],   sum over the column of H(n3) exp(i k.r) = e12 sum_n3 H(n3) e3[n3]
 *
 * costs one complex multiplication a vector and atom. The e3 come from a recursion per atom; atoms
 * go in small blocks whose tables stay in the nearest cache. */
#include "coulomb/ewald.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/units.h"

enum { BLOCK = 4 }; /* atoms a block */

static const double most_vectors = 2e8;

struct column {
    int n1, n2, n3; /* n3: of the first vector */
    int count;
    size_t first; /* vector of n3 */
};

struct wave_vector {
    double k[3];
    double g; /* G(k), eV/(K_C e^2) */
};

/* exp(i n b_d.r) of a block of atoms, n = -n_max[d] .. n_max[d]. */
struct phases {
    double (*re[3])[BLOCK];
    double (*im[3])[BLOCK];
};

struct vt_ewald {
    struct vt_ewald_settings settings;
    double reciprocal[3][3]; /* rows b1, b2, b3 */
    int n_max[3];
    size_t n_columns, n_vectors;
    struct column *column;
    struct wave_vector *vector;
    double (*structure)[2]; /* [n_vectors]: S*(k) = sum q exp(i k.r), real and imaginary part */
    double *weight;         /* [n_vectors] */
    struct phases phases;
    double *storage; /* of the phases */
    size_t column_capacity, vector_capacity, structure_capacity, weight_capacity, storage_capacity;
};

struct vt_ewald_settings vt_ewald_gpumd(double cutoff)
{
    static const double published_two_pi = 6.2831853;
    const double alpha = VT_PI / cutoff;
    return (struct vt_ewald_settings){
        .alpha = alpha, .k_max = published_two_pi * alpha, .two_pi = published_two_pi};
}

/* x with exp(-x^2) a tenth of the accuracy: what a Gaussian leaves beyond x standard widths, with a
 * margin for the sum of many terms (tests/physics measures the error). */
static double gaussian_reach(double accuracy)
{
    assert(accuracy > 0 && accuracy < 1);
    return sqrt(-log(0.1 * accuracy));
}

struct vt_ewald_settings vt_ewald_converged(double alpha, double accuracy)
{
    return (struct vt_ewald_settings){
        .alpha = alpha, .k_max = 2 * alpha * gaussian_reach(accuracy), .two_pi = 2 * VT_PI};
}

double vt_ewald_alpha(double cutoff, double accuracy)
{
    return gaussian_reach(accuracy) / cutoff;
}

enum vt_code vt_ewald_create(struct vt_ewald **ewald, struct vt_ewald_settings settings,
                             struct vt_error *error)
{
    assert(settings.alpha > 0 && settings.k_max > 0 && settings.two_pi > 6);
    const enum vt_code code = vt_alloc(ewald, 1, sizeof **ewald, "Ewald sum", error);
    if (!code)
        (*ewald)->settings = settings;
    return code;
}

void vt_ewald_destroy(struct vt_ewald *ewald)
{
    if (!ewald)
        return;
    vt_free(ewald->column);
    vt_free(ewald->vector);
    vt_free(ewald->structure);
    vt_free(ewald->weight);
    vt_free(ewald->storage);
    vt_free(ewald);
}

size_t vt_ewald_vectors(const struct vt_ewald *ewald)
{
    return ewald->n_vectors;
}

static enum vt_code set_lattice(struct vt_ewald *ewald, const struct vt_cell *cell,
                                struct vt_error *error)
{
    const struct vt_ewald_settings *s = &ewald->settings;
    const double expected = cell->volume * pow(s->k_max / s->two_pi, 3) * (2 * VT_PI / 3);
    if (expected > most_vectors) {
        vt_fail(error, VT_INPUT, "the Ewald sum of this cell needs %.2g wave vectors", expected);
        vt_hint(error, "a direct sum is for cells of up to some 10,000 atoms");
        return VT_INPUT;
    }
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            ewald->reciprocal[i][j] = s->two_pi * cell->inverse[j][i];
        ewald->n_max[i] = (int)(s->k_max * vt_norm(cell->vector[i]) / s->two_pi + 1e-9);
    }
    return VT_OK;
}

static struct wave_vector wave_vector(const struct vt_ewald *ewald, int n1, int n2, int n3)
{
    struct wave_vector v = {.g = 0};
    const double n[3] = {n1, n2, n3};
    vt_row_times_mat3(n, ewald->reciprocal, v.k);
    return v;
}

/* Append the vectors of (n1, n2), n3 = first..n_max[2], that are within k_max. */
static enum vt_code add_column(struct vt_ewald *ewald, int n1, int n2, int first,
                               struct vt_error *error)
{
    const struct vt_ewald_settings *s = &ewald->settings;
    struct column column = {n1, n2, 0, 0, ewald->n_vectors};
    enum vt_code code = vt_reserve(&ewald->vector, &ewald->vector_capacity,
                                   ewald->n_vectors + 2 * (size_t)ewald->n_max[2] + 1,
                                   sizeof *ewald->vector, "wave vectors", error);
    if (!code)
        code = vt_reserve(&ewald->column, &ewald->column_capacity, ewald->n_columns + 1,
                          sizeof *ewald->column, "wave vectors", error);
    if (code)
        return code;
    for (int n3 = first; n3 <= ewald->n_max[2]; n3++) {
        const struct wave_vector v = wave_vector(ewald, n1, n2, n3);
        if (!(vt_dot(v.k, v.k) < s->k_max * s->k_max))
            continue;
        if (column.count++ == 0)
            column.n3 = n3;
        assert(n3 == column.n3 + column.count - 1); /* a line cuts a ball in one piece */
        ewald->vector[ewald->n_vectors++] = v;
    }
    if (column.count)
        ewald->column[ewald->n_columns++] = column;
    return VT_OK;
}

static enum vt_code make_vectors(struct vt_ewald *ewald, const struct vt_cell *cell,
                                 struct vt_error *error)
{
    enum vt_code code = set_lattice(ewald, cell, error);
    ewald->n_columns = ewald->n_vectors = 0;
    const int *n = ewald->n_max;
    for (int n1 = 0; !code && n1 <= n[0]; n1++)
        for (int n2 = n1 ? -n[1] : 0; !code && n2 <= n[1]; n2++)
            code = add_column(ewald, n1, n2, n1 || n2 ? -n[2] : 1, error);
    if (code)
        return code;
    const double alpha = ewald->settings.alpha;
    for (size_t v = 0; v < ewald->n_vectors; v++) {
        struct wave_vector *w = &ewald->vector[v];
        const double k2 = vt_dot(w->k, w->k);
        w->g = 2 * ewald->settings.two_pi / cell->volume * exp(-k2 / (4 * alpha * alpha)) / k2;
    }
    code = vt_reserve(&ewald->structure, &ewald->structure_capacity, ewald->n_vectors,
                      sizeof *ewald->structure, "structure factors", error);
    if (!code)
        code = vt_reserve(&ewald->weight, &ewald->weight_capacity, ewald->n_vectors,
                          sizeof *ewald->weight, "wave vectors", error);
    return code;
}

static enum vt_code make_phases(struct vt_ewald *ewald, struct vt_error *error)
{
    size_t rows[3], all = 0;
    for (int d = 0; d < 3; d++)
        all += rows[d] = 2 * (size_t)ewald->n_max[d] + 1;
    const enum vt_code code = vt_reserve(&ewald->storage, &ewald->storage_capacity, 2 * all * BLOCK,
                                         sizeof(double), "phases", error);
    if (code)
        return code;
    double *next = ewald->storage;
    for (int d = 0; d < 3; d++) {
        ewald->phases.re[d] = (double(*)[BLOCK])next;
        next += rows[d] * BLOCK;
        ewald->phases.im[d] = (double(*)[BLOCK])next;
        next += rows[d] * BLOCK;
    }
    return VT_OK;
}

/* Tables of the block that starts with atom `first`; returns how many atoms it has. Missing ones
 * get zeros. */
static size_t set_phases(const struct vt_ewald *ewald, const struct vt_point_charges *charges,
                         size_t first)
{
    const size_t n = charges->n - first < BLOCK ? charges->n - first : BLOCK;
    const double(*position)[3] = charges->position + first;
    for (int d = 0; d < 3; d++) {
        const int middle = ewald->n_max[d];
        double(*re)[BLOCK] = ewald->phases.re[d] + middle,
        (*im)[BLOCK] = ewald->phases.im[d] + middle;
        memset(ewald->phases.re[d], 0, (2 * (size_t)middle + 1) * sizeof *re);
        memset(ewald->phases.im[d], 0, (2 * (size_t)middle + 1) * sizeof *im);
        for (size_t a = 0; a < n; a++) {
            const double phase = vt_dot(ewald->reciprocal[d], position[a]);
            const double c = cos(phase), s = sin(phase);
            re[0][a] = 1;
            for (int m = 1; m <= middle; m++) {
                re[m][a] = re[m - 1][a] * c - im[m - 1][a] * s;
                im[m][a] = re[m - 1][a] * s + im[m - 1][a] * c;
                re[-m][a] = re[m][a];
                im[-m][a] = -im[m][a];
            }
        }
    }
    return n;
}

/* exp(i (n1 b1 + n2 b2).r) of the block. */
static void column_phase(const struct vt_ewald *ewald, const struct column *column, double *re,
                         double *im)
{
    const double *re1 = ewald->phases.re[0][ewald->n_max[0] + column->n1];
    const double *im1 = ewald->phases.im[0][ewald->n_max[0] + column->n1];
    const double *re2 = ewald->phases.re[1][ewald->n_max[1] + column->n2];
    const double *im2 = ewald->phases.im[1][ewald->n_max[1] + column->n2];
    for (int a = 0; a < BLOCK; a++) {
        re[a] = re1[a] * re2[a] - im1[a] * im2[a];
        im[a] = re1[a] * im2[a] + im1[a] * re2[a];
    }
}

/* S*(k) += sum of q exp(i k.r) over the block. */
static void add_block_structure(struct vt_ewald *ewald, const double charge[BLOCK])
{
    for (size_t c = 0; c < ewald->n_columns; c++) {
        const struct column *column = &ewald->column[c];
        double re[BLOCK], im[BLOCK];
        column_phase(ewald, column, re, im);
        for (int a = 0; a < BLOCK; a++) {
            re[a] *= charge[a];
            im[a] *= charge[a];
        }
        double(*re3)[BLOCK] = ewald->phases.re[2] + ewald->n_max[2] + column->n3;
        double(*im3)[BLOCK] = ewald->phases.im[2] + ewald->n_max[2] + column->n3;
        double(*s)[2] = ewald->structure + column->first;
        for (int m = 0; m < column->count; m++)
            for (int a = 0; a < BLOCK; a++) {
                s[m][0] += re[a] * re3[m][a] - im[a] * im3[m][a];
                s[m][1] += re[a] * im3[m][a] + im[a] * re3[m][a];
            }
    }
}

static void add_structure_factors(struct vt_ewald *ewald, const struct vt_point_charges *charges)
{
    memset(ewald->structure, 0, ewald->n_vectors * sizeof *ewald->structure);
    for (size_t first = 0; first < charges->n; first += BLOCK) {
        const size_t count = set_phases(ewald, charges, first);
        double charge[BLOCK] = {0};
        memcpy(charge, charges->charge + first, count * sizeof *charge);
        add_block_structure(ewald, charge);
    }
    vt_sum_over_ranks(charges->comm, &ewald->structure[0][0], 2 * (int)ewald->n_vectors);
}

/* sum over k of weight(k) S(k) exp(i k.r) for each atom of the block: the real part, and n_d times
 * the imaginary part. */
struct block_sums {
    double potential[BLOCK];
    double field[3][BLOCK];
};

static void gather(const struct vt_ewald *ewald, struct block_sums *sums)
{
    *sums = (struct block_sums){{0}, {{0}}};
    for (size_t c = 0; c < ewald->n_columns; c++) {
        const struct column *column = &ewald->column[c];
        double(*re3)[BLOCK] = ewald->phases.re[2] + ewald->n_max[2] + column->n3;
        double(*im3)[BLOCK] = ewald->phases.im[2] + ewald->n_max[2] + column->n3;
        double(*const s)[2] = ewald->structure + column->first;
        const double *weight = ewald->weight + column->first;
        double re[BLOCK] = {0}, im[BLOCK] = {0}, re_n[BLOCK] = {0}, im_n[BLOCK] = {0};
        for (int m = 0; m < column->count; m++) {
            const double hr = weight[m] * s[m][0], hi = -weight[m] * s[m][1], n3 = column->n3 + m;
            for (int a = 0; a < BLOCK; a++) {
                const double x = hr * re3[m][a] - hi * im3[m][a];
                const double y = hr * im3[m][a] + hi * re3[m][a];
                re[a] += x;
                im[a] += y;
                re_n[a] += n3 * x;
                im_n[a] += n3 * y;
            }
        }
        double re12[BLOCK], im12[BLOCK];
        column_phase(ewald, column, re12, im12);
        for (int a = 0; a < BLOCK; a++) {
            const double y = re12[a] * im[a] + im12[a] * re[a];
            sums->potential[a] += re12[a] * re[a] - im12[a] * im[a];
            sums->field[0][a] += column->n1 * y;
            sums->field[1][a] += column->n2 * y;
            sums->field[2][a] += re12[a] * im_n[a] + im12[a] * re_n[a];
        }
    }
}

/* Components of delta_ab - (1/(2 alpha^2) + 2/k^2) k_a k_b. */
static double virial_factor(double alpha, const double k[3], int a, int b)
{
    return (a == b) - (0.5 / (alpha * alpha) + 2 / vt_dot(k, k)) * k[a] * k[b];
}

static void add_totals(const struct vt_ewald *ewald, struct vt_coulomb_sums *sums)
{
    for (size_t v = 0; v < ewald->n_vectors; v++) {
        const struct wave_vector *w = &ewald->vector[v];
        const double *s = ewald->structure[v];
        const double energy = VT_COULOMB * w->g * (s[0] * s[0] + s[1] * s[1]);
        sums->energy += energy;
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                sums->virial[3 * a + b] +=
                    energy * virial_factor(ewald->settings.alpha, w->k, a, b);
    }
}

/* What the atoms first .. first + n - 1 get of energy, potential and force. */
static void add_block(const struct vt_ewald *ewald, size_t first, size_t n, const double *charges,
                      struct vt_coulomb_sums *sums)
{
    struct block_sums block;
    gather(ewald, &block);
    for (size_t a = 0; a < n; a++) {
        const size_t i = first + a;
        const double field[3] = {block.field[0][a], block.field[1][a], block.field[2][a]};
        double force[3];
        vt_row_times_mat3(field, ewald->reciprocal, force);
        sums->potentials[i] += 2 * VT_COULOMB * block.potential[a];
        sums->energies[i] += VT_COULOMB * charges[i] * block.potential[a];
        for (int d = 0; d < 3; d++)
            sums->forces[i][d] += 2 * VT_COULOMB * charges[i] * force[d];
    }
}

/* Virials of single atoms: the sums once more for each component, since few ever want them. */
static void add_atom_virials(struct vt_ewald *ewald, const struct vt_point_charges *charges,
                             struct vt_coulomb_sums *sums)
{
    for (int c = 0; c < 9; c++) {
        for (size_t v = 0; v < ewald->n_vectors; v++)
            ewald->weight[v] = ewald->vector[v].g * virial_factor(ewald->settings.alpha,
                                                                  ewald->vector[v].k, c / 3, c % 3);
        for (size_t first = 0; first < charges->n; first += BLOCK) {
            const size_t count = set_phases(ewald, charges, first);
            struct block_sums block;
            gather(ewald, &block);
            for (size_t a = 0; a < count; a++)
                sums->virials[first + a][c] +=
                    VT_COULOMB * charges->charge[first + a] * block.potential[a];
        }
    }
}

enum vt_code vt_ewald_add(struct vt_ewald *ewald, const struct vt_cell *cell,
                          const struct vt_point_charges *charges, struct vt_coulomb_sums *sums,
                          struct vt_error *error)
{
    enum vt_code code = make_vectors(ewald, cell, error);
    if (!code)
        code = make_phases(ewald, error);
    code = vt_agree(charges->comm, code, 0, error);
    if (code)
        return code;
    add_structure_factors(ewald, charges);
    if (vt_rank(charges->comm) == 0)
        add_totals(ewald, sums);
    for (size_t v = 0; v < ewald->n_vectors; v++)
        ewald->weight[v] = ewald->vector[v].g;
    for (size_t first = 0; first < charges->n; first += BLOCK) {
        const size_t count = set_phases(ewald, charges, first);
        add_block(ewald, first, count, charges->charge, sums);
    }
    if (sums->virials)
        add_atom_virials(ewald, charges, sums);
    return VT_OK;
}
