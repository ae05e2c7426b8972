/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain against its equations of motion (docs/theory.md 8.3), integrated another way. */
#include "md/chain.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "base/units.h"
#include "common/near.h"

enum { LINKS = 3, N = LINKS + 2 }; /* ln of the velocities' factor, heat, y */

static const struct vt_chain chain = {
    .length = LINKS, .degrees = 21, .temperature = 400, .time = 20};
static const double kinetic = 1.1; /* eV; at 400 K it would be 0.36 */

static void rates(const double x[N], double rate[N])
{
    const double kt = VT_BOLTZMANN * chain.temperature, *y = x + 2;
    double mass[LINKS], v[LINKS + 1] = {0};
    for (int k = 0; k < LINKS; k++) {
        mass[k] = (k ? 1 : chain.degrees) * kt * chain.time * chain.time;
        v[k] = y[k] / sqrt(mass[k]);
    }
    rate[0] = -v[0];
    rate[1] = kt * (chain.degrees * v[0] + v[1] + v[2]);
    for (int k = 0; k < LINKS; k++) {
        const double held =
            k ? y[k - 1] * y[k - 1] - kt : 2 * kinetic * exp(2 * x[0]) - chain.degrees * kt;
        rate[2 + k] = held / sqrt(mass[k]) - v[k + 1] * y[k];
    }
}

/* The classical fourth-order Runge-Kutta method, 10,000 steps: exact to round-off. */
static void exact(double time, double x[N])
{
    enum { STEPS = 10000 };
    static const double ahead[4] = {0, 0.5, 0.5, 1}, weight[4] = {1, 2, 2, 1};
    const double dt = time / STEPS;
    for (int s = 0; s < STEPS; s++) {
        double rate[N] = {0}, sum[N] = {0};
        for (int stage = 0; stage < 4; stage++) {
            double at[N];
            for (int i = 0; i < N; i++)
                at[i] = x[i] + ahead[stage] * dt * rate[i];
            rates(at, rate);
            for (int i = 0; i < N; i++)
                sum[i] += weight[stage] / 6 * rate[i];
        }
        for (int i = 0; i < N; i++)
            x[i] += dt * sum[i];
    }
}

/* Largest error over `time` in steps of dt. */
static double error_of(double time, double dt)
{
    double x[N] = {0}, state[VT_CHAIN_STATE] = {0}, factor = 1;
    exact(time, x);
    for (long n = lround(time / dt); n > 0; n--)
        factor *= vt_chain_act(&chain, kinetic * factor * factor, dt, state);
    double most = fabs(log(factor) - x[0]);
    for (int i = 1; i < N; i++)
        most = fmax(most, fabs(state[i - 1] - x[i]));
    assert_true(fabs(x[0]) > 0.1);
    return most;
}

/* As exact as its order says: 16 times for half the step. */
static void test_fourth_order(void **state)
{
    (void)state;
    const double coarse = error_of(40, 1), fine = error_of(40, 0.5);
    assert_true(coarse < 1e-5);
    assert_near(coarse / fine, 16, 4);
    assert_true(error_of(40, 0.1) < 1e-9);
}

/* What the kinetic energy loses, the chain has, also when the target changes in between. */
static void test_energy(void **state)
{
    (void)state;
    struct vt_chain rising = chain;
    double numbers[VT_CHAIN_STATE] = {0}, factor = 1;
    for (int step = 0; step < 1000; step++) {
        rising.temperature += 1;
        factor *= vt_chain_act(&rising, kinetic * factor * factor, 0.1, numbers);
        assert_near(kinetic * factor * factor + vt_chain_energy(numbers), kinetic, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fourth_order),
        cmocka_unit_test(test_energy),
    };
    return VT_RUN_TESTS(tests);
}
