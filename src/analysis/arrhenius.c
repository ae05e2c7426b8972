/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/arrhenius.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"

enum { STEPS_OF_T0 = 400, VFT_FEWEST = 5, BEND_FEWEST = 5 };

/* A linear model of the logarithms: columns of the design at a temperature. */
typedef void column_maker(double temperature, double parameter, double *columns);

/* The values, the errors that they have in a line, and room for fits. */
struct room {
    const struct vt_rate *rate;
    size_t n;
    const struct vt_arrhenius *errors;
    double *design, *y, *covariance;
};

static enum vt_code open_room(struct room *room, const struct vt_rate *rate, size_t n,
                              const struct vt_arrhenius *errors, struct vt_error *error)
{
    *room = (struct room){.rate = rate, .n = n, .errors = errors};
    enum vt_code code = vt_alloc(&room->design, VT_FIT_MOST * n, sizeof(double), "a fit", error);
    if (!code)
        code = vt_alloc(&room->y, n, sizeof(double), "a fit", error);
    if (!code)
        code = vt_alloc(&room->covariance, n * n, sizeof(double), "a fit", error);
    return code;
}

static void close_room(struct room *room)
{
    vt_free(room->design);
    vt_free(room->y);
    vt_free(room->covariance);
}

/* Variance of ln value: of the value itself, and between samples. */
static double variance_of(const struct vt_rate *rate, double between, double inflation)
{
    const double relative = rate->sigma / rate->value;
    return inflation * inflation * (relative * relative + between * between);
}

struct model {
    size_t n_columns;
    column_maker *make;
};

static enum vt_code fit(struct room *room, const struct model *model, double parameter,
                        struct vt_fit *result, struct vt_error *error)
{
    const size_t n = room->n, n_columns = model->n_columns;
    memset(room->covariance, 0, n * n * sizeof *room->covariance);
    for (size_t i = 0; i < n; i++) {
        const struct vt_rate *rate = &room->rate[i];
        model->make(rate->temperature, parameter, room->design + n_columns * i);
        room->y[i] = log(rate->value);
        room->covariance[i * n + i] =
            variance_of(rate, room->errors->between, room->errors->inflation);
    }
    const struct vt_points points = {n, n_columns, room->design, room->y, room->covariance};
    return vt_least_squares(&points, result, NULL, error);
}

static void line_columns(double temperature, double parameter, double *columns)
{
    (void)parameter;
    columns[0] = 1;
    columns[1] = -1 / (VT_BOLTZMANN * temperature);
}

/* t0 is the parameter. */
static void vft_columns(double temperature, double t0, double *columns)
{
    columns[0] = 1;
    columns[1] = -1 / (temperature - t0);
}

/* The bend is at the parameter: a line, and what is added below it. */
static void bend_columns(double temperature, double bend, double *columns)
{
    line_columns(temperature, 0, columns);
    columns[2] = temperature < bend ? -(1 / temperature - 1 / bend) / VT_BOLTZMANN : 0;
}

static const struct model straight = {2, line_columns}, vogel = {2, vft_columns},
                          bent = {3, bend_columns};

/* ---- values ---- */

static enum vt_code check_rates(const struct vt_rate *rate, size_t n, struct vt_error *error)
{
    for (size_t i = 0; i < n; i++) {
        if (!(rate[i].temperature > 0 && isfinite(rate[i].temperature)))
            return vt_fail(error, VT_INPUT, "value %zu has no temperature above zero", i + 1);
        if (!(rate[i].value > 0 && isfinite(rate[i].value)))
            return vt_fail(error, VT_INPUT, "the value at %g K is %g: it has no logarithm",
                           rate[i].temperature, rate[i].value);
        if (!(rate[i].sigma > 0 && isfinite(rate[i].sigma)))
            return vt_fail(error, VT_INPUT, "the error of the value at %g K is %g, not positive",
                           rate[i].temperature, rate[i].sigma);
    }
    return VT_OK;
}

static bool are_equal(double temperature_a, double temperature_b)
{
    return fabs(temperature_a - temperature_b) < 1e-3 * temperature_a;
}

/* Index of the first value of the same temperature. */
static size_t group_of(const struct vt_rate *rate, size_t i)
{
    size_t first = 0;
    while (!are_equal(rate[first].temperature, rate[i].temperature))
        first++;
    return first;
}

static size_t count_temperatures(const struct vt_rate *rate, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += group_of(rate, i) == i;
    return count;
}

static double variance_between(const struct vt_rate *rate, size_t n)
{
    double excess = 0, scale = 0; /* Q - freedom, and what a unit of variance adds to it */
    for (size_t g = 0; g < n; g++) {
        if (group_of(rate, g) != g)
            continue;
        double w = 0, w2 = 0, wy = 0, wyy = 0, count = 0;
        for (size_t i = g; i < n; i++) {
            if (group_of(rate, i) != g)
                continue;
            const double y = log(rate[i].value / rate[g].value);
            const double weight = 1 / variance_of(&rate[i], 0, 1);
            w += weight;
            w2 += weight * weight;
            wy += weight * y;
            wyy += weight * y * y;
            count++;
        }
        excess += wyy - wy * wy / w - (count - 1);
        scale += w - w2 / w;
    }
    return scale > 0 ? fmax(excess / scale, 0) : 0;
}

static double criterion(double chi2, size_t n, size_t n_parameters)
{
    if (n < n_parameters + 2)
        return INFINITY;
    const double k = (double)n_parameters;
    return chi2 + 2 * k + 2 * k * (k + 1) / ((double)n - k - 1);
}

/* ---- the line ---- */

enum vt_code vt_arrhenius_fit(struct vt_arrhenius *line, const struct vt_rate *rate, size_t n,
                              bool inflate, struct vt_error *error)
{
    *line = (struct vt_arrhenius){.inflation = 1};
    enum vt_code code = check_rates(rate, n, error);
    if (code)
        return code;
    line->n_temperatures = count_temperatures(rate, n);
    if (line->n_temperatures < 2)
        return vt_fail(error, VT_INPUT, "a line needs two temperatures, there %s %zu",
                       line->n_temperatures == 1 ? "is" : "are", line->n_temperatures);
    line->between = sqrt(variance_between(rate, n));
    struct room room;
    struct vt_fit result = {0};
    code = open_room(&room, rate, n, line, error);
    if (!code)
        code = fit(&room, &straight, 0, &result, error);
    if (!code && inflate && result.freedom > 0 && result.chi2 > (double)result.freedom) {
        line->inflation = sqrt(result.chi2 / (double)result.freedom);
        code = fit(&room, &straight, 0, &result, error);
    }
    close_room(&room);
    line->ln_prefactor = result.value[0];
    line->energy = result.value[1];
    for (int i = 0; i < 2; i++)
        memcpy(line->covariance[i], result.covariance[i], sizeof line->covariance[i]);
    line->chi2 = result.chi2;
    line->freedom = result.freedom;
    line->p = result.p;
    line->aicc = criterion(result.chi2, n, 2);
    return code;
}

double vt_arrhenius_at(const struct vt_arrhenius *line, double temperature, double *sigma)
{
    double column[2];
    line_columns(temperature, 0, column);
    double variance = 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            variance += column[i] * line->covariance[i][j] * column[j];
    *sigma = sqrt(variance);
    return line->ln_prefactor + line->energy * column[1];
}

/* ---- alternatives ---- */

static double lowest(const struct vt_rate *rate, size_t n)
{
    double least = INFINITY;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, rate[i].temperature);
    return least;
}

/* t0 by trial, from the Arrhenius law (0) to just below the lowest temperature. */
enum vt_code vt_vft_fit(struct vt_vft *vft, const struct vt_arrhenius *line,
                        const struct vt_rate *rate, size_t n, struct vt_error *error)
{
    *vft = (struct vt_vft){.chi2 = INFINITY, .aicc = INFINITY};
    if (line->n_temperatures < VFT_FEWEST)
        return VT_OK;
    struct room room;
    enum vt_code code = open_room(&room, rate, n, line, error);
    const double most = 0.98 * lowest(rate, n);
    for (int step = 0; step <= STEPS_OF_T0 && !code; step++) {
        struct vt_fit result;
        const double t0 = most * step / STEPS_OF_T0;
        code = fit(&room, &vogel, t0, &result, error);
        if (code || result.chi2 >= vft->chi2)
            continue;
        *vft = (struct vt_vft){true, result.value[0], result.value[1],
                               t0,   result.chi2,     criterion(result.chi2, n, 3)};
    }
    close_room(&room);
    return code;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The temperatures, each once, growing. */
static size_t sort_temperatures(const struct vt_rate *rate, size_t n, double *temperature)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (group_of(rate, i) == i)
            temperature[count++] = rate[i].temperature;
    qsort(temperature, count, sizeof *temperature, compare);
    return count;
}

/* A bend at each inner temperature: at least two lie on either side of it or at it. The best of
 * several trials is better than one would be by chance (Bonferroni). */
enum vt_code vt_bend_fit(struct vt_bend *bend, const struct vt_arrhenius *line,
                         const struct vt_rate *rate, size_t n, struct vt_error *error)
{
    *bend = (struct vt_bend){0};
    if (line->n_temperatures < BEND_FEWEST)
        return VT_OK;
    struct room room;
    double *temperature = NULL, best = INFINITY;
    enum vt_code code = open_room(&room, rate, n, line, error);
    if (!code)
        code = vt_alloc(&temperature, n, sizeof *temperature, "temperatures", error);
    const size_t count = code ? 0 : sort_temperatures(rate, n, temperature);
    for (size_t i = 1; i + 1 < count && !code; i++) {
        struct vt_fit result;
        code = fit(&room, &bent, temperature[i], &result, error);
        if (code || result.chi2 >= best)
            continue;
        best = result.chi2;
        *bend = (struct vt_bend){.is_known = true,
                                 .temperature = temperature[i],
                                 .energy_low = result.value[1] + result.value[2],
                                 .energy_high = result.value[1]};
    }
    if (bend->is_known)
        bend->p = fmin(1, (double)(count - 2) * vt_chi2_tail(line->chi2 - best, 1));
    vt_free(temperature);
    close_room(&room);
    return code;
}
