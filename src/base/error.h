/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong, where, and what would be right.
 *
 * A function that can fail returns an enum vt_code (VT_OK is 0) and fills a struct vt_error that
 * the caller owns: no allocation, no global state, bounded text. The innermost function that knows
 * the cause writes the message; callers only pass the code up (or add a place or a hint).
 * Programmers' errors are asserted instead. */
#ifndef VT_ERROR_H
#define VT_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* name, exit status of the program, text */
#define VT_CODES(X)                                                                                \
    X(VT_OK, 0, "no error")                                                                        \
    X(VT_INPUT, 2, "wrong input")                                                                  \
    X(VT_UNSUPPORTED, 2, "not supported")                                                          \
    X(VT_MEMORY, 1, "out of memory")                                                               \
    X(VT_IO, 1, "reading or writing failed")                                                       \
    X(VT_FAILED, 1, "the run failed")

enum vt_code {
#define VT_CODE_NAME(name, status, text) name,
    VT_CODES(VT_CODE_NAME)
#undef VT_CODE_NAME
};

/* A place in a user's file. line and column count from 1; 0: unknown. file NULL: no file. */
struct vt_place {
    const char *file;
    long line;
    long column;
};

struct vt_error {
    enum vt_code code;
    long line;
    long column;
    char file[256];
    char message[512];
    char hint[256];
};

#if defined(__GNUC__)
#define VT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define VT_PRINTF(text, first)
#endif

/* Fill *error (NULL allowed: only the code is wanted) and return code. Message: one line, no full
 * stop. */
enum vt_code vt_fail(struct vt_error *error, enum vt_code code, const char *format, ...)
    VT_PRINTF(3, 4);
enum vt_code vt_fail_at(struct vt_error *error, struct vt_place place, enum vt_code code,
                        const char *format, ...) VT_PRINTF(4, 5);

/* Say what would be right. error may be NULL. */
void vt_hint(struct vt_error *error, const char *format, ...) VT_PRINTF(2, 3);

/* "FILE:LINE:COL: error: MESSAGE\n  HINT" (no final newline), cut to size; returns text. */
char *vt_error_text(const struct vt_error *error, char *text, size_t size);

/* Exit status of the program for a code; text for a code. */
int vt_exit_status(enum vt_code code);
const char *vt_code_text(enum vt_code code);

#endif
