/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include <assert.h>
#include <mpi.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Jobs shorter than this show nothing; s. */
static const double patience = 1.0;
static const double redraw_interval = 0.2;

struct vt_progress vt_progress_start(bool talks)
{
    const double now = MPI_Wtime();
    return (struct vt_progress){
        .on = talks && isatty(STDERR_FILENO) == 1, .start = now, .next = now + patience};
}

void vt_progress_show(struct vt_progress *progress, const char *format, ...)
{
    assert(progress && format);
    if (!progress->on)
        return;
    const double now = MPI_Wtime();
    if (now < progress->next)
        return;
    progress->next = now + redraw_interval;
    progress->drawn = true;
    fputs("\r", stderr);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\033[K", stderr);
    fflush(stderr);
}

void vt_progress_wipe(struct vt_progress *progress)
{
    assert(progress);
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}

void vt_progress_end(struct vt_progress *progress)
{
    assert(progress);
    vt_progress_wipe(progress);
    progress->on = false;
}
