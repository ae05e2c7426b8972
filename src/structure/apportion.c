/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounding with a side condition: choose whole numbers n_e near the targets t_e with the least
 * sum of (n_e - t_e)^2, such that sum w_e n_e has a given value (w_e = charges: neutral; w_e = 1:
 * the number of atoms). Each n_e is the rounded target and a step of at most WINDOW; the best
 * choice for the first elements is kept for every value their steps can have made of the sum
 * (dynamic programming). Exact within the window, and of no cost worth naming. */
#include "structure/apportion.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { WINDOW = 8, LARGEST_FACTOR = 10000 };

/* Distance to a whole number that decimal fractions of a formula may have by rounding. */
static const double rounding = 1e-6;

static bool is_whole(double value)
{
    return fabs(value - nearbyint(value)) <= rounding;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b)
{
    assert(a >= 0 && b >= 0);
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool all_whole(const struct vt_formula *formula, double factor)
{
    for (int i = 0; i < formula->n; i++)
        if (!is_whole(factor * formula->amount[i]))
            return false;
    return true;
}

/* The formula with the smallest whole numbers; false if there is none with a factor up to
 * LARGEST_FACTOR. */
static bool smallest_whole(const struct vt_formula *formula, struct vt_formula *whole)
{
    int factor = 1;
    while (factor <= LARGEST_FACTOR && !all_whole(formula, factor))
        factor++;
    if (factor > LARGEST_FACTOR)
        return false;
    *whole = *formula;
    int64_t divisor = 0;
    for (int i = 0; i < formula->n; i++) {
        whole->amount[i] = nearbyint(factor * formula->amount[i]);
        if (whole->amount[i] < 1)
            return false;
        divisor = greatest_common_divisor((int64_t)whole->amount[i], divisor);
    }
    for (int i = 0; i < formula->n; i++)
        whole->amount[i] /= (double)divisor;
    return true;
}

struct rounding_task {
    int n;
    const double *target;
    int weight[VT_ELEMENTS];
    double start[VT_ELEMENTS]; /* rounded target, at least 1 */
    int reach;                 /* of the sum: -reach ... reach */
    double *cost[2];           /* [2 reach + 1] */
    signed char *step;         /* [n x (2 reach + 1)]: of each element on the best way there */
};

/* Extend the best choices by element e. */
static void add_element(struct rounding_task *task, int e)
{
    const double *before = task->cost[e % 2];
    double *after = task->cost[(e + 1) % 2];
    const int width = 2 * task->reach + 1;
    for (int s = 0; s < width; s++)
        after[s] = INFINITY;
    for (int k = 0; k <= 2 * WINDOW; k++) {
        const int step = k % 2 ? (k + 1) / 2 : -k / 2; /* 0, 1, -1, 2, ... */
        const double count = task->start[e] + step, off = count - task->target[e];
        const int shift = step * task->weight[e];
        for (int s = 0; s < width && count >= 1; s++) {
            if (before[s] == INFINITY || s + shift < 0 || s + shift >= width)
                continue;
            if (before[s] + off * off < after[s + shift]) {
                after[s + shift] = before[s] + off * off;
                task->step[e * width + s + shift] = (signed char)step;
            }
        }
    }
}

/* excess: what the steps must take away from the sum of the rounded targets. */
static enum vt_code solve(struct rounding_task *task, int excess, double *count,
                          struct vt_error *error)
{
    const int width = 2 * task->reach + 1;
    enum vt_code code =
        vt_alloc(&task->step, (size_t)(task->n * width), sizeof *task->step, "rounding", error);
    for (int k = 0; k < 2 && !code; k++)
        code = vt_alloc(&task->cost[k], (size_t)width, sizeof *task->cost[k], "rounding", error);
    if (code)
        goto done;
    for (int s = 0; s < width; s++)
        task->cost[0][s] = INFINITY;
    task->cost[0][task->reach] = 0;
    for (int e = 0; e < task->n; e++)
        add_element(task, e);
    int s = task->reach - excess;
    if (s < 0 || s >= width || task->cost[task->n % 2][s] == INFINITY) {
        code = vt_fail(error, VT_INPUT, "no whole numbers of atoms near the composition fit");
        vt_hint(error, "take more atoms");
        goto done;
    }
    for (int e = task->n - 1; e >= 0; e--) {
        const int step = task->step[e * width + s];
        count[e] = task->start[e] + step;
        s -= step * task->weight[e];
    }
done:
    vt_free(task->cost[0]);
    vt_free(task->cost[1]);
    vt_free(task->step);
    return code;
}

static enum vt_code round_counts(const struct vt_formula *target, const struct vt_charges *charges,
                                 int64_t n_atoms, struct vt_formula *counts, struct vt_error *error)
{
    assert(n_atoms > 0);
    struct rounding_task task = {.n = target->n, .target = target->amount};
    const bool neutral =
        vt_charges_all_known(charges, target) && vt_charges_neutral(charges, target);
    double sum = neutral ? 0 : -(double)n_atoms;
    for (int e = 0; e < task.n; e++) {
        task.weight[e] = neutral ? charges->charge[target->element[e]] : 1;
        task.start[e] = fmax(1, nearbyint(target->amount[e]));
        task.reach += WINDOW * abs(task.weight[e]);
        sum += task.weight[e] * task.start[e];
    }
    assert(fabs(sum) < 1e6);
    *counts = *target;
    return solve(&task, (int)sum, counts->amount, error);
}

enum vt_code vt_apportion(const struct vt_formula *formula, const struct vt_charges *charges,
                          int64_t n_atoms, struct vt_formula *counts, bool *exact,
                          struct vt_error *error)
{
    assert(formula->n > 0 && n_atoms > 0);
    const double wanted = (double)n_atoms;
    *exact = smallest_whole(formula, counts);
    if (*exact) {
        const double unit = vt_formula_total(counts), units = nearbyint(wanted / unit);
        *exact = units >= 1 && fabs(units * unit - wanted) <= VT_WHOLE_UNITS_WITHIN * wanted;
        for (int i = 0; i < counts->n && *exact; i++)
            counts->amount[i] *= units;
        if (*exact)
            return VT_OK;
    }
    struct vt_formula target = *formula;
    const double total = vt_formula_total(formula);
    int rarest = 0;
    for (int i = 0; i < target.n; i++) {
        target.amount[i] *= wanted / total;
        rarest = target.amount[i] < target.amount[rarest] ? i : rarest;
    }
    if (target.amount[rarest] < 0.5) {
        vt_fail(error, VT_INPUT, "%lld atoms are too few: %.3g of them would be %s",
                (long long)n_atoms, target.amount[rarest],
                vt_element_symbol(target.element[rarest]));
        vt_hint(error, "from %.0f atoms on there is one",
                ceil(0.5 * total / formula->amount[rarest]));
        return VT_INPUT;
    }
    return round_counts(&target, charges, n_atoms, counts, error);
}

enum vt_code vt_apportion_units(const struct vt_formula *formula, int64_t n_units,
                                struct vt_formula *counts, struct vt_error *error)
{
    assert(formula->n > 0 && n_units > 0);
    *counts = *formula;
    for (int i = 0; i < counts->n; i++) {
        const double amount = (double)n_units * formula->amount[i];
        counts->amount[i] = nearbyint(amount);
        if (!is_whole(amount) || counts->amount[i] < 1) {
            vt_fail(error, VT_INPUT, "%lld formula units have %.6g atoms of %s", (long long)n_units,
                    amount, vt_element_symbol(formula->element[i]));
            vt_hint(error, "choose a number of units that makes all amounts whole");
            return VT_INPUT;
        }
    }
    return VT_OK;
}
