/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The energy of each element that explains most of a set's energies: what a model need not learn.
 *
 * Least squares, weighted as in the loss, of sum over elements of (share of the element) x (its
 * energy) = energy per atom. Compositions that always go together (a single stoichiometry) do not
 * determine all of them; the solution of least norm is taken then, and it is said which elements
 * are determined. Energies of a set's frames are well described in any case. */
#ifndef VT_ENERGY_SHIFT_H
#define VT_ENERGY_SHIFT_H

#include "training/dataset.h"

struct vt_energy_shift {
    int n_types;
    double energy[VT_NEP_MAX_TYPES]; /* eV an atom; 0 for elements that no frame has */
    bool is_present[VT_NEP_MAX_TYPES];
    bool is_determined[VT_NEP_MAX_TYPES];
    int rank;   /* independent compositions */
    double rms; /* of what is left of the energies, eV/atom, not weighted */
};

/* From the frames that are trained with: test frames do not count, nor those whose left_out is true
 * (NULL: none). There is at least one. */
enum vt_code vt_energy_shift_fit(struct vt_energy_shift *shift, const struct vt_dataset *set,
                                 const bool *left_out, struct vt_error *error);

/* The energy of a frame that the elements explain, eV. */
double vt_energy_shift_of(const struct vt_energy_shift *shift,
                          const struct vt_dataset_frame *frame);

#endif
