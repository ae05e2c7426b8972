/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights are drawn for inputs of order 1, so the work is in q_scaler: it is the inverse of what a
 * descriptor amounts to around an atom with n(rc) randomly placed neighbours. With coefficients
 * from -1 to 1 and f_k about fc/2, g_n has the mean square fc^2 (K+1)/12. Then
 *
 *     q_n       ~ n(rcR) <fc> sqrt((K+1)/12)                    neighbours of a type add up in
 * phase q_{n,l}   ~ (2l+1) v,   v = n(rcA) <fc^2> (K+1)/(12 4 pi)  random directions: v is the mean
 * |A_lm|^2 q_{abc}   ~ v^(3/2),    q_1111 = 7/15 q_{n,1}^2
 *
 * where <fc> = 0.196 and <fc^2> = 0.11 are means over the sphere. */
#include "synthetic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dice.h"

static const double pi = 3.141592653589793;
static const double density = 0.06; /* atoms per A^3 */

struct synthetic synthetic_defaults(void)
{
    return (struct synthetic){
        .version = 4,
        .n_types = 3,
        .atomic_number = {56, 22, 8},
        .cutoff_radial = 5.0,
        .cutoff_angular = 4.0,
        .n_radial = 4,
        .n_angular = 3,
        .k_radial = 6,
        .k_angular = 5,
        .l_max = 4,
        .term = {[VT_Q222] = true},
        .neurons = 10,
        .seed = 1,
    };
}

static void fill_header(struct vt_nep *model, const struct synthetic *options, struct dice *dice)
{
    *model = (struct vt_nep){
        .version = options->version,
        .charge_mode = options->charge_mode,
        .n_types = options->n_types,
        .zbl = options->zbl,
        .factor_radial = options->factor_radial,
        .factor_angular = options->factor_angular,
        .factor_zbl = options->factor_zbl,
        .has_max_neighbours = true,
        .max_neighbours_radial = 200,
        .max_neighbours_angular = 100,
        .n_radial = options->n_radial,
        .n_angular = options->n_angular,
        .k_radial = options->k_radial,
        .k_angular = options->k_angular,
        .l_max = options->l_max,
        .neurons = options->neurons,
    };
    if (model->zbl == VT_ZBL_UNIVERSAL || model->zbl == VT_ZBL_TYPEWISE) {
        model->zbl_inner = 1.0;
        model->zbl_outer = 2.2;
    }
    if (model->zbl == VT_ZBL_TYPEWISE)
        model->zbl_factor = 0.65;
    for (int i = 0; i < VT_NEP_TERMS; i++)
        model->term[i] = options->term[i];
    for (int t = 0; t < options->n_types && t < SYNTHETIC_TYPES; t++) {
        const double radial = options->per_type ? dice_real(dice, 0.8, 1.0) : 1.0;
        const double angular = options->per_type ? dice_real(dice, 0.8, 1.0) : 1.0;
        model->atomic_number[t] = options->atomic_number[t];
        model->cutoff_radial[t] = radial * options->cutoff_radial;
        model->cutoff_angular[t] = angular * options->cutoff_angular;
    }
}

/* count numbers from -most to most; returns one past the last. */
static double *draw(double *at, size_t count, double most, struct dice *dice)
{
    for (size_t i = 0; i < count; i++)
        *at++ = dice_real(dice, -most, most);
    return at;
}

static double *draw_networks(const struct vt_nep *model, double *at, struct dice *dice)
{
    const size_t neurons = (size_t)model->neurons, dimension = (size_t)model->dimension;
    const int networks = model->version == 3 ? 1 : model->n_types;
    for (int t = 0; t < networks; t++) {
        at = draw(at, neurons * dimension, sqrt(3.0 / (double)dimension), dice);
        at = draw(at, neurons, 1.0, dice);
        at = draw(at, neurons, 3.0 / sqrt((double)neurons), dice);
        if (model->charge_mode)
            at = draw(at, neurons, 1.5 / sqrt((double)neurons), dice);
        if (model->version == 5)
            at = draw(at, 1, 1.0, dice);
    }
    return at;
}

static double neighbours(double cutoff)
{
    return 4.0 * pi / 3.0 * cutoff * cutoff * cutoff * density;
}

static double *draw_scalers(const struct vt_nep *model, const struct synthetic *options, double *at,
                            struct dice *dice)
{
    const double radial =
        neighbours(options->cutoff_radial) * 0.196 * sqrt((model->k_radial + 1) / 12.0);
    const double v =
        neighbours(options->cutoff_angular) * 0.11 * (model->k_angular + 1) / (48.0 * pi);
    for (int n = 0; n <= model->n_radial; n++)
        *at++ = dice_real(dice, 0.5, 1.5) / radial;
    for (int l = 1; l <= model->l_max; l++)
        for (int n = 0; n <= model->n_angular; n++)
            *at++ = dice_real(dice, 0.5, 1.5) / ((2 * l + 1) * v);
    for (int term = 0; term < VT_NEP_TERMS; term++) {
        const double typical = term == VT_Q1111 ? 7.0 / 15.0 * 9.0 * v * v : pow(v, 1.5);
        for (int n = 0; n <= model->n_angular && model->term[term]; n++)
            *at++ = dice_real(dice, 0.5, 1.5) / typical;
    }
    return at;
}

/* A flexible row near the universal one, with cutoffs of its own. */
static double *draw_zbl_row(double *at, struct dice *dice)
{
    static const double universal[8] = {0.18175, 3.1998, 0.50986, 0.94229,
                                        0.28022, 0.4029, 0.02817, 0.20162};
    *at++ = dice_real(dice, 0.8, 1.4);
    *at++ = dice_real(dice, 2.0, 2.6);
    for (int i = 0; i < 8; i++)
        *at++ = universal[i] * dice_real(dice, 0.8, 1.2);
    return at;
}

void synthetic_model(struct vt_nep *model, const struct synthetic *options)
{
    struct dice dice = {options->seed};
    struct vt_error error = {0};
    fill_header(model, options, &dice);
    if (options->n_types > SYNTHETIC_TYPES || vt_nep_finish_header(model, &error)) {
        fprintf(stderr, "no such synthetic model: %s\n", error.message);
        exit(1);
    }
    const size_t pairs = (size_t)(model->n_types * model->n_types);
    const size_t expansions = (size_t)((model->n_radial + 1) * (model->k_radial + 1) +
                                       (model->n_angular + 1) * (model->k_angular + 1));
    double *at = draw_networks(model, model->numbers, &dice);
    if (model->charge_mode)
        *at++ = dice_real(&dice, 1.5, 2.5);
    at = draw(at, 1, 1.0, &dice);
    at = draw(at, expansions * pairs, 1.0, &dice);
    at = draw_scalers(model, options, at, &dice);
    if (model->zbl == VT_ZBL_FLEXIBLE)
        for (int row = 0; row < model->n_types * (model->n_types + 1) / 2; row++)
            at = draw_zbl_row(at, &dice);
    if (at != model->numbers + model->n_numbers) {
        fprintf(stderr, "synthetic model: the blocks do not add up to the header's count\n");
        exit(1);
    }
}

#define ALL_TERMS                                                                                  \
    {                                                                                              \
        true, true, true, true, true, true                                                         \
    }

/* What differs from the defaults. */
static const struct flavour {
    const char *name;
    int version, charge_mode;
    enum vt_zbl_kind zbl;
    int n_types, l_max;
    bool per_type;
    double factor_radial, factor_angular, factor_zbl;
    bool term[VT_NEP_TERMS];
} flavours[] = {
    {.name = "nep4"},
    {.name = "nep4 of one element", .n_types = 1},
    {.name = "nep3", .version = 3, .term = {[VT_Q222] = true, [VT_Q1111] = true}},
    {.name = "nep5", .version = 5},
    {.name = "nep3_zbl", .version = 3, .zbl = VT_ZBL_UNIVERSAL},
    {.name = "nep5_zbl, flexible", .version = 5, .zbl = VT_ZBL_FLEXIBLE},
    {.name = "nep4, all terms", .term = ALL_TERMS},
    {.name = "nep4, l_max 8 and all terms", .l_max = 8, .term = ALL_TERMS},
    {.name = "nep4, l_max 1 and 1111", .l_max = 1, .term = {[VT_Q1111] = true}},
    {.name = "nep4, l_max 3 with 112, 123 and 233",
     .l_max = 3,
     .term = {[VT_Q112] = true, [VT_Q123] = true, [VT_Q233] = true}},
    {.name = "nep4 with 134", .term = {[VT_Q134] = true}},
    {.name = "nep4, cutoffs per type", .per_type = true},
    {.name = "nep4, cutoffs scaled by covalent radii", .factor_radial = 1.4, .factor_angular = 1.2},
    {.name = "nep4_zbl", .zbl = VT_ZBL_UNIVERSAL},
    {.name = "nep4_zbl, typewise", .zbl = VT_ZBL_TYPEWISE, .per_type = true},
    {.name = "nep4_zbl, flexible", .zbl = VT_ZBL_FLEXIBLE},
    {.name = "nep4_zbl, factor in the cutoff line", .zbl = VT_ZBL_UNIVERSAL, .factor_zbl = 0.65},
    {.name = "nep4_charge1", .charge_mode = 1},
    {.name = "nep4_charge2", .charge_mode = 2},
    {.name = "nep4_charge3", .charge_mode = 3},
    {.name = "nep4_zbl_charge1, all terms",
     .charge_mode = 1,
     .zbl = VT_ZBL_UNIVERSAL,
     .term = ALL_TERMS},
    {.name = "nep4_zbl_charge2, typewise", .charge_mode = 2, .zbl = VT_ZBL_TYPEWISE},
    {.name = "nep4_zbl_charge3, flexible", .charge_mode = 3, .zbl = VT_ZBL_FLEXIBLE},
};

int synthetic_flavours(void)
{
    return (int)(sizeof flavours / sizeof flavours[0]);
}

struct synthetic synthetic_flavour(int i, const char **name)
{
    const struct flavour *flavour = &flavours[i];
    struct synthetic options = synthetic_defaults();
    *name = flavour->name;
    if (flavour->version)
        options.version = flavour->version;
    if (flavour->n_types)
        options.n_types = flavour->n_types;
    if (flavour->l_max)
        options.l_max = flavour->l_max;
    options.charge_mode = flavour->charge_mode;
    options.zbl = flavour->zbl;
    options.per_type = flavour->per_type;
    options.factor_radial = flavour->factor_radial;
    options.factor_angular = flavour->factor_angular;
    options.factor_zbl = flavour->factor_zbl;
    bool any = false;
    for (int term = 0; term < VT_NEP_TERMS; term++)
        any = any || flavour->term[term];
    for (int term = 0; term < VT_NEP_TERMS && any; term++)
        options.term[term] = flavour->term[term];
    options.seed = 100 + (uint64_t)i;
    return options;
}
