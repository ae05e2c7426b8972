/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With N frames, sum_k |x(k+m) - x(k)|^2 = S1(m) - 2 S2(m): S1 is a running sum of squares, S2 the
 * autocorrelation, which is the transform of the power spectrum of the way padded with zeros
 * (Calandrini et al., Coll. SFN 12, 201 (2011)). Spectra add up over atoms, so the tensor costs
 * three transforms an atom and six in the end; one more an atom, back, gives its own MSD. */
#include "analysis/msd.h"

#include <assert.h>
#include <complex.h> /* before fftw3.h, which then has C's complex numbers */
#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/ranks.h"

enum { FEWEST_FRAMES = 4, GATHERED = 16, ORIGINS = 64, MOST_LAGS = 120 };

#define LAG_RATIO 1.15

static const int first_axis[VT_TENSOR] = {0, 1, 2, 0, 0, 1};
static const int second_axis[VT_TENSOR] = {0, 1, 2, 1, 2, 2};

/* Room for the transforms of one atom, and the sums over atoms. */
struct work {
    size_t n, length, n_waves;        /* frames, padded length, numbers of a spectrum */
    double (*ways)[3];                /* [GATHERED][n] */
    double *series;                   /* [length] */
    double complex *wave[3];          /* [n_waves] spectra of an atom's coordinates */
    double complex *back;             /* [n_waves] what is transformed back */
    double *own;                      /* [n] MSD of an atom */
    double complex *total[VT_TENSOR]; /* [n_waves] sums of the products of spectra */
    double *square[VT_TENSOR];        /* [n] sums of x_a x_b at each frame */
    double *sum, *sum2;               /* [n] of the atoms' own MSDs, and of their squares */
    double *moment;                   /* [2][n_lags]: sums of r^2 and r^4, for alpha2 */
    double *own_lags;                 /* [n_mine][n_lags] */
    fftw_plan forward, backward;
};

/* ---- sizes and room ---- */

/* The next length from n on that has no factors but 2, 3 and 5, and is even. */
static size_t padded(size_t n)
{
    for (size_t length = n + n % 2;; length += 2) {
        size_t rest = length;
        for (size_t factor = 2; factor <= 5; factor++)
            while (rest % factor == 0)
                rest /= factor;
        if (rest == 1)
            return length;
    }
}

static size_t choose_lags(size_t n_frames, size_t *lag)
{
    const size_t most = n_frames / 3 > 1 ? n_frames / 3 : 1;
    size_t n = 0;
    for (double next = 1; next <= (double)most && n < MOST_LAGS; next *= LAG_RATIO) {
        const size_t rounded = (size_t)lround(next);
        if (n == 0 || rounded > lag[n - 1])
            lag[n++] = rounded;
    }
    return n;
}

static enum vt_code allocate_results(struct vt_msd *msd, struct vt_error *error)
{
    enum vt_code code = VT_OK;
    for (int t = 0; t < VT_TENSOR && !code; t++)
        code = vt_alloc(&msd->tensor[t], msd->n_frames, sizeof(double), "the MSD", error);
    if (!code)
        code = vt_alloc(&msd->mean, msd->n_frames, sizeof(double), "the MSD", error);
    if (!code)
        code = vt_alloc(&msd->spread, msd->n_frames, sizeof(double), "the MSD", error);
    if (!code)
        code = vt_alloc(&msd->lag, MOST_LAGS, sizeof *msd->lag, "the lags", error);
    if (!code)
        code = vt_alloc(&msd->alpha2, MOST_LAGS, sizeof(double), "the lags", error);
    return code;
}

static enum vt_code allocate_waves(struct work *work, struct vt_error *error)
{
    enum vt_code code =
        vt_alloc(&work->series, work->length, sizeof *work->series, "transforms", error);
    for (int d = 0; d < 3 && !code; d++)
        code = vt_alloc(&work->wave[d], work->n_waves, sizeof *work->wave[d], "transforms", error);
    if (!code)
        code = vt_alloc(&work->back, work->n_waves, sizeof *work->back, "transforms", error);
    for (int t = 0; t < VT_TENSOR && !code; t++)
        code =
            vt_alloc(&work->total[t], work->n_waves, sizeof *work->total[t], "transforms", error);
    if (code)
        return code;
    work->forward =
        fftw_plan_dft_r2c_1d((int)work->length, work->series, work->wave[0], FFTW_ESTIMATE);
    work->backward =
        fftw_plan_dft_c2r_1d((int)work->length, work->back, work->series, FFTW_ESTIMATE);
    return work->forward && work->backward ? VT_OK
                                           : vt_fail(error, VT_MEMORY, "no memory for transforms");
}

static enum vt_code allocate_sums(struct work *work, size_t n_mine, size_t n_lags,
                                  struct vt_error *error)
{
    const size_t n = work->n;
    enum vt_code code = vt_alloc(&work->ways, GATHERED * n, sizeof *work->ways, "ways", error);
    if (!code)
        code = vt_alloc(&work->own, n, sizeof *work->own, "the MSD", error);
    for (int t = 0; t < VT_TENSOR && !code; t++)
        code = vt_alloc(&work->square[t], n, sizeof *work->square[t], "the MSD", error);
    if (!code)
        code = vt_alloc(&work->sum, n, sizeof *work->sum, "the MSD", error);
    if (!code)
        code = vt_alloc(&work->sum2, n, sizeof *work->sum2, "the MSD", error);
    if (!code)
        code = vt_alloc(&work->moment, 2 * n_lags, sizeof *work->moment, "the MSD", error);
    if (!code)
        code = vt_alloc(&work->own_lags, n_mine * n_lags, sizeof *work->own_lags, "the MSD", error);
    return code;
}

static void free_work(struct work *work)
{
    if (work->forward)
        fftw_destroy_plan(work->forward);
    if (work->backward)
        fftw_destroy_plan(work->backward);
    for (int d = 0; d < 3; d++)
        vt_free(work->wave[d]);
    for (int t = 0; t < VT_TENSOR; t++) {
        vt_free(work->total[t]);
        vt_free(work->square[t]);
    }
    vt_free(work->ways);
    vt_free(work->series);
    vt_free(work->back);
    vt_free(work->own);
    vt_free(work->sum);
    vt_free(work->sum2);
    vt_free(work->moment);
    vt_free(work->own_lags);
}

/* ---- one atom ---- */

/* About its mean, which loses less in the differences; nothing else depends on the origin. */
static void centre(size_t n, double (*way)[3])
{
    double mean[3] = {0};
    for (size_t k = 0; k < n; k++)
        for (int d = 0; d < 3; d++)
            mean[d] += way[k][d] / (double)n;
    for (size_t k = 0; k < n; k++)
        for (int d = 0; d < 3; d++)
            way[k][d] -= mean[d];
}

static void transform(struct work *work, const double (*way)[3])
{
    memset(work->series + work->n, 0, (work->length - work->n) * sizeof *work->series);
    for (int d = 0; d < 3; d++) {
        for (size_t k = 0; k < work->n; k++)
            work->series[k] = way[k][d];
        fftw_execute_dft_r2c(work->forward, work->series, work->wave[d]);
    }
    for (int t = 0; t < VT_TENSOR; t++) {
        const double complex *a = work->wave[first_axis[t]], *b = work->wave[second_axis[t]];
        for (size_t w = 0; w < work->n_waves; w++)
            work->total[t][w] += creal(a[w] * conj(b[w]));
    }
    for (int t = 0; t < VT_TENSOR; t++)
        for (size_t k = 0; k < work->n; k++)
            work->square[t][k] += way[k][first_axis[t]] * way[k][second_axis[t]];
}

/* (S1 - 2 S2)/(N - m) from the values at each frame whose running sums S1 is made of, and
 * work->back.
 */
static void finish_series(struct work *work, const double *square, double *out)
{
    const size_t n = work->n;
    fftw_execute_dft_c2r(work->backward, work->back, work->series);
    double s1 = 0;
    for (size_t k = 0; k < n; k++)
        s1 += 2 * square[k];
    for (size_t m = 0; m < n; m++) {
        if (m > 0)
            s1 -= square[m - 1] + square[n - m];
        out[m] = (s1 - 2 * work->series[m] / (double)work->length) / (double)(n - m);
    }
    out[0] = 0;
}

/* The atom's own MSD, into work->own; square: room for n values. */
static void compute_own(struct work *work, const double (*way)[3], double *square)
{
    for (size_t k = 0; k < work->n; k++)
        square[k] = way[k][0] * way[k][0] + way[k][1] * way[k][1] + way[k][2] * way[k][2];
    for (size_t w = 0; w < work->n_waves; w++) {
        double power = 0;
        for (int d = 0; d < 3; d++) {
            const double complex z = work->wave[d][w];
            power += creal(z) * creal(z) + cimag(z) * cimag(z);
        }
        work->back[w] = power;
    }
    finish_series(work, square, work->own);
    for (size_t m = 0; m < work->n; m++) {
        work->sum[m] += work->own[m];
        work->sum2[m] += work->own[m] * work->own[m];
    }
}

/* Sums of r^2 and r^4 at the chosen lags, over origins that are equally spaced. */
static void add_moments(struct work *work, const double (*way)[3], const struct vt_msd *msd)
{
    for (size_t l = 0; l < msd->n_lags; l++) {
        const size_t m = msd->lag[l], n_origins = work->n - m;
        const size_t stride = 1 + (n_origins - 1) / ORIGINS;
        double second = 0, fourth = 0;
        size_t n = 0;
        for (size_t k = 0; k < n_origins; k += stride, n++) {
            double r2 = 0;
            for (int d = 0; d < 3; d++) {
                const double dx = way[k + m][d] - way[k][d];
                r2 += dx * dx;
            }
            second += r2;
            fourth += r2 * r2;
        }
        work->moment[l] += second / (double)n;
        work->moment[msd->n_lags + l] += fourth / (double)n;
    }
}

static void add_atoms(struct work *work, const struct vt_tracks *tracks,
                      const struct vt_tracks_species *species, const struct vt_msd *msd,
                      double *square)
{
    for (size_t i = 0; i < species->n_mine; i++) {
        const size_t left = species->n_mine - i, slot = i % GATHERED;
        if (slot == 0)
            vt_tracks_get(tracks, species->first_track + i, left < GATHERED ? left : GATHERED,
                          work->ways);
        double(*way)[3] = work->ways + slot * work->n;
        add_moments(work, (const double(*)[3])way, msd);
        centre(work->n, way);
        transform(work, (const double(*)[3])way);
        compute_own(work, (const double(*)[3])way, square);
        for (size_t l = 0; l < msd->n_lags; l++)
            work->own_lags[i * msd->n_lags + l] = work->own[msd->lag[l]];
    }
}

/* ---- all atoms ---- */

static void sum_over_ranks(struct work *work, size_t n_lags, MPI_Comm comm)
{
    for (int t = 0; t < VT_TENSOR; t++) {
        vt_sum_over_ranks(comm, (double *)work->total[t], (int)(2 * work->n_waves));
        vt_sum_over_ranks(comm, work->square[t], (int)work->n);
    }
    vt_sum_over_ranks(comm, work->sum, (int)work->n);
    vt_sum_over_ranks(comm, work->sum2, (int)work->n);
    vt_sum_over_ranks(comm, work->moment, (int)(2 * n_lags));
}

static void finish_sums(struct vt_msd *msd, struct work *work)
{
    const double n_ions = (double)msd->n_ions;
    for (int t = 0; t < VT_TENSOR; t++) {
        memcpy(work->back, work->total[t], work->n_waves * sizeof *work->back);
        finish_series(work, work->square[t], msd->tensor[t]);
        for (size_t m = 0; m < msd->n_frames; m++)
            msd->tensor[t][m] /= n_ions;
    }
    for (size_t m = 0; m < msd->n_frames; m++) {
        msd->mean[m] = msd->tensor[0][m] + msd->tensor[1][m] + msd->tensor[2][m];
        const double own = work->sum[m] / n_ions;
        const double variance = (work->sum2[m] - n_ions * own * own) / fmax(n_ions - 1, 1);
        msd->spread[m] = fmax(variance, 0);
    }
    for (size_t l = 0; l < msd->n_lags; l++) {
        const double second = work->moment[l] / n_ions;
        const double fourth = work->moment[msd->n_lags + l] / n_ions;
        msd->alpha2[l] = second > 0 ? 3 * fourth / (5 * second * second) - 1 : 0;
    }
}

/* The atoms' own MSDs, to rank 0; the ranks hold them in the order of the atoms. */
static enum vt_code gather_own(struct vt_msd *msd, const double *mine, size_t n_mine, MPI_Comm comm,
                               struct vt_error *error)
{
    enum { TAG = 71 };
    const int rank = vt_rank(comm), size = vt_rank_count(comm);
    enum vt_code code = VT_OK;
    if (rank == 0)
        code = vt_alloc(&msd->of_ion, msd->n_ions * msd->n_lags, sizeof *msd->of_ion,
                        "the MSDs of the atoms", error);
    code = vt_agree(comm, code, 0, error);
    if (code)
        return code;
    if (rank > 0) {
        MPI_Send(mine, (int)(n_mine * msd->n_lags), MPI_DOUBLE, 0, TAG, comm);
        return VT_OK;
    }
    memcpy(msd->of_ion, mine, n_mine * msd->n_lags * sizeof *mine);
    for (int r = 1; r < size; r++) {
        const size_t first = vt_tracks_share(msd->n_ions, r, size),
                     end = vt_tracks_share(msd->n_ions, r + 1, size);
        MPI_Recv(msd->of_ion + first * msd->n_lags, (int)((end - first) * msd->n_lags), MPI_DOUBLE,
                 r, TAG, comm, MPI_STATUS_IGNORE);
    }
    return VT_OK;
}

static enum vt_code prepare(struct vt_msd *msd, struct work *work, size_t n_mine, double **square,
                            struct vt_error *error)
{
    *square = NULL;
    enum vt_code code = allocate_results(msd, error);
    if (code)
        return code;
    msd->n_lags = choose_lags(msd->n_frames, msd->lag);
    work->n = msd->n_frames;
    work->length = padded(2 * work->n);
    work->n_waves = work->length / 2 + 1;
    code = allocate_waves(work, error);
    if (!code)
        code = allocate_sums(work, n_mine, msd->n_lags, error);
    if (!code)
        code = vt_alloc(square, work->n, sizeof **square, "the MSD", error);
    return code;
}

enum vt_code vt_msd_compute(struct vt_msd *msd, const struct vt_tracks *tracks, size_t species,
                            MPI_Comm comm, struct vt_error *error)
{
    size_t n_species;
    const struct vt_tracks_species *mine = vt_tracks_species(tracks, &n_species) + species;
    assert(species < n_species);
    *msd = (struct vt_msd){
        .element = mine->element, .n_ions = mine->n_ions, .n_frames = vt_tracks_frames(tracks)};
    if (msd->n_frames < FEWEST_FRAMES)
        return vt_fail(error, VT_INPUT, "a mean square displacement needs %d frames, not %zu",
                       FEWEST_FRAMES, msd->n_frames);
    msd->spacing = vt_tracks_spacing(tracks);
    struct work work = {0};
    double *square = NULL;
    enum vt_code code = vt_agree(comm, prepare(msd, &work, mine->n_mine, &square, error), 0, error);
    if (!code) {
        add_atoms(&work, tracks, mine, msd, square);
        sum_over_ranks(&work, msd->n_lags, comm);
        finish_sums(msd, &work);
        code = gather_own(msd, work.own_lags, mine->n_mine, comm, error);
    }
    vt_free(square);
    free_work(&work);
    return code;
}

void vt_msd_destroy(struct vt_msd *msd)
{
    for (int t = 0; t < VT_TENSOR; t++)
        vt_free(msd->tensor[t]);
    vt_free(msd->mean);
    vt_free(msd->spread);
    vt_free(msd->lag);
    vt_free(msd->alpha2);
    vt_free(msd->of_ion);
    *msd = (struct vt_msd){0};
}
