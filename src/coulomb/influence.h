/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the mesh method does to the waves: charges times the influence function
 *
 *   G(k) = (4 pi/(V k^2)) s(k) product over the axes of U^2/(sum over aliases of U^2)^2
 *
 * with the least error of all functions of k (Ballenegger, Cerda, Holm 2012; the numerator's own
 * aliases, which lie beyond the end of s, left out). U is the window's transform. The factors of
 * the axes do not depend on the cell, so that the virial is the exact derivative of the mesh
 * energy. Waves on the edge of the zone (n = size/2) are left out: they have no opposite. */
#ifndef VT_INFLUENCE_H
#define VT_INFLUENCE_H

#include "base/error.h"
#include "coulomb/kernels/stencil.h"
#include "coulomb/remap.h"
#include "coulomb/spectrum.h"
#include "coulomb/window.h"
#include "domain/cell.h"

/* What a unit charge has of potential from itself on the mesh, beyond what it has in the waves of
 * the split (over K_C): mean + sum over axes d and h of turn[d][h - 1] cos(2 pi h u_d), u in mesh
 * spacings; and what a charge's energy has of virial for the same reason (over K_C q^2/2), in the
 * same form. */
struct vt_own {
    double turn[3][VT_SELF_WAVES];
    double mean;
    double turn_strain[3][VT_SELF_WAVES][9];
    double strain[9];
};

struct vt_influence {
    double k_max;                 /* 1/A */
    struct vt_spectrum *spectrum; /* owned */
    int size[3];
    struct vt_box box;                    /* waves of this rank */
    double *factor[3];                    /* [n]: of an axis */
    double *power[3];                     /* [n]: sum over aliases of U^2 */
    double *self_power[3][VT_SELF_WAVES]; /* [n]: of U(q) U(q + 1), U(q) U(q + 2) */
    double *green;                        /* [wave of the box]: G, 1/A */
    double *stretch;                      /* (dG/dk) k/G/k^2, A^2 */
    int reach[3];                         /* aliases to either side that the spectrum may have */
    double wave[3][3];                    /* rows: reciprocal vectors, 1/A */
    struct vt_own own;                    /* of this rank's waves */
    double *storage;
};

/* Tables that do not depend on the cell. Start with `= {0}`. */
enum vt_code vt_influence_create(struct vt_influence *influence, const struct vt_split *split,
                                 const struct vt_window *window, const int size[3],
                                 const struct vt_box *box, struct vt_error *error);
void vt_influence_destroy(struct vt_influence *influence);

void vt_influence_set(struct vt_influence *influence, const struct vt_cell *cell);

struct vt_wave_sums {
    double energy; /* over K_C */
    double virial[9];
};

/* Multiply the waves (complex, of floats or doubles) by G; adds this rank's share to the sums. */
void vt_influence_apply(const struct vt_influence *influence, void *waves, bool single,
                        struct vt_wave_sums *sums);

/* waves = kept times what turns the energy of a wave into its virial: delta_ab + stretch k_a k_b.
 */
void vt_influence_strain(const struct vt_influence *influence, const void *kept, void *waves,
                         bool single, const int component[2]);

#endif
