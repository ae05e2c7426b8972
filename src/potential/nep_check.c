/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is refused on purpose, and what is not.
 *
 * An angular cutoff above the radial one is accepted: the format defines both independently. No
 * trainer writes such a model, and GPUMD would look for angular neighbours among the radial ones.
 *
 * q_scaler is 1/(max - min) of a descriptor over the training set. A negative one is the sign of
 * numbers in the wrong place; zero merely switches a descriptor off.
 *
 * Published programs hold the numbers in single precision; what that cannot hold is refused.
 *
 * Cutoffs per type of a charge model have no meaning, as the radial cutoff sets the width of the
 * charges; the published programs disagree about them. */
#include "potential/nep_check.h"

#include <assert.h>
#include <math.h>

#include "base/elements.h"
#include "potential/nep_token.h"

enum vt_code vt_nep_check_elements(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    *word = 1;
    if (model->n_types < 1 || model->n_types > VT_NEP_MAX_TYPES)
        return vt_fail(error, VT_INPUT, "a model has 1 to %d elements, not %d", VT_NEP_MAX_TYPES,
                       model->n_types);
    for (int t = 0; t < model->n_types; t++) {
        const int z = model->atomic_number[t];
        *word = 2 + t;
        if (z < 1 || z > VT_NEP_MAX_TYPES)
            return vt_fail(error, VT_INPUT, "element %d is not one of H to Pu", t + 1);
        for (int earlier = 0; earlier < t; earlier++)
            if (model->atomic_number[earlier] == z)
                return vt_fail(error, VT_INPUT, "element %s is listed twice", vt_element_symbol(z));
    }
    char token[32];
    vt_nep_token(model, token);
    *word = 0;
    if (!*token)
        return vt_fail(error, VT_UNSUPPORTED, "there is no NEP%d model with charge mode %d",
                       model->version, model->charge_mode);
    return VT_OK;
}

static bool is_length(double value, double least)
{
    return isfinite(value) && value >= least && value <= VT_NEP_MAX_CUTOFF;
}

/* Inner and outer cutoff of a ZBL term. *word: 0 inner, 1 outer. */
static enum vt_code check_zbl_range(double inner, double outer, int *word, struct vt_error *error)
{
    *word = 0;
    if (!is_length(inner, 0.0))
        return vt_fail(error, VT_INPUT, "inner ZBL cutoff %g is not from 0 to %g A", inner,
                       VT_NEP_MAX_CUTOFF);
    *word = 1;
    if (!is_length(outer, 0.0))
        return vt_fail(error, VT_INPUT, "outer ZBL cutoff %g is not from 0 to %g A", outer,
                       VT_NEP_MAX_CUTOFF);
    if (inner > outer)
        return vt_fail(error, VT_INPUT, "inner ZBL cutoff %g A is larger than the outer one, %g A",
                       inner, outer);
    return VT_OK;
}

enum vt_code vt_nep_check_zbl(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    *word = 0;
    if (model->zbl == VT_ZBL_NONE || model->zbl == VT_ZBL_FLEXIBLE)
        return VT_OK;
    const enum vt_code code = check_zbl_range(model->zbl_inner, model->zbl_outer, word, error);
    *word += 1;
    if (code)
        return code;
    if (model->zbl_outer == 0.0)
        return vt_fail(error, VT_INPUT, "the outer ZBL cutoff is zero");
    *word = 3;
    if (model->zbl == VT_ZBL_TYPEWISE &&
        !(model->zbl_factor > 0.0 && model->zbl_factor <= VT_NEP_MAX_FACTOR))
        return vt_fail(error, VT_INPUT, "ZBL factor %g is not above 0 and at most %g",
                       model->zbl_factor, VT_NEP_MAX_FACTOR);
    return VT_OK;
}

static enum vt_code check_one_cutoff(double cutoff, const char *name, struct vt_error *error)
{
    if (is_length(cutoff, VT_NEP_MIN_CUTOFF))
        return VT_OK;
    return vt_fail(error, VT_INPUT, "%s cutoff %g is not from %g to %g A", name, cutoff,
                   VT_NEP_MIN_CUTOFF, VT_NEP_MAX_CUTOFF);
}

/* The line with factors: words 5, 6 and 7. Zero means that the file has none or switches it off. */
static enum vt_code check_factors(const struct vt_nep *model, int *word, struct vt_error *error)
{
    const double factor[3] = {model->factor_radial, model->factor_angular, model->factor_zbl};
    for (int i = 0; i < 3; i++) {
        *word = 5 + i;
        if (!(factor[i] >= 0.0 && factor[i] <= VT_NEP_MAX_FACTOR))
            return vt_fail(error, VT_INPUT, "cutoff factor %g is not from 0 to %g", factor[i],
                           VT_NEP_MAX_FACTOR);
        if (i < 2 && factor[i] > 0.0 && factor[i] < VT_NEP_MIN_FACTOR)
            return vt_fail(error, VT_INPUT, "cutoff factor %g is below %g", factor[i],
                           VT_NEP_MIN_FACTOR);
        if (i < 2 && factor[i] > 0.0 && model->charge_mode)
            return vt_fail(error, VT_UNSUPPORTED,
                           "a charge model has the same cutoffs for all elements, "
                           "but this line scales them by covalent radii");
    }
    if ((factor[0] > 0.0 || factor[1] > 0.0 || factor[2] > 0.0) &&
        !vt_nep_has_uniform_cutoffs(model))
        return vt_fail(error, VT_INPUT, "cutoffs per type do not go with cutoff factors");
    if (model->factor_zbl > 0.0 && model->zbl == VT_ZBL_TYPEWISE)
        return vt_fail(error, VT_INPUT, "both the zbl line and the cutoff line have a ZBL factor");
    return VT_OK;
}

enum vt_code vt_nep_check_cutoffs(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    for (int t = 0; t < model->n_types; t++) {
        *word = 1 + 2 * t;
        enum vt_code code = check_one_cutoff(model->cutoff_radial[t], "radial", error);
        if (code)
            return code;
        *word = 2 + 2 * t;
        code = check_one_cutoff(model->cutoff_angular[t], "angular", error);
        if (code)
            return code;
    }
    *word = 0;
    if (model->charge_mode && !vt_nep_has_uniform_cutoffs(model))
        return vt_fail(error, VT_UNSUPPORTED,
                       "a charge model has the same cutoffs for all elements");
    return check_factors(model, word, error);
}

/* Two numbers of a line, each from 0 to most. */
static enum vt_code check_pair(int radial, int angular, int most, const char *what, int *word,
                               struct vt_error *error)
{
    assert(most > 0);
    for (int i = 0; i < 2; i++) {
        const int value = i ? angular : radial;
        *word = 1 + i;
        if (value < 0 || value > most)
            return vt_fail(error, VT_INPUT, "%s %s %d is not from 0 to %d",
                           i ? "angular" : "radial", what, value, most);
    }
    return VT_OK;
}

enum vt_code vt_nep_check_n_max(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    return check_pair(model->n_radial, model->n_angular, VT_NEP_MAX_N, "n_max", word, error);
}

enum vt_code vt_nep_check_basis_size(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    return check_pair(model->k_radial, model->k_angular, VT_NEP_MAX_K, "basis_size", word, error);
}

enum vt_code vt_nep_check_l_max(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    static const struct {
        const char *name;
        int needs_l;
    } terms[VT_NEP_TERMS] = {
        [VT_Q222] = {"222", 2}, [VT_Q1111] = {"1111", 1}, [VT_Q112] = {"112", 2},
        [VT_Q123] = {"123", 3}, [VT_Q233] = {"233", 3},   [VT_Q134] = {"134", 4},
    };
    *word = 1;
    if (model->l_max < 1 || model->l_max > VT_NEP_MAX_L)
        return vt_fail(error, VT_INPUT, "l_max %d is not from 1 to %d", model->l_max, VT_NEP_MAX_L);
    for (int i = 0; i < VT_NEP_TERMS; i++) {
        *word = 2 + i;
        if (model->term[i] && model->l_max < terms[i].needs_l)
            return vt_fail(error, VT_INPUT, "the term %s needs l_max %d or more, but it is %d",
                           terms[i].name, terms[i].needs_l, model->l_max);
    }
    return VT_OK;
}

enum vt_code vt_nep_check_neurons(const struct vt_nep *model, int *word, struct vt_error *error)
{
    assert(model && word);
    *word = 1;
    if (model->neurons < 1 || model->neurons > VT_NEP_MAX_NEURONS)
        return vt_fail(error, VT_INPUT, "number of neurons %d is not from 1 to %d", model->neurons,
                       VT_NEP_MAX_NEURONS);
    return VT_OK;
}

/* Rows of the flexible ZBL: inner, outer, a1, b1 ... a4, b4 with terms a exp(-b x). */
static enum vt_code check_zbl_number(const double *numbers, size_t index, size_t in_row,
                                     struct vt_error *error)
{
    const double value = numbers[index];
    int which = 0;
    if (in_row == 0)
        return check_zbl_range(value, VT_NEP_MAX_CUTOFF, &which, error);
    if (in_row == 1)
        return check_zbl_range(numbers[index - 1], value, &which, error);
    if (in_row % 2 == 1 && value < 0.0)
        return vt_fail(error, VT_INPUT, "exponent %g of a ZBL term is negative", value);
    return VT_OK;
}

enum vt_code vt_nep_check_number(const struct vt_nep *model, size_t index, struct vt_error *error)
{
    assert(model->numbers && index < model->n_numbers);
    const double value = model->numbers[index];
    const size_t first_zbl = model->n_trainable + (size_t)model->dimension;
    char where[96];
    if (!(fabs(value) <= VT_NEP_MAX_NUMBER))
        return vt_fail(error, VT_INPUT, "%s is beyond the range of single precision: %g",
                       vt_nep_describe(model, index, where, sizeof where), value);
    if (index < model->n_trainable)
        return VT_OK;
    if (index < first_zbl) {
        if (value >= 0.0)
            return VT_OK;
        vt_fail(error, VT_INPUT, "%s is negative: %g",
                vt_nep_describe(model, index, where, sizeof where), value);
        vt_hint(error, "q_scaler is 1/(max - min) of a descriptor; do the header and the numbers "
                       "belong together?");
        return VT_INPUT;
    }
    return check_zbl_number(model->numbers, index, (index - first_zbl) % VT_ZBL_ROW, error);
}
