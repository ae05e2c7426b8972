/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that a training may be told, whoever says it: a nep.in of GPUMD (training/nep_in.h) or YAML.
 *
 * A plain struct without memory of its own, so that it may be copied. Where it says "0: computed",
 * the value follows from the model, which must be known first. Counts are counts, but the n_ and k_
 * numbers, which are the largest index, as in nep.txt. */
#ifndef VT_TRAIN_SETTINGS_H
#define VT_TRAIN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "potential/nep.h"

/* What is trained. */
struct vt_train_model {
    int n_types;
    int atomic_number[VT_NEP_MAX_TYPES];    /* of each type, in the order of the model */
    int version;                            /* 4 */
    int charge_mode;                        /* 0: no charges, 1, 2 (docs/theory.md, 6.2) */
    bool flip_charges;                      /* change the sign of all charge weights of the start */
    double cutoff_radial[VT_NEP_MAX_TYPES]; /* A; of a pair: the mean of the two */
    double cutoff_angular[VT_NEP_MAX_TYPES]; /* A, none above the radial one */
    int n_radial, n_angular;                 /* radial functions, from 0 */
    int k_radial, k_angular;                 /* Chebyshev functions, from 0 */
    int l_max;                               /* of the 3-body terms */
    bool term[VT_NEP_TERMS];                 /* 222 1111 112 123 233 134 */
    int neurons;
    enum vt_zbl_kind zbl;        /* flexible: rows from the file zbl.in beside nep.in */
    double zbl_inner, zbl_outer; /* A */
    double zbl_factor;           /* typewise */
};

/* The terms of the loss (docs/theory.md): energy, force and virial as GPUMD has them. */
struct vt_train_loss {
    double energy, force, virial; /* lambda_e, lambda_f, lambda_v */
    double charge, born;          /* lambda_q: total charge; lambda_z: Born charges */
    double l1, l2;                /* lambda_1, lambda_2; below 0: sqrt(1e-6 parameters / types) */
    double shear;                 /* extra factor on errors of shear virials */
    double force_delta;           /* eV/A; > 0: errors of large forces count less */
    double type_weight[VT_NEP_MAX_TYPES]; /* of the forces on atoms of each type */
};

/* The evolution strategy of GPUMD (SNES); what other optimisers need is said in YAML. */
struct vt_train_snes {
    int population;
    int64_t generations;
    double initial_para; /* value of all parameters when q_scaler is computed */
    double sigma0;       /* initial width */
};

struct vt_train_settings {
    struct vt_train_model model;
    struct vt_train_loss loss;
    struct vt_train_snes snes;
    int64_t batch;           /* frames of a batch */
    bool accumulate_batches; /* all batches in every generation */
    int64_t output_interval; /* generations between lines of loss.out */
    int64_t save_interval;   /* generations between saved potentials */
    bool save_restart;       /* with their state */
    int save_name;           /* 0: names with the generation, 1: and with a time */
    bool predict_only;       /* evaluate nep.txt on the sets, train nothing */
    int output_descriptor;   /* 0: none, 1: a structure, 2: an atom (when predicting) */
    bool import_q_scaler;    /* keep that of nep.txt */
};

/* The defaults of GPUMD (version 4; cutoffs 8 and 4 A; ...) for every field; no types. */
void vt_train_settings_init(struct vt_train_settings *settings);

#endif
