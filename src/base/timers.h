/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time of a run goes: named timers, of which one runs at a time, so that their times add
 * up.
 *
 *     struct vt_timers timers = {0};
 *     const int force = vt_timers_add(&timers, "force");
 *     const int outer = vt_timers_enter(&timers, force); ... vt_timers_leave(&timers, outer);
 *     vt_timers_summarise(&timers, comm, summary, error), then rank 0: vt_timers_print(...) */
#ifndef VT_TIMERS_H
#define VT_TIMERS_H

#include <mpi.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum { VT_TIMERS_MAX = 32 };

/* All zero at first; owns nothing. */
struct vt_timers {
    int count;
    int running; /* index + 1; 0: none */
    int64_t started;
    struct {
        const char *name;    /* borrowed */
        int64_t nanoseconds; /* of all finished calls */
        int64_t calls;       /* begun */
    } timer[VT_TIMERS_MAX];
};

/* One timer over the ranks of a communicator; seconds. */
struct vt_timer_summary {
    double least, mean, most;
    double calls; /* mean over the ranks */
};

/* A new timer, at most VT_TIMERS_MAX of them; name is borrowed as long as the timers. Returns its
 * index. */
int vt_timers_add(struct vt_timers *timers, const char *name);

/* Until vt_timers_leave, which takes what vt_timers_enter returned, the time (of a monotonic clock)
 * goes to this timer instead of the one that runs, if one does: parts may lie in parts. timers may
 * be NULL. */
int vt_timers_enter(struct vt_timers *timers, int index);
void vt_timers_leave(struct vt_timers *timers, int outer);

/* Forget the times, and keep the timers. */
void vt_timers_clear(struct vt_timers *timers);

/* Collective over comm, on which all ranks have the same timers; none is running. Fills
 * summary[timers->count] on every rank. */
enum vt_code vt_timers_summarise(const struct vt_timers *timers, MPI_Comm comm,
                                 struct vt_timer_summary summary[VT_TIMERS_MAX],
                                 struct vt_error *error);

/* A table: name, least, mean and most seconds, imbalance (most / mean), share of the sum of all
 * timers, calls. */
void vt_timers_print(const struct vt_timers *timers, const struct vt_timer_summary *summary,
                     FILE *file);

#endif
