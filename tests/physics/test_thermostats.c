/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thermostats make the canonical ensemble. Statistics with fixed seeds: a bound is passed by chance
 * once in a thousand choices of a seed or less, and it is said where it is more. */
#include "../unit/balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "common/moving.h"
#include "common/near.h"

/* ---- the kinetic energy has the gamma distribution */

/* Regularised lower incomplete gamma function of half a whole number, by its recursion. */
static double gamma_below(double twice_shape, double x)
{
    const bool odd = fmod(twice_shape, 2) != 0;
    double a = odd ? 0.5 : 1, p = odd ? erf(sqrt(x)) : 1 - exp(-x);
    for (; a < 0.5 * twice_shape - 0.25; a++)
        p -= exp(a * log(x) - x - lgamma(a + 1));
    return p;
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov: the distance of n numbers from the distribution of the kinetic energy (in
 * units of kT), in units of what is exceeded with probability 1e-3. */
static double distance(double kinetic[], int n, double degrees)
{
    qsort(kinetic, (size_t)n, sizeof *kinetic, rising);
    double most = 0;
    for (int i = 0; i < n; i++) {
        const double p = gamma_below(degrees, kinetic[i]);
        most = fmax(most, fmax(p - (double)i / n, (double)(i + 1) / n - p));
    }
    const double root = sqrt(n);
    return most * (root + 0.12 + 0.11 / root) / 1.9495;
}

/* Samples are five relaxation times of the kinetic energy apart: correlated by less than 1 %. */
static void check_distribution(enum vt_thermostat thermostat, double time, uint32_t frozen,
                               double degrees)
{
    enum { SAMPLES = 1000, APART = 50 };
    const int n = frozen ? SAMPLES / 2 : SAMPLES;
    const double temperature = 500;
    const struct moving_options options = {.comm = MPI_COMM_NULL,
                                           .sites = {2, 2, 2},
                                           .timestep = 1,
                                           .temperature = temperature,
                                           .seed = 11};
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble_settings settings = moving_settings(thermostat, temperature, 1);
    settings.temperature_time = time;
    settings.frozen = frozen;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    static double kinetic[SAMPLES];
    moving_steps(ensemble, 1000);
    for (int i = 0; i < n; i++) {
        moving_steps(ensemble, APART);
        kinetic[i] = vt_md_kinetic_energy(&moving.md) / (VT_BOLTZMANN * temperature);
    }
    assert_true(distance(kinetic, n, degrees) < 1);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

static void test_bussi(void **state)
{
    (void)state;
    check_distribution(VT_BUSSI, 10, 0, 21);
}

/* Two free atoms have three degrees of freedom, where each counts most. The step is as long as the
 * relaxation time: the kinetic energy must still be right, and its memory exp(-1) from step to step
 * (known to 2 %; every third number is nearly independent). */
static void test_bussi_alone(void **state)
{
    (void)state;
    enum { STEPS = 6000, THIRD = STEPS / 3 };
    const double temperature = 500;
    const struct moving_options options = {.comm = MPI_COMM_NULL,
                                           .sites = {2, 1, 1},
                                           .free = true,
                                           .timestep = 10,
                                           .temperature = temperature,
                                           .seed = 14};
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble_settings settings = moving_settings(VT_BUSSI, temperature, 1);
    settings.temperature_time = options.timestep;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    static double kinetic[THIRD];
    double before = 0, product = 0;
    moving_steps(ensemble, 20);
    for (int i = 0; i < STEPS; i++) {
        moving_steps(ensemble, 1);
        const double now = vt_md_kinetic_energy(&moving.md) / (VT_BOLTZMANN * temperature);
        product += i > 0 ? (now - 1.5) * (before - 1.5) : 0;
        kinetic[i / 3] = before = now;
    }
    assert_near(product / STEPS / 1.5, exp(-1), 0.08);
    assert_true(distance(kinetic, THIRD, 3) < 1);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

static void test_nose_hoover(void **state)
{
    (void)state;
    check_distribution(VT_NOSE_HOOVER, 20, 0, 21);
}

static void test_langevin(void **state)
{
    (void)state;
    check_distribution(VT_LANGEVIN, 20, 0, 24);
}

/* Four atoms before a wall of four that is frozen: 12 degrees of freedom. */
static void test_frozen(void **state)
{
    (void)state;
    check_distribution(VT_BUSSI, 10, MOVING_WALL, 12);
    check_distribution(VT_NOSE_HOOVER, 20, MOVING_WALL, 12);
    check_distribution(VT_LANGEVIN, 20, MOVING_WALL, 12);
}

/* The yardstick itself: it knows the distribution, and sees 21 degrees of freedom taken for 24. */
static void test_yardstick(void **state)
{
    (void)state;
    assert_near(gamma_below(1, 0.5), 0.682689492137086, 1e-12); /* one sigma */
    assert_near(gamma_below(2, 1), 1 - exp(-1), 1e-15);
    assert_near(gamma_below(3, 0.5), 0.198748043098799, 1e-12);
    assert_near(gamma_below(4, 1), 1 - 2 * exp(-1), 1e-15);
    enum { SAMPLES = 1000 };
    static double kinetic[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        double low = 0, high = 100;
        for (int halved = 0; halved < 60; halved++) {
            const double middle = 0.5 * (low + high);
            *(gamma_below(21, middle) < (i + 0.5) / SAMPLES ? &low : &high) = middle;
        }
        kinetic[i] = low;
    }
    assert_true(distance(kinetic, SAMPLES, 21) < 0.1);
    assert_true(distance(kinetic, SAMPLES, 24) > 1);
}

/* ---- free particles in Langevin dynamics diffuse */

enum { FREE_SIDE = 8, FREE = FREE_SIDE * FREE_SIDE * FREE_SIDE };

static void add_squares(double squares[2], double to[FREE][3], double from[FREE][3])
{
    for (int i = 0; i < FREE; i++) {
        const int site[3] = {i / (FREE_SIDE * FREE_SIDE), i / FREE_SIDE % FREE_SIDE, i % FREE_SIDE};
        for (int d = 0; d < 3; d++)
            squares[(site[0] + site[1] + site[2]) % 2] +=
                (to[i][d] - from[i][d]) * (to[i][d] - from[i][d]);
    }
}

/* D = kT tau/m. In a window of t: 2 D (t - tau (1 - exp(-t/tau))) along each axis. The time step
 * adds (dt/tau)^2/12 < 0.1 %; with n displacements the mean square is known to sqrt(2/n) = 1.1 %.
 */
static void test_diffusion(void **state)
{
    (void)state;
    enum { WINDOWS = 20, LENGTH = 200 };
    const double temperature = 600, tau = 10;
    const struct moving_options options = {.comm = MPI_COMM_NULL,
                                           .sites = {FREE_SIDE, FREE_SIDE, FREE_SIDE},
                                           .free = true,
                                           .timestep = 1,
                                           .temperature = temperature,
                                           .seed = 12};
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble_settings settings = moving_settings(VT_LANGEVIN, temperature, 1);
    settings.temperature_time = tau;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    static double from[FREE][3], to[FREE][3], velocity[FREE][3];
    double squares[2] = {0};
    moving_gather(&moving, from, velocity);
    for (int w = 0; w < WINDOWS; w++) {
        moving_steps(ensemble, LENGTH);
        moving_gather(&moving, to, velocity);
        add_squares(squares, to, from);
        memcpy(from, to, sizeof from);
    }
    const double t = LENGTH, n = WINDOWS * FREE / 2 * 3;
    for (int type = 0; type < 2; type++) {
        const double d = VT_BOLTZMANN * temperature * tau / (moving_mass[type] * VT_AMU);
        const double expected = 2 * d * (t - tau * (1 - exp(-t / tau)));
        assert_near(squares[type] / n / expected, 1, 3.3 * sqrt(2 / n) + 1e-3);
    }
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

/* ---- ramps */

/* 189 degrees of freedom: at one moment the temperature is known to 10 %; the mean over twenty
 * relaxation times to about 4 %. In that time the target rises from 780 K. */
static void check_ramp(enum vt_thermostat thermostat)
{
    enum { STEPS = 1000, LAST = 200 };
    const struct moving_options options = {
        .comm = MPI_COMM_NULL, .sites = {4, 4, 4}, .timestep = 1, .temperature = 300, .seed = 13};
    struct moving moving;
    moving_create(&moving, &options);
    struct vt_ensemble_settings settings = moving_settings(thermostat, 300, STEPS);
    settings.temperature[1] = 900;
    settings.temperature_time = 20;
    struct vt_ensemble *ensemble = moving_ensemble(&moving, &settings);
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        moving_steps(ensemble, 1);
        if (i >= STEPS - LAST)
            sum += vt_md_temperature(&moving.md);
    }
    assert_near(sum / LAST, 840, 110);
    vt_ensemble_destroy(ensemble);
    moving_destroy(&moving);
}

static void test_ramp(void **state)
{
    (void)state;
    check_ramp(VT_BUSSI);
    check_ramp(VT_NOSE_HOOVER);
    check_ramp(VT_LANGEVIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yardstick),   cmocka_unit_test(test_bussi),
        cmocka_unit_test(test_bussi_alone), cmocka_unit_test(test_nose_hoover),
        cmocka_unit_test(test_langevin),    cmocka_unit_test(test_diffusion),
        cmocka_unit_test(test_frozen),      cmocka_unit_test(test_ramp),
    };
    return VT_RUN_TESTS(tests);
}
