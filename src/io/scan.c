/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/scan.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

void vt_scan_start(struct vt_scan *scan, const char *file, const void *data, size_t size)
{
    assert(scan && (data || size == 0));
    static const char mark[] = "\xef\xbb\xbf";
    const char *text = data ? data : "";
    if (size >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        size -= 3;
    }
    *scan = (struct vt_scan){.file = file, .data = text, .size = size, .line = text};
}

bool vt_scan_line(struct vt_scan *scan)
{
    assert(scan && scan->next <= scan->size);
    scan->line = scan->data + scan->next;
    scan->length = 0;
    scan->position = 0;
    if (scan->next == scan->size)
        return false;
    const size_t left = scan->size - scan->next;
    const char *end = memchr(scan->line, '\n', left);
    scan->length = end ? (size_t)(end - scan->line) : left;
    scan->next += scan->length + (end ? 1 : 0);
    scan->number++;
    if (scan->length > 0 && scan->line[scan->length - 1] == '\r')
        scan->length--;
    return true;
}

static size_t skip_blanks(const struct vt_scan *scan)
{
    size_t i = scan->position;
    while (i < scan->length && is_blank(scan->line[i]))
        i++;
    return i;
}

bool vt_scan_line_with_words(struct vt_scan *scan)
{
    while (vt_scan_line(scan)) {
        scan->position = skip_blanks(scan);
        if (scan->position < scan->length)
            return true;
    }
    return false;
}

/* Bytes [from, to) of the current line. */
static struct vt_word word_between(const struct vt_scan *scan, size_t from, size_t to)
{
    assert(from <= to);
    assert(from <= to && to <= scan->length);
    return (struct vt_word){.text = scan->line + from,
                            .length = to - from,
                            .place = {scan->file, scan->number, (long)from + 1}};
}

bool vt_scan_word(struct vt_scan *scan, struct vt_word *word)
{
    assert(scan && word);
    const size_t from = skip_blanks(scan);
    size_t to = from;
    while (to < scan->length && !is_blank(scan->line[to]))
        to++;
    scan->position = to;
    if (to == from)
        return false;
    *word = word_between(scan, from, to);
    return true;
}

bool vt_scan_peek(const struct vt_scan *scan, struct vt_word *word)
{
    struct vt_scan ahead = *scan;
    return vt_scan_word(&ahead, word);
}

size_t vt_scan_words(struct vt_scan *scan, struct vt_word *words, size_t most)
{
    assert(words || most == 0);
    struct vt_word word;
    size_t n = 0;
    for (; vt_scan_word(scan, &word); n++)
        if (n < most)
            words[n] = word;
    return n;
}

enum vt_code vt_scan_expect(struct vt_scan *scan, struct vt_word *words, size_t n, const char *what,
                            struct vt_error *error)
{
    assert(what);
    const size_t start = scan->position;
    const size_t found = vt_scan_words(scan, words, n);
    if (found == n)
        return VT_OK;
    if (found > n) { /* point at the first word too many */
        struct vt_word word;
        scan->position = start;
        for (size_t i = 0; i < n; i++)
            vt_scan_word(scan, &word);
    }
    return vt_fail_at(error, vt_scan_place(scan), VT_INPUT, "expected %zu word%s (%s), found %zu",
                      n, n == 1 ? "" : "s", what, found);
}

bool vt_scan_cut(struct vt_scan *scan, char mark, struct vt_word *comment)
{
    const char *at = memchr(scan->line + scan->position, mark, scan->length - scan->position);
    size_t from = at ? (size_t)(at - scan->line) + 1 : scan->length;
    size_t to = scan->length;
    while (from < to && is_blank(scan->line[from]))
        from++;
    while (to > from && is_blank(scan->line[to - 1]))
        to--;
    if (comment)
        *comment = word_between(scan, from, to);
    if (at)
        scan->length = (size_t)(at - scan->line);
    return at != NULL;
}

struct vt_place vt_scan_place(const struct vt_scan *scan)
{
    const bool at_end = scan->line == scan->data + scan->size;
    return (struct vt_place){scan->file, scan->number, at_end ? 0 : (long)skip_blanks(scan) + 1};
}

size_t vt_scan_bytes_left(const struct vt_scan *scan)
{
    return scan->size - scan->next;
}

bool vt_word_is(const struct vt_word *word, const char *text)
{
    return strlen(text) == word->length && memcmp(word->text, text, word->length) == 0;
}

size_t vt_word_letters(const struct vt_word *word)
{
    size_t n = 0;
    while (n < word->length && ((word->text[n] >= 'A' && word->text[n] <= 'Z') ||
                                (word->text[n] >= 'a' && word->text[n] <= 'z')))
        n++;
    return n;
}

enum vt_code vt_word_real(const struct vt_word *word, const char *what, double *value,
                          struct vt_error *error)
{
    assert(word && what && value);
    if (vt_parse_double(word->text, word->length, value))
        return VT_OK;
    return vt_fail_at(error, word->place, VT_INPUT, "expected a finite number (%s), found '%s'",
                      what, vt_word_shown(word).text);
}

enum vt_code vt_word_integer(const struct vt_word *word, const char *what, int64_t least,
                             int64_t most, int64_t *value, struct vt_error *error)
{
    assert(word && what && value && least <= most);
    if (!vt_parse_int64(word->text, word->length, value))
        return vt_fail_at(error, word->place, VT_INPUT, "expected an integer (%s), found '%s'",
                          what, vt_word_shown(word).text);
    if (*value >= least && *value <= most)
        return VT_OK;
    if (most == INT64_MAX)
        return vt_fail_at(error, word->place, VT_INPUT, "%s is %" PRId64 ", below %" PRId64, what,
                          *value, least);
    return vt_fail_at(error, word->place, VT_INPUT,
                      "%s is %" PRId64 ", outside of %" PRId64 " to %" PRId64, what, *value, least,
                      most);
}

struct vt_shown vt_word_shown(const struct vt_word *word)
{
    enum { MOST = 40 };
    struct vt_shown shown = {""};
    const size_t n = word->length > MOST ? MOST : word->length;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)word->text[i];
        shown.text[i] = c < 0x20 || c == 0x7f ? '?' : word->text[i];
    }
    if (word->length > MOST)
        memcpy(shown.text + MOST, "...", 3);
    return shown;
}

enum vt_code vt_scan_need_line(struct vt_scan *scan, const char *what, struct vt_error *error)
{
    if (vt_scan_line(scan))
        return VT_OK;
    return vt_fail_at(error, vt_scan_place(scan), VT_INPUT, "the file ends before the %s", what);
}

enum vt_code vt_scan_triple(struct vt_scan *scan, const char *what, double v[3],
                            struct vt_error *error)
{
    assert(what);
    enum vt_code code = VT_OK;
    for (int i = 0; i < 3 && !code; i++) {
        struct vt_word word;
        if (!vt_scan_word(scan, &word))
            return vt_fail_at(error, vt_scan_place(scan), VT_INPUT, "the line ends before the %s",
                              what);
        code = vt_word_real(&word, what, &v[i], error);
    }
    return code;
}
