/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate.h"

#include "../unit/balance.h"

#include <stdio.h>
#include <string.h>

/* The smallest l_max of each higher term. */
static const int l_needed[VT_NEP_TERMS] = {
    [VT_Q222] = 2, [VT_Q1111] = 1, [VT_Q112] = 2, [VT_Q123] = 3, [VT_Q233] = 3, [VT_Q134] = 4};

struct synthetic flavour_draw(int family, struct dice *dice)
{
    static const int elements[] = {3, 40, 13, 17, 8, 9, 1, 56}; /* distinct, light and heavy */
    struct synthetic flavour = synthetic_defaults();
    const int kind = family / 4; /* 0: NEP3, 1: NEP5, 2 ... 5: NEP4 with charge mode 0 ... 3 */
    flavour.version = kind == 0 ? 3 : kind == 1 ? 5 : 4;
    flavour.charge_mode = kind < 2 ? 0 : kind - 2;
    flavour.zbl = (enum vt_zbl_kind)(family % 4);
    flavour.n_types = dice_int(dice, 1, 6);
    for (int t = 0; t < flavour.n_types; t++)
        flavour.atomic_number[t] = elements[(family + t) % 8];
    flavour.cutoff_radial = dice_real(dice, 4.2, 6);
    flavour.cutoff_angular = dice_real(dice, 3.4, 4.2);
    flavour.per_type = flavour.charge_mode == 0 && dice_int(dice, 0, 1);
    const bool factors = flavour.charge_mode == 0 && !flavour.per_type; /* one or the other */
    if (factors && flavour.zbl == VT_ZBL_NONE && dice_int(dice, 0, 1)) {
        flavour.factor_radial = dice_real(dice, 1.2, 2);
        flavour.factor_angular = dice_real(dice, 1, 1.2);
    }
    if (factors && flavour.zbl == VT_ZBL_UNIVERSAL)
        flavour.factor_zbl = dice_int(dice, 0, 1) * 0.7;
    flavour.n_radial = dice_int(dice, 0, 5);
    flavour.n_angular = dice_int(dice, 0, 4);
    flavour.k_radial = dice_int(dice, 1, 8);
    flavour.k_angular = dice_int(dice, 1, 8);
    flavour.l_max = dice_int(dice, 1, 8);
    for (int term = 0; term < VT_NEP_TERMS; term++)
        flavour.term[term] = flavour.l_max >= l_needed[term] && dice_int(dice, 0, 1);
    flavour.neurons = dice_int(dice, 1, 12);
    flavour.seed = dice_bits(dice);
    return flavour;
}

const char *flavour_text(const struct synthetic *flavour)
{
    static const char *const zbl[] = {"no", "universal", "typewise", "flexible"};
    static char text[256];
    snprintf(text, sizeof text,
             "nep%d charge %d, %s zbl, %d types%s%s, n %d %d, k %d %d, l %d, terms %d%d%d%d%d%d",
             flavour->version, flavour->charge_mode, zbl[flavour->zbl], flavour->n_types,
             flavour->per_type ? " with cutoffs of their own" : "",
             flavour->factor_radial > 0 || flavour->factor_zbl > 0 ? ", cutoff factors" : "",
             flavour->n_radial, flavour->n_angular, flavour->k_radial, flavour->k_angular,
             flavour->l_max, flavour->term[0], flavour->term[1], flavour->term[2], flavour->term[3],
             flavour->term[4], flavour->term[5]);
    return text;
}

static void check(enum vt_code code, const struct vt_error *error)
{
    char text[1200];
    if (code != VT_OK)
        fail_msg("%s", vt_error_text(error, text, sizeof text));
}

static struct vt_force *create(const struct vt_nep *model, const struct vt_force_options *options)
{
    struct vt_error error = {0};
    struct vt_force *force = NULL;
    check(vt_force_create(&force, model, options, &error), &error);
    return force;
}

struct vt_force *evaluator(const struct vt_nep *model, enum vt_electrostatics electrostatics,
                           double accuracy)
{
    const struct vt_force_options all = {.electrostatics = electrostatics,
                                         .accuracy = accuracy,
                                         .born_charges = true,
                                         .atom_virials = true,
                                         .descriptors = true};
    return create(model, &all);
}

struct vt_force *mixed_evaluator(const struct vt_nep *model, const struct vt_kernel *kernel)
{
    const struct vt_force_options mixed = {.precision = VT_MIXED,
                                           .kernel = kernel,
                                           .electrostatics = VT_EWALD_CONVERGED,
                                           .accuracy = 1e-10,
                                           .radial_sums = true};
    return create(model, &mixed);
}

struct vt_force *least_evaluator(const struct vt_nep *model, enum vt_electrostatics electrostatics,
                                 double accuracy)
{
    const struct vt_force_options least = {
        .electrostatics = electrostatics, .accuracy = accuracy, .radial_sums = true};
    return create(model, &least);
}

const struct vt_results *evaluate(struct vt_force *force, const struct sample *sample)
{
    struct vt_error error = {0};
    const struct vt_system system = sample_system(sample);
    check(vt_force_compute(force, &system, &error), &error);
    return vt_force_results(force);
}
