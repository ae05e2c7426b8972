/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "potential/active_set.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/elements.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/scan.h"
#include "potential/plan.h"

enum { FORMAT = 1 };

static const size_t most_bytes = (size_t)1 << 32;

enum vt_code vt_active_set_create(struct vt_active_set *set, const struct vt_nep *model,
                                  struct vt_error *error)
{
    assert(set && !set->rows && model);
    const int k = model->k_radial + 1;
    *set = (struct vt_active_set){
        .n_types = model->n_types, .k_radial = k, .n = 1 + model->n_types * k};
    const size_t size = (size_t)(set->n * set->n * set->n_types);
    enum vt_code code = vt_alloc(&set->rows, size, sizeof *set->rows, "an active set", error);
    if (!code)
        code = vt_alloc(&set->inverse, size, sizeof *set->inverse, "an active set", error);
    return code;
}

void vt_active_set_destroy(struct vt_active_set *set)
{
    vt_free(set->rows);
    vt_free(set->inverse);
    *set = (struct vt_active_set){0};
}

static size_t place_of(const struct vt_active_set *set, int type)
{
    assert(type >= 0 && type < set->n_types);
    return (size_t)type * (size_t)set->n * (size_t)set->n;
}

double *vt_active_set_rows(const struct vt_active_set *set, int type)
{
    return set->rows + place_of(set, type);
}

/* ---- the inverse ---- */

/* row[k] -= factor * pivot_row[k] */
static void take_off(double *row, const double *pivot_row, double factor, int n)
{
    for (int k = 0; k < n; k++)
        row[k] -= factor * pivot_row[k];
}

static void swap_rows(double *a, double *b, int n)
{
    for (int k = 0; k < n; k++) {
        const double kept = a[k];
        a[k] = b[k];
        b[k] = kept;
    }
}

/* inverse := that of a, which is used up (Gauss-Jordan, partial pivoting). False: there is none. */
static bool invert(double *a, double *inverse, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            inverse[i * n + k] = i == k;
    for (int column = 0; column < n; column++) {
        int best = column;
        for (int i = column + 1; i < n; i++)
            if (fabs(a[i * n + column]) > fabs(a[best * n + column]))
                best = i;
        const double pivot = a[best * n + column];
        if (!(fabs(pivot) > 1e-200))
            return false;
        swap_rows(a + best * n, a + column * n, n);
        swap_rows(inverse + best * n, inverse + column * n, n);
        for (int k = 0; k < n; k++) {
            a[column * n + k] /= pivot;
            inverse[column * n + k] /= pivot;
        }
        for (int i = 0; i < n; i++) {
            const double factor = a[i * n + column];
            if (i == column || factor == 0)
                continue;
            take_off(a + i * n, a + column * n, factor, n);
            take_off(inverse + i * n, inverse + column * n, factor, n);
        }
    }
    return true;
}

static void transpose(double *a, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++) {
            const double kept = a[i * n + k];
            a[i * n + k] = a[k * n + i];
            a[k * n + i] = kept;
        }
}

enum vt_code vt_active_set_invert(struct vt_active_set *set, struct vt_error *error)
{
    assert(set && set->rows && set->inverse);
    const size_t size = (size_t)(set->n * set->n);
    double *work = NULL;
    enum vt_code code = vt_alloc(&work, size, sizeof *work, "an active set", error);
    for (int t = 0; t < set->n_types && !code; t++) {
        double *inverse = set->inverse + place_of(set, t);
        memcpy(work, vt_active_set_rows(set, t), size * sizeof *work);
        if (invert(work, inverse, set->n))
            transpose(inverse, set->n);
        else
            code = vt_fail(error, VT_INPUT, "the active set of element %d spans no volume", t + 1);
    }
    vt_free(work);
    return code;
}

/* ---- grades ---- */

double vt_active_set_grade(const struct vt_active_set *set, int type, const double *radial_sums)
{
    const double *row = set->inverse + place_of(set, type);
    double grade = 0;
    for (int j = 0; j < set->n; j++, row += set->n) {
        double c = row[0];
        for (int d = 1; d < set->n; d++)
            c += row[d] * radial_sums[d - 1];
        grade = fmax(grade, fabs(c));
    }
    return grade;
}

/* ---- the file ---- */

static double cutoff_of(const struct vt_nep *model, int type)
{
    return vt_nep_pair_cutoff_radial(model, type, type);
}

void vt_active_set_print(const struct vt_active_set *set, const struct vt_nep *model, FILE *stream)
{
    assert(set && model && stream && model->n_types == set->n_types);
    char text[VT_DOUBLE_SIZE];
    fprintf(stream, "vitrion_active_set %d\nelements", FORMAT);
    for (int t = 0; t < set->n_types; t++)
        fprintf(stream, " %s", vt_element_symbol(model->atomic_number[t]));
    fputs("\ncutoffs", stream);
    for (int t = 0; t < set->n_types; t++)
        fprintf(stream, " %s", vt_format_double(cutoff_of(model, t), VT_DOUBLE_DIGITS, text));
    fprintf(stream, "\nbasis %d\n", set->k_radial);
    const double *value = set->rows;
    for (int row = 0; row < set->n_types * set->n; row++)
        for (int d = 0; d < set->n; d++)
            fprintf(stream, "%s%c", vt_format_double(*value++, VT_DOUBLE_DIGITS, text),
                    d + 1 < set->n ? ' ' : '\n');
}

/* The next line: `key` and n words. */
static enum vt_code read_line(struct vt_scan *scan, const char *key, size_t n,
                              struct vt_word *words, struct vt_error *error)
{
    struct vt_word found;
    enum vt_code code = vt_scan_need_line(scan, key, error);
    if (code)
        return code;
    if (!vt_scan_word(scan, &found) || !vt_word_is(&found, key))
        return vt_fail_at(error, vt_scan_place(scan), VT_INPUT, "expected '%s'", key);
    return vt_scan_expect(scan, words, n, key, error);
}

static enum vt_code refuse(const struct vt_word *word, const char *expected, struct vt_error *error)
{
    vt_fail_at(error, word->place, VT_INPUT, "the active set has %s where the model has %s",
               vt_word_shown(word).text, expected);
    vt_hint(error, "vitrion model active makes the active set of a model");
    return VT_INPUT;
}

static enum vt_code refuse_number(const struct vt_word *word, double expected,
                                  struct vt_error *error)
{
    char text[32];
    snprintf(text, sizeof text, "%g", expected);
    return refuse(word, text, error);
}

static enum vt_code read_elements(struct vt_scan *scan, const struct vt_nep *model,
                                  struct vt_error *error)
{
    struct vt_word words[VT_NEP_MAX_TYPES];
    enum vt_code code = read_line(scan, "elements", (size_t)model->n_types, words, error);
    for (int t = 0; t < model->n_types && !code; t++)
        if (!vt_word_is(&words[t], vt_element_symbol(model->atomic_number[t])))
            code = refuse(&words[t], vt_element_symbol(model->atomic_number[t]), error);
    return code;
}

static enum vt_code read_cutoffs(struct vt_scan *scan, const struct vt_nep *model,
                                 struct vt_error *error)
{
    struct vt_word words[VT_NEP_MAX_TYPES];
    enum vt_code code = read_line(scan, "cutoffs", (size_t)model->n_types, words, error);
    for (int t = 0; t < model->n_types && !code; t++) {
        double value;
        code = vt_word_real(&words[t], "cutoff", &value, error);
        if (!code && fabs(value - cutoff_of(model, t)) > 1e-9)
            code = refuse_number(&words[t], cutoff_of(model, t), error);
    }
    return code;
}

static enum vt_code read_header(struct vt_scan *scan, const struct vt_nep *model,
                                struct vt_error *error)
{
    struct vt_word word;
    int64_t value;
    enum vt_code code = read_line(scan, "vitrion_active_set", 1, &word, error);
    if (!code)
        code = vt_word_integer(&word, "format of the file", FORMAT, FORMAT, &value, error);
    if (!code)
        code = read_elements(scan, model, error);
    if (!code)
        code = read_cutoffs(scan, model, error);
    if (!code)
        code = read_line(scan, "basis", 1, &word, error);
    if (!code)
        code =
            vt_word_integer(&word, "functions of the radial basis", 1, VT_MAX_BASIS, &value, error);
    if (!code && value != model->k_radial + 1)
        code = refuse_number(&word, model->k_radial + 1, error);
    return code;
}

static enum vt_code read_row(struct vt_scan *scan, double *row, int n, struct vt_error *error)
{
    enum vt_code code = vt_scan_need_line(scan, "a row of the active set", error);
    for (int d = 0; d < n && !code; d++) {
        struct vt_word word;
        if (vt_scan_word(scan, &word))
            code = vt_word_real(&word, "sum", &row[d], error);
        else
            code = vt_fail_at(error, vt_scan_place(scan), VT_INPUT,
                              "the row ends after %d of %d numbers", d, n);
    }
    struct vt_word more;
    if (!code && vt_scan_word(scan, &more))
        code = vt_fail_at(error, more.place, VT_INPUT, "the row has more than %d numbers", n);
    return code;
}

enum vt_code vt_active_set_parse(struct vt_active_set *set, const char *name, const char *text,
                                 size_t size, const struct vt_nep *model, struct vt_error *error)
{
    assert(set && name && (text || size == 0) && model);
    struct vt_scan scan;
    vt_scan_start(&scan, name, text, size);
    enum vt_code code = read_header(&scan, model, error);
    if (!code)
        code = vt_active_set_create(set, model, error);
    for (int row = 0; row < set->n_types * set->n && !code; row++)
        code = read_row(&scan, set->rows + (size_t)row * (size_t)set->n, set->n, error);
    if (!code && vt_scan_line_with_words(&scan))
        code = vt_fail_at(error, vt_scan_place(&scan), VT_INPUT, "more rows than the model has");
    if (!code)
        code = vt_active_set_invert(set, error);
    if (code && error->file[0] == '\0') {
        const struct vt_error cause = *error;
        vt_fail_at(error, (struct vt_place){name, 0, 0}, code, "%s", cause.message);
    }
    return code;
}

enum vt_code vt_active_set_read(struct vt_active_set *set, const char *path,
                                const struct vt_nep *model, struct vt_error *error)
{
    assert(set && path && model);
    char *text = NULL;
    size_t size = 0;
    enum vt_code code = vt_file_read(path, most_bytes, &text, &size, error);
    if (!code)
        code = vt_active_set_parse(set, path, text, size, model, error);
    vt_free(text);
    return code;
}
