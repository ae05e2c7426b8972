/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes of a model as training has its arrays, and where its parameters lie among the trainable
 * numbers of the file. */
#ifndef VT_LAYOUT_H
#define VT_LAYOUT_H

#include "potential/plan.h"

enum { VT_PAD = 8 }; /* harmonics are padded to a multiple, with zeros */

struct vt_layout {
    size_t n_types;
    size_t n_radial, k_radial;   /* radial functions; basis functions */
    size_t n_angular, k_angular; /* likewise */
    size_t n_harmonics;          /* B_lc */
    size_t stride;               /* ... padded */
    size_t dimension;            /* of the descriptor */
    size_t n_blocks;             /* angular descriptors of each n */
    size_t neurons;
    size_t n_parameters;
    int l_max, charge_mode, version;
    bool term[VT_NEP_TERMS];
    /* [l - 1]: of S_lc^2 in the three-body descriptor of that l, zero for all others. */
    _Alignas(64) double weights[VT_NEP_MAX_L][VT_MAX_HARMONICS];
};

/* Of the network of a type. charge and bias: n_parameters if the model has none. */
struct vt_network_place {
    size_t w0, b0, w1, wq, bias;
};

/* Places of the other blocks; sqrt_epsilon: n_parameters without charges. */
struct vt_block_places {
    size_t sqrt_epsilon, common_bias, radial, angular;
};

/* Numbers of n_angular, padded: rows of coefficients that are turned, [t k][n]. */
static inline size_t vt_turned_width(const struct vt_layout *layout)
{
    return (layout->n_angular + VT_PAD - 1) / VT_PAD * VT_PAD;
}

struct vt_layout vt_layout(const struct vt_plan *plan);
struct vt_network_place vt_network_place(const struct vt_nep *model, int type);
struct vt_block_places vt_block_places(const struct vt_nep *model);

#endif
