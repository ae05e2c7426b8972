/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program tells the user while it runs. The library prints nothing itself: it hands
 * finished lines to the sink of a struct vt_log that its caller passes in. Pass NULL instead of a
 * log, or leave the sink NULL, for silence. */
#ifndef VT_LOG_H
#define VT_LOG_H

#include "base/error.h"

enum vt_log_level { VT_LOG_ERROR, VT_LOG_WARNING, VT_LOG_NOTE, VT_LOG_INFO, VT_LOG_DEBUG };

/* Receives a line without its end: "warning: ...". line is borrowed for the call. */
typedef void vt_log_sink(void *user, enum vt_log_level level, const char *line);

struct vt_log {
    vt_log_sink *sink;
    void *user;              /* handed to the sink; borrowed */
    enum vt_log_level level; /* the least important level that is wanted */
    int rank;                /* of this process */
};

/* Say something that all ranks know: rank 0 does. A line; control characters become '?', more than
 * 1000 bytes are cut. "error: ", "warning: " and "debug: " are put in front, notes and information
 * stand as they are. */
void vt_log_once(const struct vt_log *log, enum vt_log_level level, const char *format, ...)
    VT_PRINTF(3, 4);

/* Say something about this rank: every rank does that gets here, with "rank N: " in front. */
void vt_log_rank(const struct vt_log *log, enum vt_log_level level, const char *format, ...)
    VT_PRINTF(3, 4);

/* A sink: user is the FILE * to write to. Each line is written at once and flushed. */
void vt_log_to_file(void *user, enum vt_log_level level, const char *line);

#endif
