/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "structure/charges.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "structure/ions_table.h"
#include "structure/items.h"

/* Amounts are sums of decimal numbers: their rounding is far below this share, a slip in a formula
 * far above. */
static const double rounding = 1e-9;

static enum vt_code set_one(struct vt_charges *charges, const struct vt_item *item,
                            struct vt_error *error)
{
    const int element = vt_span_element(item->name);
    int64_t charge;
    if (element && vt_parse_int64(item->value.text, item->value.length, &charge) &&
        llabs(charge) <= VT_LARGEST_CHARGE) {
        charges->charge[element] = (int)charge;
        charges->is_known[element] = true;
        return VT_OK;
    }
    vt_fail(error, VT_INPUT, "'%.*s' is no charge of an element", (int)item->all.length,
            item->all.text);
    vt_hint(error, "write ELEMENT=CHARGE with a whole number from -8 to 8, as in Li=1,Fe=3,Cl=-1");
    return VT_INPUT;
}

enum vt_code vt_charges_set(struct vt_charges *charges, const char *list, struct vt_error *error)
{
    assert(charges);
    for (int e = 1; e <= VT_ELEMENTS; e++) {
        const struct vt_ion ion = vt_ion(e);
        charges->charge[e] = ion.charge;
        charges->is_known[e] = ion.certain;
    }
    struct vt_item item;
    enum vt_code code = VT_OK;
    while (!code && vt_next_item(&list, &item))
        code = set_one(charges, &item, error);
    return code;
}

bool vt_charges_all_known(const struct vt_charges *charges, const struct vt_formula *formula)
{
    assert(charges && formula);
    for (int i = 0; i < formula->n; i++)
        if (!charges->is_known[formula->element[i]])
            return false;
    return true;
}

double vt_charges_total(const struct vt_charges *charges, const struct vt_formula *formula)
{
    assert(charges && formula);
    double total = 0;
    for (int i = 0; i < formula->n; i++)
        total += charges->charge[formula->element[i]] * formula->amount[i];
    return total;
}

bool vt_charges_neutral(const struct vt_charges *charges, const struct vt_formula *formula)
{
    assert(charges && formula);
    double size = 0;
    for (int i = 0; i < formula->n; i++)
        size += abs(charges->charge[formula->element[i]]) * formula->amount[i];
    return fabs(vt_charges_total(charges, formula)) <= rounding * size;
}

char *vt_charges_text(const struct vt_charges *charges, const struct vt_formula *formula,
                      char text[VT_CHARGES_SIZE])
{
    assert(charges && formula && text);
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < formula->n && length < VT_CHARGES_SIZE; i++) {
        const int element = formula->element[i];
        char charge[16] = "unknown";
        if (charges->is_known[element])
            snprintf(charge, sizeof charge, "%+d", charges->charge[element]);
        length += (size_t)snprintf(text + length, VT_CHARGES_SIZE - length, "%s%s %s",
                                   i ? ", " : "", vt_element_symbol(element), charge);
    }
    return text;
}

enum vt_code vt_charges_check(const struct vt_charges *charges, const struct vt_formula *formula,
                              struct vt_error *error)
{
    assert(charges && formula);
    if (!vt_charges_all_known(charges, formula) || vt_charges_neutral(charges, formula))
        return VT_OK;
    char text[VT_CHARGES_SIZE], formula_text[VT_FORMULA_SIZE];
    return vt_fail(error, VT_INPUT, "%s has a charge of %+.6g with %s",
                   vt_formula_text(formula, formula_text), vt_charges_total(charges, formula),
                   vt_charges_text(charges, formula, text));
}
