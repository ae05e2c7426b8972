/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways whose diffusion coefficient is known: is the MSD that of all pairs of frames, and does the
 * stated error hold as often as it says? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/balance.h"
#include "analysis/diffusion.h"
#include "base/units.h"
#include "common/dice.h"

/* A kind of motion, with D = 1/2 a frame in each direction in the end. */
enum motion { BROWNIAN, PERSISTENT, CAGED, HOPPING, UNEVEN };

struct walk {
    enum motion motion;
    size_t n_ions, n_frames;
};

static double gauss(struct dice *dice)
{
    const double u = dice_real(dice, 0, 1), v = dice_real(dice, 0, 2 * VT_PI);
    return sqrt(-2 * log(1 - u)) * cos(v);
}

enum { MOST_IONS = 100 };

/* One atom on its way. */
struct walker {
    double place[3], velocity[3], rate;
};

static void step(struct walker *walker, enum motion motion, struct dice *dice, double shown[3])
{
    const double memory = 0.7;
    const bool hops = dice_real(dice, 0, 1) < 0.05;
    const int along = dice_int(dice, 0, 2);
    for (int d = 0; d < 3; d++) {
        const double kick = gauss(dice);
        switch (motion) {
        case PERSISTENT: /* velocities with a memory: their sum over all times has variance 1 */
            walker->velocity[d] = memory * walker->velocity[d] + (1 - memory) * kick;
            walker->place[d] += walker->velocity[d];
            break;
        case HOPPING: /* along one axis at a time */
            if (hops && d == along)
                walker->place[d] += (kick > 0 ? 1 : -1) * sqrt(3 / 0.05);
            break;
        default:
            walker->place[d] += sqrt(walker->rate) * kick;
        }
        shown[d] = walker->place[d] + (motion == CAGED ? 2 * gauss(dice) : 0);
    }
}

static void start(struct walker *walker, enum motion motion, struct dice *dice)
{
    *walker = (struct walker){.rate = 1};
    if (motion == UNEVEN)
        walker->rate = dice_real(dice, 0, 1) < 0.5 ? 0.1 : 1.9;
    for (int d = 0; d < 3; d++)
        walker->velocity[d] = sqrt(0.3 * 0.3 / (1 - 0.7 * 0.7)) * gauss(dice);
}

static struct vt_tracks *make_tracks(const struct walk *walk, struct dice *dice)
{
    struct vt_tracks *tracks;
    bool wanted[VT_ELEMENTS + 1] = {false};
    uint8_t element[MOST_IONS];
    double position[MOST_IONS][3];
    struct walker walker[MOST_IONS];
    wanted[3] = true;
    memset(element, 3, sizeof element);
    assert_int_equal(vt_tracks_create(&tracks, MPI_COMM_NULL, wanted, NULL), VT_OK);
    for (size_t i = 0; i < walk->n_ions; i++)
        start(&walker[i], walk->motion, dice);
    for (size_t k = 0; k < walk->n_frames; k++) {
        for (size_t i = 0; i < walk->n_ions; i++)
            step(&walker[i], walk->motion, dice, position[i]);
        const struct vt_snapshot snapshot = {.n = walk->n_ions,
                                             .element = element,
                                             .position = (const double(*)[3])position,
                                             .index = (int64_t)k,
                                             .time = (double)k};
        assert_int_equal(vt_tracks_add(tracks, &snapshot, NULL), VT_OK);
    }
    return tracks;
}

/* ---- the MSD ---- */

static void test_msd_is_the_mean_over_all_pairs_of_frames(void **state)
{
    (void)state;
    struct dice dice = {5};
    const struct walk walk = {BROWNIAN, 7, 150};
    struct vt_tracks *tracks = make_tracks(&walk, &dice);
    struct vt_msd msd = {0};
    assert_int_equal(vt_msd_compute(&msd, tracks, 0, MPI_COMM_NULL, NULL), VT_OK);
    assert_int_equal(msd.n_ions, 7);
    const size_t n = walk.n_frames;
    double(*way)[3] = test_malloc(7 * n * sizeof *way);
    vt_tracks_get(tracks, 0, 7, way);
    for (size_t m = 1; m < n; m++) {
        double tensor[VT_TENSOR] = {0}, own[7] = {0}, mean = 0, spread = 0;
        for (size_t i = 0; i < 7; i++)
            for (size_t k = 0; k + m < n; k++) {
                double dx[3];
                for (int d = 0; d < 3; d++)
                    dx[d] = way[i * n + k + m][d] - way[i * n + k][d];
                const double products[VT_TENSOR] = {dx[0] * dx[0], dx[1] * dx[1], dx[2] * dx[2],
                                                    dx[0] * dx[1], dx[0] * dx[2], dx[1] * dx[2]};
                for (int t = 0; t < VT_TENSOR; t++)
                    tensor[t] += products[t] / (7 * (double)(n - m));
                own[i] += (products[0] + products[1] + products[2]) / (double)(n - m);
            }
        for (size_t i = 0; i < 7; i++)
            mean += own[i] / 7;
        for (size_t i = 0; i < 7; i++)
            spread += (own[i] - mean) * (own[i] - mean) / 6;
        for (int t = 0; t < VT_TENSOR; t++)
            assert_true(fabs(tensor[t] - msd.tensor[t][m]) < 1e-9);
        assert_true(fabs(mean - msd.mean[m]) < 1e-9);
        assert_true(fabs(spread - msd.spread[m]) < 1e-9 * (1 + spread));
        for (size_t l = 0; l < msd.n_lags; l++)
            for (size_t i = 0; i < 7 && msd.lag[l] == m; i++)
                assert_true(fabs(own[i] - msd.of_ion[i * msd.n_lags + l]) < 1e-9);
    }
    test_free(way);
    vt_msd_destroy(&msd);
    vt_tracks_destroy(tracks);
}

static void test_alpha2_of_known_motions(void **state)
{
    (void)state;
    struct dice dice = {11};
    static const struct {
        struct walk walk;
        double expected, error;
    } cases[] = {{{BROWNIAN, 100, 1000}, 0, 0.05},
                 /* one hop: <r4> = h4/20, <r2> = h2/20, so that alpha2 = 3 * 20 / 5 - 1 */
                 {{HOPPING, 100, 1000}, 11, 0.8},
                 /* <rate^2> = 1.81 */
                 {{UNEVEN, 100, 1000}, 0.81, 0.1}};
    for (size_t c = 0; c < 3; c++) {
        struct vt_tracks *tracks = make_tracks(&cases[c].walk, &dice);
        struct vt_msd msd = {0};
        assert_int_equal(vt_msd_compute(&msd, tracks, 0, MPI_COMM_NULL, NULL), VT_OK);
        if (fabs(msd.alpha2[0] - cases[c].expected) > cases[c].error)
            fail_msg("case %zu: %g", c, msd.alpha2[0]);
        vt_msd_destroy(&msd);
        vt_tracks_destroy(tracks);
    }
}

/* ---- covariance ---- */

/* Brownian motion: the closed form for lag 1 is 2 * 3 * (2D)^2 / n, with n = frames - 1; and for
 * any lag the direct sum over all pairs of origins of the squared overlap. */
static void test_covariance_of_brownian_motion(void **state)
{
    (void)state;
    double mean[60];
    for (int m = 0; m < 60; m++)
        mean[m] = 3.0 * m;
    const struct vt_msd_model model = {mean, 1, 3};
    assert_true(fabs(vt_msd_covariance(&model, 50, 1, 1) - 6.0 / 49) < 1e-12);
    for (int a = 1; a < 20; a += 3)
        for (int b = a; b < 20; b += 4) {
            double sum = 0;
            for (int k = 0; k < 50 - a; k++)
                for (int l = 0; l < 50 - b; l++) {
                    const int from = k > l ? k : l, to = k + a < l + b ? k + a : l + b;
                    const double overlap = to > from ? to - from : 0;
                    sum += 6 * overlap * overlap / ((50.0 - a) * (50.0 - b));
                }
            assert_true(fabs(vt_msd_covariance(&model, 50, (size_t)a, (size_t)b) - sum) < 1e-9);
        }
}

/* ---- errors ---- */

struct coverage {
    int n, within_1, within_2, refused;
    double d, d2, sigma; /* sums */
};

static void try(struct coverage *coverage, const struct walk *walk, struct dice *dice)
{
    struct vt_tracks *tracks = make_tracks(walk, dice);
    struct vt_msd msd = {0};
    struct vt_diffusion diffusion;
    const struct vt_diffusion_options options = {0};
    assert_int_equal(vt_msd_compute(&msd, tracks, 0, MPI_COMM_NULL, NULL), VT_OK);
    assert_int_equal(vt_diffusion_compute(&diffusion, &msd, &options, NULL), VT_OK);
    const double off = fabs(diffusion.d - 0.5) / diffusion.sigma;
    coverage->n++;
    coverage->within_1 += off <= 1;
    coverage->within_2 += off <= 2;
    coverage->refused += !diffusion.is_diffusive;
    coverage->d += diffusion.d;
    coverage->d2 += diffusion.d * diffusion.d;
    coverage->sigma += diffusion.sigma;
    vt_msd_destroy(&msd);
    vt_tracks_destroy(tracks);
}

static void cover(const char *name, const struct walk *walk, int n, double allowed)
{
    struct dice dice = {walk->motion + 100};
    struct coverage sum = {0};
    for (int i = 0; i < n; i++)
        try(&sum, walk, &dice);
    const double one = 100.0 * sum.within_1 / n, two = 100.0 * sum.within_2 / n;
    const double mean = sum.d / n, spread = sqrt(sum.d2 / n - mean * mean);
    print_message(
        "%-10s %5d: %.1f %% within 1 sigma, %.1f %% within 2; D %.4f, spread %.4f, sigma %.4f, "
        "refused %d\n",
        name, n, one, two, mean, spread, sum.sigma / n, sum.refused);
    if (fabs(one - 68) > 2 * allowed || fabs(two - 95) > allowed || sum.refused > n / 50)
        fail_msg("%s: %.1f %% and %.1f %%", name, one, two);
}

static void test_errors_cover_the_truth(void **state)
{
    (void)state;
    cover("Brownian", &(struct walk){BROWNIAN, 12, 80}, 10000, 1);
    cover("persistent", &(struct walk){PERSISTENT, 40, 200}, 1000, 2); /* of 1000: 1.5 %, 0.7 % */
    cover("caged", &(struct walk){CAGED, 20, 200}, 1000, 2);
    cover("hopping", &(struct walk){HOPPING, 20, 300}, 1000, 2);
    cover("uneven", &(struct walk){UNEVEN, 60, 100}, 1000, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_msd_is_the_mean_over_all_pairs_of_frames),
        cmocka_unit_test(test_alpha2_of_known_motions),
        cmocka_unit_test(test_covariance_of_brownian_motion),
        cmocka_unit_test(test_errors_cover_the_truth),
    };
    return VT_RUN_TESTS(tests);
}
