/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models with random parameters, of every flavour the format has.
 *
 *     struct synthetic options = synthetic_defaults();
 *     options.charge_mode = 1;
 *     synthetic_model(&model, &options);
 *     ... vt_nep_destroy(&model);
 *
 * The same options and seed give the same model on every machine. Scaled descriptors, energies (eV
 * per atom) and charges (e) come out of order 1 for structures of about 0.06 atoms per cubic
 * angstrom. */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include <stdbool.h>
#include <stdint.h>

#include "potential/nep.h"

enum { SYNTHETIC_TYPES = 8 };

/* Fields as in struct vt_nep. Lengths in A. */
struct synthetic {
    int version, charge_mode;
    enum vt_zbl_kind zbl; /* its outer cutoffs reach 2 A and more */
    int n_types;
    int atomic_number[SYNTHETIC_TYPES];
    double cutoff_radial, cutoff_angular; /* with per_type: the largest, types get 0.8 to 1 of it */
    bool per_type;
    double factor_radial, factor_angular, factor_zbl;
    int n_radial, n_angular, k_radial, k_angular;
    int l_max;
    bool term[VT_NEP_TERMS];
    int neurons;
    uint64_t seed;
};

/* NEP4 of Ba, Ti and O without ZBL and charges: cutoffs 5 and 4 A, l_max 4, the term 222, seed 1.
 */
struct synthetic synthetic_defaults(void);

/* *model starts as `= {0}`; owned by the caller (vt_nep_destroy). Ends the program with a message
 * if there can be no such model. */
void synthetic_model(struct vt_nep *model, const struct synthetic *options);

/* Options that together cover every kind of model, 0 <= i < synthetic_flavours(); *name is what it
 * is. */
int synthetic_flavours(void);
struct synthetic synthetic_flavour(int i, const char **name);

#endif
