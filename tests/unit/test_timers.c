/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/timers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "balance.h"

static void test_clock(void **state)
{
    (void)state;
    struct vt_timers timers = {0};
    const int sleep = vt_timers_add(&timers, "sleep");
    const int idle = vt_timers_add(&timers, "idle");
    assert_int_equal(sleep, 0);
    assert_int_equal(idle, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vt_timers_enter(&timers, sleep), 0);
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        vt_timers_leave(&timers, 0);
        vt_timers_leave(&timers, vt_timers_enter(&timers, idle));
    }
    assert_int_equal(timers.timer[sleep].calls, 3);
    assert_true(timers.timer[sleep].nanoseconds >= 30000000);
    assert_true(timers.timer[sleep].nanoseconds < 30000000000);
    assert_true(timers.timer[idle].nanoseconds >= 0);
    assert_true(timers.timer[idle].nanoseconds < timers.timer[sleep].nanoseconds);
}

/* The time of an inner part is not the outer one's, which goes on afterwards. */
static void test_parts(void **state)
{
    (void)state;
    struct vt_timers timers = {0};
    const int whole = vt_timers_add(&timers, "whole"), part = vt_timers_add(&timers, "part");
    assert_int_equal(vt_timers_enter(&timers, whole), 0);
    const int outer = vt_timers_enter(&timers, part);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    assert_int_equal(vt_timers_enter(&timers, part), part + 1);
    vt_timers_leave(&timers, part + 1);
    vt_timers_leave(&timers, outer);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    vt_timers_leave(&timers, 0);
    assert_true(timers.timer[part].nanoseconds >= 20000000);
    assert_true(timers.timer[whole].nanoseconds >= 1000000);
    assert_true(timers.timer[whole].nanoseconds < timers.timer[part].nanoseconds);
    assert_int_equal(timers.timer[whole].calls, 1);
    assert_int_equal(timers.timer[part].calls, 2);

    assert_int_equal(vt_timers_enter(&timers, part), 0); /* alone */
    vt_timers_leave(&timers, 0);
    assert_int_equal(timers.running, 0);
    vt_timers_clear(&timers);
    assert_true(timers.timer[part].nanoseconds == 0 && timers.timer[part].calls == 0);
    assert_int_equal(timers.count, 2);
    vt_timers_leave(NULL, vt_timers_enter(NULL, 3));
}

static void leave_none(struct vt_timers *timers)
{
    vt_timers_leave(timers, 0);
}

static void leave_for_unknown(struct vt_timers *timers)
{
    vt_timers_enter(timers, 0);
    vt_timers_leave(timers, 3);
}

static void enter_unknown(struct vt_timers *timers)
{
    vt_timers_enter(timers, 2);
}

static void clear_while_one_runs(struct vt_timers *timers)
{
    vt_timers_enter(timers, 1);
    vt_timers_clear(timers);
}

static void add_too_many(struct vt_timers *timers)
{
    while (timers->count <= VT_TIMERS_MAX)
        vt_timers_add(timers, "more");
}

static bool aborts(void (*misuse)(struct vt_timers *timers))
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct vt_timers timers = {0};
        vt_timers_add(&timers, "a");
        vt_timers_add(&timers, "b");
        signal(SIGABRT, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        misuse(&timers);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_misuse(void **state)
{
    (void)state;
    assert_true(aborts(leave_none));
    assert_true(aborts(leave_for_unknown));
    assert_true(aborts(enter_unknown));
    assert_true(aborts(clear_while_one_runs));
    assert_true(aborts(add_too_many));
}

static void test_table(void **state)
{
    (void)state;
    struct vt_timers timers = {0};
    vt_timers_add(&timers, "force");
    vt_timers_add(&timers, "neighbour list");
    vt_timers_add(&timers, "never");
    const struct vt_timer_summary summary[] = {{1, 1.5, 2, 1.5}, {0.5, 0.5, 0.5, 10}, {0, 0, 0, 0}};
    char text[1000] = "";
    FILE *const file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    vt_timers_print(&timers, summary, file);
    fclose(file);
    assert_string_equal(
        text, "part                 min/s      mean/s       max/s  max/mean   share       calls\n"
              "force               1.0000      1.5000      2.0000      1.33   75.0%           2\n"
              "neighbour list      0.5000      0.5000      0.5000      1.00   25.0%          10\n"
              "never               0.0000      0.0000      0.0000      1.00    0.0%           0\n");
}

static void test_no_timers(void **state)
{
    (void)state;
    const struct vt_timers timers = {0};
    const struct vt_timer_summary summary = {0};
    char text[200] = "";
    FILE *const file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    vt_timers_print(&timers, &summary, file);
    fclose(file);
    assert_string_equal(text,
                        "part       min/s      mean/s       max/s  max/mean   share       calls\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock),     cmocka_unit_test(test_parts),
        cmocka_unit_test(test_misuse),    cmocka_unit_test(test_table),
        cmocka_unit_test(test_no_timers),
    };
    return VT_RUN_TESTS(tests);
}
