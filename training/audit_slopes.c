/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between two frames that are nearly the same, energies differ by what forces and virials say.
 * Along the way from one to the other on which cell C (rows) and fractional coordinates s change
 * evenly,
 *
 *     dE/dt = - F . (ds C) - W : (C^-1 dC)
 *
 * and the mean of its two ends is E2 - E1 up to errors of third order. Over all such pairs
 * a least-squares fit gives a factor for each of the two terms, 1 if all units and signs are right.
 * A factor that is a known ratio of units tells which. */
#include <math.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "training/audit_parts.h"

enum {
    LOOK_BACK = 12, /* frames before a frame that are tried */
    FEWEST = 3      /* pairs that are believed */
};

static const double far_move = 0.35, far_strain = 0.04; /* A; 1 */
static const double tolerance = 0.25;                   /* of a factor that should be 1 */

/* Weighted sums of the normal equations of dE = - f A - v B. */
struct sums {
    size_t n;
    double aa, ab, bb, ea, eb, ee;
};

/* The strain of the way as seen from the cell at one of its ends. False: the cells are too
 * different. */
static bool strain_from(const double end[3][3], const double first[3][3], const double second[3][3],
                        double strain[9])
{
    double inverse[3][3], change[3][3], product[3][3], largest = 0;
    vt_mat3_inverse(end, inverse);
    for (int i = 0; i < 9; i++)
        change[i / 3][i % 3] = second[i / 3][i % 3] - first[i / 3][i % 3];
    vt_mat3_multiply((const double(*)[3])inverse, (const double(*)[3])change, product);
    for (int i = 0; i < 9; i++) {
        strain[i] = product[i / 3][i % 3];
        largest = fmax(largest, fabs(strain[i]));
    }
    return largest < far_strain;
}

/* W : strain at both ends, their mean. *largest: component of the strain. */
static bool work_of_strain(const struct vt_dataset_frame *first,
                           const struct vt_dataset_frame *second, double *work, double *largest)
{
    double at_first[9], at_second[9];
    const double(*c1)[3] = (const double(*)[3])first->cell;
    const double(*c2)[3] = (const double(*)[3])second->cell;
    *work = *largest = 0;
    if (!strain_from(c1, c1, c2, at_first) || !strain_from(c2, c1, c2, at_second))
        return false;
    for (int i = 0; i < 9; i++) {
        *work += 0.5 * (first->virial[i] * at_first[i] + second->virial[i] * at_second[i]);
        *largest = fmax(*largest, fabs(at_first[i]));
    }
    return true;
}

/* The changes of the fractional coordinates, without that of the whole, which moves nothing. */
struct moves {
    double to_first[3][3], to_second[3][3]; /* inverse cells */
    double mean[3];
};

static void move_of(const struct moves *moves, const struct vt_dataset_frame *first,
                    const struct vt_dataset_frame *second, size_t i, double ds[3])
{
    double s1[3], s2[3];
    vt_row_times_mat3(first->position[i], (const double(*)[3])moves->to_first, s1);
    vt_row_times_mat3(second->position[i], (const double(*)[3])moves->to_second, s2);
    for (int k = 0; k < 3; k++) {
        ds[k] = s2[k] - s1[k] - moves->mean[k];
        ds[k] -= round(ds[k]);
    }
}

static void find_mean(struct moves *moves, const struct vt_dataset_frame *first,
                      const struct vt_dataset_frame *second)
{
    double start[3], sum[3] = {0};
    vt_mat3_inverse((const double(*)[3])first->cell, moves->to_first);
    vt_mat3_inverse((const double(*)[3])second->cell, moves->to_second);
    move_of(moves, first, second, 0, start);
    memcpy(moves->mean, start,
           sizeof start); /* so that the others' images follow the first atom's */
    for (size_t i = 0; i < first->n_atoms; i++) {
        double ds[3];
        move_of(moves, first, second, i, ds);
        for (int k = 0; k < 3; k++)
            sum[k] += ds[k];
    }
    for (int k = 0; k < 3; k++)
        moves->mean[k] += sum[k] / (double)first->n_atoms;
}

/* Forces times moves at both ends, their mean. False: too far. *size: of the largest move. */
static bool work_of_moves(const struct vt_dataset_frame *first,
                          const struct vt_dataset_frame *second, double *work, double *size)
{
    struct moves moves = {.mean = {0}};
    find_mean(&moves, first, second);
    *work = *size = 0;
    for (size_t i = 0; i < first->n_atoms; i++) {
        double ds[3], move[2][3];
        move_of(&moves, first, second, i, ds);
        vt_row_times_mat3(ds, (const double(*)[3])first->cell, move[0]);
        vt_row_times_mat3(ds, (const double(*)[3])second->cell, move[1]);
        *size = fmax(*size, vt_norm(move[1]));
        if (*size > far_move)
            return false;
        *work += 0.5 * (vt_dot(first->force[i], move[0]) + vt_dot(second->force[i], move[1]));
    }
    return true;
}

static void add_pair(struct sums *sums, const struct vt_dataset_frame *first,
                     const struct vt_dataset_frame *second)
{
    double a = 0, b = 0, move = 0, largest = 0;
    if (first->n_atoms != second->n_atoms ||
        memcmp(first->type, second->type, first->n_atoms * sizeof *first->type) != 0 ||
        !work_of_strain(first, second, &b, &largest) || !work_of_moves(first, second, &a, &move))
        return;
    const bool is_strained = largest > 1e-7;
    if ((is_strained && !(first->has_virial && second->has_virial)) ||
        (!is_strained && move < 1e-4))
        return;
    const double e = second->energy - first->energy;
    const double weight = 1 / (a * a + b * b + e * e + 1e-12);
    sums->n++;
    sums->aa += weight * a * a;
    sums->ab += weight * a * b;
    sums->bb += weight * b * b;
    sums->ea -= weight * e * a;
    sums->eb -= weight * e * b;
    sums->ee += weight * e * e;
}

/* Solve for both factors, or for one where the other term plays no part. A factor counts as
 * determined if its error, from what the fit leaves, is small. */
static void solve(const struct sums *sums, struct vt_audit_slopes *slopes)
{
    const double determinant = sums->aa * sums->bb - sums->ab * sums->ab;
    const bool both = determinant > 1e-6 * sums->aa * sums->bb && sums->bb > 0;
    slopes->n_pairs = sums->n;
    if (sums->n < FEWEST || !(sums->aa > 0 || sums->bb > 0))
        return;
    double error_force = INFINITY, error_virial = INFINITY;
    if (both) {
        slopes->force = (sums->ea * sums->bb - sums->eb * sums->ab) / determinant;
        slopes->virial = (sums->eb * sums->aa - sums->ea * sums->ab) / determinant;
        error_force = sqrt(sums->bb / determinant);
        error_virial = sqrt(sums->aa / determinant);
    } else if (sums->aa > sums->bb) {
        slopes->force = sums->ea / sums->aa;
        error_force = sqrt(1 / sums->aa);
    } else {
        slopes->virial = sums->eb / sums->bb;
        error_virial = sqrt(1 / sums->bb);
    }
    const double left = sums->ee - slopes->force * sums->ea - slopes->virial * sums->eb;
    const double sigma = sqrt(fmax(left, 0) / (double)sums->n);
    slopes->has_force = sigma * error_force < 0.1 * fabs(slopes->force);
    slopes->has_virial = sigma * error_virial < 0.1 * fabs(slopes->virial);
}

struct ratio {
    double factor;
    const char *text;
};

/* What a factor tells; NULL: nothing known. */
static const char *explain(const struct ratio *ratios, double factor)
{
    for (; ratios->text; ratios++)
        if (fabs(factor / ratios->factor - 1) < 0.12)
            return ratios->text;
    return NULL;
}

static const char *explain_force(double factor)
{
    static const struct ratio ratios[] = {
        {-1, "their sign is wrong: they are gradients"},
        {VT_HARTREE / VT_BOHR, "they look like Ha/bohr (1 Ha/bohr = 51.42 eV/A)"},
        {0.5 * VT_HARTREE / VT_BOHR, "they look like Ry/bohr (1 Ry/bohr = 25.71 eV/A)"},
        {1 / VT_BOHR, "energies look like Ha and forces like Ha/bohr"},
        {1 / VT_HARTREE, "the energies look like Ha (1 Ha = 27.21 eV)"},
        {2 / VT_HARTREE, "the energies look like Ry (1 Ry = 13.61 eV)"},
        {1 / 23.0605, "the forces look like kcal/(mol A) beside eV"},
        {23.0605, "the energies look like kcal/mol"},
        {96.4853, "the energies look like kJ/mol"},
        {VT_BOHR, "lengths look like bohr"},
        {0, NULL}};
    return explain(ratios, factor);
}

static const char *explain_virial(double factor)
{
    static const struct ratio ratios[] = {
        {-1, "the sign is wrong: virials are positive where the cell is compressed, stresses where "
             "it is stretched"},
        {1 / VT_GPA_PER_PRESSURE, "the stresses look like GPa"},
        {-1 / VT_GPA_PER_PRESSURE, "the stresses look like GPa, with the wrong sign"},
        {0.1 / VT_GPA_PER_PRESSURE, "the stresses look like kbar"},
        {-0.1 / VT_GPA_PER_PRESSURE, "the stresses look like kbar, with the sign of a pressure"},
        {VT_HARTREE, "the virials look like Ha (1 Ha = 27.21 eV)"},
        {-VT_HARTREE, "the virials look like Ha, with the wrong sign"},
        {0, NULL}};
    return explain(ratios, factor);
}

static enum vt_code judge(struct vt_audit *audit, struct vt_error *error)
{
    static const char unknown[] = "units or signs are wrong, or the labels noisy";
    const struct vt_audit_slopes *slopes = &audit->slopes;
    enum vt_code code = VT_OK;
    if (slopes->has_force && fabs(slopes->force - 1) > tolerance) {
        const char *text = explain_force(slopes->force);
        code = vt_audit_add(audit, VT_AUDIT_FORCES_DISAGREE, NULL, error,
                            "energies change %.3g times as much as the forces say (%zu pairs of "
                            "like frames): %s",
                            slopes->force, slopes->n_pairs, text ? text : unknown);
    }
    if (!code && slopes->has_virial && fabs(slopes->virial - 1) > tolerance) {
        const char *text = explain_virial(slopes->virial);
        code = vt_audit_add(audit, VT_AUDIT_VIRIALS_DISAGREE, NULL, error,
                            "energies change %.3g times as much as the virials say (%zu pairs of "
                            "like frames): %s",
                            slopes->virial, slopes->n_pairs, text ? text : unknown);
    }
    return code;
}

enum vt_code vt_audit_slopes(struct vt_audit *audit, const struct vt_dataset *set,
                             struct vt_error *error)
{
    struct sums sums = {0};
    for (size_t i = 1; i < set->n_frames; i++)
        for (size_t back = 1; back <= LOOK_BACK && back <= i; back++)
            add_pair(&sums, &set->frame[i - back], &set->frame[i]);
    solve(&sums, &audit->slopes);
    return judge(audit, error);
}
