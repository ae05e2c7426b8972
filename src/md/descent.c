/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With x = u F and strains that act as x -> x (1 + e), e = F^-1 dF, the derivatives of the enthalpy
 * H = E + p V are
 *
 *     -dH/du_i = f_i F^T            f_i: force on atom i
 *     -dH/dF   = F^-T (W - p V)     W = -dE/de: virial
 *
 * of which only the symmetric part is used. Every shape of a cell has a symmetric F (the other
 * factor is a rotation), so nothing is lost and nothing turns.
 *
 * Near a minimum the energy says nothing more: it changes by the square of the force, and sinks
 * below its rounding error when the force is still 1e-6 eV/A or so. Trials that close are judged by
 * the slope. So are those where the energy rises by no more than the steps in it that truncated
 * electrostatics have, or the way would end at the first of them; but never above the start. */
#include "md/descent.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/mat3.h"
#include "base/memory.h"
#include "base/ranks.h"

enum { N_TRIALS = 16 };

static const double largest_move = 0.2;    /* A, of an atom in one step */
static const double largest_strain = 0.05; /* of the cell in one step */
static const double enough = 1e-4;         /* of the fall that the slope promises */

/* Of the sum of |energies of the atoms|: rounding errors, and steps in an energy that is not quite
 * continuous (electrostatics cut off at some accuracy). */
static const double rounding = 1e-12, jumps = 1e-6;

static MPI_Comm comm_of(const struct vt_descent *descent)
{
    return descent->md->domain->grid.comm;
}

static size_t n_local(const struct vt_descent *descent)
{
    return (size_t)descent->md->domain->atoms.n_local;
}

static bool with_cell(const struct vt_descent *descent)
{
    return descent->settings.cell != VT_MINIMISE_FIXED;
}

/* ---- vectors */

struct vt_vector vt_descent_force(struct vt_descent *descent)
{
    assert(descent && descent->md);
    return (struct vt_vector){descent->force_rows, descent->force_cell};
}

struct vt_vector vt_descent_direction(struct vt_descent *descent)
{
    assert(descent && descent->md);
    return (struct vt_vector){descent->md->domain->atoms.velocity, descent->direction_cell};
}

void vt_descent_rest(struct vt_descent *descent)
{
    assert(descent && descent->md);
    memset(descent->md->domain->atoms.velocity, 0,
           n_local(descent) * sizeof *descent->md->domain->atoms.velocity);
}

double vt_descent_dot(const struct vt_descent *descent, struct vt_vector a, struct vt_vector b)
{
    assert(descent);
    assert(a.atom && b.atom);
    double sum = 0;
    for (size_t i = 0; i < n_local(descent); i++)
        sum += vt_dot(a.atom[i], b.atom[i]);
    vt_sum_over_ranks(comm_of(descent), &sum, 1);
    for (int c = 0; c < 9; c++)
        sum += a.cell[c] * b.cell[c];
    return sum;
}

void vt_descent_scale(const struct vt_descent *descent, struct vt_vector a, double factor)
{
    assert(descent);
    assert(isfinite(factor));
    for (size_t i = 0; i < n_local(descent); i++)
        for (int d = 0; d < 3; d++)
            a.atom[i][d] *= factor;
    for (int c = 0; c < 9; c++)
        a.cell[c] *= factor;
}

void vt_descent_add(const struct vt_descent *descent, struct vt_vector a, double factor,
                    struct vt_vector b)
{
    assert(descent);
    for (size_t i = 0; i < n_local(descent); i++)
        for (int d = 0; d < 3; d++)
            a.atom[i][d] += factor * b.atom[i][d];
    for (int c = 0; c < 9; c++)
        a.cell[c] += factor * b.cell[c];
}

/* Length of the longest row, over all ranks. */
static double longest(const struct vt_descent *descent, const double (*rows)[3])
{
    double square = 0;
    for (size_t i = 0; i < n_local(descent); i++)
        square = fmax(square, vt_dot(rows[i], rows[i]));
    if (comm_of(descent) != MPI_COMM_NULL)
        MPI_Allreduce(MPI_IN_PLACE, &square, 1, MPI_DOUBLE, MPI_MAX, comm_of(descent));
    return sqrt(square);
}

/* ---- evaluation */

/* What of the nine components the cell can follow. */
static void project(enum vt_minimise_cell cell, double t[9])
{
    const double mean = (t[0] + t[4] + t[8]) / 3;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b <= a; b++) {
            const double even = (t[3 * a + b] + t[3 * b + a]) / 2;
            double kept = 0;
            if (cell == VT_MINIMISE_ANISOTROPIC || (cell == VT_MINIMISE_ORTHORHOMBIC && a == b))
                kept = even;
            else if (cell == VT_MINIMISE_ISOTROPIC && a == b)
                kept = mean;
            t[3 * a + b] = t[3 * b + a] = kept;
        }
}

static void set_force_on_cell(struct vt_descent *descent, const double virial[9])
{
    const double volume = descent->md->domain->cell.volume;
    double inverse[3][3], net[3][3];
    vt_mat3_inverse((const double(*)[3])descent->deformation, inverse);
    for (int c = 0; c < 9; c++)
        net[c / 3][c % 3] = virial[c] - (c % 4 == 0 ? descent->settings.pressure * volume : 0);
    for (int a = 0; a < 3; a++) /* the inverse is symmetric, too */
        vt_row_times_mat3(inverse[a], (const double(*)[3])net, &descent->force_cell[3 * a]);
    project(descent->settings.cell, descent->force_cell);
    for (int c = 0; c < 9; c++)
        descent->force_cell[c] /= descent->cell_scale;
}

/* Force on the coordinates from the results of an evaluation. */
static enum vt_code set_force(struct vt_descent *descent, struct vt_error *error)
{
    const struct vt_results *results = vt_force_results(descent->md->force);
    enum vt_code code =
        vt_reserve(&descent->force_rows, &descent->force_rows_capacity, n_local(descent),
                   sizeof *descent->force_rows, "minimisation", error);
    code = vt_agree(comm_of(descent), code, 0, error);
    if (code)
        return code;
    memcpy(descent->force_rows, results->forces, n_local(descent) * sizeof *descent->force_rows);
    for (int32_t i = 0; i < (int32_t)n_local(descent); i++)
        if (vt_md_is_frozen(descent->md, i))
            memset(descent->force_rows[i], 0, sizeof *descent->force_rows);
    if (!with_cell(descent))
        return VT_OK;
    for (size_t i = 0; i < n_local(descent); i++)
        vt_row_times_mat3(results->forces[i], (const double(*)[3])descent->deformation,
                          descent->force_rows[i]);
    set_force_on_cell(descent, results->virial);
    return VT_OK;
}

static void set_report(struct vt_descent *descent)
{
    const struct vt_results *results = vt_force_results(descent->md->force);
    const double volume = descent->md->domain->cell.volume;
    struct vt_minimise_report *report = &descent->report;
    report->energy = report->enthalpy = results->energy;
    if (with_cell(descent))
        report->enthalpy += descent->settings.pressure * volume;
    report->largest_force = longest(
        descent, with_cell(descent) ? results->forces : (const double(*)[3])descent->force_rows);
    for (int c = 0; c < 9; c++)
        report->pressure[c] = results->virial[c] / volume;
}

/* The size of what the enthalpy is a sum of. */
static double scale_of(const struct vt_descent *descent)
{
    const double *energies = vt_force_results(descent->md->force)->energies;
    double sum = 0;
    for (size_t i = 0; i < n_local(descent); i++)
        sum += fabs(energies[i]);
    vt_sum_over_ranks(comm_of(descent), &sum, 1);
    const double work =
        with_cell(descent) ? descent->settings.pressure * descent->md->domain->cell.volume : 0;
    return sum + fabs(work);
}

/* *usable: false where there is no finite energy and force, or atoms are at the same place. */
static enum vt_code evaluate(struct vt_descent *descent, bool *usable, struct vt_error *error)
{
    *usable = false;
    descent->report.n_force_calls++;
    enum vt_code code = vt_md_evaluate(descent->md, error);
    if (!code)
        code = set_force(descent, error);
    if (code)
        return code;
    set_report(descent);
    const struct vt_vector force = vt_descent_force(descent);
    *usable = isfinite(descent->report.enthalpy) && isfinite(vt_descent_dot(descent, force, force));
    return VT_OK;
}

enum vt_code vt_descent_create(struct vt_descent *descent,
                               const struct vt_minimise_settings *settings, struct vt_md *md,
                               struct vt_error *error)
{
    assert(descent && settings && md);
    assert(settings->force > 0 && settings->n_steps >= 0);
    const struct vt_domain *domain = md->domain;
    const double n_atoms = (double)domain->n_global;
    *descent = (struct vt_descent){.md = md,
                                   .settings = *settings,
                                   .deformation = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
                                   .start_volume = domain->cell.volume};
    descent->cell_scale = sqrt(n_atoms) * cbrt(domain->cell.volume / n_atoms);
    bool usable;
    const enum vt_code code = evaluate(descent, &usable, error);
    if (code)
        return code;
    if (!usable) {
        vt_fail(error, VT_FAILED,
                "energy and forces at the start of a minimisation are not finite");
        vt_hint(error, "does the model know structures like this one?");
        return VT_FAILED;
    }
    vt_descent_rest(descent);
    descent->first = descent->lowest = descent->report.enthalpy;
    descent->scale = scale_of(descent);
    return VT_OK;
}

/* Integers are exact as doubles. */
struct memory {
    double deformation[3][3], direction_cell[9];
    double start_volume, cell_scale, first, lowest, scale;
    double n_steps, n_force_calls, verdict;
};
static_assert(sizeof(struct memory) == VT_DESCENT_STATE * sizeof(double), "as many as it says");

void vt_descent_save(const struct vt_descent *descent, double *numbers)
{
    assert(descent && numbers);
    struct memory memory = {.start_volume = descent->start_volume,
                            .cell_scale = descent->cell_scale,
                            .first = descent->first,
                            .lowest = descent->lowest,
                            .scale = descent->scale,
                            .n_steps = (double)descent->report.n_steps,
                            .n_force_calls = (double)descent->report.n_force_calls,
                            .verdict = descent->report.verdict};
    memcpy(memory.deformation, descent->deformation, sizeof memory.deformation);
    memcpy(memory.direction_cell, descent->direction_cell, sizeof memory.direction_cell);
    memcpy(numbers, &memory, sizeof memory);
}

enum vt_code vt_descent_resume(struct vt_descent *descent,
                               const struct vt_minimise_settings *settings, struct vt_md *md,
                               const double *numbers, struct vt_error *error)
{
    assert(descent && settings && md && numbers);
    struct memory memory;
    memcpy(&memory, numbers, sizeof memory);
    if (!(memory.verdict >= 0 && memory.verdict <= VT_MINIMISE_RUNAWAY))
        return vt_fail(error, VT_INPUT, "the state of the minimisation makes no sense");
    *descent = (struct vt_descent){.md = md,
                                   .settings = *settings,
                                   .start_volume = memory.start_volume,
                                   .cell_scale = memory.cell_scale,
                                   .first = memory.first,
                                   .lowest = memory.lowest,
                                   .scale = memory.scale};
    memcpy(descent->deformation, memory.deformation, sizeof memory.deformation);
    memcpy(descent->direction_cell, memory.direction_cell, sizeof memory.direction_cell);
    bool usable;
    const enum vt_code code = evaluate(descent, &usable, error);
    descent->report.n_steps = (int64_t)memory.n_steps;
    descent->report.n_force_calls = (int64_t)memory.n_force_calls;
    descent->report.verdict = (enum vt_minimise_verdict)(int)memory.verdict;
    return code;
}

void vt_descent_destroy(struct vt_descent *descent)
{
    vt_free(descent->force_rows);
    *descent = (struct vt_descent){0};
}

/* ---- the way down */

/* F^-1 dF of the cell's direction: the strain that a unit of length brings. */
static void strain_rate(const struct vt_descent *descent, double strain[3][3])
{
    double inverse[3][3], change[3][3];
    vt_mat3_inverse((const double(*)[3])descent->deformation, inverse);
    for (int c = 0; c < 9; c++)
        change[c / 3][c % 3] = descent->direction_cell[c] / descent->cell_scale;
    for (int a = 0; a < 3; a++)
        vt_row_times_mat3(inverse[a], (const double(*)[3])change, strain[a]);
}

double vt_descent_limit(struct vt_descent *descent, double length)
{
    assert(descent);
    assert(length > 0);
    const double move =
        length * longest(descent, (const double(*)[3])vt_descent_direction(descent).atom);
    double strain[3][3], most = 0;
    strain_rate(descent, strain);
    for (int c = 0; c < 9; c++)
        most = fmax(most, length * fabs(strain[c / 3][c % 3]));
    const double excess = fmax(move / largest_move, most / largest_strain);
    return excess > 1 ? length / excess : length;
}

/* By `length` along the direction, forwards or back. */
static enum vt_code move(struct vt_descent *descent, double length, struct vt_error *error)
{
    static const double unit[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    struct vt_atoms *atoms = &descent->md->domain->atoms;
    for (int32_t i = 0; i < atoms->n_local; i++) {
        double step[3];
        vt_row_times_mat3(atoms->velocity[i], (const double(*)[3])descent->deformation, step);
        for (int d = 0; d < 3; d++)
            atoms->position[i][d] += length * step[d];
    }
    if (!with_cell(descent))
        return VT_OK;
    double m[3][3];
    strain_rate(descent, m);
    for (int c = 0; c < 9; c++) {
        m[c / 3][c % 3] = unit[c / 3][c % 3] + length * m[c / 3][c % 3];
        descent->deformation[c / 3][c % 3] +=
            length * descent->direction_cell[c] / descent->cell_scale;
    }
    return vt_md_deform(descent->md, (const double(*)[3])m, unit, error);
}

/* A place along the way; known: it could be evaluated. */
struct place {
    double part, enthalpy, slope;
    bool known;
};

static enum vt_code look(struct vt_descent *descent, double length, struct place *at,
                         struct vt_error *error)
{
    assert(at);
    const enum vt_code code = evaluate(descent, &at->known, error);
    if (code == VT_INPUT) /* no place for atoms: the next trial is nearer to the start */
        return VT_OK;
    if (code || !at->known)
        return code;
    at->enthalpy = descent->report.enthalpy;
    at->slope =
        length * vt_descent_dot(descent, vt_descent_force(descent), vt_descent_direction(descent));
    return VT_OK;
}

static bool is_lower(const struct vt_descent *descent, const struct place *start,
                     const struct place *at)
{
    if (!at->known)
        return false;
    if (at->enthalpy <= start->enthalpy - enough * at->part * start->slope &&
        at->enthalpy <= descent->lowest)
        return true;
    const double ceiling =
        fmin(descent->lowest + jumps * descent->scale, descent->first + rounding * descent->scale);
    return at->enthalpy <= ceiling && fabs(at->slope) <= start->slope;
}

/* Where the parabola through the start has its minimum: through the slope at the trial if that
 * points back, else through the energy there; within bounds. */
static double nearer(const struct place *start, const struct place *at)
{
    double part = 0;
    if (at->known && at->slope < 0)
        part = start->slope / (start->slope - at->slope);
    else if (at->known)
        part = 0.5 * start->slope * at->part /
               (at->enthalpy - start->enthalpy + start->slope * at->part);
    return at->part * fmin(fmax(part, 0.1), 0.5);
}

enum vt_code vt_descent_go(struct vt_descent *descent, double length, double *part, double *slope,
                           struct vt_error *error)
{
    assert(descent && part && slope);
    const struct place start = {.enthalpy = descent->report.enthalpy,
                                .slope = length * vt_descent_dot(descent, vt_descent_force(descent),
                                                                 vt_descent_direction(descent)),
                                .known = true};
    struct place at = start;
    double next = start.slope > 0 ? 1 : 0;
    enum vt_code code = VT_OK;
    for (int trial = 0; trial < N_TRIALS && next > 0; trial++) {
        code = move(descent, (next - at.part) * length, error);
        at.part = next;
        if (!code)
            code = look(descent, length, &at, error);
        if (code)
            return code;
        if (is_lower(descent, &start, &at))
            break;
        next = trial + 1 < N_TRIALS ? nearer(&start, &at) : 0;
    }
    if (next <= 0 && at.part > 0) { /* back: as it was */
        code = move(descent, -at.part * length, error);
        at.part = 0;
        if (!code)
            code = evaluate(descent, &at.known, error);
    }
    *part = at.part;
    *slope = at.slope / length;
    if (descent->report.enthalpy < descent->lowest)
        descent->lowest = descent->report.enthalpy;
    return code;
}
