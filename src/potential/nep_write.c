/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header is written so that every published reader takes it for the same model.
 *
 * l_max: GPUMD takes any switch that is not zero as on. Programs before 2026 know 222 only as a 2,
 * and NEP_CPU takes a 2 as the sign of that old form and ignores the switches after the second. So
 * 222 is a 2 where only the old terms 222 and 1111 are on, and a 1 among the newer ones, which no
 * older program can evaluate anyway.
 *
 * cutoff: scaling by covalent radii has only its own line of 8 words, which present programs refuse
 * rather than misread. */
#include <assert.h>
#include <string.h>

#include "base/elements.h"
#include "base/text.h"
#include "io/file.h"
#include "potential/nep.h"
#include "potential/nep_check.h"

enum { LONGEST_NUMBER = 40 };

/* A point where the locale puts something else: any byte that C's own form of a number does not
 * have is part of the locale's point. */
static void make_point(char *text)
{
    char *to = text;
    bool in_point = false;
    for (const char *c = text; *c; c++) {
        const bool own = strchr("0123456789+-e ", *c) != NULL;
        if (own)
            *to++ = *c;
        else if (!in_point)
            *to++ = '.';
        in_point = !own;
    }
    *to = 0;
}

/* A blank and the fewest digits that read back as the same number. */
static void put_short(FILE *stream, double value)
{
    char text[LONGEST_NUMBER];
    double read = 0.0;
    int digits = 1;
    do {
        snprintf(text, sizeof text, "%.*g", digits, value);
        make_point(text);
    } while (!(vt_parse_double(text, strlen(text), &read) && read == value) && ++digits <= 17);
    fprintf(stream, " %s", text);
}

/* A line of its own. */
static void put_parameter(FILE *stream, double value, bool exact)
{
    char text[LONGEST_NUMBER];
    if (exact)
        snprintf(text, sizeof text, "%25.16e", value);
    else
        snprintf(text, sizeof text, "%15.7e", value);
    make_point(text);
    fprintf(stream, "%s\n", text);
}

static void print_elements(const struct vt_nep *model, FILE *stream)
{
    char token[32];
    vt_nep_token(model, token);
    fprintf(stream, "%s %d", token, model->n_types);
    for (int t = 0; t < model->n_types; t++)
        fprintf(stream, " %s", vt_element_symbol(model->atomic_number[t]));
    putc('\n', stream);
}

static void print_zbl(const struct vt_nep *model, FILE *stream)
{
    if (model->zbl == VT_ZBL_NONE)
        return;
    const bool flexible = model->zbl == VT_ZBL_FLEXIBLE;
    fputs("zbl", stream);
    put_short(stream, flexible ? 0.0 : model->zbl_inner);
    put_short(stream, flexible ? 0.0 : model->zbl_outer);
    if (model->zbl == VT_ZBL_TYPEWISE)
        put_short(stream, model->zbl_factor);
    putc('\n', stream);
}

static bool has_factors(const struct vt_nep *model)
{
    return model->factor_radial > 0.0 || model->factor_angular > 0.0 || model->factor_zbl > 0.0;
}

static void print_cutoffs(const struct vt_nep *model, FILE *stream)
{
    const int pairs = vt_nep_has_uniform_cutoffs(model) ? 1 : model->n_types;
    fputs("cutoff", stream);
    for (int t = 0; t < pairs; t++) {
        put_short(stream, model->cutoff_radial[t]);
        put_short(stream, model->cutoff_angular[t]);
    }
    if (model->has_max_neighbours)
        fprintf(stream, " %d %d", model->max_neighbours_radial, model->max_neighbours_angular);
    if (has_factors(model)) {
        put_short(stream, model->factor_radial);
        put_short(stream, model->factor_angular);
        put_short(stream, model->factor_zbl);
    }
    putc('\n', stream);
}

static void print_l_max(const struct vt_nep *model, FILE *stream)
{
    bool newer = false;
    for (int i = VT_Q112; i < VT_NEP_TERMS; i++)
        newer = newer || model->term[i];
    fprintf(stream, "l_max %d", model->l_max);
    for (int i = 0; i < (newer ? VT_NEP_TERMS : 2); i++)
        fprintf(stream, " %d", model->term[i] ? (i == VT_Q222 && !newer ? 2 : 1) : 0);
    putc('\n', stream);
}

/* The longer forms of the line do not exist without the largest numbers of neighbours. */
static enum vt_code check_cutoff_line(const struct vt_nep *model, struct vt_error *error)
{
    if (model->has_max_neighbours || (vt_nep_has_uniform_cutoffs(model) && !has_factors(model)))
        return VT_OK;
    return vt_fail(error, VT_INPUT,
                   "this model cannot be written: its cutoff line needs the largest numbers of "
                   "neighbours, which are not known");
}

enum vt_code vt_nep_print(const struct vt_nep *model, FILE *stream, bool exact,
                          struct vt_error *error)
{
    assert(model && model->numbers && stream);
    enum vt_code code = check_cutoff_line(model, error);
    for (size_t i = 0; i < model->n_numbers && !code; i++)
        code = vt_nep_check_number(model, i, error);
    if (code)
        return code;
    print_elements(model, stream);
    print_zbl(model, stream);
    print_cutoffs(model, stream);
    fprintf(stream, "n_max %d %d\n", model->n_radial, model->n_angular);
    fprintf(stream, "basis_size %d %d\n", model->k_radial, model->k_angular);
    print_l_max(model, stream);
    fprintf(stream, "ANN %d 0\n", model->neurons);
    for (size_t i = 0; i < model->n_numbers; i++)
        put_parameter(stream, model->numbers[i], exact);
    return ferror(stream) ? vt_fail(error, VT_IO, "writing a model failed") : VT_OK;
}

enum vt_code vt_nep_write(const struct vt_nep *model, const char *path, bool exact, bool replace,
                          struct vt_error *error)
{
    assert(model && path);
    assert(model->numbers);
    struct vt_file *file = NULL;
    enum vt_code code = vt_file_create(&file, path, replace, error);
    if (code)
        return code;
    code = vt_nep_print(model, vt_file_stream(file), exact, error);
    if (!code)
        return vt_file_commit(file, error);
    vt_file_discard(file);
    return code;
}
