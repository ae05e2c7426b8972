/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

enum { LINE_SIZE = 1024 };

static bool is_wanted(const struct vt_log *log, enum vt_log_level level)
{
    return log && log->sink && level <= log->level;
}

VT_PRINTF(4, 0)
static void say(const struct vt_log *log, enum vt_log_level level, const char *prefix,
                const char *format, va_list arguments)
{
    static const char *const names[] = {[VT_LOG_ERROR] = "error: ",
                                        [VT_LOG_WARNING] = "warning: ",
                                        [VT_LOG_NOTE] = "",
                                        [VT_LOG_INFO] = "",
                                        [VT_LOG_DEBUG] = "debug: "};
    assert((size_t)level < sizeof names / sizeof *names && format);
    char line[LINE_SIZE];
    const int length = snprintf(line, sizeof line, "%s%s", prefix, names[level]);
    assert(length >= 0 && length < LINE_SIZE);
    vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
    vt_make_printable(line);
    log->sink(log->user, level, line);
}

void vt_log_once(const struct vt_log *log, enum vt_log_level level, const char *format, ...)
{
    assert(format);
    if (!is_wanted(log, level) || log->rank != 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    say(log, level, "", format, arguments);
    va_end(arguments);
}

void vt_log_rank(const struct vt_log *log, enum vt_log_level level, const char *format, ...)
{
    assert(format);
    if (!is_wanted(log, level))
        return;
    char prefix[32];
    snprintf(prefix, sizeof prefix, "rank %d: ", log->rank);
    va_list arguments;
    va_start(arguments, format);
    say(log, level, prefix, format, arguments);
    va_end(arguments);
}

void vt_log_to_file(void *user, enum vt_log_level level, const char *line)
{
    assert(user && line);
    (void)level;
    FILE *const file = user;
    fprintf(file, "%s\n", line);
    fflush(file);
}
