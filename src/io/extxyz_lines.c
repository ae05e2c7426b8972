/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/extxyz_lines.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* Small enough to stay in the cache between the system's copy and our look at it. */
enum { BLOCK = 1 << 18 };

void vt_lines_of_descriptor(struct vt_lines *lines, const char *file, int descriptor)
{
    assert(descriptor >= 0);
    *lines = (struct vt_lines){.file = file, .descriptor = descriptor, .line = "", .window = ""};
}

void vt_lines_of_memory(struct vt_lines *lines, const char *file, const char *data, size_t size)
{
    assert(data || size == 0);
    *lines = (struct vt_lines){.file = file,
                               .descriptor = -1,
                               .at_end = true,
                               .line = "",
                               .window = data ? data : "",
                               .end = size};
}

/* Read another block behind the bytes not given out yet, which move to the front first. */
static enum vt_code read_block(struct vt_lines *lines, struct vt_error *error)
{
    const size_t kept = lines->end - lines->begin;
    if (kept > 0 && lines->begin > 0)
        memmove(lines->buffer, lines->buffer + lines->begin, kept);
    lines->begin = 0;
    lines->end = kept;
    const enum vt_code code =
        vt_reserve(&lines->buffer, &lines->capacity, kept + BLOCK, 1, "lines of a file", error);
    if (code)
        return code;
    lines->window = lines->buffer;
    ssize_t n = 0;
    do
        n = read(lines->descriptor, lines->buffer + kept, lines->capacity - kept);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return vt_fail_at(error, (struct vt_place){lines->file, lines->number + 1, 0},
                          errno == EISDIR ? VT_INPUT : VT_IO, "cannot read: %s", strerror(errno));
    lines->at_end = n == 0;
    lines->end += (size_t)n;
    return VT_OK;
}

enum vt_code vt_lines_next(struct vt_lines *lines, bool *end, struct vt_error *error)
{
    assert(lines && end);
    const char *stop = NULL;
    for (size_t seen = 0;;) {
        const size_t left = lines->end - lines->begin;
        const char *from = lines->window + lines->begin;
        stop = left > seen ? memchr(from + seen, '\n', left - seen) : NULL;
        if (stop || lines->at_end)
            break;
        seen = left;
        const enum vt_code code = read_block(lines, error);
        if (code)
            return code;
    }
    lines->line = lines->window + lines->begin;
    lines->length = stop ? (size_t)(stop - lines->line) : lines->end - lines->begin;
    *end = !stop && lines->length == 0;
    lines->begin += lines->length + (stop ? 1 : 0);
    if (*end)
        return VT_OK;
    lines->number++;
    if (lines->length > 0 && lines->line[lines->length - 1] == '\r')
        lines->length--;
    return VT_OK;
}

void vt_lines_destroy(struct vt_lines *lines)
{
    if (lines)
        vt_free(lines->buffer);
}
