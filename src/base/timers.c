/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/timers.h"

#include <assert.h>
#include <string.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec time;
    const int status = clock_gettime(CLOCK_MONOTONIC, &time);
    assert(status == 0);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int vt_timers_add(struct vt_timers *timers, const char *name)
{
    assert(timers && name && timers->count < VT_TIMERS_MAX);
    timers->timer[timers->count].name = name;
    return timers->count++;
}

/* Book the time since the last change, and let another timer run. */
static void change(struct vt_timers *timers, int running)
{
    const int64_t time = now();
    if (timers->running)
        timers->timer[timers->running - 1].nanoseconds += time - timers->started;
    timers->running = running;
    timers->started = time;
}

int vt_timers_enter(struct vt_timers *timers, int index)
{
    if (!timers)
        return 0;
    assert(index >= 0 && index < timers->count);
    const int outer = timers->running;
    change(timers, index + 1);
    timers->timer[index].calls++;
    return outer;
}

void vt_timers_leave(struct vt_timers *timers, int outer)
{
    if (!timers)
        return;
    assert(timers->running > 0 && outer >= 0 && outer <= timers->count);
    change(timers, outer);
}

void vt_timers_clear(struct vt_timers *timers)
{
    assert(timers && timers->running == 0);
    for (int i = 0; i < timers->count; i++)
        timers->timer[i].nanoseconds = timers->timer[i].calls = 0;
}

/* The maximum of the negative is the least, so that two reductions do for least, most and the two
 * means. */
enum vt_code vt_timers_summarise(const struct vt_timers *timers, MPI_Comm comm,
                                 struct vt_timer_summary summary[VT_TIMERS_MAX],
                                 struct vt_error *error)
{
    assert(timers && timers->running == 0 && summary);
    double extremes[2 * VT_TIMERS_MAX] = {0}, sums[2 * VT_TIMERS_MAX] = {0};
    for (int i = 0; i < timers->count; i++) {
        const double seconds = 1e-9 * (double)timers->timer[i].nanoseconds;
        extremes[i] = seconds;
        extremes[VT_TIMERS_MAX + i] = -seconds;
        sums[i] = seconds;
        sums[VT_TIMERS_MAX + i] = (double)timers->timer[i].calls;
    }
    int ranks;
    if (MPI_Comm_size(comm, &ranks) != MPI_SUCCESS ||
        MPI_Allreduce(MPI_IN_PLACE, extremes, 2 * VT_TIMERS_MAX, MPI_DOUBLE, MPI_MAX, comm) !=
            MPI_SUCCESS ||
        MPI_Allreduce(MPI_IN_PLACE, sums, 2 * VT_TIMERS_MAX, MPI_DOUBLE, MPI_SUM, comm) !=
            MPI_SUCCESS)
        return vt_fail(error, VT_FAILED, "MPI failed while the timers were summed up");
    for (int i = 0; i < timers->count; i++)
        summary[i] = (struct vt_timer_summary){
            .least = -extremes[VT_TIMERS_MAX + i],
            .mean = sums[i] / ranks,
            .most = extremes[i],
            .calls = sums[VT_TIMERS_MAX + i] / ranks,
        };
    return VT_OK;
}

void vt_timers_print(const struct vt_timers *timers, const struct vt_timer_summary *summary,
                     FILE *file)
{
    assert(timers && summary && file);
    int width = (int)strlen("part");
    double total = 0;
    for (int i = 0; i < timers->count; i++) {
        const int length = (int)strlen(timers->timer[i].name);
        width = length > width ? length : width;
        total += summary[i].mean;
    }
    fprintf(file, "%-*s %11s %11s %11s %9s %7s %11s\n", width, "part", "min/s", "mean/s", "max/s",
            "max/mean", "share", "calls");
    for (int i = 0; i < timers->count; i++) {
        const struct vt_timer_summary *const s = &summary[i];
        fprintf(file, "%-*s %11.4f %11.4f %11.4f %9.2f %6.1f%% %11.0f\n", width,
                timers->timer[i].name, s->least, s->mean, s->most,
                s->mean > 0 ? s->most / s->mean : 1, total > 0 ? 100 * s->mean / total : 0,
                s->calls);
    }
}
