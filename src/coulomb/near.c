/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs are summed up at both of their atoms, a ghost or not, and what belongs to ghosts goes home
 * afterwards. Before it does, sum x F over local atoms and ghosts is the virial of the pairs. */
#include "coulomb/near.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/memory.h"
#include "base/units.h"
#include "coulomb/near_kernel.h"
#include "coulomb/near_list.h"
#include "coulomb/near_series.h"

/* Accuracy of the polynomials in double, 1/A^2. */
static const double exact = 1e-12;

/* What of the accuracy of vectors is left to the polynomials: they err alike for all pairs of one
 * distance, which does not average out as other errors do. */
static const double share = 0.1;

/* Whole numbers that the box around a brick and its ghosts is wide. */
static const double full_scale = 0x1p30;

struct vt_near {
    const struct vt_near_kernel *kernel; /* NULL: doubles */
    struct vt_near_series series;
    bool point;
    double cutoff;
    double self; /* T(0) - L(0), 1/A */
    struct vt_near_list list;
    double origin[3], unit;    /* A: of whole numbers */
    struct vt_near_atom *atom; /* [place], of vectors */
    double (*exact)[4];        /* [place]: x, y, z, charge; of doubles */
    double (*sums)[4];         /* [place]: field (E_i = force/(K_C q_i)) and potential */
    double (*row)[4];          /* [n_all]: the same */
    size_t atom_capacity, exact_capacity, sums_capacity, row_capacity;
};

static void choose_kernel(struct vt_near *near, const struct vt_near_settings *settings)
{
    const double accuracy = settings->kernel ? share * settings->accuracy : exact;
    vt_near_series_make(&near->series, settings->split, settings->target_alpha, accuracy);
    if (!settings->kernel || settings->accuracy < VT_NEAR_VECTOR_ACCURACY)
        return;
    int degree = VT_NEAR_LEAST_DEGREE;
    while (degree < near->series.degree)
        degree += 2;
    if (degree > VT_NEAR_MOST_DEGREE)
        return;
    near->series.degree = degree; /* coefficients beyond are 0 */
    near->kernel = vt_near_kernel(settings->kernel);
}

enum vt_code vt_near_create(struct vt_near **near, const struct vt_near_settings *settings,
                            struct vt_error *error)
{
    assert(near && settings && settings->split && settings->target_alpha >= 0);
    const enum vt_code code = vt_alloc(near, 1, sizeof **near, "pairs of charges", error);
    if (code)
        return code;
    const double alpha = settings->target_alpha;
    (*near)->cutoff = settings->split->cutoff;
    (*near)->point = alpha == 0;
    (*near)->self = 2 * alpha / sqrt(VT_PI) - vt_split_self(settings->split);
    choose_kernel(*near, settings);
    return VT_OK;
}

void vt_near_destroy(struct vt_near *near)
{
    if (!near)
        return;
    vt_near_list_destroy(&near->list);
    vt_free(near->atom);
    vt_free(near->exact);
    vt_free(near->sums);
    vt_free(near->row);
    vt_free(near);
}

struct vt_near_size vt_near_size(const struct vt_near *near)
{
    const struct vt_near_list *list = &near->list;
    return (struct vt_near_size){list->n_clusters, list->first ? list->first[list->n_clusters] : 0,
                                 near->series.degree, near->kernel != NULL};
}

/* For the evaluations to come. */
static enum vt_code make_room(struct vt_near *near, size_t n_all, struct vt_error *error)
{
    const size_t n = near->list.n_places;
    enum vt_code code =
        vt_reserve(&near->sums, &near->sums_capacity, n, sizeof *near->sums, "pairs", error);
    if (!code)
        code =
            vt_reserve(&near->row, &near->row_capacity, n_all, sizeof *near->row, "pairs", error);
    if (!code && near->kernel)
        code = vt_reserve(&near->atom, &near->atom_capacity, n, sizeof *near->atom, "pairs", error);
    if (!code && !near->kernel)
        code =
            vt_reserve(&near->exact, &near->exact_capacity, n, sizeof *near->exact, "pairs", error);
    return code;
}

enum vt_code vt_near_build(struct vt_near *near, const struct vt_domain *domain, double skin,
                           struct vt_error *error)
{
    assert(near && domain && skin >= 0);
    const enum vt_code code = vt_near_list_build(&near->list, domain, near->cutoff + skin, error);
    return code ? code : make_room(near, (size_t)domain->atoms.n_all, error);
}

/* ---- in double: one pair after the other ---- */

struct pair_terms {
    double potential, slope; /* phi(r) and -phi'(r)/r */
};

static struct pair_terms pair_terms(const struct vt_near *near, double squared)
{
    const struct vt_near_series *series = &near->series;
    const double t = 2 * squared / (near->cutoff * near->cutoff) - 1;
    struct pair_terms terms = {vt_near_series_sum(series->value, series->degree, t),
                               vt_near_series_sum(series->slope, series->degree - 1, t)};
    if (near->point) {
        const double inverse = 1 / sqrt(squared);
        terms.potential += inverse;
        terms.slope += inverse / squared;
    }
    return terms;
}

static void add_pair(struct vt_near *near, size_t i, size_t j)
{
    const double *a = near->exact[i], *b = near->exact[j];
    const double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
    const double squared = vt_dot(d, d);
    if (!(squared < near->cutoff * near->cutoff))
        return;
    const struct pair_terms terms = pair_terms(near, squared);
    for (int k = 0; k < 3; k++) {
        near->sums[i][k] += b[3] * terms.slope * d[k];
        near->sums[j][k] -= a[3] * terms.slope * d[k];
    }
    near->sums[i][3] += b[3] * terms.potential;
    near->sums[j][3] += a[3] * terms.potential;
}

static size_t atoms_of(const struct vt_near_list *list, size_t cluster)
{
    size_t n = VT_CLUSTER;
    while (list->row[cluster * VT_CLUSTER + n - 1] < 0)
        n--;
    return n;
}

static void add_exactly(struct vt_near *near)
{
    const struct vt_near_list *list = &near->list;
    for (size_t c = 0; c < list->n_clusters; c++) {
        const size_t n = atoms_of(list, c);
        for (size_t i = c * VT_CLUSTER; i < c * VT_CLUSTER + n; i++) {
            for (size_t j = i + 1; j < c * VT_CLUSTER + n; j++)
                add_pair(near, i, j);
            for (size_t e = list->first[c]; e < list->first[c + 1]; e++)
                add_pair(near, i, (size_t)list->entry[e]);
        }
    }
}

static void set_exact(struct vt_near *near, const struct vt_atoms *atoms, const double *charges)
{
    for (size_t place = 0; place < near->list.n_places; place++) {
        const int32_t row = near->list.row[place];
        if (row < 0)
            continue;
        memcpy(near->exact[place], atoms->position[row], sizeof atoms->position[row]);
        near->exact[place][3] = charges[row];
    }
}

/* ---- in vectors ---- */

/* The box around the extended brick, and the unit that makes it fit. */
static void set_scale(struct vt_near *near, const struct vt_domain *domain)
{
    const struct vt_halo_region *region = vt_halo_region(domain->halo);
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int corner = 0; corner < 8; corner++) {
        double f[3], x[3];
        for (int d = 0; d < 3; d++)
            f[d] = corner >> d & 1 ? region->high[d] + region->margin[d]
                                   : region->low[d] - region->margin[d];
        vt_cell_cartesian(&domain->cell, f, x);
        for (int d = 0; d < 3; d++) {
            low[d] = fmin(low[d], x[d]);
            high[d] = fmax(high[d], x[d]);
        }
    }
    double span = 0;
    for (int d = 0; d < 3; d++) {
        near->origin[d] = low[d];
        span = fmax(span, high[d] - low[d]);
    }
    near->unit = exp2(ceil(log2(span / full_scale)));
}

/* A quarter of the full scale beyond either end is allowed: differences fit. */
static void set_atoms(struct vt_near *near, const struct vt_atoms *atoms, const double *charges)
{
    const double scale = 1 / near->unit, low = -0.25 * full_scale, high = 1.25 * full_scale;
    for (size_t place = 0; place < near->list.n_places; place++) {
        const int32_t row = near->list.row[place];
        if (row < 0) {
            near->atom[place] = (struct vt_near_atom){{0}, 0};
            continue;
        }
        for (int d = 0; d < 3; d++) {
            const double x = (atoms->position[row][d] - near->origin[d]) * scale;
            assert(x > low && x < high);
            near->atom[place].x[d] = (int32_t)lrint(x);
        }
        near->atom[place].charge = (float)charges[row];
    }
}

/* Sums in units of length of the positions: collect() changes that. */
static void add_by_vectors(struct vt_near *near)
{
    const double unit = near->unit, cubed = unit * unit * unit, cutoff = near->cutoff / unit;
    struct vt_near_job job = {.list = &near->list,
                              .atom = near->atom,
                              .sums = near->sums,
                              .point = near->point,
                              .degree = near->series.degree,
                              .cutoff_squared = (float)(cutoff * cutoff),
                              .scale = (float)(2 / (cutoff * cutoff))};
    double value[VT_NEAR_MOST_DEGREE + 1], slope[VT_NEAR_MOST_DEGREE];
    vt_near_series_powers(near->series.value, near->series.degree, value);
    vt_near_series_powers(near->series.slope, near->series.degree - 1, slope);
    for (int n = 0; n <= near->series.degree; n++)
        job.value[n] = (float)(unit * value[n]);
    for (int n = 0; n < near->series.degree; n++)
        job.slope[n] = (float)(cubed * slope[n]);
    near->kernel->add(&job);
}

/* ---- both ---- */

static void add_pairs(struct vt_near *near, const struct vt_domain *domain, const double *charges)
{
    memset(near->sums, 0, near->list.n_places * sizeof *near->sums);
    if (near->kernel) {
        set_scale(near, domain);
        set_atoms(near, &domain->atoms, charges);
        add_by_vectors(near);
    } else {
        set_exact(near, &domain->atoms, charges);
        add_exactly(near);
    }
}

/* From places to rows, in angstrom, and the virial of all of them. */
static void collect(struct vt_near *near, const struct vt_domain *domain, const double *charges,
                    double virial[9])
{
    const struct vt_atoms *atoms = &domain->atoms;
    const double inverse = near->kernel ? 1 / near->unit : 1;
    double middle[3], sums[9] = {0};
    const double half[3] = {0.5, 0.5, 0.5};
    vt_cell_cartesian(&domain->cell, half, middle);
    memset(near->row + atoms->n_local, 0,
           (size_t)(atoms->n_all - atoms->n_local) * sizeof *near->row);
    for (size_t place = 0; place < near->list.n_places; place++) {
        const int32_t row = near->list.row[place];
        if (row < 0)
            continue;
        double x[3], force[3];
        for (int d = 0; d < 3; d++) {
            near->row[row][d] = inverse * inverse * near->sums[place][d];
            x[d] = atoms->position[row][d] - middle[d];
            force[d] = charges[row] * near->row[row][d];
        }
        near->row[row][3] = inverse * near->sums[place][3];
        vt_add_outer(sums, x, force);
    }
    for (int c = 0; c < 9; c++)
        virial[c] += VT_COULOMB * sums[c];
}

/* Local rows, each charge with itself included. */
static void give(const struct vt_near *near, size_t n, const double *charges,
                 struct vt_coulomb_sums *sums)
{
    for (size_t i = 0; i < n; i++) {
        const double potential = VT_COULOMB * (near->row[i][3] + near->self * charges[i]);
        const double energy = 0.5 * charges[i] * potential;
        sums->potentials[i] += potential;
        sums->energies[i] += energy;
        sums->energy += energy;
        for (int d = 0; d < 3; d++)
            sums->forces[i][d] += VT_COULOMB * charges[i] * near->row[i][d];
    }
}

void vt_near_add(struct vt_near *near, const struct vt_domain *domain, const double *charges,
                 struct vt_coulomb_sums *sums)
{
    assert(near && domain && charges && sums && !sums->virials);
    assert(near->list.n_clusters * VT_CLUSTER >= (size_t)domain->atoms.n_local);
    add_pairs(near, domain, charges);
    collect(near, domain, charges, sums->virial);
    vt_halo_reverse(domain->halo, &near->row[0][0], 4);
    give(near, (size_t)domain->atoms.n_local, charges, sums);
}
