/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Electrostatics of a frame as a quadratic form of its charges, and the rates of its derivatives
 * (docs/theory.md 6.3 and 10.3):
 *
 *     E = (1/2) q H q,   D = H q,   F_i = q_i f_i with a field f that is linear in q, too
 *
 * H is never made. Arrays have waves.n_rows rows where charges are, the padding zero. */
#ifndef VT_CHARGES_H
#define VT_CHARGES_H

#include "training/kernels/kernel.h"

/* What a set of charges causes. */
struct vt_response {
    double *potential;       /* [row]: H q, eV/e */
    double (*field)[4];      /* [row], eV/(e A) */
    double (*structure)[2];  /* [vector]; of the waves */
    double (*wave_field)[4]; /* [row]: the part of the field that comes from the waves */
};

/* Room that the functions share. */
struct vt_charge_scratch {
    double *atoms;           /* [4 rows] */
    double *field;           /* [3 rows] */
    double (*weight)[2];     /* [vector] */
    double *rate;            /* [vector] */
    double (*rates)[2];      /* [vector] */
    double (*phase_rate)[4]; /* [row] */
};

struct vt_charge_frame {
    const struct vt_layout *layout;
    const struct vt_geometry *geometry;
    const struct vt_training_kernel *kernel;
    const struct vt_charge_scratch *scratch;
};

/* Rows of arrays of charges. */
static inline size_t vt_charge_rows(size_t n_atoms)
{
    return (n_atoms + VT_PAD - 1) / VT_PAD * VT_PAD;
}

void vt_respond(const struct vt_charge_frame *of, const double *charge,
                const struct vt_response *response);

/* virial += factor times the bilinear form of two sets of charges whose value for one and the same
 * is the virial of its energy at fixed charges. */
struct vt_charged {
    const double *charge;
    const struct vt_response *response;
};
void vt_add_charge_virial(const struct vt_charge_frame *of, double factor, struct vt_charged one,
                          struct vt_charged other, double virial[9]);

/* rate[row]: of the potential, as the atoms move (along: rates of the distances of the radial
 * pairs) and the charges change. */
struct vt_charge_motion {
    const struct vt_motion *motion;
    const double *along;
    const double *charge_rate;
};
void vt_potential_rates(const struct vt_charge_frame *of, struct vt_charged now,
                        const struct vt_charge_motion *motion, double *rate);

#endif
