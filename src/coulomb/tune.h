/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cheapest way to a wanted accuracy: cutoff of the pairs, split, window, and size of the mesh,
 * by a model of the errors (mesh_error.h) and a table of measured costs. */
#ifndef VT_TUNE_H
#define VT_TUNE_H

#include <stdint.h>

#include "base/error.h"
#include "coulomb/mesh.h"
#include "coulomb/mesh_error.h"

struct vt_tune_request {
    double accuracy;    /* root mean square error of forces over K_C e^2/A^2, the force between two
                           unit charges 1 A apart: of the electrostatics, all parts together */
    double model_alpha; /* 0: point charges (mode 1); else Gaussian ones (mode 2), 1/A */
    struct vt_charge_cloud cloud;
    int ranks;
    bool single;         /* allow a mesh of floats where that is accurate enough */
    double cutoff_least; /* A; of the pairs */
    double cutoff_most;
    double pair_cost;   /* ns a pair of a full list */
    double free_cutoff; /* A; pairs up to here cost nothing more (they are computed anyway) */
    /* What is looked at; zeros: everything. */
    unsigned splits;  /* bit (1 << VT_SPLIT_...) */
    unsigned windows; /* bit (1 << VT_WINDOW_...) */
    int width;        /* only this one */
};

struct vt_tune_choice {
    struct vt_mesh_settings mesh;
    bool pairs;                            /* false: mode 2 without pairs, all of it on the mesh */
    double error_split, error_mesh, error; /* predicted, in units of `accuracy` */
    double cost_pairs, cost_atoms, cost_waves; /* ns an atom and evaluation, on one rank */
};

/* The same on every rank, from the same request. VT_INPUT if nothing reaches the accuracy. */
enum vt_code vt_tune(const struct vt_tune_request *request, struct vt_tune_choice *choice,
                     struct vt_error *error);

/* No prime factor above 7: sizes of transforms that are fast. n > 0. */
bool vt_tune_is_smooth(int n);

#endif
