/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keywords of `vitrion train` in YAML, and what they mean to the rest of training.
 *
 * A nep.in comes to the same struct (vt_train_config_from_nep_in), so that everything behind knows
 * one kind of configuration, and its echo is YAML that can be run. */
#ifndef VT_TRAIN_CONFIG_H
#define VT_TRAIN_CONFIG_H

#include "io/config.h"
#include "potential/nep.h"
#include "training/trainer.h"

enum vt_train_optimizer {
    VT_TRAIN_AUTO,
    VT_TRAIN_SOAP,
    VT_TRAIN_ADAM,
    VT_TRAIN_LBFGS,
    VT_TRAIN_NEWTON,
    VT_TRAIN_SNES
};

/* What the model's zero of energy is. */
enum vt_train_zero { VT_ZERO_ELEMENTS, VT_ZERO_COMMON };

enum vt_train_test { VT_TRAIN_NO_TEST, VT_TRAIN_TEST_FRACTION, VT_TRAIN_TEST_FILE };

struct vt_train_model_config {
    int64_t version, charge_mode;
    double *cutoff;
    size_t n_cutoff;
    int64_t n_max[2], basis_size[2];
    int64_t *l_max;
    size_t n_l_max;
    int64_t neurons;
    double zbl; /* outer cutoff, A */
    bool has_zbl;
    double zbl_factor;
    bool has_zbl_factor;
    bool zbl_from_set;
};

struct vt_train_loss_config {
    int form; /* enum vt_loss_form */
    double energy, force, virial, charge, born;
    double l1, l2;
    bool has_l1, has_l2;
    double shear, force_delta, huber;
    double *type_weight;
    size_t n_type_weight;
};

struct vt_train_adam_config {
    int64_t batch, epochs;
    double rate, last_rate;
};

struct vt_train_steps_config {
    int64_t steps;
};

struct vt_train_snes_config {
    int64_t population, generations, batch;
    double sigma, initial_para;
};

struct vt_train_output_config {
    char *directory;
    double record;     /* passes */
    double checkpoint; /* s */
};

struct vt_train_config {
    char *train;
    int test; /* enum vt_train_test */
    double test_fraction;
    char *test_file;
    char **elements;
    size_t n_elements;
    struct vt_train_model_config model;
    struct vt_train_loss_config loss;
    int optimizer; /* enum vt_train_optimizer */
    struct vt_train_adam_config adam;
    struct vt_train_steps_config lbfgs, newton;
    struct vt_train_snes_config snes;
    int64_t seed;
    bool bootstrap;
    int zero; /* enum vt_train_zero */
    char *fine_tune;
    int64_t early_stop;
    double walltime;
    bool has_walltime;
    double memory; /* GB of a rank for what is kept of frames */
    struct vt_train_output_config output;
};

extern const struct vt_table vt_train_table;

/* The model that is asked for, header finished, numbers zero. *model starts as `= {0}`. */
enum vt_code vt_train_config_model(const struct vt_train_config *config, struct vt_nep *model,
                                   struct vt_error *error);

/* A nep.in as if it were written in YAML, as changed by the settings: train.xyz beside it, and
 * test.xyz if there is one; results go to the same folder, as GPUMD's do. What only GPUMD's trainer
 * has (prediction, ...) is a mistake. */
enum vt_code vt_train_config_from_nep_in(struct vt_train_config *config, const char *path,
                                         const struct vt_settings *settings,
                                         struct vt_error_list *errors);

/* Echo what makes the result: all but walltime, memory and output. The identity of checkpoints. */
void vt_train_config_echo_identity(const struct vt_train_config *config, FILE *file);

enum { VT_TRAIN_STAGES = 4 };

/* The stages that the optimizer stands for, for a set of n_frames, without the parts of SNES.
 * Returns how many. */
size_t vt_train_config_stages(const struct vt_train_config *config, size_t n_frames,
                              struct vt_training_stage stage[VT_TRAIN_STAGES]);

#endif
