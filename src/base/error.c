/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static const struct {
    int status;
    const char *text;
} codes[] = {
#define VT_CODE_ROW(name, status, text) [name] = {status, text},
    VT_CODES(VT_CODE_ROW)
#undef VT_CODE_ROW
};

VT_PRINTF(4, 0)
static enum vt_code fill(struct vt_error *error, struct vt_place place, enum vt_code code,
                         const char *format, va_list arguments)
{
    assert(code != VT_OK);
    if (!error)
        return code;
    error->code = code;
    error->line = place.line;
    error->column = place.column;
    snprintf(error->file, sizeof error->file, "%s", place.file ? place.file : "");
    vsnprintf(error->message, sizeof error->message, format, arguments);
    vt_make_printable(error->file);
    vt_make_printable(error->message);
    error->hint[0] = '\0';
    return code;
}

enum vt_code vt_fail(struct vt_error *error, enum vt_code code, const char *format, ...)
{
    assert(code != VT_OK);
    assert(format);
    va_list arguments;
    va_start(arguments, format);
    fill(error, (struct vt_place){NULL, 0, 0}, code, format, arguments);
    va_end(arguments);
    return code;
}

enum vt_code vt_fail_at(struct vt_error *error, struct vt_place place, enum vt_code code,
                        const char *format, ...)
{
    assert(code != VT_OK);
    assert(format);
    va_list arguments;
    va_start(arguments, format);
    fill(error, place, code, format, arguments);
    va_end(arguments);
    return code;
}

void vt_hint(struct vt_error *error, const char *format, ...)
{
    assert(format);
    if (!error)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
    vt_make_printable(error->hint);
}

char *vt_error_text(const struct vt_error *error, char *text, size_t size)
{
    assert(error && text && size > 0);
    char place[320] = "";
    if (error->file[0]) {
        if (error->line > 0 && error->column > 0)
            snprintf(place, sizeof place, "%s:%ld:%ld: ", error->file, error->line, error->column);
        else if (error->line > 0)
            snprintf(place, sizeof place, "%s:%ld: ", error->file, error->line);
        else
            snprintf(place, sizeof place, "%s: ", error->file);
    }
    snprintf(text, size, "%serror: %s%s%s", place, error->message, error->hint[0] ? "\n  " : "",
             error->hint);
    return text;
}

int vt_exit_status(enum vt_code code)
{
    assert((size_t)code < sizeof codes / sizeof *codes);
    return codes[code].status;
}

const char *vt_code_text(enum vt_code code)
{
    assert((size_t)code < sizeof codes / sizeof *codes);
    return codes[code].text;
}
