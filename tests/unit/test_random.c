/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/random.h"

#include <math.h>
#include <string.h>

#include "balance.h"
#include "base/memory.h"
#include "base/units.h"

/* The known answers that come with the published generator. */
static void test_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], bits[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t bits[4];
        vt_philox(cases[i].counter, cases[i].key, bits);
        assert_memory_equal(bits, cases[i].bits, sizeof bits);
    }
}

/* What lands where in counter and key is part of what a seed means: runs must stay repeatable. */
static void test_layout(void **state)
{
    (void)state;
    const struct vt_random random = {0x01234567, 0x89abcdef};
    const struct vt_random_point point = {0xaaaabbbbccccU, 0x1111222233334444U, 0x5555};
    uint32_t bits[4];
    vt_philox((const uint32_t[4]){0xbbbbcccc, 0x5555aaaa, 0x33334444, 0x11112222},
              (const uint32_t[2]){0x01234567, 0x89abcdef}, bits);
    const uint64_t high = ((uint64_t)bits[0] << 32 | bits[1]) >> 12;
    const uint64_t low = ((uint64_t)bits[2] << 32 | bits[3]) >> 12;
    double values[2];
    vt_random_uniform(random, point, 2, values);
    assert_true(values[0] == ((double)high + 0.5) / 0x1p52);
    assert_true(values[1] == ((double)low + 0.5) / 0x1p52);

    double normal[2];
    vt_random_gaussian(random, point, 2, normal);
    assert_true(fabs(hypot(normal[0], normal[1]) - sqrt(-2 * log(values[0]))) < 1e-14);
    assert_true(fabs(remainder(atan2(normal[1], normal[0]) / (2 * VT_PI) - values[1], 1)) < 1e-14);
}

/* n numbers are the first n of more, and later draws go on where they end; nothing is written
 * behind them. */
static void test_counts(void **state)
{
    (void)state;
    void (*const fill[])(struct vt_random, struct vt_random_point, int,
                         double *) = {vt_random_uniform, vt_random_gaussian};
    const struct vt_random random = {1, 2};
    for (int f = 0; f < 2; f++) {
        double all[10], some[10], later[6];
        fill[f](random, (struct vt_random_point){3, 4, 5}, 10, all);
        for (int n = 0; n <= 9; n++) {
            some[n] = 42;
            fill[f](random, (struct vt_random_point){3, 4, 5}, n, some);
            assert_memory_equal(some, all, (size_t)n * sizeof *some);
            assert_true(some[n] == 42);
        }
        fill[f](random, (struct vt_random_point){3, 4, 7}, 6, later);
        assert_memory_equal(later, all + 4, sizeof later);
        fill[f](random, (struct vt_random_point){((uint64_t)1 << 48) - 1, UINT64_MAX, UINT16_MAX},
                2, some);
        assert_true(isfinite(some[0]) && isfinite(some[1]));
    }
}

enum { N = 200000 };

/* N numbers, ten of each of N / 10 atoms. */
static double *draw_many(void (*fill)(struct vt_random, struct vt_random_point, int, double *))
{
    double *values;
    assert_int_equal(vt_alloc(&values, N, sizeof *values, "numbers", NULL), VT_OK);
    for (int i = 0; i < N; i += 10)
        fill((struct vt_random){2026, 1}, (struct vt_random_point){7, (uint64_t)i, 0}, 10,
             values + i);
    return values;
}

static double mean_power(const double *values, int power)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += pow(values[i], power);
    return sum / N;
}

/* Tolerances are five standard deviations of the mean of N powers: sqrt((<x^2p> - <x^p>^2) / N). */
static void test_uniform(void **state)
{
    (void)state;
    enum { BINS = 100 };
    double *values = draw_many(vt_random_uniform);
    int bin[BINS] = {0};
    for (int i = 0; i < N; i++) {
        assert_true(values[i] > 0 && values[i] < 1);
        bin[(int)(BINS * values[i])]++;
    }
    double chi_square = 0;
    for (int b = 0; b < BINS; b++)
        chi_square += pow(bin[b] - (double)N / BINS, 2) * BINS / N;
    assert_true(fabs(chi_square - (BINS - 1)) < 5 * sqrt(2.0 * (BINS - 1)));
    for (int p = 1; p <= 4; p++) {
        const double mean = 1.0 / (p + 1), variance = 1.0 / (2 * p + 1) - mean * mean;
        assert_true(fabs(mean_power(values, p) - mean) < 5 * sqrt(variance / N));
    }
    vt_free(values);
}

static void test_gaussian(void **state)
{
    (void)state;
    /* <x^p> of the normal distribution: 0 for odd p, else (p - 1)!! */
    static const double moment[] = {1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395};
    double *values = draw_many(vt_random_gaussian);
    for (int p = 1; p <= 6; p++) {
        const double variance = moment[2 * p] - moment[p] * moment[p];
        assert_true(fabs(mean_power(values, p) - moment[p]) < 5 * sqrt(variance / N));
    }
    int beyond_two = 0, beyond_four = 0;
    for (int i = 0; i < N; i++) {
        beyond_two += fabs(values[i]) > 2;
        beyond_four += fabs(values[i]) > 4;
    }
    assert_true(fabs(beyond_two - N * erfc(sqrt(2.0))) < 5 * sqrt(N * erfc(sqrt(2.0))));
    assert_true(fabs(beyond_four - N * erfc(sqrt(8.0))) < 5 * sqrt(N * erfc(sqrt(8.0))));
    vt_free(values);
}

/* Numbers that differ in one of the five arguments by one are not correlated: nor the two of a
 * pair. */
static void test_independence(void **state)
{
    (void)state;
    enum { SAMPLES = 100000, NEIGHBOURS = 6 };
    double sum[NEIGHBOURS] = {0};
    for (uint32_t i = 0; i < SAMPLES; i++) {
        const uint32_t a = 2 * i;
        const struct vt_random random = {a, a};
        const struct vt_random_point point = {a, a, (uint16_t)(a % 1000)};
        double pair[2], other[NEIGHBOURS];
        vt_random_gaussian(random, point, 2, pair);
        struct vt_random changed = {a + 1, a};
        vt_random_gaussian(changed, point, 1, &other[0]);
        changed = (struct vt_random){a, a + 1};
        vt_random_gaussian(changed, point, 1, &other[1]);
        struct vt_random_point moved = {a + 1, a, point.draw};
        vt_random_gaussian(random, moved, 1, &other[2]);
        moved = (struct vt_random_point){a, a + 1, point.draw};
        vt_random_gaussian(random, moved, 1, &other[3]);
        moved = (struct vt_random_point){a, a, (uint16_t)(point.draw + 1)};
        vt_random_gaussian(random, moved, 1, &other[4]);
        other[5] = pair[1];
        for (int k = 0; k < NEIGHBOURS; k++)
            sum[k] += pair[0] * other[k];
    }
    for (int k = 0; k < NEIGHBOURS; k++)
        assert_true(fabs(sum[k] / SAMPLES) < 5 / sqrt(SAMPLES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers), cmocka_unit_test(test_layout),
        cmocka_unit_test(test_counts),        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_gaussian),      cmocka_unit_test(test_independence),
    };
    return VT_RUN_TESTS(tests);
}
