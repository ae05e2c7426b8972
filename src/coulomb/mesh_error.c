/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With charges at random, the mean square error of the force on a charge is that of the reference
 * force R(k) of single waves and the mesh's (Hockney and Eastwood 1988; Ballenegger, Cerda, Holm
 * 2012). For forces by the gradient of the window, summed over the waves k of the mesh, their
 * aliases k_m, with R = (4 pi/(V k^2)) s:
 *
 *   sum over k of G^2 (sum over m of k_m^2 U_m^2) (sum over m of U_m^2)
 *               - 2 G sum over m of k_m^2 U_m^2 R_m + sum over m of k_m^2 R_m^2
 *
 * times (sum of q^2)^2/N. The sum over waves is done as an integral, by Gauss and Legendre. */
#include "coulomb/mesh_error.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mat3.h"
#include "base/units.h"
#include "coulomb/prolate.h"

enum { SUMMED = 3, NEAR = 1 };

/* Of an axis: at most these many waves one by one, or Gauss-Legendre nodes for more. */
enum { POINTS = 17, NODES = 12 };

/* Half of the nodes on (-1, 1) and their weights. */
static const double node[NODES / 2] = {0.1252334085114689, 0.3678314989981802, 0.5873179542866175,
                                       0.7699026741943047, 0.9041172563704749, 0.9815606342467193};
static const double weight[NODES / 2] = {0.2491470458134028, 0.2334925365383548,
                                         0.2031674267230659, 0.1600783285433462,
                                         0.1069393259953184, 0.0471753363865118};

double vt_split_error(const struct vt_split *split, const struct vt_charge_cloud *cloud)
{
    const double scale = cloud->squares / sqrt(cloud->n_atoms * cloud->cell.volume);
    if (split->kind == VT_SPLIT_GAUSS) /* pairs beyond the cutoff: Kolafa and Perram 1992 */
        return scale * 2 / sqrt(split->cutoff) * exp(-pow(split->alpha * split->cutoff, 2));
    /* Waves beyond the band, by Parseval from the norm of psi and the part that leaks. */
    const struct vt_legendre *psi = &split->spectrum;
    double norm = 0;
    for (int n = 0; n < psi->count; n++)
        norm += psi->term[n] * psi->term[n] / (2 * n + 1); /* from 0 to 1 */
    const double self = vt_split_self(split);              /* 1/(cutoff integral of psi) */
    const double leak = fmin(vt_prolate_leak(split->band), 1);
    return scale * self * sqrt(4 * VT_PI * split->cutoff * norm * leak);
}

double vt_target_error(double alpha, double cutoff, const struct vt_charge_cloud *cloud)
{
    const struct vt_split gauss = vt_split_gauss(alpha, cutoff);
    return vt_split_error(&gauss, cloud);
}

/* Waves along one axis, or nodes among them: how many waves each stands for, index of the wave
 * times 2 pi and U^2 at near aliases, and sums over many aliases of U^2 times powers of the index.
 */
struct axis {
    int points;
    double end;        /* 2 pi times the index where the spectrum has ended */
    bool edge[POINTS]; /* of the zone: such waves are left out by the mesh */
    double waves[POINTS];
    double index[POINTS][2 * NEAR + 1], square[POINTS][2 * NEAR + 1];
    double moment[POINTS][3];
};

static void set_point(struct axis *axis, const struct vt_window *window, int size, double index)
{
    assert(axis->points < POINTS);
    const int p = axis->points++;
    for (int m = -SUMMED; m <= SUMMED; m++) {
        const double q = index / size + m, u = vt_window_transform(window, q), square = u * u;
        const double k = 2 * VT_PI * size * q;
        axis->moment[p][0] += square;
        axis->moment[p][1] += square * k;
        axis->moment[p][2] += square * k * k;
        if (m >= -NEAR && m <= NEAR) {
            axis->index[p][m + NEAR] = k;
            axis->square[p][m + NEAR] = square;
        }
    }
}

/* k up to which the sum over waves goes: where a Gaussian spectrum is 1e-7. */
static double last_wave(const struct vt_split *split)
{
    return split->kind == VT_SPLIT_GAUSS ? 8 * split->alpha : split->k_max;
}

/* most: index of the last wave. */
static void set_axis(struct axis *axis, const struct vt_window *window, int size, double most)
{
    const double end = fmin(most, 0.5 * size);
    memset(axis, 0, sizeof *axis);
    axis->end = 2 * VT_PI * most;
    if (end < (POINTS + 1) / 2) {
        const int last = (int)end;
        for (int n = 2 * last == size ? 1 - last : -last; n <= last; n++) {
            axis->waves[axis->points] = 1;
            axis->edge[axis->points] = 2 * n == size;
            set_point(axis, window, size, n);
        }
        return;
    }
    for (int n = 0; n < NODES; n++) {
        axis->waves[n] = end * weight[n / 2];
        set_point(axis, window, size, (n % 2 ? end : -end) * node[n / 2]);
    }
}

struct problem {
    const struct vt_spectrum *spectrum;
    bool aliased; /* the spectrum reaches the edge of the zone */
    struct axis axis[3];
    double metric[3][3]; /* k^2 = index . metric . index */
};

/* Sum over aliases of k_m^2 U_m^2. */
static double gradient_power(const struct problem *problem, const int p[3])
{
    double sum = 0;
    for (int d = 0; d < 3; d++)
        for (int e = 0; e < 3; e++) {
            double product = problem->metric[d][e];
            for (int f = 0; f < 3; f++)
                product *= problem->axis[f].moment[p[f]][(f == d) + (f == e)];
            sum += product;
        }
    return sum;
}

/* Of one alias of a node: U^2, k_m^2 and V R(k_m); false where R = 0. */
struct alias {
    double square, k2, force;
};

static bool set_alias(const struct problem *problem, const int p[3], const int m[3],
                      struct alias *alias)
{
    double index[3], along[3];
    alias->square = 1;
    for (int d = 0; d < 3; d++) {
        const struct axis *axis = &problem->axis[d];
        index[d] = axis->index[p[d]][m[d]];
        if (fabs(index[d]) > axis->end)
            return false;
        alias->square *= axis->square[p[d]][m[d]];
    }
    vt_row_times_mat3(index, (const double(*)[3])problem->metric, along);
    alias->k2 = vt_dot(index, along);
    double slope;
    const double s = vt_spectrum_at(problem->spectrum, alias->k2, &slope);
    alias->force = alias->k2 > 0 ? 4 * VT_PI / alias->k2 * s : 0;
    return alias->force > 0;
}

enum { ITSELF = 13 }; /* of the 27 aliases */

/* Sums over the aliases of a node of k_m^2 U_m^2 V R(k_m), and of k_m^2 (V R(k_m))^2: itself and
 * the others. */
static void sum_aliases(const struct problem *problem, const int p[3], double *mixed,
                        double reference[2])
{
    *mixed = reference[0] = reference[1] = 0;
    for (int n = problem->aliased ? 0 : ITSELF; n < (problem->aliased ? 27 : ITSELF + 1); n++) {
        struct alias alias;
        if (!set_alias(problem, p, (const int[3]){n / 9, n / 3 % 3, n % 3}, &alias))
            continue;
        *mixed += alias.k2 * alias.square * alias.force;
        reference[n != ITSELF] += alias.k2 * alias.force * alias.force;
    }
}

/* Adds V^2 waves times the summands at one node: of the waves that the mesh has, of others. */
static void add_node(const struct problem *problem, const int p[3], double waves, double sum[2])
{
    static const int itself[3] = {NEAR, NEAR, NEAR};
    struct alias alias;
    double mixed, reference[2], power = 1;
    bool edge = false;
    for (int d = 0; d < 3; d++) {
        power *= problem->axis[d].moment[p[d]][0];
        edge = edge || problem->axis[d].edge[p[d]];
    }
    const bool there = set_alias(problem, p, itself, &alias);
    if (!there && !problem->aliased)
        return;
    sum_aliases(problem, p, &mixed, reference);
    sum[1] += waves * reference[1];
    if (edge || !there) {
        sum[1] += waves * reference[0];
        return;
    }
    const double g = alias.force * alias.square / (power * power);
    sum[0] += waves * (g * g * gradient_power(problem, p) * power - 2 * g * mixed + reference[0]);
}

static void set_problem(struct problem *problem, const struct vt_mesh_settings *settings,
                        const struct vt_cell *cell)
{
    const struct vt_window window =
        vt_window_make(settings->window, settings->width, settings->shape);
    problem->aliased = false;
    for (int d = 0; d < 3; d++) {
        struct axis *axis = &problem->axis[d];
        const int size = settings->size[d];
        const double most = last_wave(&settings->split) * vt_norm(cell->vector[d]) / (2 * VT_PI);
        problem->aliased = problem->aliased || 2 * most >= size;
        if (d > 0 && size == settings->size[d - 1] && axis[-1].end == 2 * VT_PI * most)
            *axis = axis[-1];
        else
            set_axis(axis, &window, size, most);
        for (int e = 0; e < 3; e++) {
            problem->metric[d][e] = 0;
            for (int a = 0; a < 3; a++)
                problem->metric[d][e] += cell->inverse[a][d] * cell->inverse[a][e];
        }
    }
}

static void sum_nodes(const struct problem *problem, double sum[2])
{
    const struct axis *axis = problem->axis;
    sum[0] = sum[1] = 0;
    for (int a = 0; a < axis[0].points; a++)
        for (int b = 0; b < axis[1].points; b++)
            for (int c = 0; c < axis[2].points; c++)
                add_node(problem, (const int[3]){a, b, c},
                         axis[0].waves[a] * axis[1].waves[b] * axis[2].waves[c], sum);
}

struct vt_mesh_errors vt_mesh_errors(const struct vt_mesh_settings *settings,
                                     const struct vt_spectrum *spectrum,
                                     const struct vt_charge_cloud *cloud)
{
    assert(cloud->n_atoms > 0 && cloud->squares >= 0 && cloud->cell.volume > 0);
    struct problem problem;
    struct vt_spectrum own;
    if (!spectrum)
        vt_spectrum_make(&own, &settings->split);
    problem.spectrum = spectrum ? spectrum : &own;
    set_problem(&problem, settings, &cloud->cell);
    double sum[2];
    sum_nodes(&problem, sum);
    const double scale = cloud->squares / cloud->cell.volume / sqrt(cloud->n_atoms);
    return (struct vt_mesh_errors){scale * sqrt(fmax(sum[0], 0)), scale * sqrt(sum[1])};
}

struct vt_mesh_errors vt_mesh_best_shape(struct vt_mesh_settings *settings,
                                         const struct vt_spectrum *spectrum,
                                         const struct vt_charge_cloud *cloud)
{
    if (settings->window == VT_WINDOW_SPLINE)
        return vt_mesh_errors(settings, spectrum, cloud);
    /* In units of the shape whose band just reaches the edge of the zone. */
    static const double golden = 0.6180339887498949;
    const double unit = 0.5 * VT_PI * (settings->width - 1);
    double low = 0.8, high = 2.2, x[2];
    struct vt_mesh_errors error[2];
    x[0] = high - golden * (high - low);
    x[1] = low + golden * (high - low);
    for (int k = 0; k < 2; k++) {
        settings->shape = unit * x[k];
        error[k] = vt_mesh_errors(settings, spectrum, cloud);
    }
    for (int round = 0; round < 7; round++) {
        const int better = error[1].kept < error[0].kept;
        if (better) {
            low = x[0];
            x[0] = x[1];
            error[0] = error[1];
            x[1] = low + golden * (high - low);
        } else {
            high = x[1];
            x[1] = x[0];
            error[1] = error[0];
            x[0] = high - golden * (high - low);
        }
        settings->shape = unit * x[better];
        error[better] = vt_mesh_errors(settings, spectrum, cloud);
    }
    const int best = error[1].kept < error[0].kept;
    settings->shape = unit * x[best];
    return error[best];
}
