/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines and words of a text in memory, each with its place, for the readers of word-based formats.
 *
 *     vt_scan_start(&scan, "nep.txt", data, size);
 *     while (vt_scan_line(&scan))
 *         while (vt_scan_word(&scan, &word))
 *             ...
 *
 * Nothing is copied and nothing has a length limit: lines and words point into the text, which is
 * not terminated by a NUL and must outlive them. Lines end with LF or CR LF, the last one also with
 * the end of the text; a byte order mark at the start is skipped. Words are separated by blanks
 * (space, tab, CR, VT, FF). Columns count bytes from 1. */
#ifndef VT_SCAN_H
#define VT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vt_word {
    const char *text; /* borrowed, not terminated */
    size_t length;
    struct vt_place place;
};

struct vt_scan {
    const char *file; /* name for messages, borrowed */
    const char *data; /* borrowed */
    size_t size;
    size_t next;      /* offset of the line after this one */
    const char *line; /* the current line without its end */
    size_t length;    /* of the current line */
    size_t position;  /* offset in the line of what is read next */
    long number;      /* of the current line; 0 before the first */
};

/* file and data are borrowed. Before the first vt_scan_line the current line is empty. */
void vt_scan_start(struct vt_scan *scan, const char *file, const void *data, size_t size);

/* Go to the next line, or the next one that holds a word. False: there is none; then the current
 * line is empty, and its number stays that of the last line of the text. */
bool vt_scan_line(struct vt_scan *scan);
bool vt_scan_line_with_words(struct vt_scan *scan);

/* Go to the next line; the end of the text is an error that names what was to come. */
enum vt_code vt_scan_need_line(struct vt_scan *scan, const char *what, struct vt_error *error);

/* The next word of the current line; false at its end. */
bool vt_scan_word(struct vt_scan *scan, struct vt_word *word);

/* The same without moving on. */
bool vt_scan_peek(const struct vt_scan *scan, struct vt_word *word);

/* The words left in the current line: the first `most` are stored, all are counted. */
size_t vt_scan_words(struct vt_scan *scan, struct vt_word *words, size_t most);

/* The words left in the current line must be n; they are stored. what: "cell vector", for the
 * message "expected 3 words (cell vector), found 2". */
enum vt_code vt_scan_expect(struct vt_scan *scan, struct vt_word *words, size_t n, const char *what,
                            struct vt_error *error);

/* End the current line before its first `mark` ('#', '!'), at or after the reading position.
 * comment (NULL allowed) gets what follows the mark, without blanks around it. False, with an empty
 * comment: there is no mark. */
bool vt_scan_cut(struct vt_scan *scan, char mark, struct vt_word *comment);

/* Where the reading is: the next word, or the end of the line. At the end of the text: the last
 * line, no column. */
struct vt_place vt_scan_place(const struct vt_scan *scan);

/* Bytes after the current line: an upper bound for whatever a header claims to follow. */
size_t vt_scan_bytes_left(const struct vt_scan *scan);

bool vt_word_is(const struct vt_word *word, const char *text);

/* How many of its first bytes are ASCII letters: 2 for "Li_sv". */
size_t vt_word_letters(const struct vt_word *word);

/* The whole word as a finite number, or an error at its place that names `what`. */
enum vt_code vt_word_real(const struct vt_word *word, const char *what, double *value,
                          struct vt_error *error);

/* The whole word as an integer from least to most. */
enum vt_code vt_word_integer(const struct vt_word *word, const char *what, int64_t least,
                             int64_t most, int64_t *value, struct vt_error *error);

/* The next three words of the line as finite numbers; what follows them is left. */
enum vt_code vt_scan_triple(struct vt_scan *scan, const char *what, double v[3],
                            struct vt_error *error);

/* A word as messages show it: cut when long, harmless bytes only. Use: vt_word_shown(&word).text */
struct vt_shown {
    char text[44];
};
struct vt_shown vt_word_shown(const struct vt_word *word);

#endif
