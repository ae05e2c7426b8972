/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "structure/changes.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "structure/items.h"

static const int64_t most_atoms = 2000000000;

static bool has_partner(enum vt_change_kind kind)
{
    return kind == VT_CHANGE_REPLACE || kind == VT_CHANGE_SWAP;
}

static enum vt_code append(struct vt_changes *changes, const struct vt_change *change,
                           struct vt_error *error)
{
    const enum vt_code code =
        vt_reserve(&changes->change, &changes->capacity, changes->n + 1, sizeof *changes->change,
                   "changes of the structure", error);
    if (!code)
        changes->change[changes->n++] = *change;
    return code;
}

void vt_changes_destroy(struct vt_changes *changes)
{
    if (!changes)
        return;
    vt_free(changes->change);
    *changes = (struct vt_changes){0};
}

/* "4", "25 %", or nothing for all. */
static bool read_amount(struct vt_span span, struct vt_change *change)
{
    if (span.length == 0) {
        change->share = 1;
        return change->kind == VT_CHANGE_REPLACE || change->kind == VT_CHANGE_REMOVE;
    }
    if (span.text[span.length - 1] == '%') {
        struct vt_span number, rest;
        vt_span_cut(span, '%', &number, &rest);
        const bool is_number = vt_parse_double(number.text, number.length, &change->share);
        change->share /= 100;
        return is_number && change->kind != VT_CHANGE_ADD && change->share > 0 &&
               change->share <= 1;
    }
    return vt_parse_int64(span.text, span.length, &change->count) && change->count > 0 &&
           change->count <= most_atoms;
}

static bool read_change(const struct vt_item *item, struct vt_change *change)
{
    struct vt_span element, amount;
    if (has_partner(change->kind)) {
        struct vt_span other;
        vt_span_cut(item->value, ':', &other, &amount);
        element = item->name;
        change->other = vt_span_element(other);
        if (change->other == 0)
            return false;
    } else {
        vt_span_cut(item->all, ':', &element, &amount);
    }
    change->element = vt_span_element(element);
    return change->element != 0 && change->element != change->other && read_amount(amount, change);
}

enum vt_code vt_changes_parse(struct vt_changes *changes, enum vt_change_kind kind,
                              const char *list, struct vt_error *error)
{
    assert(changes);
    static const char *const forms[] = {
        [VT_CHANGE_REPLACE] = "write OLD=NEW:NUMBER or OLD=NEW:SHARE %, as in Zr=Al:2,Cl=O:25 %",
        [VT_CHANGE_SWAP] = "write ONE=OTHER:NUMBER or ONE=OTHER:SHARE %, as in Li=Zr:2",
        [VT_CHANGE_REMOVE] = "write ELEMENT:NUMBER or ELEMENT:SHARE %, as in Li:4",
        [VT_CHANGE_ADD] = "write ELEMENT:NUMBER, as in Li:4"};
    struct vt_item item;
    enum vt_code code = VT_OK;
    while (!code && vt_next_item(&list, &item)) {
        struct vt_change change = {.kind = kind};
        if (read_change(&item, &change)) {
            code = append(changes, &change, error);
        } else {
            code = vt_fail(error, VT_INPUT, "'%.*s' is no such change", (int)item.all.length,
                           item.all.text);
            vt_hint(error, "%s", forms[kind]);
        }
    }
    return code;
}

/* How many atoms of an element the changes take. */
static double count_taken(const struct vt_changes *changes, int element)
{
    assert(element > 0);
    double taken = 0;
    for (size_t k = 0; k < changes->n; k++) {
        const struct vt_change *change = &changes->change[k];
        const bool takes = change->kind != VT_CHANGE_ADD && change->element == element;
        const bool takes_other = change->kind == VT_CHANGE_SWAP && change->other == element;
        if (takes || takes_other)
            taken += (double)change->count;
    }
    return taken;
}

static enum vt_code check_taken(const struct vt_changes *changes, const struct vt_formula *before,
                                int element, struct vt_error *error)
{
    const double there = vt_formula_amount(before, element), taken = count_taken(changes, element);
    if (taken <= there)
        return VT_OK;
    vt_fail(error, VT_INPUT, "%.0f of the atoms of %s are to be changed, but there %s %.0f", taken,
            vt_element_symbol(element), there == 1 ? "is" : "are", there);
    if (there > 0)
        vt_hint(error, "an atom is changed only once");
    return VT_INPUT;
}

enum vt_code vt_changes_settle(struct vt_changes *changes, const struct vt_formula *before,
                               struct vt_error *error)
{
    assert(changes && before);
    for (size_t k = 0; k < changes->n; k++) {
        struct vt_change *change = &changes->change[k];
        const double there = vt_formula_amount(before, change->element);
        const char *symbol = vt_element_symbol(change->element);
        if (change->share > 0)
            change->count = (int64_t)nearbyint(change->share * there);
        if (change->count > 0)
            continue;
        if (there == 0)
            return vt_fail(error, VT_INPUT, "the structure has no %s to change", symbol);
        vt_fail(error, VT_INPUT, "%g %% of %.0f atoms of %s are none", 100 * change->share, there,
                symbol);
        vt_hint(error, "state a number, or take a larger structure");
        return VT_INPUT;
    }
    enum vt_code code = VT_OK;
    for (size_t k = 0; k < changes->n && !code; k++) {
        const struct vt_change *change = &changes->change[k];
        if (change->kind != VT_CHANGE_ADD)
            code = check_taken(changes, before, change->element, error);
        if (!code && change->kind == VT_CHANGE_SWAP)
            code = check_taken(changes, before, change->other, error);
    }
    return code;
}

void vt_changes_apply(const struct vt_changes *changes, const struct vt_formula *before,
                      struct vt_formula *after)
{
    double gained[VT_ELEMENTS + 1] = {0};
    struct vt_formula all = *before; /* elements in the order they are first seen */
    for (size_t k = 0; k < changes->n; k++) {
        const struct vt_change *change = &changes->change[k];
        const double count = (double)change->count;
        if (change->kind == VT_CHANGE_SWAP)
            continue;
        gained[change->element] += change->kind == VT_CHANGE_ADD ? count : -count;
        gained[change->other] += count;
        vt_formula_add(&all, change->kind == VT_CHANGE_REPLACE ? change->other : change->element,
                       1);
    }
    *after = (struct vt_formula){0};
    for (int i = 0; i < all.n; i++) {
        const int e = all.element[i];
        const double amount = vt_formula_amount(before, e) + gained[e];
        assert(amount >= 0);
        if (amount > 0)
            vt_formula_add(after, e, amount);
    }
}

enum vt_code vt_changes_balance(struct vt_changes *changes, const struct vt_formula *before,
                                const struct vt_charges *charges, int element,
                                struct vt_error *error)
{
    assert(changes && before && charges);
    assert(element > 0);
    struct vt_formula after;
    vt_changes_apply(changes, before, &after);
    const char *symbol = vt_element_symbol(element);
    if (!vt_charges_all_known(charges, &after) || !charges->is_known[element]) {
        char text[VT_CHARGES_SIZE];
        return vt_fail(error, VT_INPUT, "to balance charges, all must be known: %s",
                       vt_charges_text(charges, &after, text));
    }
    const int64_t excess = (int64_t)vt_charges_total(charges, &after);
    const int charge = charges->charge[element];
    if (excess == 0)
        return VT_OK;
    if (charge == 0 || excess % charge != 0)
        return vt_fail(error, VT_INPUT, "a charge of %+lld is not balanced by %s with %+d each",
                       (long long)excess, symbol, charge);
    const int64_t surplus = excess / charge;
    const struct vt_change change = {.kind = surplus > 0 ? VT_CHANGE_REMOVE : VT_CHANGE_ADD,
                                     .element = element,
                                     .count = surplus > 0 ? surplus : -surplus};
    const enum vt_code code = append(changes, &change, error);
    return code ? code : check_taken(changes, before, element, error);
}
