/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/dft.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/elements.h"
#include "base/mat3.h"
#include "base/memory.h"

static enum vt_code copy_name(struct vt_dft_lines *in, const char *name, struct vt_error *error)
{
    const size_t size = strlen(name) + 1;
    const enum vt_code code = vt_alloc(&in->path, size, 1, "a file name", error);
    if (!code)
        memcpy(in->path, name, size);
    return code;
}

enum vt_code vt_dft_open(struct vt_dft_lines *in, const char *path, struct vt_error *error)
{
    assert(in && path);
    *in = (struct vt_dft_lines){.descriptor = -1};
    const enum vt_code code = copy_name(in, path, error);
    if (code)
        return code;
    in->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (in->descriptor < 0)
        return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_INPUT, "cannot open: %s",
                          strerror(errno));
    vt_lines_of_descriptor(&in->lines, in->path, in->descriptor);
    vt_scan_start(&in->scan, in->path, "", 0);
    return VT_OK;
}

enum vt_code vt_dft_open_memory(struct vt_dft_lines *in, const struct vt_dft_text *text,
                                struct vt_error *error)
{
    assert(in && text->name && (text->text || text->size == 0));
    *in = (struct vt_dft_lines){.descriptor = -1};
    const enum vt_code code = copy_name(in, text->name, error);
    if (code)
        return code;
    vt_lines_of_memory(&in->lines, in->path, text->text, text->size);
    vt_scan_start(&in->scan, in->path, "", 0);
    return VT_OK;
}

void vt_dft_close(struct vt_dft_lines *in)
{
    if (!in)
        return;
    if (in->path && in->descriptor >= 0)
        close(in->descriptor);
    vt_lines_destroy(&in->lines);
    vt_free(in->path);
    *in = (struct vt_dft_lines){.descriptor = -1};
}

enum vt_code vt_dft_next(struct vt_dft_lines *in, bool *end, struct vt_error *error)
{
    assert(in->path);
    const enum vt_code code = vt_lines_next(&in->lines, end, error);
    in->at_end = code || *end;
    if (in->at_end)
        return code;
    vt_scan_start(&in->scan, in->path, in->lines.line, in->lines.length);
    vt_scan_line(&in->scan);
    in->scan.number = in->lines.number;
    return VT_OK;
}

enum vt_code vt_dft_need_line(struct vt_dft_lines *in, const char *what, struct vt_error *error)
{
    bool end = false;
    const enum vt_code code = vt_dft_next(in, &end, error);
    if (code || !end)
        return code;
    return vt_fail_at(error, vt_dft_place(in), VT_INPUT, "the file ends before the %s", what);
}

bool vt_dft_find(struct vt_dft_lines *in, const char *text)
{
    const size_t length = strlen(text);
    assert(length > 0);
    const char *from = in->scan.line, *stop = from + in->scan.length;
    while (from + length <= stop) {
        const char *at = memchr(from, text[0], (size_t)(stop - from) - length + 1);
        if (!at)
            return false;
        if (memcmp(at, text, length) == 0) {
            in->scan.position = (size_t)(at - in->scan.line) + length;
            return true;
        }
        from = at + 1;
    }
    return false;
}

enum vt_code vt_dft_reals(struct vt_dft_lines *in, const char *what, size_t n, double *values,
                          struct vt_error *error)
{
    for (size_t i = 0; i < n; i++) {
        struct vt_word word;
        if (!vt_scan_word(&in->scan, &word))
            return vt_fail_at(error, vt_scan_place(&in->scan), VT_INPUT,
                              "expected %zu numbers (%s), found %zu", n, what, i);
        const enum vt_code code = vt_word_real(&word, what, &values[i], error);
        if (code)
            return code;
    }
    return VT_OK;
}

static bool is_cut(const struct vt_dft_lines *in)
{
    const struct vt_lines *lines = &in->lines;
    return in->at_end || (lines->at_end && lines->begin == lines->end && lines->end > 0 &&
                          lines->window[lines->end - 1] != '\n');
}

enum vt_code vt_dft_settle(const struct vt_dft_lines *in, enum vt_code code,
                           struct vt_dft_counts *counts, bool *end, struct vt_error *error)
{
    if (code != VT_INPUT || !in->path || !is_cut(in))
        return code;
    if (!counts) {
        if (error && !error->hint[0])
            vt_hint(error, "the file is cut short: wait for the end of the job, or leave its last "
                           "part out (--skip-bad)");
        return code;
    }
    counts->n_incomplete++;
    *end = true;
    return VT_OK;
}

struct vt_place vt_dft_place(const struct vt_dft_lines *in)
{
    return (struct vt_place){in->path, in->lines.number, 0};
}

enum vt_code vt_dft_element(const struct vt_word *word, uint8_t *element, struct vt_error *error)
{
    const int number = vt_atomic_number(word->text, vt_word_letters(word));
    if (number == 0)
        return vt_fail_at(error, word->place, VT_INPUT, "unknown element '%s'",
                          vt_word_shown(word).text);
    *element = (uint8_t)number;
    return VT_OK;
}

enum vt_code vt_dft_add_force(struct vt_frame *frame, const double force[3], struct vt_error *error)
{
    assert(vt_frame_column(frame, "forces"));
    const size_t n = frame->n_atoms;
    const enum vt_code code = vt_frame_resize(frame, n + 1, error);
    if (code)
        return code;
    struct vt_column *column = vt_frame_column(frame, "forces");
    memcpy(column->real + 3 * n, force, 3 * sizeof *force);
    return VT_OK;
}

enum vt_code vt_dft_set_cell(struct vt_frame *frame, const double cell[3][3], struct vt_place place,
                             struct vt_error *error)
{
    const double volume = fabs(vt_mat3_determinant(cell));
    if (!(volume > 1e-9) || !isfinite(volume))
        return vt_fail_at(error, place, VT_INPUT, "the cell vectors span no volume");
    memcpy(frame->cell, cell, sizeof frame->cell);
    frame->has_cell = true;
    for (int k = 0; k < 3; k++)
        frame->periodic[k] = true;
    return VT_OK;
}

enum vt_code vt_dft_set_stress(struct vt_frame *frame, const double stress[9],
                               struct vt_error *error)
{
    assert(frame->has_cell);
    const double volume = fabs(vt_mat3_determinant((const double(*)[3])frame->cell));
    double virial[9];
    for (int i = 0; i < 9; i++) {
        virial[i] = stress[i] * volume;
        if (!isfinite(virial[i]))
            return vt_fail_at(error, (struct vt_place){frame->file, frame->line, 0}, VT_INPUT,
                              "the stress is too large for a computer's numbers");
    }
    return vt_frame_set_reals(frame, "virial", virial, 9, error);
}
