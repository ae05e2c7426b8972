/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sum of two cations' radii says nothing: they never touch. What keeps them apart is the anions
 * between them; in octahedra of anions of radius R that share an edge, cations of radii r and s are
 * (r + s + 2 R) / sqrt(2) from each other. */
#include "structure/distances.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "structure/ions_table.h"
#include "structure/items.h"

/* Larger ones hold no atoms apart but make the search for neighbours endless. */
static const double largest_distance = 20; /* A */

/* Radius of the smallest anion, 0 without anions. */
static double smallest_anion(const struct vt_formula *formula, const struct vt_charges *charges)
{
    double radius = 0;
    for (int i = 0; i < formula->n; i++) {
        const double r = vt_ion(formula->element[i]).radius;
        if (charges->charge[formula->element[i]] < 0 && (radius == 0 || r < radius))
            radius = r;
    }
    return radius;
}

static int index_of(const struct vt_formula *formula, struct vt_span span)
{
    const int element = vt_span_element(span);
    for (int i = 0; i < formula->n; i++)
        if (formula->element[i] == element)
            return i;
    return -1;
}

/* "1.9" or "1.9 A", "190 pm". */
static bool read_length(struct vt_span span, double *length)
{
    char text[64];
    if (vt_parse_double(span.text, span.length, length))
        return true;
    if (span.length >= sizeof text)
        return false;
    memcpy(text, span.text, span.length);
    text[span.length] = '\0';
    return vt_parse_quantity(text, VT_LENGTH, (struct vt_place){0}, length, NULL) == VT_OK;
}

static enum vt_code set_listed(double *minimum, const struct vt_formula *formula,
                               const struct vt_item *item, struct vt_error *error)
{
    struct vt_span a, b;
    double length = 0;
    vt_span_cut(item->name, '-', &a, &b);
    const bool are_elements = vt_span_element(a) && vt_span_element(b);
    if (!are_elements || !read_length(item->value, &length) || !(length >= 0) ||
        length > largest_distance) {
        vt_fail(error, VT_INPUT, "'%.*s' is no distance of a pair", (int)item->all.length,
                item->all.text);
        vt_hint(error, "write ELEMENT-ELEMENT=LENGTH with 0 to %g A, as in Li-Cl=1.9,O-O=2.4",
                largest_distance);
        return VT_INPUT;
    }
    const int i = index_of(formula, a), j = index_of(formula, b);
    if (i < 0 || j < 0)
        return vt_fail(error, VT_INPUT, "'%.*s': there is no %.*s in the composition",
                       (int)item->all.length, item->all.text, (int)(i < 0 ? a : b).length,
                       (i < 0 ? a : b).text);
    minimum[i * formula->n + j] = minimum[j * formula->n + i] = length;
    return VT_OK;
}

enum vt_code vt_distances_set(double *minimum, const struct vt_formula *formula,
                              const struct vt_distance_rules *rules, struct vt_error *error)
{
    assert(minimum && rules->charges && rules->contact > 0);
    const int n = formula->n;
    const double anion = smallest_anion(formula, rules->charges);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int *charge = rules->charges->charge, *element = formula->element;
            const double r = vt_ion(element[i]).radius, s = vt_ion(element[j]).radius;
            const bool cations = charge[element[i]] > 0 && charge[element[j]] > 0;
            const double touching = cations ? (r + s + 2 * anion) / sqrt(2) : r + s;
            minimum[i * n + j] = r == 0 || s == 0 ? NAN : rules->contact * fmax(touching, 0);
        }
    const char *rest = rules->list;
    struct vt_item item;
    while (vt_next_item(&rest, &item)) {
        const enum vt_code code = set_listed(minimum, formula, &item, error);
        if (code)
            return code;
    }
    for (int p = 0; p < n * n; p++)
        if (isnan(minimum[p])) {
            const char *a = vt_element_symbol(formula->element[p / n]);
            const char *b = vt_element_symbol(formula->element[p % n]);
            return vt_fail(error, VT_INPUT, "no distance of %s-%s is known: state it", a, b);
        }
    return VT_OK;
}
