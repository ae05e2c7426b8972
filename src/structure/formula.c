/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A descent over   mix = part {(- or +) part},  part = [number] group {group},
 * group = (symbol or "(" group {group} ")") [number]. Amounts inside parentheses are collected in a
 * formula of their own, because the factor stands behind them. */
#include "structure/formula.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { DEEPEST = 8 };
static const double largest_amount = 1e9;

struct parser {
    const char *text, *at;
    int depth;
    struct vt_error *error;
};

double vt_formula_amount(const struct vt_formula *formula, int element)
{
    assert(formula);
    assert(element > 0);
    for (int i = 0; i < formula->n; i++)
        if (formula->element[i] == element)
            return formula->amount[i];
    return 0;
}

void vt_formula_add(struct vt_formula *formula, int element, double amount)
{
    assert(element >= 1 && element <= VT_ELEMENTS && amount > 0);
    int i = 0;
    while (i < formula->n && formula->element[i] != element)
        i++;
    if (i == formula->n) {
        formula->element[formula->n++] = element;
        formula->amount[i] = 0;
    }
    formula->amount[i] += amount;
}

double vt_formula_total(const struct vt_formula *formula)
{
    assert(formula);
    double total = 0;
    for (int i = 0; i < formula->n; i++)
        total += formula->amount[i];
    return total;
}

double vt_formula_mass(const struct vt_formula *formula)
{
    assert(formula);
    double mass = 0;
    for (int i = 0; i < formula->n; i++)
        mass += formula->amount[i] * vt_element_mass(formula->element[i]);
    return mass;
}

char *vt_formula_text(const struct vt_formula *formula, char text[VT_FORMULA_SIZE])
{
    assert(formula && text);
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < formula->n && length < VT_FORMULA_SIZE; i++) {
        char number[32] = "";
        if (formula->amount[i] != 1)
            snprintf(number, sizeof number, "%.10g", formula->amount[i]);
        const int n = snprintf(text + length, VT_FORMULA_SIZE - length, "%s%s",
                               vt_element_symbol(formula->element[i]), number);
        length += (size_t)n;
    }
    return text;
}

static void skip_blanks(struct parser *parser)
{
    while (*parser->at == ' ' || *parser->at == '\t')
        parser->at++;
}

static enum vt_code fail(const struct parser *parser, const char *what)
{
    vt_fail(parser->error, VT_INPUT, "'%s' is no composition: %s at character %ld", parser->text,
            what, (long)(parser->at - parser->text) + 1);
    vt_hint(parser->error, "write Li2ZrCl6, Li2.25Zr0.75Al0.25Cl6, Ca3(PO4)2 or 75Li2S-25P2S5");
    return VT_INPUT;
}

/* A number if there is one, else 1. */
static enum vt_code take_number(struct parser *parser, double *value)
{
    skip_blanks(parser);
    *value = 1;
    const size_t length = strspn(parser->at, "0123456789.");
    if (length == 0)
        return VT_OK;
    if (!vt_parse_double(parser->at, length, value))
        return fail(parser, "an amount that is no number");
    if (!(*value > 0))
        return fail(parser, "an amount of 0");
    if (*value > largest_amount)
        return fail(parser, "an amount above 1e9");
    parser->at += length;
    return VT_OK;
}

static enum vt_code take_groups(struct parser *parser, struct vt_formula *formula);

static enum vt_code take_element(struct parser *parser, struct vt_formula *group)
{
    size_t length = 1;
    while (islower((unsigned char)parser->at[length]))
        length++;
    const int element = vt_atomic_number(parser->at, length);
    if (element == 0)
        return fail(parser, "no element");
    vt_formula_add(group, element, 1);
    parser->at += length;
    return VT_OK;
}

static enum vt_code take_parentheses(struct parser *parser, struct vt_formula *group)
{
    if (parser->depth == DEEPEST)
        return fail(parser, "too many parentheses");
    parser->depth++;
    parser->at++;
    const enum vt_code code = take_groups(parser, group);
    if (code)
        return code;
    if (*parser->at != ')')
        return fail(parser, "a parenthesis that is not closed,");
    parser->depth--;
    parser->at++;
    return VT_OK;
}

static enum vt_code take_groups(struct parser *parser, struct vt_formula *formula)
{
    skip_blanks(parser);
    do {
        struct vt_formula group = {0};
        double factor;
        enum vt_code code;
        if (*parser->at == '(')
            code = take_parentheses(parser, &group);
        else if (isupper((unsigned char)*parser->at))
            code = take_element(parser, &group);
        else
            code = fail(parser, "an element is missing");
        if (!code)
            code = take_number(parser, &factor);
        if (code)
            return code;
        for (int i = 0; i < group.n; i++)
            vt_formula_add(formula, group.element[i], factor * group.amount[i]);
        skip_blanks(parser);
    } while (*parser->at && !strchr(")-+", *parser->at));
    return VT_OK;
}

static enum vt_code take_part(struct parser *parser, struct vt_formula *formula)
{
    double factor;
    struct vt_formula part = {0};
    enum vt_code code = take_number(parser, &factor);
    if (!code)
        code = take_groups(parser, &part);
    if (code)
        return code;
    for (int i = 0; i < part.n; i++)
        vt_formula_add(formula, part.element[i], factor * part.amount[i]);
    return VT_OK;
}

enum vt_code vt_formula_parse(struct vt_formula *formula, const char *text, struct vt_error *error)
{
    assert(formula && text);
    *formula = (struct vt_formula){0};
    struct parser parser = {.text = text, .at = text, .error = error};
    enum vt_code code = take_part(&parser, formula);
    while (!code && (*parser.at == '-' || *parser.at == '+')) {
        parser.at++;
        code = take_part(&parser, formula);
    }
    if (!code && *parser.at)
        code = fail(&parser, "a parenthesis that was not opened,");
    if (!code && vt_formula_total(formula) > largest_amount)
        code = vt_fail(error, VT_INPUT, "'%s' is no composition: more than 1e9 in all", text);
    return code;
}
