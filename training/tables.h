/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expansion coefficients in the order of matrix products: of each type of centre [n][t k], t the
 * type of the neighbour; the angular ones also turned, [t k][n] with n padded. As a gradient, the
 * sum of both counts. */
#ifndef VT_TABLES_H
#define VT_TABLES_H

#include "base/error.h"
#include "training/layout.h"

struct vt_tables {
    size_t n_radial, n_angular, n_turned; /* numbers of a type of centre */
    double *radial, *angular, *turned;
};

enum vt_code vt_tables_create(struct vt_tables *tables, const struct vt_layout *layout,
                              struct vt_error *error);
void vt_tables_destroy(struct vt_tables *tables);

/* From numbers in the order of the file (all parameters), and back: added to. */
void vt_tables_read(struct vt_tables *tables, const struct vt_layout *layout,
                    const struct vt_block_places *places, const double *numbers);
void vt_tables_add_to(const struct vt_tables *tables, const struct vt_layout *layout,
                      const struct vt_block_places *places, double *numbers);
void vt_tables_clear(struct vt_tables *tables, const struct vt_layout *layout);

#endif
