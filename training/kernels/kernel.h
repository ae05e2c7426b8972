/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of a sweep over a frame, in double precision: those over pairs, over the angular
 * sums of atoms, over neurons and over wave vectors. What is a matrix product is not here.
 *
 * Each body is compiled for each instruction set; vt_training_kernel_best chooses at run time. */
#ifndef VT_TRAINING_KERNEL_H
#define VT_TRAINING_KERNEL_H

#include "training/geometry.h"

/* How the atoms move: what a pair vector r_ij changes by. Any may be NULL.
 *
 *     r_ij' = velocity_j - velocity_i + r_ij strain + r_ij (turn_i - turn_j)/2 */
struct vt_motion {
    const double (*velocity)[4]; /* [row] */
    const double *strain;        /* [9] */
    const double (*turn)[9];     /* [row] */
};

/* factor times sum(V S), S = C A: V of all rows, and C of all types of centre. */
struct vt_expansion {
    const double *table;  /* C: [type][n][t k]; NULL: none */
    const double *turned; /* the same: [type][t k][n], n padded */
    const double *sums;   /* V: [row][n][stride] */
    double factor;
};

/* Rates of the sums of a frame along a motion. */
struct vt_rates {
    double *along;          /* [radial pair]: rate of the distance */
    double *radial;         /* as radial_sums of the geometry */
    double *expanded;       /* S' = C A': [row][n][stride] */
    struct vt_expansion of; /* C, and a V of which sum(V S') is wanted: */
    double *table, *turned; /* its gradient in C, added to either */
    double *scratch;        /* n_types k_angular stride */
};

/* Weights of the sums of a frame: pair forces f_ij = d(radial . F + sum of the expansions)/dr_ij.
 */
struct vt_fold {
    const double *radial; /* [row][t k] */
    struct vt_expansion angular[2];
    double *scratch; /* n_types k_angular stride */
};

/* Where pair forces go; added to. NULL: not wanted. */
struct vt_pair_sink {
    double (*force)[4]; /* [row]: f_ij to i, - f_ij to j */
    double *virial;     /* [9]: - r_ij f_ij */
    double (*born)[9];  /* [row]: r_ij f_ij/2 to i, minus that to j */
};

/* The angular sums of all rows, and the descriptors that they make. Sums and the like are
 * [row][n][stride], descriptors [row], dimension numbers apart, from the first angular one. */
struct vt_invariant_job {
    const struct vt_layout *layout;
    size_t n_rows;
    const double *sums;   /* S */
    const double *rate;   /* S' */
    const double *weight; /* of descriptors */
    double *value;        /* descriptors; set */
    bool keep;            /* gradients: add to out, instead of setting it */
    double *out;          /* sums */
};

/* Charges and, for rates, their motion, of n_rows of the waves; padding rows hold zeros. */
struct vt_wave_job {
    const struct vt_waves *waves;
    const double *charge;
    const double *charge_rate;
    double (*phase_rate)[4];   /* [row]: b_d . velocity */
    double (*structure)[2];    /* [vector]: sum of q cos(k.r), q sin(k.r); or their rates */
    const double (*weight)[2]; /* [vector] */
    double *potential;         /* [row]: sum of weight_0 cos + weight_1 sin */
    double *field;             /* [3][row]: for each d, sum of n_d (weight_0 sin - weight_1 cos) */
    double *scratch;           /* 4 n_rows */
};

struct vt_training_kernel {
    const char *name;
    void (*rates)(const struct vt_layout *layout, const struct vt_geometry *geometry,
                  const struct vt_motion *motion, const struct vt_rates *rates);
    void (*forces)(const struct vt_layout *layout, const struct vt_geometry *geometry,
                   const struct vt_fold *fold, const struct vt_pair_sink *sink);

    /* S = C A, and the gradient of sum(adjoint S) in C, added to table and turned. */
    void (*expand)(const struct vt_layout *layout, const struct vt_geometry *geometry,
                   const struct vt_expansion *of, double *out);
    void (*contract)(const struct vt_layout *layout, const struct vt_geometry *geometry,
                     const double *adjoint, double *table, double *turned);

    void (*values)(const struct vt_invariant_job *job);         /* value = q(S) */
    void (*value_rates)(const struct vt_invariant_job *job);    /* value = grad q . S' */
    void (*gradients)(const struct vt_invariant_job *job);      /* out = weight . grad q */
    void (*add_curvatures)(const struct vt_invariant_job *job); /* out += weight . Hessian q S' */

    /* h = tanh(x), slope = 1 - h^2. */
    void (*activate)(size_t n, const double *x, double *h, double *slope);

    void (*structure)(const struct vt_wave_job *job);
    void (*structure_rates)(const struct vt_wave_job *job);
    void (*potentials)(const struct vt_wave_job *job);
    void (*potentials_and_fields)(const struct vt_wave_job *job);
};

/* The fastest that runs here. */
const struct vt_training_kernel *vt_training_kernel_best(void);

/* By name ("generic", "avx2", "avx512"); NULL if this processor does not run it. */
const struct vt_training_kernel *vt_training_kernel_named(const char *name);

#endif
