/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For Gaussian increments the covariance of squares is twice the square of the covariance, and that
 * of two increments follows from the MSD alone. The overlap of all pairs of origins makes the sum,
 * as in Qian, Sheetz and Elson, Biophys. J. 60, 910 (1991), for lines, and in Bullerjahn, von
 * Bulow and Hummer, J. Chem. Phys. 153, 024116 (2020), for lines with an offset. Here the MSD is
 * the measured one up to the start of the line, so that cages and ballistic flight are in it.
 *
 * The drawback: atoms are taken to be independent. Ions that hop in chains make the error too
 * small; sigma_ions has the same flaw. */
#include "analysis/diffusion.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/least_squares.h"
#include "base/memory.h"

enum { FEWEST_LAGS = 4, FEWEST_IONS = 8, ROUNDS = 3 };

#define WORST_P           0.01 /* a line that fits worse is none */
#define MARGIN            2
#define LARGEST_TRANSIENT 3    /* in errors: more is no line yet */
#define SMALLEST_RIDGE    1e-9 /* relative */
#define SIGNIFICANT       3    /* errors by which the spread of the atoms must differ to count */

static double model_msd(const struct vt_msd_model *model, long lag)
{
    const size_t m = (size_t)labs(lag), last = model->linear_from;
    return m <= last ? model->mean[m] : model->mean[last] + model->slope * (double)(m - last);
}

double vt_msd_covariance(const struct vt_msd_model *model, size_t n_frames, size_t lag_a,
                         size_t lag_b)
{
    assert(lag_a < n_frames && lag_b < n_frames);
    const long a = (long)lag_a, b = (long)lag_b, margin = (long)model->linear_from;
    const long n_a = (long)n_frames - a, n_b = (long)n_frames - b; /* origins */
    const long low = -b - margin > 1 - n_a ? -b - margin : 1 - n_a;
    const long high = a + margin < n_b - 1 ? a + margin : n_b - 1;
    double sum = 0;
    for (long s = low; s <= high; s++) {
        /* pairs of origins k, k + s */
        const long first = s < 0 ? -s : 0, last = n_b - 1 - s < n_a - 1 ? n_b - 1 - s : n_a - 1;
        const double c = (model_msd(model, a - s) + model_msd(model, s + b) -
                          model_msd(model, a - s - b) - model_msd(model, s)) /
                         6; /* of one direction: half of a third */
        if (last >= first)
            sum += (double)(last - first + 1) * c * c;
    }
    return 3 * 2 * sum / ((double)n_a * (double)n_b);
}

/* One line: the lags from `first` to `end`, and what is known of it. */
struct line {
    const struct vt_msd *msd;
    size_t first, n;               /* of the chosen lags */
    double *design, *y;            /* [n][2], [n] */
    double *covariance;            /* [n][n] of the mean over all atoms */
    double *weight;                /* [2][n] */
    double *curve;                 /* [n][3] design with a transient */
    double broadening, sigma_ions; /* of the slope */
    double p, transient;           /* of the line; in errors */
    double slope, intercept;       /* per lag, A^2 */
    struct vt_fit fit;
};

static const size_t *lags_of(const struct line *line)
{
    return line->msd->lag + line->first;
}

/* A start: the line through both ends, which must climb for a model to make sense. */
static void guess(struct line *line)
{
    const size_t *lag = lags_of(line), last = line->n - 1;
    const double climb = line->y[last] - line->y[0];
    const double least = 1e-6 * line->y[last] / (double)lag[last];
    line->slope = fmax(climb / (double)(lag[last] - lag[0]), least);
    line->intercept = line->y[0] - line->slope * (double)lag[0];
}

static void fill_covariance(struct line *line)
{
    const size_t *lag = lags_of(line), n = line->n;
    const struct vt_msd_model model = {line->msd->mean, lag[0], line->slope};
    const double n_ions = (double)line->msd->n_ions;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            line->covariance[i * n + j] = line->covariance[j * n + i] =
                vt_msd_covariance(&model, line->msd->n_frames, lag[i], lag[j]) / n_ions;
}

/* The generalised least squares. A measured MSD need not be that of any motion, nor its covariance
 * quite positive definite: then the diagonal is raised, by as little as helps. */
static enum vt_code solve(struct line *line, struct vt_error *error)
{
    const struct vt_points points = {line->n, 2, line->design, line->y, line->covariance};
    enum vt_code code = VT_FAILED;
    for (double ridge = SMALLEST_RIDGE; code && ridge < 1; ridge *= 100) {
        fill_covariance(line);
        for (size_t i = 0; i < line->n; i++)
            line->covariance[i * line->n + i] *= 1 + ridge;
        code = vt_least_squares(&points, &line->fit, line->weight, error);
        if (code && code != VT_FAILED)
            return code;
    }
    return code;
}

/* Standard error of the slope from those that the atoms would have by themselves; *uncertainty: of
 * its logarithm. */
static double error_from_ions(const struct line *line, double *uncertainty)
{
    const struct vt_msd *msd = line->msd;
    const double n_ions = (double)msd->n_ions, *weight = line->weight + line->n;
    double second = 0, fourth = 0;
    for (size_t i = 0; i < msd->n_ions; i++) {
        const double *own = msd->of_ion + i * msd->n_lags + line->first;
        double off = -line->fit.value[1];
        for (size_t l = 0; l < line->n; l++)
            off += weight[l] * own[l];
        second += off * off;
        fourth += off * off * off * off;
    }
    const double kurtosis = n_ions * fourth / (second * second);
    *uncertainty = sqrt(fmax(kurtosis - 1, 0) / n_ions) / 2;
    return sqrt(second / (n_ions * (n_ions - 1)));
}

/* Compare the model's error with that which the atoms show. */
static void broaden(struct line *line)
{
    double uncertainty;
    line->broadening = 1;
    line->sigma_ions = NAN;
    if (line->msd->n_ions < 2)
        return;
    line->sigma_ions = error_from_ions(line, &uncertainty);
    const double ratio = line->sigma_ions / sqrt(line->fit.covariance[1][1]);
    if (line->msd->n_ions >= FEWEST_IONS && fabs(log(ratio)) > SIGNIFICANT * uncertainty)
        line->broadening = ratio;
}

static void fill_design(struct line *line)
{
    const size_t *lag = lags_of(line);
    for (size_t i = 0; i < line->n; i++) {
        line->y[i] = line->msd->mean[lag[i]];
        line->design[2 * i] = 1;
        line->design[2 * i + 1] = (double)lag[i];
        line->curve[3 * i] = 1;
        line->curve[3 * i + 1] = (double)lag[i];
        line->curve[3 * i + 2] = exp(1 - (double)lag[i] / (double)lag[0]);
    }
}

/* Is there more than a line: a transient that dies away within the first lag's length, or anything?
 */
static enum vt_code test_line(struct line *line, struct vt_error *error)
{
    const struct vt_points points = {line->n, 3, line->curve, line->y, line->covariance};
    struct vt_fit curved;
    const enum vt_code code = vt_least_squares(&points, &curved, NULL, error);
    if (code)
        return code;
    const double wide = line->broadening * line->broadening;
    line->p = vt_chi2_tail(line->fit.chi2 / wide, line->fit.freedom);
    line->transient = fabs(curved.value[2]) / (line->broadening * sqrt(curved.covariance[2][2]));
    return VT_OK;
}

static enum vt_code fit_line(struct line *line, struct vt_error *error)
{
    fill_design(line);
    guess(line);
    for (int round = 0; round < ROUNDS; round++) {
        const enum vt_code code = solve(line, error);
        if (code)
            return code;
        line->intercept = line->fit.value[0];
        if (line->fit.value[1] <= 0)
            break; /* no model with that slope: the last one stands */
        line->slope = line->fit.value[1];
    }
    broaden(line);
    return test_line(line, error);
}

/* ---- where the line starts ---- */

static enum vt_code open_line(struct line *line, const struct vt_msd *msd, struct vt_error *error)
{
    const size_t n = msd->n_lags;
    *line = (struct line){.msd = msd};
    enum vt_code code = vt_alloc(&line->design, 2 * n, sizeof(double), "a fit", error);
    if (!code)
        code = vt_alloc(&line->y, n, sizeof(double), "a fit", error);
    if (!code)
        code = vt_alloc(&line->covariance, n * n, sizeof(double), "a fit", error);
    if (!code)
        code = vt_alloc(&line->weight, 2 * n, sizeof(double), "a fit", error);
    if (!code)
        code = vt_alloc(&line->curve, 3 * n, sizeof(double), "a fit", error);
    return code;
}

static void close_line(struct line *line)
{
    vt_free(line->design);
    vt_free(line->y);
    vt_free(line->covariance);
    vt_free(line->weight);
    vt_free(line->curve);
}

/* The chosen lags within the bounds: first and count. */
static enum vt_code bound(const struct vt_msd *msd, const struct vt_diffusion_options *options,
                          size_t *first, size_t *count, struct vt_error *error)
{
    const double half = msd->spacing / 2;
    size_t end = msd->n_lags;
    *first = 0;
    while (*first < end && (double)msd->lag[*first] * msd->spacing < options->fit_from - half)
        ++*first;
    while (options->fit_to > 0 && end > *first &&
           (double)msd->lag[end - 1] * msd->spacing > options->fit_to + half)
        end--;
    *count = end - *first;
    if (*count >= FEWEST_LAGS)
        return VT_OK;
    vt_fail(error, VT_INPUT, "the line would go through %zu lags of the MSD, it needs %d", *count,
            FEWEST_LAGS);
    vt_hint(error, "the trajectory is too short or the bounds of the fit too narrow: lags go from "
                   "the time between frames to a third of the whole time");
    return VT_INPUT;
}

static enum vt_code fit_from(struct line *line, size_t start, size_t end, bool *is_linear,
                             struct vt_error *error)
{
    line->first = start;
    line->n = end - start;
    const enum vt_code code = fit_line(line, error);
    *is_linear = !code && line->p > WORST_P && line->transient < LARGEST_TRANSIENT;
    return code;
}

/* The first start from which on the MSD is a line; else the last one possible. Where a start was
 * refused, what made it so has not gone at the first that is not: it has only sunk into the errors,
 * and would still bend the line. MARGIN times as late it has. */
static enum vt_code find_line(struct line *line, size_t first, size_t end, bool *is_linear,
                              struct vt_error *error)
{
    size_t start = first;
    enum vt_code code = fit_from(line, start, end, is_linear, error);
    while (!code && !*is_linear && start + 1 + FEWEST_LAGS <= end)
        code = fit_from(line, ++start, end, is_linear, error);
    if (code || start == first || !*is_linear)
        return code;
    const double wanted = MARGIN * (double)line->msd->lag[start];
    while (start + 1 + FEWEST_LAGS <= end && (double)line->msd->lag[start] < wanted)
        start++;
    return fit_from(line, start, end, is_linear, error);
}

/* ---- what follows from the line ---- */

static void fill_axes(struct vt_diffusion *diffusion, const struct line *line)
{
    for (int d = 0; d < 3; d++) {
        double slope = 0;
        for (size_t l = 0; l < line->n; l++)
            slope += line->weight[line->n + l] * line->msd->tensor[d][lags_of(line)[l]];
        diffusion->d_axis[d] = slope / (2 * line->msd->spacing);
    }
}

static void conclude(struct vt_diffusion *diffusion, const struct line *line)
{
    const struct vt_msd *msd = line->msd;
    const double per_lag = 1 / (6 * msd->spacing);
    diffusion->d = line->fit.value[1] * per_lag;
    diffusion->sigma = line->broadening * sqrt(line->fit.covariance[1][1]) * per_lag;
    diffusion->broadening = line->broadening;
    diffusion->sigma_ions = line->sigma_ions * per_lag;
    diffusion->intercept = line->fit.value[0];
    diffusion->fit_from = (double)lags_of(line)[0] * msd->spacing;
    diffusion->fit_to = (double)lags_of(line)[line->n - 1] * msd->spacing;
    diffusion->n_lags = line->n;
    diffusion->p = line->p;
    fill_axes(diffusion, line);
    diffusion->upper_bound = fmax(diffusion->d, 0) + 2 * diffusion->sigma;
    diffusion->is_diffusive = diffusion->is_linear && diffusion->d > 2 * diffusion->sigma;
}

enum vt_code vt_diffusion_compute(struct vt_diffusion *diffusion, const struct vt_msd *msd,
                                  const struct vt_diffusion_options *options,
                                  struct vt_error *error)
{
    *diffusion = (struct vt_diffusion){0};
    size_t first, count;
    enum vt_code code = bound(msd, options, &first, &count, error);
    if (code)
        return code;
    struct line line = {0};
    code = open_line(&line, msd, error);
    if (!code)
        code = (options->fit_from > 0 ? fit_from : find_line)(&line, first, first + count,
                                                              &diffusion->is_linear, error);
    if (!code)
        conclude(diffusion, &line);
    close_line(&line);
    return code;
}
