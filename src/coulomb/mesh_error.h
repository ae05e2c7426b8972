/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error of forces that is to be expected of a split and a mesh, for charges at random places
 * (docs/theory.md 6.9): root mean square over the atoms of the length of the error, over K_C/A^2,
 * the force between two unit charges 1 A apart. */
#ifndef VT_MESH_ERROR_H
#define VT_MESH_ERROR_H

#include "coulomb/mesh.h"
#include "coulomb/spectrum.h"

/* What it depends on beside split and mesh. */
struct vt_charge_cloud {
    struct vt_cell cell;
    double n_atoms;
    double squares; /* sum of q^2, e^2 */
};

/* Of pairs and waves that are left out: of what the split does not do. */
double vt_split_error(const struct vt_split *split, const struct vt_charge_cloud *cloud);

/* Of a Gaussian target erf(alpha r)/r that is taken for 1/r beyond the cutoff. */
double vt_target_error(double alpha, double cutoff, const struct vt_charge_cloud *cloud);

/* Of the mesh: split, window, width, shape, size of the settings. Errors of the waves that it has,
 * and what those amount to that it is too coarse for; both are to be added in quadrature. */
struct vt_mesh_errors {
    double kept, lost;
};

/* spectrum: that of the split, or NULL: it is made for the occasion. */
struct vt_mesh_errors vt_mesh_errors(const struct vt_mesh_settings *settings,
                                     const struct vt_spectrum *spectrum,
                                     const struct vt_charge_cloud *cloud);

/* The best shape of a prolate window for these settings, and the errors with it. */
struct vt_mesh_errors vt_mesh_best_shape(struct vt_mesh_settings *settings,
                                         const struct vt_spectrum *spectrum,
                                         const struct vt_charge_cloud *cloud);

#endif
