/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a sweep share (sweep_*.c alone). */
#ifndef VT_SWEEP_STATE_H
#define VT_SWEEP_STATE_H

#include "training/charges.h"
#include "training/sweep.h"
#include "training/tables.h"

/* Numbers of the descriptors, sums and neurons of all rows. */
struct vt_layers {
    double *x;        /* [row][dimension]: scaled descriptors */
    double *sums;     /* S: [row][n][stride] */
    double *argument; /* [row][neuron]: of the neurons */
};

/* A function of the descriptors of each atom, with a weight for each output; its derivatives going
 * down, and what weighs the sums of the frame. Used for the energy whose gradient the forces are,
 * for charges (Born charges), and for the changes of both. */
struct vt_descent {
    double *neuron; /* [row][neuron]: derivative in the argument */
    double *weight; /* [row][dimension]: in the unscaled descriptors */
    double *sums;   /* V = derivative in S */
    double *radial; /* in F: the fold of the radial forces */
};

/* Rates along a motion of the atoms. */
struct vt_ascent {
    double *along;  /* [radial pair]: of the distances */
    double *radial; /* of F */
    struct vt_layers layers;
};

struct vt_sweep {
    const struct vt_nep *model; /* borrowed */
    struct vt_layout layout;
    struct vt_block_places places;
    struct vt_network_place network[VT_NEP_MAX_TYPES];
    const struct vt_training_kernel *kernel;
    double *numbers, *direction; /* [n_parameters] */
    double *scaler;              /* [dimension] */
    double *sum;                 /* [n_parameters]: of the gradient, networks and the like */
    struct vt_tables tables, direction_tables, sum_tables;

    /* of the frame at hand */
    struct vt_sweep_frame frame;
    bool has_born;
    struct vt_layers layers;
    double *hidden, *slope;      /* [row][neuron]: h and 1 - h^2 */
    double *raw_charge;          /* [row] */
    double *charge;              /* [charge row]: neutralised */
    double *potential;           /* [row]: D without its mean */
    struct vt_response response; /* to the charges */
    struct vt_descent energy, born;
    struct vt_charge_scratch scratch;

    /* of a motion or a change */
    struct vt_ascent ascent;
    struct vt_layers change;
    double *change_hidden;
    struct vt_descent descent;  /* of a change */
    double *charge_rate, *rate; /* [charge row] */
    struct vt_response change_response;
    double *adjoint;        /* [row][dimension] */
    double *adjoint_neuron; /* [row][neuron] */
    double *adjoint_sums;   /* as S */
    double *charge_weight;  /* [row]: derivative in q0 */
    double (*velocity)[4];  /* [row] */

    double *fold; /* n_types k_angular stride: of one row */

    double *arena;
    size_t arena_capacity;
};

/* Rows and matrices of one type of centre. */
struct vt_type_rows {
    size_t type, first, n;
};

static inline struct vt_type_rows vt_type_rows(const struct vt_sweep *sweep, size_t type)
{
    const size_t *first = sweep->frame.geometry->first;
    return (struct vt_type_rows){type, first[type], first[type + 1] - first[type]};
}

/* sweep_descriptors.c: scaled descriptors of the sums of the geometry. */
void vt_sweep_describe(struct vt_sweep *sweep);

/* From the weights of a descent down to V and the fold of F; then pair forces. */
void vt_sweep_fold(struct vt_sweep *sweep, const struct vt_descent *descent);
void vt_sweep_pair_forces(struct vt_sweep *sweep, const struct vt_descent *descent,
                          const struct vt_pair_sink *sink);

/* Rates of the scaled descriptors along a motion. On the way, since A' is not kept: the gradient in
 * the angular coefficients of sign sum(weight q'), as far as q' knows them, the weights being those
 * of the descent. */
void vt_sweep_ascend(struct vt_sweep *sweep, const struct vt_motion *motion,
                     const struct vt_descent *descent, double sign);

/* The rest of that gradient: in the radial coefficients, and in S (adjoint_sums, added to). */
void vt_sweep_pull_rates(struct vt_sweep *sweep, const struct vt_descent *descent, double sign);

/* ... and from sum(adjoint q), all of adjoint and adjoint_sums being there. */
void vt_sweep_pull_descriptors(struct vt_sweep *sweep);

/* Changes of the scaled descriptors with the coefficients; and pair forces of the change of `scale`
 * times a descent, once the weights of sweep->descent are those of that change. */
void vt_sweep_change_descriptors(struct vt_sweep *sweep);
void vt_sweep_change_pair_forces(struct vt_sweep *sweep, const struct vt_descent *of, double scale,
                                 const struct vt_pair_sink *sink);

/* sweep_network.c: energies and raw charges; returns the sum of the energies. */
double vt_sweep_neurons(struct vt_sweep *sweep, struct vt_type_rows rows);

/* energy U + (every_charge + charge[row]) q0, summed over the rows. */
struct vt_output_weights {
    double energy, every_charge;
    const double *charge; /* may be NULL */
};

/* Its derivatives in arguments and unscaled descriptors. */
void vt_sweep_weigh(struct vt_sweep *sweep, struct vt_type_rows rows,
                    struct vt_output_weights weights, const struct vt_descent *descent);

/* Arguments' rates, and charge_rate. */
void vt_sweep_neuron_rates(struct vt_sweep *sweep, struct vt_type_rows rows);

/* The gradient that comes from sign times the rate of a weighted sum of outputs, of which the
 * descent is; in the parameters of the network, and in the arguments (adjoint_neuron, added to). */
void vt_sweep_pull_neuron_rates(struct vt_sweep *sweep, struct vt_type_rows rows,
                                struct vt_output_weights weights, const struct vt_descent *descent,
                                double sign);

/* ... from sum(energy_weight U + charge_weight q0); then adjoint_neuron is complete, and adjoint
 * follows from it. */
void vt_sweep_pull_neurons(struct vt_sweep *sweep, struct vt_type_rows rows, double energy_weight);

/* Changes of arguments, hidden neurons, raw charges (charge_rate); returns that of the energies. */
double vt_sweep_change_neurons(struct vt_sweep *sweep, struct vt_type_rows rows);

/* Change of the derivatives that vt_sweep_weigh gives, with weights that change, too. */
void vt_sweep_change_weights(struct vt_sweep *sweep, struct vt_type_rows rows,
                             struct vt_output_weights weights, struct vt_output_weights change);

/* sweep.c: for charges.h; and the mean of n values taken off. */
struct vt_charge_frame vt_sweep_charge_frame(const struct vt_sweep *sweep);
void vt_take_off_mean(size_t n, double *values);

#endif
