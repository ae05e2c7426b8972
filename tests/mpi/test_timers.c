/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/timers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Timers as if rank r had spent r + 1 seconds in one part, in r + 1 calls, and the same in another.
 */
static struct vt_timers fake_timers(int rank)
{
    struct vt_timers timers = {0};
    vt_timers_add(&timers, "force");
    vt_timers_add(&timers, "neighbour list");
    vt_timers_add(&timers, "never");
    timers.timer[0].nanoseconds = 1000000000 * (int64_t)(rank + 1);
    timers.timer[0].calls = rank + 1;
    timers.timer[1].nanoseconds = 500000000;
    timers.timer[1].calls = 10;
    return timers;
}

static void test_summary(void **state)
{
    (void)state;
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    const struct vt_timers timers = fake_timers(rank);
    struct vt_timer_summary summary[VT_TIMERS_MAX];
    assert_int_equal(vt_timers_summarise(&timers, MPI_COMM_WORLD, summary, NULL), VT_OK);
    const double mean = (ranks + 1) / 2.0;
    assert_true(fabs(summary[0].least - 1) < 1e-12);
    assert_true(fabs(summary[0].mean - mean) < 1e-12);
    assert_true(fabs(summary[0].most - ranks) < 1e-12);
    assert_true(fabs(summary[0].calls - mean) < 1e-12);
    assert_true(fabs(summary[1].mean - 0.5) < 1e-12);
    assert_true(summary[1].calls == 10);
    assert_true(summary[2].most == 0 && summary[2].least == 0 && summary[2].calls == 0);
}

static void test_no_timers(void **state)
{
    (void)state;
    const struct vt_timers timers = {0};
    struct vt_timer_summary summary[VT_TIMERS_MAX] = {{1, 2, 3, 4}};
    assert_int_equal(vt_timers_summarise(&timers, MPI_COMM_WORLD, summary, NULL), VT_OK);
    assert_true(summary[0].least == 1 && summary[0].calls == 4);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_no_timers),
    };
    MPI_Init(&argc, &argv);
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failures != 0;
}
