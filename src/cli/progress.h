/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that is redrawn on a terminal while a long job runs; silent when stderr is piped. */
#ifndef VT_PROGRESS_H
#define VT_PROGRESS_H

#include <stdbool.h>

#include "base/error.h"

struct vt_progress {
    bool on;
    bool drawn;
    double start; /* s, of MPI_Wtime */
    double next;  /* not redrawn before */
};

/* Only the rank that talks shows anything. */
struct vt_progress vt_progress_start(bool talks);

/* Show the text, if it is time to. */
void vt_progress_show(struct vt_progress *progress, const char *format, ...) VT_PRINTF(2, 3);

/* Wipe the line, so that other output starts on a clean one; for now, or for good. */
void vt_progress_wipe(struct vt_progress *progress);
void vt_progress_end(struct vt_progress *progress);

#endif
