/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training/tables.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

enum vt_code vt_tables_create(struct vt_tables *tables, const struct vt_layout *layout,
                              struct vt_error *error)
{
    *tables = (struct vt_tables){
        .n_radial = layout->n_radial * layout->n_types * layout->k_radial,
        .n_angular = layout->n_angular * layout->n_types * layout->k_angular,
        .n_turned = vt_turned_width(layout) * layout->n_types * layout->k_angular};
    enum vt_code code = vt_alloc(&tables->radial, layout->n_types * tables->n_radial,
                                 sizeof(double), "coefficients", error);
    if (!code)
        code = vt_alloc(&tables->angular, layout->n_types * tables->n_angular, sizeof(double),
                        "coefficients", error);
    if (!code)
        code = vt_alloc(&tables->turned, layout->n_types * tables->n_turned, sizeof(double),
                        "coefficients", error);
    return code;
}

void vt_tables_destroy(struct vt_tables *tables)
{
    vt_free(tables->radial);
    vt_free(tables->angular);
    vt_free(tables->turned);
    *tables = (struct vt_tables){0};
}

/* Place in the file, from the begin of a block, of each number of a table in turn. */
static size_t in_file(size_t n_types, size_t n_basis, size_t type, size_t index)
{
    const size_t k = index % n_basis, t = index / n_basis % n_types;
    const size_t n = index / (n_basis * n_types);
    return ((n * n_basis + k) * n_types + type) * n_types + t;
}

/* Where the turned table of a type has number `index` of the other. */
static size_t turned_place(const struct vt_layout *layout, size_t type, size_t index)
{
    const size_t width = layout->n_types * layout->k_angular;
    return (type * width + index % width) * vt_turned_width(layout) + index / width;
}

void vt_tables_read(struct vt_tables *tables, const struct vt_layout *layout,
                    const struct vt_block_places *places, const double *numbers)
{
    assert(tables->radial && numbers && places->angular > places->radial);
    for (size_t type = 0; type < layout->n_types; type++) {
        for (size_t i = 0; i < tables->n_radial; i++)
            tables->radial[type * tables->n_radial + i] =
                numbers[places->radial + in_file(layout->n_types, layout->k_radial, type, i)];
        for (size_t i = 0; i < tables->n_angular; i++) {
            const double c =
                numbers[places->angular + in_file(layout->n_types, layout->k_angular, type, i)];
            tables->angular[type * tables->n_angular + i] = c;
            tables->turned[turned_place(layout, type, i)] = c;
        }
    }
}

void vt_tables_add_to(const struct vt_tables *tables, const struct vt_layout *layout,
                      const struct vt_block_places *places, double *numbers)
{
    assert(tables->radial && numbers && places->angular > places->radial);
    for (size_t type = 0; type < layout->n_types; type++) {
        for (size_t i = 0; i < tables->n_radial; i++)
            numbers[places->radial + in_file(layout->n_types, layout->k_radial, type, i)] +=
                tables->radial[type * tables->n_radial + i];
        for (size_t i = 0; i < tables->n_angular; i++)
            numbers[places->angular + in_file(layout->n_types, layout->k_angular, type, i)] +=
                tables->angular[type * tables->n_angular + i] +
                tables->turned[turned_place(layout, type, i)];
    }
}

void vt_tables_clear(struct vt_tables *tables, const struct vt_layout *layout)
{
    memset(tables->radial, 0, layout->n_types * tables->n_radial * sizeof(double));
    memset(tables->angular, 0, layout->n_types * tables->n_angular * sizeof(double));
    memset(tables->turned, 0, layout->n_types * tables->n_turned * sizeof(double));
}
